#include "server/codec/value_codec.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "server/base/ids.h"
#include "server/codec/json_struct.h"
#include "server/codec/pg_binary.h"

namespace tenantry::codec {
namespace {

using google::protobuf::Message;
using plan::JsonTexts;
using plan::Value;
using schema::Column;
using schema::Type;

// --- bind ---

void BindBool(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  out.push_back(value.as_bool() ? 1 : 0);
}

void BindInt32(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  AppendBigEndian(out, static_cast<std::int32_t>(value.as_int()));
}

void BindInt64(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  AppendBigEndian(out, value.as_int());
}

void BindFloat(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  AppendBigEndian(out, std::bit_cast<std::uint32_t>(static_cast<float>(value.as_double())));
}

void BindDouble(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  AppendBigEndian(out, std::bit_cast<std::uint64_t>(value.as_double()));
}

void BindText(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  std::string scratch;
  out += value.as_string(scratch);
}

void BindUuid(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  std::string scratch;
  std::uint8_t bytes[16] = {};
  ParseUuid(value.as_string(scratch), bytes);
  out.append(reinterpret_cast<const char*>(bytes), sizeof(bytes));
}

// The database compares it as text, so it has one spelling.
void BindUlid(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  std::string scratch;
  out += absl::AsciiStrToUpper(value.as_string(scratch));
}

void BindTimestamp(const Column&, const Value& value, const JsonTexts&, std::string& out) {
  const plan::TimestampParts time = plan::TimestampOf(value.as_message());
  AppendBigEndian(out, (time.seconds - kPostgresEpochSeconds) * kMicrosPerSecond +
                           std::int64_t{time.nanos / 1000});
}

void BindJson(const Column&, const Value& value, const JsonTexts& json, std::string& out) {
  out += json.at(&value.as_message());
}

void BindEnum(const Column& column, const Value& value, const JsonTexts&, std::string& out) {
  out += column.enum_type->FindNumber(value.as_enum())->label;
}

// --- bind_element ---

void AppendQuoted(std::string_view text, std::string& out) {
  out.push_back('"');
  for (char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

void BoolElement(const Column&, const Value& value, std::string& out) {
  out += value.as_bool() ? "t" : "f";
}

void IntegerElement(const Column&, const Value& value, std::string& out) {
  absl::StrAppend(&out, value.as_int());
}

void FloatElement(const Column&, const Value& value, std::string& out) {
  absl::StrAppendFormat(&out, "%.9g", value.as_double());
}

void DoubleElement(const Column&, const Value& value, std::string& out) {
  absl::StrAppendFormat(&out, "%.17g", value.as_double());
}

void BytesElement(const Column&, const Value& value, std::string& out) {
  std::string scratch;
  AppendQuoted(absl::StrCat("\\x", absl::BytesToHexString(value.as_string(scratch))), out);
}

void UuidElement(const Column&, const Value& value, std::string& out) {
  std::string scratch;
  out += value.as_string(scratch);
}

void TimestampElement(const Column&, const Value& value, std::string& out) {
  const plan::TimestampParts time = plan::TimestampOf(value.as_message());
  const absl::Time at =
      absl::FromUnixSeconds(time.seconds) + absl::Nanoseconds(time.nanos / 1000 * 1000);
  AppendQuoted(absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", at, absl::UTCTimeZone()), out);
}

// Of a type whose parameter is text.
void TextElement(const Column& column, const Value& value, std::string& out) {
  std::string text;
  CodecOf(column).bind(column, value, {}, text);
  AppendQuoted(text, out);
}

// --- write ---

Written YesIf(bool yes) { return yes ? Written::kYes : Written::kUnreadable; }

Written WriteBool(const Column&, const Cell& cell, std::size_t, std::string& out) {
  if (cell.size != 1) return Written::kUnreadable;
  out.push_back(cell.data[0] != 0 ? 1 : 0);
  return Written::kYes;
}

// Negative numbers are sign-extended to 64 bits.
Written WriteInt32(const Column&, const Cell& cell, std::size_t, std::string& out) {
  if (cell.size != 4) return Written::kUnreadable;
  const std::int64_t value = ReadBigEndian<std::int32_t>(cell.data);
  AppendVarint(out, static_cast<std::uint64_t>(value));
  return Written::kYes;
}

Written WriteInt64(const Column&, const Cell& cell, std::size_t, std::string& out) {
  if (cell.size != 8) return Written::kUnreadable;
  AppendVarint(out, ReadBigEndian<std::uint64_t>(cell.data));
  return Written::kYes;
}

Written WriteFloat(const Column&, const Cell& cell, std::size_t, std::string& out) {
  if (cell.size != 4) return Written::kUnreadable;
  AppendLittleEndian(out, ReadBigEndian<std::uint32_t>(cell.data));
  return Written::kYes;
}

Written WriteDouble(const Column&, const Cell& cell, std::size_t, std::string& out) {
  if (cell.size != 8) return Written::kUnreadable;
  AppendLittleEndian(out, ReadBigEndian<std::uint64_t>(cell.data));
  return Written::kYes;
}

Written WriteText(const Column&, const Cell& cell, std::size_t bytes_max, std::string& out) {
  if (static_cast<std::size_t>(cell.size) > bytes_max) return Written::kTooLarge;
  AppendBytes(out, cell.view());
  return Written::kYes;
}

Written WriteUuid(const Column&, const Cell& cell, std::size_t, std::string& out) {
  if (cell.size != 16) return Written::kUnreadable;
  char text[36];
  FormatUuid(reinterpret_cast<const std::uint8_t*>(cell.data), text);
  AppendBytes(out, {text, sizeof(text)});
  return Written::kYes;
}

// It arrives as text. NaN and the infinities are no decimal numbers.
Written WriteNumeric(const Column& column, const Cell& cell, std::size_t bytes_max,
                     std::string& out) {
  const bool is_number =
      cell.size > 0 && absl::ascii_isdigit(static_cast<unsigned char>(cell.data[cell.size - 1]));
  return is_number ? WriteText(column, cell, bytes_max, out) : Written::kUnreadable;
}

// It arrives as text. PostgreSQL has infinities, years before 1 and years of more than four digits.
Written WriteDate(const Column& column, const Cell& cell, std::size_t bytes_max, std::string& out) {
  constexpr int kDateSize = 10;  // YYYY-MM-DD
  return cell.size == kDateSize ? WriteText(column, cell, bytes_max, out) : Written::kUnreadable;
}

// A field of google.protobuf.Timestamp; protobuf leaves zeros out.
void AppendNonZero(std::string& out, int number, std::int64_t value) {
  if (value == 0) return;
  AppendTag(out, number, WireType::kVarint);
  AppendVarint(out, static_cast<std::uint64_t>(value));
}

// PostgreSQL's infinity is at the very ends of its range, and beyond protobuf's.
Written WriteTimestamp(const Column&, const Cell& cell, std::size_t, std::string& out) {
  if (cell.size != 8) return Written::kUnreadable;
  const auto micros = ReadBigEndian<std::int64_t>(cell.data);
  std::int64_t seconds = micros / kMicrosPerSecond;
  std::int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kMicrosPerSecond;
  }
  if (seconds < schema::kTimeSecondsMin - kPostgresEpochSeconds ||
      seconds > schema::kTimeSecondsMax - kPostgresEpochSeconds) {
    return Written::kUnreadable;
  }
  LengthScope scope(out);
  AppendNonZero(out, 1, seconds + kPostgresEpochSeconds);
  AppendNonZero(out, 2, rest * 1000);
  return Written::kYes;
}

Written WriteJson(const Column&, const Cell& cell, std::size_t bytes_max, std::string& out) {
  constexpr char kJsonbVersion = 1;  // the first byte of jsonb's binary form
  if (cell.size < 1 || cell.data[0] != kJsonbVersion) return Written::kUnreadable;
  LengthScope scope(out);
  const StructResult result = AppendStruct(cell.view().substr(1), bytes_max, out);
  return result == StructResult::kTooLarge ? Written::kTooLarge
                                           : YesIf(result == StructResult::kDone);
}

// A migration may have added a label that this server's schema does not have yet.
Written WriteEnum(const Column& column, const Cell& cell, std::size_t, std::string& out) {
  const auto* value = column.enum_type->FindLabel(cell.view());
  const std::int64_t number = value == nullptr ? 0 : value->number;
  AppendVarint(out, static_cast<std::uint64_t>(number));
  return value == nullptr ? Written::kUnknownLabel : Written::kYes;
}

// --- describe ---

constexpr std::size_t kDescribedBytesMax = 64;

std::string DescribeBool(const Cell& cell) {
  return cell.size == 1 && cell.data[0] != 0 ? "true" : "false";
}

std::string DescribeInt32(const Cell& cell) {
  return cell.size == 4 ? absl::StrCat(ReadBigEndian<std::int32_t>(cell.data)) : "?";
}

std::string DescribeInt64(const Cell& cell) {
  return cell.size == 8 ? absl::StrCat(ReadBigEndian<std::int64_t>(cell.data)) : "?";
}

std::string DescribeUuid(const Cell& cell) {
  if (cell.size != 16) return "?";
  std::string text(36, '\0');
  FormatUuid(reinterpret_cast<const std::uint8_t*>(cell.data), text.data());
  return text;
}

std::string DescribeText(const Cell& cell) {
  return std::string(cell.view().substr(0, kDescribedBytesMax));
}

// Also what no key holds (TypeInfo::is_key).
std::string DescribeBytes(const Cell& cell) {
  return absl::BytesToHexString(absl::string_view(
      cell.data, std::min(static_cast<std::size_t>(cell.size), kDescribedBytesMax / 2)));
}

}  // namespace

constexpr std::array<ValueCodec, 14> kValueCodecs = {{
    {Type::kBool, BindBool, BoolElement, WireType::kVarint, WriteBool, DescribeBool},
    {Type::kInt32, BindInt32, IntegerElement, WireType::kVarint, WriteInt32, DescribeInt32},
    {Type::kInt64, BindInt64, IntegerElement, WireType::kVarint, WriteInt64, DescribeInt64},
    {Type::kFloat, BindFloat, FloatElement, WireType::kFixed32, WriteFloat, DescribeBytes},
    {Type::kDouble, BindDouble, DoubleElement, WireType::kFixed64, WriteDouble, DescribeBytes},
    {Type::kText, BindText, TextElement, WireType::kBytes, WriteText, DescribeText},
    {Type::kUuid, BindUuid, UuidElement, WireType::kBytes, WriteUuid, DescribeUuid},
    {Type::kUlid, BindUlid, TextElement, WireType::kBytes, WriteText, DescribeText},
    {Type::kNumeric, BindText, TextElement, WireType::kBytes, WriteNumeric, DescribeText},
    {Type::kDate, BindText, TextElement, WireType::kBytes, WriteDate, DescribeText},
    {Type::kBytes, BindText, BytesElement, WireType::kBytes, WriteText, DescribeBytes},
    {Type::kTimestamp, BindTimestamp, TimestampElement, WireType::kBytes, WriteTimestamp,
     DescribeBytes},
    {Type::kJson, BindJson, TextElement, WireType::kBytes, WriteJson, DescribeBytes},
    {Type::kEnum, BindEnum, TextElement, WireType::kVarint, WriteEnum, DescribeText},
}};

namespace {

constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < kValueCodecs.size(); ++i) {
    if (kValueCodecs[i].type != static_cast<Type>(i)) return false;
  }
  return kValueCodecs.back().type == Type::kEnum;
}
static_assert(IsInOrder());

}  // namespace

}  // namespace tenantry::codec
