/* One account object as the directory returns it, and what its security descriptor allows. */
#include "engine/account/private.h"

#include <stdlib.h>
#include <string.h>

#include "engine/wire/adattr.h"
#include "engine/wire/secdesc.h"

const char *const account_object_attrs[] = {
    "objectClass",
    "objectGUID",
    "objectSid",
    "sAMAccountName",
    "dNSHostName",
    "servicePrincipalName",
    "userAccountControl",
    "msDS-KeyVersionNumber",
    "msDS-SupportedEncryptionTypes",
    "mS-DS-CreatorSID",
    "whenCreated",
    "pwdLastSet",
    "netbootGUID",
    "nTSecurityDescriptor",
    NULL,
};

int account_answer(const struct dir *d, enum account_op kind, const struct dir_op *op,
                   struct err *e)
{
    if (op->rc == 0)
        return 0;
    return account_explain(kind, op->rc, op->diag, op->base, dir_host(d), e);
}

static bool says_managed(const struct dir_entry *en)
{
    return dir_has_value(en, "objectClass", "msDS-GroupManagedServiceAccount") ||
           dir_has_value(en, "objectClass", "msDS-ManagedServiceAccount");
}

static int64_t read_nttime(const struct dir_entry *en, const char *name)
{
    int64_t v;
    time_t t;
    if (!dir_i64(en, name, &v) || v < 0 || nttime_to_time((uint64_t)v, &t) < 0)
        return 0;
    return t;
}

static void read_sd(struct account_object *o, const struct dir_entry *en,
                    const struct account_facts *f)
{
    struct secdesc sd;
    const struct dir_attr *a = dir_attr(en, "nTSecurityDescriptor");
    if (!a || !a->n || secdesc_parse(&sd, a->vals[0].data, a->vals[0].len) < 0)
        return;
    o->owner = sd.owner;
    o->may_reset = account_may_reset(a->vals[0].data, a->vals[0].len, f->groups, f->n_groups);
}

struct account_object *account_object_new(const struct dir_entry *en, const struct account_facts *f)
{
    struct account_object *o = xcalloc(1, sizeof *o);
    const char *sam = dir_text(en, "sAMAccountName"), *host = dir_text(en, "dNSHostName");
    const char *created = dir_text(en, "whenCreated");
    time_t t;
    o->dn = xstrdup(en->dn);
    o->sam = xstrdup(sam ? sam : "");
    o->dns_host = xstrdup(host ? host : "");
    (void)dir_guid(en, "objectGUID", o->guid);
    (void)dir_sid(en, "objectSid", &o->sid);
    (void)dir_sid(en, "mS-DS-CreatorSID", &o->creator);
    dir_texts(en, "servicePrincipalName", &o->spns);
    (void)dir_u32(en, "userAccountControl", &o->uac);
    o->has_kvno = dir_u32(en, "msDS-KeyVersionNumber", &o->kvno);
    o->has_etypes = dir_u32(en, "msDS-SupportedEncryptionTypes", &o->etypes);
    o->is_managed_service = says_managed(en);
    o->is_computer = dir_has_value(en, "objectClass", CLASS_COMPUTER) && !o->is_managed_service;
    if (created && gentime_to_time(created, &t) == 0)
        o->when_created = t;
    o->has_machine = dir_guid(en, "netbootGUID", o->machine);
    o->pwd_last_set = read_nttime(en, "pwdLastSet");
    if (f)
        read_sd(o, en, f);
    return o;
}

void account_object_free(struct account_object *o)
{
    if (!o)
        return;
    free(o->dn);
    free(o->sam);
    free(o->dns_host);
    strv_free(&o->spns);
    free(o);
}

/* Rights in an access mask ([MS-DTYP] 2.4.3, [MS-ADTS] 5.1.3.2) */
#define RIGHT_EXTENDED    0x00000100u
#define RIGHT_GENERIC_ALL 0x10000000u
#define ACE_INHERIT_ONLY  0x08

/* User-Force-Change-Password, 00299570-246d-11d0-a768-00aa006e0529, as bytes */
static const unsigned char reset_right[GUID_BYTES] = {
    0x70, 0x95, 0x29, 0x00, 0x6d, 0x24, 0xd0, 0x11, 0xa7, 0x68, 0x00, 0xaa, 0x00, 0x6e, 0x05, 0x29};

static bool concerns(const struct ace *a, const struct sid *sids, size_t n)
{
    if ((a->flags & ACE_INHERIT_ONLY) || !(a->mask & (RIGHT_EXTENDED | RIGHT_GENERIC_ALL)))
        return false;
    if (a->has_object && memcmp(a->object, reset_right, GUID_BYTES) != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (sid_equal(&a->trustee, &sids[i]))
            return true;
    }
    return false;
}

enum account_tri account_may_reset(const void *data, size_t len, const struct sid *sids, size_t n)
{
    struct secdesc sd;
    struct ace a;
    size_t pos = 0;
    int rc;
    if (n == 0 || secdesc_parse(&sd, data, len) < 0 || !sd.dacl)
        return ACCOUNT_UNKNOWN;
    /* The first entry that concerns the caller and this right decides ([MS-ADTS] 5.1.3.3.4). */
    while ((rc = secdesc_next_ace(&sd, &pos, &a)) > 0) {
        if (!concerns(&a, sids, n))
            continue;
        if (a.type == ACE_ALLOWED || a.type == ACE_ALLOWED_OBJECT)
            return ACCOUNT_YES;
        if (a.type == ACE_DENIED || a.type == ACE_DENIED_OBJECT)
            return ACCOUNT_NO;
    }
    return rc < 0 ? ACCOUNT_UNKNOWN : ACCOUNT_NO;
}
