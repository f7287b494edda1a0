// Names as people type them: order-item for OrderItem, page-size for page_size, company for
// CONTACT_TYPE_COMPANY; and the nearest known name when one is mistyped.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace tenantry::cli {

// "OrderItem" and "order_item" -> "order-item".
std::string Kebab(const std::string& name);

// "order-item" -> "order_item", lower-case.
std::string Snake(const std::string& name);

// The value's name without the enum's prefix, lower-case: CONTACT_TYPE_COMPANY -> "company".
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);

// By number, full name or short name in any case, with - or _; null when there is none.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, const std::string& text);

// Short names of all values but the unspecified one, as in "individual, company".
std::string ListValues(const google::protobuf::EnumDescriptor& type);

// The candidate with the fewest differences, if they are few enough for a typing mistake; else
// empty.
std::string Nearest(const std::string& name, const std::vector<std::string>& candidates);

// "; did you mean x?" or nothing.
std::string DidYouMean(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace tenantry::cli
