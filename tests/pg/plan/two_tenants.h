// Two tenants on a real database whose rows have the same keys, for tests that ask as the one and
// hold the answers against what is right.
//
// TENANTRY_SEED says which rows and requests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/plan/filter_maker.h"
#include "tests/pg/plan/world.h"
#include "tests/support/test_database.h"

namespace tenantry::test {

inline unsigned FromEnvironment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// The parameter is the folder of a schema.
class TwoTenants : public ::testing::TestWithParam<const char*> {
 protected:
  static constexpr int kTenant = 1, kOtherTenant = 2;
  static constexpr int kRows = 25;

  // Changes a row further, behind FilterMaker::Shape.
  using MoreShape = std::function<void(const schema::Table& table, google::protobuf::Message& row,
                                       std::mt19937& random)>;

  // `kind`: of `methods_`, those of tables that have rows.
  explicit TwoTenants(v1::MethodKind kind, MoreShape more = {}) {
    for (int tenant : {kTenant, kOtherTenant}) {
      InsertTenant(*database_, schema_, TenantText(tenant));
    }
    world_.set_shape([this, more](const schema::Table& table, google::protobuf::Message& row) {
      filters_.Shape(table, row);
      if (more) more(table, row, random_);
    });
    world_.Fill(kTenant, kRows, random_);
    world_.FillLike(kTenant, kOtherTenant, random_);
    for (const schema::Table& table : schema_.tables()) {
      const schema::Method* method = FindMethod(schema_, table, kind);
      if (method != nullptr && !world_.rows(kTenant, table).empty()) methods_.push_back(method);
    }
  }

  void DisableRowLevelSecurity() {
    for (const schema::Table& table : schema_.tables()) {
      if (table.is_view()) continue;
      database_->Execute(absl::StrCat("ALTER TABLE ", table.sql_name,
                                      " DISABLE ROW LEVEL SECURITY; ALTER TABLE ", table.sql_name,
                                      " NO FORCE ROW LEVEL SECURITY"));
    }
  }

  const unsigned seed_ = FromEnvironment("TENANTRY_SEED", std::random_device()());
  std::mt19937 random_{seed_};
  const schema::Schema& schema_ = LoadSchema(GetParam());
  std::unique_ptr<Database> database_ = CreateDatabase(schema_);
  MetricRegistry metrics_;
  pg::Executor executor_{{.database_url = database_->app_url()}, {}, metrics_};
  World world_{schema_, executor_, metrics_};
  FilterMaker filters_{random_};
  std::vector<const schema::Method*> methods_;
};

}  // namespace tenantry::test
