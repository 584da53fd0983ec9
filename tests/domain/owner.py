#!/usr/bin/python3
"""owner.py COMPUTER ACCOUNT: prints `same` if ACCOUNT owns COMPUTER's object. Needs a ticket."""
import os
import sys

import ldb
from samba import credentials, param
from samba.dcerpc import security
from samba.ndr import ndr_unpack
from samba.samdb import SamDB

lp = param.LoadParm()
creds = credentials.Credentials()
creds.guess(lp)
creds.set_kerberos_state(credentials.MUST_USE_KERBEROS)
sam = SamDB(url="ldap://" + os.environ["JT_DC"], credentials=creds, lp=lp)


def find(account, attribute, controls):
    found = sam.search(sam.get_default_basedn(), ldb.SCOPE_SUBTREE, f"(sAMAccountName={account})",
                       [attribute], controls)
    return found[0][attribute][0]


descriptor = ndr_unpack(security.descriptor,
                        find(sys.argv[1], "nTSecurityDescriptor", ["sd_flags:1:1"]))
sid = ndr_unpack(security.dom_sid, find(sys.argv[2], "objectSid", []))
print("same" if descriptor.owner_sid == sid else f"owner {descriptor.owner_sid}, not {sid}")
