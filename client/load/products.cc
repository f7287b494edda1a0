#include "client/load/products.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "client/cpp/caller.h"
#include "client/cpp/error.h"
#include "saas/v1/catalog_service.grpc.pb.h"

namespace tenantry::load {
namespace {

namespace crm = saas::v1;

constexpr std::int64_t kBatchRows = 500;

constexpr std::array<absl::string_view, 40> kWords = {
    "amber",  "basket", "beech",  "bottle", "bronze", "candle",  "canvas", "cedar",
    "chair",  "clock",  "copper", "cotton", "cup",    "desk",    "drawer", "felt",
    "glass",  "hook",   "jar",    "kettle", "lamp",   "leather", "linen",  "marble",
    "mirror", "mug",    "oak",    "paper",  "pillow", "plate",   "rack",   "rope",
    "shelf",  "silver", "stool",  "table",  "tray",   "vase",    "walnut", "wool"};

std::string Words(Random& random, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, text.empty() ? "" : " ", ProductWord(random));
  }
  return text;
}

class Products {
 public:
  Products(const Options& options, const std::string& tenant,
           const std::shared_ptr<grpc::Channel>& channel)
      : options_(options),
        tenant_(tenant),
        random_(options.seed),
        stub_(crm::ProductService::NewStub(channel)) {}

  absl::Status Make() {
    grpc::ClientContext context;
    Ready(context);
    crm::ListProductsRequest request;
    request.set_page_size(1);
    request.set_total(tenantry::v1::TOTAL_EXACT);
    crm::ListProductsResponse response;
    const grpc::Status status = stub_->ListProducts(&context, request, &response);
    if (!status.ok()) return Failed("ListProducts", status);
    for (std::int64_t there = response.total_size(); there < options_.rows; there += kBatchRows) {
      const auto failed = MakeSome(std::min(kBatchRows, options_.rows - there));
      if (!failed.ok()) return failed;
    }
    return absl::OkStatus();
  }

 private:
  void Ready(grpc::ClientContext& context) const {
    client::Stamp({tenant_, options_.user, options_.role}, context);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  static absl::Status Failed(const char* what, const grpc::Status& status) {
    return absl::UnavailableError(
        absl::StrCat(what, ": ", client::ToString(client::DecodeError(status))));
  }

  absl::Status MakeSome(std::int64_t rows) {
    grpc::ClientContext context;
    Ready(context);
    crm::BatchCreateProductsRequest request;
    // Slugs are unique, and a second run makes others.
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    for (std::int64_t i = 0; i < rows; ++i) {
      crm::Product& product = *request.add_requests()->mutable_product();
      product.set_slug(absl::StrCat("load-", absl::Hex(now), "-", i));
      product.set_name(Words(random_, 3));
      product.set_description(Words(random_, 12));
      product.set_price_cents(500);
    }
    crm::BatchCreateProductsResponse response;
    const grpc::Status status = stub_->BatchCreateProducts(&context, request, &response);
    return status.ok() ? absl::OkStatus() : Failed("BatchCreateProducts", status);
  }

  const Options& options_;
  const std::string& tenant_;
  Random random_;
  const std::unique_ptr<crm::ProductService::Stub> stub_;
};

}  // namespace

absl::string_view ProductWord(Random& random) {
  return kWords[random.Below(static_cast<std::uint32_t>(kWords.size()))];
}

absl::Status PrepareProducts(const Options& options, const std::string& tenant,
                             const std::shared_ptr<grpc::Channel>& channel) {
  return Products(options, tenant, channel).Make();
}

}  // namespace tenantry::load
