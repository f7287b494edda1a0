#include "tests/support/checkout.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "written/v1/checkout.pb.h"

namespace tenantry::test {
namespace {

using pg::WriteTransaction;
using written::v1::CheckoutItem;
using written::v1::CheckoutRequest;
using written::v1::CheckoutResponse;

absl::Status Refuse(absl::StatusCode code, const std::string& reason, const std::string& field,
                    const std::string& message) {
  return MakeError(code, message, {reason, {}, {{field, message}}});
}

bool IsUuid(const std::string& text) {
  std::uint8_t bytes[16];
  return ParseUuid(text, bytes);
}

// What the API of a derived method says in options, and its server checks by itself.
absl::Status Check(const CheckoutRequest& request) {
  std::vector<FieldViolation> violations;
  if (!IsUuid(request.contact_id())) violations.push_back({"contact_id", "must be a UUID"});
  if (request.items().empty()) violations.push_back({"items", "is required"});
  for (int i = 0; i < request.items_size(); ++i) {
    const std::string item = absl::StrCat("items[", i, "].");
    if (!IsUuid(request.items(i).product_id())) {
      violations.push_back({item + "product_id", "must be a UUID"});
    }
    if (request.items(i).quantity() < 1) {
      violations.push_back({item + "quantity", "must be at least 1"});
    }
  }
  return violations.empty() ? absl::OkStatus() : InvalidArgument(std::move(violations));
}

absl::Status CheckContact(const CheckoutRequest& request, WriteTransaction& transaction) {
  auto contact = transaction.QueryRow<std::string>(
      "SELECT id FROM saas.contacts"
      " WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL FOR KEY SHARE",
      transaction.identity().tenant(), request.contact_id());
  if (!contact.ok() || contact->has_value()) return contact.status();
  return Refuse(absl::StatusCode::kNotFound, "CONTACT_NOT_FOUND", "contact_id",
                "contact not found");
}

// Takes the pieces of one item out of the stock; what they cost.
absl::StatusOr<std::int64_t> Take(const CheckoutItem& item, const std::string& path,
                                  WriteTransaction& transaction) {
  auto product = transaction.QueryRow<std::string, bool, std::int32_t, std::int32_t>(
      "SELECT name, is_active, stock, price_cents FROM saas.products"
      " WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
      transaction.identity().tenant(), item.product_id());
  if (!product.ok()) return product.status();
  if (!product->has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "PRODUCT_NOT_FOUND", path + ".product_id",
                  "product not found");
  }
  const auto& [name, is_active, stock, price_cents] = **product;
  if (!is_active) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PRODUCT_NOT_AVAILABLE",
                  path + ".product_id", absl::StrCat(name, " cannot be ordered now"));
  }
  if (stock < item.quantity()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "OUT_OF_STOCK", path + ".quantity",
                  absl::StrCat("only ", stock, " of ", name, " left"));
  }
  auto taken = transaction.Execute(
      "UPDATE saas.products SET stock = stock - $3, updated_at = now()"
      " WHERE tenant_id = $1 AND id = $2",
      transaction.identity().tenant(), item.product_id(), item.quantity());
  if (!taken.ok()) return taken.status();
  return std::int64_t{price_cents} * item.quantity();
}

// In the order of the products' keys, so that no two carts wait for each other in a circle.
std::vector<int> ByProduct(const CheckoutRequest& request) {
  std::vector<int> order;
  for (int i = 0; i < request.items_size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return request.items(a).product_id() < request.items(b).product_id();
  });
  return order;
}

absl::StatusOr<CheckoutResponse> Checkout(const CheckoutRequest& request,
                                          WriteTransaction& transaction) {
  absl::Status status = Check(request);
  if (status.ok()) status = CheckContact(request, transaction);
  if (!status.ok()) return status;
  std::int64_t total = 0;
  for (int i : ByProduct(request)) {
    auto cost = Take(request.items(i), absl::StrCat("items[", i, "]"), transaction);
    if (!cost.ok()) return cost.status();
    total += *cost;
  }
  auto order = transaction.QueryRow<std::string>(
      "INSERT INTO saas.orders (tenant_id, contact_id, total_cents) VALUES ($1, $2, $3)"
      " RETURNING id::text",
      transaction.identity().tenant(), request.contact_id(), total);
  if (!order.ok()) return order.status();
  CheckoutResponse response;
  response.set_order_id(std::get<0>(**order));
  response.set_total_cents(total);
  for (const CheckoutItem& item : request.items()) {
    auto added = transaction.Execute(
        "INSERT INTO saas.order_items (tenant_id, order_id, product_id, quantity, price_cents)"
        " SELECT $1, $2, id, $4, price_cents FROM saas.products WHERE tenant_id = $1 AND id = $3",
        transaction.identity().tenant(), response.order_id(), item.product_id(), item.quantity());
    if (!added.ok()) return added.status();
  }
  return response;
}

}  // namespace

void AddCheckout(call::Handlers& handlers) {
  handlers.Add("written.v1.CheckoutService/Checkout", Checkout);
}

}  // namespace tenantry::test
