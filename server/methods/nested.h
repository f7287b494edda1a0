// Rows of relations that a new row brings along: an order with its items and its contact.
//
// All rows that stand at the same place of a request are of one table, and one statement inserts
// them. What a row refers to is inserted before it, and what refers to it after it. The server
// makes identifiers itself, so that every key is known before the first statement is sent.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/methods/insert_plans.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// Whether the row holds any rows of relations.
bool HoldsRelations(const schema::Table& table, const google::protobuf::Message& row);

// A row may name the row around it by a column that refers to it, but no other: `link` is the value
// that the column gets.
void CheckSameAs(const plan::FieldValue& link, const google::protobuf::Message& row,
                 const schema::Column& column, const plan::Path& path,
                 plan::Violations& violations);

// Values that a row gets from rows that it refers to, by its own columns.
using Links = absl::InlinedVector<std::pair<const schema::Column*, plan::FieldValue>, 2>;

// The rows at one place of a request.
struct NewRows {
  const schema::Table* table = nullptr;
  int field = 0;      // of the relation that leads to the place
  bool many = false;  // there may be several
  std::vector<const google::protobuf::Message*> rows;
  std::vector<Links> links;  // of each row
  std::vector<int> above;    // of each row, the one at the place above that holds it
  std::vector<std::unique_ptr<NewRows>> before, after;  // places below; inserted before and after
  int statement = 0;  // that inserts them, among all of the call's
};

// Takes the rows of one request, and makes statements of them.
class NestedInsert {
 public:
  // All must outlive it. `limits` bound how many rows there are and how far down they go.
  NestedInsert(const InsertPlans& plans, const RequestLimits& limits, plan::Call& call,
               plan::Violations& violations);

  // Checks a row that is to be made, and all below it.
  void Take(const schema::Table& table, const google::protobuf::Message& row,
            const plan::Path& path);

  // Checks that the row's key is known, so that it can be found.
  void CheckKey(const plan::Path& path);

  // Checks rows that are to be made below `parent`, a row that is there already: those in `field`,
  // a field of `holder`, of which `path` is the path.
  void TakeChildren(const schema::Relation& relation, const google::protobuf::Message& parent,
                    const google::protobuf::Message& holder,
                    const google::protobuf::FieldDescriptor& field, const plan::Path& path);
  // When there were no violations: appends the statements that make them. `first` is the number
  // among the call's of the first of `statements`. `below` are rows below the parent in the reply.
  void AddStatementsBelow(int first, std::vector<plan::Statement>& statements,
                          std::vector<plan::RowBelow>& below);

  // Counts a row of a relation, `depth` relations down. False, with a violation, when there are too
  // many rows or levels.
  bool IsWithinLimits(const plan::Path& path, int depth);

  // When there were no violations: adds the statements to the call. Its own is that of the row, by
  // `plan`, and the reply holds all rows as they are written.
  void AddStatements(std::shared_ptr<const plan::Plan> plan);
  // The same, but all of them come before the call's own, which is left to the caller. It finds the
  // row by the values of its key, which are added to it.
  void AddStatementsBefore(std::shared_ptr<const plan::Plan> plan);

 private:
  int TakeRow(NewRows& place, const google::protobuf::Message& row, const plan::Path& path,
              int depth, Links links);
  void TakeReferred(const schema::Relation& relation, NewRows& place,
                    const google::protobuf::Message& row, const plan::Path& path, int depth,
                    Links& links);
  void TakeReferring(const schema::Relation& relation, NewRows& place, int index,
                     const google::protobuf::Message& holder,
                     const google::protobuf::FieldDescriptor& field, const plan::Path& path,
                     int depth);
  void CheckKnown(const plan::FieldValue& value, const plan::Path& row_path, absl::string_view by);

  template <typename Place>
  void Walk(NewRows& rows, const Place& place);
  void SetValues(const NewRows& rows, plan::Statement& statement) const;
  plan::Statement StatementOf(const NewRows& rows) const;

  const InsertPlans& plans_;
  const RequestLimits& limits_;
  plan::Call& call_;
  plan::Violations& violations_;
  NewRows root_;
  int rows_ = 0;  // of relations
};

}  // namespace tenantry::methods
