// Why bytes are no message.

#include <random>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/wire.h"
#include "tests/support/saas_schema.h"

namespace tenantry::codec {
namespace {

using testing::MethodNamed;
using testing::NewMessage;
using testing::SaasSchema;

TEST(DiagnoseTest, NamesTheFieldThatIsNotUtf8) {
  const schema::Method& method = MethodNamed(SaasSchema(), "CreateContact");
  // contact { name: "\xff" email: "ok" notes: "\xc3(" }
  const std::string contact = std::string("\x12\x01\xff\x1a\x02ok\x3a\x02\xc3(", 11);
  const std::string bytes = std::string("\x0a") + static_cast<char>(contact.size()) + contact;
  const absl::Status status = DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto violations = DetailsOf(status).violations;
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, "contact.name");
  EXPECT_EQ(violations[1].field, "contact.notes");
}

// What is nested deeper than protobuf's parser goes.
TEST(DiagnoseTest, NamesTheFieldWhoseJsonIsTooDeep) {
  const schema::Method& method = MethodNamed(SaasSchema(), "CreateContact");
  google::protobuf::Struct object;
  for (int i = 0; i < 40; ++i) {
    google::protobuf::Struct outer;
    *(*outer.mutable_fields())["a"].mutable_struct_value() = object;
    object = outer;
  }
  // contact { metadata { ... } }
  const auto& contact = *MethodNamed(SaasSchema(), "GetContact").descriptor->output_type();
  const int metadata = contact.FindFieldByName("metadata")->number();
  std::string inner, bytes;
  AppendTag(inner, metadata, WireType::kBytes);
  AppendBytes(inner, object.SerializeAsString());
  AppendTag(bytes, 1, WireType::kBytes);
  AppendBytes(bytes, inner);
  auto request = NewMessage(*method.descriptor->input_type());
  ASSERT_FALSE(request->ParseFromString(bytes));
  const auto violations =
      DetailsOf(DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50)).violations;
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "contact.metadata");
  EXPECT_EQ(violations[0].description, "must have at most 32 objects and lists within each other");
}

TEST(DiagnoseTest, StopsAtTheLimit) {
  const schema::Method& method = MethodNamed(SaasSchema(), "BatchGetContacts");
  std::string bytes;
  for (int i = 0; i < 1'000'000; ++i) bytes += "\x0a\x01\xff";  // ids: "\xff"
  const absl::Status status = DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50);
  EXPECT_EQ(DetailsOf(status).violations.size(), 50u);
}

TEST(DiagnoseTest, RandomBytesAreInvalidArgument) {
  const schema::Method& method = MethodNamed(SaasSchema(), "BatchCreateContacts");
  std::mt19937 random(20261121);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tenantry::codec
