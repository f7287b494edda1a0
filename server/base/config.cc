#include "server/base/config.h"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/base/roles.h"
#include "server/base/setting_file.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace tenantry {
namespace {

constexpr char kConfigFile[] = "config-file";
constexpr char kConfigFileEnvironment[] = "TENANTRY_CONFIG_FILE";

const Setting* FindSetting(std::string_view name) {
  auto settings = Settings();
  auto it = std::find_if(settings.begin(), settings.end(),
                         [&](const Setting& s) { return s.name == name; });
  return it == settings.end() ? nullptr : &*it;
}

// Puts `text` into the setting's field. Returns what is wrong with it, empty when nothing is.
struct Assign {
  const Setting& setting;
  std::string_view text;
  Config& config;

  std::string operator()(std::string Config::*field) const {
    if (!setting.choices.empty()) {
      std::vector<std::string> choices = absl::StrSplit(ToAbsl(setting.choices), '|');
      if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
        return absl::StrCat("must be one of ", ToAbsl(setting.choices));
      }
    }
    config.*field = std::string(text);
    return "";
  }
  std::string operator()(std::int64_t Config::*field) const {
    std::int64_t number;
    if (!absl::SimpleAtoi(ToAbsl(text), &number) || number < setting.min || number > setting.max) {
      return absl::StrCat("must be a whole number in ", setting.range());
    }
    config.*field = number;
    return "";
  }
  std::string operator()(bool Config::*field) const {
    bool value;
    if (!absl::SimpleAtob(ToAbsl(text), &value)) return "must be true or false";
    config.*field = value;
    return "";
  }
  std::string operator()(std::vector<std::string> Config::*field) const {
    std::vector<std::string> items;
    for (absl::string_view item : absl::StrSplit(ToAbsl(text), ',', absl::SkipWhitespace())) {
      items.emplace_back(absl::StripAsciiWhitespace(item));
    }
    if (items.empty()) return "must name at least one";
    config.*field = std::move(items);
    return "";
  }
};

// Lines of `name = value`; a value may stand in double quotes; `#` begins a comment line.
SettingValues ParseFile(const std::string& path, std::vector<std::string>& errors) {
  SettingValues values;
  absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (!text.ok()) {
    errors.emplace_back(text.status().message());
    return values;
  }
  int number = 0;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits('=', 1));
    std::string name(absl::StripAsciiWhitespace(parts[0]));
    if (parts.size() != 2 || !FindSetting(name)) {
      errors.push_back(absl::StrCat(path, ":", number, ": ",
                                    parts.size() == 2 ? "no such setting: " : "no value: ", name));
      continue;
    }
    absl::string_view value = absl::StripAsciiWhitespace(parts[1]);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    values[name] = std::string(value);
  }
  return values;
}

// The value from the environment, itself or through a file, with the variable it came from.
struct FromEnvironment {
  std::string value;
  std::string variable;  // empty: nothing there
  std::string file;      // that the value was read from; empty: from none
};

FromEnvironment ReadEnvironment(const Setting& setting, const Environment& environment,
                                std::vector<std::string>& errors) {
  std::string variable = setting.environment();
  if (const char* value = environment(variable.c_str())) return {value, variable, ""};
  variable += "_FILE";
  const char* path = environment(variable.c_str());
  // TENANTRY_CONFIG_FILE and the like name a setting of their own.
  if (!path || *path == '\0') return {};
  absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (!text.ok()) {
    errors.push_back(absl::StrCat(variable, ": ", text.status().message()));
    return {};
  }
  return {std::string(absl::StripTrailingAsciiWhitespace(*text)), variable, path};
}

std::string WrongRolePrefix(const std::string& prefix) {
  const bool letters = std::all_of(prefix.begin(), prefix.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
  // PostgreSQL keeps pg_ for itself, and cuts names at 63 bytes.
  const bool fits = prefix.size() <= 63 - kOwnerRole.size();
  if (letters && fits && !absl::StartsWith(prefix, "pg_") &&
      (prefix.empty() || !absl::ascii_isdigit(prefix[0]))) {
    return "";
  }
  return absl::StrCat("role-prefix: must be lower-case letters, digits and _, at most ",
                      63 - kOwnerRole.size(),
                      " of them, begin with no digit and not with pg_: ", prefix);
}

}  // namespace

std::string Setting::environment() const {
  return absl::StrCat("TENANTRY_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(ToAbsl(name), {{"-", "_"}})));
}

std::string Setting::unit() const {
  for (std::string_view unit : {"ms", "bytes"}) {
    std::string part = absl::StrCat("-", ToAbsl(unit));
    std::size_t at = name.find(part);
    if (at == std::string_view::npos) continue;
    std::size_t end = at + part.size();
    if (end == name.size() || name[end] == '-') return std::string(unit);
  }
  return "";
}

std::string Setting::range() const {
  if (std::holds_alternative<std::int64_t Config::*>(field)) return absl::StrCat(min, "..", max);
  if (std::holds_alternative<bool Config::*>(field)) return "true|false";
  return std::string(choices);
}

std::string Setting::default_text() const {
  static const Config defaults;
  struct Render {
    std::string operator()(std::string Config::*f) const { return defaults.*f; }
    std::string operator()(std::int64_t Config::*f) const { return absl::StrCat(defaults.*f); }
    std::string operator()(bool Config::*f) const { return defaults.*f ? "true" : "false"; }
    std::string operator()(std::vector<std::string> Config::*f) const {
      return absl::StrJoin(defaults.*f, ",");
    }
  };
  return std::visit(Render{}, field);
}

void AddSettingFlags(CLI::App& app, SettingValues& given,
                     std::span<const std::string_view> groups) {
  app.get_formatter()->column_width(42);
  app.add_option_function<std::string>(
         absl::StrCat("--", kConfigFile),
         [&given](const std::string& v) { given[kConfigFile] = v; },
         absl::StrCat("File of `name = value` lines (", kConfigFileEnvironment, ")"))
      ->type_name("PATH");
  for (const Setting& setting : Settings()) {
    if (!groups.empty() && std::find(groups.begin(), groups.end(), setting.group) == groups.end()) {
      continue;
    }
    std::string name(setting.name);
    std::string range = setting.range();
    std::string fallback = setting.default_text();
    std::string about = std::string(setting.doc);
    if (!fallback.empty()) absl::StrAppend(&about, " [", fallback, "]");
    app.add_option_function<std::string>(
           "--" + name, [&given, name](const std::string& v) { given[name] = v; }, about)
        ->group(std::string(setting.group))
        ->type_name(range.empty() ? "TEXT" : range);
  }
}

std::optional<RoleCost> ParseRoleCost(std::string_view entry) {
  const std::vector<std::string> parts = absl::StrSplit(ToAbsl(entry), '=');
  RoleCost parsed;
  if (parts.size() != 2 || parts[0].empty() || !absl::SimpleAtod(parts[1], &parsed.cost) ||
      !(parsed.cost > 0)) {
    return std::nullopt;
  }
  parsed.role = parts[0];
  return parsed;
}

absl::StatusOr<Config> ResolveConfig(const SettingValues& flags, const Environment& environment) {
  std::vector<std::string> errors;
  SettingValues file;
  if (auto it = flags.find(kConfigFile); it != flags.end()) {
    file = ParseFile(it->second, errors);
  } else if (const char* path = environment(kConfigFileEnvironment); path && *path) {
    file = ParseFile(path, errors);
  }
  Config config;
  for (const Setting& setting : Settings()) {
    std::string name(setting.name);
    std::string value, source;
    if (auto flag = flags.find(name); flag != flags.end()) {
      value = flag->second;
      source = "--" + name;
    } else if (auto env = ReadEnvironment(setting, environment, errors); !env.variable.empty()) {
      value = env.value;
      source = env.variable;
      if (!env.file.empty()) config.files.emplace(name, env.file);
    } else if (auto entry = file.find(name); entry != file.end()) {
      value = entry->second;
      source = name;
    } else {
      continue;
    }
    std::string wrong = std::visit(Assign{setting, value, config}, setting.field);
    if (!wrong.empty()) errors.push_back(absl::StrCat(source, ": ", wrong));
  }
  for (const std::string& entry : config.plan_cost_max) {
    if (ParseRoleCost(entry).has_value()) continue;
    errors.push_back(absl::StrCat(
        "plan-cost-max: must be role=cost, or *=cost, with a cost above 0; not ", entry));
  }
  if (std::string wrong = WrongRolePrefix(config.role_prefix); !wrong.empty()) {
    errors.push_back(wrong);
  }
  if (!errors.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
  return config;
}

std::string SettingsAsMarkdown() {
  std::string page;
  std::string_view group;
  for (const Setting& setting : Settings()) {
    if (setting.group != group) {
      absl::StrAppend(&page, page.empty() ? "" : "\n", "## ", ToAbsl(setting.group),
                      "\n\n| Flag | Environment | Default | Range | Unit | Meaning |\n"
                      "|---|---|---|---|---|---|\n");
      group = setting.group;
    }
    auto code = [](const std::string& text) {
      return text.empty() ? text
                          : absl::StrCat("`", absl::StrReplaceAll(text, {{"|", "\\|"}}), "`");
    };
    absl::StrAppend(&page, "| `--", ToAbsl(setting.name), "` | `", setting.environment(), "` | ",
                    code(setting.default_text()), " | ", code(setting.range()), " | ",
                    setting.unit(), " | ", ToAbsl(setting.doc), " |\n");
  }
  return page;
}

}  // namespace tenantry
