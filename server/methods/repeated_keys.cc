#include "server/methods/repeated_keys.h"

#include <bit>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "server/base/ids.h"
#include "server/plan/value.h"

namespace tenantry::methods {
namespace {

using plan::Value;
using schema::Column;
using schema::Form;
using schema::Type;

template <typename T>
void AppendBytes(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// "+007.50" and "7.5" are the same number.
void AppendNumeric(absl::string_view text, std::string& out) {
  if (text.front() == '-') out.push_back('-');
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  while (!text.empty() && text.front() == '0') text.remove_prefix(1);
  if (text.find('.') != text.npos) {
    while (text.back() == '0') text.remove_suffix(1);
    if (text.back() == '.') text.remove_suffix(1);
  }
  if (text.empty()) {  // zero has no sign
    if (!out.empty() && out.back() == '-') out.pop_back();
    text = "0";
  }
  out.append(text.data(), text.size());
}

// Postgres takes all NaN for one value, and -0 for 0.
void AppendDouble(double value, std::string& out) {
  if (std::isnan(value)) value = std::nan("");
  AppendBytes(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value), out);
}

void AppendString(Type type, const std::string& text, std::string& out) {
  if (type == Type::kUuid) {
    std::uint8_t bytes[16] = {};
    ParseUuid(text, bytes);
    out.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
  } else if (type == Type::kUlid) {
    out += absl::AsciiStrToUpper(text);
  } else if (type == Type::kNumeric) {
    AppendNumeric(text, out);
  } else {
    out += text;
  }
}

// Bytes that are equal exactly when the database takes the values for equal.
void AppendCanonical(const Column& column, const Value& value, std::string& out) {
  std::string scratch;
  switch (schema::InfoOf(column.type).form) {
    case Form::kBool:
      out.push_back(value.as_bool() ? 1 : 0);
      return;
    case Form::kInteger:
      return AppendBytes(value.as_int(), out);
    case Form::kReal:
      return AppendDouble(value.as_double(), out);
    case Form::kEnum:
      return AppendBytes(value.as_enum(), out);
    case Form::kTimestamp: {
      const plan::TimestampParts time = plan::TimestampOf(value.as_message());
      AppendBytes(time.seconds, out);
      return AppendBytes(time.nanos / 1000, out);
    }
    case Form::kString:
    case Form::kBytes:
      return AppendString(column.type, value.as_string(scratch), out);
    case Form::kStruct:  // no key holds one
      return;
  }
}

// The canonical keys of all entries, in one piece of memory.
class EntryKeys {
 public:
  EntryKeys(int size, absl::FunctionRef<void(int entry, std::string& bytes)> append) {
    ends_.reserve(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) {
      append(i, bytes_);
      ends_.push_back(bytes_.size());
    }
  }

  absl::string_view at(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return absl::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace

void AppendCanonicalKey(const Column& column, const Value& value, std::string& bytes) {
  const std::size_t begin = bytes.size();
  AppendCanonical(column, value, bytes);
  AppendBytes(bytes.size() - begin, bytes);  // the length keeps the parts of a key apart
}

RepeatedKeys FindRepeatedKeys(int size,
                              absl::FunctionRef<void(int entry, std::string& bytes)> append) {
  RepeatedKeys keys;
  if (size < 2) return keys;
  const EntryKeys entries(size, append);
  absl::flat_hash_map<absl::string_view, int> rows;
  rows.reserve(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) {
    const auto [found, is_new] =
        rows.emplace(entries.at(static_cast<std::size_t>(i)), static_cast<int>(rows.size()));
    // Nothing is noted down until there is a repeat.
    if (!is_new && keys.row_of.empty()) {
      for (int before = 0; before < i; ++before) keys.row_of.push_back(before);
      keys.first = keys.row_of;
    }
    if (keys.row_of.empty()) continue;
    keys.row_of.push_back(found->second);
    if (is_new) keys.first.push_back(i);
  }
  return keys;
}

}  // namespace tenantry::methods
