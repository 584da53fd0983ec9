/* Which packages the target lacks for a membership, and the command that installs them. Never
 * installs. */
#ifndef JOINERY_CONF_PACKAGES_H
#define JOINERY_CONF_PACKAGES_H

#include "engine/host/host.h"

struct package_report {
    struct strv missing; /* package names of this distribution */
    char *command;       /* "apt install sssd-ad libnss-sss"; NULL when nothing is missing */
    char *os_id;         /* ID of os-release, "" when unknown */
};

struct package_needs {
    bool sssd;
    bool winbind;
    bool sudo;
};

int packages_probe(struct host *h, const struct package_needs *needs, struct package_report *ret,
                   struct err *e) MUST_USE;
void package_report_free(struct package_report *r);

#endif
