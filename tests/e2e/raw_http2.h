// HTTP/2 by hand (RFC 9113), for what no client library would send.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace tenantry::e2e {

// A TCP connection. Writing never blocks and never fails a test: a server may close it.
class RawConnection {
 public:
  // `address` is `127.0.0.1:port`.
  explicit RawConnection(const std::string& address);
  RawConnection(RawConnection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~RawConnection();

  bool Send(std::string_view bytes);
  // What comes until the server has said `end`, has closed the connection, or time is over.
  std::string Receive(std::string_view end, absl::Duration timeout);
  // Whether the server closes the connection within that time.
  bool Closed(absl::Duration timeout);

 private:
  int fd_;
};

namespace http2 {

enum Type : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kContinuation = 9
};
constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string Frame(Type type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);

// Preface and settings: all that a client says before its first request.
std::string Hello();

using Headers = std::vector<std::pair<std::string, std::string>>;

// Fields as HPACK literals, without compression.
std::string Encode(const Headers& headers);

// The headers of a gRPC call.
Headers CallHeaders(const std::string& path, const Headers& more = {});

// A message with its prefix of five bytes.
std::string Message(bool compressed, std::string_view bytes);

// A whole unary call on the stream.
std::string Call(std::uint32_t stream, const std::string& path, const Headers& more,
                 const std::string& message);

}  // namespace http2

}  // namespace tenantry::e2e
