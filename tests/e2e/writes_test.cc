// Writes of many rows at once, of rows that were deleted, and on an etag.

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using grpc::StatusCode;

class WritesTest : public ::testing::Test {
 protected:
  CallResult Call(std::string_view rpc, const std::string& text) {
    return Saas().client().Call(rpc, text, As(tenant_));
  }
  // Its id.
  std::string MakeProduct(const std::string& slug, int stock) {
    const CallResult made =
        Call("CreateProduct",
             absl::StrCat("product { slug: '", slug, "' name: '", slug, "' stock: ", stock, " }"));
    EXPECT_THAT(made, IsOk());
    return made.ok() ? Value(*made.reply, "id") : std::string();
  }
  std::string MakeContact(const std::string& name) {
    const CallResult made =
        Call("CreateContact", absl::StrCat("contact { name: '", name, "' email: '", name, "@x' }"));
    EXPECT_THAT(made, IsOk());
    return made.ok() ? Value(*made.reply, "id") : std::string();
  }
  std::string OfProduct(const std::string& id, std::string_view field) {
    const CallResult found = Call("GetProduct", absl::StrCat("id: '", id, "'"));
    EXPECT_THAT(found, IsOk());
    return found.ok() ? Value(*found.reply, field) : std::string();
  }
  std::string Count(const std::string& rpc) {
    const CallResult found = Call(rpc, "page_size: 1 total: TOTAL_EXACT");
    EXPECT_THAT(found, IsOk());
    return found.ok() ? Value(*found.reply, "total_size") : std::string();
  }
  void RunSql(const std::string& sql) { Saas().database().Execute(sql); }

  const std::string tenant_ = Saas().NewTenant();
};

std::string Key(const std::string& id, const std::string& more = "") {
  return absl::StrCat("requests { id: '", id, "' ", more, " } ");
}
std::string Product(const std::string& id, const std::string& rest, const std::string& more = "") {
  return absl::StrCat("requests { product { id: '", id, "' ", rest, " } ", more, " } ");
}
std::string OfRows(const CallResult& result, std::string_view field) {
  std::string all;
  if (!result.ok()) return result.ToString();
  for (const Message* row : test::RowsOf(*result.reply)) {
    absl::StrAppend(&all, all.empty() ? "" : ",", Value(*row, field));
  }
  return all;
}
constexpr char kNobody[] = "01920000-0000-7000-8000-000000000001";

TEST_F(WritesTest, ADeletedRowComesBack) {
  const std::string id = MakeContact("ada");
  const std::string key = absl::StrCat("id: '", id, "'");
  EXPECT_THAT(Call("UndeleteContact", key),
              FailsBecause(StatusCode::ALREADY_EXISTS, "NOT_DELETED"));
  EXPECT_THAT(Call("UndeleteContact", absl::StrCat("id: '", kNobody, "'")),
              Fails(StatusCode::NOT_FOUND));
  ASSERT_THAT(Call("DeleteContact", key), IsOk());
  EXPECT_EQ(Count("ListContacts"), "0");
  EXPECT_THAT(Call("UndeleteContact", key + " require { name { eq: 'ben' } }"),
              FailsBecause(StatusCode::FAILED_PRECONDITION, "REQUIREMENT_NOT_MET"));
  EXPECT_THAT(Call("UndeleteContact", key + " validate_only: true"), IsOk());
  EXPECT_EQ(Count("ListContacts"), "0") << "it was only tried";
  const CallResult back = Call("UndeleteContact", key + " select { name: true deleted_at: true }");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(Value(*back.reply, "name"), "ada");
  EXPECT_EQ(Value(*back.reply, "deleted_at"), "unset");
  EXPECT_EQ(Count("ListContacts"), "1");
}

TEST_F(WritesTest, ADeletedRowStaysDeletedWhenItsKeyIsTaken) {
  const std::string key = absl::StrCat("id: '", MakeContact("ada"), "'");
  ASSERT_THAT(Call("DeleteContact", key), IsOk());
  MakeContact("ada");
  const CallResult taken = Call("UndeleteContact", key);
  EXPECT_THAT(taken, FailsBecause(StatusCode::ALREADY_EXISTS, "ALREADY_EXISTS"));
  EXPECT_THAT(taken.error.metadata.at("constraint"), ::testing::HasSubstr("email"));
}

TEST_F(WritesTest, ABatchUpdatesEachRowInItsOwnWay) {
  const std::string lamp = MakeProduct("lamp", 10), pen = MakeProduct("pen", 20),
                    ink = MakeProduct("ink", 30);
  const CallResult updated =
      Call("BatchUpdateProducts",
           Product(pen, "name: 'Pen' description: 'blue'") +
               Product(lamp, "", "increment { stock: -3 }") +
               Product(ink, "stock: 1 tags: 'a' tags: 'b'",
                       "update_mask { paths: 'stock' paths: 'tags' paths: 'description' }"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(OfRows(updated, "name"), "Pen,lamp,ink") << "in the order of the requests";
  EXPECT_EQ(OfRows(updated, "stock"), "20,7,1");
  EXPECT_EQ(OfRows(updated, "description"), "blue,unset,unset");
  EXPECT_EQ(OfRows(updated, "tags"), "0,0,2");
  EXPECT_EQ(OfProduct(pen, "name"), "Pen");

  // What a mask takes to its default, and what it leaves out is not looked at.
  ASSERT_THAT(Call("BatchUpdateProducts", Product(pen, "price_cents: -5 slug: 'quill'",
                                                  "update_mask { paths: 'stock' paths: 'slug' }") +
                                              Product(lamp, "price_cents: 5")),
              IsOk());
  EXPECT_EQ(OfProduct(pen, "stock"), "0");
  EXPECT_EQ(OfProduct(pen, "slug"), "quill");
  EXPECT_EQ(OfProduct(lamp, "price_cents"), "5");
}

TEST_F(WritesTest, ABatchIsWrittenAsAWholeOrNotAtAll) {
  const std::string lamp = MakeProduct("lamp", 10), pen = MakeProduct("pen", 20);
  const CallResult missing =
      Call("BatchUpdateProducts",
           Product(lamp, "stock: 0") + Product(kNobody, "stock: 0") + Product(pen, "stock: 0"));
  EXPECT_THAT(missing, Fails(StatusCode::NOT_FOUND));
  EXPECT_EQ(missing.error.metadata.at("field"), "requests[1]");
  EXPECT_THAT(Call("BatchUpdateProducts", Product(lamp, "stock: 0") + Product(pen, "slug: 'lamp'")),
              FailsBecause(StatusCode::ALREADY_EXISTS, "ALREADY_EXISTS"));
  EXPECT_THAT(Call("BatchUpdateProducts",
                   Product(lamp, "stock: 0") + Product(pen, "", "increment { stock: -21 }")),
              FailsBecause(StatusCode::INVALID_ARGUMENT, "CHECK_VIOLATION"));
  EXPECT_EQ(OfProduct(lamp, "stock"), "10");

  const CallResult gone = Call("BatchDeleteProducts", Key(pen) + Key(lamp) + Key(kNobody));
  EXPECT_THAT(gone, Fails(StatusCode::NOT_FOUND));
  EXPECT_EQ(gone.error.metadata.at("field"), "requests[2]");
  EXPECT_EQ(Count("ListProducts"), "2");
  ASSERT_THAT(Call("BatchDeleteProducts", Key(pen) + Key(lamp)), IsOk());
  EXPECT_EQ(Count("ListProducts"), "0");
}

TEST_F(WritesTest, ABatchMarksRowsAsDeleted) {
  const std::string ada = MakeContact("ada"), ben = MakeContact("ben");
  const CallResult deleted = Call("BatchDeleteContacts", Key(ben) + Key(ada));
  ASSERT_THAT(deleted, IsOk());
  EXPECT_EQ(OfRows(deleted, "name"), "ben,ada");
  EXPECT_EQ(Count("ListContacts"), "0");
  EXPECT_THAT(Call("BatchDeleteContacts", Key(ada)), Fails(StatusCode::NOT_FOUND))
      << "a deleted row is none";
}

TEST_F(WritesTest, ABatchMakesRowsAndChangesThoseThatAreThere) {
  MakeContact("ben");
  const auto contact = [](const std::string& name, const std::string& notes) {
    return absl::StrCat("requests { contact { name: '", name, "' email: '", name, "@x' notes: '",
                        notes,
                        "' } conflict_key: CONTACT_KEY_EMAIL "
                        "update_mask { paths: 'notes' } } ");
  };
  const CallResult upserted =
      Call("BatchUpsertContacts", contact("ada", "1") + contact("ben", "2"));
  ASSERT_THAT(upserted, IsOk());
  EXPECT_EQ(OfRows(upserted, "name"), "ada,ben");
  EXPECT_EQ(OfRows(upserted, "notes"), "1,2");
  EXPECT_EQ(Count("ListContacts"), "2");

  // By the primary key, which a deleted row has too.
  const std::string eve = MakeContact("eve");
  ASSERT_THAT(Call("DeleteContact", absl::StrCat("id: '", eve, "'")), IsOk());
  const CallResult refused =
      Call("BatchUpsertContacts",
           absl::StrCat("requests { contact { id: '", kNobody, "' name: 'new' } } ",
                        "requests { contact { id: '", eve, "' name: 'eve' } }"));
  EXPECT_THAT(refused, FailsBecause(StatusCode::FAILED_PRECONDITION, "ROW_DELETED"));
  EXPECT_EQ(refused.error.metadata.at("field"), "requests[1].contact");
  EXPECT_EQ(Count("ListContacts"), "2");
}

TEST_F(WritesTest, ABatchAnswersWithWhatItSelects) {
  const CallResult made = Call("BatchCreateProducts",
                               "requests { product { slug: 'a' name: 'A' stock: 1 } } requests { "
                               "product { slug: 'b' name: 'B' stock: 2 } } select { stock: true }");
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(OfRows(made, "stock"), "1,2");
  EXPECT_EQ(Value(*test::RowsOf(*made.reply)[1], "name"), "");
  const std::string id = Value(*test::RowsOf(*made.reply)[0], "id");
  EXPECT_EQ(id.size(), 36u) << "the key comes along";
  const CallResult updated = Call("BatchUpdateProducts", Product(id, "name: 'C' stock: 5") +
                                                             " select { name: true slug: true }");
  EXPECT_EQ(OfRows(updated, "name"), "C");
  EXPECT_EQ(OfRows(updated, "slug"), "a");
  EXPECT_EQ(OfRows(updated, "stock"), "unset");
  const CallResult upserted = Call("BatchUpsertProducts",
                                   "requests { product { slug: 'b' name: 'D' } conflict_key: "
                                   "PRODUCT_KEY_SLUG } select { name: true }");
  EXPECT_EQ(OfRows(upserted, "name"), "D");
  EXPECT_EQ(OfRows(upserted, "slug"), "");
  const CallResult relation =
      Call("BatchUpdateProducts", Product(id, "stock: 6") + " select { order_items {} }");
  EXPECT_THAT(relation, Fails(StatusCode::INVALID_ARGUMENT));
  ASSERT_EQ(relation.error.violations.size(), 1u);
  EXPECT_EQ(relation.error.violations[0].field, "select.order_items");
}

TEST_F(WritesTest, ABatchWhoseReplyWouldBeTooLargeIsRefused) {
  std::vector<std::string> ids;
  std::string batch;
  for (int i = 0; i < 6; ++i) {
    const CallResult made = Call("CreateContact", absl::StrCat("contact { name: 'c' notes: '",
                                                               std::string(900'000, 'n'), "' }"));
    ASSERT_THAT(made, IsOk());
    absl::StrAppend(&batch, "requests { contact { id: '", Value(*made.reply, "id"),
                    "' phone: '1' } } ");
  }
  EXPECT_THAT(Call("BatchUpdateContacts", batch),
              FailsBecause(StatusCode::INVALID_ARGUMENT, "REPLY_TOO_LARGE"));
  EXPECT_THAT(Call("UpdateManyContacts", "filter {} max_affected: 6 contact { phone: '1' }"),
              IsOk());
}

TEST_F(WritesTest, AFilterSaysWhatIsWritten) {
  for (const char* name : {"ada", "ben", "eve"}) MakeContact(name);
  const CallResult updated = Call("UpdateManyContacts",
                                  "filter { name { in { values: 'ada' values: 'eve' } } } "
                                  "max_affected: 2 contact { notes: 'both' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(Value(*updated.reply, "affected"), "2");
  const std::string both = "filter { notes { eq: 'both' } } max_affected: ";
  EXPECT_THAT(Call("DeleteManyContacts", both + "1"),
              FailsBecause(StatusCode::FAILED_PRECONDITION, "TOO_MANY_ROWS"));
  EXPECT_EQ(Count("ListContacts"), "3") << "nothing is written then";
  const CallResult tried = Call("DeleteManyContacts", both + "2 validate_only: true");
  ASSERT_THAT(tried, IsOk());
  EXPECT_EQ(Value(*tried.reply, "affected"), "2");
  const CallResult deleted = Call("DeleteManyContacts", both + "2");
  ASSERT_THAT(deleted, IsOk());
  EXPECT_EQ(Value(*deleted.reply, "affected"), "2");
  EXPECT_EQ(Count("ListContacts"), "1");
  const CallResult none = Call("DeleteManyContacts", both + "2");
  ASSERT_THAT(none, IsOk()) << "deleted rows are not found";
  EXPECT_EQ(Value(*none.reply, "affected"), "0");
}

TEST_F(WritesTest, AFilterAddsToNumbersAndRemovesRows) {
  MakeProduct("lamp", 10);
  MakeProduct("pen", 20);
  const CallResult updated =
      Call("UpdateManyProducts",
           "filter { stock { gte: 20 } } max_affected: 9 increment { stock: 5 price_cents: 3 }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(Value(*updated.reply, "affected"), "1");
  const CallResult removed =
      Call("DeleteManyProducts", "filter { stock { eq: 25 } } max_affected: 9");
  ASSERT_THAT(removed, IsOk());
  EXPECT_EQ(Value(*removed.reply, "affected"), "1");
  EXPECT_EQ(Count("ListProducts"), "1");
}

TEST_F(WritesTest, AnEtagTellsThatARowHasChanged) {
  const std::string lamp = MakeProduct("lamp", 10), pen = MakeProduct("pen", 20);
  const std::string etag = OfProduct(lamp, "etag");
  EXPECT_NE(etag, "");
  EXPECT_EQ(OfProduct(lamp, "etag"), etag) << "reading changes nothing";
  const auto update = [&](const std::string& with) {
    return Call("UpdateProduct",
                absl::StrCat("product { id: '", lamp, "' name: 'Lamp' } etag: '", with, "'"));
  };
  const CallResult updated = update(etag);
  ASSERT_THAT(updated, IsOk());
  const std::string next = Value(*updated.reply, "etag");
  EXPECT_NE(next, etag);
  EXPECT_EQ(OfProduct(lamp, "etag"), next) << "the answer has that of the written row";
  EXPECT_THAT(update(etag), FailsBecause(StatusCode::ABORTED, "ETAG_MISMATCH"));
  EXPECT_THAT(Call("DeleteProduct", absl::StrCat("id: '", lamp, "' etag: '", etag, "'")),
              FailsBecause(StatusCode::ABORTED, "ETAG_MISMATCH"));

  RunSql(absl::StrCat("UPDATE saas.products SET stock = stock WHERE id = '", lamp, "'"));
  EXPECT_THAT(update(next), FailsBecause(StatusCode::ABORTED, "ETAG_MISMATCH"))
      << "plain SQL is a write too";

  const CallResult batch = Call(
      "BatchUpdateProducts",
      Product(pen, "stock: 0") + Product(lamp, "stock: 0", absl::StrCat("etag: '", etag, "'")));
  EXPECT_THAT(batch, FailsBecause(StatusCode::ABORTED, "ETAG_MISMATCH"));
  EXPECT_EQ(batch.error.metadata.at("field"), "requests[1]");
  EXPECT_EQ(OfProduct(pen, "stock"), "20") << "nothing of the batch is written";
  EXPECT_THAT(Call("BatchDeleteProducts",
                   Key(pen) + Key(lamp, absl::StrCat("etag: '", OfProduct(lamp, "etag"), "'"))),
              IsOk());
}

TEST_F(WritesTest, EtagsAreInListsAndBatchesAndUnderRelations) {
  const std::string lamp = MakeProduct("lamp", 10);
  const std::string etag = OfProduct(lamp, "etag");
  for (const char* order : {"", "order_by { field: PRODUCT_FIELD_NAME }"}) {
    EXPECT_EQ(OfRows(Call("ListProducts", order), "etag"), etag);
  }
  EXPECT_EQ(OfRows(Call("BatchGetProducts", absl::StrCat("ids: '", lamp, "'")), "etag"), etag);
  const CallResult updated = Call("UpdateProduct", absl::StrCat("product { id: '", lamp,
                                                                "' name: 'Lamp' } select { etag: "
                                                                "true order_items {} }"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(Value(*updated.reply, "etag"), OfProduct(lamp, "etag"));
}

TEST_F(WritesTest, OfManyWhoReadTheSameEtagOneWrites) {
  const std::string lamp = MakeProduct("lamp", 0);
  constexpr int kWriters = 8;
  const std::string etag = OfProduct(lamp, "etag");
  std::atomic<int> written = 0, refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&] {
      const CallResult result = Call("UpdateProduct", absl::StrCat("product { id: '", lamp,
                                                                   "' } increment { stock: 1 } "
                                                                   "etag: '",
                                                                   etag, "'"));
      written += result.ok();
      refused += result.error.reason == "ETAG_MISMATCH";
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 1);
  EXPECT_EQ(refused, kWriters - 1);
  EXPECT_EQ(OfProduct(lamp, "stock"), "1");
}

TEST_F(WritesTest, BatchesOfTheSameRowsDoNotDeadlock) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(MakeProduct(absl::StrCat("p", i), 0));
  std::string up, down;
  for (int i = 0; i < 20; ++i) {
    up += Product(ids[i], "", "increment { stock: 1 }");
    down += Product(ids[19 - i], "", "increment { stock: 1 }");
  }
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 5; ++n) {
        failed += !Call("BatchUpdateProducts", i % 2 == 0 ? up : down).ok();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(OfProduct(ids[7], "stock"), "30");
}

}  // namespace
}  // namespace tenantry::e2e
