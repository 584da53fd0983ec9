/* What this machine is to become, as plain data for the planning of its files. */
#ifndef JOINERY_CONF_SETTINGS_H
#define JOINERY_CONF_SETTINGS_H

#include <stdbool.h>

#include "engine/base/strv.h"

enum host_identity { HOST_IDENTITY_SSSD, HOST_IDENTITY_NONE, HOST_IDENTITY_WINBIND };

/* Strings are borrowed for the time of the call. NULL and "" mean "not given". */
struct host_settings {
    const char *domain;            /* DNS name, lower case */
    const char *realm;             /* upper case */
    const char *netbios;           /* the domain's NetBIOS name */
    const char *computer;          /* the machine's NetBIOS name, without "$" */
    const char *short_name, *fqdn; /* host name and full name the machine is to have */
    enum host_identity identity;
    struct strv login; /* domain groups that may log in: Group, CORP\Group or Group@domain; none =
                          everybody */
    struct strv administrators; /* domain groups that may use sudo */
    bool home_dirs;             /* make home directories at the first login (pam_mkhomedir) */
    bool full_names;            /* user@domain instead of bare names */
    const char *home_pattern;   /* default "/home/%u", with full_names "/home/%u@%d" */
    const char *shell;          /* default /bin/bash */
    bool time_from_domain;
    const char *preferred_dc;  /* recorded in sssd.conf before the SRV records (without an identity
                                * service:  as the realm's KDC in krb5.conf); NULL = not recorded */
    const char *site;          /* only when the person chose it */
    struct strv controllers;   /* time sources when time_from_domain; none = the domain's name */
    struct strv kdc_addresses; /* seed of SSSD's locator cache; none = not seeded */
    bool set_hostname;         /* write hostname and hosts, and set the running name */
    bool keep_running_name;    /* the running name waits for the restart */
    bool dns_update;           /* SSSD keeps the DNS record up to date */
    bool enable_services;      /* at the next boot */
    bool restart_services;     /* now; live only */
    bool run_pam_tool;
    const char *former_name; /* of the image: its entry in the hosts file goes; NULL: names stay */
    bool foreign_disk; /* the system may be a copy of another one: caches and secrets of memberships
                        * that its files do not speak of are removed */
};

#endif
