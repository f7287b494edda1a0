// The kinds of standard methods: which tables have them, and what each adds to the API.
//
// To add one: a value in the enum MethodKind (tenantry/v1/api.proto); a file here, as kind_get.cc
// is one, with its declaration below and its row in kinds.cc; a file in methods/ with its row in
// standard_method.cc; a row in client/cli/kinds.cc; and its tests.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/schema/schema.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::schema {

class MethodWriter;

struct Kind {
  v1::MethodKind number;
  absl::string_view verb;        // what the names of its methods begin with
  bool plural = false;           // behind it: whether they are about many rows, `ListContacts`
  bool reads = false;            // writes nothing
  bool filters = false;          // writes what a filter finds: other methods must read the table
  bool makes_rows = false;       // may make rows that were not there
  bool deletes = false;          // removes rows, or marks them as deleted
  bool streams_reply = false;    // the reply is a stream of messages
  bool streams_request = false;  // so is the request

  // Why a table cannot have the method. Null: every table can.
  std::optional<std::string> (*why_unfit)(const Table&) = nullptr;

  // Of a batch: the kind whose requests are its entries, also where the table has no such method.
  // Null: it has none.
  const Kind* (*entries)(const Table&) = nullptr;

  std::string (*comment)(const MethodWriter&);
  // Adds the fields of the request, which was begun.
  void (*add_request)(MethodWriter&);
  // Adds the message of the reply, where that is not one that is there already. Gives its full
  // name.
  std::string (*add_reply)(MethodWriter&);

  std::string MethodName(const Table& table) const;  // GetContact, BatchGetContacts
};

// All of them, by number.
absl::Span<const Kind* const> Kinds();
// Null when there is no such kind.
const Kind* FindKind(v1::MethodKind number);

// Reasons that kinds share.
std::optional<std::string> WhyRowsStay(const Table& table);  // none is made or removed
std::optional<std::string> WhyNoChange(const Table& table);  // an update has nothing to write
std::optional<std::string> WhyNoUpsert(const Table& table);  // one of the two

extern const Kind kGetKind;
extern const Kind kListKind;
extern const Kind kCreateKind;
extern const Kind kUpdateKind;
extern const Kind kDeleteKind;
extern const Kind kUpsertKind;
extern const Kind kBatchGetKind;
extern const Kind kBatchCreateKind;
extern const Kind kAggregateKind;
extern const Kind kUndeleteKind;
extern const Kind kBatchUpdateKind;
extern const Kind kBatchDeleteKind;
extern const Kind kBatchUpsertKind;
extern const Kind kUpdateManyKind;
extern const Kind kDeleteManyKind;
extern const Kind kExportKind;
extern const Kind kImportKind;

}  // namespace tenantry::schema
