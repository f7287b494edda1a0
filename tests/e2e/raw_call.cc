#include "tests/e2e/raw_call.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace tenantry::e2e {
namespace {

// RFC 9113, section 6.
enum FrameType : std::uint8_t { kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kGoAway = 7 };
constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4;

std::string Frame(FrameType type, std::uint8_t flags, std::uint8_t stream,
                  const std::string& payload) {
  std::string frame;
  for (int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  frame += std::string(3, '\0') + static_cast<char>(stream);
  return frame + payload;
}

// RFC 7541, section 6.2.2: a literal without indexing, its name written out.
std::string Literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name +
         static_cast<char>(value.size()) + value;
}

class Socket {
 public:
  explicit Socket(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const std::size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    const timeval limit{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    good_ = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void Write(const std::string& bytes) {
    good_ = good_ && send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                         static_cast<ssize_t>(bytes.size());
  }
  // Empty at the end.
  std::string Read(std::size_t size) {
    std::string bytes(size, '\0');
    if (!good_ || recv(fd_, bytes.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) {
      good_ = false;
      return "";
    }
    return bytes;
  }
  bool good() const { return good_; }

 private:
  const int fd_;
  bool good_ = false;
};

}  // namespace

std::pair<bool, std::string> CallWithHeaders(const std::string& address, const std::string& path,
                                             const Headers& headers) {
  std::string block = Literal(":method", "POST") + Literal(":scheme", "http") +
                      Literal(":path", path) + Literal(":authority", address) +
                      Literal("te", "trailers") + Literal("content-type", "application/grpc");
  for (const auto& [name, value] : headers) block += Literal(name, value);
  Socket socket(address);
  socket.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, "") +
               Frame(kHeaders, kEndHeaders, 1, block) +
               Frame(kData, kEndStream, 1, std::string(5, '\0')));
  std::string reply;
  while (socket.good()) {
    const std::string head = socket.Read(9);
    if (head.empty()) break;
    std::size_t size = 0;
    for (int i = 0; i < 3; ++i) size = size << 8 | static_cast<std::uint8_t>(head[i]);
    const std::string payload = size > 0 ? socket.Read(size) : "";
    if (head[3] == kData) reply += payload;
    const bool end = head[3] == kHeaders && (head[4] & kEndStream) != 0;
    if (end || head[3] == kReset || head[3] == kGoAway) break;
  }
  // A message begins with a flag and four bytes of its length.
  if (reply.size() < 5) return {false, ""};
  return {true, reply.substr(5)};
}

}  // namespace tenantry::e2e
