#include "client/cli/import.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/cli/call.h"
#include "client/cli/failure.h"
#include "client/cli/json.h"
#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "client/cpp/error.h"
#include "tenantry/v1/import.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Of requests and of replies (tenantry/v1/api.proto).
constexpr int kRows = 1;
constexpr int kLast = 3;
constexpr int kImported = 1;
constexpr int kRejected = 2;
constexpr int kRejectedRows = 3;
// A message is sent when it has so much.
constexpr int kRowsOfMessage = 1000;
constexpr std::size_t kBytesOfMessage = 256 << 10;

class Import {
 public:
  Import(const Shape& shape, const ImportSurroundings& around)
      : shape_(shape),
        around_(around),
        request_(around.server.NewMessage(*shape.request)),
        reply_(around.server.NewMessage(*shape.method->descriptor->output_type())),
        progress_(around.shows_progress, around.err) {}

  int Run(std::vector<std::string> words) {
    absl::Status status = Open(words);
    if (status.ok()) status = BuildRequest(shape_, words, around_.input, *request_);
    if (!status.ok()) return UsageError(status);
    const grpc::Status outcome =
        CallWithStream(around_.server.channel(), shape_.method->Path(), around_.arguments.timeout,
                       *request_, *reply_, [this] { return Fill(); });
    progress_.End();
    if (!read_.ok()) return UsageError(read_);
    if (!outcome.ok()) {
      PrintError(client::DecodeError(outcome), &shape_, around_.server.name(), around_.err);
      return ExitCodeOf(outcome.error_code());
    }
    return Tell();
  }

 private:
  int UsageError(const absl::Status& status) {
    around_.err << "error: " << std::string(status.message()) << "\n";
    return kUsage;
  }

  // The word that is no flag and no flag's value.
  std::vector<std::string>::iterator FindFile(std::vector<std::string>& words) const {
    const std::vector<Flag> flags = FlagsOf(shape_);
    for (auto word = words.begin(); word != words.end(); ++word) {
      if (!word->starts_with("--")) return word;
      const bool takes_next = std::any_of(flags.begin(), flags.end(), [&](const Flag& flag) {
        return flag.name == *word && !flag.value.empty();
      });
      if (takes_next && std::next(word) != words.end()) ++word;
    }
    return words.end();
  }

  // Takes the file's name out of the words.
  absl::Status Open(std::vector<std::string>& words) {
    const auto file = FindFile(words);
    if (file == words.end()) {
      return absl::InvalidArgumentError(
          "import which rows? Give a FILE with one on each line, or -");
    }
    name_ = *file;
    words.erase(file);
    if (name_ == "-") {
      lines_ = around_.input.lines;
      if (lines_ != nullptr) return absl::OkStatus();
      return absl::InvalidArgumentError("there is no standard input");
    }
    file_.open(name_);
    lines_ = &file_;
    if (file_) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat("cannot read ", name_));
  }

  // Puts the next rows into the request.
  Upstream Fill() {
    const FieldDescriptor* rows = Field(kRows);
    const google::protobuf::Reflection& reflection = *request_->GetReflection();
    reflection.ClearField(request_.get(), rows);
    std::string line;
    std::size_t bytes = 0;
    while (reflection.FieldSize(*request_, rows) < kRowsOfMessage && bytes < kBytesOfMessage) {
      if (!std::getline(*lines_, line)) {
        if (lines_->bad()) read_ = absl::DataLossError(absl::StrCat("cannot read ", name_));
        reflection.SetBool(request_.get(), Field(kLast), true);
        return read_.ok() ? Upstream::kLast : Upstream::kGivenUp;
      }
      ++line_;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      bytes += line.size();
      const std::string what = absl::StrCat(name_, ", line ", line_);
      auto json = ParseJson(line, what);
      read_ = json.ok()
                  ? FromJson(*std::move(json), what, *reflection.AddMessage(request_.get(), rows))
                  : json.status();
      if (!read_.ok()) return Upstream::kGivenUp;
    }
    progress_.Add(reflection.FieldSize(*request_, rows));
    return Upstream::kMore;
  }

  int Tell() {
    const google::protobuf::Reflection& reflection = *reply_->GetReflection();
    const auto field = [&](int number) {
      return reply_->GetDescriptor()->FindFieldByNumber(number);
    };
    const std::int64_t rejected = reflection.GetInt64(*reply_, field(kRejected));
    const FieldDescriptor* rows = field(kRejectedRows);
    for (int i = 0; i < reflection.FieldSize(*reply_, rows); ++i) {
      v1::RejectedRow row;
      row.ParseFromString(reflection.GetRepeatedMessage(*reply_, rows, i).SerializeAsString());
      around_.err << "row " << row.row() + 1 << ": " << row.reason() << ": "
                  << Printable(row.message()) << "\n";
    }
    around_.out << reflection.GetInt64(*reply_, field(kImported)) << " rows imported";
    if (rejected > 0) around_.out << ", " << rejected << " rejected";
    around_.out << "\n";
    return rejected == 0 ? kDone : kRefused;
  }

  const FieldDescriptor* Field(int number) const {
    return shape_.request->FindFieldByNumber(number);
  }

  const Shape& shape_;
  const ImportSurroundings& around_;
  const std::unique_ptr<Message> request_;
  const std::unique_ptr<Message> reply_;
  Progress progress_;
  std::string name_;
  std::ifstream file_;
  std::istream* lines_ = nullptr;
  std::int64_t line_ = 0;
  absl::Status read_;
};

}  // namespace

int RunImport(const Shape& shape, std::vector<std::string> words,
              const ImportSurroundings& around) {
  return Import(shape, around).Run(std::move(words));
}

}  // namespace tenantry::cli
