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

pg::Statement ClaimStatement(const RequestClaim& claim) {
  pg::Statement statement;
  statement.text = plan::ClaimRequest();
  statement.params.AddBinary(claim.id);
  statement.params.AddBinary(claim.fingerprint);
  return statement;
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

absl::Status RequestDone() {
  DatabaseError error;
  error.sqlstate = kRequestDoneState;
  return FromDatabaseError(error);
}

std::vector<std::unique_ptr<codec::KeptRows>> ReadKept(absl::Span<plan::Call* const> calls,
                                                       const Rows& kept) {
  std::vector<std::unique_ptr<codec::KeptRows>> all;
  bool same = true;
  for (const plan::Call* call : calls) {
    call->ForEachStatement([&](const plan::Statement& statement) {
      const int row = static_cast<int>(all.size());
      same = same && row < kept.row_count() && kept.at(row, 0).size == 8 &&
             codec::ReadBigEndian<std::int64_t>(kept.at(row, 0).data) ==
                 plan::LayoutOf(*statement.plan);
      all.push_back(same ? codec::KeptRows::Read(kept.at(row, 1)) : nullptr);
      same = same && all.back() != nullptr;
    });
  }
  if (!same || static_cast<int>(all.size()) != kept.row_count()) all.clear();
  return all;
}

}  // namespace tenantry::call
