// Transactions that never run: for tests of where they wait.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/pg/executor.h"

namespace tenantry::pg {

class IdentityMaker : public identity::Authenticator {
 public:
  absl::StatusOr<identity::Identity> Authenticate(const identity::CallContext&) const override {
    return absl::UnimplementedError("");
  }
  static identity::Identity Of(int tenant, std::string user = "", std::string role = "r",
                               std::string claims = "") {
    const std::string id = "01920000-0000-7000-8000-00000000000" + std::to_string(tenant);
    return Make(*identity::TenantId::Parse(id), std::move(user), std::move(role),
                std::move(claims));
  }
};

class Numbered : public TenantTransaction {
 public:
  explicit Numbered(int n, identity::Identity identity = IdentityMaker::Of(1),
                    Access access = Access::kReadOnly)
      : TenantTransaction(std::move(identity), access), number(n) {}
  void Done(absl::Status, absl::InlinedVector<ResultRows, 1>) override {}
  const int number;
};

inline int NumberOf(const TenantTransaction* transaction) {
  return static_cast<const Numbered*>(transaction)->number;
}

using Numbers = std::vector<int>;

}  // namespace tenantry::pg
