// Why bytes did not parse: protobuf's parser only says that they did not.

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/base/utf8.h"
#include "server/codec/codec.h"
#include "server/schema/rules.h"

namespace tenantry::codec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kDepthMax = 100;  // protobuf's own recursion limit

class Diagnosis {
 public:
  explicit Diagnosis(std::size_t violations_max) : violations_max_(violations_max) {}

  // Ends early when enough is found. False when the bytes are malformed from here on.
  bool Walk(std::string_view bytes, const Descriptor& type, const std::string& path, int depth) {
    if (depth > kDepthMax) return TooDeep();
    CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                        static_cast<int>(bytes.size()));
    absl::flat_hash_map<int, int> seen;
    while (violations.size() < violations_max_) {
      const std::uint32_t tag = in.ReadTagNoLastTag();
      if (tag == 0) return in.CurrentPosition() == static_cast<int>(bytes.size());
      const int number = WireFormatLite::GetTagFieldNumber(tag);
      if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        if (number == 0 || !WireFormatLite::SkipField(&in, tag)) return false;
        continue;
      }
      std::uint32_t size = 0;
      const void* data = nullptr;
      int available = 0;
      if (number == 0 || !in.ReadVarint32(&size)) return false;
      if (size > 0 && (!in.GetDirectBufferPointer(&data, &available) ||
                       static_cast<std::uint32_t>(available) < size)) {
        return false;
      }
      in.Skip(static_cast<int>(size));
      const FieldDescriptor* field = type.FindFieldByNumber(number);
      if (field == nullptr) continue;
      std::string at = absl::StrCat(path, path.empty() ? "" : ".", field->name());
      if (field->is_repeated()) absl::StrAppend(&at, "[", seen[number]++, "]");
      if (!Visit(std::string_view(static_cast<const char*>(data), size), *field, at, depth))
        return false;
    }
    return true;
  }

  std::vector<FieldViolation> violations;

 private:
  // Of all messages only JSON goes that deep, and it has a limit of its own, which is less.
  bool TooDeep() {
    if (json_path_.empty()) return false;
    violations.push_back(
        {json_path_, schema::DescribeRule({schema::RuleKind::kJsonDepth, limits::kJsonDepthMax})});
    return false;
  }

  bool Visit(std::string_view bytes, const FieldDescriptor& field, const std::string& path,
             int depth) {
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      if (!json_path_.empty()) return Walk(bytes, *field.message_type(), path, depth + 1);
      if (field.message_type()->full_name() == "google.protobuf.Struct") json_path_ = path;
      const bool walked = Walk(bytes, *field.message_type(), path, depth + 1);
      json_path_.clear();
      return walked;
    }
    if (field.type() == FieldDescriptor::TYPE_STRING && !IsValidUtf8(bytes)) {
      violations.push_back({path, "must be valid UTF-8"});
    }
    return true;
  }

  const std::size_t violations_max_;
  std::string json_path_;  // of the google.protobuf.Struct that the walk is in, empty outside
};

}  // namespace

absl::Status DiagnoseUndecodable(std::string_view bytes, const Descriptor& type,
                                 std::size_t violations_max) {
  Diagnosis diagnosis(violations_max);
  const bool well_formed = diagnosis.Walk(bytes, type, "", 0);
  if (!diagnosis.violations.empty()) return InvalidArgument(std::move(diagnosis.violations));
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("the request is no ", type.full_name(),
                   well_formed ? ": a field has the wrong type" : ": its bytes are malformed"),
      {"REQUEST_UNDECODABLE", {}, {}});
}

}  // namespace tenantry::codec
