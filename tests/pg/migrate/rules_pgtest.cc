// The server and the database agree on every value: what the server takes, the table stores as it
// is, and what the table stores, the API can say.
#include <gtest/gtest.h>

#include <cmath>
#include <pqxx/pqxx>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/codec/json_struct.h"
#include "server/methods/planner.h"
#include "server/plan/print.h"
#include "tests/pg/migrate/edge_values.h"
#include "tests/support/pattern_texts.h"
#include "tests/support/saas_schema.h"
#include "tests/support/test_database.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::migrate {
namespace {

using google::protobuf::Message;
using schema::Column;
using schema::Type;

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";

constexpr char kSchema[] = R"(syntax = "proto3";
package edge;
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "tenantry/v1/options.proto";
enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }
message Edge {
  option (tenantry.v1.table) = {name: "edges"};
  string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID managed: MANAGED_ID}];
  optional int32 int = 10;
  optional int32 int_bounded = 11 [(tenantry.v1.column) = {minimum: -5 maximum: 7}];
  optional int64 bigint = 12;
  optional int64 bigint_bounded = 13
    [(tenantry.v1.column) = {minimum: -9007199254740993 maximum: 9223372036854775806}];
  optional float real = 14;
  optional float real_min = 15 [(tenantry.v1.column) = {minimum: 16777217}];
  optional float real_max = 16 [(tenantry.v1.column) = {maximum: -16777217}];
  optional float real_wide = 17 [(tenantry.v1.column) = {minimum: -9223372036854775807}];
  optional double double = 18;
  optional double double_min = 19 [(tenantry.v1.column) = {minimum: 9007199254740993}];
  optional double double_max = 20 [(tenantry.v1.column) = {maximum: 0}];
  optional string numeric = 21 [(tenantry.v1.column) = {type: COLUMN_TYPE_NUMERIC}];
  optional string money = 22
    [(tenantry.v1.column) = {type: COLUMN_TYPE_NUMERIC precision: 5 scale: 2}];
  optional string whole = 23
    [(tenantry.v1.column) = {type: COLUMN_TYPE_NUMERIC precision: 3 scale: 0}];
  optional string fraction = 24
    [(tenantry.v1.column) = {type: COLUMN_TYPE_NUMERIC precision: 2 scale: 2}];
  optional string numeric_bounded = 25 [(tenantry.v1.column) = {
    type: COLUMN_TYPE_NUMERIC minimum: -9223372036854775807 maximum: 9007199254740993}];
  optional string money_bounded = 26 [(tenantry.v1.column) = {
    type: COLUMN_TYPE_NUMERIC precision: 5 scale: 2 minimum: 0 maximum: 99}];
  optional string money_min = 27 [(tenantry.v1.column) = {
    type: COLUMN_TYPE_NUMERIC precision: 5 scale: 2 minimum: 0}];
  optional string text = 28;
  optional string short = 29 [(tenantry.v1.column) = {max_length: 3}];
  optional string between = 30 [(tenantry.v1.column) = {min_length: 2 max_length: 4}];
  optional string uuid = 31 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID}];
  optional string ulid = 32 [(tenantry.v1.column) = {type: COLUMN_TYPE_ULID}];
  optional string date = 33 [(tenantry.v1.column) = {type: COLUMN_TYPE_DATE}];
  google.protobuf.Timestamp time = 34;
  google.protobuf.Struct json = 35;
  optional bool bool = 36;
  optional bytes bytea = 37;
  repeated int32 ints = 40;
  repeated double doubles = 41;
  repeated string numerics = 42 [(tenantry.v1.column) = {type: COLUMN_TYPE_NUMERIC}];
  repeated string moneys = 43
    [(tenantry.v1.column) = {type: COLUMN_TYPE_NUMERIC precision: 5 scale: 2}];
  repeated string shorts = 44 [(tenantry.v1.column) = {max_length: 3}];
  repeated string ulids = 45 [(tenantry.v1.column) = {type: COLUMN_TYPE_ULID}];
  repeated string dates = 46 [(tenantry.v1.column) = {type: COLUMN_TYPE_DATE}];
  repeated google.protobuf.Timestamp times = 47;
  repeated bool bools = 48;
  repeated string texts = 49;
  optional int32 int_between = 50 [(tenantry.v1.column) = {gt: "-5" lt: "7"}];
  optional int64 bigint_in = 51 [(tenantry.v1.column) = {in: ["-5", "7", "9223372036854775807"]}];
  optional double double_above = 52 [(tenantry.v1.column) = {gt: "0.1"}];
  optional float real_from = 53 [(tenantry.v1.column) = {gte: "0.1" lte: "16777217.5"}];
  optional string numeric_between = 54 [(tenantry.v1.column) = {
    type: COLUMN_TYPE_NUMERIC gte: "-0.001" lt: "9007199254740993.000000000001"}];
  optional string money_above = 55 [(tenantry.v1.column) = {
    type: COLUMN_TYPE_NUMERIC precision: 5 scale: 2 gt: "0.99"}];
  optional string date_from = 56 [(tenantry.v1.column) = {
    type: COLUMN_TYPE_DATE gte: "2024-02-29" lt: "9999-12-31"}];
  google.protobuf.Timestamp time_from = 57 [(tenantry.v1.column) = {
    gt: "2000-01-01T00:00:00.000001Z" lte: "9999-12-31T23:59:59Z"}];
  optional string code = 60 [(tenantry.v1.column) = {pattern: "[A-Z]{2}-\\d+( [^a-z'\"\\s]+)?"}];
  optional string short_code = 61 [(tenantry.v1.column) = {
    pattern: "^.[äöü]?$" min_length: 1 max_length: 2}];
  optional string email = 62 [(tenantry.v1.column) = {format: FORMAT_EMAIL}];
  optional string country = 63 [(tenantry.v1.column) = {format: FORMAT_COUNTRY max_length: 2}];
  optional string choice = 64 [(tenantry.v1.column) = {in: ["a", "it's", "\\", "\"", " "]}];
  optional string short_choice = 65 [(tenantry.v1.column) = {in: ["a", "ab"] max_length: 2}];
  repeated string codes = 66 [(tenantry.v1.column) = {
    pattern: "[A-Z]{2}-\\d+( [^a-z'\"\\s]+)?" max_length: 20}];
  repeated string emails = 67 [(tenantry.v1.column) = {format: FORMAT_EMAIL}];
  repeated string choices = 68 [(tenantry.v1.column) = {in: ["a", "it's", "\\", "\""]}];
  repeated string short_choices = 69 [(tenantry.v1.column) = {in: ["a", "ab"] max_length: 2}];
  repeated int32 some_ints = 70 [(tenantry.v1.column) = {max_items: 1}];
  repeated string some_texts = 71 [(tenantry.v1.column) = {max_items: 1}];
}
)";

class RulesTest : public ::testing::Test {
 protected:
  RulesTest()
      : schema_(testing::MustLoad(files_.path())),
        database_(test::CreateDatabase(*schema_)),
        connection_(database_->superuser_url()),
        create_(testing::MethodNamed(*schema_, "CreateEdge")),
        planner_(*schema_, {}, metrics_) {}

  // --- the server's side -----------------------------------------------------------------------

  // The value in a row; false when no message of this type can hold it.
  static bool Put(const Column& column, const std::string& text, Message& row) {
    const auto* r = row.GetReflection();
    const auto* f = column.api;
    switch (column.type) {
      case Type::kInt32: {
        std::int32_t value = 0;
        if (!absl::SimpleAtoi(text, &value)) return false;
        column.array ? r->AddInt32(&row, f, value) : r->SetInt32(&row, f, value);
        return true;
      }
      case Type::kInt64: {
        std::int64_t value = 0;
        if (!absl::SimpleAtoi(text, &value)) return false;
        r->SetInt64(&row, f, value);
        return true;
      }
      case Type::kFloat: {
        const float value = std::strtof(text.c_str(), nullptr);
        if (std::isinf(value) && text.find_first_of("0123456789") != text.npos) return false;
        r->SetFloat(&row, f, value);
        return true;
      }
      case Type::kDouble: {
        const double value = std::strtod(text.c_str(), nullptr);
        column.array ? r->AddDouble(&row, f, value) : r->SetDouble(&row, f, value);
        return true;
      }
      case Type::kBool: {
        const bool value = text == "true";
        column.array ? r->AddBool(&row, f, value) : r->SetBool(&row, f, value);
        return true;
      }
      case Type::kTimestamp: {
        std::int64_t micros = 0;
        if (!absl::SimpleAtoi(text, &micros)) return false;
        const std::int64_t rest = (micros % 1000000 + 1000000) % 1000000;
        Message* time = column.array ? r->AddMessage(&row, f) : r->MutableMessage(&row, f);
        const auto* type = time->GetDescriptor();
        time->GetReflection()->SetInt64(time, type->FindFieldByNumber(1),
                                        (micros - rest) / 1000000 + kEpochOfPostgres);
        time->GetReflection()->SetInt32(time, type->FindFieldByNumber(2),
                                        static_cast<std::int32_t>(rest * 1000));
        return true;
      }
      case Type::kJson: {
        std::string bytes;
        if (codec::AppendStruct(text, std::string::npos, bytes) != codec::StructResult::kDone) {
          return false;
        }
        return r->MutableMessage(&row, f)->ParseFromString(bytes);
      }
      default:
        column.array ? r->AddString(&row, f, text) : r->SetString(&row, f, text);
        return true;
    }
  }

  bool ServerTakes(const Column& column, const Texts& values) {
    auto request = testing::NewMessage(*create_.descriptor->input_type());
    const auto* field = create_.descriptor->input_type()->FindFieldByNumber(1);
    Message* row = request->GetReflection()->MutableMessage(request.get(), field);
    for (const std::string& value : values) {
      if (!Put(column, value, *row)) return false;
    }
    return planner_.Prepare(create_, *request).ok();
  }

  // --- the database's side ---------------------------------------------------------------------

  // An expression for the value, as the server's statements write it.
  static std::string Expression(const Column& column) {
    if (column.type == Type::kTimestamp && !column.array) {
      // In two steps: an interval is multiplied as a double.
      return "('2000-01-01 00:00:00+00'::timestamptz + $2::text::bigint / 1000000 * interval '1 s' "
             "+ $2::text::bigint % 1000000 * interval '1 us')";
    }
    if (column.type == Type::kUlid && !column.array) return "upper($2::text)";
    if (column.type == Type::kBytes) return "convert_to($2::text, 'UTF8')";
    const std::string type(schema::InfoOf(column.type).transport_type);
    const std::string suffix = column.array ? "[]" : "";
    return plan::CastFromTransport(absl::StrCat("$2::text::", type, suffix), column, column.array);
  }

  // How a stored value is read back: one text for each element.
  static std::string ReadBack(const Column& column) {
    const std::string each = column.array ? "e" : column.sql_name;
    const std::string text = column.type == Type::kTimestamp
                                 ? absl::StrCat("((extract(epoch FROM ", each, ") - ",
                                                kEpochOfPostgres, ") * 1000000)::bigint::text")
                             : column.type == Type::kBytes
                                 ? absl::StrCat("encode(", each, ", 'hex')")
                                 : absl::StrCat(each, "::text");
    if (!column.array) return text;
    return absl::StrCat("(SELECT array_to_string(array_agg(", text, "), E'\\x01') FROM unnest(",
                        column.sql_name, ") AS e)");
  }

  struct Stored {
    bool taken = false;
    bool unchanged = false;
    Texts values;
  };

  Stored Store(const Column& column, const std::string& text) {
    const std::string value = Expression(column);
    const std::string as_text = column.type != Type::kText ? ""
                                : column.array             ? "::text[]"
                                                           : "::text";
    const std::string sql =
        absl::StrCat("INSERT INTO edge.edges (tenant_id, ", column.sql_name, ") VALUES ($1::uuid, ",
                     value, ") RETURNING ", column.sql_name, as_text, " IS NOT DISTINCT FROM ",
                     value, ", ", ReadBack(column));
    Stored stored;
    try {
      pqxx::nontransaction tx(connection_);
      const pqxx::result result = tx.exec(sql, pqxx::params{kTenant, text});
      stored.taken = true;
      stored.unchanged = result[0][0].as<bool>();
      if (!column.array) {
        stored.values = {result[0][1].as<std::string>()};
      } else if (!result[0][1].is_null()) {
        stored.values = absl::StrSplit(result[0][1].as<std::string>(), '\x01');
      }
    } catch (const pqxx::sql_error&) {
    }
    return stored;
  }

  static std::string ArrayText(const Texts& values) {
    return absl::StrCat(
        "{",
        absl::StrJoin(values, ",",
                      [](std::string* out, const auto& value) {
                        absl::StrAppend(
                            out, "\"", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}}),
                            "\"");
                      }),
        "}");
  }

  // --- both ------------------------------------------------------------------------------------

  // `values`: as the API says it. `text`: as SQL says the same.
  void Agree(const Column& column, const Texts& values, const std::string& text) {
    const Stored stored = Store(column, text);
    const std::string what = absl::StrCat(column.name, " <- ", text.substr(0, 120));
    if (ServerTakes(column, values)) {
      EXPECT_TRUE(stored.taken) << what << ": the server takes it, the table refuses it";
      EXPECT_TRUE(!stored.taken || stored.unchanged) << what << ": is stored as another value";
    }
    ExpectSayable(column, stored, what);
    if (stored.taken && stored.unchanged && stored.values == values) {
      EXPECT_TRUE(ServerTakes(column, values)) << what;
    }
  }

  void ExpectSayable(const Column& column, const Stored& stored, const std::string& what) {
    if (!stored.taken || column.type == Type::kBytes) return;
    EXPECT_TRUE(ServerTakes(column, stored.values))
        << what << ": the table holds `" << absl::StrJoin(stored.values, ",").substr(0, 120)
        << "`, which the API cannot say";
  }

  // Also such as the column's pattern matches, and nearly.
  static Texts All(const Column& column) {
    Texts texts = Candidates(column);
    std::mt19937 random(static_cast<unsigned>(column.number()));
    for (const schema::Rule& rule : column.rules) {
      if (rule.detail == nullptr) continue;
      for (const std::string& value : rule.detail->values) texts.push_back(value);
      for (int i = 0; rule.detail->pattern != nullptr && i < 30; ++i) {
        texts.push_back(test::TextOf(*rule.detail->pattern, random));
        texts.push_back(test::Spoilt(texts.back(), random));
      }
    }
    if (column.type == Type::kText) {
      texts.push_back("a@" + std::string(61, 'b') + "." + std::string(63, 'c') + "." +
                      std::string(63, 'd') + "." + std::string(62, 'e'));
      texts.push_back(texts.back() + "f");
    }
    return texts;
  }

  testing::SourceDirectory files_{{{"edge.proto", kSchema}}};
  std::unique_ptr<const schema::Schema> schema_;
  std::unique_ptr<test::Database> database_;
  pqxx::connection connection_;
  const schema::Method& create_;
  MetricRegistry metrics_;
  methods::Planner planner_;
};

TEST_F(RulesTest, ServerAndDatabaseAgreeOnEveryValue) {
  for (const Column& column : create_.table->columns) {
    if (column.number() < 10) continue;
    for (std::string text : All(column)) {
      if (column.type == Type::kFloat) {
        // As a float says it, not as the decimal does that it is rounded from.
        text = absl::StrFormat("%.9g", static_cast<float>(std::strtod(text.c_str(), nullptr)));
      }
      if (column.array) {
        const std::string element = column.type == Type::kUlid ? absl::AsciiStrToUpper(text) : text;
        if (column.type == Type::kTimestamp) continue;  // see below
        Agree(column, {element}, ArrayText({element}));
        Agree(column, {element, element}, ArrayText({element, element}));
      } else {
        Agree(column, {text}, text);
      }
    }
  }
}

TEST_F(RulesTest, TheDatabaseRefusesWhatTheApiCannotSay) {
  for (const Column& column : create_.table->columns) {
    if (!column.array) continue;
    for (const std::string& text : OddArrays(column)) {
      ExpectSayable(column, Store(column, text), absl::StrCat(column.name, " <- ", text));
    }
    EXPECT_FALSE(Store(column, "{NULL}").taken) << column.name;
  }
  const Column& times = *create_.table->FindColumn("times");
  for (const char* time : {"infinity", "-infinity", "0001-12-31 23:59:59+00 BC",
                           "10000-01-01 00:00:00+00", "294276-12-31 23:59:59+00"}) {
    EXPECT_FALSE(Store(times, absl::StrCat("{\"", time, "\"}")).taken) << time;
  }
  for (const char* time : {"0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"}) {
    const Stored stored = Store(times, absl::StrCat("{\"", time, "\"}"));
    EXPECT_TRUE(stored.taken) << time;
    ExpectSayable(times, stored, time);
  }
  EXPECT_FALSE(Store(*create_.table->FindColumn("ints"), "{{1,2},{3,4}}").taken);
  EXPECT_FALSE(Store(*create_.table->FindColumn("json"), "[]").taken);
  EXPECT_FALSE(Store(*create_.table->FindColumn("json"), "{\"a\": 1e400}").taken);
  EXPECT_FALSE(Store(*create_.table->FindColumn("numeric"), "NaN").taken);
  EXPECT_FALSE(Store(*create_.table->FindColumn("money"), "NaN").taken);
  EXPECT_FALSE(Store(*create_.table->FindColumn("double_max"), "NaN").taken);
  EXPECT_FALSE(Store(*create_.table->FindColumn("double_min"), "Infinity").taken);
}

}  // namespace
}  // namespace tenantry::migrate
