// The real host behind HostView.
#include <grp.h>
#include <pwd.h>

#include <fstream>
#include <iterator>

#include "cli/cloudlinux/world.h"

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr int kGroupsMax = 256;  // more than any account of a hosting server has

class ThisHost : public HostView {
 public:
  std::optional<Person> person(const std::string& name) const override {
    if (name.empty()) return std::nullopt;
    const auto* entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    Person person{name, entry->pw_uid, entry->pw_gid, {}, entry->pw_dir};
    int count = kGroupsMax;
    person.groups.resize(kGroupsMax);
    if (::getgrouplist(name.c_str(), person.gid, person.groups.data(), &count) < 0) count = 0;
    person.groups.resize(static_cast<std::size_t>(count));
    return person;
  }
  std::string read(const std::string& path) const override {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::optional<struct stat> look(const std::string& path) const override {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    return info;
  }
};

}  // namespace

const HostView& thisHost() {
  static const ThisHost host;
  return host;
}

}  // namespace bulkhead::cli::cloudlinux
