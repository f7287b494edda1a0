#include "client/load/worker.h"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/caller.h"
#include "client/cpp/error.h"

namespace tenantry::load {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::system_clock;

// Waking up for each call of a high rate would cost more than the call.
constexpr microseconds kPaceStep{100};
// While nothing answers, a worker looks this often whether the run is over or was stopped.
constexpr milliseconds kIdleCheck{50};

std::string ErrorName(const grpc::Status& status) {
  const client::Error error = client::DecodeError(status);
  const std::string code = client::CodeName(error.code);
  return error.reason.empty() || error.reason == code ? code
                                                      : absl::StrCat(code, " ", error.reason);
}

}  // namespace

// A stream: at most one call in flight. It holds all that a call needs, for the next call too.
struct Worker::Slot {
  const Stubs* stubs = nullptr;
  std::array<std::unique_ptr<Call>, kMethods> calls;  // made when first needed
  std::optional<grpc::ClientContext> context;         // good for one call each
  grpc::Status status;
  Method method = Method::kGet;
  const TenantRows* tenant = nullptr;
  Clock::time_point intended;
  Clock::time_point started;
};

Worker::Worker(const Options& options, const Dataset& dataset, const Timeline& timeline,
               Share share, const std::vector<std::shared_ptr<grpc::Channel>>& channels)
    : options_(options),
      timeline_(timeline),
      share_(share),
      choices_(options, dataset, share.index),
      stats_(std::make_unique<Stats>()) {
  for (const auto& channel : channels) {
    stubs_.push_back({saas::v1::ContactService::NewStub(channel),
                      saas::v1::ProductService::NewStub(channel),
                      v1::TransactService::NewStub(channel)});
  }
  for (int stream = 0; stream < options.streams; ++stream) {
    for (const Stubs& stubs : stubs_) {
      slots_.push_back(std::make_unique<Slot>());
      slots_.back()->stubs = &stubs;
      idle_.push_back(slots_.back().get());
    }
  }
  if (share.rate > 0) {
    pace_.emplace(timeline.begin + share.offset, share.rate, options.poisson,
                  options.seed + 7 * share.index);
  }
}

Worker::~Worker() {
  Stop();
  Join();
}

void Worker::Start() {
  replies_thread_ = std::thread([this] { HandleReplies(); });
  if (pace_) pace_thread_ = std::thread([this] { KeepPace(); });
}

void Worker::Join() {
  if (pace_thread_.joinable()) pace_thread_.join();
  if (replies_thread_.joinable()) replies_thread_.join();
}

void Worker::HandleReplies() {
  std::this_thread::sleep_until(timeline_.begin);
  {
    std::lock_guard lock(mutex_);
    Dispatch();
  }
  auto check_at = system_clock::now() + kIdleCheck;
  while (true) {
    void* tag = nullptr;
    bool ok = false;
    const auto event = queue_.AsyncNext(&tag, &ok, check_at);
    if (event == grpc::CompletionQueue::GOT_EVENT) {
      OnDone(*static_cast<Slot*>(tag));
      continue;
    }
    check_at = system_clock::now() + kIdleCheck;
    std::lock_guard lock(mutex_);
    if (in_flight_ == 0 && Exhausted(Clock::now())) break;
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
  RecordUnsent();
}

void Worker::KeepPace() {
  // Without this the kernel may wake the thread 50 us late, which would count as the server's time.
  prctl(PR_SET_TIMERSLACK, 1000UL);
  while (true) {
    Clock::time_point next;
    {
      std::lock_guard lock(mutex_);
      Dispatch();
      const Clock::time_point now = Clock::now();
      if (Exhausted(now)) return;
      next = std::max(pace_->next(), now + kPaceStep);
    }
    std::this_thread::sleep_until(std::min(next, Clock::now() + kIdleCheck));
  }
}

bool Worker::Exhausted(Clock::time_point now) const {
  if (stopped_ || now >= timeline_.give_up) return true;
  if (share_.calls_max > 0 && measured_starts_ >= share_.calls_max) return true;
  return (pace_ ? pace_->next() : now) >= timeline_.measure_to;
}

std::optional<Clock::time_point> Worker::NextStart(Clock::time_point now) {
  if (Exhausted(now)) return std::nullopt;
  if (!pace_) return now;
  const Clock::time_point intended = pace_->next();
  if (intended > now) return std::nullopt;
  pace_->Advance();
  return intended;
}

void Worker::Dispatch() {
  while (!idle_.empty()) {
    const Clock::time_point now = Clock::now();
    const std::optional<Clock::time_point> intended = NextStart(now);
    if (!intended) return;
    Slot& slot = *idle_.front();
    idle_.pop_front();
    StartCall(slot, *intended, now);
  }
}

void Worker::StartCall(Slot& slot, Clock::time_point intended, Clock::time_point now) {
  slot.method = choices_.NextMethod();
  slot.tenant = &choices_.NextTenant(slot.method);
  slot.intended = intended;
  slot.started = now;
  std::unique_ptr<Call>& call = slot.calls[static_cast<std::size_t>(slot.method)];
  if (call == nullptr) call = MakeCall(slot.method);
  call->Fill(choices_);

  slot.context.emplace();
  slot.context->AddMetadata(client::kTenantHeader, slot.tenant->tenant_id);
  if (!options_.user.empty()) slot.context->AddMetadata(client::kUserHeader, options_.user);
  if (!options_.role.empty()) slot.context->AddMetadata(client::kRoleHeader, options_.role);
  slot.context->set_deadline(system_clock::now() + options_.deadline);

  ++in_flight_;
  if (Measured(intended)) ++measured_starts_;
  call->Start(*slot.stubs, *slot.context, queue_, slot.status, &slot);
}

void Worker::OnDone(Slot& slot) {
  const Clock::time_point now = Clock::now();
  RecordResult(slot, now);
  std::lock_guard lock(mutex_);
  if (slot.status.ok()) {
    Call& call = *slot.calls[static_cast<std::size_t>(slot.method)];
    const int rows = call.Finish(choices_, *slot.tenant);
    if (Measured(slot.intended))
      stats_->methods[static_cast<std::size_t>(slot.method)].rows += rows;
  }
  --in_flight_;
  idle_.push_back(&slot);
  Dispatch();
}

void Worker::RecordResult(Slot& slot, Clock::time_point now) {
  done_.fetch_add(1, std::memory_order_relaxed);
  if (!slot.status.ok()) errors_.fetch_add(1, std::memory_order_relaxed);
  if (now >= timeline_.measure_from && now < timeline_.measure_to) ++stats_->completed;
  if (!Measured(slot.intended)) return;

  last_completion_ = now;
  MethodStats& method = stats_->methods[static_cast<std::size_t>(slot.method)];
  if (pace_) stats_->start_delay.Record(slot.started - slot.intended);
  if (slot.status.ok()) {
    method.latency.Record(now - slot.intended);
  } else {
    method.failed.Record(now - slot.intended);
    ++method.errors[ErrorName(slot.status)];
  }
}

// Calls of the timetable that never found a free stream count as failures, with the time until the
// end of the run as their latency. Without them a server that had stopped answering would look
// good.
void Worker::RecordUnsent() {
  if (!pace_ || stopped_ || (share_.calls_max > 0 && measured_starts_ >= share_.calls_max)) return;
  const Clock::time_point now = Clock::now();
  for (; pace_->next() < timeline_.measure_to; pace_->Advance()) {
    if (!Measured(pace_->next())) continue;
    MethodStats& method = stats_->methods[static_cast<std::size_t>(choices_.NextMethod())];
    method.failed.Record(now - pace_->next());
    ++method.errors["NOT_SENT"];
    errors_.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace tenantry::load
