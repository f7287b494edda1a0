#include "server/call/once.h"

#include <openssl/sha.h>

#include <array>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/base/sqlstate.h"
#include "server/base/status.h"
#include "server/codec/pg_binary.h"
#include "server/plan/print.h"

namespace tenantry::call {
namespace {

using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

// A text, and where it ends.
void AppendPart(std::string_view part, std::string& bytes) {
  codec::AppendBigEndian(bytes, static_cast<std::int64_t>(part.size()));
  bytes.append(part);
}

std::string CanonicalBytes(const google::protobuf::Message& request) {
  std::string bytes;
  StringOutputStream stream(&bytes);
  CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  request.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

std::string Sha256(const std::string& bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

absl::Status Refused(std::string_view sqlstate) {
  DatabaseError error;
  error.sqlstate = sqlstate;
  return FromDatabaseError(error);
}

template <typename Each>
void ForEachStatement(plan::Call& call, Each each) {
  for (plan::Statement& statement : call.before) each(statement, false);
  each(static_cast<plan::Statement&>(call), true);
  for (plan::Statement& statement : call.after) each(statement, false);
}

}  // namespace

RequestClaim ClaimOf(std::string id, std::string_view path,
                     const google::protobuf::Message& request, const identity::Identity& identity) {
  std::string bytes;
  AppendPart(path, bytes);
  AppendPart(identity.user(), bytes);
  AppendPart(identity.role(), bytes);
  AppendPart(CanonicalBytes(request), bytes);
  return {std::move(id), Sha256(bytes)};
}

void KeepRows(plan::Call& call, const RequestClaim& claim, std::int64_t& next) {
  ForEachStatement(call, [&](plan::Statement& statement, bool own) {
    const plan::Slot slot = statement.Add(plan::BytesValue{claim.id});
    statement.Add(plan::BytesValue{claim.fingerprint});
    statement.Add(plan::IntegerValue{next++});
    statement.Add(plan::IntegerValue{plan::LayoutOf(*statement.plan)});
    statement.plan = statement.plan->ended.FindOrMake(
        *statement.plan, {own ? plan::MeaningOfNoRow(*statement.plan) : std::nullopt, slot});
  });
}

pg::Statement KeptRowsStatement(const RequestClaim& claim) {
  pg::Statement statement;
  statement.text = plan::KeptRows();
  statement.params.AddBinary(claim.id);
  return statement;
}

// What has not reached the database, or is not known, is not worth another round trip.
bool MayHaveBeenDone(const absl::Status& outcome) {
  switch (outcome.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInternal:
      return false;
    default:
      return true;
  }
}

absl::StatusOr<KeptResults> ReadKept(const RequestClaim& claim, absl::Span<plan::Call* const> calls,
                                     const Rows& kept, const absl::Status& refused) {
  constexpr int kFingerprint = 0, kLayout = 1, kRows = 2;
  if (kept.row_count() == 0) return refused;
  if (kept.at(0, kFingerprint).view() != claim.fingerprint) return Refused(kRequestIdReusedState);
  KeptResults all;
  bool same = true;
  for (const plan::Call* call : calls) {
    call->ForEachStatement([&](const plan::Statement& statement) {
      const int row = static_cast<int>(all.size());
      same = same && row < kept.row_count() && kept.at(row, kLayout).size == 8 &&
             codec::ReadBigEndian<std::int64_t>(kept.at(row, kLayout).data) ==
                 plan::LayoutOf(*statement.plan);
      all.push_back(same ? codec::KeptRows::Read(kept.at(row, kRows)) : nullptr);
      same = same && all.back() != nullptr;
    });
  }
  if (!same || static_cast<int>(all.size()) != kept.row_count()) return Refused(kRequestDoneState);
  return all;
}

}  // namespace tenantry::call
