#include "server/schema/breaking.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "server/schema/loader.h"
#include "server/schema/options.h"
#include "server/schema/reporter.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using google::api::FieldBehavior;

std::string TypeOf(const pb::FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

// What declares the field's presence: `repeated`, `optional`, or nothing.
std::string CardinalityOf(const pb::FieldDescriptor& field) {
  if (field.is_repeated()) return "repeated";
  return field.has_optional_keyword() ? "optional" : "neither repeated nor optional";
}

class Comparer {
 public:
  explicit Comparer(const pb::DescriptorPool& now) : now_(now) {}

  void CompareFile(const pb::FileDescriptor& before) {
    for (int i = 0; i < before.message_type_count(); ++i) CompareMessage(*before.message_type(i));
    for (int i = 0; i < before.enum_type_count(); ++i) CompareEnum(*before.enum_type(i));
    for (int i = 0; i < before.service_count(); ++i) CompareService(*before.service(i));
  }

  std::vector<std::string> Take() { return std::move(found_); }

 private:
  void Add(const std::string& what, absl::string_view how) {
    found_.push_back(absl::StrCat(what, ": ", how));
  }

  void CompareMessage(const pb::Descriptor& before) {
    const pb::Descriptor* after = now_.FindMessageTypeByName(before.full_name());
    if (after == nullptr) return Add(before.full_name(), "is gone");
    for (int i = 0; i < before.field_count(); ++i) {
      const pb::FieldDescriptor& field = *before.field(i);
      const pb::FieldDescriptor* then = after->FindFieldByNumber(field.number());
      if (then == nullptr) {
        Add(field.full_name(), "is gone");
      } else {
        CompareField(field, *then);
      }
    }
    for (int i = 0; i < after->field_count(); ++i) {
      const pb::FieldDescriptor& field = *after->field(i);
      if (before.FindFieldByNumber(field.number()) != nullptr) continue;
      if (Has(field, google::api::REQUIRED)) Add(field.full_name(), "is new and required");
    }
    for (int i = 0; i < before.enum_type_count(); ++i) CompareEnum(*before.enum_type(i));
  }

  void CompareField(const pb::FieldDescriptor& before, const pb::FieldDescriptor& after) {
    const std::string& name = before.full_name();
    if (before.name() != after.name()) Add(name, absl::StrCat("is called ", after.name(), " now"));
    if (TypeOf(before) != TypeOf(after)) {
      Add(name, absl::StrCat("is of type ", TypeOf(after), " now, which was ", TypeOf(before)));
    }
    if (CardinalityOf(before) != CardinalityOf(after)) {
      Add(name,
          absl::StrCat("is ", CardinalityOf(after), " now, which was ", CardinalityOf(before)));
    }
    CompareUse(before, after);
    CompareValues(before, after);
  }

  void CompareUse(const pb::FieldDescriptor& before, const pb::FieldDescriptor& after) {
    const std::pair<FieldBehavior, const char*> uses[] = {
        {google::api::REQUIRED, "is required now"},
        {google::api::OUTPUT_ONLY, "is set by the server now: what requests hold is ignored"},
        {google::api::INPUT_ONLY, "is not in replies any more"},
        {google::api::IMMUTABLE, "cannot be changed any more"}};
    for (const auto& [use, what] : uses) {
      if (!Has(before, use) && Has(after, use)) Add(before.full_name(), what);
    }
  }

  void CompareValues(const pb::FieldDescriptor& before, const pb::FieldDescriptor& after) {
    const v1::ValueOptions was = ValuesOf(before), is = ValuesOf(after);
    const std::string& name = before.full_name();
    if (was.format() != is.format() && is.format() != v1::FORMAT_UNSPECIFIED) {
      Add(name, absl::StrCat("is ", v1::Format_Name(is.format()), " now"));
    }
    if (is.min_length() > was.min_length()) {
      Add(name, absl::StrCat("takes at least ", is.min_length(), " characters now"));
    }
    if (is.max_length() != 0 && (was.max_length() == 0 || is.max_length() < was.max_length())) {
      Add(name, absl::StrCat("takes at most ", is.max_length(), " characters now"));
    }
    if (is.has_minimum() && (!was.has_minimum() || is.minimum() > was.minimum())) {
      Add(name, absl::StrCat("is at least ", is.minimum(), " now"));
    }
    if (is.has_maximum() && (!was.has_maximum() || is.maximum() < was.maximum())) {
      Add(name, absl::StrCat("is at most ", is.maximum(), " now"));
    }
    CompareDigits(name, was, is);
    CompareDeclared(name, was, is);
  }

  // Bounds that are literals are compared as texts: whether `2020-01-01` is later than another time
  // is for people to see.
  void CompareDeclared(const std::string& name, const v1::ValueOptions& was,
                       const v1::ValueOptions& is) {
    if (was.pattern() != is.pattern() && !is.pattern().empty()) {
      Add(name, absl::StrCat("matches ", is.pattern(), " now"));
    }
    const std::tuple<std::string, std::string, const char*> bounds[] = {
        {was.gt(), is.gt(), "is more than "},
        {was.gte(), is.gte(), "is at least "},
        {was.lt(), is.lt(), "is less than "},
        {was.lte(), is.lte(), "is at most "}};
    for (const auto& [before, now, words] : bounds) {
      if (before != now && !now.empty()) Add(name, absl::StrCat(words, now, " now"));
    }
    if (is.min_items() > was.min_items()) {
      Add(name, absl::StrCat("has at least ", is.min_items(), " elements now"));
    }
    if (is.max_items() != 0 && (was.max_items() == 0 || is.max_items() < was.max_items())) {
      Add(name, absl::StrCat("has at most ", is.max_items(), " elements now"));
    }
    CompareChoice(name, was, is);
  }

  void CompareChoice(const std::string& name, const v1::ValueOptions& was,
                     const v1::ValueOptions& is) {
    if (is.in().empty()) return;
    if (was.in().empty()) return Add(name, "takes values of a list alone now");
    for (const std::string& value : was.in()) {
      if (std::find(is.in().begin(), is.in().end(), value) == is.in().end()) {
        Add(name, absl::StrCat("does not take ", value, " any more"));
      }
    }
  }

  void CompareDigits(const std::string& name, const v1::ValueOptions& was,
                     const v1::ValueOptions& is) {
    if (is.precision() == 0) return;
    const bool fewer = was.precision() == 0 || is.scale() < was.scale() ||
                       is.precision() - is.scale() < was.precision() - was.scale();
    if (!fewer) return;
    Add(name, absl::StrCat("has at most ", is.precision() - is.scale(), " digits before and ",
                           is.scale(), " after the point now"));
  }

  void CompareEnum(const pb::EnumDescriptor& before) {
    const pb::EnumDescriptor* after = now_.FindEnumTypeByName(before.full_name());
    if (after == nullptr) return Add(before.full_name(), "is gone");
    for (int i = 0; i < before.value_count(); ++i) {
      const pb::EnumValueDescriptor& value = *before.value(i);
      const pb::EnumValueDescriptor* then = after->FindValueByNumber(value.number());
      const std::string name = absl::StrCat(before.full_name(), ".", value.name());
      if (then == nullptr) {
        Add(name, "is gone");
      } else if (then->name() != value.name()) {
        Add(name, absl::StrCat("is called ", then->name(), " now"));
      }
    }
  }

  void CompareService(const pb::ServiceDescriptor& before) {
    const pb::ServiceDescriptor* after = now_.FindServiceByName(before.full_name());
    if (after == nullptr) return Add(before.full_name(), "is gone");
    for (int i = 0; i < before.method_count(); ++i) {
      const pb::MethodDescriptor& method = *before.method(i);
      const pb::MethodDescriptor* then = after->FindMethodByName(method.name());
      if (then == nullptr) {
        Add(method.full_name(), "is gone");
        continue;
      }
      CompareTypes(method.full_name(), "takes", *method.input_type(), *then->input_type());
      CompareTypes(method.full_name(), "answers", *method.output_type(), *then->output_type());
      CompareStreaming(method, *then);
    }
  }

  void CompareTypes(const std::string& method, absl::string_view verb, const pb::Descriptor& before,
                    const pb::Descriptor& after) {
    if (before.full_name() == after.full_name()) return;
    Add(method, absl::StrCat(verb, " ", after.full_name(), " now, which was ", before.full_name()));
  }

  void CompareStreaming(const pb::MethodDescriptor& before, const pb::MethodDescriptor& after) {
    if (before.client_streaming() != after.client_streaming()) {
      Add(before.full_name(), absl::StrCat("takes ", Messages(after.client_streaming()), " now"));
    }
    if (before.server_streaming() != after.server_streaming()) {
      Add(before.full_name(), absl::StrCat("answers ", Messages(after.server_streaming()), " now"));
    }
  }
  static absl::string_view Messages(bool stream) {
    return stream ? "a stream of messages" : "one message";
  }

  static bool Has(const pb::FieldDescriptor& field, FieldBehavior wanted) {
    const std::vector<FieldBehavior> behavior = BehaviorOf(field);
    return std::find(behavior.begin(), behavior.end(), wanted) != behavior.end();
  }

  const pb::DescriptorPool& now_;
  std::vector<std::string> found_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> BreakingChanges(const Schema& schema,
                                                         const std::string& directory) {
  Reporter reporter(directory);
  auto before = LoadGeneratedFiles(directory, reporter);
  if (!before.ok()) return before.status();
  if (!before->complete) {
    std::string errors;
    for (const LintError& error : reporter.Take()) absl::StrAppend(&errors, error.ToString(), "\n");
    return absl::FailedPreconditionError(
        absl::StrCat("the API as it was cannot be read, so what breaks clients is not known:\n",
                     errors, "Take the files from your version control first."));
  }
  Comparer comparer(schema.api());
  for (const pb::FileDescriptor* file : before->files) comparer.CompareFile(*file);
  return comparer.Take();
}

}  // namespace tenantry::schema
