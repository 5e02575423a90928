"""The conformance cases of the CloudLinux scripts, as data: number, caller, words, what must come. Nothing here runs anything.

The odd numbers are given by the specification of the interface, the even ones follow from its rules. Cases that are no single call (hooks, files, sessions)
are tests of their own in cloudlinux_test.py, under the same numbers."""
from dataclasses import dataclass, field
from typing import Any

MAIN = "main"  # the main administrator of a test host; its UNIX user is root
PRO = 'Gói Pro & <x> "q"'
FIELDS = ("id", "username", "owner", "domain", "package", "email", "locale_code")
BAD, DENIED, MISSING, INTERNAL = "BadRequest", "PermissionDenied", "NotFound", "InternalAPIError"
STATUS = {"ok": 0, INTERNAL: 1, DENIED: 2, BAD: 3, MISSING: 4}

BIN = "/opt/cpvendor/bin/"
ELEVATED = "/usr/libexec/bulkhead/cpapi-domains"

RESELLERS = {"rita": ("rita@r.example", "EN_us"), "rob": (None, None), "ruth": (None, None)}
ADMINS = {"admin2": ("opsadm", "ops@host.example", "Ru_ru"), "billing": (None, None, None)}
PACKAGES = [("Basic", MAIN), ("Basic-rita", "rita"), (PRO, "admin2"), ("Empty", MAIN)]
# username: owner, package, main domain, e-mail, locale
ACCOUNTS = {
    "alice": (MAIN, "Basic", "alice.example", "alice@alice.example", "EN_us"),
    "bob": ("rita", "Basic-rita", "bob.example", None, None),
    "carol": ("admin2", PRO, "carol.example", "carol@carol.example", "Ru_ru"),
    "dave": (MAIN, PRO, "dave.example", None, None),  # suspended
    "rita": ("rita", "Basic-rita", "rita.example", "rita@r.example", "EN_us"),  # a reseller's own account
    "opsadm": (MAIN, "Basic", "opsadm.example", None, None),  # the UNIX account of admin2
}
# domain: account, alias of, PHP
SIDE_DOMAINS = {
    "blog.alice.example": ("alice", None, "alt-php74"),
    "xn--e1afmkfd.example": ("alice", "alice.example", None),
    "static.alice.example": ("alice", None, None),
    "shop.bob.example": ("bob", None, None),
}
DATABASES = {"alice": ["alice_shop", "alice_wp"], "bob": ["bob_u1"]}


class Fixture:
    """What root's answers must be, from the tables above and the uids that the host gave."""

    def __init__(self, uids):
        self.uids = uids
        owner_of = dict(PACKAGES)
        self.users = [{"id": uids[name], "username": name, "owner": owner, "domain": domain,
                       "package": {"name": package, "owner": owner_of[package]}, "email": email, "locale_code": locale}
                      for name, (owner, package, domain, email, locale) in ACCOUNTS.items()]
        self.packages = [{"name": name, "owner": owner} for name, owner in PACKAGES]
        self.domains = {row[2]: self.domain(name, row[2], True) for name, row in ACCOUNTS.items()}
        for name, (account, target, _) in SIDE_DOMAINS.items():
            self.domains[name] = self.domain(account, target or name, False)
        self.resellers = {name: {"name": name, "email": email, "locale_code": locale} for name, (email, locale) in RESELLERS.items()}

    @staticmethod
    def domain(account, site, main):
        return {"owner": account, "document_root": f"/home/{account}/sites/{site}/public", "is_main": main}

    def user(self, *names):
        return [row for row in self.users if row["username"] in names]

    def owned(self, owner):
        return [row for row in self.users if row["owner"] == owner]

    def only(self, *fields, rows=None):
        return [{key: row[key] for key in fields} for row in (self.users if rows is None else rows)]

    def of(self, account):
        return {name: row for name, row in self.domains.items() if row["owner"] == account}

    def named(self, *names):
        return {name: self.domains[name] for name in names}


@dataclass
class Case:
    number: int
    caller: str  # R root, A alice, B bob, RI rita, D dave, X stranger, M mailsvc, O opsadm; "cage(a)": alice in a cage; PX(a), SU(a): elevated
    words: list  # script and arguments; "{uid:alice}" is replaced
    expect: Any  # a refusal's name, or a function of the fixture that answers the data; None: only what holds for every case
    more: dict = field(default_factory=dict)  # "environment", "cwd", "close", "stdout", "program", ...
    note: str = ""


def case(number, caller, words, expect, note="", **more):
    return Case(number, caller, words.split() if isinstance(words, str) else words, expect, more, note)


def panel_info_cases():
    same = "panel_info"
    return [
        case(1, "R", "panel_info", None),
        case(2, "A", "panel_info", same, "an end user gets what root gets"),
        case(3, "cage(a)", "panel_info", same),
        case(4, "X", "panel_info", same, "a UNIX user unknown to the panel"),
        case(5, "M", "panel_info", same, "below UID_MIN"),
        case(6, "RI", "panel_info", same, "a reseller's account"),
        case(7, "R", "panel_info extra", BAD),
        case(8, "A", "panel_info --nosuch", BAD),
        case(11, "R", "nosuchscript", BAD, entry="cpapi"),
        case(12, "R", [], BAD, "no script at all", entry="cpapi"),
        case(13, "R", "users --help", BAD),
        case(14, "R", "users", lambda f: f.users, "as an argument of the one program", entry="cpapi"),
        case(15, "R", "users", None, "the reader goes away", stdout="broken"),
        case(16, "R", "users", None, "no stdout", close=[1]),
    ]


def users_cases():
    bad_ids = ["abc", "-1", "1e3", "99999999999999", "0x3e9", " 1001"]
    return [
        case(21, "R", "users", lambda f: f.users),
        case(30, "R", f"users --owner={MAIN}", lambda f: f.owned(MAIN)),
        case(31, "R", f"users --owner {MAIN}", lambda f: f.owned(MAIN)),
        case(32, "R", f"users -o {MAIN}", lambda f: f.owned(MAIN)),
        case(32, "R", f"users -o{MAIN}", lambda f: f.owned(MAIN)),
        case(33, "R", "users --owner=rita", lambda f: f.user("bob", "rita")),
        case(34, "R", "users --owner=admin2", lambda f: f.user("carol")),
        case(35, "R", "users --owner=billing", lambda f: []),
        case(36, "R", "users --owner=nosuch", MISSING),
        case(37, "R", "users --owner=alice", MISSING),
        case(38, "R", "users --owner=", BAD),
        case(39, "R", "users --owner", BAD),
        case(40, "R", f"users --owner={MAIN} --owner={MAIN}", BAD),
        case(41, "R", "users --package-name=Basic-rita --package-owner=rita", lambda f: f.user("bob", "rita")),
        case(42, "R", f"users --package-owner={MAIN} --package-name=Basic", lambda f: f.user("alice", "opsadm")),
        case(43, "R", f"users --package-name=Nope --package-owner={MAIN}", MISSING),
        case(44, "R", f"users --package-name=Empty --package-owner={MAIN}", lambda f: []),
        case(45, "R", "users --package-name=Basic", BAD),
        case(46, "R", f"users --package-owner={MAIN}", BAD),
        case(47, "R", ["users", f"--package-name={PRO}", "--package-owner=admin2"], lambda f: f.user("carol", "dave")),
        case(48, "R", "users --package-name=Basic --package-owner=admin2", MISSING, "the pair counts"),
        case(49, "R", "users --username=alice", lambda f: f.user("alice")),
        case(50, "R", "users --username=nosuch", MISSING),
        case(51, "R", "users --username=root", MISSING),
        case(52, "R", "users --username=stranger", MISSING, "in passwd, not in the panel"),
        case(53, "R", "users --unix-id={uid:carol}", lambda f: f.user("carol")),
        case(54, "R", "users --unix-id=1999", MISSING, "in passwd, not in the panel"),
        *[case(55, "R", ["users", f"--unix-id={value}"], BAD) for value in bad_ids],
        case(56, "R", "users --unix-id=4294967295", MISSING, "a legal number"),
        case(56, "R", "users --unix-id=4294967296", BAD),
        case(57, "R", "users --username=alice --unix-id={uid:alice}", BAD),
        case(58, "R", "users --fields=id,email", lambda f: f.only("id", "email")),
        case(59, "R", "users --fields=email,id", lambda f: f.only("id", "email")),
        case(60, "R", "users --fields=" + ",".join(FIELDS), lambda f: f.users),
        case(61, "R", "users --fields=package", lambda f: f.only("package")),
        case(62, "R", "users --fields=id,id", lambda f: f.only("id")),
        case(63, "R", "users --fields=package.name", BAD),
        *[case(64, "R", f"users --fields={value}", BAD) for value in ("", "id,,email", "nosuch", "id,nosuch", ",")],
        case(65, "R", "users --fields=user", BAD),
        case(66, "R", "users --fields=ID", BAD, "fields have a case"),
        case(67, "R", f"users --package-name=Basic --package-owner={MAIN} --fields=id", lambda f: f.only("id", rows=f.user("alice", "opsadm"))),
        case(68, "R", "users --username=alice --fields=id", lambda f: f.only("id", rows=f.user("alice"))),
        case(69, "R", f"users --own={MAIN}", BAD),
        case(70, "R", "users --filter=id,email", BAD, "an old slip of the documentation"),
        case(71, "R", "users positional", BAD),
        case(72, "R", f"users --owner={MAIN} --username=alice", BAD),
        case(73, "A", "users --username=alice", DENIED),
        case(74, "A", "users", DENIED),
        case(74, "A", "users --nosuch", BAD, "syntax counts before the caller"),
        case(74, "A", "users --owner=nosuch", DENIED, "the caller counts before what exists"),
        case(75, "O", "users", "either:users", "an administrator's UNIX account run directly"),
        case(76, "X", "users", DENIED),
        case(76, "RI", "users", DENIED),
        case(76, "M", "users", DENIED),
    ]


def packages_cases():
    return [
        case(80, "R", "packages", lambda f: f.packages),
        case(81, "R", f"packages --owner={MAIN}", lambda f: [p for p in f.packages if p["owner"] == MAIN]),
        case(82, "R", "packages -o rita", lambda f: [p for p in f.packages if p["owner"] == "rita"]),
        case(83, "R", "packages --owner=rob", lambda f: []),
        case(84, "R", "packages --owner=nosuch", MISSING),
        case(85, "R", "packages --name=Basic", BAD),
        case(86, "A", "packages", DENIED),
        case(86, "X", "packages", DENIED),
        case(88, "R", "packages --owner", BAD),
    ]


def domains_cases():
    alice = lambda f: f.of("alice")  # noqa: E731  (one word instead of a line in thirty rows)
    return [
        case(89, "R", "domains", lambda f: f.domains),
        case(91, "R", "domains --owner=alice", alice),
        case(92, "R", "domains -o alice", alice),
        case(94, "R", "domains --owner=nosuch", MISSING),
        case(94, "R", "domains --owner=stranger", MISSING),
        case(95, "R", "domains --owner=rob", MISSING),
        case(96, "R", f"domains --owner={MAIN}", MISSING, "an administrator is no UNIX user of the panel"),
        case(97, "R", "domains -n bob.example", lambda f: f.named("bob.example")),
        case(98, "R", "domains --name=xn--e1afmkfd.example", lambda f: f.named("xn--e1afmkfd.example"), "an alias"),
        case(99, "R", "domains --name=пример.example", lambda f: f.named("xn--e1afmkfd.example")),
        case(100, "R", "domains --name=ALICE.Example.", lambda f: f.named("alice.example")),
        case(101, "R", "domains --name=nosuch.example", MISSING),
        case(102, "R", "domains --owner=alice --name=alice.example", BAD),
        case(102, "R", "domains --owner=", BAD),
        case(102, "R", "domains --name", BAD),
        case(103, "R", "domains --with-php", "php:all"),
        case(104, "R", "domains --with-php --owner=alice", "php:alice"),
        case(107, "R", "domains --with-php=1", BAD),
        case(108, "R", "domains --name=blog.alice.example --with-php", "php:blog.alice.example"),
        case(113, "R", "domains --owner=rita", lambda f: f.named("rita.example")),
        case(114, "A", "domains", alice),
        case(115, "cage(a)", "domains", alice),
        case(116, "cage(a)", "domains --with-php", "php:alice"),
        case(117, "A", "domains --owner=bob", DENIED),
        case(118, "A", "domains --owner=alice", alice),
        case(119, "A", "domains --name=blog.alice.example", lambda f: f.named("blog.alice.example")),
        case(120, "A", "domains --name=bob.example", DENIED),
        case(121, "A", "domains --name=nosuch.example", DENIED),
        case(122, "A", "domains --owner=nosuch", DENIED),
        case(122, "A", "domains --owner=root", DENIED),
        case(122, "A", "domains --nosuch", BAD),
        case(124, "X", "domains", lambda f: {}),
        case(124, "X", "domains --owner=alice", DENIED),
        case(124, "M", "domains", lambda f: {}),
        case(125, "RI", "domains", lambda f: f.named("rita.example")),
        case(126, "B", "domains", lambda f: f.of("bob")),
        case(126, "cage(b)", "domains", lambda f: f.of("bob")),
        case(126, "D", "domains", lambda f: f.of("dave"), "a suspended account"),
        case(127, "O", "domains", "either:domains"),
        case(118, "cage(a)", "domains --owner=alice", alice),
        case(117, "cage(a)", "domains --owner=bob", DENIED),
        case(121, "cage(a)", "domains --name=nosuch.example", DENIED),
        case(74, "cage(a)", "users", DENIED),
    ]


def spoofing_cases():
    claims = [{"PROXYEXEC_UID": "0"}, {"PROXYEXEC_UID": "{uid:bob}", "PROXYEXEC_GID": "{uid:bob}"}, {"SUDO_UID": "0", "SUDO_USER": "root"},
              {"SUDO_UID": "{uid:bob}", "SUDO_USER": "bob"}, {"USER": "bob", "LOGNAME": "bob", "HOME": "/home/bob"}, {"USER": "root", "HOME": "/root"},
              {"LD_PRELOAD": "/home/alice/evil.so", "LD_LIBRARY_PATH": "/home/alice"}, {"PYTHONPATH": "/home/alice", "PYTHONSTARTUP": "/home/alice/x.py"},
              {"LC_ALL": "tr_TR.UTF-8", "LANG": "xx"}, {"PATH": ""}, {"BULKHEAD_CPAPI_ROOT": "/home/alice", "BULKHEAD_SOCKET": "/home/alice/s"},
              {"TMPDIR": "/home/bob", "XDG_RUNTIME_DIR": "/home/bob"}]
    rows = []
    for environment in claims:
        number = 129 if "PROXYEXEC_UID" in environment and environment["PROXYEXEC_UID"] == "0" else 128 if "UID" in str(environment) else 130
        rows.append(case(number, "A", "domains", lambda f: f.of("alice"), environment=environment))
        rows.append(case(number, "A", "users", DENIED, environment=environment))
        rows.append(case(number, "A", "db_info", DENIED, environment=environment))
        rows.append(case(number, "X", "domains", lambda f: {}, environment=environment))
        rows.append(case(number, "cage(a)", "domains", lambda f: f.of("alice"), environment=environment))
        rows.append(case(number, "A", "domains --owner=bob", DENIED, environment=environment))
    for directory in ("/home/alice", "/tmp", "/proc"):
        rows.append(case(130, "A", "domains", lambda f: f.of("alice"), cwd=directory))
    for closed in ([0], [2], [0, 2]):
        rows.append(case(130, "A", "domains", lambda f: f.of("alice"), close=closed))
    rows.append(case(130, "A", "domains", None, "no stdout", close=[0, 1, 2]))
    rows += [case(130, "A", ["domains", ["x", 100000]], BAD, "one argument of 100,000 bytes"),
             case(130, "A", ["domains", "--owner", ["b", 100000]], BAD, "longer than any name"),
             case(130, "A", ["domains", *["--with-php"] * 20000], BAD, "20,000 arguments"),
             case(130, "A", ["domains", *[["x", 100000]] * 58], BAD, "as much as the kernel takes", stack=True),
             case(130, "R", ["users", "--owner=$(id)`id`;id|id\n"], MISSING, "nothing is a shell")]
    return rows


def elevated_cases():
    """The entry that sudo and proxyexec start as root. PX: as root with proxyexec's variables. SU: by the real sudo."""
    alice = lambda f: f.of("alice")  # noqa: E731
    px = {"PROXYEXEC_UID": "{uid:alice}", "PROXYEXEC_GID": "{uid:alice}"}
    return [
        case(132, "SU(a)", "", alice),
        case(132, "SU(a)", "--owner=bob", DENIED),
        case(132, "SU(a)", "--with-php", "php:alice"),
        case(132, "SU(a)", "--nosuch", BAD),
        case(133, "PX", "", alice, environment=px),
        case(134, "PX", "--owner=bob", DENIED, environment=px),
        case(134, "PX", "--name=bob.example", DENIED, environment=px),
        case(135, "PX", "", DENIED, "nobody is claimed", environment={}),
        case(136, "PX", "", DENIED, "two are claimed", environment={**px, "SUDO_UID": "{uid:alice}", "SUDO_GID": "{uid:alice}"}),
        case(137, "PX", "users", DENIED, environment=px),
        case(137, "SU(a)", "users", DENIED),
        *[case(138, "PX", "", DENIED, "no number", environment={"PROXYEXEC_UID": value}) for value in ("", "alice", "-1", "4294967295", "0x3e9", "1e3", " 1", "0")],
        case(138, "PX", "", lambda f: {}, "a uid that the panel does not know", environment={"PROXYEXEC_UID": "1999", "PROXYEXEC_GID": "1999"}),
        case(139, "SU(a)", "", alice, "sudo forgets it", environment={"SUDO_USER": "bob", "SUDO_UID": "{uid:bob}", "PROXYEXEC_UID": "{uid:bob}"}),
        case(141, "SU(root)", "", lambda f: f.domains),
        case(142, "SU(x)", "", lambda f: {}, "a stranger"),
        case(143, "A", "domains", alice, "no CageFS", environment={}),
        case(144, "A", "domains", alice, "the entry run plainly is nobody's root", program=ELEVATED, environment=px),
    ]


def reseller_cases():
    return [
        case(146, "R", "resellers", "resellers:rita,rob,ruth"),
        case(148, "R", "resellers --id={reseller:rob}", "resellers:rob"),
        case(149, "R", "resellers --name=rob", "resellers:rob"),
        case(149, "R", "resellers -n rob", "resellers:rob"),
        case(150, "R", "resellers --name=nosuch", MISSING),
        case(151, "R", "resellers --name=admin2", MISSING),
        *[case(152, "R", f"resellers --id={value}", BAD) for value in ("abc", "-1", "4294967296", "1e9", "")],
        case(153, "R", "resellers --id=4294967295", MISSING),
        case(154, "R", "resellers --id={reseller:rob} --name=rob", BAD),
        case(155, "A", "resellers", DENIED),
        case(155, "RI", "resellers", DENIED),
        case(156, "R", "admins", "admins:main,admin2,billing"),
        case(158, "R", "admins --name=admin2", "admins:admin2"),
        case(158, "R", "admins -n billing", "admins:billing"),
        case(159, "R", "admins --is-main=true", "admins:main"),
        case(159, "R", "admins -m true", "admins:main"),
        case(159, "R", "admins --is-main TRUE", "admins:main"),
        case(160, "R", "admins --is-main=false", "admins:admin2,billing"),
        case(161, "R", "admins --is-main=maybe", BAD),
        case(161, "R", "admins --is-main", BAD),
        case(161, "R", "admins --is-main=1", BAD),
        case(162, "R", "admins --name=nosuch", MISSING),
        case(163, "R", "admins --name=rita", MISSING),
        case(164, "R", "admins --name=admin2 --is-main=false", BAD),
        case(165, "A", "admins", DENIED),
        case(166, "RI", "admins", DENIED),
        case(170, "A", "db_info", DENIED),
        case(171, "R", "db_info --owner=alice", BAD),
        case(172, "R", "db_info", None),
        case(174, "R", "php", None),
        case(175, "R", "php --name=x", BAD),
        case(176, "A", "php", DENIED),
        case(176, "X", "php", DENIED),
    ]


def all_cases():
    return [*panel_info_cases(), *users_cases(), *packages_cases(), *domains_cases(), *spoofing_cases(), *elevated_cases(), *reseller_cases()]
