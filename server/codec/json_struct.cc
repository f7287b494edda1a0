// The parser's events are written as they come: there is no tree of the values in between.
#include "server/codec/json_struct.h"

#include <bit>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "nlohmann/json.hpp"
#include "server/base/limits.h"
#include "server/codec/wire.h"

namespace tenantry::codec {
namespace {

using Json = nlohmann::json;

// Field numbers of google.protobuf.Value and of a map entry (google/protobuf/struct.proto).
enum ValueField { kNull = 1, kNumber = 2, kString = 3, kBool = 4, kStruct = 5, kList = 6 };
constexpr int kFields = 1;  // Struct.fields, ListValue.values
constexpr int kEntryKey = 1;
constexpr int kEntryValue = 2;

std::size_t TaggedBytesSize(std::size_t size) { return 1 + VarintSize(size) + size; }

// Receives the events of nlohmann's parser. A handler that returns false ends the parsing.
class StructWriter final : public nlohmann::json_sax<Json> {
 public:
  StructWriter(std::size_t bytes_max, std::string& out)
      : out_(out),
        size_max_(bytes_max > out.max_size() - out.size() ? out.max_size()
                                                          : out.size() + bytes_max) {}

  StructResult result() const { return result_; }

  bool null() override {
    return Scalar(2, [&] {
      AppendTag(out_, kNull, WireType::kVarint);
      AppendVarint(out_, 0);
    });
  }
  bool boolean(bool value) override {
    return Scalar(2, [&] {
      AppendTag(out_, kBool, WireType::kVarint);
      AppendVarint(out_, value ? 1 : 0);
    });
  }
  bool number_integer(std::int64_t value) override { return Number(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) override { return Number(static_cast<double>(value)); }
  bool number_float(double value, const std::string&) override { return Number(value); }
  bool string(std::string& value) override {
    return Scalar(TaggedBytesSize(value.size()), [&] {
      AppendTag(out_, kString, WireType::kBytes);
      AppendBytes(out_, value);
    });
  }
  bool binary(Json::binary_t&) override { return false; }  // not of JSON text
  bool key(std::string& name) override {
    key_.swap(name);
    return true;
  }

  bool start_object(std::size_t) override { return Open(kStruct); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return !open_.empty() && Open(kList); }
  bool end_array() override { return Close(); }

  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  // An object or a list whose lengths are not known yet: where the bytes left for them are, from
  // the outermost to the innermost.
  struct Container {
    bool list;
    int lengths;
    std::size_t length_at[3];
  };

  bool Number(double value) {
    return Scalar(9, [&] {
      AppendTag(out_, kNumber, WireType::kFixed64);
      AppendLittleEndian(out_, std::bit_cast<std::uint64_t>(value));
    });
  }

  // A Value of `size` bytes: an element of the list, or the value of the key.
  template <typename Append>
  bool Scalar(std::size_t size, Append append) {
    if (open_.empty()) return false;  // the text is not an object
    AppendTag(out_, kFields, WireType::kBytes);
    if (open_.back().list) {
      AppendVarint(out_, size);
    } else {
      AppendVarint(out_, TaggedBytesSize(key_.size()) + TaggedBytesSize(size));
      AppendKey();
      AppendVarint(out_, size);
    }
    append();
    return Fits();
  }

  // Up to the tag of the entry's value.
  void AppendKey() {
    AppendTag(out_, kEntryKey, WireType::kBytes);
    AppendBytes(out_, key_);
    AppendTag(out_, kEntryValue, WireType::kBytes);
  }

  bool Open(ValueField kind) {
    if (open_.size() == limits::kJsonDepthMax) return false;
    Container container{kind == kList, 0, {}};
    if (!open_.empty()) {
      AppendTag(out_, kFields, WireType::kBytes);
      LeaveLength(container);
      if (!open_.back().list) {
        AppendKey();
        LeaveLength(container);
      }
      AppendTag(out_, kind, WireType::kBytes);
      LeaveLength(container);
    }
    open_.push_back(container);
    return Fits();
  }

  void LeaveLength(Container& container) {
    container.length_at[container.lengths++] = BeginLength(out_);
  }

  bool Close() {
    const Container& container = open_.back();
    for (int i = container.lengths; i-- > 0;) EndLength(out_, container.length_at[i]);
    open_.pop_back();
    if (open_.empty()) result_ = StructResult::kDone;
    return Fits();
  }

  bool Fits() {
    if (out_.size() <= size_max_) return true;
    result_ = StructResult::kTooLarge;
    return false;
  }

  std::string& out_;
  const std::size_t size_max_;
  std::string key_;
  absl::InlinedVector<Container, 4> open_;
  StructResult result_ = StructResult::kUnreadable;
};

}  // namespace

StructResult AppendStruct(std::string_view json, std::size_t bytes_max, std::string& out) {
  if (json == "{}") return StructResult::kDone;  // the common default, without a parser
  StructWriter writer(bytes_max, out);
  if (Json::sax_parse(json, &writer)) return writer.result();
  return writer.result() == StructResult::kTooLarge ? StructResult::kTooLarge
                                                    : StructResult::kUnreadable;
}

}  // namespace tenantry::codec
