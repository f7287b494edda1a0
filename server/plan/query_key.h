// The key of a query: the IR itself, serialised.
//
// Columns stand in it by their field numbers, so a query has the same key on every server of a
// roll-out, wherever a new field is declared. Page tokens depend on that. The table of the
// statement is not in it: the method that the key is used for says which it is.
#pragma once

#include <string>

#include "server/plan/query.h"

namespace tenantry::plan {

// Appends what distinguishes `query` from every other query of the same method. No key is the
// beginning of another.
void AppendKey(const Query& query, std::string& key);

// The part of a read that decides which rows it walks and in which order, without the page.
void AppendWalkKey(const Read& read, std::string& key);

// Appends a number below 2^31, seven bits a byte.
void AppendKeyNumber(int number, std::string& key);

}  // namespace tenantry::plan
