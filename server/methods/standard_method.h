// What a standard method makes of a request: one file for each kind.
//
// To add a kind: a file here with its class, its declaration below, and its row in
// standard_method.cc. What it adds to the API, and what else it needs, schema/kinds.h says.
#pragma once

#include <cstddef>
#include <memory>

#include "server/methods/filter.h"
#include "server/methods/insert_plans.h"
#include "server/plan/plan.h"
#include "server/plan/plan_cache.h"
#include "server/plan/row_sizes.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// How much a request may ask for; the settings of the same names.
struct RequestLimits {
  int page_size_default = 50;
  int page_size_max = 1000;
  int batch_max = 1000;
  int stream_rows_max = 10'000;              // of one message of an import
  int nested_depth_max = 5;                  // relations that a write's rows go down
  int nested_rows_max = 1000;                // of relations, that a write brings along
  std::int64_t affected_rows_max = 10'000;   // of one UpdateMany or DeleteMany
  FilterLimits filter{};                     // filter-depth-max, filter-conditions-max
  int order_entries_max = 10;                // entries of an order
  int select_depth_max = 5;                  // relations, one below the other
  std::int64_t select_rows_max = 1'000'000;  // that one read may come to
  bool estimated_totals = false;             // lists tell estimates
  std::size_t reply_bytes_max = 4 << 20;     // message-bytes-max
  std::size_t row_bytes_max = 4'128'768;     // an update is refused that makes a larger row
};

// What methods share. All of it must outlive them.
struct MethodContext {
  const RequestLimits& limits;
  plan::PlanCache& cache;     // of the plans of methods whose requests come in many shapes
  plan::RowSizes& row_sizes;  // of the method's table
  const Filters& filters;
  const InsertPlans& inserts;
};

// One method of one table, made when the server starts. Thread-safe.
class StandardMethod {
 public:
  virtual ~StandardMethod() = default;

  // Validates `call.request`, adds the values that its plan needs, and gives the call its plan when
  // there were no violations. `call` and `violations` are new; both point into the request.
  virtual void Prepare(plan::Call& call, plan::Violations& violations) const = 0;

  // Whether its plans are made when the server starts, and not when a request asks for one.
  virtual bool is_planned_at_start() const { return true; }
};

// Null for a kind that this server does not know.
std::unique_ptr<StandardMethod> MakeStandardMethod(const schema::Method& method,
                                                   const MethodContext& context);

std::unique_ptr<StandardMethod> MakeGet(const schema::Method& method, const MethodContext& context);
std::unique_ptr<StandardMethod> MakeList(const schema::Method& method,
                                         const MethodContext& context);
std::unique_ptr<StandardMethod> MakeCreate(const schema::Method& method,
                                           const MethodContext& context);
std::unique_ptr<StandardMethod> MakeUpdate(const schema::Method& method,
                                           const MethodContext& context);
std::unique_ptr<StandardMethod> MakeDelete(const schema::Method& method,
                                           const MethodContext& context);
std::unique_ptr<StandardMethod> MakeUpsert(const schema::Method& method,
                                           const MethodContext& context);
std::unique_ptr<StandardMethod> MakeFunction(const schema::Method& method,
                                             const MethodContext& context);
std::unique_ptr<StandardMethod> MakeAggregate(const schema::Method& method,
                                              const MethodContext& context);
std::unique_ptr<StandardMethod> MakeImport(const schema::Method& method,
                                           const MethodContext& context);
std::unique_ptr<StandardMethod> MakeExport(const schema::Method& method,
                                           const MethodContext& context);
std::unique_ptr<StandardMethod> MakeBatchGet(const schema::Method& method,
                                             const MethodContext& context);
std::unique_ptr<StandardMethod> MakeBatchCreate(const schema::Method& method,
                                                const MethodContext& context);

std::unique_ptr<StandardMethod> MakeUndelete(const schema::Method& method,
                                             const MethodContext& context);
std::unique_ptr<StandardMethod> MakeBatchUpdate(const schema::Method& method,
                                                const MethodContext& context);
std::unique_ptr<StandardMethod> MakeBatchDelete(const schema::Method& method,
                                                const MethodContext& context);
std::unique_ptr<StandardMethod> MakeBatchUpsert(const schema::Method& method,
                                                const MethodContext& context);
std::unique_ptr<StandardMethod> MakeUpdateMany(const schema::Method& method,
                                               const MethodContext& context);
std::unique_ptr<StandardMethod> MakeDeleteMany(const schema::Method& method,
                                               const MethodContext& context);

}  // namespace tenantry::methods
