/*
 * NetValidateName without its questions to the network: what a name has to look like, for each type
 * of name. [MS-WKST] 3.2.4.16. Whether such a machine or domain exists (52, 1355) is the caller's
 * to ask.
 *
 * The OEM character set of the specification is code page 850 here, which is what Samba takes for
 * names on the wire: letters up to U+00FF are one octet each, others are not in it.
 */
#ifndef JOINERY_MODEL_NAMES_VALIDATE_H
#define JOINERY_MODEL_NAMES_VALIDATE_H

#include "engine/base/err.h"

/* NETSETUP_NAME_TYPE, with its numbers ([MS-WKST] 2.2.3.2). */
enum netsetup_name_type {
    NAME_TYPE_UNKNOWN = 0,
    NAME_TYPE_MACHINE = 1,
    NAME_TYPE_WORKGROUP = 2,
    NAME_TYPE_DOMAIN = 3,
    NAME_TYPE_NONEXISTENT_DOMAIN = 4,
    NAME_TYPE_DNS_MACHINE = 5,
};

/* this_computer: its NetBIOS or DNS name, which a workgroup must not have; NULL = not compared.
 * 0, or -1 with FACT_NAME and
 *   87    NAME_TYPE_UNKNOWN, a number that is no type, name NULL
 *   2695  WORKGROUP: WORKGROUP_NAME_BAD
 *   2351  MACHINE: MACHINE_NAME_BAD; both kinds of domain: NAME_IS_BUILTIN
 *   123   NAME_SYNTAX, 9560 NAME_CHARACTER: DNS_MACHINE and both kinds of domain
 *   9556  NAME_NOT_RFC: NONEXISTENT_DOMAIN */
int name_validate(enum netsetup_name_type type, const char *name, const char *this_computer,
                  struct err *e) MUST_USE;

#endif
