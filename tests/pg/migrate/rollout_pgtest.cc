// Old and new servers side by side, for each kind of change: what still works while a roll-out is
// under way, and that the migration's summary says beforehand what does not.
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/pg/migrate/any_client.h"
#include "tests/pg/migrate/rollout.h"

namespace tenantry::migrate {
namespace {

// What should not be in any reply. That the database lacks something is told as such.
std::string Faults(const Outcomes& outcomes) {
  std::string faults;
  for (const auto& [call, outcome] : outcomes) {
    if (absl::StrContains(outcome, "SCHEMA_MISMATCH")) continue;
    for (const char* code : {"refused: INTERNAL", "refused: UNKNOWN", "refused: DATA_LOSS"}) {
      if (outcome.find(code) == 0) absl::StrAppend(&faults, call, ": ", outcome, "\n");
    }
  }
  return faults;
}

void WhatStopsWorkingIsSaidBeforehand(const Rollout& rollout) {
  ASSERT_FALSE(rollout.name.empty());
  const test::Database& database = rollout.evolution.database();
  auto old_server = AnyServer::Start(rollout.test.before, database);
  ASSERT_TRUE(old_server.ok()) << old_server.status();
  const test::DynamicClient old_client((*old_server)->NewChannel(), rollout.before);
  const Outcomes at_first = CallEverything(old_client);
  ASSERT_EQ(Worse(at_first, CallEverything(old_client)), "") << "the calls are not the same twice";

  // New servers come after the migration. One that comes too early does no harm.
  auto early = AnyServer::Start(rollout.test.after, database);
  if (early.ok()) {
    const test::DynamicClient early_client((*early)->NewChannel(), rollout.after);
    EXPECT_EQ(Faults(CallEverything(early_client)), "") << "new server, old database";
  } else {
    EXPECT_EQ(early.status().code(), absl::StatusCode::kFailedPrecondition) << early.status();
  }
  early = absl::UnavailableError("gone");

  rollout.RemoveWritten();
  const bool may_break = rollout.BreaksOldServers();
  std::string broken;
  auto old_works = [&](const std::string& when) {
    std::string worse = Worse(at_first, CallEverything(old_client));
    rollout.RemoveWritten();
    auto restarted = AnyServer::Start(rollout.test.before, database);
    if (!restarted.ok()) absl::StrAppend(&worse, restarted.status().message());
    if (!worse.empty()) absl::StrAppend(&broken, when, ":\n", worse);
  };
  rollout.ApplyBySections([&](std::size_t done) { old_works(absl::StrCat("section ", done)); });
  old_works("afterwards");
  if (!may_break) {
    EXPECT_EQ(broken, "") << "and the summary does not say so:\n"
                          << rollout.summary << rollout.evolution.UpSql(rollout.name);
  }
  // What lost its rows may still work.
  if (rollout.Says(Hazard::kBreaksOldServers) && !rollout.Says(Hazard::kDeletesData)) {
    EXPECT_NE(broken, "") << "the summary cries wolf:\n" << rollout.summary;
  }

  auto new_server = AnyServer::Start(rollout.test.after, database);
  ASSERT_TRUE(new_server.ok()) << new_server.status();
  const test::DynamicClient new_client((*new_server)->NewChannel(), rollout.after);
  EXPECT_EQ(Faults(CallEverything(new_client)), "");
  const test::DynamicClient old_on_new((*new_server)->NewChannel(), rollout.before);
  const Outcomes outcomes = CallEverything(old_on_new);
  if (!rollout.BreaksClients()) {
    EXPECT_EQ(Worse(at_first, outcomes), "") << "old clients, new server";
  }
  EXPECT_EQ(Faults(outcomes), "") << "old clients, new server";
  const test::DynamicClient new_on_old((*old_server)->NewChannel(), rollout.after);
  if (!may_break) EXPECT_EQ(Faults(CallEverything(new_on_old)), "") << "new clients, old server";
}

class RolloutTest : public ::testing::TestWithParam<Case> {};

TEST_P(RolloutTest, WhatStopsWorkingIsSaidBeforehand) {
  WhatStopsWorkingIsSaidBeforehand(Rollout(GetParam()));
}

// Types that change beside the old column: many more sections, and old servers go on in between.
class OnlineRolloutTest : public ::testing::TestWithParam<Case> {};

TEST_P(OnlineRolloutTest, WhatStopsWorkingIsSaidBeforehand) {
  WhatStopsWorkingIsSaidBeforehand(Rollout(GetParam(), 1, AllowOnline()));
}

INSTANTIATE_TEST_SUITE_P(Changes, OnlineRolloutTest, ::testing::ValuesIn(OnlineCases()),
                         [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(Changes, RolloutTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace tenantry::migrate
