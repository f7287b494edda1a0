#include "tests/e2e/checkouts.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"

namespace tenantry::e2e {
namespace {

constexpr int kPieces = 10;
constexpr int kBuyers = 50;

}  // namespace

void ExpectTenOfFiftySold(const test::DynamicClient& client, const std::string& tenant,
                          const Buy& buy) {
  const auto call = [&](std::string_view rpc, const std::string& text) {
    const CallResult result = client.Call(rpc, text, As(tenant));
    EXPECT_THAT(result, IsOk());
    return result.ok() ? test::Copy(*result.reply) : nullptr;
  };
  const auto created = [&](std::string_view rpc, const std::string& text) {
    const MessagePtr made = call(rpc, text);
    return made == nullptr ? "" : Value(*made, "id");
  };
  const std::string product =
      created("CreateProduct", absl::StrCat("product { slug: 'lamp' name: 'Lamp' price_cents: 500 "
                                            "stock: ",
                                            kPieces, " }"));
  const std::string contact = created("CreateContact", "contact { name: 'Kim' }");
  std::atomic<int> sold{0}, sold_out{0};
  std::vector<std::thread> buyers;
  for (int i = 0; i < kBuyers; ++i) {
    buyers.emplace_back([&] {
      const Sale sale = buy(product, contact);
      sold += sale == Sale::kSold;
      sold_out += sale == Sale::kSoldOut;
    });
  }
  for (std::thread& buyer : buyers) buyer.join();
  EXPECT_EQ(sold, kPieces);
  EXPECT_EQ(sold_out, kBuyers - kPieces);
  EXPECT_EQ(Value(*call("GetProduct", absl::StrCat("id: '", product, "'")), "stock"), "0");
  const MessagePtr orders = call("ListOrders", "page_size: 100 select { total_cents: true }");
  const MessagePtr items = call("ListOrderItems", "page_size: 100");
  EXPECT_EQ(Value(*orders, "orders"), absl::StrCat(kPieces));
  EXPECT_EQ(Value(*items, "order_items"), absl::StrCat(kPieces));
  for (const Message* order : test::RowsOf(*orders)) EXPECT_EQ(Value(*order, "total_cents"), "500");
}

}  // namespace tenantry::e2e
