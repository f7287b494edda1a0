#include "server/codec/json_struct.h"

#include <bit>

#include "nlohmann/json.hpp"
#include "server/codec/wire.h"

namespace tenantry::codec {
namespace {

using Json = nlohmann::json;

// Field numbers of google.protobuf.Value and of a map entry (google/protobuf/struct.proto).
enum ValueField { kNull = 1, kNumber = 2, kString = 3, kBool = 4, kStruct = 5, kList = 6 };
constexpr int kFields = 1;  // Struct.fields, ListValue.values
constexpr int kEntryKey = 1;
constexpr int kEntryValue = 2;

void AppendObject(const Json& object, std::string& out);

void AppendValue(const Json& value, std::string& out) {
  switch (value.type()) {
    case Json::value_t::object: {
      AppendTag(out, kStruct, WireType::kBytes);
      LengthScope scope(out);
      AppendObject(value, out);
      return;
    }
    case Json::value_t::array: {
      AppendTag(out, kList, WireType::kBytes);
      LengthScope list(out);
      for (const Json& element : value) {
        AppendTag(out, kFields, WireType::kBytes);
        LengthScope scope(out);
        AppendValue(element, out);
      }
      return;
    }
    case Json::value_t::string:
      AppendTag(out, kString, WireType::kBytes);
      AppendBytes(out, value.get_ref<const std::string&>());
      return;
    case Json::value_t::boolean:
      AppendTag(out, kBool, WireType::kVarint);
      AppendVarint(out, value.get<bool>() ? 1 : 0);
      return;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      AppendTag(out, kNumber, WireType::kFixed64);
      AppendLittleEndian(out, std::bit_cast<std::uint64_t>(value.get<double>()));
      return;
    default:
      AppendTag(out, kNull, WireType::kVarint);
      AppendVarint(out, 0);
  }
}

void AppendObject(const Json& object, std::string& out) {
  for (const auto& [name, value] : object.items()) {
    AppendTag(out, kFields, WireType::kBytes);
    LengthScope entry(out);
    AppendTag(out, kEntryKey, WireType::kBytes);
    AppendBytes(out, name);
    AppendTag(out, kEntryValue, WireType::kBytes);
    LengthScope scope(out);
    AppendValue(value, out);
  }
}

}  // namespace

bool AppendStruct(std::string_view json, std::string& out) {
  if (json == "{}") return true;  // the common default, without a parser
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return false;
  AppendObject(object, out);
  return true;
}

}  // namespace tenantry::codec
