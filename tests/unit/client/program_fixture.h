// The whole program against a server in this process, which it knows by reflection only.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "client/cli/program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/unit/client/fake_server.h"

namespace tenantry::cli {

using client::testing::FakeServer;
using nlohmann::json;

inline constexpr char kAcme[] = "01920000-0000-7000-8000-00000000ac3e";
inline constexpr char kAda[] =
    R"({"id": "a1", "name": "Ada", "type": "CONTACT_TYPE_COMPANY", "is_active": true,
                            "created_at": "2025-01-31T12:00:00.123456Z"})";

class ProgramTest : public ::testing::Test {
 protected:
  int Run(std::vector<std::string> words, const std::string& stdin_text = "") {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), {"--server", server_.address(), "--tenant",
                                 "01920000-0000-7000-8000-00000000ac3e"});
    Surroundings surroundings{
        .out = out_,
        .err = err_,
        .input = {[stdin_text] { return absl::StatusOr<std::string>(stdin_text); },
                  stdin_text.empty()},
        .environment = [](const std::string&) { return std::nullopt; },
        .folder = "/",
        .terminal_width = width_,
    };
    return RunProgram(words, surroundings);
  }

  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }
  json sent() const { return json::parse(server_.last_call().request); }
  // Without the request_id, which is another one each time.
  json request() const {
    json request = sent();
    request.erase("request_id");
    return request;
  }

  FakeServer server_;
  std::size_t width_ = 0;
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace tenantry::cli
