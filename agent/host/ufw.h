// ufw: the host's firewall. A rule of an account carries the account's name as its comment, and
// only such a rule is ever removed. The ports that an account's rootless engine publishes are
// ordinary listening sockets of the account's uid, so these rules govern them; a machine-wide
// Docker would publish past ufw, which is one more reason why there is none.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"
#include "common/types/limits.h"

namespace bulkhead::agent::ufw {

enum class Protocol { kTcp, kUdp };
const char* nameOf(Protocol protocol);  // "tcp"

struct Rule {
  std::uint16_t first = 0;  // a range where last differs; 0 = a rule without a port
  std::uint16_t last = 0;
  std::string protocol;  // "tcp", "udp" or "any"
  std::string action;    // "allow", "deny", "reject", "limit"
  std::string comment;
  bool ipv6 = false;
  bool fromAnywhere = false;  // no address, interface or source port narrows it
  bool covers(std::uint16_t port, Protocol wanted) const {
    return first <= port && port <= last && (protocol == "any" || protocol == nameOf(wanted));
  }
  // Opened by open() for this account.
  bool isOf(const std::string& account) const {
    return comment == account && action == "allow" && first == last && first != 0 && fromAnywhere &&
           protocol != "any";
  }
};

struct Status {
  bool active = false;
  bool deniesIncoming = false;  // known only while active
  bool allowsOutgoing = false;
  std::vector<Rule> rules;  // incoming ones; while inactive those that would apply
};

Result<Status> status(const Host& host);

// A port of the panel or of sshd that rules open to some only, "22/tcp"; "" = there is none. A
// person has decided so: setup() would open it to everybody.
Result<std::string> narrowedPort(const Host& host);

// kConflict when the port is another account's, or the host's own.
Result<Ok> checkPort(const std::vector<Rule>& rules,
                     const std::string& account,
                     AccountPort port,
                     Protocol protocol);
Result<Ok> open(Host& host, const std::string& account, AccountPort port, Protocol protocol);
// A rule that is not there is closed already. kConflict when the port is open, but not for this
// account.
Result<Ok> close(Host& host, const std::string& account, AccountPort port, Protocol protocol);
// The rules of one account become another's: ufw changes the comment of a rule that it has.
Result<Ok> giveAllTo(Host& host, const std::string& from, const std::string& to);
Result<Ok> closeAllOf(Host& host, const std::string& account);
Result<Proof> proveOpen(const Host& host,
                        const std::string& account,
                        AccountPort port,
                        Protocol protocol);
Result<Proof> proveClosed(const Host& host,
                          const std::string& account,
                          AccountPort port,
                          Protocol protocol);
Result<Proof> proveNoneOf(const Host& host, const std::string& account);

// Default-deny with the panel's ports open, and every port on which sshd is set to listen: whoever
// came in by one must get in again. The ports are opened before anything is denied.
Result<Ok> checkSetup(
    const Host& host);  // kConflict when a rule of the host denies one of those ports
Result<Ok> setup(Host& host);
Result<Proof> proveSetup(const Host& host);

}  // namespace bulkhead::agent::ufw
