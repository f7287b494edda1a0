// JSON text from the database, from callers and from people.
#include <string>

#include "client/cli/json.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/codec/json_struct.h"
#include "server/plan/json_text.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/message.h"

namespace {

using namespace tenantry;
using google::protobuf::Struct;
using google::protobuf::util::MessageDifferencer;

constexpr std::size_t kBytesMax = 1 << 20;

// The database's text, if it is an object, to the wire; the same through a request and back.
void ThroughTheServer(const std::string& json) {
  std::string wire;
  if (codec::AppendStruct(json, kBytesMax, wire) != codec::StructResult::kDone) return;
  Struct first;
  fuzz::Expect(first.ParseFromString(wire), "what was written is a Struct", json);
  const auto text = plan::StructToJson(first);
  if (!text.ok()) {
    fuzz::Expect(json.find("\\u0000") != std::string::npos || json.find('\0') != std::string::npos,
                 "what the database could hold goes back to it", json);
    return;
  }
  std::string again;
  fuzz::Expect(codec::AppendStruct(*text, kBytesMax, again) == codec::StructResult::kDone,
               "our own text is read", *text);
  Struct second;
  fuzz::Expect(second.ParseFromString(again) && MessageDifferencer::Equals(first, second),
               "a Struct is the same behind its text", *text);
}

void ThroughTheCommandLine(const std::string& json) {
  if (!cli::CheckTextDepth(json, "--data").ok()) return;
  const auto parsed = cli::ParseJson(json, "--data");
  if (!parsed.ok()) return;
  Struct message;
  if (!cli::FromJson(*parsed, "--data", message).ok()) return;
  fuzz::Expect(cli::ToJson(message, false).ok(), "what was read can be printed", json);
}

// Text in which something is right.
std::string SomeJson(fuzz::Input& input, int depth) {
  const auto quoted = [&] { return "\"" + input.Text(input.Below(6)) + "\""; };
  switch (input.Below(depth > 6 ? 5 : 8)) {
    case 0:
      return "null";
    case 1:
      return input.Bool() ? "true" : "false";
    case 2:
      return std::to_string(static_cast<std::int64_t>(input.Number()));
    case 3:
      return std::to_string(input.Byte()) + "." + std::to_string(input.Byte()) + "e" +
             std::to_string(static_cast<std::int8_t>(input.Byte()) * 2);
    case 4:
      return quoted();
    case 5: {
      std::string list = "[";
      for (std::size_t i = input.Below(4); i > 0; --i) {
        list += SomeJson(input, depth + 1) + (i > 1 ? "," : "");
      }
      return list + "]";
    }
    default: {
      std::string object = "{";
      for (std::size_t i = input.Below(4); i > 0; --i) {
        object += quoted() + ":" + SomeJson(input, depth + 1) + (i > 1 ? "," : "");
      }
      return object + "}";
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Silence();
  fuzz::Input input(data, size);
  const std::string json =
      input.Bool() ? input.Rest() : "{\"a\":" + SomeJson(input, 0) + "}" + input.Text(2);
  ThroughTheServer(json);
  ThroughTheCommandLine(json);
  // From a request: any Struct.
  Struct message;
  fuzz::FillMessage(input, message);
  Struct parsed;
  if (parsed.ParseFromString(message.SerializeAsString())) {
    if (const auto text = plan::StructToJson(parsed); text.ok()) ThroughTheServer(*text);
  }
  return 0;
}
