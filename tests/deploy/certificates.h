// Certificates for tests, made by the openssl program.
#pragma once

#include <string>

namespace tenantry::test {

// A folder of its own under /tmp, readable by everybody, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// An authority that only programs trust which are given its `ca_file`.
class Authority {
 public:
  explicit Authority(const std::string& name);

  std::string ca_file() const { return folder_ / "ca.crt"; }
  // Writes a new certificate and key, each put in place in one step. `names` is a subjectAltName
  // such as "DNS:localhost,IP:127.0.0.1".
  void Issue(const std::string& names, const std::string& certificate_file,
             const std::string& key_file) const;

 private:
  TemporaryFolder folder_;
};

}  // namespace tenantry::test
