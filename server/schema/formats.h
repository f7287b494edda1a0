// What the formats of text mean: one regular expression each.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "server/schema/pattern.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::schema {

struct TextFormat {
  v1::Format format;
  absl::string_view words;  // `must be a country of ISO 3166-1 by its two letters, such as DE`
  std::shared_ptr<const Pattern> pattern;
  std::int64_t characters_max = 0;  // 0: the pattern says it, or nothing does
};

// Null when it is no format of text.
const TextFormat* FindTextFormat(v1::Format format);

}  // namespace tenantry::schema
