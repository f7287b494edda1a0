// Columns that callers do not see, and relations, which the methods of one table do not write.

#include <pqxx/pqxx>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using ::testing::Not;

class VisibilityTest : public ::testing::Test {
 protected:
  static const schema::Method& Method(std::string_view rpc) {
    return testing::MethodNamed(Ledger().schema(), rpc);
  }

  CallResult Call(std::string_view rpc, const std::string& request) {
    const auto& method = Method(rpc);
    return Ledger().client().Call(method, *testing::MakeRequest(method, request),
                                  {.headers = As(tenant_)});
  }

  // A keeper with the secret `open`; its key.
  std::string MakeKeeper() {
    const CallResult account =
        Call("CreateAccount", "account { code: 'KEEP' title: 't' kind: ACCOUNT_KIND_ASSET }");
    EXPECT_THAT(account, IsOk());
    const CallResult keeper = Call(
        "CreateKeeper", absl::StrCat("keeper { name: 'Ada' secret: 'open' old_secrets: 'older' "
                                     "account_id: '",
                                     Value(*account.reply, "id"), "' }"));
    EXPECT_THAT(keeper, IsOk());
    EXPECT_FALSE(HoldsSecret(*keeper.reply));
    return Value(*keeper.reply, "id");
  }

  static bool HoldsSecret(const Message& reply) {
    return absl::StrContains(reply.SerializeAsString(), "open") ||
           absl::StrContains(reply.SerializeAsString(), "older");
  }

  // What SQL sees.
  std::string Stored(const std::string& id, const std::string& column) {
    pqxx::connection connection(Ledger().database().superuser_url());
    pqxx::nontransaction sql(connection);
    return sql
        .exec(absl::StrCat("SELECT coalesce(", column, "::text, 'NULL') FROM books.keepers WHERE ",
                           "id = '", id, "'"))[0][0]
        .as<std::string>();
  }

  const std::string tenant_ = Ledger().NewTenant();
};

TEST_F(VisibilityTest, WhatIsInputOnlyIsStoredAndNeverShown) {
  const std::string id = MakeKeeper();
  EXPECT_EQ(Stored(id, "secret"), "open");
  EXPECT_EQ(Stored(id, "old_secrets"), "{older}");
  const std::string key = absl::StrCat("'", id, "'");
  for (const CallResult& read :
       {Call("GetKeeper", absl::StrCat("id: ", key)), Call("ListKeepers", ""),
        Call("BatchGetKeepers", absl::StrCat("ids: ", key)),
        Call("UpdateKeeper", absl::StrCat("keeper { id: ", key, " name: 'Bea' }"))}) {
    ASSERT_THAT(read, IsOk());
    EXPECT_FALSE(HoldsSecret(*read.reply));
  }
  EXPECT_EQ(Stored(id, "secret"), "open") << "an update that does not name it leaves it";
  ASSERT_THAT(Call("UpdateKeeper", absl::StrCat("keeper { id: ", key, " secret: 'shut' } ",
                                                "update_mask { paths: 'secret' }")),
              IsOk());
  EXPECT_EQ(Stored(id, "secret"), "shut");
  EXPECT_THAT(Call("UpdateKeeper",
                   absl::StrCat("keeper { id: ", key, " secret: '", std::string(61, 'x'), "' }")),
              Violates(Fields{"keeper.secret"}));
}

TEST_F(VisibilityTest, WhatIsHiddenIsNotThere) {
  const std::string id = MakeKeeper();
  EXPECT_EQ(Stored(id, "badge"), "NULL");
  EXPECT_EQ(Stored(id, "visits"), "0") << "the default";
  EXPECT_THAT(Stored(id, "seen_at"), Not("NULL")) << "the server keeps it";
  EXPECT_THAT(Call("UpdateKeeper", absl::StrCat("keeper { id: '", id, "' name: 'Bea' } ",
                                                "update_mask { paths: 'badge' }")),
              Violates(Fields{"update_mask.paths[0]"}));
  // A replacement of everything replaces what callers can see.
  {
    pqxx::connection connection(Ledger().database().superuser_url());
    pqxx::nontransaction(connection)
        .exec(absl::StrCat("UPDATE books.keepers SET badge = 'B1' WHERE id = '", id, "'"));
  }
  ASSERT_THAT(Call("UpdateKeeper",
                   absl::StrCat("keeper { id: '", id, "' name: 'Cy' secret: 's' account_id: '",
                                Value(*Call("GetKeeper", absl::StrCat("id: '", id, "'")).reply,
                                      "account_id"),
                                "' } update_mask { paths: '*' }")),
              IsOk());
  EXPECT_EQ(Stored(id, "badge"), "B1");
  const CallResult read = Call("GetKeeper", absl::StrCat("id: '", id, "'"));
  std::string row;
  google::protobuf::TextFormat::PrintToString(*read.reply, &row);
  ASSERT_THAT(Call("UpdateKeeper", absl::StrCat("keeper { ", row, " } update_mask { paths: '*' }")),
              IsOk());
  EXPECT_EQ(Stored(id, "secret"), "s") << "who has read the row cannot know it";
  // The unique key over a hidden column is none that Upsert can name.
  EXPECT_THAT(Call("UpsertKeeper", "keeper { name: 'x' secret: 'y' } conflict_key: 2"),
              Not(IsOk()));
}

TEST_F(VisibilityTest, UpdateWritesNoRelation) {
  const std::string id = MakeKeeper();
  const std::string keeper =
      absl::StrCat("keeper { id: '", id, "' name: 'D' account { id: 'x' } }");
  EXPECT_THAT(Call("UpdateKeeper", keeper), Violates(Fields{"keeper.account"}));
  EXPECT_THAT(Call("UpdateKeeper", keeper + "update_mask { paths: 'account' }"),
              Violates(Fields{"update_mask.paths[0]"}));
  // A mask says what is meant: the rest of a resource that was read with its relations is no
  // matter.
  EXPECT_THAT(Call("UpdateKeeper", keeper + "update_mask { paths: 'name' }"), IsOk());
}

}  // namespace
}  // namespace tenantry::e2e
