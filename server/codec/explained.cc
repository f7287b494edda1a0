#include "server/codec/explained.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/strings.h"

namespace tenantry::codec {

std::shared_ptr<const SqlText> Explained(const SqlText& text, bool analyze) {
  auto explained = std::make_shared<SqlText>(text);
  if (text.sql.starts_with("EXPLAIN")) return explained;
  explained->name = absl::StrCat(analyze ? "a" : "e", text.name);
  explained->sql =
      absl::StrCat("EXPLAIN (FORMAT JSON", analyze ? ", ANALYZE, BUFFERS" : "", ") ", text.sql);
  return explained;
}

PlanText::PlanText(const Rows& rows) {
  if (rows.row_count() == 1 && rows.column_count() == 1) json_ = rows.at(0, 0).view();
}

std::optional<double> PlanText::Number(std::string_view name) const {
  const std::string key = absl::StrCat("\"", ToAbsl(name), "\": ");
  const std::size_t found = json_.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  const std::string_view rest = json_.substr(found + key.size());
  double number = 0;
  if (!absl::SimpleAtod(ToAbsl(rest.substr(0, rest.find_first_of(",\n} "))), &number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace tenantry::codec
