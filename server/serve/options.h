// Config -> the options of each part.
#pragma once

#include "server/base/config.h"
#include "server/codec/codec.h"
#include "server/codec/row_stream.h"
#include "server/identity/identity.h"
#include "server/methods/planner.h"
#include "server/pg/executor.h"

namespace tenantry::serve {

identity::MetadataAuthenticator::Options AuthenticatorOptionsOf(const Config& config);
codec::ReplyLimits ReplyLimitsOf(const Config& config);
codec::StreamLimits StreamLimitsOf(const Config& config);
methods::PlannerOptions PlannerOptionsOf(const Config& config);
pg::ExecutorOptions ExecutorOptionsOf(const Config& config);

}  // namespace tenantry::serve
