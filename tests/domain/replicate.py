#!/usr/bin/python3
"""replicate.py FROM: brings this controller's directory up to date with that of the controller FROM, now. Runs in
this controller's namespaces."""
import sys

from samba import param
from samba.auth import system_session
from samba.credentials import Credentials
from samba.dcerpc import misc
from samba.drs_utils import drs_Replicate
from samba.samdb import SamDB

source = sys.argv[1]
lp = param.LoadParm()
lp.load_default()
creds = Credentials()
creds.guess(lp)
creds.set_machine_account(lp)
here = SamDB(url=lp.samdb_url(), session_info=system_session(lp), credentials=creds, lp=lp, flags=0)
there = SamDB(url="ldap://" + source, session_info=system_session(lp), credentials=creds, lp=lp)
drs = drs_Replicate(f"ncacn_ip_tcp:{source}[seal]", lp, creds, here, misc.GUID(here.get_invocation_id()))
base = str(here.get_default_basedn())
for part in ("CN=Configuration,", "", "DC=DomainDnsZones,", "DC=ForestDnsZones,"):
    # What was just joined takes the DNS zones for complete and would ask for nothing more of them.
    objects, links = drs.replicate(part + base, misc.GUID(there.get_invocation_id()), misc.GUID(here.get_ntds_GUID()),
                                   rodc=here.am_rodc(), full_sync="DnsZones" in part)
    print(f"{part + base}: {objects} objects, {links} links")
