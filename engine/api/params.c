/* What is refused by looking at the parameters alone, and how they become answers. */
#include "engine/api/private.h"

#include <string.h>
#include <unistd.h>

#include "engine/flow/membership.h"
#include "engine/model/settings_flags.h"
#include "engine/wire/dn.h"

static int bad_parameter(struct err *e, enum opt o, const char *needs)
{
    err_fact(e, FACT_OPTION, "%s.%s", opt_row(o)->section, opt_row(o)->key);
    err_fact(e, FACT_NEEDS, "%s", needs);
    return err_cause(e, CAUSE_CONFIG_VALUE);
}

/* `name` is `full`, or its first label. */
static bool is_name(const char *name, const char *full)
{
    size_t label = strcspn(full, ".");
    AUTOFREE char *first = xstrndup(full, label);
    return *full && (str_ieq(name, full) || str_ieq(name, first));
}

/* By the names that the system has: its host name, and the one it has as a member. */
static bool names_us(const char *name, const char *host, const struct membership *m)
{
    if (is_name(name, host))
        return true;
    return m->state == MEMBER_DOMAIN &&
           ((m->rec.fqdn && is_name(name, m->rec.fqdn)) || str_ieq(name, m->rec.computer));
}

int api_check_server(const char *server, struct err *e)
{
    if (str_empty(server))
        return 0;
    const char *name = server + strspn(server, "\\");
    if (str_eq(name, ".") || str_ieq(name, "localhost") || str_eq(name, "127.0.0.1") ||
        str_eq(name, "::1"))
        return 0;
    AUTOFREE char *root = api_root();
    AUTOFREE char *host = NULL;
    struct membership m = {0};
    struct host *h;
    struct err ignored = {0};
    if (host_linux_open(root, &h, e) < 0)
        return -1;
    bool ours = host_get_hostname(h, &host, &ignored) == 0;
    (void)!membership_load(h, &m, &ignored);
    ours = ours && names_us(name, host, &m);
    membership_free(&m);
    host_close(h);
    if (ours)
        return 0;
    err_fact(e, FACT_SERVER, "%s", server);
    if (host)
        err_fact(e, FACT_NAME, "%s", host);
    return err_cause(e, CAUSE_SERVER_NOT_HERE);
}

int api_set(struct api_call *c, enum opt o, const char *value)
{
    if (!value)
        value = "";
    if (!utf8_valid(value, strlen(value)))
        return bad_parameter(&c->err, o, "UTF-8");
    return settings_set(&c->s, o, value, ORIGIN_SET, &c->err);
}

/* No flag of another operation may stay behind from the standing answers. */
static void only_flags_of(struct settings *s, unsigned ops)
{
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        if (f->ops & ops)
            continue;
        free(s->value[f->opt]);
        s->value[f->opt] = xstrdup(opt_row(f->opt)->def);
        s->origin[f->opt] = ORIGIN_DEFAULT;
    }
}

int api_answers(struct api_call *c, const char *operation, unsigned ops, uint32_t mask)
{
    AUTOFREE char *ini = api_config();
    if (ini && settings_load_ini(&c->s, ini, strlen(ini), ORIGIN_FILE, &c->err) < 0)
        return -1;
    only_flags_of(&c->s, ops);
    settings_set_flags(&c->s, ops, mask);
    return settings_set(&c->s, OPT_OPERATION, operation, ORIGIN_SET, &c->err);
}

int api_credentials(struct api_call *c, const char *account, const char *password)
{
    bool passed = settings_bool(&c->s, OPT_FLAG_MACHINE_PWD_PASSED);
    size_t len = password ? strlen(password) : 0;
    if (api_set(c, OPT_ACCOUNT, account) < 0)
        return -1;
    if (len && !utf8_valid(password, len))
        return bad_parameter(&c->err, OPT_PASSWORD_FILE, "UTF-8");
    if (len && str_empty(account) && !passed)
        return err_cause(&c->err, CAUSE_PASSWORD_WITHOUT_ACCOUNT);
    if (!len && !str_empty(account) && str_empty(settings_get(&c->s, OPT_KEYTAB)))
        return err_cause(&c->err, passed ? CAUSE_ACCOUNT_UNUSED : CAUSE_PASSWORD_MISSING);
    /* More bytes than 256 units of UTF-16 can have in UTF-8. */
    if (len > SECRET_MAX)
        return err_cause(&c->err, passed ? CAUSE_MACHINE_PASSWORD_BAD : CAUSE_PASSWORD_TOO_LONG);
    if (password && secret_set(&c->s.password, password, len) < 0)
        return err_cause(&c->err, CAUSE_OUT_OF_MEMORY);
    return settings_check_password(&c->s, &c->err);
}

int api_check_ou(struct api_call *c, const char *ou)
{
    if (str_empty(ou) || dn_depth(ou) > 0)
        return 0;
    err_fact(&c->err, FACT_OU, "%s", ou);
    return err_cause(&c->err, CAUSE_OU_MALFORMED);
}
