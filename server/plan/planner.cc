#include "server/plan/planner.h"

#include <unordered_map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "server/plan/batch_keys.h"
#include "server/plan/list_request.h"
#include "server/plan/plan_cache.h"
#include "server/plan/row_size.h"
#include "server/plan/shape_key.h"
#include "server/plan/statements.h"
#include "server/plan/validate.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::plan {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Table;

// By number: a name can be that of the table or of a column of its key.
RequestFields FindFields(const Method& method) {
  namespace number = schema::field_number;
  const Descriptor& request = *method.descriptor->input_type();
  RequestFields fields;
  const auto set_keys = [&](const Descriptor& holder) {
    for (std::size_t i = 0; i < method.table->primary_key.size(); ++i) {
      fields.keys.push_back(holder.FindFieldByNumber(number::kFirstKey + static_cast<int>(i)));
    }
  };
  switch (method.kind) {
    case v1::METHOD_KIND_GET:
    case v1::METHOD_KIND_DELETE:
      set_keys(request);
      break;
    case v1::METHOD_KIND_LIST:
      fields.page_size = request.FindFieldByNumber(number::kListPageSize);
      fields.page_token = request.FindFieldByNumber(number::kListPageToken);
      fields.filter = request.FindFieldByNumber(number::kListFilter);
      fields.order_by = request.FindFieldByNumber(number::kListOrderBy);
      fields.show_deleted = request.FindFieldByNumber(number::kListShowDeleted);
      break;
    case v1::METHOD_KIND_CREATE:
      fields.resource = request.FindFieldByNumber(number::kResource);
      break;
    case v1::METHOD_KIND_UPDATE:
      fields.resource = request.FindFieldByNumber(number::kResource);
      fields.update_mask = request.FindFieldByNumber(number::kUpdateMask);
      break;
    case v1::METHOD_KIND_UPSERT:
      fields.resource = request.FindFieldByNumber(number::kResource);
      fields.conflict_key = request.FindFieldByNumber(number::kUpsertConflictKey);
      fields.update_mask = request.FindFieldByNumber(number::kUpsertMask);
      break;
    case v1::METHOD_KIND_BATCH_GET:
      // One column's values by themselves; of more columns, requests as Get takes them.
      if (method.table->primary_key.size() == 1) {
        fields.batch_keys = request.FindFieldByNumber(number::kBatchEntries);
      } else {
        fields.batch_requests = request.FindFieldByNumber(number::kBatchEntries);
        set_keys(*fields.batch_requests->message_type());
      }
      break;
    case v1::METHOD_KIND_BATCH_CREATE:
      fields.batch_requests = request.FindFieldByNumber(number::kBatchEntries);
      break;
    default:
      break;
  }
  return fields;
}

}  // namespace

// All that is known of one method before a request comes, and its plans.
class Planner::Impl {
 public:
  Impl(const schema::Schema& schema, PlannerOptions options, MetricRegistry& metrics)
      : options_(options), cache_(static_cast<std::size_t>(options.plans_max), metrics) {
    for (const Method& method : schema.methods()) Add(method);
  }

  absl::StatusOr<Call> Prepare(const Method& method, const Message& request) {
    const auto found = methods_.find(&method);
    if (found == methods_.end()) return absl::InternalError("method without a plan");
    MethodPlans& plans = *found->second;
    Call call;
    call.request = &request;
    Violations violations(static_cast<std::size_t>(options_.violations_max));
    Shape(plans, call, violations);
    if (!violations.empty()) return std::move(violations).ToStatus();
    return call;
  }

  std::size_t violations_max() const { return static_cast<std::size_t>(options_.violations_max); }

 private:
  struct MethodPlans {
    const Method* method;
    RequestFields fields;
    std::vector<FilterTerm> terms;
    // The plan of a method whose requests all have one shape.
    std::shared_ptr<const Plan> only;
    std::shared_ptr<const Plan> bounded;  // instead, for a BatchGet of rows that may be large
    RowSizes* row_sizes;
    bool has_long_values;
    std::string cache_prefix;  // keeps its shapes apart from those of other methods
  };

  void Add(const Method& method) {
    auto plans = std::make_unique<MethodPlans>();
    plans->method = &method;
    plans->fields = FindFields(method);
    plans->terms = FindFilterTerms(*method.table, plans->fields.filter);
    plans->only = OnlyPlan(method, plans->fields);
    plans->row_sizes = &row_sizes_[method.table];
    plans->has_long_values = !LongValuesSize(*method.table, "t").empty();
    if (method.kind == v1::METHOD_KIND_BATCH_GET && plans->has_long_values) {
      plans->bounded = MakeBatchGet(method, plans->fields, FetchMax());
    }
    plans->cache_prefix = KeyPrefix(methods_.size());
    methods_.emplace(&method, std::move(plans));
  }

  static std::shared_ptr<const Plan> OnlyPlan(const Method& method, const RequestFields& fields) {
    switch (method.kind) {
      case v1::METHOD_KIND_GET:
        return MakeGet(method, fields);
      case v1::METHOD_KIND_CREATE:
        return MakeCreate(method);
      case v1::METHOD_KIND_DELETE:
        return MakeDelete(method, fields);
      case v1::METHOD_KIND_BATCH_GET:
        return MakeBatchGet(method, fields);
      case v1::METHOD_KIND_BATCH_CREATE:
        return MakeBatchCreate(method);
      default:
        return nullptr;
    }
  }

  // Validates the request into `call` and gives it its plan, if there were no violations.
  void Shape(MethodPlans& plans, Call& call, Violations& violations) {
    switch (plans.method->kind) {
      case v1::METHOD_KIND_GET:
      case v1::METHOD_KIND_DELETE:
        CheckRequestKey(plans, *call.request, Path(), violations);
        break;
      case v1::METHOD_KIND_CREATE:
        ShapeCreate(plans, call, violations);
        break;
      case v1::METHOD_KIND_LIST:
        return ShapeList(plans, call, violations);
      case v1::METHOD_KIND_UPDATE:
        return ShapeUpdate(plans, call, violations);
      case v1::METHOD_KIND_UPSERT:
        return ShapeUpsert(plans, call, violations);
      case v1::METHOD_KIND_BATCH_GET:
        ShapeBatchGet(plans, call, violations);
        break;
      case v1::METHOD_KIND_BATCH_CREATE:
        ShapeBatchCreate(plans, call, violations);
        break;
      default:
        break;
    }
    cache_.CountHit();
    if (call.plan == nullptr) call.plan = plans.only;
  }

  static void CheckRequestKey(const MethodPlans& plans, const Message& request, const Path& path,
                              Violations& violations) {
    const auto& key = plans.method->table->primary_key;
    for (std::size_t i = 0; i < key.size(); ++i) {
      const Value value{&request, plans.fields.keys[i]};
      const Path field_path(path, plans.fields.keys[i]->name());
      if (!IsPresent(value)) {
        violations.Add(field_path, "is required");
      } else {
        CheckCompared(*key[i], value, field_path, violations);
      }
    }
  }

  // The resource in the request, or null with a violation.
  static const Message* Resource(const MethodPlans& plans, const Message& request, const Path& path,
                                 Violations& violations) {
    const FieldDescriptor* field = plans.fields.resource;
    if (!request.GetReflection()->HasField(request, field)) {
      violations.Add(path, "is required");
      return nullptr;
    }
    return &request.GetReflection()->GetMessage(request, field);
  }

  void ShapeCreate(MethodPlans& plans, Call& call, Violations& violations) {
    const Path root;
    const Path path(root, plans.fields.resource->name());
    call.row = Resource(plans, *call.request, path, violations);
    if (call.row == nullptr) return;
    CheckInsert(*plans.method->table, *call.row, path, violations, call.json);
  }

  void ShapeUpdate(MethodPlans& plans, Call& call, Violations& violations) {
    const Table& table = *plans.method->table;
    const Path root;
    const Path path(root, plans.fields.resource->name());
    call.row = Resource(plans, *call.request, path, violations);
    if (call.row == nullptr) return;
    CheckKey(table.primary_key, *call.row, path, violations);
    const std::vector<Assignment> assignments =
        ResolveMask(table, *call.request, plans.fields.update_mask, *call.row, path,
                    MaskUse::kUpdate, violations, call.json);
    if (assignments.empty() && violations.empty()) {
      violations.Add(Path(root, plans.fields.update_mask->name()),
                     "selects nothing to update: set a field, or name it in the mask");
    }
    if (!violations.empty()) return;
    call.plan = FindOrMake(plans, ShapeKey(assignments, 0), [&] {
      return MakeUpdate(*plans.method, assignments, options_.row_bytes_max);
    });
  }

  void ShapeUpsert(MethodPlans& plans, Call& call, Violations& violations) {
    const Table& table = *plans.method->table;
    const Path root;
    const Path path(root, plans.fields.resource->name());
    call.row = Resource(plans, *call.request, path, violations);
    const Value conflict{call.request, plans.fields.conflict_key};
    const int number = conflict.as_enum();
    CheckEnumKnown(conflict, Path(root, plans.fields.conflict_key->name()), violations);
    if (call.row == nullptr || !violations.empty()) return;

    const schema::UniqueKey* key = nullptr;
    for (const schema::UniqueKey& unique : table.unique_keys) {
      if (unique.number == number) key = &unique;
    }
    // NULLs never conflict, and a made-up id would not either: the chosen key must be given.
    CheckKey(key == nullptr ? table.primary_key : key->columns, *call.row, path, violations);
    CheckInsert(table, *call.row, path, violations, call.json);
    const std::vector<Assignment> assignments =
        ResolveMask(table, *call.request, plans.fields.update_mask, *call.row, path,
                    MaskUse::kUpsert, violations, call.json);
    if (!violations.empty()) return;
    call.plan = FindOrMake(plans, ShapeKey(assignments, number), [&] {
      return MakeUpsert(*plans.method, key, assignments, options_.row_bytes_max);
    });
  }

  // The sub-messages of a batch, within its limits.
  const FieldDescriptor* CheckBatchSize(const FieldDescriptor* field, const Message& request,
                                        Violations& violations) const {
    const int size = request.GetReflection()->FieldSize(request, field);
    const Path root;
    if (size == 0) violations.Add(Path(root, field->name()), "must not be empty");
    if (size > options_.batch_max) {
      violations.Add(
          Path(root, field->name()),
          absl::StrCat("must have at most ", options_.batch_max, " entries, has ", size));
    }
    return violations.empty() ? field : nullptr;
  }

  void ShapeBatchGet(MethodPlans& plans, Call& call, Violations& violations) {
    const RequestFields& fields = plans.fields;
    const bool composite = fields.batch_requests != nullptr;
    const FieldDescriptor* field = CheckBatchSize(
        composite ? fields.batch_requests : fields.batch_keys, *call.request, violations);
    if (field == nullptr) return;
    const Path root;
    const int size = call.request->GetReflection()->FieldSize(*call.request, field);
    for (int i = 0; i < size && !violations.full(); ++i) {
      const Path path(root, field->name(), i);
      const Value value{call.request, field, i};
      if (composite) {
        call.rows.push_back(&value.as_message());
        CheckRequestKey(plans, value.as_message(), path, violations);
      } else {
        CheckCompared(*plans.method->table->primary_key[0], value, path, violations);
      }
    }
    if (!violations.empty()) return;
    FindRepeatedKeys(*plans.method->table, fields, call);
    call.row_sizes = plans.row_sizes;
    const std::size_t rows = composite           ? call.rows.size()
                             : call.keys.empty() ? static_cast<std::size_t>(size)
                                                 : call.keys.size();
    if (MayBeLarge(plans, rows)) call.plan = plans.bounded;
  }

  void ShapeBatchCreate(MethodPlans& plans, Call& call, Violations& violations) {
    const FieldDescriptor* field =
        CheckBatchSize(plans.fields.batch_requests, *call.request, violations);
    if (field == nullptr) return;
    const FieldDescriptor* resource =
        field->message_type()->FindFieldByNumber(schema::field_number::kResource);
    const Path root;
    const int size = call.request->GetReflection()->FieldSize(*call.request, field);
    call.rows.reserve(static_cast<std::size_t>(size));
    for (int i = 0; i < size && !violations.full(); ++i) {
      const Message& request =
          call.request->GetReflection()->GetRepeatedMessage(*call.request, field, i);
      const Path entry(root, field->name(), i);
      const Path path(entry, resource->name());
      if (!request.GetReflection()->HasField(request, resource)) {
        violations.Add(path, "is required");
        continue;
      }
      call.rows.push_back(&request.GetReflection()->GetMessage(request, resource));
      CheckInsert(*plans.method->table, *call.rows.back(), path, violations, call.json);
    }
  }

  void ShapeList(MethodPlans& plans, Call& call, Violations& violations) {
    const ListRequest list{*plans.method, plans.fields, plans.terms};
    ListShape shape =
        list.Read(call, {options_.page_size_default, options_.page_size_max}, violations);
    if (!violations.empty()) return;
    call.row_sizes = plans.row_sizes;
    shape.bounded = MayBeLarge(plans, static_cast<std::size_t>(call.page_size));
    std::shared_ptr<const Plan> plan = FindOrMake(
        plans, ShapeKey(shape), [&] { return MakeList(*plans.method, shape, FetchMax()); });
    if (shape.after_cursor) list.TakeToken(*plan, call, violations);
    call.plan = std::move(plan);
  }

  // Whether this many rows, if they are as large as others have been, are much more than a reply
  // holds.
  bool MayBeLarge(const MethodPlans& plans, std::size_t rows) const {
    return plans.has_long_values &&
           rows * plans.row_sizes->expected() > 4 * options_.reply_bytes_max;
  }

  // Bytes of the long values in the result of a bounded statement. More than a reply may have,
  // since their size is estimated.
  std::size_t FetchMax() const { return 8 * options_.reply_bytes_max; }

  template <typename Make>
  std::shared_ptr<const Plan> FindOrMake(const MethodPlans& plans, const std::string& shape,
                                         Make make) {
    std::string key = plans.cache_prefix + shape;
    std::shared_ptr<const Plan> plan = cache_.Find(key);
    return plan != nullptr ? plan : cache_.Keep(std::move(key), make());
  }

  const PlannerOptions options_;
  std::unordered_map<const Table*, RowSizes> row_sizes_;  // whose values stay where they are
  PlanCache cache_;
  absl::flat_hash_map<const Method*, std::unique_ptr<MethodPlans>> methods_;
};

Planner::Planner(const schema::Schema& schema, PlannerOptions options, MetricRegistry& metrics)
    : impl_(std::make_unique<Impl>(schema, options, metrics)) {}

Planner::~Planner() = default;

absl::StatusOr<Call> Planner::Prepare(const Method& method, const Message& request) const {
  return impl_->Prepare(method, request);
}

std::size_t Planner::violations_max() const { return impl_->violations_max(); }

}  // namespace tenantry::plan
