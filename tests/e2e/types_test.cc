// Every column type, there and back at its limits.

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;
using schema::Table;

constexpr char kRequired[] =
    "text: 't' varchar: 'v' uuid: '01920000-0000-7000-8000-000000000001'"
    "ulid: '01ARZ3NDEKTSV4RRFFQ69G5FAV' numeric: '0' money: '0.00' date: '2026-01-01' bytea: 'b'"
    "timestamptz { seconds: 1 } json {} kind: ACCOUNT_KIND_ASSET ";

class TypesTest : public ::testing::Test {
 protected:
  static const schema::Method& Method(std::string_view rpc) {
    return testing::MethodNamed(Ledger().schema(), rpc);
  }

  // A sample with these fields over the required ones.
  MessagePtr Sample(const std::string& fields) {
    const Table& table = *Method("GetSample").table;
    MessagePtr row = testing::NewMessage(*table.resource);
    EXPECT_TRUE(TextFormat::ParseFromString(kRequired, row.get()));
    TextFormat::Parser parser;
    parser.AllowPartialMessage(true);
    EXPECT_TRUE(parser.MergeFromString(fields, row.get())) << fields;
    return row;
  }

  CallResult Call(std::string_view rpc, const Message& request) {
    return Ledger().client().Call(Method(rpc), request, {.headers = As(tenant_)});
  }
  CallResult Create(const std::string& fields) {
    return Call("CreateSample", *test::RowRequest(Method("CreateSample"), *Sample(fields)));
  }

  // The row as it is read back after a Create, and after a BatchCreate, which takes another way.
  void ComesBack(const std::string& fields, const std::string& as) {
    SCOPED_TRACE(fields.substr(0, 200));
    const MessagePtr wanted = Sample(as);
    const CallResult created = Create(fields);
    ASSERT_THAT(created, IsOk());
    CompareWithoutId(*created.reply, *wanted);
    const CallResult got =
        Call("GetSample", *test::KeyRequest(Method("GetSample"), *created.reply));
    ASSERT_THAT(got, IsOk());
    EXPECT_TRUE(MessageDifferencer::Equivalent(*got.reply, *created.reply) || IsNan(*got.reply));

    const MessagePtr row = Sample(fields);
    const CallResult batch =
        Call("BatchCreateSamples", *test::BatchRequest(Method("BatchCreateSamples"), {row.get()}));
    ASSERT_THAT(batch, IsOk());
    CompareWithoutId(*test::RowsOf(*batch.reply)[0], *wanted);
  }
  void ComesBack(const std::string& fields) { ComesBack(fields, fields); }

  void IsRefused(const std::string& fields, const std::string& path) {
    EXPECT_THAT(Create(fields), Violates(Fields{"sample." + path})) << fields.substr(0, 200);
  }

  static bool IsNan(const Message& row) { return Value(row, "double") == "nan"; }

  static void CompareWithoutId(const Message& row, const Message& wanted) {
    const MessagePtr actual = test::Copy(row);
    actual->GetReflection()->ClearField(actual.get(),
                                        actual->GetDescriptor()->FindFieldByName("id"));
    // As text: a NaN equals itself, and a difference is shown.
    if (actual->ByteSizeLong() < 10'000) {
      EXPECT_EQ(actual->DebugString(), wanted.DebugString());
    } else {
      EXPECT_TRUE(MessageDifferencer::Equals(*actual, wanted));
    }
  }

  const std::string tenant_ = Ledger().NewTenant();
};

TEST_F(TypesTest, WhatIsAbsentStaysAbsent) { ComesBack(""); }

TEST_F(TypesTest, WhatIsEmptyButPresentStaysPresent) {
  ComesBack(
      "maybe_text: '' maybe_varchar: '' maybe_bytea: '' maybe_bool: false maybe_int: 0 "
      "maybe_bigint: 0 maybe_real: 0 maybe_double: 0 maybe_json {} maybe_timestamptz {}");
}

TEST_F(TypesTest, WholeNumbers) {
  ComesBack(
      "int: 2147483647 bigint: 9223372036854775807 maybe_int: 2147483647 "
      "ints: [2147483647, -2147483648, 0] bigints: [9223372036854775807, 0]");
  ComesBack(
      "int: -2147483648 bigint: -9223372036854775808 maybe_bigint: -9223372036854775808 "
      "bigints: -9223372036854775808");
}

TEST_F(TypesTest, FloatingPoint) {
  ComesBack(
      "real: 3.4028235e38 double: 1.7976931348623157e308 maybe_real: 1.4e-45 "
      "maybe_double: 4.9406564584124654e-324");
  ComesBack("real: -inf double: inf reals: [inf, -inf, 0.1] doubles: [inf, -inf, 0.1]");
  ComesBack("real: nan double: nan reals: nan doubles: nan");
  ComesBack("maybe_double: -0.0 doubles: [0.1, 0.30000000000000004, 1e-300]");
}

TEST_F(TypesTest, Booleans) { ComesBack("bool: true maybe_bool: true bools: [true, false, true]"); }

TEST_F(TypesTest, TextOfFourByteCharacters) {
  ComesBack(
      "text: '\\360\\237\\246\\211 \\344\\275\\240\\345\\245\\275 e\\314\\201' "
      "varchar: '\\360\\237\\246\\211\\360\\237\\246\\211\\360\\237\\246\\211\\360\\237\\246"
      "\\211\\360\\237\\246\\211' texts: ['\\360\\237\\246\\211', '']");
  IsRefused("varchar: '123456'", "varchar");
  IsRefused(
      "maybe_varchar: '\\360\\237\\246\\211\\360\\237\\246\\211\\360\\237\\246\\211\\360"
      "\\237\\246\\211\\360\\237\\246\\211x'",
      "maybe_varchar");
  IsRefused("varchars: ['ok', '123456']", "varchars[1]");
}

TEST_F(TypesTest, AMegabyteOfText) {
  std::string owls;
  for (int i = 0; i < 1 << 18; ++i) owls += "\\360\\237\\246\\211";
  ComesBack(absl::StrCat("text: '", owls, "'"));
  ComesBack(absl::StrCat("maybe_bytea: '", std::string(1 << 20, 'b'), "'"));
}

TEST_F(TypesTest, HostileTextInArrays) {
  ComesBack(R"x(texts: ["", "NULL", "null", "{}", "{a,b}", "a,b", "\"", "\\", "\\\"", "'", "a\nb",
                       " ", "\t", "(1,2)", "[1]", "${x}", "%s", "\\x41", "--", "/*", "\001"])x");
  ComesBack(R"(varchars: ["", "NULL", "\\\"'{}", ","])");
}

TEST_F(TypesTest, LongArrays) {
  std::string fields;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&fields, "ints: ", i, " texts: '", i, "' bools: ", i % 2 ? "true" : "false",
                    " ");
  }
  ComesBack(fields);
}

TEST_F(TypesTest, Uuids) {
  ComesBack(
      "uuid: '00000000-0000-0000-0000-000000000000' "
      "maybe_uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff' "
      "uuids: ['ffffffff-ffff-ffff-ffff-ffffffffffff', "
      "'01920000-0000-7000-8000-00000000ac3e']");
  ComesBack("uuid: 'FFFFFFFF-FFFF-ffff-FFFF-FFFFFFFFFFFF'",
            "uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff'");
  IsRefused("uuid: 'ffffffffffffffffffffffffffffffff'", "uuid");
  IsRefused("uuids: '1'", "uuids[0]");
}

TEST_F(TypesTest, Ulids) {
  ComesBack(
      "ulid: '00000000000000000000000000' maybe_ulid: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' "
      "ulids: ['7ZZZZZZZZZZZZZZZZZZZZZZZZZ']");
  ComesBack("ulid: '01arz3ndektsv4rrffq69g5fav'", "ulid: '01ARZ3NDEKTSV4RRFFQ69G5FAV'");
  IsRefused("ulid: '8ZZZZZZZZZZZZZZZZZZZZZZZZZ'", "ulid");
}

TEST_F(TypesTest, Decimals) {
  const std::string digits(500, '9');
  ComesBack(absl::StrCat("numeric: '", digits, ".", digits, "' maybe_numeric: '-", digits, "'"));
  ComesBack("numeric: '+0012.500' money: '9999999999.99' maybe_money: '-9999999999.99'",
            "numeric: '12.500' money: '9999999999.99' maybe_money: '-9999999999.99'");
  ComesBack("money: '5' numerics: ['1.10', '-0.000000000000000000001', '0']",
            "money: '5.00' numerics: ['1.10', '-0.000000000000000000001', '0']");
  IsRefused("money: '10000000000'", "money");
  IsRefused("money: '0.001'", "money");
  IsRefused(absl::StrCat("numeric: '", digits, digits, "1'"), "numeric");
  for (const char* bad :
       {"1e5", "NaN", "Infinity", "0x10", "1,5", "1 ", "--1", ".", "-", "1_000"}) {
    IsRefused(absl::StrCat("numeric: '", bad, "'"), "numeric");
  }
}

TEST_F(TypesTest, Dates) {
  ComesBack("date: '0001-01-01' maybe_date: '9999-12-31' dates: ['2024-02-29', '2000-02-29']");
  for (const char* bad : {"2023-02-29", "1900-02-29", "2026-13-01", "0000-01-01", "2026-1-1",
                          "2026-01-01 ", "01.01.2026", "today", "infinity", "10000-01-01"}) {
    IsRefused(absl::StrCat("date: '", bad, "'"), "date");
  }
}

TEST_F(TypesTest, Bytes) {
  std::string all;
  for (int i = 0; i < 256; ++i) absl::StrAppend(&all, "\\", i / 64, i / 8 % 8, i % 8);
  ComesBack("bytea: '\\000\\000' maybe_bytea: '\\000'");
  ComesBack(absl::StrCat("bytea: '", all, "' maybe_bytea: '", all, "' byteas: ['", all, "', '']"));
}

TEST_F(TypesTest, Times) {
  ComesBack(
      "timestamptz { seconds: -62135596800 } "
      "maybe_timestamptz { seconds: 253402300799 nanos: 999999000 } "
      "timestamptzs { seconds: 253402300799 nanos: 999999000 } "
      "timestamptzs { seconds: -62135596800 } timestamptzs { seconds: -1 nanos: 1000 }");
  // Postgres keeps microseconds.
  ComesBack("timestamptz { seconds: 5 nanos: 123456789 }",
            "timestamptz { seconds: 5 nanos: 123456000 }");
  ComesBack("timestamptz { seconds: -5 nanos: 1999 }", "timestamptz { seconds: -5 nanos: 1000 }");
  IsRefused("timestamptz { seconds: 253402300800 }", "timestamptz");
  IsRefused("timestamptz { seconds: -62135596801 }", "timestamptz");
  IsRefused("timestamptz { nanos: 1000000000 }", "timestamptz");
  IsRefused("timestamptzs { nanos: -1 }", "timestamptzs[0]");
}

TEST_F(TypesTest, Json) {
  ComesBack(
      "json { fields { key: 'a' value { list_value { values { number_value: 1.5 } "
      "values { bool_value: true } values { null_value: NULL_VALUE } "
      "values { struct_value { fields { key: '' value { string_value: '\\\"\\\\ \\n\\t' } } } "
      "} values { list_value {} } } } } } "
      "maybe_json { fields { key: '\\360\\237\\246\\211' value { string_value: "
      "'\\360\\237\\246\\211' } } }");
  ComesBack("json { fields { key: 'n' value { number_value: 1.7976931348623157e308 } } }");
  ComesBack("json { fields { key: 'n' value { number_value: -0.1 } } }");
  // jsonb holds neither U+0000 nor numbers that JSON does not have.
  IsRefused("json { fields { key: 'a' value { string_value: 'a\\000b' } } }", "json");
  IsRefused("json { fields { key: 'a' value { number_value: nan } } }", "json");
  IsRefused("maybe_json { fields { key: 'a' value { number_value: inf } } }", "maybe_json");
}

TEST_F(TypesTest, Enums) {
  ComesBack(
      "kind: ACCOUNT_KIND_LIABILITY maybe_kind: ACCOUNT_KIND_EQUITY "
      "kinds: [ACCOUNT_KIND_EQUITY, ACCOUNT_KIND_ASSET, ACCOUNT_KIND_LIABILITY]");
  IsRefused("kind: 3", "kind");
  IsRefused("kind: ACCOUNT_KIND_UNSPECIFIED", "kind");
  IsRefused("maybe_kind: ACCOUNT_KIND_UNSPECIFIED", "maybe_kind");
  IsRefused("kinds: [ACCOUNT_KIND_ASSET, 39]", "kinds[1]");
  IsRefused("kinds: -1", "kinds[0]");
}

TEST_F(TypesTest, EveryColumnCanBeClearedBySayingSo) {
  test::RowFactory factory("full");
  const Table& table = *Method("GetSample").table;
  const MessagePtr row = factory.Make(table, [](const schema::Relation&) { return nullptr; });
  ASSERT_THAT(Call("CreateSample", *test::RowRequest(Method("CreateSample"), *row)), IsOk());
  for (const schema::Column& column : table.columns) {
    if (column.not_null && !column.array) continue;
    const MessagePtr cleared = test::Copy(*row);
    cleared->GetReflection()->ClearField(cleared.get(), column.api);
    const CallResult updated = Call(
        "UpdateSample", *test::RowRequest(Method("UpdateSample"), *cleared, {column.api->name()}));
    ASSERT_THAT(updated, IsOk()) << column.name;
    EXPECT_EQ(Value(*updated.reply, column.api->name()), column.array ? "0" : "unset");
  }
}

TEST_F(TypesTest, EveryColumnCanBeFilteredByItsValue) {
  test::RowFactory factory("filter", 5);
  const Table& table = *Method("GetSample").table;
  MessagePtr row;
  for (int i = 0; i < 2; ++i) {
    const MessagePtr made = factory.Make(table, [](const schema::Relation&) { return nullptr; });
    CallResult result = Call("CreateSample", *test::RowRequest(Method("CreateSample"), *made));
    ASSERT_THAT(result, IsOk());
    row = std::move(result.reply);
  }
  for (const schema::Column* column : table.readable()) {
    test::ListOptions list;
    list.filter = column;
    list.filter_row = row.get();
    const CallResult found = Call("ListSamples", *test::ListRequest(Method("ListSamples"), list));
    ASSERT_THAT(found, IsOk()) << column->name;
    const auto rows = test::RowsOf(*found.reply);
    ASSERT_FALSE(rows.empty()) << column->name;
    for (const Message* match : rows) {
      EXPECT_EQ(test::ValuesOf({column}, *match), test::ValuesOf({column}, *row));
    }
  }
}

}  // namespace
}  // namespace tenantry::e2e
