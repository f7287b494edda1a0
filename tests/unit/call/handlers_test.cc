// Hand-written methods without a database or a transport: what their frame does before a statement
// runs, and what registration refuses.
#include "server/call/handlers.h"

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/status.h"
#include "tests/support/notebook.h"
#include "written/v1/notebook.pb.h"

namespace tenantry::call {
namespace {

using ::testing::HasSubstr;
using written::v1::LookUpRequest;
using written::v1::ReadNameRequest;
using written::v1::ReadNameResponse;

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";
constexpr char kReadName[] = "/written.v1.NotebookService/ReadName";
constexpr char kLookUp[] = "/written.v1.NotebookService/LookUp";

class FakeCall final : public IncomingCall {
 public:
  FakeCall(std::string bytes, std::map<std::string, std::string> headers)
      : bytes_(std::move(bytes)), headers_(std::move(headers)) {}

  std::optional<std::string_view> Header(std::string_view name) const override {
    auto it = headers_.find(std::string(name));
    if (it == headers_.end()) return std::nullopt;
    return it->second;
  }
  int HeaderCount(std::string_view name) const override {
    return static_cast<int>(headers_.count(std::string(name)));
  }
  absl::Time deadline() const override { return deadline_; }
  absl::StatusOr<std::string_view> RequestBytes() override {
    ++looked_at_;
    return bytes_;
  }
  bool cancelled() const override { return cancelled_; }
  void AddTrailer(const std::string&, const std::string&) override {}
  void Succeed(std::string& reply) override {
    reply_ = std::move(reply);
    reply.clear();
    ended_.Notify();
  }
  void Fail(const absl::Status& status, std::string_view request_id) override {
    status_ = status;
    request_id_ = request_id;
    ended_.Notify();
  }

  const absl::Status& Wait() {
    ended_.WaitForNotification();
    return status_;
  }

  absl::Time deadline_ = absl::InfiniteFuture();
  bool cancelled_ = false;
  int looked_at_ = 0;
  std::string reply_, request_id_;

 private:
  const std::string bytes_;
  const std::map<std::string, std::string> headers_;
  absl::Status status_;
  absl::Notification ended_;
};

// Ends every transaction with an outcome, and runs no code: a transaction cannot be made here.
class FakeRunner final : public pg::InteractiveRunner {
 public:
  void Read(const pg::InteractiveTerms& terms,
            absl::FunctionRef<absl::Status(pg::ReadTransaction&)>, Done done) override {
    Run(terms, done);
  }
  void Write(const pg::InteractiveTerms& terms,
             absl::FunctionRef<absl::Status(pg::WriteTransaction&)>, Done done) override {
    Run(terms, done);
  }

  absl::Status outcome_;
  int runs_ = 0;
  std::string tenant_, request_id_;
  absl::Time deadline_;
  bool cancelled_ = false;
  absl::Notification* wait_for_ = nullptr;

 private:
  void Run(const pg::InteractiveTerms& terms, Done done) {
    ++runs_;
    tenant_ = terms.identity.tenant_text();
    request_id_ = terms.request_id;
    deadline_ = terms.deadline;
    cancelled_ = terms.cancelled();
    if (wait_for_ != nullptr) wait_for_->WaitForNotification();
    done(outcome_);
  }
};

class HandlersTest : public ::testing::Test {
 protected:
  HandlersTest() { tenantry::test::AddNotebook(handlers_); }

  Method& Find(std::string_view path) {
    if (methods_.empty()) methods_ = handlers_.Take();
    for (auto& method : methods_) {
      if (method->path() == path) return *method;
    }
    throw std::logic_error("no method " + std::string(path));
  }
  std::unique_ptr<FakeCall> Call(std::string_view path, const std::string& bytes,
                                 std::map<std::string, std::string> headers = {
                                     {"x-tenant-id", kTenant}, {"x-request-id", "abc"}}) {
    auto call = std::make_unique<FakeCall>(bytes, std::move(headers));
    Find(path).Handle(*call);
    return call;
  }
  // On the calling thread.
  void Submit(pg::TenantTransaction* transaction) {
    ++submitted_;
    access_ = transaction->access();
    for (const pg::Statement& statement : transaction->statements) {
      sql_.push_back(statement.text->sql);
      names_.push_back(statement.text->name);
      parameters_.push_back(statement.params.size());
    }
    EXPECT_FALSE(transaction->may_share);
    EXPECT_EQ(transaction->request_id, "abc");
    transaction->Done(outcome_, {});
  }

  absl::Status outcome_ = absl::UnavailableError("x");
  int submitted_ = 0;
  pg::Access access_{};
  std::vector<std::string> sql_, names_;
  std::vector<std::size_t> parameters_;

  MetricRegistry metrics_;
  identity::MetadataAuthenticator authenticator_{{}};
  Environment environment_{.authenticator = authenticator_,
                           .submit = [this](pg::TenantTransaction* t) { Submit(t); },
                           .violations_max = 50,
                           .reply_bytes_max = 4 << 20,
                           .metrics = metrics_};
  FakeRunner runner_;
  WorkerPool workers_{1, 1};
  Handlers handlers_{environment_, runner_, workers_};
  MethodList methods_;
};

TEST_F(HandlersTest, IdentityComesBeforeTheBytes) {
  for (const char* path : {kReadName, kLookUp}) {
    auto call = Call(path, "\xff not even a message", {});
    EXPECT_EQ(ReasonOf(call->Wait()), "TENANT_MISSING") << path;
    EXPECT_EQ(call->looked_at_, 0);
    EXPECT_EQ(call->request_id_.size(), 36u) << "one of our own";
  }
  EXPECT_EQ(runner_.runs_ + submitted_, 0);
}

TEST_F(HandlersTest, UndecodableBytesAreTheCallersFault) {
  for (const char* path : {kReadName, kLookUp}) {
    EXPECT_EQ(Call(path, "\x0a\x24 too short")->Wait().code(), absl::StatusCode::kInvalidArgument);
    auto call = Call(path, std::string("\x0a\x01\xff"));
    EXPECT_EQ(call->Wait().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(DetailsOf(call->Wait()).violations.at(0).field, "contact_id");
    EXPECT_EQ(call->request_id_, "abc");
  }
  EXPECT_EQ(runner_.runs_ + submitted_, 0);
}

TEST_F(HandlersTest, TheTransactionCarriesWhoCallsAndUntilWhen) {
  auto call = std::make_unique<FakeCall>(
      "", std::map<std::string, std::string>{{"x-tenant-id", kTenant}, {"x-request-id", "abc"}});
  call->deadline_ = absl::Now() + absl::Seconds(7);
  call->cancelled_ = true;
  runner_.outcome_ = absl::AbortedError("x");
  Find(kReadName).Handle(*call);
  EXPECT_EQ(call->Wait().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(runner_.tenant_, kTenant);
  EXPECT_EQ(runner_.request_id_, "abc");
  EXPECT_EQ(runner_.deadline_, call->deadline_);
  EXPECT_TRUE(runner_.cancelled_);
}

TEST_F(HandlersTest, StatementsThatAreKnownAtOnceGoTogether) {
  Call(kLookUp, "")->Wait().IgnoreError();
  Call(kLookUp, "")->Wait().IgnoreError();
  ASSERT_EQ(submitted_, 2);
  EXPECT_EQ(access_, pg::Access::kReadOnly);
  ASSERT_EQ(sql_.size(), 4u);
  EXPECT_THAT(sql_[0], HasSubstr("SELECT name"));
  EXPECT_THAT(sql_[1], HasSubstr("count(*)"));
  EXPECT_EQ(parameters_, (std::vector<std::size_t>{1, 0, 1, 0}));
  EXPECT_EQ(names_[0], names_[2]) << "prepared once";
  EXPECT_NE(names_[0], names_[1]);
  Call("/written.v1.NotebookService/AddContacts", "")->Wait().IgnoreError();
  EXPECT_EQ(access_, pg::Access::kReadWrite);
}

TEST_F(HandlersTest, AMethodWithoutAStatementIsAMistake) {
  written::v1::MisbehaveAtOnceRequest request;
  request.set_misdeed(written::v1::MISDEED_NO_STATEMENT);
  auto call = Call("/written.v1.NotebookService/MisbehaveAtOnce", request.SerializeAsString());
  EXPECT_EQ(call->Wait().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(submitted_, 0);
}

TEST_F(HandlersTest, OutcomesAreCountedForEachMethod) {
  runner_.outcome_ = absl::AbortedError("x");
  Call(kReadName, "")->Wait().IgnoreError();
  Call(kReadName, "", {})->Wait().IgnoreError();
  Call(kLookUp, "")->Wait().IgnoreError();
  const std::string text = metrics_.Render();
  const std::string service = "{service=\"written.v1.NotebookService\",";
  EXPECT_THAT(text,
              HasSubstr("tenantry_calls_started_total" + service + "method=\"ReadName\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(service + "method=\"ReadName\",code=\"ABORTED\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(service + "method=\"ReadName\",code=\"UNAUTHENTICATED\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(service + "method=\"LookUp\",code=\"UNAVAILABLE\"} 1\n"));
}

TEST_F(HandlersTest, MoreCallsThanMayWaitAreRefused) {
  absl::Notification go_on;
  runner_.wait_for_ = &go_on;
  std::vector<std::unique_ptr<FakeCall>> calls;
  int refused = 0;
  for (int i = 0; i < 10; ++i) calls.push_back(Call(kReadName, ""));
  go_on.Notify();
  for (auto& call : calls) refused += ReasonOf(call->Wait()) == "QUEUE_FULL";
  EXPECT_GE(refused,
            7);  // one runs and one waits; a worker that is slow to begin makes it one more
  EXPECT_LT(refused, 10);
}

TEST_F(HandlersTest, OnlyInteractiveMethodsHearOfCancellation) {
  EXPECT_TRUE(Find(kReadName).hears_cancellation());
  EXPECT_FALSE(Find(kLookUp).hears_cancellation());
}

template <typename Handler>
std::string WhyNot(Handlers& handlers, std::string_view name, Handler handler) {
  try {
    handlers.Add(name, handler);
    return "";
  } catch (const std::logic_error& error) {
    return error.what();
  }
}

TEST_F(HandlersTest, RegistrationRefusesWhatDoesNotFit) {
  auto read_name = [](const ReadNameRequest&,
                      pg::ReadTransaction&) -> absl::StatusOr<ReadNameResponse> {
    return ReadNameResponse();
  };
  auto other_request = [](const LookUpRequest&,
                          pg::ReadTransaction&) -> absl::StatusOr<ReadNameResponse> {
    return ReadNameResponse();
  };
  auto other_reply = [](const ReadNameRequest&,
                        pg::ReadTransaction&) -> absl::StatusOr<ReadNameRequest> {
    return ReadNameRequest();
  };
  auto watch = [](const written::v1::WatchRequest&,
                  pg::ReadTransaction&) -> absl::StatusOr<written::v1::WatchResponse> {
    return written::v1::WatchResponse();
  };
  Handlers handlers(environment_, runner_, workers_);
  const std::string name = "written.v1.NotebookService/ReadName";
  EXPECT_THAT(WhyNot(handlers, "written.v1.NotebookService", read_name),
              HasSubstr("package.Service/Method"));
  EXPECT_THAT(WhyNot(handlers, "written.v1.NotebookService/Nothing", read_name),
              HasSubstr("compiled in"));
  EXPECT_THAT(WhyNot(handlers, name, other_request),
              HasSubstr("its request is written.v1.ReadNameRequest, and the function's is "
                        "written.v1.LookUpRequest"));
  EXPECT_THAT(WhyNot(handlers, name, other_reply), HasSubstr("its reply is"));
  EXPECT_THAT(WhyNot(handlers, "written.v1.NotebookService/Watch", watch), HasSubstr("stream"));
  EXPECT_EQ(WhyNot(handlers, name, read_name), "");
  EXPECT_THAT(WhyNot(handlers, name, read_name), HasSubstr("twice"));
  EXPECT_THAT(handlers.service_names(), ::testing::ElementsAre(tenantry::test::kNotebook));
}

// Statements are said to the frame's own list alone.
static_assert(!std::is_constructible_v<ReadStatements, pg::TenantTransaction&>);
static_assert(!std::is_constructible_v<WriteStatements, pg::TenantTransaction&>);
static_assert(!std::is_copy_constructible_v<WriteStatements>);

}  // namespace
}  // namespace tenantry::call
