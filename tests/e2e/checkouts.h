// Fifty want ten pieces at the same time, whichever way a checkout takes.
#pragma once

#include <functional>
#include <string>

#include "tests/e2e/servers.h"

namespace tenantry::e2e {

enum class Sale { kSold, kSoldOut, kOther };

// Buys one piece of the product, at 500 cents, for the contact.
using Buy = std::function<Sale(const std::string& product, const std::string& contact)>;

// Each gets one piece, with an order and its item, or nothing at all is done. The tenant has
// nothing yet.
void ExpectTenOfFiftySold(const test::DynamicClient& client, const std::string& tenant,
                          const Buy& buy);

}  // namespace tenantry::e2e
