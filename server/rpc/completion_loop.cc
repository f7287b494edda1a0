#include "server/rpc/completion_loop.h"

namespace tenantry::rpc {

CompletionLoop::~CompletionLoop() {
  for (int left = holds_; left > 0; left = holds_) holds_.wait(left);
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Run();  // a queue must be emptied all the same
  }
}

void CompletionLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CompletionLoop::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<CompletionEvent*>(tag)->Complete(ok);
}

}  // namespace tenantry::rpc
