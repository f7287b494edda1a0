// Completion of whole lines against a server in this process.
#include "client/cli/completion.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_split.h"
#include "client/cli/failure.h"
#include "client/cli/program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.pb.h"
#include "tests/unit/client/fake_server.h"

namespace tenantry::cli {
namespace {

using client::testing::FakeServer;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using Words = std::vector<std::string>;

constexpr char kBreaks[] = " \t\n\"'@><=;|&(:";

class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() : folder_(std::filesystem::temp_directory_path() / "completion_test") {
    folder_ += std::to_string(getpid());
    std::filesystem::create_directories(folder_ / "rows");
    std::ofstream(folder_ / "rows.json") << "{}";
    std::ofstream(folder_ / "rows" / "more.json") << "{}";
    std::ofstream(folder_ / ".tenantry.json")
        << R"({"tenants": {"acme": "01920000-0000-7000-8000-00000000ac3e",
                           "globex": "01920000-0000-7000-8000-000000000b0b"}})";
  }
  ~CompletionTest() override { std::filesystem::remove_all(folder_); }

  std::string Run(Words words) {
    std::ostringstream out, err;
    const Surroundings surroundings{.out = out,
                                    .err = err,
                                    .input = {},
                                    .environment = [](const std::string&) { return std::nullopt; },
                                    .folder = folder_};
    EXPECT_EQ(RunProgram(words, surroundings), kDone);
    EXPECT_EQ(err.str(), "");
    return out.str();
  }

  // Candidates, with a space behind those that end the word.
  Words Complete(Words words) {
    words.insert(words.begin(), {"--server", server_.address(), "__complete", "--"});
    Words candidates;
    for (const absl::string_view line : absl::StrSplit(Run(words), '\n', absl::SkipEmpty())) {
      candidates.emplace_back(line.substr(0, line.find('\t')));
    }
    return candidates;
  }

  Words List(const std::string& flag, const std::string& value) {
    return Complete({"order", "list", flag, value});
  }

  Words Readline(const std::string& line) {
    return absl::StrSplit(
        Run({"--server", server_.address(), "__complete", "--readline", line, kBreaks}), '\n',
        absl::SkipEmpty());
  }

  FakeServer server_;
  std::filesystem::path folder_;
};

TEST_F(CompletionTest, CommandsResourcesAndMethods) {
  EXPECT_THAT(Complete({"cont"}), ElementsAre("contact "));
  EXPECT_THAT(Complete({""}), IsSupersetOf({"methods ", "health ", "contact ", "order-item "}));
  EXPECT_THAT(Complete({"contact", "batch-"}),
              ElementsAre("batch-get ", "batch-create ", "batch-update ", "batch-delete ",
                          "batch-upsert "));
  EXPECT_THAT(Complete({"-t", "acme", "contact", "-o", "json", "batch-g"}),
              ElementsAre("batch-get "));
  EXPECT_THAT(Complete({"describe", "cont"}), ElementsAre("contact "));
  EXPECT_THAT(Complete({"help", "contact", "batch-g"}), ElementsAre("batch-get "));
  EXPECT_THAT(Complete({"completion", ""}), ElementsAre("bash ", "zsh ", "fish "));
  EXPECT_THAT(Complete({"call", "saas.v1.ContactService/L"}),
              ElementsAre("saas.v1.ContactService/ListContacts "));
  EXPECT_THAT(Complete({"health", "saas.v1.Cont"}), ElementsAre("saas.v1.ContactService "));
  EXPECT_THAT(Complete({"contact", "get", ""}), IsEmpty());
  EXPECT_THAT(Complete({"nothing", ""}), IsEmpty());
}

TEST_F(CompletionTest, FlagsAndTheirValues) {
  EXPECT_THAT(Complete({"contact", "create", "--ty"}), ElementsAre("--type "));
  EXPECT_THAT(Complete({"contact", "list", "--"}),
              IsSupersetOf({"--where ", "--select ", "--order ", "--total ", "--tenant "}));
  EXPECT_THAT(Complete({"contact", "create", "--type", "com"}), ElementsAre("company "));
  EXPECT_THAT(Complete({"contact", "create", "--type=com"}), ElementsAre("--type=company "));
  EXPECT_THAT(Complete({"contact", "create", "--contact.type", "p"}), ElementsAre("partner "));
  EXPECT_THAT(Complete({"contact", "create", "--set", "typ"}), ElementsAre("type="));
  EXPECT_THAT(Complete({"contact", "create", "--set", "type=p"}), ElementsAre("type=partner "));
  EXPECT_THAT(Complete({"contact", "update", "x", "--clear", "pho"}), ElementsAre("phone"));
  EXPECT_THAT(Complete({"contact", "update", "x", "--mask", "phone,em"}),
              ElementsAre("phone,email"));
  EXPECT_THAT(Complete({"contact", "list", "--total", ""}), ElementsAre("estimated ", "exact "));
  EXPECT_THAT(Complete({"contact", "list", "-o", ""}), ElementsAre("table ", "json ", "ndjson "));
  EXPECT_THAT(Complete({"contact", "list", "--columns", "id,na"}), ElementsAre("id,name"));
  EXPECT_THAT(Complete({"contact", "list", "--page-size", ""}), IsEmpty());
  EXPECT_THAT(Complete({"contact", "list", "--show-deleted", "--ord"}), ElementsAre("--order "))
      << "a switch takes no value";
}

TEST_F(CompletionTest, Conditions) {
  EXPECT_THAT(List("--where", "total_c"),
              ElementsAre("total_cents=", "total_cents!=", "total_cents<",
                          "total_cents<=", "total_cents>", "total_cents>="));
  EXPECT_THAT(List("--where", ""), IsSupersetOf({"status=", "contact.", "items."}));
  EXPECT_THAT(List("--where", "contact.na"),
              ElementsAre("contact.name=", "contact.name!=", "contact.name~", "contact.name<",
                          "contact.name<=", "contact.name>", "contact.name>="));
  EXPECT_THAT(List("--where", "items.ev"), ElementsAre("items.every."));
  EXPECT_THAT(List("--where", "items.none.product.sl"), Contains("items.none.product.slug="));
  EXPECT_THAT(List("--where", "items.product.sl"), Contains("items.product.slug="));
  EXPECT_THAT(List("--where", "contact.name.il"), ElementsAre("contact.name.ilike="));
  EXPECT_THAT(List("--where", "status=ship"), ElementsAre("status=shipped "));
  EXPECT_THAT(List("--where", "status!=pending,ship"), ElementsAre("status!=pending,shipped "));
  EXPECT_THAT(List("--where", "status.in=pending,ship"), ElementsAre("status.in=pending,shipped "));
  EXPECT_THAT(
      List("--where", "contact.type="),
      ElementsAre("contact.type=individual ", "contact.type=company ", "contact.type=partner "));
  EXPECT_THAT(List("--where", "contact.is_active=f"), ElementsAre("contact.is_active=false "));
  EXPECT_THAT(Complete({"order", "list", "--where=status=ship"}),
              ElementsAre("--where=status=shipped "));
  for (const char* nothing : {"contact.name=A", "contact=", "nmae=", "nobody.", "status.x.", "="}) {
    EXPECT_THAT(List("--where", nothing), IsEmpty()) << nothing;
  }
}

TEST_F(CompletionTest, OrdersAndSelects) {
  EXPECT_THAT(List("--order", "-tot"), ElementsAre("-total_cents"));
  EXPECT_THAT(List("--order", "status,-contact.na"), ElementsAre("status,-contact.name"));
  EXPECT_THAT(List("--order", "cont"), ElementsAre("contact_id", "contact."));
  EXPECT_THAT(List("--order", "total_cents:nulls-f"), ElementsAre("total_cents:nulls-first"));
  EXPECT_THAT(List("--order", "nobody."), IsEmpty());
  EXPECT_THAT(List("--order", "ra"), IsEmpty()) << "orders are not searched";
  EXPECT_THAT(Complete({"product", "list", "--order", "ra"}), ElementsAre("rank"));
  EXPECT_THAT(List("--select", "id,con"), ElementsAre("id,contact_id", "id,contact."));
  EXPECT_THAT(List("--select", "items.product.na"), ElementsAre("items.product.name"));
  EXPECT_THAT(List("--select", "items:5.product.na"), ElementsAre("items:5.product.name"));
  EXPECT_THAT(List("--select", "total_cents,total"), IsEmpty()) << "it is selected already";
  EXPECT_THAT(List("--select", "nobody."), IsEmpty());
  EXPECT_THAT(Complete({"contact", "get", "x", "--select", "nam"}), ElementsAre("name"));
}

TEST_F(CompletionTest, TenantsOfTheSettings) {
  EXPECT_THAT(Complete({"--tenant", ""}), ElementsAre("acme ", "globex "));
  EXPECT_THAT(Complete({"contact", "list", "-t", "gl"}), ElementsAre("globex "));
  EXPECT_THAT(Complete({"contact", "list", "--tenant=ac"}), ElementsAre("--tenant=acme "));
  EXPECT_THAT(Complete({"-t", "unknown", "cont"}), ElementsAre("contact "))
      << "the server says the same to everyone";
}

TEST_F(CompletionTest, Files) {
  const auto data = [&](const std::string& value) {
    return Complete({"contact", "create", "--data", value});
  };
  EXPECT_THAT(data(""), ElementsAre("@", "- "));
  EXPECT_THAT(data("@ro"), ElementsAre("@rows/", "@rows.json "));
  EXPECT_THAT(data("@rows/"), ElementsAre("@rows/more.json "));
  EXPECT_THAT(data("@" + folder_.string() + "/rows/m"),
              ElementsAre("@" + folder_.string() + "/rows/more.json "));
  EXPECT_THAT(data("@nowhere/"), IsEmpty());
  EXPECT_THAT(data("@."), Contains("@.tenantry.json "));
  EXPECT_THAT(Complete({"--tls-ca", "rows.j"}), ElementsAre("rows.json "));
}

TEST_F(CompletionTest, TheLineNamesTheServer) {
  const Words elsewhere = absl::StrSplit(
      Run({"__complete", "--", "--server", server_.address(), "cont"}), '\n', absl::SkipEmpty());
  ASSERT_EQ(elsewhere.size(), 1u);
  EXPECT_TRUE(elsewhere[0].starts_with("contact \t"));
}

TEST_F(CompletionTest, WithoutAServerThereIsWhatTheProgramKnows) {
  const auto alone = [&](Words words) {
    words.insert(words.begin(), {"--server", "unix:/nowhere.sock", "__complete", "--"});
    return Run(words);
  };
  EXPECT_TRUE(alone({"comp"}).starts_with("completion \t"));
  EXPECT_TRUE(alone({"-t", "ac"}).starts_with("acme \t"));
  EXPECT_EQ(alone({"contact", "list", "--where", "ty"}), "");
}

TEST_F(CompletionTest, ReadlineReplacesWhatStandsBehindABreak) {
  EXPECT_THAT(Readline("tenantry cont"), ElementsAre("contact "));
  EXPECT_THAT(Readline("tenantry order list --where status=ship"), ElementsAre("shipped "));
  EXPECT_THAT(Readline("tenantry order list --where 'status=ship"), ElementsAre("status=shipped "));
  EXPECT_THAT(Readline("tenantry order list --where status=pending,ship"),
              ElementsAre("pending,shipped "));
  EXPECT_THAT(Readline("tenantry order list --where=status=ship"), ElementsAre("shipped "));
  EXPECT_THAT(Readline("tenantry order list --order total_cents:nulls-f"),
              ElementsAre("nulls-first"));
  EXPECT_THAT(Readline("tenantry contact create --data @rows."), ElementsAre("@rows.json "));
  EXPECT_THAT(Readline("tenantry order list --where total_c"), Contains("total_cents\\>="));
  EXPECT_THAT(Readline("tenantry order list --where \"total_c"), Contains("total_cents>="));
  EXPECT_THAT(Readline("tenantry order list --where total_cents\\>"), IsEmpty());
  EXPECT_THAT(Readline("tenantry  'contact'\tcreate --name 'a b' --type com"),
              ElementsAre("company "));
}

TEST(SplitLineTest, CutsWordsAsShellsDo) {
  const BegunLine plain = SplitLine("a 'b c' d\\ e \"f\\\"g\" h");
  EXPECT_THAT(plain.words, ElementsAre("a", "b c", "d e", "f\"g", "h"));
  EXPECT_EQ(plain.quote, 0);
  const BegunLine open = SplitLine("a --x 'b=c d");
  EXPECT_THAT(open.words, ElementsAre("a", "--x", "b=c d"));
  EXPECT_EQ(open.raw, "'b=c d");
  EXPECT_EQ(open.quote, '\'');
  EXPECT_THAT(SplitLine("a ").words, ElementsAre("a", ""));
  EXPECT_THAT(SplitLine("").words, ElementsAre(""));
  EXPECT_THAT(SplitLine("a ''").words, ElementsAre("a", ""));
  EXPECT_THAT(SplitLine("a\\").words, ElementsAre("a"));
}

}  // namespace
}  // namespace tenantry::cli
