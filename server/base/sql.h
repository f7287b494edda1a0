// A statement and its parameters on their way from the plan to the database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"

namespace tenantry {

// Text of one statement, made once per shape and kept by the plan cache. Holds no value of any
// request. Parameter types are inferred by Postgres from casts in the text.
struct SqlText {
  std::string name;  // unique per text within the process, [a-z0-9_]+, at most 40 bytes
  std::string sql;
  bool read_only = false;
  bool aggregates = false;  // it makes measures, over units of time where it is asked to
  // Whose rows it writes, unquoted, and whether it removes them: which side of a foreign key a
  // refusal is about. Empty for reads, unless they are refused without a row.
  std::string written_schema;
  std::string written_table;
  bool removes_rows = false;
  std::string row_name;  // what callers know a row of it as: `Contact`
};

// SQL as it stands in the source. The compiler refuses anything else, so no value can get into it.
class SqlLiteral {
 public:
  consteval SqlLiteral(const char* text) : text_(text) {}  // implicit: Query("SELECT 1")

  const char* text() const { return text_; }

 private:
  const char* text_;
};

// Bound parameters in order, their bytes in one buffer. Binary format unless added as text.
class SqlParams {
 public:
  struct Entry {
    std::uint32_t offset;
    std::int32_t size;  // -1 is NULL
    bool binary;
  };

  void AddNull() { entries_.push_back({0, -1, true}); }
  void AddBinary(std::string_view bytes) { Add(bytes, true); }
  void AddText(std::string_view text) { Add(text, false); }

  // For values written in place: append to `bytes()`, then close the entry that began at `offset`.
  std::string& bytes() { return bytes_; }
  void CloseBinary(std::size_t offset) { Close(offset, true); }

  std::size_t size() const { return entries_.size(); }
  std::size_t size_in_bytes() const { return bytes_.size(); }
  const Entry& entry(std::size_t i) const { return entries_[i]; }
  // Null pointer for NULL. Every value is followed by a zero byte (libpq reads text up to it).
  const char* data(std::size_t i) const {
    return entries_[i].size < 0 ? nullptr : bytes_.data() + entries_[i].offset;
  }

 private:
  void Add(std::string_view value, bool binary) {
    std::size_t offset = bytes_.size();
    bytes_.append(value);
    Close(offset, binary);
  }
  void Close(std::size_t offset, bool binary) {
    entries_.push_back({static_cast<std::uint32_t>(offset),
                        static_cast<std::int32_t>(bytes_.size() - offset), binary});
    bytes_.push_back('\0');
  }

  std::string bytes_;
  absl::InlinedVector<Entry, 12> entries_;
};

}  // namespace tenantry
