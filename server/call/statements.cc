#include "server/call/statements.h"

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace tenantry::call {
namespace {

// Each literal of the program has a name of its own, under which connections prepare it.
class Texts {
 public:
  std::shared_ptr<const SqlText> Find(SqlLiteral sql, bool read_only) {
    absl::MutexLock lock(&mutex_);
    std::shared_ptr<const SqlText>& text = texts_[{sql.text(), read_only}];
    if (text == nullptr) {
      auto made = std::make_shared<SqlText>();
      made->name = absl::StrCat("written_", texts_.size());
      made->sql = sql.text();
      made->read_only = read_only;
      text = std::move(made);
    }
    return text;
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<std::pair<const char*, bool>, std::shared_ptr<const SqlText>> texts_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace

SqlParams& ReadStatements::AddStatement(SqlLiteral sql) {
  static Texts& texts = *new Texts;
  pg::Statement& statement = transaction_.statements.emplace_back();
  statement.text = texts.Find(sql, transaction_.access() == pg::Access::kReadOnly);
  return statement.params;
}

}  // namespace tenantry::call
