/*
 * Certificates and policies for the package, as far as the directory and local files hold them.
 * What they do not hold is said and not faked: a machine's own certificate is issued by its
 * authority over RPC, and the settings of a group policy lie on the SYSVOL share.
 */
#include "engine/provision/provision.h"

#include <string.h>

#include "engine/apply/unc.h"
#include "engine/offline/package.h"
#include "engine/provision/provision_cas.h"
#include "engine/wire/adattr.h"

#define POLICY_MAX (4u << 20)
#define BUNDLE_MAX (4u << 20)
#define BUNDLE     "/etc/ssl/certs/ca-certificates.crt" /* Debian: ca-certificates */

void provision_parts_free(struct provision_parts *p)
{
    if (p->certificates)
        package_certificates_free(p->certificates);
    if (p->policies)
        package_policies_free(p->policies);
    free(TAKE(p->certificates));
    free(TAKE(p->policies));
}

static int load_roots(struct session *s, struct odj_certificates *part, struct err *e)
{
    struct buf pem = BUF_INIT(BUNDLE_MAX);
    struct err why = {0};
    int r = host_read(s->here, BUNDLE, &pem, &why);
    if (r < 0) {
        err_cause(e, CAUSE_ROOT_CERTIFICATES_MISSING);
        err_fact(e, FACT_FILE, "%s", BUNDLE);
        err_foreign(e, why.src, why.lib, "%s", why.raw);
    } else if ((r = package_roots(part, &pem, e)) < 0) {
        err_fact(e, FACT_FILE, "%s", BUNDLE);
    }
    buf_free(&pem);
    return r;
}

/* "This path could be a UNC path on a remote server": where that share is mounted. */
static int policy_path(struct session *s, const char *path, char **ret, struct err *e)
{
    struct mounts mounts;
    if (path[0] != '\\' || !unc_is(path)) { /* with slashes it is a path like any other */
        *ret = provision_path(path);
        return 0;
    }
    if (mounts_read(s->here, &mounts, e) < 0)
        return -1;
    int r = unc_follow(path, &mounts, ret, e);
    mounts_free(&mounts);
    return r;
}

static int load_policy_file(struct session *s, struct odj_policies *part, const char *path,
                            struct err *e)
{
    struct buf pol = BUF_INIT(POLICY_MAX);
    struct err why = {0};
    AUTOFREE char *whole = NULL;
    if (policy_path(s, path, &whole, e) < 0)
        return -1;
    int r = host_read(s->here, whole, &pol, &why);
    if (r < 0) {
        err_cause(e, CAUSE_POLICY_FILE_UNREADABLE);
        err_foreign(e, why.src, why.lib, "%s", why.raw);
    } else {
        r = package_policy(part, whole, &pol, e);
    }
    if (r < 0)
        err_fact(e, FACT_FILE, "%s", path);
    buf_free(&pol);
    return r;
}

/* A group policy by its display name or its {GUID}. Always -1: the directory has its name only. */
static int refuse_policy(struct session *s, const char *name, struct err *e)
{
    static const char *const attrs[] = {"gPCFileSysPath", "displayName", NULL};
    AUTOFREE char *value = filter_escape(name);
    AUTOFREE char *filter =
        xasprintf("(&(objectClass=groupPolicyContainer)(|(displayName=%s)(cn=%s)))", value, value);
    AUTOFREE char *base = xasprintf("CN=Policies,CN=System,%s", s->root_dse.default_nc);
    struct dir_op op = {.kind = DIR_SEARCH,
                        .base = base,
                        .scope = DIR_ONE,
                        .filter = filter,
                        .attrs = attrs,
                        .limit = 1};
    if (dir_run1(s->dir, &op, e) == 0) {
        const char *share = op.n_entries ? dir_text(&op.entries[0], "gPCFileSysPath") : NULL;
        err_cause(e, op.n_entries ? CAUSE_POLICY_NOT_IN_DIRECTORY : CAUSE_POLICY_UNKNOWN);
        err_fact(e, FACT_NAME, "%s", name);
        if (share)
            err_fact(e, FACT_FILE, "%s\\Machine\\Registry.pol", share);
    }
    dir_op_free(&op);
    return -1;
}

static int load_certificates(struct session *s, struct odj_certificates *part, struct err *e)
{
    struct strv templates = {0};
    int r = 0;
    settings_list(s->s, OPT_OFFLINE_CERTIFICATE_TEMPLATES, &templates);
    if (templates.n)
        r = provision_template_chains(s, &templates, part, e);
    else if (settings_bool(s->s, OPT_FLAG_PROVISION_ROOT_CA_CERTS))
        r = load_roots(s, part, e);
    strv_free(&templates);
    return r;
}

static int load_policies(struct session *s, struct odj_policies *part, struct err *e)
{
    struct strv names = {0}, files = {0};
    int r = 0;
    settings_list(s->s, OPT_OFFLINE_POLICIES, &names);
    settings_list(s->s, OPT_OFFLINE_POLICY_FILES, &files);
    if (names.n)
        r = refuse_policy(s, names.s[0], e);
    for (size_t i = 0; r == 0 && i < files.n; i++)
        r = load_policy_file(s, part, files.s[i], e);
    strv_free(&names);
    strv_free(&files);
    return r;
}

int provision_parts_load(struct session *s, struct provision_parts *ret, struct err *e)
{
    *ret = (struct provision_parts){
        .certificates = xcalloc(1, sizeof *ret->certificates),
        .policies = xcalloc(1, sizeof *ret->policies),
    };
    if (load_certificates(s, ret->certificates, e) < 0 || load_policies(s, ret->policies, e) < 0) {
        provision_parts_free(ret);
        return -1;
    }
    if (!ret->certificates->n_stores && !ret->certificates->n_pfx)
        free(TAKE(ret->certificates));
    if (!ret->policies->n)
        free(TAKE(ret->policies));
    return 0;
}

bool provision_certificate_later(const struct settings *s, struct err *notice)
{
    if (!*settings_get(s, OPT_OFFLINE_CERTIFICATE_TEMPLATES))
        return false;
    err_cause(notice, CAUSE_CERTIFICATE_LATER);
    err_fact(notice, FACT_NAME, "%s", settings_get(s, OPT_OFFLINE_CERTIFICATE_TEMPLATES));
    return true;
}
