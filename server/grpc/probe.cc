#include "server/grpc/probe.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/clock.h"

namespace tenantry::rpc {
namespace {

// RFC 9113, 3.4: the client's preface, then an empty SETTINGS frame.
constexpr std::string_view kHello("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
// An acknowledgement of SETTINGS. The server sends its own settings unasked, and this one only
// after it has read ours.
constexpr std::string_view kAcknowledged("\0\0\0\4\1\0\0\0\0", 9);
// Far more than a server says before its acknowledgement.
constexpr std::size_t kAnswerBytesMax = 4096;

class Connection {
 public:
  explicit Connection(absl::Time deadline) : deadline_(deadline) {}
  Connection(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  bool Open(const net::ListenSocket& listener) {
    socklen_t size = 0;
    const sockaddr_storage address = listener.reachable_address(size);
    fd_ = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return false;
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0) return true;
    if (errno != EINPROGRESS || !Await(POLLOUT)) return false;
    int error = 0;
    socklen_t error_size = sizeof error;
    return getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error == 0;
  }

  bool Send(std::string_view bytes) {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  // 0 at the end, negative at an error or when time is over.
  ssize_t Receive(char* buffer, std::size_t size) {
    return Await(POLLIN) ? recv(fd_, buffer, size, 0) : -1;
  }

  bool Await(short events) {
    pollfd polled{fd_, events, 0};
    const absl::Duration left = deadline_ - absl::Now();
    const int ms = static_cast<int>(std::max<std::int64_t>(0, absl::ToInt64Milliseconds(left)));
    return poll(&polled, 1, ms) == 1;
  }

  int fd() const { return fd_; }

 private:
  const absl::Time deadline_;
  int fd_ = -1;
};

bool SpeaksHttp2(Connection& connection) {
  if (!connection.Send(kHello)) return false;
  std::string answer;
  char buffer[512];
  while (answer.find(kAcknowledged) == std::string::npos) {
    const ssize_t got = connection.Receive(buffer, sizeof buffer);
    if (got <= 0 || answer.size() > kAnswerBytesMax) return false;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return true;
}

// Sends the first message of a handshake and waits for the answer. The handshake is not completed:
// who answers is not looked at, and a server that wants a certificate of its clients would log that
// this client has none.
bool SpeaksTls(Connection& connection) {
  static SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context), SSL_free);
  static constexpr unsigned char kH2[] = {2, 'h', '2'};
  if (tls == nullptr || SSL_set_fd(tls.get(), connection.fd()) != 1) return false;
  SSL_set_alpn_protos(tls.get(), kH2, sizeof kH2);
  const int begun = SSL_connect(tls.get());
  if (SSL_get_error(tls.get(), begun) != SSL_ERROR_WANT_READ) return false;
  char byte;
  return connection.Receive(&byte, 1) == 1;
}

}  // namespace

absl::Status ProbeListener(const net::ListenSocket& socket, bool tls,
                           const std::function<std::uint64_t()>& refused, absl::Time deadline) {
  const std::uint64_t refused_before = refused();
  Connection connection(deadline);
  if (connection.Open(socket) && (tls ? SpeaksTls(connection) : SpeaksHttp2(connection))) {
    return absl::OkStatus();
  }
  if (refused() > refused_before) return absl::OkStatus();
  return absl::UnavailableError("a gRPC listener does not answer");
}

}  // namespace tenantry::rpc
