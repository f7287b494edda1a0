// Reads and writes from many threads, each write tried once. A check afterwards: what was
// acknowledged is there, what was refused is not, and nothing is there twice or in part.
#pragma once

#include <atomic>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {

class WriteLoad {
 public:
  // Of contacts, whose names tell which write made them.
  WriteLoad(const test::DynamicClient& client, std::string tenant, int threads)
      : client_(client), tenant_(std::move(tenant)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i] { Run(i); });
  }
  ~WriteLoad() { Stop(); }

  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::int64_t calls() const { return calls_; }
  std::int64_t acknowledged() const { return acknowledged_; }
  std::int64_t failed() const { return failed_; }

  // After Stop.
  void Reckon(const std::string& superuser_url) {
    pqxx::connection connection(superuser_url);
    pqxx::nontransaction work(connection);
    std::map<std::string, int> rows;
    for (const auto& row :
         work.exec(absl::StrCat("SELECT name, count(*) FROM saas.contacts WHERE tenant_id = '",
                                tenant_, "' GROUP BY name"))) {
      rows[row[0].as<std::string>()] = row[1].as<int>();
    }
    absl::MutexLock lock(&mutex_);
    for (const Write& write : writes_) {
      const int found = rows[write.name];
      if (write.result.ok()) {
        EXPECT_EQ(found, write.rows) << "an acknowledged write is lost or doubled";
      } else if (write.result.error.reason == "OUTCOME_UNKNOWN") {
        EXPECT_TRUE(found == 0 || found == write.rows) << "half a write: " << found;
      } else {
        EXPECT_EQ(found, 0) << "refused, yet done: " << write.result.ToString();
      }
    }
  }

  // For each code and reason of a failure: how often it occurred, and the earliest start of such a
  // call.
  std::map<std::string, int> failures() {
    absl::MutexLock lock(&mutex_);
    return failures_;
  }
  // Whether a call that began before `time` failed.
  bool FailedBefore(absl::Time time) {
    absl::MutexLock lock(&mutex_);
    return earliest_failure_ < time;
  }

 private:
  struct Write {
    std::string name;
    int rows;
    CallResult result;
  };

  void Run(int thread) {
    for (int i = 0; !stopping_; ++i) {
      const std::string name = absl::StrCat("write ", thread, "/", i);
      const absl::Time start = absl::Now();
      if (i % 3 == 0) {
        Record(start, client_.Call("ListContacts", "page_size: 5", As(tenant_)));
      } else if (i % 3 == 1) {
        Take(start, name, 1,
             client_.Call("CreateContact", absl::StrCat("contact { name: '", name, "' }"),
                          As(tenant_)));
      } else {
        std::string batch;
        for (int n = 0; n < 20; ++n) {
          absl::StrAppend(&batch, "requests { contact { name: '", name, "' } } ");
        }
        Take(start, name, 20, client_.Call("BatchCreateContacts", batch, As(tenant_)));
      }
    }
  }

  void Take(absl::Time start, const std::string& name, int rows, CallResult result) {
    Record(start, result);
    absl::MutexLock lock(&mutex_);
    acknowledged_ += result.ok();
    writes_.push_back({name, rows, std::move(result)});
  }

  void Record(absl::Time start, const CallResult& result) {
    ++calls_;
    if (result.ok()) return;
    ++failed_;
    absl::MutexLock lock(&mutex_);
    earliest_failure_ = std::min(earliest_failure_, start);
    ++failures_[absl::StrCat(client::CodeName(result.status.error_code()), " ",
                             result.error.reason)];
  }

  const test::DynamicClient& client_;
  const std::string tenant_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> calls_{0}, acknowledged_{0}, failed_{0};
  absl::Mutex mutex_;
  std::vector<Write> writes_;
  std::map<std::string, int> failures_;
  absl::Time earliest_failure_ = absl::InfiniteFuture();
};

}  // namespace tenantry::e2e
