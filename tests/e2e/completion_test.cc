// Completion in the shells themselves: keys go in, and the line that the shell makes of them comes
// out.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.pb.h"
#include "tests/e2e/terminal.h"
#include "tests/unit/client/fake_server.h"

namespace tenantry::test {
namespace {

using client::testing::FakeServer;
using ::testing::HasSubstr;
using ::testing::Not;

bool IsInstalled(const std::string& program) {
  for (const absl::string_view folder : absl::StrSplit(std::getenv("PATH"), ':')) {
    if (access(absl::StrCat(folder, "/", program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

struct Shell {
  const char* name;
  std::vector<std::string> words;
  // Loads the script, and binds C-o to write the line to $DUMP. The file appears whole.
  const char* setup;
};

const Shell kBash = {
    "bash",
    {"bash", "--norc", "--noprofile", "-i"},
    "source <(tenantry completion bash); "
    "save() { printf %s \"$READLINE_LINE\" >\"$DUMP.new\"; mv \"$DUMP.new\" \"$DUMP\"; }; "
    "bind -x '\"\\C-o\": save'; READLINE_LINE=ready save\r"};
const Shell kZsh = {
    "zsh",
    {"zsh", "-f", "-i"},
    "autoload -Uz compinit; compinit -u -D; source <(tenantry completion zsh); bindkey -e; "
    "save() { print -rn -- \"$BUFFER\" >$DUMP.new; mv $DUMP.new $DUMP }; "
    "zle -N save; bindkey '^o' save; BUFFER=ready; save; unset BUFFER\r"};
const Shell kFish = {"fish",
                     {"fish", "--no-config", "-i"},
                     "tenantry completion fish | source; "
                     "function save; commandline >$DUMP.new; mv $DUMP.new $DUMP; end; "
                     "bind \\co save; echo ready >$DUMP.new; mv $DUMP.new $DUMP\r"};

class CompletionTest : public ::testing::TestWithParam<const Shell*> {
 protected:
  CompletionTest() : folder_(std::filesystem::temp_directory_path()) {
    folder_ /= absl::StrCat("e2e_completion_", getpid());
    std::filesystem::create_directories(folder_ / "rows here");
    std::ofstream(folder_ / "file.json") << "{}";
    std::ofstream(folder_ / "settings.json")
        << R"({"tenants": {"acme": "01920000-0000-7000-8000-00000000ac3e"}})";
  }
  ~CompletionTest() override { std::filesystem::remove_all(folder_); }

  void Start(const std::string& server) {
    const std::string path =
        absl::StrCat(std::getenv("TENANTRY_BIN_DIR"), ":", std::getenv("PATH"));
    const std::string home = folder_.string();
    shell_ = std::make_unique<Terminal>(
        GetParam()->words,
        std::map<std::string, std::string>{{"PATH", path},
                                           {"HOME", home},
                                           {"DUMP", home + "/dump"},
                                           {"TERM", "xterm"},
                                           {"HISTFILE", ""},
                                           {"INPUTRC", "/dev/null"},
                                           {"TENANTRY_CONFIG", home + "/settings.json"},
                                           {"TENANTRY_SERVER", server}});
    shell_->Type(absl::StrCat("cd '", home, "'\r", GetParam()->setup));
    ASSERT_THAT(shell_->Await(home + "/dump"), HasSubstr("ready"));
  }

  // The line after the tab key.
  std::string Tab(const std::string& typed) {
    shell_->Type(typed + "\t\x0f");
    std::string line = shell_->Await(folder_.string() + "/dump");
    if (line.ends_with("\n")) line.pop_back();
    shell_->Type("\x15");  // C-u: the line is gone
    return line;
  }

  FakeServer server_;
  std::filesystem::path folder_;
  std::unique_ptr<Terminal> shell_;
};

TEST_P(CompletionTest, TheLineGoesOn) {
  if (!IsInstalled(GetParam()->name)) GTEST_SKIP() << GetParam()->name << " is not installed";
  Start(server_.address());
  const std::string list = "tenantry order list ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"tenantry cont", "tenantry contact "},
      {"tenantry contact batch-g", "tenantry contact batch-get "},
      {"tenantry --tenant ac", "tenantry --tenant acme "},
      {"tenantry contact create --ty", "tenantry contact create --type "},
      {"tenantry contact create --type=comp", "tenantry contact create --type=company "},
      {"tenantry contact create --data @fi", "tenantry contact create --data @file.json "},
      {list + "--where stat", list + "--where status"},
      {list + "--where status=ship", list + "--where status=shipped "},
      {list + "--where status=pending,ship", list + "--where status=pending,shipped "},
      {list + "--where 'status=ship", list + "--where 'status=shipped' "},
      {list + "--where contact.type=comp", list + "--where contact.type=company "},
      {list + "--where items.ev", list + "--where items.every."},
      {list + "--select id,items.pro", list + "--select id,items.product"},
      {list + "--select id,items.product.sl", list + "--select id,items.product.slug"},
      {list + "--order -tot", list + "--order -total_cents"},
      {list + "--order total_cents:nulls-f", list + "--order total_cents:nulls-first"},
  };
  for (const auto& [typed, wanted] : cases) {
    std::string line = Tab(typed);
    // A shell gets no candidates from a server that takes a second; a busy machine's may.
    for (int more = 0; more < 5 && line == typed; ++more) line = Tab(typed);
    // fish ends every word that it completes with a space, unless a sign like `.` stands there.
    if (GetParam() == &kFish && line == wanted + " ") line.pop_back();
    EXPECT_EQ(line, wanted) << typed << "\n" << shell_->output();
  }
}

TEST_P(CompletionTest, WithoutAServerNothingIsSaid) {
  if (!IsInstalled(GetParam()->name)) GTEST_SKIP() << GetParam()->name << " is not installed";
  Start("unix:/nowhere.sock");
  EXPECT_EQ(Tab("tenantry cont"), "tenantry cont");
  EXPECT_EQ(Tab("tenantry order list --where stat"), "tenantry order list --where stat");
  EXPECT_EQ(Tab("tenantry comp"), "tenantry completion ");
  EXPECT_THAT(shell_->output(), Not(HasSubstr("error")));
}

INSTANTIATE_TEST_SUITE_P(Shells, CompletionTest, ::testing::Values(&kBash, &kZsh, &kFish),
                         [](const auto& info) { return info.param->name; });

}  // namespace
}  // namespace tenantry::test
