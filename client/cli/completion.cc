#include "client/cli/completion.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/aggregate.h"
#include "client/cli/fields.h"
#include "client/cli/names.h"
#include "client/cli/order.h"
#include "client/cli/output.h"
#include "client/cli/select.h"
#include "client/cli/shape.h"
#include "client/cli/where.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::pair<const char*, const char*> kCommands[] = {
    {"methods", "every resource and method"},
    {"describe", "fields, keys and relations of a resource"},
    {"call", "any unary method"},
    {"transact", "the commands in a file, all or nothing"},
    {"session", "who the server takes you for"},
    {"health", "is it serving?"},
    {"config", "settings in force"},
    {"completion", "a script for a shell"},
    {"help", "help on a resource or a method"},
};

// The values that a field takes, as people type them; empty when they cannot be listed.
std::vector<std::string> ValuesOf(const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return {"true", "false"};
  if (field.enum_type() == nullptr) return {};
  std::vector<std::string> values;
  for (int i = 0; i < field.enum_type()->value_count(); ++i) {
    const auto& value = *field.enum_type()->value(i);
    if (value.number() != 0) values.push_back(ShortName(value));
  }
  return values;
}

bool GoesOn(const std::string& name) { return name.ends_with("."); }

class Completer {
 public:
  Completer(const CompletionSources& sources, const std::vector<std::string>& words)
      : sources_(sources) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) Read(words[i]);
    if (!words.empty()) partial_ = words.back();
  }

  std::vector<Candidate> Run() {
    const std::size_t equals = partial_.find('=');
    if (!flag_.empty()) {
      OfferValue(flag_);
    } else if (partial_.starts_with("--") && equals != std::string::npos) {
      before_ = partial_.substr(0, equals + 1);
      partial_.erase(0, equals + 1);
      OfferValue(before_.substr(0, equals));
    } else if (partial_.starts_with("-")) {
      OfferFlags();
    } else {
      OfferPlace();
    }
    return std::move(found_);
  }

 private:
  // --- what stands before ------------------------------------------------------------------------

  void Read(const std::string& word) {
    if (!flag_.empty()) {
      flag_.clear();
    } else if (word.starts_with("-") && word.size() > 1) {
      if (word.find('=') == std::string::npos && TakesValue(word)) flag_ = word;
    } else {
      places_.push_back(word);
      if (places_.size() == 2) FindShape();
    }
  }

  void FindShape() {
    if (sources_.catalog == nullptr) return;
    const Method* method = nullptr;
    if (places_[0] == "call") {
      for (const Resource& resource : sources_.catalog->resources()) {
        for (const Method& one : resource.methods) {
          if (one.Path().substr(1) == places_[1]) method = &one;
        }
      }
    } else if (auto resource = sources_.catalog->FindResource(places_[0]); resource.ok()) {
      auto found = Catalog::FindMethod(**resource, places_[1]);
      if (found.ok()) method = *found;
    }
    if (method != nullptr) shape_ = ShapeOf(*method);
  }

  static const GlobalFlag* FindGlobal(const std::string& name) {
    for (const GlobalFlag& flag : GlobalFlags()) {
      if (name == flag.name || (*flag.brief != '\0' && name == flag.brief)) return &flag;
    }
    return nullptr;
  }

  bool TakesValue(const std::string& name) const {
    if (const GlobalFlag* flag = FindGlobal(name)) return *flag->value != '\0';
    if (!shape_) return false;
    for (const Flag& flag : FlagsOf(*shape_)) {
      if (flag.name == name) return !flag.value.empty();
    }
    const auto path = FindField(*shape_, name.substr(name.find_first_not_of('-')));
    return path.ok() && path->back()->cpp_type() != FieldDescriptor::CPPTYPE_BOOL;
  }

  // --- candidates --------------------------------------------------------------------------------

  // `text` is the word without what stands before it.
  void Offer(const std::string& text, bool ends = true, const std::string& doc = "") {
    if (text.starts_with(partial_)) found_.push_back({before_ + text, ends, doc});
  }

  void OfferAll(const std::vector<std::string>& texts, bool ends = true) {
    for (const std::string& text : texts) Offer(text, ends);
  }

  // What is typed up to the last of `separators` stays; the rest is what may go on.
  void GoOnBehind(const char* separators) {
    const std::size_t at = partial_.find_last_of(separators);
    if (at == std::string::npos) return;
    before_ += partial_.substr(0, at + 1);
    partial_.erase(0, at + 1);
  }

  void OfferPlace() {
    const std::string first = places_.empty() ? "" : places_[0];
    if (places_.empty()) {
      for (const auto& [command, doc] : kCommands) Offer(command, true, doc);
      OfferResources();
    } else if (first == "completion" && places_.size() == 1) {
      OfferAll({"bash", "zsh", "fish"});
    } else if (sources_.catalog == nullptr) {
      return;
    } else if (first == "help" || first == "describe") {
      if (places_.size() == 1) OfferResources();
      if (places_.size() == 2 && first == "help") OfferMethods(places_[1]);
    } else if (first == "call" || first == "health") {
      OfferPaths(first == "health");
    } else if (places_.size() == 1) {
      OfferMethods(first);
    }
  }

  void OfferResources() {
    if (sources_.catalog == nullptr) return;
    for (const Resource& resource : sources_.catalog->resources()) {
      Offer(resource.word, true, resource.full_name);
    }
  }

  void OfferMethods(const std::string& name) {
    auto resource = sources_.catalog->FindResource(name);
    if (!resource.ok()) return;
    for (const Method& method : (*resource)->methods) {
      Offer(method.name, true, method.descriptor->name());
    }
  }

  void OfferPaths(bool services) {
    if (!services && places_.size() > 1) return;
    std::set<std::string> names;
    for (const Resource& resource : sources_.catalog->resources()) {
      for (const Method& method : resource.methods) {
        names.insert(services ? method.descriptor->service()->full_name()
                              : method.Path().substr(1));
      }
    }
    for (const std::string& name : names) Offer(name);
  }

  void OfferFlags() {
    if (shape_) {
      for (const Flag& flag : FlagsOf(*shape_)) Offer(flag.name, true, flag.doc);
    }
    for (const GlobalFlag& flag : GlobalFlags()) Offer(flag.name, true, flag.doc);
  }

  void OfferValue(const std::string& name) {
    if (const GlobalFlag* flag = FindGlobal(name)) return OfferGlobalValue(*flag);
    if (!shape_) return;
    const FieldDescriptor* resource = shape_->resource;
    if (name == "--data") {
      OfferData();
    } else if (name == "--where" && shape_->filter != nullptr) {
      OfferCondition(*shape_->filter->message_type());
    } else if (name == "--order" && shape_->order_by != nullptr) {
      OfferOrder(*shape_->order_by->message_type());
    } else if (name == "--select" && shape_->select != nullptr) {
      OfferSelect(*shape_->select->message_type());
    } else if (name == "--by" && shape_->group_by != nullptr) {
      OfferAll(GroupByFields(*shape_->group_by->message_type(), partial_), /*ends=*/false);
    } else if (name == "--set" && resource != nullptr) {
      OfferSet();
    } else if ((name == "--clear" || name == "--mask") && resource != nullptr) {
      OfferColumns(*resource->message_type(), [](const FieldDescriptor& field) {
        return !IsRelation(field) && !IsOutputOnly(field);
      });
    } else if (auto path = FindField(*shape_, name.substr(name.find_first_not_of('-')));
               path.ok()) {
      OfferAll(ValuesOf(*path->back()));
    }
  }

  void OfferGlobalValue(const GlobalFlag& flag) {
    const std::string name = flag.name, value = flag.value;
    if (name == "--output") OfferAll({"table", "json", "ndjson"});
    if (value == "FILE") OfferFiles();
    if (name == "--columns" && shape_) {
      const Descriptor& reply = *shape_->method->descriptor->output_type();
      const FieldDescriptor* rows = RowsOf(reply);
      OfferColumns(rows != nullptr ? *rows->message_type() : reply,
                   [](const FieldDescriptor&) { return true; });
    }
    if (sources_.settings == nullptr) return;
    if (name == "--server") OfferAll(sources_.settings->servers);
    if (name != "--tenant") return;
    // A caller sees no tenant but its own, so no server can list them: those of the settings.
    for (const auto& [tenant, id] : sources_.settings->tenants) Offer(tenant, true, id);
  }

  template <typename Fits>
  void OfferColumns(const Descriptor& message, const Fits& fits) {
    const std::vector<std::string> given = absl::StrSplit(partial_, ',');
    GoOnBehind(",");
    for (int i = 0; i < message.field_count(); ++i) {
      const std::string& name = message.field(i)->name();
      const bool again = std::find(given.begin(), given.end() - 1, name) != given.end() - 1;
      if (fits(*message.field(i)) && !again) Offer(name, /*ends=*/false);
    }
  }

  void OfferSet() {
    const std::size_t equals = partial_.find('=');
    if (equals != std::string::npos) {
      const auto path = FindField(*shape_, partial_.substr(0, equals));
      GoOnBehind("=");
      if (path.ok()) OfferAll(ValuesOf(*path->back()));
      return;
    }
    const Descriptor& row = *shape_->resource->message_type();
    for (int i = 0; i < row.field_count(); ++i) {
      if (IsRelation(*row.field(i)) || IsOutputOnly(*row.field(i))) continue;
      Offer(row.field(i)->name() + "=", /*ends=*/false);
    }
  }

  void OfferCondition(const Descriptor& filter) {
    const std::size_t sign = partial_.find_first_of("=!<>~");
    if (sign == std::string::npos) return OfferConditionFields(filter);
    const FieldDescriptor* operand = ConditionOperand(filter, partial_.substr(0, sign));
    if (operand == nullptr || partial_.find('=') == std::string::npos) return;
    GoOnBehind("=,");
    OfferAll(ValuesOf(*operand));
  }

  void OfferConditionFields(const Descriptor& filter) {
    std::vector<std::string> names = ConditionFields(filter, partial_);
    std::erase_if(names, [&](const std::string& name) { return !name.starts_with(partial_); });
    for (const std::string& name : names) {
      Offer(GoesOn(name) ? name : name + "=", /*ends=*/false);
      // The other signs, once the field is certain.
      if (names.size() > 1 || GoesOn(name)) continue;
      for (const std::string& sign : ConditionSigns(filter, name)) {
        Offer(name + sign, /*ends=*/false);
      }
    }
  }

  void OfferOrder(const Descriptor& order) {
    GoOnBehind(",");
    if (partial_.starts_with("-") || partial_.starts_with("+")) {
      before_.push_back(partial_[0]);
      partial_.erase(0, 1);
    }
    if (partial_.find(':') != std::string::npos) {
      GoOnBehind(":");
      return OfferAll({"asc", "desc", "nulls-first", "nulls-last"}, /*ends=*/false);
    }
    OfferAll(OrderFields(order, partial_), /*ends=*/false);
  }

  void OfferSelect(const Descriptor& select) {
    const std::vector<std::string> given = absl::StrSplit(partial_, ',');
    GoOnBehind(",");
    for (const std::string& name : SelectFields(select, partial_)) {
      const bool again = std::find(given.begin(), given.end() - 1, name) != given.end() - 1;
      if (!again) Offer(name, /*ends=*/false);
    }
  }

  void OfferData() {
    if (partial_.empty()) {
      Offer("@", /*ends=*/false, "the content of a file");
      Offer("-", true, "what comes in");
    } else if (partial_.starts_with("@")) {
      before_.push_back('@');
      partial_.erase(0, 1);
      OfferFiles();
    }
  }

  void OfferFiles() {
    const std::size_t slash = partial_.rfind('/');
    std::string typed = slash == std::string::npos ? "" : partial_.substr(0, slash + 1);
    GoOnBehind("/");
    if (const char* home = std::getenv("HOME"); typed.starts_with("~/") && home != nullptr) {
      typed.replace(0, 1, home);
    }
    std::error_code error;
    std::vector<std::pair<std::string, bool>> names;
    for (std::filesystem::directory_iterator at(sources_.folder / typed, error), end;
         !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name.starts_with(".") && !partial_.starts_with(".")) continue;
      names.emplace_back(name, at->is_directory(error));
      error.clear();
    }
    std::sort(names.begin(), names.end());
    for (const auto& [name, folder] : names) Offer(name + (folder ? "/" : ""), !folder);
  }

  const CompletionSources& sources_;
  std::string before_;               // of the word, what stays in front of every candidate
  std::string partial_;              // the rest of it, as far as it is typed
  std::string flag_;                 // whose value is being typed
  std::vector<std::string> places_;  // words that are neither flags nor their values
  std::optional<Shape> shape_;       // of the method, once it is known
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> Completions(const CompletionSources& sources,
                                   const std::vector<std::string>& words) {
  return Completer(sources, words).Run();
}

}  // namespace tenantry::cli
