// Awkward names of tables and columns: each works, or is an error that says what to rename.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/methods/planner.h"
#include "tests/support/named_sources.h"
#include "tests/support/rows.h"

namespace tenantry::methods {
namespace {

using schema::Method;
using test::MessagePtr;
using namespace tenantry::testing;  // NOLINT: the sources

TEST(Names, WhatCannotBeIsAnErrorThatSaysWhatToRename) {
  std::set<std::string> refused;
  for (const NamedSource& source : NamedSources()) {
    for (const std::string& error : ErrorsOf(source)) {
      EXPECT_THAT(error, ::testing::MatchesRegex("t\\.proto:[0-9]+:[0-9]+: .*"));
      EXPECT_THAT(error, ::testing::ContainsRegex("rename the|give the|remove the")) << error;
      refused.insert(absl::StrCat(source.message, ".", source.column));
    }
  }
  // Columns of PostgreSQL itself, the tenant column, two fields or values of one name in what is
  // derived, and what JSON cannot name. Everything else works.
  EXPECT_THAT(refused, ::testing::UnorderedElementsAre("UpdateMask.label", "ConflictKey.label",
                                                       "Item.unspecified", "Item.primary",
                                                       "Item.ctid", "Item.xmin", "Item.tableoid",
                                                       "Item.tenant_id", "Item._x", "Item.select",
                                                       "Select.label", "Filter.label"));
}

TEST(Names, TwoTablesThatDeriveOneNameAreAnErrorAtOneOfThem) {
  const std::map<std::string, std::string> others = {
      {"ContactFilter", "a derived filter"},       {"ContactOrder", "a derived order"},
      {"ContactField", "a derived enum"},          {"ContactKey", "a derived enum"},
      {"ContactService", "a derived service"},     {"GetContactRequest", "a derived request"},
      {"ListContactsResponse", "a derived reply"},
  };
  for (const auto& [name, what] : others) {
    const auto errors =
        LintLines({{"t.proto", HeadOf("t") + TableNamed("Contact").text + TableNamed(name).text}});
    EXPECT_THAT(errors, ::testing::Contains(::testing::MatchesRegex(absl::StrCat(
                            "t\\.proto:[0-9]+:[0-9]+: t\\..*", name, ".*rename one of the two"))))
        << what << "\n"
        << absl::StrJoin(errors, "\n");
  }
}

// A request of this method about `row`, which sets the column or the key.
MessagePtr RequestFor(const Method& method, const google::protobuf::Message& row,
                      const schema::Column& column) {
  switch (method.kind) {
    case v1::METHOD_KIND_LIST: {
      test::ListOptions options;
      options.filter = &column;
      options.filter_row = &row;
      options.order = method.table->primary_key[0];
      return test::ListRequest(method, options);
    }
    case v1::METHOD_KIND_AGGREGATE:
      return test::AggregateRequest(method, {.group = &column, .field = &column});
    case v1::METHOD_KIND_UPDATE:
      return test::RowRequest(method, row, {method.table->columns[1].field->name()});
    case v1::METHOD_KIND_UPSERT:
      return test::RowRequest(method, row, {}, method.table->unique_keys.empty() ? 1 : 2);
    default:
      return test::RequestAbout(method, row);
  }
}

TEST(Names, WhatLoadsHasAPlanForEveryMethod) {
  for (const NamedSource& source : NamedSources()) {
    SourceDirectory files({{"t.proto", HeadOf("t") + source.text}});
    auto schema = schema::Schema::Load({files.path()});
    if (!schema.ok()) continue;
    // NewMessage keeps prototypes by their descriptors' addresses: none may come again.
    static auto& loaded = *new std::vector<std::unique_ptr<const schema::Schema>>;
    loaded.push_back(*std::move(schema));
    const schema::Schema& named = *loaded.back();
    MetricRegistry metrics;
    const Planner planner(named, {}, metrics);
    test::RowFactory factory("row");
    const schema::Table& table = named.tables()[0];
    const MessagePtr row = factory.Make(table, [](const auto&) { return nullptr; });
    EXPECT_EQ(named.methods().size(), test::FittingKinds(named).size());
    for (const Method& method : named.methods()) {
      const MessagePtr request = RequestFor(method, *row, *table.FindColumn(source.column));
      const absl::StatusOr<plan::Call> call = planner.Prepare(method, *request);
      EXPECT_TRUE(call.ok()) << method.path << " " << call.status() << "\n" << source.text;
    }
  }
}

}  // namespace
}  // namespace tenantry::methods
