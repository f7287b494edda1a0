#include "client/cli/completion.h"

#include "absl/strings/str_split.h"
#include "client/cli/arguments.h"
#include "client/cli/shape.h"
#include "client/cli/where.h"

namespace tenantry::cli {
namespace {

constexpr char kScript[] = R"(# source <(tenantry completion bash)
_tenantry() {
  local IFS=$'\n'
  COMPREPLY=($(tenantry __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _tenantry tenantry
)";

class Completer {
 public:
  Completer(const Catalog* catalog, const std::vector<std::string>& words) : catalog_(catalog) {
    if (!words.empty()) partial_ = words.back();
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      before_ = words[i];
      if (!words[i].starts_with("-")) places_.push_back(words[i]);
    }
  }

  std::vector<std::string> Run() {
    if (partial_.starts_with("-")) {
      for (const GlobalFlag& flag : GlobalFlags()) Offer(flag.name);
    }
    if (places_.empty() && !partial_.starts_with("-")) {
      for (const char* command :
           {"methods", "describe", "call", "session", "health", "config", "completion", "help"}) {
        Offer(command);
      }
    }
    if (catalog_ != nullptr) OfferFromServer();
    return found_;
  }

 private:
  void Offer(const std::string& candidate) {
    if (candidate.starts_with(partial_)) found_.push_back(candidate);
  }

  void OfferFromServer() {
    const bool names_resource =
        places_.empty() ||
        (places_.size() == 1 && (places_[0] == "help" || places_[0] == "describe"));
    if (names_resource) {
      if (partial_.starts_with("-")) return;
      for (const Resource& resource : catalog_->resources()) Offer(resource.word);
      return;
    }
    auto resource = catalog_->FindResource(places_[0]);
    if (!resource.ok()) return;
    if (places_.size() == 1) {
      for (const Method& method : (*resource)->methods) Offer(method.name);
      return;
    }
    auto method = Catalog::FindMethod(**resource, places_[1]);
    if (method.ok()) OfferFlags(ShapeOf(**method));
  }

  void OfferFlags(const Shape& shape) {
    if (before_ == "--where" && shape.filter != nullptr) {
      for (const std::string& field : ConditionFields(*shape.filter->message_type(), partial_)) {
        Offer(field);
      }
    }
    for (const Flag& flag : FlagsOf(shape)) {
      if (partial_.starts_with("-")) Offer(flag.name);
      // After --type: its values.
      if (before_ == flag.name && flag.value.find('|') != std::string::npos) {
        const std::vector<std::string> values = absl::StrSplit(flag.value, '|');
        for (const std::string& value : values) Offer(value);
      }
    }
  }

  const Catalog* const catalog_;
  std::string partial_;
  std::string before_;               // the word before
  std::vector<std::string> places_;  // words that are no flags
  std::vector<std::string> found_;
};

}  // namespace

std::string BashCompletionScript() { return kScript; }

std::vector<std::string> Completions(const Catalog* catalog,
                                     const std::vector<std::string>& words) {
  return Completer(catalog, words).Run();
}

}  // namespace tenantry::cli
