#include "server/grpc/raw_service.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/sync_stream.h"
#include "gtest/gtest.h"
#include "server/call/worker_pool.h"
#include "tests/unit/grpc/in_process.h"

namespace tenantry::rpc {
namespace {

// Any message will do.
using Message = grpc::health::v1::HealthCheckRequest;
using ClientStream = grpc::ClientReaderWriter<Message, Message>;

constexpr char kEcho[] = "/x.Service/Echo";
constexpr char kFail[] = "/x.Service/Fail";
constexpr char kEchoes[] = "/x.Service/Echoes";

// What became of the streams that were made.
struct Streams {
  std::atomic<int> alive{0}, cancelled{0}, done{0};
};

// Sends back what it gets until the client has no more to say.
class EchoStream final : public StreamCall {
 public:
  explicit EchoStream(Streams& streams) : streams_(streams) { ++streams_.alive; }
  ~EchoStream() override { --streams_.alive; }

 private:
  void OnOpen() override { StartRead(); }
  void OnReadDone(bool ok) override {
    Message message;
    const grpc::Status parsed = ok ? ParseRead(message) : grpc::Status::OK;
    if (ok && parsed.ok()) return StartWrite(message);
    FinishOnce(parsed);
  }
  void OnWriteDone(bool ok) override { ok ? StartRead() : FinishOnce(grpc::Status::CANCELLED); }
  void OnCancel() override { ++streams_.cancelled; }  // the read under way fails
  void OnDone() override { ++streams_.done; }

  void FinishOnce(const grpc::Status& status) {
    if (!std::exchange(finished_, true)) Finish(status);
  }

  Streams& streams_;
  bool finished_ = false;
};

class TestService final : public RawService {
 public:
  TestService(Streams& streams, call::WorkerPool& workers) {
    // From another thread, as a lane's replies come.
    AddUnary(kEcho, [&workers](UnaryCall& call) {
      EXPECT_TRUE(workers.TryRun([&call] {
        call.reply() = call.request();
        call.Finish(grpc::Status::OK);
      }));
    });
    AddUnary(kFail, [](UnaryCall& call) {
      call.Finish({grpc::StatusCode::DATA_LOSS, "as asked"});
    });
    AddStream(kEchoes, [&streams] { return std::make_unique<EchoStream>(streams); });
  }
};

class RawServiceTest : public ::testing::Test {
 protected:
  // As a server's lanes, the workers end before the loop does.
  void TearDown() override { workers_.reset(); }

  std::unique_ptr<ClientStream> Open(grpc::ClientContext& context) {
    grpc::internal::RpcMethod method(kEchoes, grpc::internal::RpcMethod::BIDI_STREAMING,
                                     server_->channel());
    return std::unique_ptr<ClientStream>(
        grpc::internal::ClientReaderWriterFactory<Message, Message>::Create(
            server_->channel().get(), method, &context));
  }

  static std::string Exchange(ClientStream& stream, const std::string& text) {
    Message message, reply;
    message.set_service(text);
    return stream.Write(message) && stream.Read(&reply) ? reply.service() : "no reply";
  }

  Streams streams_;
  std::unique_ptr<call::WorkerPool> workers_ = std::make_unique<call::WorkerPool>(4, 1000);
  TestService service_{streams_, *workers_};
  std::unique_ptr<InProcessServer> server_ =
      std::make_unique<InProcessServer>(std::initializer_list<RawService*>{&service_});
};

// One call of each method waits at a time: all the others must be taken up all the same.
TEST_F(RawServiceTest, ManyCallsAtOnceGetTheirOwnReplies) {
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int client = 0; client < 16; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 50; ++i) {
        grpc::ClientContext context;
        std::string sent = "call " + std::to_string(client) + "/" + std::to_string(i), reply;
        if (server_->Call(kEcho, context, sent, &reply).ok() && reply == sent) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 16 * 50);
}

TEST_F(RawServiceTest, TheStatusReachesTheCaller) {
  grpc::ClientContext context;
  grpc::Status status = server_->Call(kFail, context, "x");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(status.error_message(), "as asked");
}

TEST_F(RawServiceTest, StreamsRunSideBySide) {
  grpc::ClientContext first_context, second_context;
  auto first = Open(first_context), second = Open(second_context);
  EXPECT_EQ(Exchange(*first, "a"), "a");
  EXPECT_EQ(Exchange(*second, "b"), "b");
  EXPECT_EQ(Exchange(*first, "c"), "c");
  for (ClientStream* stream : {first.get(), second.get()}) {
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
  server_.reset();
  EXPECT_EQ(streams_.done, 2);
  EXPECT_EQ(streams_.cancelled, 0);
  EXPECT_EQ(streams_.alive, 0);
}

TEST_F(RawServiceTest, AStreamLearnsThatItsClientGaveUp) {
  grpc::ClientContext context;
  auto stream = Open(context);
  EXPECT_EQ(Exchange(*stream, "a"), "a");
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  server_.reset();
  EXPECT_EQ(streams_.cancelled, 1);
  EXPECT_EQ(streams_.done, 1);
  EXPECT_EQ(streams_.alive, 0);
}

// Those that wait for a client that never comes go with the server.
TEST_F(RawServiceTest, NothingIsLeftOfWhatWasNeverOpened) {
  EXPECT_EQ(streams_.alive, 1);
  server_.reset();
  EXPECT_EQ(streams_.alive, 0);
  EXPECT_EQ(streams_.done, 0);
}

}  // namespace
}  // namespace tenantry::rpc
