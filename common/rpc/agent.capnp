@0xb7e23f5c9d1a4680;
# The contract of bulkhead-agent: every privileged act that exists. A caller names accounts, domains and services;
# never a path, a command, a uid, a URL or configuration text: the agent derives those from its own registry.
#
# Every mutation is idempotent (asking twice gives the same answer), proves its effect (Reply.evidence) and is written to
# the audit log before its first side effect and again before its reply.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::rpc");
using Op = import "/common/rpc/op.capnp";

interface Agent {
  hostInspect @0 Op.Call(Op.Nothing) -> Op.Reply(HostReport)
    $Op.operation(name = "host.inspect", risk = read,
      summary = "Reports what this host offers: quotas, cgroups, engines, services, free space.");

  # Refuses (already_exists) a name that is in passwd but not in the registry: it is not ours.
  accountCreate @1 Op.Call(AccountCreate) -> Op.Reply(Account)
    $Op.operation(name = "account.create", risk = mutate, timeLimitSeconds = 60, locks = ["passwd", "systemd"],
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_setgid"],
      summary = "Adds the system user, group, sub-ids, home and slice of one hosting account.");
  accountGet @2 Op.Call(AccountRef) -> Op.Reply(Account)
    $Op.operation(name = "account.get", risk = read, runs = core, summary = "Reads one account from the agent's registry.");
  accountList @3 Op.Call(AccountListQuery) -> Op.Reply(AccountPage)
    $Op.operation(name = "account.list", risk = read, runs = core, summary = "Lists accounts by name, in pages.");
  accountSuspend @4 Op.Call(AccountRef) -> Op.Reply(Account)
    $Op.operation(name = "account.suspend", risk = mutate, timeLimitSeconds = 90, locks = ["systemd"],
      capabilities = ["cap_setuid"],
      summary = "Stops the account's engine and every process; data stays.");
  accountUnsuspend @5 Op.Call(AccountRef) -> Op.Reply(Account)
    $Op.operation(name = "account.unsuspend", risk = mutate, timeLimitSeconds = 60, locks = ["systemd"],
      summary = "Lets the account run again.");
  # Deleting what is not there succeeds. Proves that no process, file, line, unit, vhost or rule is left.
  accountDelete @6 Op.Call(AccountRef) -> Op.Reply(AccountDeleted)
    $Op.operation(name = "account.delete", risk = destroy, timeLimitSeconds = 180,
      locks = ["passwd", "systemd", "firewall"],
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_net_bind_service"],
      summary = "Ends every process of the account, removes all it has, and retires its uid for ever.");
  limitsSet @7 Op.Call(LimitsSet) -> Op.Reply(Limits)
    $Op.operation(name = "limits.set", risk = mutate, locks = ["systemd"],
      summary = "Sets CPU, memory, task and I/O limits on the account's slice.");

  # Answers code "unsupported" where the file system has no project quotas.
  quotaSet @8 Op.Call(QuotaSet) -> Op.Reply(Quota)
    $Op.operation(name = "quota.set", risk = mutate, capabilities = ["cap_dac_override", "cap_fowner"],
      timeLimitSeconds = 120, summary = "Sets the project quota on the account's tree.");
  quotaGet @9 Op.Call(AccountRef) -> Op.Reply(Quota)
    $Op.operation(name = "quota.get", risk = read, capabilities = ["cap_dac_override"],
      summary = "Reads the account's use and limits from the file system.");

  engineEnsure @10 Op.Call(AccountRef) -> Op.Reply(Engine)
    $Op.operation(name = "engine.ensure", risk = mutate, timeLimitSeconds = 120, locks = ["systemd"],
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_setgid"],
      summary = "Starts the account's own rootless Docker engine with its context and the networks www and db.");
  engineRemove @11 Op.Call(AccountRef) -> Op.Reply(Op.Nothing)
    $Op.operation(name = "engine.remove", risk = destroy, timeLimitSeconds = 120, locks = ["systemd"],
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_setgid", "cap_kill"],
      summary = "Stops the account's engine and removes it with its containers, images and volumes.");
  engineStatus @12 Op.Call(AccountRef) -> Op.Reply(Engine)
    $Op.operation(name = "engine.status", risk = read, capabilities = ["cap_setuid", "cap_setgid", "cap_dac_override"],
      summary = "Reads the state of the account's engine.");

  serviceApply @13 Op.Call(ServiceApply) -> Op.Reply(Service)
    $Op.operation(name = "service.apply", risk = mutate, timeLimitSeconds = 180,
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_setgid"],
      summary = "Runs one service of the image catalogue in the account's engine.");
  serviceRemove @14 Op.Call(ServiceRef) -> Op.Reply(Op.Nothing)
    $Op.operation(name = "service.remove", risk = destroy, timeLimitSeconds = 60,
      capabilities = ["cap_dac_override", "cap_setuid", "cap_setgid"],
      summary = "Removes the container of one service; its data directory stays.");
  serviceList @15 Op.Call(AccountRef) -> Op.Reply(ServiceList)
    $Op.operation(name = "service.list", risk = read, capabilities = ["cap_setuid", "cap_setgid", "cap_dac_override"],
      summary = "Lists the containers of the account's engine.");

  # Refuses a domain that another account holds, and a sub-domain of one.
  siteApply @16 Op.Call(SiteApply) -> Op.Reply(Site)
    $Op.operation(name = "site.apply", risk = mutate, timeLimitSeconds = 60,
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_setgid", "cap_kill", "cap_net_bind_service"],
      summary = "Serves a domain of the account: renders the vhost, tests it, swaps it in, proves the reload.");
  siteRemove @17 Op.Call(SiteRef) -> Op.Reply(Op.Nothing)
    $Op.operation(name = "site.remove", risk = destroy, timeLimitSeconds = 60,
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_kill", "cap_net_bind_service"],
      summary = "Stops serving a domain; the account's files stay.");

  # Default-deny with 22, 53, 80, 443, 2083 and 2087 open. Never closes the way in: ports that serve now stay open until proved.
  firewallSetup @18 Op.Call(Op.Nothing) -> Op.Reply(FirewallRules)
    $Op.operation(name = "firewall.setup", risk = mutate, timeLimitSeconds = 60, locks = ["firewall"],
      summary = "Turns the firewall on with the panel's own ports open.");
  firewallOpen @19 Op.Call(FirewallPort) -> Op.Reply(FirewallRules)
    $Op.operation(name = "firewall.open", risk = mutate, locks = ["firewall"], timeLimitSeconds = 60,
      summary = "Opens one port of the account, with the account's name as comment.");
  firewallClose @20 Op.Call(FirewallPort) -> Op.Reply(FirewallRules)
    $Op.operation(name = "firewall.close", risk = mutate, locks = ["firewall"], timeLimitSeconds = 60,
      summary = "Closes one port of the account.");
  firewallList @21 Op.Call(FirewallQuery) -> Op.Reply(FirewallRules)
    $Op.operation(name = "firewall.list", risk = read,
      summary = "Lists the rules of one account, or of the host.");

  auditList @22 Op.Call(AuditQuery) -> Op.Reply(AuditPage)
    $Op.operation(name = "audit.list", risk = read, summary = "Reads audit records, newest first.");

  # ---- CloudLinux's hooks: programs of CloudLinux that hear of what the panel has done. The caller names an event; script and
  # arguments are the agent's. A script that fails is an answer (HookResult.outcome), not an error: what it was told has happened.
  hookList @23 Op.Call(Op.Nothing) -> Op.Reply(HookList)
    $Op.operation(name = "hook.list", risk = read, runs = core,
      summary = "Says which of CloudLinux's hook scripts and programs this host has.");
  # Refuses an event that the agent's own registry contradicts (a created account that is not there, a removed one that is), an
  # administrator who is not in sudo or wheel, and a script that others than root could have changed (permission_denied).
  hookRun @24 Op.Call(HookRun) -> Op.Reply(HookResult)
    $Op.operation(name = "hook.run", risk = mutate, timeLimitSeconds = 330, capabilities = ["cap_dac_override"],
      summary = "Tells CloudLinux's hook script of one event, as root, outside of the agent's own confinement.");

  # Survives a kill at any moment: the registry holds the intent, and the same call again completes it. The uid stays, and with it
  # slice, sockets and quota. Refuses a new name that anything on the host has.
  accountRename @25 Op.Call(AccountRename) -> Op.Reply(Account)
    $Op.operation(name = "account.rename", risk = mutate, timeLimitSeconds = 180, locks = ["passwd", "systemd", "firewall"],
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_setgid", "cap_kill"],
      summary = "Gives the account another name: system files, home, sites, firewall, Docker context.");
  # Asked again after it was done, it completes what is missing. Refuses as site.apply does.
  siteRename @26 Op.Call(SiteRename) -> Op.Reply(Site)
    $Op.operation(name = "site.rename", risk = mutate, timeLimitSeconds = 60,
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner", "cap_setuid", "cap_setgid", "cap_kill", "cap_net_bind_service"],
      summary = "Serves a site under another domain, with its files, in one reload.");

  # ---- CloudLinux's files. Off until cloudlinux.configure; then (unsupported) is not answered any more.
  # Renders the account's domains from the registry for itself alone, for the time that the panel does not answer.
  cpapiPublish @27 Op.Call(CpapiPublish) -> Op.Reply(CpapiSnapshot)
    $Op.operation(name = "cpapi.publish", risk = mutate, capabilities = ["cap_chown", "cap_dac_override", "cap_fowner"],
      summary = "Writes the account's domains where only it can read them, for CloudLinux's domains script.");
  phpList @28 Op.Call(Op.Nothing) -> Op.Reply(PhpList)
    $Op.operation(name = "php.list", risk = read, summary = "Lists the PHP interpreters of this host, by their files.");
  dbmapWrite @29 Op.Call(DbMap) -> Op.Reply(Op.Nothing)
    $Op.operation(name = "dbmap.write", risk = mutate,
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner"],
      summary = "Tells MySQL Governor which database users are the account's.");
  lvectlApply @30 Op.Call(LvectlApply) -> Op.Reply(HookResult)
    $Op.operation(name = "lvectl.apply", risk = mutate, timeLimitSeconds = 180, capabilities = ["cap_dac_override"],
      summary = "Makes CloudLinux apply the limits of one account, or of all, now.");
  lvectlForget @34 Op.Call(LvectlForget) -> Op.Reply(HookResult)
    $Op.operation(name = "lvectl.forget", risk = destroy, timeLimitSeconds = 180, capabilities = ["cap_dac_override"],
      summary = "Makes CloudLinux forget the limits of a package that the panel has no more.");
  # Refuses (unsupported) a host that is not CloudLinux, unless forced. Files that a person has changed stay and are named.
  cloudlinuxConfigure @31 Op.Call(CloudlinuxConfigure) -> Op.Reply(CloudlinuxReport)
    $Op.operation(name = "cloudlinux.configure", risk = mutate, timeLimitSeconds = 600, locks = ["cloudlinux"],
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner"],
      summary = "Writes the files by which CloudLinux, CageFS and the PHP selector find the panel.");
  cloudlinuxRemove @32 Op.Call(Op.Nothing) -> Op.Reply(CloudlinuxReport)
    $Op.operation(name = "cloudlinux.remove", risk = destroy, timeLimitSeconds = 600, locks = ["cloudlinux"],
      capabilities = ["cap_chown", "cap_dac_override", "cap_fowner"],
      summary = "Takes back what cloudlinux.configure wrote.");
  cloudlinuxStatus @33 Op.Call(Op.Nothing) -> Op.Reply(CloudlinuxReport)
    $Op.operation(name = "cloudlinux.status", risk = read, capabilities = ["cap_dac_override"],
      summary = "Says what of the integration is in place and which kernel settings want attention.");
  # ---- What differs: read only, in pages. What would mend a finding is said in it, as one of the calls above; who asks decides.
  hostCheck @35 Op.Call(CheckPage) -> Op.Reply(Findings)
    $Op.operation(name = "host.check", risk = read, timeLimitSeconds = 60,
      summary = "Looks for what differs on the host itself: settings, the agent's own files, users that no account explains.");
  accountCheck @36 Op.Call(CheckPage) -> Op.Reply(Findings)
    $Op.operation(name = "account.check", risk = read, timeLimitSeconds = 180,
      capabilities = ["cap_dac_override", "cap_setuid", "cap_setgid"],
      summary = "Compares each account with its files, home, slice, quota, engine and services.");
  siteCheck @37 Op.Call(CheckPage) -> Op.Reply(Findings)
    $Op.operation(name = "site.check", risk = read, timeLimitSeconds = 60,
      capabilities = ["cap_dac_override", "cap_net_bind_service"],
      summary = "Compares each site with its file, and the running Nginx with its configuration.");
  firewallCheck @38 Op.Call(CheckPage) -> Op.Reply(Findings)
    $Op.operation(name = "firewall.check", risk = read, timeLimitSeconds = 60,
      summary = "Compares the firewall's rules with what the panel and the accounts have asked for.");

  # The newest checkpoint, signed, for whoever keeps it out of root's reach. Refuses (not_found) before the first one.
  auditAnchor @39 Op.Call(Op.Nothing) -> Op.Reply(AnchorLine)
    $Op.operation(name = "audit.anchor", risk = read, runs = core, summary = "Reads the newest anchor of the audit log.");

  # ---- The kill-switch. While it is on, what would change anything is refused (unavailable) on the panel's socket, root's own goes on.
  lockdownOn @40 Op.Call(Op.Nothing) -> Op.Reply(Lockdown)
    $Op.operation(name = "lockdown.on", risk = mutate, summary = "Changes nothing any more that the panel asks for.");
  lockdownOff @41 Op.Call(Op.Nothing) -> Op.Reply(Lockdown)
    $Op.operation(name = "lockdown.off", risk = mutate, summary = "Lets the panel change things again; for root alone.");
  lockdownStatus @42 Op.Call(Op.Nothing) -> Op.Reply(Lockdown)
    $Op.operation(name = "lockdown.status", risk = read, runs = core, summary = "Says whether the panel is locked down.");
  # -- new methods go here
}

# ---- accounts

struct AccountCreate {
  username @0 :Text $Op.account $Op.audited;
  limits @1 :Limits $Op.audited;
}
struct AccountRef { username @0 :Text $Op.account $Op.audited; }
struct AccountRename { username @0 :Text $Op.account $Op.audited; newName @1 :Text $Op.account $Op.audited; }
struct AccountListQuery { after @0 :Text; limit @1 :UInt16 = 50; }  # names after `after`, at most 200

struct Account {
  username @0 :Text;
  uid @1 :UInt32;          # also the gid; from the managed range, never used again
  home @2 :Text;
  slice @3 :Text;          # systemd slice that carries the limits
  state @4 :State;
  subUidFirst @5 :UInt32;
  subUidCount @6 :UInt32;
  limits @7 :Limits;
  enum State { creating @0; active @1; suspended @2; deleting @3; renaming @4; }  # renaming: ask again to complete it
}
struct AccountPage { accounts @0 :List(Account); more @1 :Bool; }
struct AccountDeleted { uid @0 :UInt32; processesEnded @1 :UInt32; }  # uid 0: there was no such account

struct Limits {            # 0 = unlimited everywhere
  cpuPercent @0 :UInt32 $Op.audited;   # 100 = one CPU
  memoryBytes @1 :UInt64 $Op.audited;
  tasks @2 :UInt32 $Op.audited;
  ioReadBytesPerSecond @3 :UInt64 $Op.audited;   # of the disk that holds the home directories
  ioWriteBytesPerSecond @4 :UInt64 $Op.audited;
  ioReadOpsPerSecond @5 :UInt64 $Op.audited;
  ioWriteOpsPerSecond @6 :UInt64 $Op.audited;
}
struct LimitsSet { username @0 :Text $Op.account $Op.audited; limits @1 :Limits $Op.audited; }

# ---- quotas

struct QuotaSet {
  username @0 :Text $Op.account $Op.audited;
  diskBytes @1 :UInt64 $Op.audited;    # 0 = unlimited
  inodes @2 :UInt64 $Op.audited;       # 0 = unlimited
}
struct Quota { diskBytes @0 :UInt64; inodes @1 :UInt64; usedBytes @2 :UInt64; usedInodes @3 :UInt64; project @4 :UInt32; }

# ---- engines and services

struct Engine {
  state @0 :State;
  unit @1 :Text;
  context @2 :Text;      # name of the Docker context
  version @3 :Text;
  containers @4 :UInt32;
  memoryBytes @5 :UInt64; # of the slice, 0 where the kernel does not say
  networks @6 :List(Text);
  enum State { absent @0; stopped @1; running @2; failed @3; }
}
struct ServiceApply {
  username @0 :Text $Op.account $Op.audited;
  service @1 :Text $Op.audited;        # a name of policy/images.json, e.g. "web"
  cpuPercent @2 :UInt32 $Op.audited;   # 0 = only the account's own limit
  memoryBytes @3 :UInt64 $Op.audited;
  publishPort @4 :UInt16 $Op.audited;  # 0 = not reachable from outside; else 32768-60999
}
struct ServiceRef { username @0 :Text $Op.account $Op.audited; service @1 :Text $Op.audited; }
struct Service {
  service @0 :Text; container @1 :Text; image @2 :Text; state @3 :Text; network @4 :Text; publishPort @5 :UInt16;
  cpuPercent @6 :UInt32; memoryBytes @7 :UInt64;
}
struct ServiceList { services @0 :List(Service); }

# ---- sites

struct SiteApply {
  username @0 :Text $Op.account $Op.audited;
  domain @1 :Text $Op.audited;
  aliases @2 :List(Text) $Op.audited;  # other host names of the same site, at most 100
  mode @3 :Mode $Op.audited;
  enum Mode { serve @0; suspended @1; }
}
struct SiteRef { username @0 :Text $Op.account $Op.audited; domain @1 :Text $Op.audited; }
struct SiteRename {
  username @0 :Text $Op.account $Op.audited;
  domain @1 :Text $Op.audited;
  newDomain @2 :Text $Op.audited;
}
struct Site { domain @0 :Text; documentRoot @1 :Text; mode @2 :SiteApply.Mode; generation @3 :UInt64; probeStatus @4 :UInt16; }

# ---- firewall

struct FirewallPort {
  username @0 :Text $Op.account $Op.audited;
  port @1 :UInt16 $Op.audited;         # 32768-60999
  protocol @2 :Protocol $Op.audited;
  enum Protocol { tcp @0; udp @1; }
}
struct FirewallQuery { username @0 :Text $Op.account; }   # "" = the whole host
struct FirewallRules {
  active @0 :Bool;
  rules @1 :List(Rule);
  struct Rule { port @0 :UInt16; protocol @1 :Text; action @2 :Text; comment @3 :Text; ipv6 @4 :Bool; }
}

# ---- host and audit

struct HostReport {
  hostname @0 :Text; kernel @1 :Text; os @2 :Text; version @3 :Text;
  cgroups @4 :Text;                    # "v1", "v2", "hybrid"
  projectQuotas @5 :Bool;
  services @6 :List(ServiceState);     # nginx, ufw, named, bulkhead-gateway, ...
  diskFreeBytes @7 :UInt64; diskTotalBytes @8 :UInt64;
  memoryTotalBytes @9 :UInt64; memoryAvailableBytes @10 :UInt64;
  cpus @11 :UInt32; loadPercent @12 :UInt32;  # one-minute load * 100
  struct ServiceState { name @0 :Text; state @1 :Text; }
}
struct AuditQuery { before @0 :UInt64; limit @1 :UInt16 = 50; account @2 :Text; requestId @3 :Text; kind @4 :Text; }
struct AuditPage { records @0 :List(Text); more @1 :Bool; }  # one JSON line each, as in the file

struct AnchorLine { line @0 :Text; }   # JSON, as in the journal

# ---- CloudLinux

struct HookList {
  scripts @0 :List(Text);   # file names of the hook scripts that exist, e.g. "post_modify_user.py"
  enabled @1 :Bool;         # the integration is configured on this host
  lvectl @2 :Bool;          # limits can be applied at once
}
struct HookRun {            # which fields an event needs: docs/cloudlinux.md; any other one must be empty
  event @0 :Event $Op.audited;
  username @1 :Text $Op.account $Op.audited;   # as the account is called after the event
  oldUsername @2 :Text $Op.audited;            # equal to username when only the home has moved
  owner @3 :Text $Op.audited;                  # administrator or reseller
  domain @4 :Text $Op.audited;
  oldDomain @5 :Text $Op.audited;
  includeSubdomains @6 :Bool $Op.audited;
  admin @7 :Text $Op.audited;                  # a UNIX user
  package @8 :Text $Op.audited;
  oldPackage @9 :Text $Op.audited;
  enum Event {
    adminCreated @0; adminRemoved @1; userCreated @2; userRenamed @3; userMoved @4; userRemoving @5; userRemoved @6;
    userRestored @7; domainRenamed @8; packageRenamed @9;
  }
}
struct HookResult {
  outcome @0 :Outcome;
  exitCode @1 :Int32;       # of the last run
  command @2 :Text;         # the script with its arguments
  output @3 :Text;          # what it said, cut
  enum Outcome { absent @0; succeeded @1; failed @2; timedOut @3; }
}
struct LvectlApply { username @0 :Text $Op.account $Op.audited; }   # "" = all
struct LvectlForget { package @0 :Text $Op.audited; }
struct CpapiPublish {
  username @0 :Text $Op.account $Op.audited;
  mainDomain @1 :Text $Op.audited;   # "" = none
}
struct CpapiSnapshot { domains @0 :UInt32; }
struct PhpList {
  interpreters @0 :List(Interpreter);
  struct Interpreter {
    identifier @0 :Text;    # "alt-php83", "native-php82"
    version @1 :Text;       # "8.3"
    modulesDir @2 :Text;
    dir @3 :Text;
    bin @4 :Text;
    ini @5 :Text;
    scanDir @6 :Text;       # further .ini files
    isNative @7 :Bool;      # the distribution's own
  }
}
struct DbMap {
  username @0 :Text $Op.account $Op.audited;
  databaseUsers @1 :List(Text) $Op.audited;  # all that the account has, at most 1,000
}
struct CloudlinuxConfigure {
  force @0 :Bool $Op.audited;           # also on a host that is not CloudLinux
  duplicateUids @1 :Bool $Op.audited;   # accounts of this host share uids
}
struct CloudlinuxReport {
  enabled @0 :Bool;
  release @1 :Text;         # "" = not CloudLinux
  files @2 :List(File);
  hooks @3 :List(Text);     # scripts that are there
  checks @4 :List(Check);   # of cloudlinux.status
  next @5 :List(Text);      # what a person has to do
  struct File {
    path @0 :Text;
    state @1 :State;
    enum State { absent @0; current @1; outdated @2; edited @3; }
  }
  struct Check {
    name @0 :Text; state @1 :State; found @2 :Text; advice @3 :Text;
    enum State { good @0; attention @1; unknown @2; }
  }
}

# ---- what differs

struct CheckPage { after @0 :Text; limit @1 :UInt16 = 50; }   # accounts or sites whose names follow `after`; 1 to 200
struct Findings {
  findings @0 :List(Finding);
  checked @1 :UInt32;       # objects that were looked at
  next @2 :Text;            # ask again with it as `after`; "" = that was all
  dropped @3 :UInt32;       # findings that one answer has no room for
}
struct Finding {
  kind @0 :Kind;
  object @1 :Text;          # of an account its name, of a site its domain
  code @2 :Code;
  severity @3 :Severity;
  desired @4 :Text;
  found @5 :Text;
  advice @6 :Text;          # what a person does next
  repair @7 :Repair;        # none: only a person can decide
  revert @8 :Repair;        # would throw away what a person has made of it
  enum Kind { host @0; account @1; site @2; firewall @3; }
  enum Severity { notice @0; broken @1; danger @2; unknown @3; }   # unknown: it could not be looked at
  enum Code {
    unreadable @0;          # it could not be looked at
    # the host
    sysctl @1; fileOwner @2; temporaryFile @3; staleLock @4; auditLog @5; idRange @6; unitFailed @7;
    recordUnreadable @8; uidCounter @9; foreignUser @10; foreignGroup @11; foreignSubIds @12; foreignHome @13;
    # accounts
    unfinished @14; passwdEntry @15; shadowEntry @16; passwordSet @17; groupEntry @18; gshadowEntry @19; subuidRange @20;
    subgidRange @21; homeMissing @22; homeKind @23; homeOwner @24; homeMode @25; sliceLimits @26; sliceOverridden @27;
    quotaLimits @28; quotaProject @29; engineStopped @30; engineRuns @31; engineContext @32; processes @33;
    serviceMissing @34; serviceDiffers @35;
    # sites
    siteWithoutAccount @36; siteMode @37; vhostMissing @38; vhostOutdated @39; vhostEdited @40; orphanVhost @41;
    foreignFile @42; nginxConfiguration @43; nginxGeneration @44; nginxStopped @45; siteUnsettled @46;
    # the firewall
    firewallOff @47; firewallDefaults @48; panelPort @49; portClosed @50; portUnrecorded @51; orphanRule @52;
    # by comparison with the panel's record; never said by the agent
    panelOnly @53; agentOnly @54; stateDiffers @55;
  }
}
# One of the calls above with its parameters, named as its method is.
struct Lockdown { on @0 :Bool; since @1 :Int64; }  # Unix seconds; 0 when it is off, or not known any more

struct Repair {
  union {
    none @0 :Void;
    accountCreate @1 :AccountCreate;
    accountSuspend @2 :AccountRef;
    limitsSet @3 :LimitsSet;
    quotaSet @4 :QuotaSet;
    engineEnsure @5 :AccountRef;
    serviceApply @6 :ServiceApply;
    siteApply @7 :SiteApply;
    firewallSetup @8 :Op.Nothing;
    firewallOpen @9 :FirewallPort;
  }
}
