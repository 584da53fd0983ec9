/* The fields of provisioning data in words. */
#include <stdio.h>
#include <string.h>

#include "ui/cli/show.h"
#include "ui/i18n/i18n.h"

/* [MS-NRPC] 2.2.1.2.1, DsGetDcName */
static const struct sheet_flag dc_flags[] = {
    {0x00000001, "DS_PDC_FLAG"},
    {0x00000004, "DS_GC_FLAG"},
    {0x00000008, "DS_LDAP_FLAG"},
    {0x00000010, "DS_DS_FLAG"},
    {0x00000020, "DS_KDC_FLAG"},
    {0x00000040, "DS_TIMESERV_FLAG"},
    {0x00000080, "DS_CLOSEST_FLAG"},
    {0x00000100, "DS_WRITABLE_FLAG"},
    {0x00000200, "DS_GOOD_TIMESERV_FLAG"},
    {0x00000400, "DS_NDNC_FLAG"},
    {0x00000800, "DS_SELECT_SECRET_DOMAIN_6_FLAG"},
    {0x00001000, "DS_FULL_SECRET_DOMAIN_6_FLAG"},
    {0x00002000, "DS_WS_FLAG"},
    {0x00004000, "DS_DS_8_FLAG"},
    {0x00008000, "DS_DS_9_FLAG"},
    {0x00010000, "DS_DS_10_FLAG"},
    {0x00020000, "DS_KEY_LIST_FLAG"},
    {0x20000000, "DS_DNS_CONTROLLER_FLAG"},
    {0x40000000, "DS_DNS_DOMAIN_FLAG"},
    {0x80000000, "DS_DNS_FOREST_FLAG"},
};
static const struct sheet_flag provision_flags[] = {
    {0x00000001, "NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT"},
    {0x00000002, "NETSETUP_PROVISION_REUSE_ACCOUNT"},
    {0x00000004, "NETSETUP_PROVISION_USE_DEFAULT_PASSWORD"},
    {0x00000008, "NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH"},
    {0x00000010, "NETSETUP_PROVISION_ROOT_CA_CERTS"},
    {0x00000020, "NETSETUP_PROVISION_PERSISTENTSITE"},
    {0x40000000, "NETSETUP_PROVISION_ONLINE_CALLER"},
    {0x80000000, "NETSETUP_PROVISION_CHECK_PWD_ONLY"},
};
static const struct sheet_flag part_flags[] = {
    {ODJ_ESSENTIAL, "OPSPI_PACKAGE_PART_ESSENTIAL"},
};
static const struct sheet_flag names_flags[] = {
    {ODJ_PERSISTENT_SITE, "OP_JP2_FLAG_PERSISTENTSITE"},
};

static void show_guid(struct sheet *s, const char *key, const char *label,
                      const unsigned char guid[GUID_BYTES])
{
    char text[GUID_TEXT_MAX];
    sheet_text(s, key, label, guid_to_text(guid, text));
}

/* Characters, counted as UTF-8 has them. */
static size_t characters(const struct secret *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->len; i++)
        n += (p->data[i] & 0xc0) != 0x80;
    return n;
}

/* Whether there is one, how long, and whether anybody could guess it: never itself. */
static void show_password(struct sheet *s, const struct odj_join *j)
{
    const struct secret *p = &j->password;
    bool usual = odj_password_is_default(j);
    size_t n = characters(p);
    if (s->json) {
        sheet_words(s, "password", "", !p->data ? NULL : n ? "set" : "empty", "");
        sheet_number(s, "password_characters", "", n);
        sheet_bool(s, "password_is_default", "", usual);
        return;
    }
    AUTOFREE char *count =
        xasprintf(P_("set, %lu character", "set, %lu characters", n), (unsigned long)n);
    AUTOFREE char *words =
        xasprintf("%s%s",
                  !p->data ? _("none")
                  : n      ? count
                           : _("empty"),
                  usual ? _("; the default password, which anybody can guess") : "");
    sheet_words(s, "password", N_("Machine password"), NULL, words);
}

static void show_domain(struct sheet *s, const struct odj_join *j)
{
    char sid[SID_TEXT_MAX];
    sheet_text(s, "domain", N_("Domain, as asked for"), j->domain);
    sheet_text(s, "machine", N_("Computer name"), j->machine);
    show_password(s, j);
    sheet_text(s, "netbios_domain", N_("Short name of the domain"), j->netbios_domain);
    sheet_text(s, "dns_domain", N_("DNS name of the domain"), j->dns_domain);
    sheet_text(s, "dns_forest", N_("DNS name of the forest"), j->dns_forest);
    show_guid(s, "domain_guid", N_("GUID of the domain"), j->domain_guid);
    sheet_text(s, "domain_sid", N_("SID of the domain"),
               sid_is_set(&j->domain_sid) ? sid_to_text(&j->domain_sid, sid) : NULL);
}

static void show_controller(struct sheet *s, const struct odj_join *j)
{
    char kind[16];
    snprintf(kind, sizeof kind, "%u", (unsigned)j->dc_address_type);
    sheet_text(s, "controller", N_("Domain controller"), j->dc_name);
    sheet_text(s, "controller_address", N_("Its address"), j->dc_address);
    sheet_words(s, "controller_address_type", N_("Kind of address"), kind,
                j->dc_address_type == 1   ? "IP (DS_INET_ADDRESS)"
                : j->dc_address_type == 2 ? "NetBIOS (DS_NETBIOS_ADDRESS)"
                                          : kind);
    show_guid(s, "controller_domain_guid", N_("GUID of its domain"), j->dc_domain_guid);
    sheet_text(s, "controller_domain", N_("Its domain"), j->dc_domain);
    sheet_text(s, "controller_forest", N_("Its forest"), j->dc_forest);
    sheet_flags(s, "controller_flags", N_("Its flags"), j->dc_flags, dc_flags,
                ARRAY_SIZE(dc_flags));
    sheet_text(s, "controller_site", N_("Its site"), j->dc_site);
    sheet_text(s, "client_site", N_("Site of who asked"), j->client_site);
    sheet_flags(s, "options", N_("Flags of provisioning"), j->options, provision_flags,
                ARRAY_SIZE(provision_flags));
}

static bool same_text(const char *a, const char *b)
{
    return str_eq(a, b);
}

/* The package repeats what the Windows 7 data says; people need not read it twice. */
static bool same_join(const struct odj_join *a, const struct odj_join *b)
{
    bool same_secret =
        (!a->password.data && !b->password.data) ||
        (a->password.data && b->password.data && secret_equal(&a->password, &b->password));
    bool same_sid = !sid_is_set(&a->domain_sid) ? !sid_is_set(&b->domain_sid)
                                                : sid_equal(&a->domain_sid, &b->domain_sid);
    return same_secret && same_sid && same_text(a->domain, b->domain) &&
           same_text(a->machine, b->machine) && same_text(a->netbios_domain, b->netbios_domain) &&
           same_text(a->dns_domain, b->dns_domain) && same_text(a->dns_forest, b->dns_forest) &&
           same_text(a->dc_name, b->dc_name) && same_text(a->dc_address, b->dc_address) &&
           same_text(a->dc_domain, b->dc_domain) && same_text(a->dc_forest, b->dc_forest) &&
           same_text(a->dc_site, b->dc_site) && same_text(a->client_site, b->client_site) &&
           !memcmp(a->domain_guid, b->domain_guid, GUID_BYTES) &&
           !memcmp(a->dc_domain_guid, b->dc_domain_guid, GUID_BYTES) &&
           a->dc_address_type == b->dc_address_type && a->dc_flags == b->dc_flags &&
           a->options == b->options;
}

static const struct odj_join *first_join(const struct odj *o)
{
    return o->n && o->blobs[0].format == ODJ_FORMAT_WIN7 ? &o->blobs[0].u.join : NULL;
}

static void show_join(struct sheet *s, const struct odj *o, const struct odj_join *j)
{
    const struct odj_join *first = first_join(o);
    if (!s->json && first && first != j && same_join(first, j)) {
        sheet_words(s, "same", N_("Contents"), NULL, _("the same as the Windows 7 data above"));
        return;
    }
    show_domain(s, j);
    show_controller(s, j);
}

static void show_names(struct sheet *s, const struct odj_names *n)
{
    sheet_flags(s, "names_flags", N_("Flags of the names"), n->flags, names_flags,
                ARRAY_SIZE(names_flags));
    sheet_text(s, "netbios_name", N_("NetBIOS name"), n->netbios_name);
    sheet_text(s, "site", N_("Site"), n->site);
    sheet_text(s, "primary_dns_domain", N_("Primary DNS domain"), n->primary_dns_domain);
    sheet_number(s, "reserved", N_("Reserved number"), n->reserved);
    sheet_text(s, "reserved_text", N_("Reserved text"), n->reserved_text);
}

static void show_account(struct sheet *s, const struct odj_part *p)
{
    sheet_number(s, "rid", N_("RID of the account"), p->u.account.rid);
    sheet_text(s, "sid", N_("SID of the account"), p->u.account.sid);
    if (p->kind == ODJ_ACCOUNT_GUID)
        show_guid(s, "object_guid", N_("GUID of the account"), p->u.account.guid);
}

static void show_part(struct sheet *s, const struct odj *o, const struct odj_part *p, size_t index)
{
    bool unknown = p->kind == ODJ_UNKNOWN, essential = p->flags & ODJ_ESSENTIAL;
    char guid[GUID_TEXT_MAX];
    guid_to_text(p->type, guid);
    const char *name = unknown ? _("unknown") : odj_kind_name(p->kind);
    AUTOFREE char *title = xasprintf(_("Part %zu of the package: %s"), index + 1, name);
    sheet_open(s, "part", title);
    if (s->json) {
        sheet_number(s, "part", "", index);
        sheet_words(s, "name", "", unknown ? NULL : name, "");
        sheet_bool(s, "essential", "", essential);
    }
    sheet_text(s, "type", N_("Kind"), guid);
    sheet_flags(s, "flags", N_("Flags of the part"), p->flags, part_flags, ARRAY_SIZE(part_flags));
    if (p->extension.len || s->json)
        sheet_bytes(s, "extension_bytes", N_("Extension"), p->extension.len);
    if (p->kind == ODJ_JOIN)
        show_join(s, o, &p->u.join);
    else if (p->kind == ODJ_NAMES)
        show_names(s, &p->u.names);
    else if (p->kind == ODJ_ACCOUNT || p->kind == ODJ_ACCOUNT_GUID)
        show_account(s, p);
    else if (unknown) {
        sheet_bytes(s, "bytes", N_("Contents"), p->u.unknown.len);
        sheet_words(s, "treated", N_("What becomes of it"), essential ? "fatal" : "skipped",
                    essential ? _("it is essential and not known here: nothing can be applied")
                              : _("passed over"));
    } else if (p->kind == ODJ_POLICIES) {
        sheet_number(s, "lists", N_("Policy files"), p->u.policies.n);
    } else {
        sheet_number(s, "pfx_stores", N_("Certificates with keys"), p->u.certificates.n_pfx);
        sheet_number(s, "stores", N_("Stores of certificates"), p->u.certificates.n_stores);
    }
    sheet_close(s);
    if (p->kind == ODJ_POLICIES)
        show_policies(s, &p->u.policies);
    else if (p->kind == ODJ_CERTIFICATES)
        show_certificates(s, &p->u.certificates);
}

static void show_package(struct sheet *s, const struct odj *o, const struct odj_package *p)
{
    sheet_open(s, "package", _("Package (Windows 8 and later)"));
    sheet_number(s, "parts", N_("Parts"), p->n);
    if (p->context.len || p->extension.len || p->parts_extension.len || p->decrypted_size ||
        s->json) {
        sheet_bytes(s, "encryption_context_bytes", N_("Encryption context"), p->context.len);
        sheet_bytes(s, "extension_bytes", N_("Extension"), p->extension.len);
        sheet_bytes(s, "parts_extension_bytes", N_("Extension of the parts"),
                    p->parts_extension.len);
        sheet_number(s, "decrypted_size", N_("Size when decrypted"), p->decrypted_size);
    }
    sheet_close(s);
    for (size_t i = 0; i < p->n; i++)
        show_part(s, o, &p->parts[i], i);
}

void show_data(struct sheet *s, const struct odj *o)
{
    for (size_t i = 0; i < o->n; i++) {
        const struct odj_blob *b = &o->blobs[i];
        if (b->format == ODJ_FORMAT_WIN8) {
            show_package(s, o, &b->u.package);
            continue;
        }
        bool known = b->format == ODJ_FORMAT_WIN7;
        sheet_open(s, known ? "join" : "unknown",
                   known ? _("Data for Windows 7 and later") : _("Data of an unknown format"));
        if (known) {
            show_join(s, o, &b->u.join);
        } else {
            sheet_number(s, "format", N_("Format"), b->format);
            sheet_bytes(s, "bytes", N_("Contents"), b->u.bytes.len);
        }
        sheet_close(s);
    }
}
