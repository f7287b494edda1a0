#include "client/cli/arguments.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cpp/time_text.h"

namespace tenantry::cli {
namespace {

absl::Status SetTimeout(Arguments& arguments, const std::string& text) {
  const auto timeout = client::ParseTime(text);
  if (!timeout.has_value() || timeout->count() == 0) {
    return absl::InvalidArgumentError("--timeout must be a time such as 5s, 500ms or 10m");
  }
  arguments.timeout = *timeout;
  return absl::OkStatus();
}

absl::Status SetFormat(Arguments& arguments, const std::string& text) {
  if (text == "table") {
    arguments.format = Format::kTable;
  } else if (text == "json") {
    arguments.format = Format::kJson;
  } else if (text == "ndjson") {
    arguments.format = Format::kNdjson;
  } else {
    return absl::InvalidArgumentError("--output must be table, json or ndjson");
  }
  return absl::OkStatus();
}

using Setter = std::function<absl::Status(Arguments&, const std::string&)>;

Setter Text(std::optional<std::string> Arguments::*member) {
  return [member](Arguments& arguments, const std::string& text) {
    arguments.*member = text;
    return absl::OkStatus();
  };
}

Setter Switch(bool Arguments::*member) {
  return [member](Arguments& arguments, const std::string& text) {
    if (!text.empty() && text != "true" && text != "false") {
      return absl::InvalidArgumentError("is a switch and takes no value");
    }
    arguments.*member = text != "false";
    return absl::OkStatus();
  };
}

const std::map<std::string, Setter>& Setters() {
  static const std::map<std::string, Setter> setters = {
      {"--server", Text(&Arguments::server)},
      {"--tls", Switch(&Arguments::tls)},
      {"--tls-ca", Text(&Arguments::tls_ca)},
      {"--tls-certificate", Text(&Arguments::tls_certificate)},
      {"--tls-key", Text(&Arguments::tls_key)},
      {"--tenant", Text(&Arguments::tenant)},
      {"--user", Text(&Arguments::user)},
      {"--role", Text(&Arguments::role)},
      {"--timeout", SetTimeout},
      {"--output", SetFormat},
      {"--columns",
       [](Arguments& arguments, const std::string& text) {
         arguments.columns = absl::StrSplit(text, ',', absl::SkipWhitespace());
         return absl::OkStatus();
       }},
      {"--all", Switch(&Arguments::all)},
      {"--explain", Switch(&Arguments::explain)},
      {"--analyze", Switch(&Arguments::analyze)},
      {"--help", Switch(&Arguments::help)},
      {"--version", Switch(&Arguments::version)},
      {"--verbose", Switch(&Arguments::verbose)},
  };
  return setters;
}

const GlobalFlag* FindFlag(const std::string& name) {
  for (const GlobalFlag& flag : GlobalFlags()) {
    if (name == flag.name || (*flag.brief != '\0' && name == flag.brief)) return &flag;
  }
  return nullptr;
}

}  // namespace

const std::vector<GlobalFlag>& GlobalFlags() {
  static const std::vector<GlobalFlag> flags = {
      {"--server", "-s", "ADDRESS", "host:port or unix:/path; several with commas"},
      {"--tenant", "-t", "NAME|UUID", "tenant to call for"},
      {"--user", "", "ID", "user to call as"},
      {"--role", "", "ROLE", "authenticated, support or admin"},
      {"--tls", "", "", "encrypt; the server's certificate must be one that the system trusts"},
      {"--tls-ca", "", "FILE", "encrypt; the authorities to trust instead (PEM)"},
      {"--tls-certificate", "", "FILE", "own certificate, for servers that ask for one (PEM)"},
      {"--tls-key", "", "FILE", "its private key (PEM)"},
      {"--output", "-o", "FORMAT", "table, json or ndjson (a row a line)"},
      {"--columns", "", "A,B", "columns of a table"},
      {"--all", "", "", "follow page tokens to the last row"},
      {"--explain", "", "", "show the SQL and the plan of a read instead of its rows"},
      {"--analyze", "", "", "the same, and run it to see how long each part takes"},
      {"--timeout", "", "TIME", "of each call, as 5s, 500ms or 10m (default 10s)"},
      {"--verbose", "-v", "", "show server, method and time of each call"},
      {"--help", "-h", "", "help on what stands before it"},
      {"--version", "", "", "version of this program"},
  };
  return flags;
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string::size_type equals = words[i].find('=');
    const bool attached = words[i].starts_with("--") && equals != std::string::npos;
    const std::string name = attached ? words[i].substr(0, equals) : words[i];
    const GlobalFlag* flag = FindFlag(name);
    if (flag == nullptr) {
      arguments.rest.push_back(words[i]);
      // All that follows belongs to the command, whatever it looks like.
      if (words[i] == "--") {
        arguments.rest.insert(arguments.rest.end(), words.begin() + i + 1, words.end());
        break;
      }
      continue;
    }
    std::string value;
    if (attached) {
      value = words[i].substr(equals + 1);
    } else if (*flag->value != '\0') {
      if (i + 1 == words.size()) {
        return absl::InvalidArgumentError(absl::StrCat(name, " needs a value: ", flag->value));
      }
      value = words[++i];
    }
    if (auto status = Setters().at(flag->name)(arguments, value); !status.ok()) {
      const std::string message(status.message());
      return absl::InvalidArgumentError(
          message.starts_with("--") ? message : absl::StrCat(name, " ", message));
    }
  }
  return arguments;
}

}  // namespace tenantry::cli
