#include "tests/deploy/certificates.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace tenantry::test {
namespace {

constexpr char kNewKey[] = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

// Ends the test binary when it fails.
void OpenSsl(const std::string& arguments) {
  const std::string command = absl::StrCat("openssl ", arguments, " 2>&1");
  FILE* pipe = popen(command.c_str(), "re");
  std::string said(4096, '\0');
  said.resize(std::fread(said.data(), 1, said.size(), pipe));
  if (pclose(pipe) == 0) return;
  std::fprintf(stderr, "%s\n%s\n", command.c_str(), said.c_str());
  std::exit(1);
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_("/tmp/tenantry-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr || chmod(path_.c_str(), 0755) != 0) std::abort();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Authority::Authority(const std::string& name) {
  OpenSsl(absl::StrCat("req -x509 ", kNewKey, "-days 2 -subj '/CN=", name, "' -keyout ",
                       folder_ / "ca.key", " -out ", ca_file()));
}

void Authority::Issue(const std::string& names, const std::string& certificate_file,
                      const std::string& key_file) const {
  const std::string certificate = certificate_file + ".new", key = key_file + ".new";
  OpenSsl(absl::StrCat("req ", kNewKey, "-subj /CN=test -addext 'subjectAltName=", names,
                       "' -keyout ", key, " -out ", folder_ / "request"));
  OpenSsl(absl::StrCat("x509 -req -days 2 -copy_extensions copy -in ", folder_ / "request", " -CA ",
                       ca_file(), " -CAkey ", folder_ / "ca.key", " -CAcreateserial -out ",
                       certificate));
  std::filesystem::rename(key, key_file);
  std::filesystem::rename(certificate, certificate_file);
}

}  // namespace tenantry::test
