"""What the scripts share that put provisioning data into Linux roots: data of ours and of Samba's, applying it without
any network, and what is then in a keytab."""
import re
import subprocess

from e2e import BASE, DOMAIN, JOINERY, KIOSKS, Done, check, domain, equal

NOT_ASKED = {"domain__name": None, "options__join_domain": None, "options__acct_create": None}
LAST = 12  # key versions that are guessed


def own_data(name, in_domain=None, **more):
    """Provisioned by ourselves; the path of the file."""
    d = in_domain or domain()
    host = d.host()
    row = d.computer(name, ["cn"])
    if row and not more.get("options__provision_reuse_account"):
        d.delete(row["dn"])
    root = host.root(name + ".prov")
    out = host.roots / (name + ".odj")
    out.unlink(missing_ok=True)
    answers = root.answers("joiner", enrollment__operation="provision", domain__ou=KIOSKS, machine__name=name,
                           offline__output=out, **{**NOT_ASKED, "domain__name": DOMAIN, **more})
    root.write_ini(answers)
    done = Done(host.run([JOINERY, "--unattended", "--json", "--config", root.ini, "--log", root.log]))
    check(done.rc == 0 and done.status == 0, done)
    return out


def samba_data(name, full):
    """Provisioned by Samba's tool, over RPC: `full` is a domain with port 445."""
    host = full.host()
    out, conf = host.roots / (name + ".samba"), host.roots / (name + ".conf")
    conf.write_text(f"[global]\nworkgroup = CORP\nrealm = {DOMAIN.upper()}\nsecurity = ads\nnetbios name = TECHNICIAN\n"
                    f"private dir = {host.roots}\n")
    r = host.run(["net", "offlinejoin", "provision", f"domain={DOMAIN}", f"machine_name={name}", f"savefile={out}",
                  f"dcname=dc1.{DOMAIN}", f"machine_account_ou={KIOSKS}", f"--configfile={conf}", "-U",
                  f"Administrator%{full.password('ADMIN')}"])
    check(r.rc == 0 and out.exists(), r)
    return out


def apply(root, data, *how, network=False, **more):
    """Without --unattended, as `how` says. No interface is up, unless the network is asked for."""
    root.write_ini(root.answers(None, **{"enrollment__operation": "apply", "offline__input": data, **NOT_ASKED, **more}))
    argv = root.command(*(how or ("--unattended",)))
    return Done(root.host.run(argv if network else ["unshare", "--net", *argv]))


def apply_ok(root, data, **more):
    done = apply(root, data, **more)
    check(done.rc == 0 and done.status == 0, "the data was not applied:", done)
    return done


def refused(root, data, code, cause, *how, **more):
    files, state = root.manifest(), root.state_files()
    done = apply(root, data, *how, **more)
    equal((done.rc, done.status, done.done.get("cause")), (1, code, cause), done)
    root.same_as(files)
    equal(root.state_files(), state, "left in /var/lib/joinery")
    return done


def keys(root):
    """{(principal without realm, kvno, type)} by klist."""
    r = subprocess.run(["klist", "-ke", root.path / "etc/krb5.keytab"], stdout=subprocess.PIPE, text=True, check=True)
    found = re.findall(r"(?m)^\s*(\d+) (\S+)@\S+ \((?:DEPRECATED:)?(\S+)\)", r.stdout)
    return {(name, int(kvno), etype) for kvno, name, etype in found}


def windows7_blob(data):
    """The first of the blobs, by the layout of ODJ_PROVISION_DATA alone: where it begins and how long it is."""
    raw = data.read_bytes()
    check(raw[:4] == b"\x01\x10\x08\0", "this is no binary provisioning data")
    count = int.from_bytes(raw[24:28], "little")
    at = 36 + 12 * count
    equal(int.from_bytes(raw[36:40], "little"), 1, "format of the first blob")
    return raw, at + 4, int.from_bytes(raw[at:at + 4], "little")


def windows7_only(data):
    """As Windows 7 would have made it."""
    raw, at, size = windows7_blob(data)
    body = raw[16:24] + (1).to_bytes(4, "little") + raw[28:32] + (1).to_bytes(4, "little") + raw[36:48] \
        + size.to_bytes(4, "little") + raw[at:at + size]
    body += b"\0" * (-len(body) % 8)
    data.write_bytes(raw[:8] + len(body).to_bytes(4, "little") + b"\0" * 4 + body)


def password_of(data):
    """The machine's password: the third text behind the fixed part."""
    raw, at, _ = windows7_blob(data)
    place = start = at + 16
    place += 112
    for _ in range(3):
        place += -(place - start) % 4
        units = int.from_bytes(raw[place + 8:place + 12], "little")
        text = raw[place + 12:place + 12 + 2 * units].decode("utf-16-le").rstrip("\0")
        place += 12 + 2 * units
    return text


def versions(root):
    return sorted({kvno for _, kvno, _ in keys(root)})


def forget(name, d=None):
    d = d or domain()
    row = d.computer(name, ["cn"])
    if row:
        d.delete(row["dn"])


__all__ = ["BASE", "LAST", "NOT_ASKED", "apply", "apply_ok", "forget", "keys", "own_data", "refused", "samba_data",
           "password_of", "versions", "windows7_only"]
