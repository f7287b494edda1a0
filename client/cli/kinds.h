// The kinds of standard methods: what each is for, and which fields its requests have.
#pragma once

#include <string>

#include "client/cli/shape.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::cli {

// "read one by its key"; empty for a kind that this program does not know.
std::string SummaryOf(tenantry::v1::MethodKind kind);

// Finds the fields of the shape's request, which is one of a standard method.
void DescribeRequest(Shape& shape);

}  // namespace tenantry::cli
