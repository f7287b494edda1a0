#include "server/base/metrics.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/base/strings.h"

namespace tenantry {

std::uint64_t Histogram::count() const {
  std::uint64_t sum = 0;
  for (int i = 0; i <= kBuckets; ++i) sum += bucket(i);
  return sum;
}

std::uint64_t Histogram::bucket(int i) const {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.buckets[i].load(std::memory_order_relaxed);
  return sum;
}

double Histogram::sum_seconds() const {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.sum_ns.load(std::memory_order_relaxed);
  return static_cast<double>(sum) / 1e9;
}

namespace {

// `{a="x",b="y"}`, with `le` last where given; empty without labels.
std::string LabelText(const MetricLabels& labels, std::string_view le = {}) {
  std::string text;
  auto add = [&text](std::string_view key, std::string_view value) {
    absl::StrAppend(
        &text, text.empty() ? "{" : ",", ToAbsl(key), "=\"",
        absl::StrReplaceAll(ToAbsl(value), {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
  };
  for (const auto& [key, value] : labels) add(key, value);
  if (!le.empty()) add("le", le);
  if (!text.empty()) text += '}';
  return text;
}

void RenderOne(std::string_view name, const MetricLabels& labels, const Counter& counter,
               std::string& out) {
  absl::StrAppend(&out, ToAbsl(name), LabelText(labels), " ", counter.value(), "\n");
}

void RenderOne(std::string_view name, const MetricLabels& labels, const Gauge& gauge,
               std::string& out) {
  absl::StrAppend(&out, ToAbsl(name), LabelText(labels), " ", gauge.value(), "\n");
}

void RenderOne(std::string_view name, const MetricLabels& labels, const Histogram& histogram,
               std::string& out) {
  std::uint64_t cumulative = 0;
  for (int i = 0; i < Histogram::kBuckets; ++i) {
    cumulative += histogram.bucket(i);
    absl::StrAppend(&out, ToAbsl(name), "_bucket",
                    LabelText(labels, absl::StrCat(Histogram::Bound(i))), " ", cumulative, "\n");
  }
  cumulative += histogram.bucket(Histogram::kBuckets);
  absl::StrAppend(&out, ToAbsl(name), "_bucket", LabelText(labels, "+Inf"), " ", cumulative, "\n");
  absl::StrAppend(&out, ToAbsl(name), "_sum", LabelText(labels), " ", histogram.sum_seconds(),
                  "\n");
  absl::StrAppend(&out, ToAbsl(name), "_count", LabelText(labels), " ", cumulative, "\n");
}

constexpr std::string_view TypeName(const Counter*) { return "counter"; }
constexpr std::string_view TypeName(const Gauge*) { return "gauge"; }
constexpr std::string_view TypeName(const Histogram*) { return "histogram"; }

}  // namespace

struct MetricRegistry::Family {
  struct Member {
    MetricLabels labels;
    std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>> it;
  };
  std::string name;
  std::string help;
  std::string_view type;
  std::vector<Member> members;
};

MetricRegistry::MetricRegistry() = default;
MetricRegistry::~MetricRegistry() = default;

template <typename T>
T& MetricRegistry::Find(std::string_view name, std::string_view help, MetricLabels labels) {
  absl::MutexLock lock(&mutex_);
  constexpr std::string_view type = TypeName(static_cast<const T*>(nullptr));
  auto family = std::find_if(families_.begin(), families_.end(),
                             [&](const auto& f) { return f->name == name && f->type == type; });
  if (family == families_.end()) {
    families_.push_back(std::make_unique<Family>());
    family = families_.end() - 1;
    **family = {std::string(name), std::string(help), type, {}};
  }
  auto& members = (*family)->members;
  auto member = std::find_if(members.begin(), members.end(),
                             [&](const auto& m) { return m.labels == labels; });
  if (member == members.end()) {
    members.push_back({std::move(labels), std::make_unique<T>()});
    member = members.end() - 1;
  }
  return *std::get<std::unique_ptr<T>>(member->it);
}

Counter& MetricRegistry::counter(std::string_view name, std::string_view help,
                                 MetricLabels labels) {
  return Find<Counter>(name, help, std::move(labels));
}

Gauge& MetricRegistry::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  return Find<Gauge>(name, help, std::move(labels));
}

Histogram& MetricRegistry::histogram(std::string_view name, std::string_view help,
                                     MetricLabels labels) {
  return Find<Histogram>(name, help, std::move(labels));
}

std::string MetricRegistry::Render() const {
  absl::MutexLock lock(&mutex_);
  std::string out;
  for (const auto& family : families_) {
    absl::StrAppend(&out, "# HELP ", family->name, " ", family->help, "\n");
    absl::StrAppend(&out, "# TYPE ", family->name, " ", ToAbsl(family->type), "\n");
    for (const auto& member : family->members) {
      std::visit([&](const auto& it) { RenderOne(family->name, member.labels, *it, out); },
                 member.it);
    }
  }
  return out;
}

}  // namespace tenantry
