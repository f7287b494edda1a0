#include "client/cli/table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/text.h"

namespace tenantry::cli {
namespace {

constexpr std::size_t kGap = 2;         // between columns
constexpr std::size_t kNarrowest = 12;  // below this a cut column says nothing
constexpr char kBold[] = "\x1b[1m";
constexpr char kPlain[] = "\x1b[0m";

struct Fit {
  std::size_t column;  // in the table
  std::size_t width;
};

std::size_t TotalWidth(const std::vector<Fit>& fits) {
  std::size_t total = fits.empty() ? 0 : kGap * (fits.size() - 1);
  for (const Fit& fit : fits) total += fit.width;
  return total;
}

std::vector<Fit> NaturalWidths(const Table& table) {
  std::vector<Fit> fits;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t widest = 0;
    for (const auto& row : table.rows) widest = std::max(widest, DisplayWidth(row[i]));
    if (widest == 0 && !table.rows.empty()) continue;
    fits.push_back({i, std::max(widest, DisplayWidth(table.columns[i].title))});
  }
  return fits;
}

// Takes from the widest columns, a column at a time, until the table fits or nothing is left to
// take.
void Squeeze(const Table& table, std::vector<Fit>& fits, std::size_t width) {
  while (TotalWidth(fits) > width) {
    Fit* widest = nullptr;
    for (Fit& fit : fits) {
      if (table.columns[fit.column].whole || fit.width <= kNarrowest) continue;
      if (widest == nullptr || fit.width > widest->width) widest = &fit;
    }
    if (widest == nullptr) return;
    --widest->width;
  }
}

std::vector<Fit>::iterator NextToGo(const Table& table, std::vector<Fit>& fits) {
  const auto spare = std::find_if(fits.begin(), fits.end(),
                                  [&](const Fit& fit) { return table.columns[fit.column].spare; });
  return spare != fits.end() ? spare : fits.end() - 1;
}

// The end of a title says more than its beginning: items.product.name.
std::string TitleText(const std::string& title, std::size_t width) {
  if (title.size() <= width || title.find('.') == std::string::npos) return title;
  return absl::StrCat("\xe2\x80\xa6", title.substr(title.size() - (width - 1)));
}

std::string Cell(const std::string& text, const Column& column, std::size_t width, bool last) {
  const std::string cut = Truncate(text, width);
  const std::string pad(width - DisplayWidth(cut), ' ');
  if (column.right) return pad + cut;
  return last ? cut : cut + pad;
}

}  // namespace

std::string RenderTable(const Table& table, const TableStyle& style) {
  std::vector<Fit> fits = NaturalWidths(table);
  std::vector<std::string> left_out;
  if (style.width > 0) {
    std::vector<Fit> squeezed = fits;
    Squeeze(table, squeezed, style.width);
    while (TotalWidth(squeezed) > style.width && fits.size() > 1) {
      const auto goes = NextToGo(table, fits);
      left_out.insert(left_out.begin(), table.columns[goes->column].title);
      fits.erase(goes);
      squeezed = fits;
      Squeeze(table, squeezed, style.width);
    }
    fits = std::move(squeezed);
  }

  std::string out;
  const auto line = [&](const auto& text_of) {
    for (std::size_t i = 0; i < fits.size(); ++i) {
      const bool last = i + 1 == fits.size();
      const Column& column = table.columns[fits[i].column];
      absl::StrAppend(&out, Cell(text_of(fits[i]), column, fits[i].width, last),
                      last ? "" : std::string(kGap, ' '));
    }
  };
  if (style.bold_titles) out += kBold;
  line([&](const Fit& fit) { return TitleText(table.columns[fit.column].title, fit.width); });
  absl::StrAppend(&out, style.bold_titles ? kPlain : "", "\n");
  for (const auto& row : table.rows) {
    const bool blank = std::all_of(fits.begin(), fits.end(),
                                   [&](const Fit& fit) { return row[fit.column].empty(); });
    if (blank && !left_out.empty()) continue;
    line([&](const Fit& fit) { return row[fit.column]; });
    out += "\n";
  }
  if (!left_out.empty()) {
    absl::StrAppend(&out, "(too narrow for ", absl::StrJoin(left_out, ", "),
                    "; choose with --columns, or -o json)\n");
  }
  return out;
}

}  // namespace tenantry::cli
