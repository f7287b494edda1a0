#include "client/cli/export.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "client/cli/call.h"
#include "client/cli/failure.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "client/cpp/error.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Of requests and of replies (tenantry/v1/api.proto).
constexpr int kResumeToken = 2;
// Attempts in a row that bring no rows.
constexpr int kAttemptsMax = 5;
constexpr std::chrono::milliseconds kFirstWait{200};

class Export {
 public:
  Export(const Shape& shape, OutputStyle style, Message& request, const ExportSurroundings& around)
      : shape_(shape),
        style_(std::move(style)),
        request_(request),
        around_(around),
        reply_(around.server.NewMessage(*shape.method->descriptor->output_type())),
        rows_(RowsOf(*reply_->GetDescriptor())),
        progress_(around.shows_progress, around.err) {}

  int Run() {
    grpc::Status status;
    std::string unreadable;
    for (attempts_ = 1; attempts_ <= kAttemptsMax; ++attempts_) {
      status = CallStream(
          around_.server.channel(), shape_.method->Path(), around_.arguments.timeout, request_,
          *reply_, [this] { return Take(); }, &unreadable);
      if (!printed_.ok() || status.error_code() != grpc::StatusCode::UNAVAILABLE) break;
      if (attempts_ < kAttemptsMax) std::this_thread::sleep_for(kFirstWait * (1 << attempts_));
    }
    progress_.End();
    if (!unreadable.empty()) {
      around_.err << "warning: some values are not shown, since no field can hold them: "
                  << Printable(unreadable) << "; the server's log names a row\n";
    }
    return Outcome(status);
  }

 private:
  bool Take() {
    printed_ = PrintReply(*reply_, style_, around_.out);
    if (printed_.ok() && !around_.out.flush()) {
      printed_ = absl::DataLossError("the output cannot be written");
    }
    if (!printed_.ok()) return false;
    const FieldDescriptor* token = reply_->GetDescriptor()->FindFieldByNumber(kResumeToken);
    request_.GetReflection()->SetString(&request_,
                                        request_.GetDescriptor()->FindFieldByNumber(kResumeToken),
                                        reply_->GetReflection()->GetString(*reply_, token));
    progress_.Add(reply_->GetReflection()->FieldSize(*reply_, rows_));
    attempts_ = 0;
    return true;
  }

  int Outcome(const grpc::Status& status) {
    if (printed_.ok() && status.ok()) return kDone;
    if (printed_.ok()) {
      PrintError(client::DecodeError(status), &shape_, around_.server.name(), around_.err);
    } else {
      around_.err << "error: " << std::string(printed_.message()) << "\n";
    }
    const std::string token = request_.GetReflection()->GetString(
        request_, request_.GetDescriptor()->FindFieldByNumber(kResumeToken));
    if (!token.empty()) around_.err << "to go on: --resume-token " << token << "\n";
    return printed_.ok() ? ExitCodeOf(status.error_code()) : kUsage;
  }

  const Shape& shape_;
  const OutputStyle style_;
  Message& request_;
  const ExportSurroundings& around_;
  const std::unique_ptr<Message> reply_;
  const FieldDescriptor* const rows_;
  Progress progress_;
  absl::Status printed_;
  int attempts_ = 0;
};

}  // namespace

int RunExport(const Shape& shape, OutputStyle style, Message& request,
              const ExportSurroundings& around) {
  style.format = Format::kNdjson;  // a table needs all rows first
  return Export(shape, std::move(style), request, around).Run();
}

}  // namespace tenantry::cli
