#include "client/cli/transact.h"

#include <cctype>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/call.h"
#include "client/cli/catalog.h"
#include "client/cli/failure.h"
#include "client/cli/json.h"
#include "client/cli/shape.h"
#include "client/cpp/error.h"
#include "google/rpc/status.pb.h"
#include "tenantry/v1/transact.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using v1::TransactRequest;

constexpr char kUsageText[] =
    "transact which commands? Give a FILE with one on each line, or - for standard input; flags "
    "are "
    "--isolation repeatable-read or serializable, --request-id UUID and --validate-only";

absl::Status Usage(const std::string& message) { return absl::InvalidArgumentError(message); }

// A value @N.FIELD.
struct From {
  int step;  // from 0
  std::string field;
};
std::optional<From> FromOf(const std::string& value) {
  const auto dot = value.find('.');
  int number = 0;
  if (!value.starts_with("@") || dot == std::string::npos ||
      !absl::SimpleAtoi(value.substr(1, dot - 1), &number)) {
    return std::nullopt;
  }
  return From{number - 1, value.substr(dot + 1)};
}

std::string Join(const FieldPath& path) {
  return absl::StrJoin(path, ".", [](std::string* out, const FieldDescriptor* field) {
    absl::StrAppend(out, field->name());
  });
}

// Any value of the field's type, in whose place another one comes.
std::string AnyValueOf(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL ? "true" : "0";
}

void Clear(const FieldPath& path, Message& request) {
  Message* message = &request;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (!message->GetReflection()->HasField(*message, path[i])) return;
    message = message->GetReflection()->MutableMessage(message, path[i]);
  }
  message->GetReflection()->ClearField(message, path.back());
}

struct Step {
  int line;
  std::string command;  // "contact create"
  const Method* method;
  Shape shape;
  std::unique_ptr<Message> request;
};

class Transaction {
 public:
  explicit Transaction(const TransactOptions& options) : options_(options) {}

  absl::Status Read(const std::vector<std::string>& words) {
    std::optional<std::string> file;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == "--validate-only") {
        request_.set_validate_only(true);
      } else if (words[i] == "--isolation" && i + 1 < words.size()) {
        if (auto status = ReadIsolation(words[++i]); !status.ok()) return status;
      } else if (words[i] == "--request-id" && i + 1 < words.size()) {
        request_.set_request_id(words[++i]);
      } else if (!file && (words[i] == "-" || !words[i].starts_with("-"))) {
        file = words[i];
      } else {
        return Usage(absl::StrCat("transact: unexpected ", words[i], "\n", kUsageText));
      }
    }
    if (!file) return Usage(kUsageText);
    auto text = ReadFile(*file);
    if (!text.ok()) return text.status();
    auto lines = SplitLines(*text);
    if (!lines.ok()) return lines.status();
    if (lines->empty()) return Usage(absl::StrCat(*file, " holds no commands"));
    for (Line& line : *lines) {
      if (auto status = AddStep(line); !status.ok()) {
        return Usage(absl::StrCat("line ", line.number, ": ", std::string(status.message())));
      }
    }
    return absl::OkStatus();
  }

  int Run() {
    v1::TransactResponse response;
    std::string unreadable;
    const grpc::Status status =
        CallOnce(options_.server.channel(), "/tenantry.v1.TransactService/Transact",
                 options_.arguments.timeout, request_, response, &unreadable);
    if (!status.ok()) return Tell(client::DecodeError(status));
    const absl::Status printed =
        options_.arguments.format == Format::kTable ? PrintTables(response) : PrintJson(response);
    if (printed.ok()) return kDone;
    options_.err << "error: " << std::string(printed.message()) << "\n";
    return kUsage;
  }

 private:
  absl::Status ReadIsolation(const std::string& level) {
    if (level == "serializable") {
      request_.set_isolation(v1::ISOLATION_LEVEL_SERIALIZABLE);
    } else if (level == "repeatable-read") {
      request_.set_isolation(v1::ISOLATION_LEVEL_REPEATABLE_READ);
    } else {
      return Usage("--isolation is repeatable-read or serializable; without it read committed");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadFile(const std::string& name) const {
    if (name == "-") return options_.input.read_stdin();
    std::ifstream file(name, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return Usage(absl::StrCat("cannot read ", name));
    return std::move(text).str();
  }

  absl::Status AddStep(Line& line) {
    if (line.words.size() < 2) return Usage("a command begins with a resource and a method");
    auto catalog = options_.server.catalog();
    if (!catalog.ok()) return catalog.status();
    auto resource = (*catalog)->FindResource(line.words[0]);
    if (!resource.ok()) return resource.status();
    auto method = Catalog::FindMethod(**resource, line.words[1]);
    if (!method.ok()) return method.status();
    steps_.push_back(
        {line.number, absl::StrCat(line.words[0], " ", line.words[1]), *method, ShapeOf(**method)});
    line.words.erase(line.words.begin(), line.words.begin() + 2);

    v1::Step& step = *request_.add_steps();
    std::vector<FieldPath> referring;
    if (auto status = TakeReferences(line.words, step, referring); !status.ok()) return status;
    auto request = options_.server.NewMessage(*(*method)->descriptor->input_type());
    absl::Status status = BuildRequest(steps_.back().shape, line.words, options_.input, *request);
    if (!status.ok()) return status;
    for (const FieldPath& path : referring) Clear(path, *request);
    step.mutable_request()->set_type_url(
        absl::StrCat("type.googleapis.com/", request->GetDescriptor()->full_name()));
    request->SerializeToString(step.mutable_request()->mutable_value());
    steps_.back().request = std::move(request);
    return absl::OkStatus();
  }

  // Puts any value in the place of each value @N.FIELD, so that the request can be built and its
  // mask names the field. `referring` gets the fields.
  absl::Status TakeReferences(std::vector<std::string>& words, v1::Step& step,
                              std::vector<FieldPath>& referring) const {
    const Shape& shape = steps_.back().shape;
    std::size_t arguments = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::string flag;
      std::string value = words[i];
      if (value.starts_with("--")) {
        const auto equals = value.find('=');
        flag = value.substr(2, equals == std::string::npos ? equals : equals - 2);
        if (equals != std::string::npos) {
          value.erase(0, equals + 1);
        } else if (i + 1 < words.size()) {
          value = words[i + 1];
        }
      }
      const std::size_t argument = flag.empty() ? arguments++ : 0;
      const std::optional<From> from = FromOf(value);
      // The next word, if it is this flag's value, is no argument.
      const bool apart = !flag.empty() && words[i].find('=') == std::string::npos;
      if (from.has_value()) {
        auto path = flag.empty() ? KeyAt(shape, argument) : FindField(shape, flag);
        if (!path.ok()) return path.status();
        auto status = AddReference(*from, *path, step);
        if (!status.ok()) return status;
        const std::string any = AnyValueOf(*path->back());
        words[apart ? i + 1 : i] = apart || flag.empty() ? any : absl::StrCat("--", flag, "=", any);
        referring.push_back(*std::move(path));
      }
      const bool takes_next = apart && i + 1 < words.size() && !words[i + 1].starts_with("--");
      if (takes_next) ++i;
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<FieldPath> KeyAt(const Shape& shape, std::size_t place) {
    if (place < shape.keys.size()) return shape.keys[place];
    return Usage("a value @N.FIELD stands for a key or for the value of a flag");
  }

  absl::Status AddReference(const From& from, const FieldPath& path, v1::Step& step) const {
    if (from.step < 0 || from.step + 1 >= static_cast<int>(steps_.size())) {
      return Usage(absl::StrCat("@", from.step + 1, ": must be a command before this one"));
    }
    const Shape& earlier = steps_[static_cast<std::size_t>(from.step)].shape;
    const std::string first = from.field.substr(0, from.field.find_first_of(".["));
    const bool of_row =
        earlier.request->FindFieldByName(first) == nullptr && earlier.resource != nullptr;
    v1::Reference& reference = *step.add_references();
    reference.set_field(Join(path));
    reference.set_step(from.step);
    reference.set_from(of_row ? absl::StrCat(earlier.resource->name(), ".", from.field)
                              : from.field);
    return absl::OkStatus();
  }

  // --- replies ----------------------------------------------------------------------------------

  // Steps are known by their lines.
  int Tell(client::Error error) const {
    const auto step = error.metadata.find("step");
    int index = -1;
    if (step != error.metadata.end() && absl::SimpleAtoi(step->second, &index) && index >= 0 &&
        index < static_cast<int>(steps_.size())) {
      error.message = absl::StrCat(NameOf(index), ": ", error.message);
    }
    for (client::Violation& violation : error.violations) violation.field = Told(violation.field);
    if (!error.violations.empty()) error.message.clear();  // which repeats the first
    PrintError(error, nullptr, options_.server.name(), options_.err);
    return ExitCodeOf(error.code);
  }

  std::string NameOf(int step) const {
    const Step& of = steps_[static_cast<std::size_t>(step)];
    return absl::StrCat("line ", of.line, " (", of.command, ")");
  }

  // `steps[1].request.order.total_cents` as `line 3 (order create): --total-cents`.
  std::string Told(const std::string& field) const {
    static constexpr char kBefore[] = "steps[";
    int index = -1;
    const auto close = field.find(']');
    if (!field.starts_with(kBefore) || close == std::string::npos ||
        !absl::SimpleAtoi(field.substr(sizeof kBefore - 1, close - sizeof kBefore + 1), &index) ||
        index < 0 || index >= static_cast<int>(steps_.size())) {
      return field;
    }
    const std::string request = "].request.";
    std::string rest = field.substr(close + 2);
    if (field.compare(close, request.size(), request) == 0) {
      rest = field.substr(close + request.size());
      const std::string flag = FlagFor(steps_[static_cast<std::size_t>(index)].shape, rest);
      if (!flag.empty()) rest = flag;
    }
    return absl::StrCat(NameOf(index), ": ", rest);
  }

  // Null, and `error` says why, for a step that is answered with an error.
  std::unique_ptr<Message> Unpack(const google::protobuf::Any& result, const Step& step,
                                  client::Error& error) const {
    google::rpc::Status refused;
    if (result.UnpackTo(&refused)) {
      error = client::DecodeError({static_cast<grpc::StatusCode>(refused.code()), refused.message(),
                                   refused.SerializeAsString()});
      return nullptr;
    }
    auto reply = options_.server.NewMessage(*step.method->descriptor->output_type());
    reply->ParseFromString(result.value());
    return reply;
  }

  // What the rows of the reply were selected by, or null.
  static const Message* SelectOf(const Step& step) {
    const FieldDescriptor* select = step.shape.select;
    const auto* reflection = step.request->GetReflection();
    return select != nullptr && reflection->HasField(*step.request, select)
               ? &reflection->GetMessage(*step.request, select)
               : nullptr;
  }

  absl::Status PrintTables(const v1::TransactResponse& response) const {
    for (int i = 0; i < response.results_size() && i < static_cast<int>(steps_.size()); ++i) {
      const Step& step = steps_[static_cast<std::size_t>(i)];
      options_.out << (i == 0 ? "" : "\n") << i + 1 << "  " << step.command << "\n";
      client::Error error;
      const auto reply = Unpack(response.results(i), step, error);
      if (reply == nullptr) {
        PrintError(error, &step.shape, options_.server.name(), options_.err);
        continue;
      }
      const OutputStyle style{Format::kTable, options_.arguments.columns, options_.table,
                              SelectOf(step)};
      if (auto status = PrintReply(*reply, style, options_.out); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // The replies, in their order; an error as it is.
  absl::Status PrintJson(const v1::TransactResponse& response) const {
    Json replies = Json::array();
    for (int i = 0; i < response.results_size() && i < static_cast<int>(steps_.size()); ++i) {
      client::Error error;
      const auto reply = Unpack(response.results(i), steps_[static_cast<std::size_t>(i)], error);
      if (reply == nullptr) {
        replies.push_back({{"error",
                            {{"code", client::CodeName(error.code)},
                             {"reason", error.reason},
                             {"message", error.message}}}});
        continue;
      }
      auto text = ToJson(*reply, false, "", SelectOf(steps_[static_cast<std::size_t>(i)]));
      if (!text.ok()) return text.status();
      replies.push_back(Json::parse(*text));
    }
    if (options_.arguments.format == Format::kJson) {
      options_.out << replies.dump(1) << "\n";
      return absl::OkStatus();
    }
    for (const Json& reply : replies) options_.out << reply.dump() << "\n";
    return absl::OkStatus();
  }

  const TransactOptions& options_;
  TransactRequest request_;
  std::vector<Step> steps_;
};

// Reads the words of one line, as a shell would. False: a quote does not close.
bool SplitWords(const std::string& line, std::vector<std::string>& words) {
  char quote = 0;
  bool in_word = false;
  std::string word;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (quote == 0 && space) {
      if (in_word) words.push_back(std::exchange(word, ""));
      in_word = false;
      continue;
    } else if (quote == 0 && c == '#' && !in_word) {
      break;
    } else {
      word += c;
    }
    in_word = true;
  }
  if (in_word) words.push_back(word);
  return quote == 0;
}

}  // namespace

absl::StatusOr<std::vector<Line>> SplitLines(const std::string& text) {
  std::vector<Line> lines;
  std::istringstream stream(text);
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    Line read{++number, {}};
    if (!SplitWords(line, read.words)) {
      return Usage(absl::StrCat("line ", number, ": a quote does not close"));
    }
    if (!read.words.empty()) lines.push_back(std::move(read));
  }
  return lines;
}

int RunTransact(const std::vector<std::string>& words, const TransactOptions& options) {
  Transaction transaction(options);
  if (auto status = transaction.Read(words); !status.ok()) {
    options.err << "error: " << std::string(status.message()) << "\n";
    return kUsage;
  }
  return transaction.Run();
}

}  // namespace tenantry::cli
