/* What stands for or against provisioning at this controller. */
#include "engine/provision/provision.h"

#include "engine/wire/adattr.h"

#define LEVEL_2003 2u /* domainControllerFunctionality, [MS-ADTS] 3.1.1.3.2.25 */
#define LEVEL_2008 3u
#define MADE_MAX   1000 /* counted */

void provision_policy_of(const struct settings *s, struct account_policy *p)
{
    bool reuse = settings_bool(s, OPT_FLAG_PROVISION_REUSE_ACCOUNT);
    *p = (struct account_policy){
        .acct_create = true,
        .no_reuse_asked = !reuse,
        .admin_may_reuse = reuse,
        .override_reuse = settings_bool(s, OPT_REUSE_OVERRIDE),
        .etypes = PROVISION_ETYPES,
        .description = settings_get(s, OPT_DESCRIPTION),
    };
}

static bool controller_named(const struct settings *s)
{
    AUTOFREE char *domain = NULL;
    AUTOFREE char *controller = NULL;
    name_split_domain(settings_get(s, OPT_DOMAIN), &domain, &controller);
    return *controller || *settings_get(s, OPT_CONTROLLER);
}

/* For a named controller that cannot be found or heard the page has a code of its own. */
static void blame_controller(const struct settings *s, struct err *e)
{
    if (!controller_named(s) ||
        (e->cause != CAUSE_CONTROLLER_UNRESOLVED && e->cause != CAUSE_CONTROLLER_SILENT))
        return;
    e->cause = CAUSE_CONTROLLER_NOT_VALIDATED;
    e->code = cause_code(e->cause);
}

static int refuse(struct session *s, enum cause cause, struct err *e)
{
    err_cause(e, cause);
    err_fact(e, FACT_SERVER, "%s", session_dc(s)->host);
    return -1;
}

int provision_check_controller(struct session *s, struct err *e)
{
    return session_dc(s)->flags & DS_LDAP ? 0 : refuse(s, CAUSE_CONTROLLER_WITHOUT_LDAP, e);
}

int provision_check_version(struct session *s, struct err *e)
{
    uint32_t level = s->root_dse.dc_level;
    if (level < LEVEL_2003 && *settings_get(s->s, OPT_OU))
        return refuse(s, CAUSE_OU_NOT_BY_CONTROLLER, e);
    return level < LEVEL_2008 ? refuse(s, CAUSE_CONTROLLER_TOO_OLD, e) : 0;
}

int provision_connect(struct session *s, struct err *e)
{
    if (locate_domain(s, e) < 0) {
        blame_controller(s->s, e);
        return -1;
    }
    if (provision_check_controller(s, e) < 0 || log_in(s, e) < 0)
        return -1;
    return provision_check_version(s, e);
}

/* How many accounts were made by privilege by this user; -1 when that cannot be read. */
static int accounts_made(struct session *s)
{
    static const char *const none[] = {"1.1", NULL};
    unsigned char raw[SID_BYTES_MAX];
    size_t len = sid_to_bytes(&s->facts.user, raw);
    AUTOFREE char *value = filter_escape_bytes(raw, len);
    AUTOFREE char *filter = xasprintf("(&(objectClass=computer)(mS-DS-CreatorSID=%s))", value);
    struct dir_op op = {.kind = DIR_SEARCH,
                        .base = s->root_dse.default_nc,
                        .scope = DIR_SUB,
                        .filter = filter,
                        .attrs = none,
                        .limit = MADE_MAX};
    struct err ignored = {0};
    int n = dir_run1(s->dir, &op, &ignored) == 0 && op.rc == 0 ? (int)op.n_entries : -1;
    dir_op_free(&op);
    return n;
}

void provision_explain_quota(struct session *s, struct err *e)
{
    if (e->cause != CAUSE_NO_CREATE_RIGHT_QUOTA && e->cause != CAUSE_QUOTA_UNREADABLE)
        return;
    int made = sid_is_set(&s->facts.user) ? accounts_made(s) : -1;
    err_fact(e, FACT_ACCOUNT, "%s", kerb_cred_principal(s->user));
    if (s->facts.has_quota)
        err_fact(e, FACT_LIMIT, "%u", (unsigned)s->facts.quota);
    if (made >= 0)
        err_fact(e, FACT_USED, "%d", made);
}
