"""What the scripts about renaming share: running it, and looking whether all names are the same everywhere."""
import json
import re

from e2e import DOMAIN, KIOSKS, REALM, check, domain, equal


def joined(name, **more):
    root = domain().host().root(name)
    before = root.manifest()
    root.join_ok(domain__ou=KIOSKS, **more)
    return root, before


def run(root, *args, user="joiner", new=None, **more):
    settings = {"enrollment.operation": "rename", "options.join_domain": None, "options.acct_create": None,
                "domain.name": None, **({"machine.name": new} if new else {})}
    settings = {k.replace(".", "__"): v for k, v in settings.items()}
    env = more.pop("env", None)
    return root.joinery(*(args or ["--unattended"]), user=user, env=env, **{**settings, **more})


def renamed(root, new, **more):
    done = run(root, new=new, **more)
    equal((done.rc, done.status), (0, 0), done)
    if more.get("options__acct_create") != "no":
        root.name = new.upper()[:15]
    return done


def spns(row):
    return sorted(v.decode() for v in row.get("servicePrincipalName", []))


def four(name, fqdn):
    return sorted([f"HOST/{fqdn}", f"HOST/{name}", f"RestrictedKrbHost/{fqdn}", f"RestrictedKrbHost/{name}"])


def keytab(root):
    r = root.host.run(["klist", "-k", root.path / "etc/krb5.keytab"])
    return sorted(set(re.findall(r"(\S+@\S+)", r.out.split("----\n")[-1])))


def keys_of(name, fqdn):
    return sorted(f"{p}@{REALM}" for p in [name + "$", f"host/{name}", f"host/{fqdn}", f"RestrictedKrbHost/{name}",
                                          f"RestrictedKrbHost/{fqdn}"])


def in_directory(name, fqdn, dn=None, hosted=None):
    row = (hosted or domain()).computer(name)
    check(row, "no account", name)
    equal(row["dNSHostName"][0].decode(), fqdn, "dNSHostName")
    equal(spns(row), four(name, fqdn), "service names")
    equal(row["dn"], dn or f"CN={name},{KIOSKS}", "DN")


def authid(root):
    found = re.search(r"(?m)^ldap_sasl_authid *= *(.*)$", root.read("etc/sssd/sssd.conf"))
    return found and found.group(1)


def is_named(root, name, fqdn, dn=None):
    """Everywhere: directory, keytab, files, record; and other programs take it."""
    in_directory(name, fqdn, dn, root.domain)
    equal(keytab(root), keys_of(name, fqdn), "keytab")
    equal(root.read("etc/hostname").strip(), fqdn.split(".")[0], "hostname")
    check(re.search(rf"(?m)^127\.0\.1\.1\s+{re.escape(fqdn)}\s+{fqdn.split('.')[0]}\b", root.read("etc/hosts")),
          root.read("etc/hosts"))
    sssd = root.read("etc/sssd/sssd.conf")
    check(re.search(rf"(?m)^ad_hostname *= *{re.escape(fqdn)}$", sssd), sssd)
    record = json.loads(root.read("var/lib/joinery/enrollment.json"))
    equal((record["computer"], record["fqdn"]), (name, fqdn), "record")
    check(not any("journal" in p for p in root.state_files()), "journal left", root.state_files())
    root.name = name
    root.accepted()
    r = root.as_system(f"kinit -k 'host/{fqdn}' -c MEMORY: ; kinit -k '{name}$' && kvno 'host/{fqdn}' && "
                       f"kvno -k /etc/krb5.keytab 'host/{fqdn}'")
    equal(r.rc, 0, r)


def leave(root, **more):
    return root.joinery("--unattended", user=None, enrollment__operation="leave", options__join_domain=None,
                        options__acct_create=None, domain__name=None, **more)
