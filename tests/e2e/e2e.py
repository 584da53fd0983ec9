"""What the end-to-end scripts share: the running domain, client hosts, scratch roots, the program, and judges
that are not ours (the controller's own database, kinit, adcli).

A script defines cases with @case, prints one line for each (`ok - name`, `not ok - name`) and ends with main().
JT_DIR names a running domain; without it the script starts one for itself. JOINERY names the program.
"""
import atexit
import concurrent.futures
import contextlib
import fnmatch
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TOOLS = TOP / "tests" / "domain"
JOINERY = os.environ.get("JOINERY") or str(TOP / "build" / "plain" / "joinery")
REALM, DOMAIN = "CORP.EXAMPLE.COM", "corp.example.com"
BASE = "DC=corp,DC=example,DC=com"
KIOSKS = "OU=Kiosks," + BASE
RUN_S = 60  # no run of the program may take longer, whatever is wrong


class Failed(AssertionError):
    pass


def check(condition, *what):
    if not condition:
        raise Failed(" ".join(str(w) for w in what))


def equal(got, wanted, what=""):
    check(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


# ---- cases -------------------------------------------------------------------------------------------------------

_cases = []


def case(function):
    name = function.__name__
    add_case(name[5:] if name.startswith("case_") else name, function)
    return function


def add_case(name, function, *args, background=False):
    """A background case waits most of its time, on a domain of its own, while the others run."""
    _cases.append((name, function, args, background))


class Skipped(Exception):
    pass


def not_sanitized(why):
    """For cases that cannot be made with a program built under a sanitizer."""
    if os.environ.get("SANITIZE"):
        raise Skipped(f"not under a sanitizer: {why}")


def _run_case(row):
    name, function, args, _ = row
    start = time.monotonic()
    try:
        function(*args)
        line = f"ok - {name}"
        result = True
    except Skipped as why:
        line, result = f"ok - {name} # SKIP {why}", None
    except Exception:
        text = "".join("# " + part + "\n" for part in traceback.format_exc().splitlines())
        line, result = f"{text}not ok - {name}", False
    return f"{line}  ({time.monotonic() - start:.1f} s)", result


def main(parallel=1):
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(77)
    pattern = sys.argv[1] if len(sys.argv) > 1 else "*"
    rows = [row for row in _cases if fnmatch.fnmatchcase(row[0], pattern)]
    results = []
    with concurrent.futures.ThreadPoolExecutor(8) as waiting, concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        futures = [(waiting if row[3] else pool).submit(_run_case, row) for row in rows]
        for future in futures:
            line, result = future.result()
            print(line, flush=True)
            results.append(result)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(1 if False in results or not results else 0)


# ---- the domain --------------------------------------------------------------------------------------------------

class Domain:
    """A running domain: the one of JT_DIR, or one of our own that ends with the script."""

    def __init__(self, directory=None, *options):
        self.own = not directory
        if self.own:
            directory = tempfile.mkdtemp(prefix="joinery-e2e.")
            atexit.register(self._down, directory)
            subprocess.run([TOOLS / "up", *options, directory], check=True)
        self.dir = Path(directory)
        self.hosts = {}
        self.lock = threading.RLock()
        self._sam = {}
        self._liars = {}
        atexit.register(self.close)

    @staticmethod
    def _down(directory):
        subprocess.run([TOOLS / "down", directory], check=False)
        shutil.rmtree(directory, ignore_errors=True)

    def close(self):
        for host in self.hosts.values():
            host.close()
        self.hosts = {}
        for liar in self._liars.values():
            liar.kill()
            liar.wait()
        self._liars = {}

    def fault(self, *specs):
        subprocess.run([TOOLS / "fault", self.dir, *specs], check=True)

    @contextlib.contextmanager
    def faults(self, *specs):
        try:
            if specs:
                self.fault(*specs)
            yield
        finally:
            if specs:
                self.fault("clear")

    def host(self, name="client1"):
        with self.lock:
            if name not in self.hosts:
                self.hosts[name] = Host(self, name)
            return self.hosts[name]

    def password_file(self, user):
        name = user.split("@")[0].split("\\")[-1]
        return self.dir / "secrets" / f"{name.upper().replace('-', '_')}_PASSWORD"

    def password(self, user):
        return self.password_file(user).read_text(encoding="utf-8").rstrip("\n")

    # A controller's own database, opened beside it: what it says passed through none of our code.
    def sam(self, at="dc1"):
        if at not in self._sam:
            from samba import param
            from samba.auth import system_session
            from samba.samdb import SamDB
            home = self.dir / ("dc" if at == "dc1" else at)
            lp = param.LoadParm()
            lp.load(str(home / "etc" / "smb.conf"))
            os.unsetenv("SMB_CONF_PATH")  # which that sets, and which another domain would take for its own
            lib = home / "lib"
            for key in ("state directory", "cache directory", "lock directory"):
                lp.set(key, str(lib))
            lp.set("private dir", str(lib / "private"))
            self._sam[at] = SamDB(url=str(lib / "private" / "sam.ldb"), session_info=system_session(lp), lp=lp)
        return self._sam[at]

    def search(self, what, attrs=("*",), base=BASE, at="dc1"):
        import ldb
        with self.lock:
            found = self.sam(at).search(base, ldb.SCOPE_SUBTREE, what, list(attrs))
            return [{"dn": str(m.dn), **{k: [bytes(v) for v in m[k]] for k in m.keys() if k != "dn"}}
                    for m in found]

    def computer(self, name, attrs=("*", "unicodePwd", "nTSecurityDescriptor", "msDS-KeyVersionNumber"), at="dc1"):
        found = self.search(f"(sAMAccountName={name}$)", attrs, at=at)
        return found[0] if found else None

    def _tool(self, name, *args):
        return subprocess.run([TOOLS / name, self.dir, *args], check=True, stdout=subprocess.PIPE, text=True).stdout

    def replicate(self, source, target):
        self._tool("replicate", source, target)

    def preload(self, name):
        """The read-only controller may and does know this computer's password."""
        self._tool("preload", name)

    @contextlib.contextmanager
    def written(self):
        """What clients write to the directories meanwhile: a list of "controller attribute DN", filled at the end."""
        rows = []
        before = self.dir / f"usn.{threading.get_ident()}"
        before.write_text(self._tool("usn"))
        yield rows
        rows += self._tool("usn", before).splitlines()

    def reset_count(self):
        self._tool("count", "reset")

    def count(self):
        """What passed on the wire: "turns", "dc3.turns", "rodc1.389/tcp" and so on."""
        return {k: int(v) for k, v in (line.split() for line in self._tool("count").splitlines())}

    def computers(self):
        """All computers with all attributes, but those that a logon changes."""
        volatile = {"lastLogon", "lastLogonTimestamp", "logonCount", "badPwdCount", "badPasswordTime",
                    "whenChanged", "uSNChanged"}
        attrs = ("*", "unicodePwd", "supplementalCredentials", "nTSecurityDescriptor")
        return {row["dn"]: {k: sorted(v) for k, v in row.items() if k not in volatile and k != "dn"}
                for row in self.search("(objectClass=computer)", attrs)}

    def modify(self, dn, **attributes):
        import ldb
        with self.lock:
            message = ldb.Message(ldb.Dn(self.sam(), dn))
            for name, value in attributes.items():
                message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
            self.sam().modify(message)

    def delete(self, dn):
        with self.lock:
            self.sam().delete(dn)

    def sid(self, account):
        from samba.dcerpc import security
        from samba.ndr import ndr_unpack
        return ndr_unpack(security.dom_sid, self.search(f"(sAMAccountName={account})", ["objectSid"])[0]["objectSid"][0])

    def precreate(self, name, owner="joiner", creator=None, parent=KIOSKS, disabled=False, extra=None):
        """A computer as somebody prepared it: enabled, with a password, owned by `owner`."""
        import ldb
        from samba.dcerpc import security
        from samba.ndr import ndr_pack
        dn = f"CN={name},{parent}"
        with self.lock:
            sam = self.sam()
            if self.computer(name, ["cn"]):
                sam.delete(dn)
            sam.add({"dn": dn, "objectClass": "computer", "sAMAccountName": name + "$",
                     "userAccountControl": "4098" if disabled else "4096",
                     "unicodePwd": f'"Pre-made-{name}"'.encode("utf-16-le"), **(extra or {})})
            descriptor = security.descriptor()
            descriptor.owner_sid = self.sid(owner)
            sam.modify(ldb.Message.from_dict(sam, {"dn": dn, "nTSecurityDescriptor": [ndr_pack(descriptor)]},
                                             ldb.FLAG_MOD_REPLACE), ["sd_flags:1:1"])
            if creator:
                sam.modify(ldb.Message.from_dict(sam, {"dn": dn, "mS-DS-CreatorSID": [ndr_pack(self.sid(creator))]},
                                                 ldb.FLAG_MOD_REPLACE), ["relax:0"])
        return dn

    def grant(self, dn, account, ace):
        """Adds an ACE in SDDL, with %s for the account's SID."""
        import ldb
        from samba.dcerpc import security
        from samba.ndr import ndr_pack, ndr_unpack
        with self.lock:
            sam = self.sam()
            found = sam.search(dn, ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"])
            descriptor = ndr_unpack(security.descriptor, found[0]["nTSecurityDescriptor"][0])
            sddl = "D:" + ace % self.sid(account)
            descriptor.dacl_add(security.descriptor.from_sddl(sddl, security.dom_sid(sam.get_domain_sid())).dacl.aces[0])
            sam.modify(ldb.Message.from_dict(sam, {"dn": dn, "nTSecurityDescriptor": [ndr_pack(descriptor)]},
                                             ldb.FLAG_MOD_REPLACE), ["sd_flags:1:4"])

    def in_dc_net(self, rules):
        """nft rules in the controller's network namespace, beside those of `fault`; what nft prints."""
        link = int((self.dir / "pids" / "link").read_text().split()[0])
        return subprocess.run(["nsenter", f"--net=/proc/{link}/fd/3", "nft", "-f", "-"], input=rules, text=True,
                              check=True, stdout=subprocess.PIPE).stdout

    @contextlib.contextmanager
    def liar(self, script, at="dc1"):
        """Until the end, that controller's LDAP over TCP is answered by tests/outcomes/liar.py after this script. Gives a
        list, filled at the end with the names of the requests that came."""
        told, heard = self.dir / f"liar.{at}.json", self.dir / f"liar.{at}.log"
        heard.write_text("")
        told.write_text(json.dumps({**script, "log": str(heard)}), encoding="utf-8")
        init = (self.dir / "pids" / f"{'dc' if at == 'dc1' else at}.init").read_text().split()[0]
        inside = ["nsenter", f"--target={init}", "--mount", "--net", "--uts", "--"]
        if at not in self._liars:
            self._liars[at] = subprocess.Popen([*inside, "/usr/bin/python3", "-B", TOP / "tests/outcomes/liar.py", "3890",
                                                told], stdout=subprocess.PIPE)
            check(self._liars[at].stdout.readline() == b"ready\n", "the scripted controller does not start")
        udp = "udp dport 389 redirect to :3890\n" if "ping_without" in script else ""
        rules = ("table inet liar {\n chain in {\n type nat hook prerouting priority -100\n"
                 f"tcp dport 389 redirect to :3890\n{udp} }}\n}}\n")
        subprocess.run([*inside, "nft", "-f", "-"], input=rules, text=True, check=True)
        requests = []
        try:
            yield requests
        finally:
            subprocess.run([*inside, "nft", "delete table inet liar"], check=True)
            requests += heard.read_text().split()

    def owner(self, name):
        """The owner of a computer's object, by name."""
        from samba.dcerpc import security
        from samba.ndr import ndr_unpack
        row = self.computer(name)
        sid = str(ndr_unpack(security.descriptor, row["nTSecurityDescriptor"][0]).owner_sid)
        found = self.search(f"(objectSid={sid})", ["sAMAccountName"])
        return found[0]["sAMAccountName"][0].decode() if found else sid

    def kvno(self, name):
        return int(self.computer(name)["msDS-KeyVersionNumber"][0])

    def no_account_without_password(self):
        """Every enabled computer has a password: the rule that no fault may break."""
        for row in self.search("(objectClass=computer)", ["userAccountControl", "unicodePwd", "pwdLastSet"]):
            if int(row["userAccountControl"][0]) & 2 or row["dn"].startswith("CN=DC2,"):
                continue
            check("unicodePwd" in row, "an enabled account without a password:", row["dn"])
            check(int(row.get("pwdLastSet", [b"0"])[0]) != 0, "a password that was never set:", row["dn"])


# ---- client hosts ------------------------------------------------------------------------------------------------

class Result:
    def __init__(self, rc, out, err, seconds):
        self.rc, self.out, self.err, self.seconds = rc, out, err, seconds

    def __repr__(self):
        return f"status {self.rc} after {self.seconds:.1f} s\n--- stdout\n{self.out[-3000:]}\n--- stderr\n{self.err[-3000:]}"


class Host:
    """A client host that stays; commands are started inside its namespaces."""

    def __init__(self, domain, name):
        self.domain, self.name = domain, name
        self.keeper = subprocess.Popen([TOOLS / "exec", domain.dir, "--host", name, "--", "cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.keeper.stdin.write(b"\n")
        self.keeper.stdin.flush()
        check(self.keeper.stdout.readline() == b"\n", "the host", name, "does not start")
        self.init = children(self.keeper.pid)[0]
        inside = children(self.init)[0]
        pairs = Path(f"/proc/{inside}/environ").read_bytes().split(b"\0")
        self.env = dict(os.fsdecode(p).split("=", 1) for p in pairs if b"=" in p)
        self.skeleton = Path(self.env["JT_ROOT"])
        self.roots = domain.dir / "e2e"
        self.roots.mkdir(mode=0o700, exist_ok=True)

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait(20)

    def command(self, argv):
        return ["nsenter", f"--target={self.init}", "--mount", "--net", "--uts", "--pid", "--",
                *[str(a) for a in argv]]

    def start(self, argv, env=None, **more):
        full = {**self.env, **{k: str(v) for k, v in (env or {}).items()}}
        full.setdefault("LC_ALL", "C.UTF-8")
        return subprocess.Popen(self.command(argv), env=full, stdin=more.pop("stdin", subprocess.DEVNULL),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                                cwd="/", **more)

    def run(self, argv, env=None, input=None, timeout=RUN_S):
        start = time.monotonic()
        p = self.start(argv, env, stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL)
        try:
            out, err = p.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired:
            for child in children(p.pid) + [p.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            p.communicate()
            raise Failed(f"{argv[0]} hangs: no end after {timeout} s")
        return Result(p.returncode, out, err, time.monotonic() - start)

    def signal(self, p, number):
        """To the program that start() runs: nsenter itself stands before it."""
        for child in children(p.pid):
            os.kill(child, number)

    def root(self, name, hostname=None):
        """A fresh scratch root for a machine of this name."""
        path = self.roots / name
        if path.exists():
            shutil.rmtree(path)
        subprocess.run(["cp", "-a", self.skeleton, path], check=True)
        hostname = hostname or name.lower()
        (path / "etc/hostname").write_text(hostname + "\n")
        hosts = path / "etc/hosts"
        old = self.skeleton.parent.name.split(".")[0]
        hosts.write_text(hosts.read_text().replace(old, hostname))
        return Root(self, path, name)


def children(pid):
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


# ---- one machine -------------------------------------------------------------------------------------------------

class Done:
    """One run of the program with --json."""

    def __init__(self, result):
        self.rc, self.out, self.err, self.seconds = result.rc, result.out, result.err, result.seconds
        self.events = []
        for line in self.out.splitlines():
            if line.startswith("{"):
                self.events.append(json.loads(line))
        done = [e for e in self.events if e.get("event") == "done"]
        self.done = done[-1] if done else {}
        self.status = self.done.get("status")
        self.symbol = self.done.get("symbol")
        self.said = json.dumps(self.done, ensure_ascii=False) + "\n" + self.err

    def states(self, step):
        return [e["state"] for e in self.events if e.get("event") == "step" and e.get("step") == step]

    def __repr__(self):
        return f"exit {self.rc} after {self.seconds:.1f} s, done {self.done}\n--- stdout\n{self.out[-4000:]}\n" \
               f"--- stderr\n{self.err[-3000:]}"


class Root:
    """A scratch root: the machine that joins."""

    def __init__(self, host, path, name):
        self.host, self.path, self.name = host, path, name
        self.domain = host.domain
        self.ini = path.with_name(path.name + ".ini")
        self.log = path.with_name(path.name + ".log")

    def write_ini(self, settings):
        sections = {}
        for key, value in settings.items():
            section, _, word = key.partition(".")
            sections.setdefault(section, []).append(f"{word} = {value}")
        text = "".join(f"[{s}]\n" + "\n".join(lines) + "\n\n" for s, lines in sections.items())
        self.ini.write_text(text, encoding="utf-8")
        self.ini.chmod(0o600)

    def answers(self, user, **settings):
        base = {"domain.name": DOMAIN, "options.join_domain": "yes", "options.acct_create": "yes"}
        if user:
            base["credentials.account"] = self.host.env["JT_ADMIN"] if user == "admin" else user
            base["credentials.password_file"] = self.domain.password_file(user)
        base.update({k.replace("__", "."): v for k, v in settings.items()})
        return {k: v for k, v in base.items() if v is not None}

    def command(self, *args):
        how = [] if "--recover" in args else ["--json"]
        return [JOINERY, *args, *how, "--config", self.ini, "--root", self.path, "--log", self.log]

    def joinery(self, *args, user="joiner", env=None, timeout=RUN_S, **settings):
        self.write_ini(self.answers(user, **settings))
        return Done(self.host.run(self.command(*args), env=env, timeout=timeout))

    def join(self, user="joiner", **more):
        return self.joinery("--unattended", user=user, **more)

    def join_ok(self, user="joiner", **more):
        done = self.join(user, **more)
        check(done.rc == 0, "the join failed:", done)
        equal(done.status, 0, f"status of done\n{done}")
        return done

    def manifest(self, *keep_out):
        """Every file with type, mode, owner and contents; not the program's own record and log."""
        out = {}
        skip = ("var/lib/joinery", "var/log/joinery", *keep_out)
        for path in sorted(self.path.rglob("*")):
            name = str(path.relative_to(self.path))
            if name.startswith(skip):
                continue
            s = path.lstat()
            what = "" if path.is_dir() and not path.is_symlink() else \
                os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
            out[name] = (stat.filemode(s.st_mode), s.st_uid, s.st_gid, what)
        return out

    def same_as(self, before, what="the file tree"):
        after = self.manifest()
        changed = sorted(p for p in before.keys() | after.keys() if before.get(p) != after.get(p))
        check(not changed, what, "changed:", [(p, before.get(p), after.get(p)) for p in changed])

    def state_files(self):
        """What lies in the program's own folder, but the lock."""
        own = self.path / "var/lib/joinery"
        return sorted(str(p.relative_to(own)) for p in own.rglob("*") if p.name not in ("lock", "deleted")) if own.exists() else []

    def read(self, name):
        return (self.path / name).read_text(encoding="utf-8")

    # -- judges: programs that we did not write, on the files that we did

    def as_system(self, script, timeout=RUN_S):
        """Runs a shell script with this root's /etc as the machine's own, on the host's network."""
        cache = self.path.with_name(self.path.name + ".cc")
        return self.host.run(["unshare", "--mount", "sh", "-c",
                              f"mount --bind '{self.path}/etc' /etc && {script}"],
                             env={"KRB5CCNAME": f"FILE:{cache}"}, timeout=timeout)

    def accepted(self, *options):
        """kinit and adcli take the keytab and the Kerberos settings as they are. The controller is named to adcli
        because it waits 0.4 s after each ping."""
        how = " ".join(options or [f"--domain-controller=dc1.{DOMAIN}"])
        r = self.as_system(f"kinit -k '{self.name}$' && adcli testjoin --verbose --domain={DOMAIN} {how}")
        check(r.rc == 0, "the membership is not accepted:", r)
        check("essfully validated join" in r.out + r.err, r)
        return r


# ---- a running system ----------------------------------------------------------------------------------------------

SYSTEMCTL = """#!/bin/bash
# Stands for the service manager, which does not run in these namespaces: notes what it is asked, starts SSSD.
echo "$*" >>/run/systemctl.log
case "$*" in
*restart*sssd* | *start*sssd*)
    pkill -x sssd
    while pgrep -x sssd >/dev/null && [ $((i += 1)) -lt 100 ]; do read -rt 0.1 <> <(:); done
    exec sssd --logger=files -D ;;
*stop*sssd*) pkill -x sssd ;;
*is-active*sssd*) exec pgrep -x sssd >/dev/null ;;
esac
exit 0
"""


ENABLED = "multi-user.target.wants/sssd.service"


class Live(Root):
    """The client host itself."""

    def __init__(self, name, in_domain):
        host = in_domain.host(name)
        super().__init__(host, Path(f"/proc/{host.init}/root"), name.upper())
        self.ini = host.roots / (name + ".ini")
        self.log = host.roots / (name + ".log")
        self.own = own = host.roots / (name + ".own")
        (own / "pam").mkdir(parents=True)
        (own / "systemctl").write_text(SYSTEMCTL)
        (own / "systemctl").chmod(0o755)
        r = host.run(["sh", "-ec", f"cp -a /var/lib/pam/. {own}/pam; mount --bind {own}/pam /var/lib/pam;"
                                   f"mount --bind {own}/systemctl /usr/bin/systemctl;"
                                   # nobody is there to listen on the responders' sockets
                                   "rm -f /etc/systemd/system/sssd.service.wants/*.socket "
                                   f"/etc/systemd/system/{ENABLED}"])
        check(r.rc == 0, r)

    def command(self, *args):
        return [a for a in super().command(*args) if a not in ("--root", self.path)]

    def etc(self):
        r = self.host.run(["sh", "-c", "cd /etc && find . -type f -printf '%p %m %U %G ' -exec sha256sum {} ';' -o "
                                       "-type l -printf '%p -> %l\\n'"])
        return {line.split(" ")[0]: line for line in sorted(r.out.splitlines())}

    def asked(self):
        return (self.path / "run/systemctl.log").read_text().splitlines()

    def hide_package(self, name):
        """The system seems not to have it installed."""
        status = self.own / "status"
        text = Path("/var/lib/dpkg/status").read_text(errors="surrogateescape")
        status.write_text(re.sub(rf"(?m)^Package: {name}$", f"Package: gone-{name}", text), errors="surrogateescape")
        r = self.host.run(["mount", "--bind", status, "/var/lib/dpkg/status"])
        check(r.rc == 0, r)


_domain = None
_domain_lock = threading.Lock()


def domain():
    global _domain
    with _domain_lock:  # the first cases may ask at the same time: one domain for all
        if not _domain:
            _domain = Domain(os.environ.get("JT_DIR"))
        return _domain
