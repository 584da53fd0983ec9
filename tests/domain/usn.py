#!/usr/bin/python3
"""usn.py DIR CONTROLLER[=USN]... : each controller's highest committed USN, from its own database, opened beside it.
With =USN, what clients have written there since then: controller, attribute and DN a line. Left out is what came by
replication, and what is kept on one controller only (lastLogon, logonCount), which has no USN."""
import os
import re
import sys

import ldb
from samba import param
from samba.auth import system_session
from samba.dcerpc import drsblobs
from samba.ndr import ndr_unpack
from samba.samdb import SamDB


def open_sam(home):
    lp = param.LoadParm()
    lp.load(home + "/etc/smb.conf")
    os.unsetenv("SMB_CONF_PATH")  # which that sets
    for key in ("state directory", "cache directory", "lock directory"):
        lp.set(key, home + "/lib")
    lp.set("private dir", home + "/lib/private")
    return SamDB(url=home + "/lib/private/sam.ldb", session_info=system_session(lp), lp=lp)


def highest(sam):
    return int(sam.search("", ldb.SCOPE_BASE, attrs=["highestCommittedUSN"])[0]["highestCommittedUSN"][0])


def written_since(sam, since):
    """(attribute, DN) rows, links included."""
    own = sam.get_invocation_id()
    link = re.compile(r"<RMD_INVOCID=(?P<where>[^>]*)>;<RMD_LOCAL_USN=(?P<usn>[0-9]*)>")
    controls = ["show_recycled:1", "domain_scope:1", "reveal_internals:0", "extended_dn:1:1"]
    for part in sam.search("", ldb.SCOPE_BASE, attrs=["namingContexts"])[0]["namingContexts"]:
        for found in sam.search(str(part), ldb.SCOPE_SUBTREE, f"(uSNChanged>={since + 1})",
                                ["*", "replPropertyMetaData"], controls):
            dn = found.dn.extended_str(1).rpartition(">;")[2]
            for row in ndr_unpack(drsblobs.replPropertyMetaDataBlob, found["replPropertyMetaData"][0]).ctr.array:
                if row.local_usn > since and str(row.originating_invocation_id) == own:
                    yield sam.get_lDAPDisplayName_by_attid(row.attid), dn
            for name in set(found) - {"dn"}:
                seen = [link.search(str(value)) for value in found[name] if b"<RMD_" in value]
                if any(at and int(at["usn"]) > since and at["where"] == own for at in seen):
                    yield name, dn


for word in sys.argv[2:]:
    name, _, usn = word.partition("=")
    directory = open_sam(f"{sys.argv[1]}/{'dc' if name == 'dc1' else name}")
    if usn:
        for attribute, dn in written_since(directory, int(usn)):
            print(name, attribute, dn)
    else:
        print(name, highest(directory))
