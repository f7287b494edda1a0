// Which part of a table is which part of the same table in another snapshot, when the columns have
// the same names in both.
#pragma once

#include <utility>
#include <vector>

#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

template <typename Part>
using PartPairs = std::vector<std::pair<const Part*, const Part*>>;  // before, after

// Parts that cannot change in place are the same when their definition is; of several such, the one
// with the same number, else with the same name.
PartPairs<v1::Index> MatchIndexes(const v1::Table& before, const v1::Table& after);
PartPairs<v1::Check> MatchChecks(const v1::Table& before, const v1::Table& after);
PartPairs<v1::ForeignKey> MatchForeignKeys(const v1::Table& before, const v1::Table& after);
// A policy can change in place: those with the same definition first, then those of the same name
// that are for the same command.
PartPairs<v1::Policy> MatchPolicies(const v1::Table& before, const v1::Table& after);

bool SameNames(const google::protobuf::RepeatedPtrField<std::string>& a,
               const google::protobuf::RepeatedPtrField<std::string>& b);
bool SameDefinition(const v1::Index& a, const v1::Index& b);
bool SameDefinition(const v1::Check& a, const v1::Check& b);
bool SameDefinition(const v1::ForeignKey& a, const v1::ForeignKey& b);
bool SameDefinition(const v1::Policy& a, const v1::Policy& b);

// The primary key or unique index of `target` that the foreign key refers to; null when there is
// none. PostgreSQL takes the columns in any order.
const void* ReferredKey(const v1::Table& target, const v1::ForeignKey& key);

}  // namespace tenantry::migrate
