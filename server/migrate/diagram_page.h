// The tables and their relations as a page to look at: one HTML file that needs no network and no
// other program.
#pragma once

#include <string>

#include "server/schema/schema.h"

namespace tenantry::migrate {

// All files of the schema on one page, a frame for each. A table that others refer to stands to the
// left of them. A click on a table shows what belongs to it. The picture is there without scripts
// too.
std::string DiagramPage(const schema::Schema& schema);

}  // namespace tenantry::migrate
