// What a List request asks for: filter, order, page.
#pragma once

#include <vector>

#include "server/plan/statements.h"
#include "server/plan/validate.h"

namespace tenantry::plan {

struct PageSizes {
  int default_rows;
  int max_rows;  // more is coerced to it (AIP-158)
};

// The filter terms that a method's request can hold.
std::vector<FilterTerm> FindFilterTerms(const schema::Table& table,
                                        const google::protobuf::FieldDescriptor* filter);

class ListRequest {
 public:
  ListRequest(const schema::Method& method, const RequestFields& fields,
              const std::vector<FilterTerm>& terms)
      : method_(method), fields_(fields), terms_(terms) {}

  // Validates everything but the token, and fills in the call's filter, page size and fingerprint.
  ListShape Read(Call& call, PageSizes sizes, Violations& violations) const;

  // Validates the page token against the request and sets the call's cursor.
  void TakeToken(const Plan& plan, Call& call, Violations& violations) const;

 private:
  void TakeFilter(Call& call, ListShape& shape, Violations& violations) const;
  void TakeOrder(const google::protobuf::Message& request, ListShape& shape,
                 Violations& violations) const;
  std::uint64_t Fingerprint(const Call& call, const ListShape& shape) const;

  const schema::Method& method_;
  const RequestFields& fields_;
  const std::vector<FilterTerm>& terms_;
};

}  // namespace tenantry::plan
