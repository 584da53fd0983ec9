#!/usr/bin/python3
"""Fills the freshly provisioned domain. Runs in the controller's namespaces, Samba not started.

What is here is what README.md's tables say; change both together.
"""
import shlex
import sys
from pathlib import Path

import ldb
from samba import param, sites, subnets
from samba.auth import system_session
from samba.dcerpc import dnsp, security
from samba.ndr import ndr_pack, ndr_unpack
from samba.samdb import SamDB

BASE = "DC=corp,DC=example,DC=com"
DOMAIN = "corp.example.com"
COMPUTER_CLASS = "bf967a86-0de6-11d0-a285-00aa003049e2"
UAC_WORKSTATION, UAC_DISABLED, UAC_DC = 0x1000, 0x2, 532480
RELAX = "relax:0"
BYPASS_PASSWORD_HASH = "local_oid:1.3.6.1.4.1.7165.4.3.12:0"
LONG_AGO = "128000000000000000"  # August 2006

# Organisational units, a path a row, parents first. Names are as a person reads them: no escapes.
OUS = [
    ["Москва"],
    ["Москва", "Отдел продаж"],
    ["Москва", "Отдел продаж", "Этаж 2"],
    ["Москва", "Отдел продаж", "Этаж 2", "Касса № 5"],
    ["東京支社"],
    ["東京支社", "営業部"],
    ["東京支社", "営業部", "第一課"],
    ["東京支社", "営業部", "第一課", "受付"],
    ["Sales, EMEA"],
    ["Sales, EMEA", "R+D"],
    ["Sales, EMEA", "R+D", "In/Out"],
    ["Sales, EMEA", "R+D", "In/Out", "</B>"],
    ["Odd names"],
    ["Odd names", "#Lead"],
    ["Odd names", "Ends with a space "],
    ["Odd names", " Starts with one"],
    ["Odd names", 'Quoted "name"'],
    ["Odd names", "semi;colon"],
    ["Odd names", "back\\slash"],
    ["Odd names", "equals=sign"],
    ["Odd names", "<angle>"],
    ["Odd names", "e\u0301 and \u202eoverride"],
    ["Odd names", "A name of exactly sixty-four characters, which is the most there"],
    ["Deleg"],
    ["Kiosks"],
    ["Kiosks", "Lobby"],
    ["Locked down"],
    ["Staff"],
    ["Many"],
]
MANY = 2000
SUBNETS = ("10.53.1.0/24", "fd53:1::/64")  # of site Branch

USERS = ["joiner", "deleg", "other", "user1", "disabled", "expired", "locked", "mustchange",
         "pwexpired", "unicode"]
GROUPS = {"Linux Admins": ["other"], "Kiosk Users": ["user1", "joiner"]}

# Computers: name, parent, owner (None: Domain Admins, as for an administrator's), creator SID of whom,
# more attributes
COMPUTERS = [
    ("PRE-OWNED", "OU=Kiosks", "joiner", None, {}),
    ("PRE-CREATED", "OU=Kiosks", "other", "joiner", {}),
    ("PRE-ADMIN", "OU=Kiosks", None, None, {}),
    ("PRE-OTHER", "OU=Kiosks", "other", "other", {}),
    ("PRE-DISABLED", "OU=Kiosks", "joiner", None, {"disabled": True}),
    ("PRE-OFF", "OU=Kiosks", "joiner", None, {"disabled": True}),
    ("PRE-DEFAULT", "OU=Kiosks", None, None, {"password": "pre-default"}),
    ("PRE-SECRET", "OU=Kiosks", None, None, {"password": "MACHINE_PASSWORD"}),
    ("PRE-SPN", "OU=Staff", None, None, {"servicePrincipalName": ["HOST/clash." + DOMAIN]}),
    ("PRE-DNS", "OU=Staff", None, None, {"dNSHostName": "dnsclash." + DOMAIN}),
    ("PRE-MOVED", "CN=Computers", "joiner", None, {}),
    ("A-VERY-LONG-HOS", "OU=Kiosks", "joiner", None, {
        "dNSHostName": "a-very-long-host-name-01." + DOMAIN,
        "servicePrincipalName": ["HOST/a-very-long-host-name-01." + DOMAIN,
                                 "HOST/A-VERY-LONG-HOS"]}),
    ("A-VERY-LONG-H03", "OU=Kiosks", "joiner", None, {
        "dNSHostName": "a-very-long-host-name-03." + DOMAIN,
        "servicePrincipalName": ["HOST/a-very-long-host-name-03." + DOMAIN,
                                 "HOST/A-VERY-LONG-H03"]}),
]
# In a domain with a read-only controller; which of them may have their passwords there: before_rodc1.
RODC_COMPUTERS = [(name, "OU=Kiosks", None, None, {"password": name.replace("-", "_") + "_PASSWORD"})
                  for name in ("RO-READY", "RO-DENIED", "RO-FRESH")]


def read_secrets():
    text = Path(__file__).with_name("secrets").read_text(encoding="utf-8")
    return dict(word.split("=", 1) for word in shlex.split(text, comments=True))


def dn_of(sam, path):
    """The DN of a path of OU names, escaped by libldb."""
    dn = ldb.Dn(sam, BASE)
    for name in path:
        child = ldb.Dn(sam, "OU=x")
        child.set_component(0, "OU", name)
        child.add_base(dn)
        dn = child
    return dn


def add_ous(sam):
    for path in OUS:
        sam.add({"dn": dn_of(sam, path), "objectClass": "organizationalUnit"})
    for i in range(1, MANY + 1):
        sam.add({"dn": f"OU=Branch office {i:04},OU=Many,{BASE}",
                 "objectClass": "organizationalUnit"})


def password_value(text):
    return f'"{text}"'.encode("utf-16-le")


def add_users(sam, secrets):
    for name in USERS:
        sam.add({"dn": f"CN={name},OU=Staff,{BASE}", "objectClass": "user",
                 "sAMAccountName": name, "userPrincipalName": f"{name}@{DOMAIN}",
                 "userAccountControl": "512",
                 "unicodePwd": password_value(secrets[name.upper() + "_PASSWORD"])})
    change(sam, user_dn("disabled"), userAccountControl="514")
    change(sam, user_dn("expired"), accountExpires=LONG_AGO)
    change(sam, user_dn("mustchange"), pwdLastSet="0")
    for group, members in GROUPS.items():
        sam.add({"dn": f"CN={group},OU=Staff,{BASE}", "objectClass": "group",
                 "sAMAccountName": group, "member": [user_dn(name) for name in members]})


def user_dn(name):
    return f"CN={name},OU=Staff,{BASE}"


def change(sam, dn, controls=None, **attributes):
    message = ldb.Message(dn if isinstance(dn, ldb.Dn) else ldb.Dn(sam, dn))
    for name, value in attributes.items():
        message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
    sam.modify(message, controls or [])


def set_policies(sam):
    """Locks out after 10 wrong passwords, until unlocked; passwords are good for ten years."""
    change(sam, BASE, lockoutThreshold="10", lockoutDuration="-9223372036854775808",
           lockOutObservationWindow="-18000000000", maxPwdAge="-3153600000000000",
           minPwdAge="0")
    change(sam, user_dn("pwexpired"), [BYPASS_PASSWORD_HASH], pwdLastSet=LONG_AGO)


def sid_of(sam, account):
    found = sam.search(BASE, ldb.SCOPE_SUBTREE, f"(sAMAccountName={account})", ["objectSid"])
    return ndr_unpack(security.dom_sid, found[0]["objectSid"][0])


def delegate(sam, dn, *aces):
    """Adds ACEs, written in SDDL, to an object."""
    found = sam.search(dn, ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"])
    descriptor = ndr_unpack(security.descriptor, found[0]["nTSecurityDescriptor"][0])
    domain_sid = security.dom_sid(sam.get_domain_sid())
    for ace in aces:
        descriptor.dacl_add(security.descriptor.from_sddl("D:" + ace, domain_sid).dacl.aces[0])
    change(sam, dn, ["sd_flags:1:4"], nTSecurityDescriptor=ndr_pack(descriptor))


def delegate_rights(sam):
    deleg, joiner = sid_of(sam, "deleg"), sid_of(sam, "joiner")
    # create and delete computers in this one OU; what one created, one may change as its owner
    delegate(sam, f"OU=Deleg,{BASE}", f"(OA;;CCDC;{COMPUTER_CLASS};;{deleg})")
    # everything, here and below
    delegate(sam, f"OU=Kiosks,{BASE}", f"(A;CI;GA;;;{joiner})")


def add_computer(sam, secrets, name, parent, owner, creator, extra):
    dn = f"CN={name},{parent},{BASE}"
    extra = dict(extra)
    uac = UAC_WORKSTATION | (UAC_DISABLED if extra.pop("disabled", False) else 0)
    password = extra.pop("password", "Pre-made-" + name)
    sam.add({"dn": dn, "objectClass": "computer", "sAMAccountName": name + "$",
             "userAccountControl": str(uac),
             "unicodePwd": password_value(secrets.get(password, password)), **extra})
    descriptor = security.descriptor()
    descriptor.owner_sid = sid_of(sam, owner or "Domain Admins")
    change(sam, dn, ["sd_flags:1:1"], nTSecurityDescriptor=ndr_pack(descriptor))
    if creator:
        change(sam, dn, [RELAX], **{"mS-DS-CreatorSID": ndr_pack(sid_of(sam, creator))})


def add_second_controller(sam):
    """The account of a controller that is not there; it is in no SRV record."""
    sam.add({"dn": f"CN=DC2,OU=Domain Controllers,{BASE}", "objectClass": "computer",
             "sAMAccountName": "DC2$", "userAccountControl": str(UAC_DC),
             "dNSHostName": "dc2." + DOMAIN,
             "servicePrincipalName": ["HOST/dc2." + DOMAIN, "HOST/DC2"]}, [RELAX])


def add_site(sam):
    config = sam.get_config_basedn()
    sites.create_site(sam, config, "Branch")
    for subnet in SUBNETS:
        subnets.create_subnet(sam, config, subnet, "Branch")
    for name, port in srv_records("Branch", False):
        add_srv(sam, name + DOMAIN, "dc1." + DOMAIN, port)


def srv_records(site, everywhere):
    """(name without the domain, port): what a controller in that site registers; only a writable one everywhere."""
    rows = [("_ldap", "dc._msdcs.", 389), ("_kerberos", "dc._msdcs.", 88), ("_ldap", "", 389), ("_kerberos", "", 88),
            ("_gc", "", 3268), ("_ldap", "gc._msdcs.", 3268)]
    for prefix, suffix, port in rows:
        yield f"{prefix}._tcp.{site}._sites.{suffix}", port
        if everywhere:
            yield f"{prefix}._tcp.{suffix}", port
    if everywhere:
        yield from (("_kerberos._udp.", 88), ("_kpasswd._tcp.", 464), ("_kpasswd._udp.", 464))


def before_dc3(sam):
    sites.create_site(sam, sam.get_config_basedn(), "Depot")


def after_dc3(sam):
    add_record(sam, "dc3." + DOMAIN, dnsp.DNS_TYPE_A, "10.53.1.3")  # the join has added the other address
    for name, port in srv_records("Depot", True):
        add_srv(sam, name + DOMAIN, "dc3." + DOMAIN, port)


def before_rodc1(sam):
    """Computers for the read-only controller, which takes over the site of the clients from dc1."""
    for row in RODC_COMPUTERS:
        add_computer(sam, read_secrets(), *row)
    for name in ("RO-READY", "RO-FRESH"):
        add_member(sam, "Allowed RODC Password Replication Group", f"CN={name},OU=Kiosks,{BASE}")
    for name, _ in srv_records("Branch", False):
        sam.delete(dns_node(sam, name + DOMAIN))


def after_rodc1(sam):
    add_record(sam, "rodc1." + DOMAIN, dnsp.DNS_TYPE_A, "10.53.1.4")
    for name, port in srv_records("Branch", False):
        add_srv(sam, name + DOMAIN, "rodc1." + DOMAIN, port)


def add_member(sam, group, dn):
    found = sam.search(BASE, ldb.SCOPE_SUBTREE, f"(sAMAccountName={group})", [])
    sam.modify(ldb.Message.from_dict(sam, {"dn": found[0].dn, "member": [dn]}, ldb.FLAG_MOD_ADD))


def record_of(kind, value):
    record = dnsp.DnssrvRpcRecord()
    record.wType, record.rank, record.dwTtlSeconds, record.dwSerial = kind, 240, 900, 1
    if kind == dnsp.DNS_TYPE_SRV:
        record.data.wPriority, record.data.wWeight = 0, 100
        record.data.nameTarget, record.data.wPort = value
    else:
        record.data = value
    return record


def dns_node(sam, name):
    """The DN of a DNS name's object: the forest's zone for _msdcs, else the domain's."""
    zone = "_msdcs." + DOMAIN
    part = "ForestDnsZones"
    if not name.endswith("." + zone):
        zone, part = DOMAIN, "DomainDnsZones"
    dn = ldb.Dn(sam, "DC=x")
    dn.set_component(0, "DC", name[:-len(zone) - 1])
    dn.add_base(ldb.Dn(sam, f"DC={zone},CN=MicrosoftDNS,DC={part},{BASE}"))
    return dn


def add_record(sam, name, kind, value):
    """Adds one DNS record; the name may have others. value: text, or (target, port) for SRV."""
    dn = dns_node(sam, name)
    record = ndr_pack(record_of(kind, value))
    try:
        sam.modify(ldb.Message.from_dict(sam, {"dn": dn, "dnsRecord": [record]}, ldb.FLAG_MOD_ADD))
    except ldb.LdbError as error:
        if error.args[0] != ldb.ERR_NO_SUCH_OBJECT:
            raise
        sam.add({"dn": dn, "objectClass": "dnsNode", "dnsRecord": [record]})


def add_srv(sam, name, target, port):
    add_record(sam, name, dnsp.DNS_TYPE_SRV, (target, port))


def add_dead_controllers(sam):
    """SRV records for controllers that are not: dc8 refuses everything, dc9 never answers."""
    for name, last in (("dc8", 8), ("dc9", 9)):
        host = f"{name}.{DOMAIN}"
        add_record(sam, host, dnsp.DNS_TYPE_A, f"10.53.1.{last}")
        add_record(sam, host, dnsp.DNS_TYPE_AAAA, f"fd53:1:0:0:0:0:0:{last}")
        for prefix in ("_ldap._tcp.dc._msdcs.", "_ldap._tcp.Branch._sites.dc._msdcs.",
                       "_ldap._tcp.", "_ldap._tcp.Branch._sites."):
            add_srv(sam, prefix + DOMAIN, host, 389)
        for prefix in ("_kerberos._tcp.dc._msdcs.", "_kerberos._tcp.", "_kerberos._udp."):
            add_srv(sam, prefix + DOMAIN, host, 88)


def remove_ipv6(sam):
    """No name has an AAAA record any more."""
    for part in ("DomainDnsZones", "ForestDnsZones"):
        for node in sam.search(f"CN=MicrosoftDNS,DC={part},{BASE}", ldb.SCOPE_SUBTREE,
                               "(objectClass=dnsNode)", ["dnsRecord"]):
            records = list(node.get("dnsRecord", []))
            kept = [r for r in records
                    if ndr_unpack(dnsp.DnssrvRpcRecord, r).wType != dnsp.DNS_TYPE_AAAA]
            if len(kept) < len(records):
                change(sam, node.dn, dnsRecord=kept)


def remove_subnets(sam, missing_ok=False):
    """Clients have no site any more."""
    for subnet in SUBNETS:
        try:
            subnets.delete_subnet(sam, sam.get_config_basedn(), subnet)
        except subnets.SubnetNotFound:
            if not missing_ok:
                raise


def move_subnets(sam):
    """Clients are in another site, sys.argv[2]."""
    remove_subnets(sam, missing_ok=True)
    for subnet in SUBNETS:
        subnets.create_subnet(sam, sam.get_config_basedn(), subnet, sys.argv[2])


def open_sam():
    lp = param.LoadParm()
    lp.load_default()
    return SamDB(url=lp.samdb_url(), session_info=system_session(lp), lp=lp)


def populate(sam):
    secrets = read_secrets()
    add_ous(sam)
    add_users(sam, secrets)
    set_policies(sam)
    delegate_rights(sam)
    for row in COMPUTERS:
        add_computer(sam, secrets, *row)
    add_second_controller(sam)
    add_site(sam)


def main():
    work = {"populate": populate, "deaddc": add_dead_controllers, "noipv6": remove_ipv6,
            "nosite": remove_subnets, "clientsite": move_subnets, "before-dc3": before_dc3, "after-dc3": after_dc3,
            "before-rodc1": before_rodc1, "after-rodc1": after_rodc1}[sys.argv[1]]
    sam = open_sam()
    sam.transaction_start()
    work(sam)
    sam.transaction_commit()


if __name__ == "__main__":
    main()
