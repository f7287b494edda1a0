#include "client/cli/server.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "client/cpp/channel.h"

namespace tenantry::cli {
namespace {

// Files that do not fit together make their services unresolved, which the catalog reports;
// protobuf's own words about it would go to stderr.
class Silence : public google::protobuf::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string&, const std::string&, const google::protobuf::Message*,
                ErrorLocation, const std::string&) override {}
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Connect(Options options) {
  std::unique_ptr<Server> server(new Server(std::move(options)));
  client::ChannelOptions channel;
  channel.addresses = server->options_.addresses;
  channel.caller = server->options_.caller;
  channel.credentials = server->options_.credentials;
  // A person is waiting: better one clear failure than several hidden ones.
  channel.retry.attempts_max = 1;
  channel.health_checks = false;
  channel.call_time_max = std::chrono::milliseconds(0);
  channel.reply_bytes_max = -1;
  auto made = client::MakeChannel(channel);
  if (!made.ok()) return made.status();
  server->name_ = absl::StrJoin(server->options_.addresses, ", ");
  server->channel_ = *std::move(made);
  server->database_ =
      std::make_unique<ReflectionDatabase>(server->channel_, server->options_.timeout);
  server->errors_ = std::make_unique<Silence>();
  server->pool_ = std::make_unique<google::protobuf::DescriptorPool>(server->database_.get(),
                                                                     server->errors_.get());
  server->factory_ = std::make_unique<google::protobuf::DynamicMessageFactory>(server->pool_.get());
  return server;
}

absl::StatusOr<std::vector<std::string>> Server::services() { return database_->ListServices(); }

absl::StatusOr<const Catalog*> Server::catalog() {
  if (catalog_ == nullptr) {
    auto names = services();
    if (!names.ok()) return names.status();
    catalog_ = std::make_unique<Catalog>(*pool_, *names);
  }
  return catalog_.get();
}

std::unique_ptr<google::protobuf::Message> Server::NewMessage(
    const google::protobuf::Descriptor& type) {
  return std::unique_ptr<google::protobuf::Message>(factory_->GetPrototype(&type)->New());
}

}  // namespace tenantry::cli
