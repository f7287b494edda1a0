#include "client/cli/program.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/aggregate.h"
#include "client/cli/arguments.h"
#include "client/cli/call.h"
#include "client/cli/completion.h"
#include "client/cli/explain.h"
#include "client/cli/export.h"
#include "client/cli/failure.h"
#include "client/cli/help.h"
#include "client/cli/import.h"
#include "client/cli/json.h"
#include "client/cli/names.h"
#include "client/cli/output.h"
#include "client/cli/page.h"
#include "client/cli/server.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/cli/transact.h"
#include "client/cpp/channel.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/health/v1/health.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kVersion[] = "tenantry " TENANTRY_VERSION;
constexpr char kDefaultServer[] = "127.0.0.1:7070";
// Help should not hang on a server that does not answer.
constexpr std::chrono::milliseconds kHelpTimeout{1000};

using Words = std::vector<std::string>;

class Program {
 public:
  Program(Arguments arguments, client::Settings settings, const Surroundings& surroundings)
      : arguments_(std::move(arguments)),
        settings_(std::move(settings)),
        around_(surroundings),
        out_(surroundings.out),
        err_(surroundings.err) {}

  int Complete(const CompletionRequest& request) {
    // What can be called is the same for every tenant, so that one that is not known does no harm.
    arguments_.tenant = "";
    out_ << CompletionLines(request, {CatalogIfQuick(), &settings_, around_.folder});
    return kDone;
  }

  int Run() {
    const Words& words = arguments_.rest;
    if (words.empty()) {
      ShowHelp();
      return arguments_.help ? kDone : kUsage;
    }
    const std::string& command = words[0];
    if (command == "help") return Help({words.begin() + 1, words.end()});
    if (arguments_.help) return Help(words);
    if (command == "completion") return PrintCompletionScript(words);
    if (command == "config" && words.size() == 1) return ShowConfig();
    if (command == "methods" && words.size() == 1) return ListMethods();
    if (command == "describe") return Describe(words);
    if (command == "health") return Health(words);
    if (command == "call") return CallByPath(words);
    if (command == "transact") return Transact({words.begin() + 1, words.end()});
    if (command == "session" && words.size() == 1) return Session();
    if (command.starts_with("-")) return UnknownFlag(command);
    return CallResource(words);
  }

 private:
  // --- failing ----------------------------------------------------------------------------------

  int UsageError(const absl::Status& status) {
    err_ << "error: " << std::string(status.message()) << "\n";
    return kUsage;
  }

  // A flag where a resource or a method is expected.
  int UnknownFlag(const std::string& flag) {
    std::vector<std::string> names;
    for (const GlobalFlag& global : GlobalFlags()) names.push_back(global.name);
    const std::string hint = DidYouMean(flag, names);
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("unknown flag ", flag,
                     hint.empty() ? "; flags of a method come after resource and method" : hint)));
  }

  int CallError(const grpc::Status& status, const Shape* shape) {
    PrintError(client::DecodeError(status), shape, server_->name(), err_);
    return ExitCodeOf(status.error_code());
  }

  // A failure of reflection, which comes with the call's code.
  int ReflectionError(const absl::Status& status) {
    const grpc::Status call(static_cast<grpc::StatusCode>(status.code()),
                            std::string(status.message()));
    if (call.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      err_ << "error: " << server_->name()
           << " has no reflection service, which this program needs\n";
      return kRefused;
    }
    return CallError(call, nullptr);
  }

  // --- the server -------------------------------------------------------------------------------

  std::vector<std::string> Addresses() const {
    if (arguments_.server) return client::SplitAddresses(*arguments_.server);
    if (!settings_.servers.empty()) return settings_.servers;
    return {kDefaultServer};
  }

  absl::StatusOr<client::Caller> CallerOfArguments() const {
    client::Caller caller;
    caller.user_id = arguments_.user.value_or(settings_.user);
    caller.role = arguments_.role.value_or(settings_.role);
    const std::string tenant = arguments_.tenant.value_or(settings_.tenant);
    if (tenant.empty()) return caller;  // the server says what is missing
    auto id = client::ResolveTenant(settings_, tenant);
    if (!id.ok()) return id.status();
    caller.tenant_id = *std::move(id);
    return caller;
  }

  client::TlsOptions TlsOfArguments() const {
    client::TlsOptions tls = settings_.tls;
    tls.enabled |= arguments_.tls || arguments_.tls_ca || arguments_.tls_certificate;
    tls.ca_file = arguments_.tls_ca.value_or(tls.ca_file);
    tls.certificate_file = arguments_.tls_certificate.value_or(tls.certificate_file);
    tls.key_file = arguments_.tls_key.value_or(tls.key_file);
    return tls;
  }

  absl::Status Connect(std::chrono::milliseconds timeout) {
    if (server_ != nullptr) return absl::OkStatus();
    auto caller = CallerOfArguments();
    if (!caller.ok()) return caller.status();
    auto credentials = client::CredentialsOf(TlsOfArguments());
    if (!credentials.ok()) return credentials.status();
    auto server = Server::Connect({Addresses(), *std::move(caller), timeout, *credentials});
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    return absl::OkStatus();
  }

  // Null when it failed and `exit_code` says how.
  const Catalog* NeedCatalog(int& exit_code) {
    if (auto status = Connect(arguments_.timeout); !status.ok()) {
      exit_code = UsageError(status);
      return nullptr;
    }
    auto catalog = server_->catalog();
    if (!catalog.ok()) {
      exit_code = ReflectionError(catalog.status());
      return nullptr;
    }
    for (const std::string& name : (*catalog)->unresolved()) {
      if (arguments_.verbose) err_ << "note: " << name << " is not described well enough to call\n";
    }
    return *catalog;
  }

  // --- help -------------------------------------------------------------------------------------

  const Catalog* CatalogIfQuick() {
    if (!Connect(std::min(kHelpTimeout, arguments_.timeout)).ok()) return nullptr;
    auto catalog = server_->catalog();
    return catalog.ok() ? *catalog : nullptr;
  }

  void ShowHelp() { out_ << GeneralHelp(CatalogIfQuick()); }

  int Help(const Words& words) {
    static const std::vector<std::string> kCommands = {
        "methods", "describe", "health", "call", "transact", "session", "config", "completion"};
    const bool is_command =
        !words.empty() && words.size() < 2 &&
        std::find(kCommands.begin(), kCommands.end(), words[0]) != kCommands.end();
    if (words.empty() || is_command) {
      ShowHelp();
      return kDone;
    }
    int exit_code = kDone;
    const Catalog* catalog = NeedCatalog(exit_code);
    if (catalog == nullptr) return exit_code;
    auto resource = catalog->FindResource(words[0]);
    if (!resource.ok()) return UsageError(resource.status());
    if (words.size() == 1) {
      out_ << ResourceHelp(**resource);
      return kDone;
    }
    auto method = Catalog::FindMethod(**resource, words[1]);
    if (!method.ok()) return UsageError(method.status());
    out_ << MethodHelp(**resource, **method);
    return kDone;
  }

  int PrintCompletionScript(const Words& words) {
    const auto script = words.size() == 2 ? CompletionScript(words[1]) : std::nullopt;
    if (!script) {
      return UsageError(absl::InvalidArgumentError("tenantry completion bash, zsh or fish"));
    }
    out_ << *script;
    return kDone;
  }

  // --- commands that show -----------------------------------------------------------------------

  int ShowConfig() {
    const std::string tenant = arguments_.tenant.value_or(settings_.tenant);
    out_ << "settings  " << (settings_.file.empty() ? "(no file)" : settings_.file.string()) << "\n"
         << "server    " << absl::StrJoin(Addresses(), ", ") << "\n"
         << "tenant    " << (tenant.empty() ? "(none)" : tenant) << "\n"
         << "user      " << arguments_.user.value_or(settings_.user) << "\n"
         << "role      " << arguments_.role.value_or(settings_.role) << "\n";
    if (settings_.tenants.empty()) return kDone;
    out_ << "\ntenants known by name\n";
    for (const auto& [name, id] : settings_.tenants) out_ << "  " << id << "  " << name << "\n";
    return kDone;
  }

  int ListMethods() {
    int exit_code = kDone;
    const Catalog* catalog = NeedCatalog(exit_code);
    if (catalog == nullptr) return exit_code;
    if (arguments_.format != Format::kTable) {
      PrintMethodsJson(*catalog);
      return kDone;
    }
    Table table;
    table.columns = {{"resource", false, true}, {"method", false, true}, {"calls"}};
    for (const Resource& resource : catalog->resources()) {
      for (const Method& method : resource.methods) {
        table.rows.push_back({resource.word, method.name, method.Path().substr(1)});
      }
    }
    out_ << RenderTable(table, TableStyleOf());
    return kDone;
  }

  void PrintMethodsJson(const Catalog& catalog) {
    Json list = Json::array();
    for (const Resource& resource : catalog.resources()) {
      for (const Method& method : resource.methods) {
        list.push_back({{"resource", resource.word},
                        {"method", method.name},
                        {"table", resource.table == nullptr ? "" : resource.table->full_name()},
                        {"path", method.Path()}});
      }
    }
    if (arguments_.format == Format::kJson) {
      out_ << list.dump(1) << "\n";
    } else {
      for (const Json& entry : list) out_ << entry.dump() << "\n";
    }
  }

  int Describe(const Words& words) {
    if (words.size() != 2)
      return UsageError(absl::InvalidArgumentError("describe which resource?"));
    int exit_code = kDone;
    const Catalog* catalog = NeedCatalog(exit_code);
    if (catalog == nullptr) return exit_code;
    auto resource = catalog->FindResource(words[1]);
    if (!resource.ok()) return UsageError(resource.status());
    out_ << Description(**resource);
    return kDone;
  }

  int Health(const Words& words) {
    if (auto status = Connect(arguments_.timeout); !status.ok()) return UsageError(status);
    Words services(words.begin() + 1, words.end());
    if (services.empty()) services.push_back("");
    if (arguments_.all) {
      auto listed = server_->services();
      if (!listed.ok()) return ReflectionError(listed.status());
      services.insert(services.end(), listed->begin(), listed->end());
    }
    int exit_code = kDone;
    for (const std::string& service : services) {
      grpc::health::v1::HealthCheckRequest request;
      request.set_service(service);
      grpc::health::v1::HealthCheckResponse response;
      const grpc::Status status = CallUnary(server_->channel(), "/grpc.health.v1.Health/Check",
                                            arguments_.timeout, request, response);
      const bool unknown = status.error_code() == grpc::StatusCode::NOT_FOUND;
      if (!status.ok() && !unknown) return CallError(status, nullptr);
      const bool serving =
          status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
      if (!serving) exit_code = kUnreachable;
      out_ << (unknown
                   ? "UNKNOWN"
                   : grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status()))
           << "  " << (service.empty() ? server_->name() : service) << "\n";
    }
    return exit_code;
  }

  // --- calls ------------------------------------------------------------------------------------

  int Transact(const Words& words) {
    int exit_code = kDone;
    if (NeedCatalog(exit_code) == nullptr) return exit_code;
    return RunTransact(words, {*server_, around_.input, arguments_, TableStyleOf(), out_, err_});
  }

  int Session() {
    int exit_code = kDone;
    const Catalog* catalog = NeedCatalog(exit_code);
    if (catalog == nullptr) return exit_code;
    for (const Resource& resource : catalog->resources()) {
      for (const Method& method : resource.methods) {
        if (method.Path() == "/tenantry.v1.SessionService/GetSession") return Call(method, {});
      }
    }
    return UsageError(absl::NotFoundError("the server has no tenantry.v1.SessionService"));
  }

  int CallResource(const Words& words) {
    int exit_code = kDone;
    const Catalog* catalog = NeedCatalog(exit_code);
    if (catalog == nullptr) return exit_code;
    auto resource = catalog->FindResource(words[0]);
    if (!resource.ok()) return UsageError(resource.status());
    if (words.size() == 1) {
      out_ << ResourceHelp(**resource);
      return kUsage;
    }
    if (words[1].starts_with("-")) return UnknownFlag(words[1]);
    auto method = Catalog::FindMethod(**resource, words[1]);
    if (!method.ok()) return UsageError(method.status());
    const Words rest = {words.begin() + 2, words.end()};
    const auto scratch = server_->NewMessage(*(*method)->descriptor->input_type());
    return Call(ForAllRows(**resource, **method, rest, around_.input, *scratch), rest);
  }

  // `call package.Service/Method` or `call package.Service.Method`; the request is given as it is.
  int CallByPath(const Words& words) {
    if (words.size() < 2) {
      return UsageError(
          absl::InvalidArgumentError("call which method? Give package.Service/Method"));
    }
    int exit_code = kDone;
    if (NeedCatalog(exit_code) == nullptr) return exit_code;
    std::string name = words[1].substr(words[1].starts_with("/") ? 1 : 0);
    if (const auto slash = name.find('/'); slash != std::string::npos) name[slash] = '.';
    const auto* descriptor = server_->pool().FindMethodByName(name);
    if (descriptor == nullptr) {
      return UsageError(absl::NotFoundError(
          absl::StrCat("the server has no method ", words[1], "; see `tenantry methods`")));
    }
    Method method;
    method.name = descriptor->name();
    method.descriptor = descriptor;
    return Call(method, {words.begin() + 2, words.end()});
  }

  int Call(const Method& method, const Words& words) {
    const auto& rpc = *method.descriptor;
    const bool exports = method.kind == v1::METHOD_KIND_EXPORT;
    const bool imports = method.kind == v1::METHOD_KIND_IMPORT;
    if ((rpc.client_streaming() && !imports) || (rpc.server_streaming() && !exports)) {
      return UsageError(absl::UnimplementedError(
          absl::StrCat(method.Path().substr(1), " streams, and is no standard method")));
    }
    const Shape shape = ShapeOf(method);
    if (imports) {
      return RunImport(shape, words,
                       {*server_, arguments_, around_.input, around_.shows_progress, out_, err_});
    }
    const std::unique_ptr<Message> request = server_->NewMessage(*rpc.input_type());
    if (auto status = BuildRequest(shape, words, around_.input, *request); !status.ok()) {
      return UsageError(status);
    }
    if (arguments_.explain || arguments_.analyze) {
      return RunExplain(shape, *request, *server_, arguments_, out_, err_);
    }
    if (exports) {
      return RunExport(shape, StyleOf(shape, *request), *request,
                       {*server_, arguments_, around_.shows_progress, out_, err_});
    }
    const std::unique_ptr<Message> reply = server_->NewMessage(*rpc.output_type());
    const FieldDescriptor* next =
        shape.page_token == nullptr ? nullptr : NextTokenOf(*rpc.output_type());
    if (next != nullptr && arguments_.all) return CallAllPages(shape, *next, *request, *reply);

    const grpc::Status status = Invoke(method, *request, *reply);
    if (!status.ok()) return CallError(status, &shape);
    if (shape.group_by != nullptr && arguments_.format == Format::kTable) {
      const auto shown = PrintGroups(*request, *reply, StyleOf(shape, *request), out_, err_);
      return shown.ok() ? kDone : UsageError(shown);
    }
    if (auto printed = PrintReply(*reply, StyleOf(shape, *request), out_); !printed.ok()) {
      return UsageError(printed);
    }
    if (next != nullptr && arguments_.format == Format::kTable) TellPage(*reply, err_);
    return kDone;
  }

  // Lines are printed as pages come; a table and a JSON object need all rows first.
  int CallAllPages(const Shape& shape, const FieldDescriptor& next, Message& request,
                   Message& reply) {
    const std::unique_ptr<Message> page(reply.New());
    std::string token;
    do {
      const grpc::Status status = Invoke(*shape.method, request, *page);
      if (!status.ok()) return CallError(status, &shape);
      std::string following = page->GetReflection()->GetString(*page, &next);
      if (!following.empty() && following == token) {
        return UsageError(absl::InternalError("the server gave the same page token twice"));
      }
      token = std::move(following);
      request.GetReflection()->SetString(&request, shape.page_token, token);
      if (arguments_.format == Format::kNdjson) {
        if (auto printed = PrintReply(*page, StyleOf(shape, request), out_); !printed.ok()) {
          return UsageError(printed);
        }
      } else {
        reply.MergeFrom(*page);
      }
    } while (!token.empty());
    if (arguments_.format == Format::kNdjson) return kDone;
    ClearTokens(reply);
    const auto printed = PrintReply(reply, StyleOf(shape, request), out_);
    return printed.ok() ? kDone : UsageError(printed);
  }

  grpc::Status Invoke(const Method& method, Message& request, Message& reply) {
    const auto begin = std::chrono::steady_clock::now();
    std::string unreadable;
    const grpc::Status status = CallOnce(server_->channel(), method.Path(), arguments_.timeout,
                                         request, reply, &unreadable);
    if (!unreadable.empty()) {
      err_ << "warning: some values are not shown, since no field can hold them: "
           << Printable(unreadable) << "; the server's log names a row\n";
    }
    if (arguments_.verbose) {
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - begin;
      err_ << absl::StrFormat("%s %s %s, %.1f ms, %d bytes\n", server_->name(), method.Path(),
                              client::CodeName(status.error_code()), took.count(),
                              reply.ByteSizeLong());
    }
    return status;
  }

  TableStyle TableStyleOf() const { return {around_.terminal_width, around_.colours}; }
  // Of the reply to `request`.
  OutputStyle StyleOf(const Shape& shape, const Message& request) const {
    const bool selects =
        shape.select != nullptr && request.GetReflection()->HasField(request, shape.select);
    return {arguments_.format, arguments_.columns, TableStyleOf(),
            selects ? &request.GetReflection()->GetMessage(request, shape.select) : nullptr};
  }

  Arguments arguments_;
  const client::Settings settings_;
  const Surroundings& around_;
  std::ostream& out_;
  std::ostream& err_;
  std::unique_ptr<Server> server_;
};

}  // namespace

int RunProgram(const std::vector<std::string>& words, const Surroundings& surroundings) {
  // What protobuf finds wrong with input is returned as well, and said better.
  google::protobuf::SetLogHandler(nullptr);
  const auto fail = [&](const absl::Status& status) {
    surroundings.err << "error: " << std::string(status.message()) << "\n";
    return kUsage;
  };
  const std::optional<CompletionRequest> completes = CompletionRequestOf(words);
  auto arguments = completes ? completes->arguments : ParseArguments(words);
  if (!arguments.ok()) return fail(arguments.status());
  if (arguments->version) {
    surroundings.out << kVersion << "\n";
    return kDone;
  }
  auto settings = client::LoadSettings(surroundings.folder, surroundings.environment);
  if (!settings.ok()) return fail(settings.status());
  Program program(*std::move(arguments), *std::move(settings), surroundings);
  return completes ? program.Complete(*completes) : program.Run();
}

}  // namespace tenantry::cli
