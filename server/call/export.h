// Export: the rows of one statement go to the caller as they come from the database.
#pragma once

#include "absl/time/time.h"
#include "server/call/derived.h"
#include "server/call/method.h"
#include "server/call/stream_places.h"
#include "server/call/worker_pool.h"
#include "server/codec/row_stream.h"
#include "server/pg/stream.h"
#include "server/schema/schema.h"

namespace tenantry::call {

// What all streams share, beside what all calls of derived methods share.
struct StreamEnvironment {
  pg::StreamRunner& runner;
  WorkerPool& workers;  // has a thread for each place
  StreamPlaces& places;
  codec::StreamLimits limits;
  absl::Duration time_max;  // of a stream
  absl::Duration idle_max;  // that a caller may take to take a message
};

// One method for each of the schema's that streams its reply. What is passed must outlive them.
MethodList ExportMethods(const schema::Schema& schema, Environment& environment,
                         DerivedEnvironment& derived, StreamEnvironment& streams);

}  // namespace tenantry::call
