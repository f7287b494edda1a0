// The key of a query: the IR itself, serialised.
//
// Columns and relations stand in it by their field numbers, so a query has the same key on every
// server of a roll-out, wherever a new field is declared. Page tokens depend on that. Tables are
// not in it: the method that the key is used for says which is the statement's, and each relation
// says which is its target.
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
