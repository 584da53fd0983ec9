#!/usr/bin/python3
"""replicate.py FROM: has this controller bring its directory up to date with that of the controller FROM, now. Runs in
this controller's namespaces."""
import shlex
import sys
from pathlib import Path

import ldb
from samba import credentials, param
from samba.auth import system_session
from samba.dcerpc import drsuapi
from samba.drs_utils import drsException, drsuapi_connect, sendDsReplicaSync
from samba.samdb import SamDB

lp = param.LoadParm()
lp.load_default()
text = Path(__file__).with_name("secrets").read_text(encoding="utf-8")
creds = credentials.Credentials()
creds.guess(lp)
creds.set_username("Administrator")
creds.set_password(dict(word.split("=", 1) for word in shlex.split(text, comments=True))["ADMIN_PASSWORD"])
creds.set_kerberos_state(credentials.MUST_USE_KERBEROS)  # a read-only controller knows no administrator's password
sam = SamDB(url=lp.samdb_url(), session_info=system_session(lp), lp=lp)
base = str(sam.get_default_basedn())
found = sam.search("CN=Sites,CN=Configuration," + base, ldb.SCOPE_SUBTREE, f"(dNSHostName={sys.argv[1]})", [])
source = sam.search("CN=NTDS Settings," + str(found[0].dn), ldb.SCOPE_BASE, attrs=["objectGUID"])
source_guid = sam.schema_format_value("objectGUID", source[0]["objectGUID"][0])
pipe, handle, _ = drsuapi_connect(sam.host_dns_name(), lp, creds)
for part in ("CN=Configuration,", "", "DC=DomainDnsZones,", "DC=ForestDnsZones,"):
    for left in range(4, -1, -1):
        try:
            sendDsReplicaSync(pipe, handle, source_guid, part + base, drsuapi.DRSUAPI_DRS_WRIT_REP)
            break
        except drsException as e:
            # A controller that was started again has forgotten the connection that this one still holds to it.
            if not left or "WERR_NETNAME_DELETED" not in str(e):
                raise
