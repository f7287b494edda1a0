// Schemas written out in tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/schema/schema.h"

namespace tenantry::testing {

// Name -> text.
using Files = std::map<std::string, std::string>;

// A directory of its own with the given files, removed at the end.
class SourceDirectory {
 public:
  explicit SourceDirectory(const Files& files = {});
  ~SourceDirectory();
  SourceDirectory(const SourceDirectory&) = delete;
  SourceDirectory& operator=(const SourceDirectory&) = delete;

  void Write(const std::string& name, const std::string& text);
  std::string Read(const std::string& name) const;
  bool Has(const std::string& name) const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What Load says is wrong, one line each, without the directory's name. Empty when it loads.
std::vector<std::string> LintLines(const Files& files);

// Loads, or aborts the test binary with what is wrong.
std::unique_ptr<const schema::Schema> MustLoad(const std::string& path);

// The directory's files, the built-in ones included, as a serialized FileDescriptorSet.
std::string SerializedSet(const schema::Schema& schema, bool with_source_info, bool with_derived);

}  // namespace tenantry::testing
