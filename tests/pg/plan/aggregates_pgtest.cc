// Random aggregates on a real database are held against what memory makes of the rows.
//
// TENANTRY_AGGREGATES says how many for each schema, TENANTRY_SEED which.

#include <iostream>
#include <regex>

#include "absl/strings/str_cat.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "server/base/status.h"
#include "tests/pg/plan/aggregate_maker.h"
#include "tests/pg/plan/aggregate_oracle.h"
#include "tests/pg/plan/two_tenants.h"
#include "tests/support/reads.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {
namespace {

using google::protobuf::Message;
using schema::Method;
using schema::Table;

class AggregatesTest : public TwoTenants {
 protected:
  AggregatesTest() : TwoTenants(v1::METHOD_KIND_AGGREGATE) {}

  MessagePtr Random(const Method& method) {
    MessagePtr request(messages_.GetPrototype(method.descriptor->input_type())->New());
    maker_.Fill(method, *request);
    return request;
  }

  bool IsRight(const Method& method, const Message& request, std::string& difference) {
    const Answer expected = oracle_.Expected(method, request);
    const MessagePtr reply = world_.Call(kTenant, method, request);
    const Answer answer = AggregateOracle::Read(method, request, *reply);
    difference = absl::StrCat(method.path, " ", request.DebugString(), "\nexpected\n",
                              ToText(expected.groups), "has more: ", expected.has_more,
                              "\nanswered\n", ToText(answer.groups), "has more: ", answer.has_more);
    groups_ += answer.groups.size();
    more_ += answer.has_more ? 1 : 0;
    return AreSame(answer.groups, expected.groups) && answer.has_more == expected.has_more;
  }

  void CheckRandom(unsigned requests) {
    for (unsigned i = 0; i < requests && !HasFailure(); ++i) {
      const Method& method = *methods_[i % methods_.size()];
      std::string difference;
      EXPECT_TRUE(IsRight(method, *Random(method), difference)) << difference;
    }
  }

  void ExpectFaultFound(const char* condition, const char* without) {
    DisableRowLevelSecurity();
    const std::regex broken(condition);
    world_.set_fault(
        [&](const std::string& sql) { return std::regex_replace(sql, broken, without); });
    int found = 0;
    for (unsigned i = 0; i < 1000 && found == 0; ++i) {
      const Method& method = *methods_[i % methods_.size()];
      std::string difference;
      found += IsRight(method, *Random(method), difference) ? 0 : 1;
    }
    EXPECT_GT(found, 0);
  }

  AggregateMaker maker_{random_, filters_};
  const FilterOracle::RowsOfTable rows_ = [&](const Table& table) -> const auto& {
    return world_.rows(kTenant, table);
  };
  FilterOracle filter_oracle_{rows_};
  AggregateOracle oracle_{rows_, filter_oracle_};
  google::protobuf::DynamicMessageFactory messages_{&schema_.api()};
  std::size_t groups_ = 0, more_ = 0;
};

TEST_P(AggregatesTest, AnswersAreWhatMemoryMakesOfTheRows) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  std::cout << "TENANTRY_SEED=" << seed_ << "\n";
  const unsigned requests = FromEnvironment("TENANTRY_AGGREGATES", 1500);
  CheckRandom(requests);
  EXPECT_GT(groups_, requests);
  EXPECT_GT(more_, requests / 20);
}

// Row-level security is the guard, but the conditions in the SQL would do alone: here no policy
// helps, and another tenant's rows have the same keys.
TEST_P(AggregatesTest, TheSqlAloneKeepsTenantsApart) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  DisableRowLevelSecurity();
  CheckRandom(400);
}

// That this would be seen.
TEST_P(AggregatesTest, AnAggregateThatForgetsTheTenantIsFound) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  ExpectFaultFound(R"re( WHERE t\."[a-z_]+" = \$1::uuid)re", " WHERE $$1::uuid IS NOT NULL");
}
TEST_P(AggregatesTest, AJoinThatForgetsTheTenantIsFound) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  ExpectFaultFound(R"re( ON t[0-9]+\."[a-z_]+" = \$1::uuid)re", " ON $$1::uuid IS NOT NULL");
}

// Of the one table with a column of every type.
class SamplesTest : public AggregatesTest {
 protected:
  absl::StatusOr<std::string> Ask(const std::string& text) {
    const Method& method =
        *FindMethod(schema_, TableNamed(schema_, "samples"), v1::METHOD_KIND_AGGREGATE);
    const auto request = testing::MakeRequest(method, text);
    absl::StatusOr<plan::Call> call = planner_.Prepare(method, *request);
    if (!call.ok()) return call.status();
    MessagePtr reply(messages_.GetPrototype(method.descriptor->output_type())->New());
    const absl::Status status = world_.Run(kTenant, *call, *reply);
    if (!status.ok()) return status;
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::string out;
    printer.PrintToString(*reply, &out);
    return out;
  }

  methods::Planner planner_{schema_, {}, metrics_};
};

TEST_P(SamplesTest, SumsDoNotOverflow) {
  database_->Execute(
      "UPDATE books.samples SET bigint = 9223372036854775807, int = 2147483647, real = 3e38");
  const std::size_t rows = world_.rows(kTenant, TableNamed(schema_, "samples")).size();
  ASSERT_EQ(rows, 25u);
  EXPECT_EQ(*Ask("measures { function: AGGREGATE_FUNCTION_SUM field: SAMPLE_FIELD_BIGINT } "
                 "measures { function: AGGREGATE_FUNCTION_MAX field: SAMPLE_FIELD_BIGINT } "
                 "measures { function: AGGREGATE_FUNCTION_SUM field: SAMPLE_FIELD_INT }"),
            "groups { "
            "values { key: \"max_bigint\" value { integer: 9223372036854775807 } } "
            "values { key: \"sum_bigint\" value { decimal: \"230584300921369395175\" } } "
            "values { key: \"sum_int\" value { integer: 53687091175 } } } ");
  // More than a float can be.
  const auto real = Ask("measures { function: AGGREGATE_FUNCTION_SUM field: SAMPLE_FIELD_REAL }");
  EXPECT_NE(real->find("floating: 7.5"), std::string::npos) << *real;
}

// What only the database can tell is told as what the planner finds.
TEST_P(SamplesTest, WhatTheDatabaseRefuses) {
  const absl::Status zone = Ask("group_by { field: SAMPLE_FIELD_TIMESTAMPTZ unit: TIME_UNIT_DAY "
                                "time_zone: 'Europe/Nowhere' }")
                                .status();
  EXPECT_EQ(zone.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(DetailsOf(zone).violations.size(), 1u);
  EXPECT_EQ(DetailsOf(zone).violations[0].field, "group_by");

  database_->Execute("UPDATE books.samples SET double = 1.7e308");
  const absl::Status sum =
      Ask("measures { function: AGGREGATE_FUNCTION_SUM field: SAMPLE_FIELD_DOUBLE }").status();
  EXPECT_EQ(sum.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(DetailsOf(sum).violations.size(), 1u);
  EXPECT_EQ(DetailsOf(sum).violations[0].field, "measures");
}

// The result of a statement is bounded, and so is what the server holds of it.
TEST_P(SamplesTest, LongKeysEndTheResult) {
  database_->Execute("UPDATE books.samples SET text = repeat('x', 3000000) || id");
  const Method& method =
      *FindMethod(schema_, TableNamed(schema_, "samples"), v1::METHOD_KIND_AGGREGATE);
  const auto request = testing::MakeRequest(method, "group_by { field: SAMPLE_FIELD_TEXT }");
  absl::StatusOr<plan::Call> call = planner_.Prepare(method, *request);
  ASSERT_TRUE(call.ok());
  MessagePtr reply(messages_.GetPrototype(method.descriptor->output_type())->New());
  ASSERT_TRUE(world_.Run(kTenant, *call, *reply).ok());
  const auto* groups = reply->GetDescriptor()->FindFieldByName("groups");
  // 32 MiB, the bytes of eight replies, are used up within the twelfth.
  EXPECT_EQ(reply->GetReflection()->FieldSize(*reply, groups), 12);
  EXPECT_TRUE(
      reply->GetReflection()->GetBool(*reply, reply->GetDescriptor()->FindFieldByName("has_more")));
}

INSTANTIATE_TEST_SUITE_P(Schemas, SamplesTest, ::testing::Values("tests/support/schemas"));

INSTANTIATE_TEST_SUITE_P(Schemas, AggregatesTest,
                         ::testing::Values("proto", "tests/support/schemas"));

}  // namespace
}  // namespace tenantry::test
