#include "server/migrate/diagram_layout.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/migrate/diagram.h"

namespace tenantry::migrate {
namespace {

using schema::Column;
using schema::Relation;
using schema::Table;

constexpr double kLetter = 7.3;  // width, of the page's 12 px monospace
constexpr double kGapX = 90, kGapY = 22;
constexpr double kMargin = 24, kTitle = 34;
// A column of the picture that would be higher becomes several.
constexpr double kColumnHeightMax = 1600;

using Tables = std::vector<const Table*>;

Box SizeOf(const Table& table) {
  std::size_t letters = table.name.size() + 2;
  const auto columns = ShownColumns(table);
  for (const Column* column : columns) {
    letters = std::max(letters, column->name.size() + DetailOf(table, *column).size() + 5);
  }
  Box box;
  box.width = static_cast<double>(letters) * kLetter;
  box.height = kHeadHeight + kRowHeight * static_cast<double>(columns.size()) + 4;
  return box;
}

// How many steps of reference lead from a table to one that refers to none of the frame. A
// reference that closes a circle does not count.
class Depths {
 public:
  explicit Depths(const Tables& tables) : tables_(tables.begin(), tables.end()) {}

  int Of(const Table* table) {
    if (auto known = depths_.find(table); known != depths_.end()) return known->second;
    if (!visiting_.insert(table).second) return -1;
    int depth = 0;
    for (const Relation& relation : table->relations) {
      if (relation.many || !tables_.contains(relation.target)) continue;
      depth = std::max(depth, Of(relation.target) + 1);
    }
    visiting_.erase(table);
    return depths_[table] = depth;
  }

 private:
  const std::set<const Table*> tables_;
  std::map<const Table*, int> depths_;
  std::set<const Table*> visiting_;
};

// The mean height of what a table refers to, as far as it has a place.
double WantedY(const Table& table, const std::map<const Table*, Box>& placed) {
  double sum = 0;
  int count = 0;
  for (const Relation& relation : table.relations) {
    auto target = placed.find(relation.target);
    if (relation.many || target == placed.end()) continue;
    sum += target->second.y + target->second.height / 2;
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

class FrameLayout {
 public:
  FrameLayout(Frame& frame, std::map<const Table*, Box>& boxes) : frame_(frame), boxes_(boxes) {}

  void Run(double top) {
    top_ = y_ = top + kTitle;
    x_ = 2 * kMargin;
    bottom_ = top_;
    std::map<int, Tables> layers;
    Depths depths(frame_.tables);
    for (const Table* table : frame_.tables) layers[depths.Of(table)].push_back(table);
    for (auto& [depth, tables] : layers) {
      std::stable_sort(tables.begin(), tables.end(), [&](const Table* a, const Table* b) {
        return WantedY(*a, boxes_) < WantedY(*b, boxes_);
      });
      for (const Table* table : tables) Place(*table);
      NextColumn();
    }
    frame_.box = {kMargin, top, x_ - kGapX, bottom_ - top + kMargin};
  }

 private:
  void Place(const Table& table) {
    Box box = SizeOf(table);
    if (y_ > top_ && y_ + box.height > top_ + kColumnHeightMax) NextColumn();
    box.x = x_;
    box.y = y_;
    y_ += box.height + kGapY;
    column_width_ = std::max(column_width_, box.width);
    bottom_ = std::max(bottom_, box.y + box.height);
    boxes_[&table] = box;
  }

  void NextColumn() {
    x_ += column_width_ + kGapX;
    y_ = top_;
    column_width_ = 0;
  }

  Frame& frame_;
  std::map<const Table*, Box>& boxes_;
  double top_ = 0, x_ = 0, y_ = 0, bottom_ = 0, column_width_ = 0;
};

}  // namespace

std::vector<const Column*> ShownColumns(const Table& table) {
  std::vector<const Column*> columns;
  for (const Column& column : table.columns) {
    if (column.stored) columns.push_back(&column);
  }
  return columns;
}

std::string DetailOf(const Table& table, const Column& column) {
  std::string detail =
      absl::StrCat(column.enum_type != nullptr ? column.enum_type->name : column.sql_type,
                   column.array ? "[]" : "", column.not_null ? "" : "?");
  for (const std::string& mark : KeyMarks(table, column)) absl::StrAppend(&detail, " ", mark);
  return detail;
}

Layout LayOut(const schema::Schema& schema) {
  Layout layout;
  for (const Table& table : schema.tables()) {
    const std::string file(absl::StripSuffix(table.message->file()->name(), ".proto"));
    auto frame = std::find_if(layout.frames.begin(), layout.frames.end(),
                              [&](const Frame& other) { return other.file == file; });
    if (frame == layout.frames.end()) {
      frame = layout.frames.insert(layout.frames.end(), Frame{file, {}, {}});
    }
    frame->tables.push_back(&table);
  }
  double top = kMargin;
  for (Frame& frame : layout.frames) {
    FrameLayout(frame, layout.boxes).Run(top);
    top = frame.box.y + frame.box.height + kMargin;
    layout.width = std::max(layout.width, frame.box.right() + kMargin);
  }
  for (Frame& frame : layout.frames) frame.box.width = layout.width - 2 * kMargin;
  layout.height = top;
  return layout;
}

}  // namespace tenantry::migrate
