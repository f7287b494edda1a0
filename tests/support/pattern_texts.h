// Texts that a pattern matches, and such that nearly do.
#pragma once

#include <random>
#include <string>

#include "server/schema/pattern.h"

namespace tenantry::test {

// A text that the pattern matches. Repetitions without an end make a few.
std::string TextOf(const schema::Pattern& pattern, std::mt19937& random);

// The text with some character changed, doubled, dropped or added.
std::string Spoilt(std::string text, std::mt19937& random);

// An expression at random, of everything that a pattern may have.
std::string PatternAtRandom(std::mt19937& random);

}  // namespace tenantry::test
