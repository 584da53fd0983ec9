/* The calls that only ask. */
#include "engine/api/private.h"

#include <string.h>

#include "engine/flow/membership.h"
#include "engine/model/names_validate.h"

static int missing(struct api_call *c, const char *what)
{
    err_fact(&c->err, FACT_OPTION, "%s", what);
    return err_cause(&c->err, CAUSE_NAME_MISSING);
}

static int join_information(struct api_call *c, const char *server, const char **name,
                            uint16_t *type)
{
    AUTOFREE char *root = api_root();
    struct membership m = {0};
    struct host *h;
    if (!name || !type)
        return missing(c, !name ? "name_buffer" : "name_type");
    *name = NULL;
    *type = NetSetupUnknownStatus;
    if (api_check_server(server, &c->err) < 0 || host_linux_open(root, &h, &c->err) < 0)
        return -1;
    int r = membership_load(h, &m, &c->err);
    host_close(h);
    if (r == 0) {
        static const uint16_t types[] = {
            [MEMBER_NONE] = NetSetupUnjoined,
            [MEMBER_WORKGROUP] = NetSetupWorkgroupName,
            [MEMBER_DOMAIN] = NetSetupDomainName,
        };
        const char *text = "";
        if (m.state == MEMBER_DOMAIN)
            text = str_empty(m.rec.netbios) ? m.rec.domain : m.rec.netbios;
        else if (m.state == MEMBER_WORKGROUP)
            text = m.workgroup;
        *type = types[m.state];
        *name = xstrdup(text ? text : "");
    }
    membership_free(&m);
    return r;
}

NET_API_STATUS NetGetJoinInformation(const char *server, const char **name_buffer,
                                     uint16_t *name_type)
{
    struct api_call c;
    api_begin(&c);
    (void)!join_information(&c, server, name_buffer, name_type);
    return api_end(&c);
}

static void take_ous(void *arg, struct engine_msg *m)
{
    struct strv *dns = arg;
    for (size_t i = 0; m->kind == MSG_OUS && i < m->u.ous.n; i++) {
        if (m->u.ous.list[i].may_create && m->u.ous.list[i].is_ou)
            strv_add(dns, m->u.ous.list[i].dn);
    }
}

static int not_on_a_controller(struct api_call *c)
{
    AUTOFREE char *root = api_root();
    struct host *h;
    if (host_linux_open(root, &h, &c->err) < 0)
        return -1;
    bool controller = membership_is_controller(h);
    host_close(h);
    return controller ? err_cause(&c->err, CAUSE_MACHINE_IS_DC) : 0;
}

/* Pointers and texts in one block, so that one call frees it. */
static const char **one_block(const struct strv *v)
{
    size_t size = (v->n + 1) * sizeof(char *);
    for (size_t i = 0; i < v->n; i++)
        size += strlen(v->s[i]) + 1;
    const char **list = xcalloc(1, size);
    char *text = (char *)(list + v->n + 1);
    for (size_t i = 0; i < v->n; i++) {
        size_t len = strlen(v->s[i]) + 1;
        list[i] = memcpy(text, v->s[i], len);
        text += len;
    }
    return list;
}

static int joinable_ous(struct api_call *c, const char *server, const char *domain,
                        const char *account, const char *password, uint32_t *count,
                        const char ***ous)
{
    struct strv dns = {0};
    if (!count || !ous)
        return missing(c, !count ? "ou_count" : "ous");
    *count = 0;
    *ous = NULL;
    if (str_empty(domain))
        return err_cause(&c->err, CAUSE_DOMAIN_MISSING);
    if (api_answers(c, "join", FLAG_FOR_JOIN, NETSETUP_JOIN_DOMAIN) < 0 ||
        api_set(c, OPT_DOMAIN, domain) < 0 || api_credentials(c, account, password) < 0 ||
        api_check_server(server, &c->err) < 0 || settings_check(&c->s, &c->err) < 0 ||
        settings_check_login(&c->s, &c->err) < 0 || not_on_a_controller(c) < 0)
        return -1;
    int r = api_run(c, JOB_OUS, "*", take_ous, &dns);
    if (r == 0) {
        *count = (uint32_t)dns.n;
        *ous = one_block(&dns);
    }
    strv_free(&dns);
    return r;
}

NET_API_STATUS NetGetJoinableOUs(const char *server, const char *domain, const char *account,
                                 const char *password, uint32_t *ou_count, const char ***ous)
{
    struct api_call c;
    api_begin(&c);
    (void)!joinable_ous(&c, server, domain, account, password, ou_count, ous);
    return api_end(&c);
}

/* Is there a domain of that name? 0, or -1 with the locator's reason. */
static int find_domain(struct api_call *c, const char *name)
{
    if (api_set(c, OPT_DOMAIN, name) < 0)
        return -1;
    int r = api_run(c, JOB_DISCOVER, NULL, NULL, NULL);
    if (r < 0 && c->err.cause == CAUSE_ONLY_READ_ONLY) { /* it is there, if not for a join */
        err_reset(&c->err);
        r = 0;
    }
    return r;
}

static int no_such_domain(struct api_call *c, const char *name)
{
    if (find_domain(c, name) == 0) {
        err_fact(&c->err, FACT_DOMAIN, "%s", name);
        return err_cause(&c->err, CAUSE_DOMAIN_EXISTS);
    }
    if (c->err.code != CODE_ERROR_NO_SUCH_DOMAIN)
        return -1;
    err_reset(&c->err);
    return 0;
}

static int own_name(char **ret, struct err *e)
{
    AUTOFREE char *root = api_root();
    struct host *h;
    if (host_linux_open(root, &h, e) < 0)
        return -1;
    int r = host_get_hostname(h, ret, e);
    host_close(h);
    return r;
}

static int validate(struct api_call *c, const char *server, const char *name, const char *account,
                    const char *password, uint32_t type)
{
    AUTOFREE char *own = NULL;
    if (api_answers(c, "join", FLAG_FOR_JOIN, NETSETUP_JOIN_DOMAIN) < 0 ||
        api_credentials(c, account, password) < 0 || api_check_server(server, &c->err) < 0 ||
        own_name(&own, &c->err) < 0 ||
        name_validate((enum netsetup_name_type)type, name, own, &c->err) < 0)
        return -1;
    if (type == NetSetupDomain)
        return find_domain(c, name);
    return type == NetSetupNonExistentDomain ? no_such_domain(c, name) : 0;
}

NET_API_STATUS NetValidateName(const char *server, const char *name, const char *account,
                               const char *password, uint32_t name_type)
{
    struct api_call c;
    api_begin(&c);
    (void)!validate(&c, server, name, account, password, name_type);
    return api_end(&c);
}
