#include "tests/e2e/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "absl/time/clock.h"

namespace tenantry::e2e {

RawConnection::RawConnection(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &name.sin_addr);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ >= 0 && connect(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

RawConnection::~RawConnection() {
  if (fd_ >= 0) close(fd_);
}

bool RawConnection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd polled{fd_, POLLOUT, 0};
    if (poll(&polled, 1, 1000) != 1) return false;  // the server does not read
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawConnection::Receive(std::string_view end, absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  std::string received;
  char buffer[4096];
  while (end.empty() || received.find(end) == std::string::npos) {
    pollfd polled{fd_, POLLIN, 0};
    const auto ms = std::max<std::int64_t>(0, absl::ToInt64Milliseconds(until - absl::Now()));
    if (poll(&polled, 1, static_cast<int>(ms)) != 1) break;
    const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    received.append(buffer, static_cast<std::size_t>(got));
  }
  return received;
}

bool RawConnection::Closed(absl::Duration timeout) {
  if (fd_ < 0) return true;
  Receive("", timeout);
  char byte;
  return recv(fd_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0 || errno == ECONNRESET;
}

namespace http2 {
namespace {

// A string literal of HPACK (RFC 7541, 5.2), never longer than 2^14.
std::string Literal(std::string_view text) {
  std::string out;
  if (text.size() < 127) {
    out += static_cast<char>(text.size());
  } else {
    std::size_t rest = text.size() - 127;
    out += '\x7f';
    for (; rest >= 128; rest >>= 7) out += static_cast<char>(0x80 | (rest & 0x7f));
    out += static_cast<char>(rest);
  }
  out += text;
  return out;
}

}  // namespace

std::string Frame(Type type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string frame;
  for (int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  frame += payload;
  return frame;
}

std::string Hello() { return std::string(kPreface) + Frame(kSettings, 0, 0, ""); }

std::string Encode(const Headers& headers) {
  std::string block;
  for (const auto& [name, value] : headers) {
    block += '\0';  // a literal that is not added to the table
    block += Literal(name);
    block += Literal(value);
  }
  return block;
}

Headers CallHeaders(const std::string& path, const Headers& more) {
  Headers headers = {{":method", "POST"},
                     {":scheme", "http"},
                     {":path", path},
                     {":authority", "localhost"},
                     {"content-type", "application/grpc"},
                     {"te", "trailers"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

std::string Message(bool compressed, std::string_view bytes) {
  std::string message(1, compressed ? '\1' : '\0');
  for (int shift : {24, 16, 8, 0}) message += static_cast<char>(bytes.size() >> shift);
  message += bytes;
  return message;
}

std::string Call(std::uint32_t stream, const std::string& path, const Headers& more,
                 const std::string& message) {
  return Frame(kHeaders, kEndHeaders, stream, Encode(CallHeaders(path, more))) +
         Frame(kData, kEndStream, stream, message);
}

}  // namespace http2

}  // namespace tenantry::e2e
