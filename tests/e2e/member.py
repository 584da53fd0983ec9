"""What the scripts on an existing membership share: a member of the domain, its status, its keytab."""
from e2e import KIOSKS, domain, equal


def joined(name, **more):
    if domain().computer(name):
        domain().delete(f"CN={name},{KIOSKS}")
    root = domain().host().root(name)
    root.join_ok(domain__ou=KIOSKS, **more)
    return root


def status(root):
    files = root.manifest()
    done = root.joinery("--status", user=None, domain__name=None, options__join_domain=None, options__acct_create=None)
    root.same_as(files)
    view = [e for e in done.events if e.get("event") == "status"]
    equal(len(view), 1, f"status events\n{done}\n")
    checks = {c["check"]: c for c in view[0]["checks"]}
    return done, view[0], checks


def dn(root):
    return f"CN={root.name},{KIOSKS}"


def keytab(root, script):
    """Edits the keytab's entries in Python: `entries` is a list of bytes, one an entry."""
    path = root.path / "etc/krb5.keytab"
    data = path.read_bytes()
    entries, at = [], 2
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big", signed=True)
        entries.append(data[at + 4:at + 4 + size])
        at += 4 + size
    path.write_bytes(data[:2] + b"".join(len(e).to_bytes(4, "big") + e for e in script(entries)))
