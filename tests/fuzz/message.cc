#include "tests/fuzz/message.h"

#include <iterator>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/stubs/logging.h"

namespace tenantry::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDepthMax = 8;

constexpr const char* kTexts[] = {"",
                                  "a",
                                  "%_\\",
                                  "01920000-0000-7000-8000-000000000001",
                                  "0",
                                  "-12.5",
                                  "1e5",
                                  "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                                  "null",
                                  "*",
                                  "2025-02-29",
                                  "2024-02-29",
                                  "id",
                                  "name",
                                  "contact.name",
                                  "00000000-0000-0000-0000-00000000000",
                                  "\xc3\xa9",
                                  "\xf0\x9f\x98\x80",
                                  "99999999999999999999999999999999999999.999999",
                                  "infinity"};

// Values at which something changes, or any.
std::uint64_t SomeNumber(Input& input) {
  constexpr std::uint64_t kEdges[] = {0, 1, 2, 50, 1000, 0x7fffffff, 0x80000000, ~0ull, ~0ull >> 1};
  const std::size_t which = input.Below(std::size(kEdges) + 1);
  return which < std::size(kEdges) ? kEdges[which] : input.Number();
}

void Set(Input& input, const FieldDescriptor& field, int depth, Message& message) {
  const Reflection& r = *message.GetReflection();
  const bool many = field.is_repeated();
  const auto set = [&](auto one, auto add, auto value) {
    many ? (r.*add)(&message, &field, value) : (r.*one)(&message, &field, value);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return set(&Reflection::SetInt32, &Reflection::AddInt32,
                 static_cast<std::int32_t>(SomeNumber(input)));
    case FieldDescriptor::CPPTYPE_INT64:
      return set(&Reflection::SetInt64, &Reflection::AddInt64,
                 static_cast<std::int64_t>(SomeNumber(input)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(&Reflection::SetUInt32, &Reflection::AddUInt32,
                 static_cast<std::uint32_t>(SomeNumber(input)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(&Reflection::SetUInt64, &Reflection::AddUInt64, SomeNumber(input));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return set(&Reflection::SetFloat, &Reflection::AddFloat,
                 static_cast<float>(static_cast<std::int64_t>(SomeNumber(input))));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set(&Reflection::SetDouble, &Reflection::AddDouble,
                 static_cast<double>(static_cast<std::int64_t>(SomeNumber(input))) / 3);
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&Reflection::SetBool, &Reflection::AddBool, !input.Bool());
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = static_cast<int>(input.Below(8));
      return set(&Reflection::SetEnumValue, &Reflection::AddEnumValue, value);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = SomeText(input);
      return many ? r.AddString(&message, &field, text) : r.SetString(&message, &field, text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth < kDepthMax) {
        FillMessage(input,
                    many ? *r.AddMessage(&message, &field) : *r.MutableMessage(&message, &field),
                    depth + 1);
      }
      return;
  }
}

}  // namespace

void Silence() {
  [[maybe_unused]] static const auto before = google::protobuf::SetLogHandler(nullptr);
}

std::string SomeText(Input& input) {
  const std::size_t which = input.Below(std::size(kTexts) + 2);
  return which < std::size(kTexts) ? kTexts[which] : input.Text(input.Below(40));
}

void FillMessage(Input& input, Message& message, int depth) {
  const auto& type = *message.GetDescriptor();
  if (type.field_count() == 0) return;
  const std::size_t count = input.Below(depth == 0 ? 8 : 4);
  for (std::size_t i = 0; i < count && !input.empty(); ++i) {
    Set(input, *type.field(static_cast<int>(input.Below(type.field_count()))), depth, message);
  }
}

}  // namespace tenantry::fuzz
