// The parts of account.check.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/account_lines.h"
#include "agent/host/systemd.h"
#include "agent/ops/host/findings.h"

namespace bulkhead::agent {

// The account files as they are now, read once and found by name and number: a host has thousands
// of lines, and an account is in few.
class AccountLines {
 public:
  AccountLines(const Host& host, Findings& findings);
  AccountLines(const AccountLines&) = delete;  // the lines point into the texts
  AccountLines& operator=(const AccountLines&) = delete;
  void check(const AccountRecord& record, Findings& findings) const;

 private:
  struct Book {
    account_lines::Read read;
    bool usable = false;
    std::multimap<std::string_view, std::string_view>
        lines;  // by name, and by id where there is one
  };
  std::array<Book, account_lines::kOrder.size()> books_;
};

void checkHome(const Host& host, const AccountRecord& record, Findings& findings);
void checkSlice(const Host& host,
                const AccountRecord& record,
                const systemd::Properties& slice,
                Findings& findings);
void checkQuota(const Host& host, const AccountRecord& record, Findings& findings);
void checkEngine(const Host& host,
                 const AccountRecord& record,
                 const systemd::Properties& unit,
                 Findings& findings);

}  // namespace bulkhead::agent
