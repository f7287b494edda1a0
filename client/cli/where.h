// `--where CONDITION`: conditions on the rows of a list, as people type them.
//
//   type=individual            equal; price!=5 not equal; <  <=  >  >= in the order of the field
//   type=individual,company    one of several; `\,` is a comma within a value
//   name~ada                   contains the text, whatever the case of letters; of a list: has the
//                              elements
//   email=null, email!=null    without a value, with one; `\null` is the text
//   contact.name=Ada           of the row that a relation leads to
//   items.quantity>2           one of the rows that a relation leads to meets this; items.none. and
//                              items.every. say otherwise
//   name.ilike=a%              any operator of the filter by its name
//
// Several conditions all hold. Those on the rows of one relation hold of the same row.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

// Adds the condition, which `flag` was given, to `filter`. INVALID_ARGUMENT in words that a person
// can act on.
absl::Status AddCondition(const std::string& condition, google::protobuf::Message& filter,
                          absl::string_view flag = "--where");

// The same of one value, which `operators` is the filter of: `count>10`, or `count.between=1,9`.
// `flag` is what errors name.
absl::Status AddComparison(const std::string& condition, const std::string& flag,
                           google::protobuf::Message& operators);
// What stands before the operator: `count`.
std::string ConditionField(const std::string& condition);

// What stands above, for help.
absl::string_view ConditionHelp();

// What a condition's field may go on as: fields, and `relation.` where one follows.
std::vector<std::string> ConditionFields(const google::protobuf::Descriptor& filter,
                                         const std::string& begun);

// What a column, or an operator behind it, is compared with; null when `field` names neither.
const google::protobuf::FieldDescriptor* ConditionOperand(
    const google::protobuf::Descriptor& filter, const std::string& field);

// The signs beside `=` that a column can be compared by; none behind an operator's name.
std::vector<std::string> ConditionSigns(const google::protobuf::Descriptor& filter,
                                        const std::string& field);

}  // namespace tenantry::cli
