// Where the boxes of a diagram are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/schema/schema.h"

namespace tenantry::migrate {

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  double right() const { return x + width; }
};

// The tables of one file.
struct Frame {
  std::string file;
  Box box;
  std::vector<const schema::Table*> tables;  // in the order of the schema
};

struct Layout {
  std::vector<Frame> frames;
  std::map<const schema::Table*, Box> boxes;
  double width = 0, height = 0;
};

inline constexpr double kHeadHeight = 26, kRowHeight = 18;

// Columns of a table that are shown, and what stands behind the name of each: `varchar(20)? UK`.
std::vector<const schema::Column*> ShownColumns(const schema::Table& table);
std::string DetailOf(const schema::Table& table, const schema::Column& column);

// Frames stand below each other. In a frame a table stands to the right of those of the frame that
// it refers to, and near their height.
Layout LayOut(const schema::Schema& schema);

}  // namespace tenantry::migrate
