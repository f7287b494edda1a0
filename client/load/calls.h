// One class for each method. It fills a request from the dataset, sends it through the generated
// stub and parses the reply, as any client does. The messages are used again for the next call, so
// that a call costs the tester little more than gRPC itself.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "client/load/dataset.h"
#include "client/load/options.h"
#include "client/load/random.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/support/status.h"
#include "saas/v1/catalog_service.grpc.pb.h"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.grpc.pb.h"
#include "tenantry/v1/transact.grpc.pb.h"

namespace tenantry::load {

// What requests are made of. One for each worker; not thread-safe.
class Choices {
 public:
  // `worker` becomes part of the names that are made up, so that no two workers make the same.
  Choices(const Options& options, const Dataset& dataset, int worker);

  Random& random() { return random_; }
  const Options& options() const { return options_; }

  // The method of the next call. A delete takes a row that this worker has made. Where there is
  // none, a create takes the delete's place.
  Method NextMethod();
  // The tenant of the next call; the functions below choose rows of that tenant.
  const TenantRows& NextTenant(Method method);
  const TenantRows& tenant() const { return *tenant_; }  // of the last NextTenant
  const std::string& RowId();
  std::string UniqueName();
  std::string TakeCreated();

  void LearnCreated(const TenantRows& tenant, const std::string& id);

 private:
  struct Created {
    const TenantRows* tenant;
    std::string id;
  };
  // Rows beyond this number are forgotten, the oldest first.
  static constexpr std::size_t kCreatedMax = 10'000;

  const Options& options_;
  const Dataset& dataset_;
  Random random_;
  const TenantRows* tenant_ = nullptr;
  std::deque<Created> created_;
  std::string prefix_;
  std::uint64_t names_ = 0;
};

// Of one connection.
struct Stubs {
  std::unique_ptr<saas::v1::ContactService::Stub> contacts;
  std::unique_ptr<saas::v1::ProductService::Stub> products;
  std::unique_ptr<v1::TransactService::Stub> transactions;
};

// A call of one method that can be made again and again, one at a time.
class Call {
 public:
  virtual ~Call() = default;
  // Fills the request.
  virtual void Fill(Choices& choices) = 0;
  // Sends the request. `tag` comes out of the queue when `status` and the reply are there.
  virtual void Start(const Stubs& stubs, grpc::ClientContext& context, grpc::CompletionQueue& queue,
                     grpc::Status& status, void* tag) = 0;
  // To be called after success. Makes the rows of this call known to later ones, and returns how
  // many rows came back.
  virtual int Finish(Choices& choices, const TenantRows& tenant) = 0;
};

std::unique_ptr<Call> MakeCall(Method method);

}  // namespace tenantry::load
