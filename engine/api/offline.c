/* The calls of the offline domain join: data that is made here and put into a system elsewhere. */
#include "engine/api/private.h"

#include <malloc.h>
#include <string.h>

#include "engine/model/names.h"
#include "engine/offline/offline.h"
#include "engine/wire/dn.h"

#define OUTPUT_MAX (2 * (size_t)ODJ_MAX) /* binary form and text alike */

/* Where the data is to go: exactly one of them. */
struct output {
    uint8_t **binary;
    uint32_t *size;
    const char **text;
};

struct provisioning {
    const char *domain, *name, *ou, *controller;
    uint32_t flags, allowed;
    const struct NETSETUP_PROVISIONING_PARAMS *more; /* NULL: the call has no more */
};

static int bad_parameter(struct err *e, const char *name, const char *needs)
{
    err_fact(e, FACT_OPTION, "%s", name);
    err_fact(e, FACT_NEEDS, "%s", needs);
    return err_cause(e, CAUSE_PARAMETER);
}

static int check_output(const struct output *o, struct err *e)
{
    if (!o->binary == !o->text)
        return bad_parameter(e, "provision_bin_data, provision_text_data", "exactly one of them");
    if (!o->binary != !o->size)
        return bad_parameter(e, "provision_bin_data_size",
                             o->binary ? "a place for the size" : "NULL for text");
    if (o->binary) {
        *o->binary = NULL;
        *o->size = 0;
    } else {
        *o->text = NULL;
    }
    return 0;
}

/* What the standing answers may say of other ways in and out is not meant here. */
static int only_memory(struct api_call *c)
{
    static const enum opt files[] = {OPT_OFFLINE_INPUT,
                                     OPT_OFFLINE_OUTPUT,
                                     OPT_OFFLINE_BATCH,
                                     OPT_OFFLINE_RESULTS,
                                     OPT_OFFLINE_POLICIES,
                                     OPT_OFFLINE_POLICY_FILES,
                                     OPT_OFFLINE_NETBIOS_NAME,
                                     OPT_OFFLINE_SITE,
                                     OPT_OFFLINE_IMAGE,
                                     OPT_OFFLINE_PRIMARY_DNS_DOMAIN,
                                     OPT_OFFLINE_CERTIFICATE_TEMPLATES};
    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        if (api_set(c, files[i], "") < 0)
            return -1;
    c->s.in_memory = true;
    return 0;
}

/* A bit that is another call's is one that this one does not have. */
static int set_flags(struct api_call *c, const char *operation, unsigned op, uint32_t flags,
                     uint32_t allowed)
{
    if (api_answers(c, operation, op, flags & allowed) < 0)
        return -1;
    c->s.extra_flags |= flags & ~allowed;
    return only_memory(c);
}

/* An array of names into an answer that is a list. */
static int set_list(struct api_call *c, enum opt o, const char *const *names, uint32_t n)
{
    struct buf CLEANUP(buf_free) list = BUF_INIT(1 << 20);
    for (uint32_t i = 0; names && i < n; i++) {
        if (str_empty(names[i]) || strchr(names[i], ','))
            return bad_parameter(&c->err, opt_row(o)->key, "names without a comma");
        if (i > 0)
            buf_byte(&list, ',');
        buf_str(&list, names[i]);
    }
    const char *text = buf_text(&list);
    return text ? api_set(c, o, text) : err_cause(&c->err, CAUSE_OUT_OF_MEMORY);
}

static int set_package(struct api_call *c, const struct NETSETUP_PROVISIONING_PARAMS *p)
{
    if (set_list(c, OPT_OFFLINE_CERTIFICATE_TEMPLATES, p->aCertTemplateNames,
                 p->cCertTemplateNames) < 0 ||
        set_list(c, OPT_OFFLINE_POLICIES, p->aMachinePolicyNames, p->cMachinePolicyNames) < 0 ||
        set_list(c, OPT_OFFLINE_POLICY_FILES, p->aMachinePolicyPaths, p->cMachinePolicyPaths) < 0)
        return -1;
    if (p->dwVersion < NETSETUP_PROVISIONING_PARAMS_CURRENT_VERSION)
        return 0; /* the caller's structure ends here */
    return api_set(c, OPT_OFFLINE_NETBIOS_NAME, p->lpNetbiosName) < 0 ||
                   api_set(c, OPT_OFFLINE_SITE, p->lpSiteName) < 0 ||
                   api_set(c, OPT_OFFLINE_PRIMARY_DNS_DOMAIN, p->lpPrimaryDNSDomain) < 0
               ? -1
               : 0;
}

/* "A valid DNS or NetBIOS machine name": of a DNS name, the first label is the machine's. */
static int set_name(struct api_call *c, const char *name)
{
    AUTOFREE char *label = xstrndup(name, strcspn(name, "."));
    if (name_check_computer(label, &c->err) < 0)
        return -1;
    return api_set(c, OPT_MACHINE_NAME, label) < 0 ||
                   api_set(c, OPT_FQDN, strchr(name, '.') ? name : "") < 0
               ? -1
               : 0;
}

static int set_provisioning(struct api_call *c, const struct provisioning *p)
{
    const char *dc = p->controller ? p->controller : "";
    if (set_flags(c, "provision", FLAG_FOR_PROVISION, p->flags, p->allowed) < 0)
        return -1;
    if (str_empty(p->domain))
        return err_cause(&c->err, CAUSE_DOMAIN_MISSING);
    if (str_empty(p->name))
        return err_cause(&c->err, CAUSE_PROVISION_NAME_MISSING);
    if (api_set(c, OPT_DOMAIN, p->domain) < 0 || set_name(c, p->name) < 0 ||
        api_set(c, OPT_OU, p->ou) < 0 || api_check_ou(c, p->ou) < 0 ||
        api_set(c, OPT_CONTROLLER, dc + strspn(dc, "\\")) < 0 ||
        (p->more && set_package(c, p->more) < 0) || settings_check(&c->s, &c->err) < 0 ||
        api_standing_account(c) < 0)
        return -1;
    return settings_check_login(&c->s, &c->err);
}

static int give(struct api_call *c, const struct output *o, struct buf *binary)
{
    if (o->text) {
        struct buf text = BUF_SECRET(OUTPUT_MAX);
        int r = offline_text(binary->data, binary->len, &text, &c->err);
        char *mine = r == 0 ? buf_steal(&text) : NULL;
        buf_free(&text);
        *o->text = mine;
        return mine || r < 0 ? r : err_cause(&c->err, CAUSE_OUT_OF_MEMORY);
    }
    *o->size = (uint32_t)binary->len;
    *o->binary = (uint8_t *)buf_steal(binary);
    return *o->binary ? 0 : err_cause(&c->err, CAUSE_OUT_OF_MEMORY);
}

static int provision(struct api_call *c, const struct provisioning *p, const struct output *o)
{
    struct buf CLEANUP(buf_free) binary = BUF_SECRET(OUTPUT_MAX);
    if (check_output(o, &c->err) < 0 || set_provisioning(c, p) < 0)
        return -1;
    c->output = &binary;
    int r = api_run(c, JOB_RUN, NULL, NULL, NULL);
    c->output = NULL;
    return r == 0 ? give(c, o, &binary) : -1;
}

NET_API_STATUS NetProvisionComputerAccount(const char *domain, const char *machine_name,
                                           const char *machine_account_ou, const char *dc_name,
                                           uint32_t options, uint8_t **provision_bin_data,
                                           uint32_t *provision_bin_data_size,
                                           const char **provision_text_data)
{
    const struct provisioning p = {
        .domain = domain,
        .name = machine_name,
        .ou = machine_account_ou,
        .controller = dc_name,
        .flags = options,
        .allowed = NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT | NETSETUP_PROVISION_REUSE_ACCOUNT |
                   NETSETUP_PROVISION_USE_DEFAULT_PASSWORD | NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH,
    };
    const struct output o = {provision_bin_data, provision_bin_data_size, provision_text_data};
    struct api_call c;
    api_begin(&c);
    (void)!provision(&c, &p, &o);
    return api_end(&c);
}

static int create_package(struct api_call *c, const struct NETSETUP_PROVISIONING_PARAMS *m,
                          const struct output *o)
{
    if (!m)
        return bad_parameter(&c->err, "pProvisioningParams", "the parameters");
    if (m->dwVersion != NETSETUP_PROVISIONING_PARAMS_WIN8_VERSION &&
        m->dwVersion != NETSETUP_PROVISIONING_PARAMS_CURRENT_VERSION)
        return bad_parameter(&c->err, "dwVersion", "1 or 2");
    const struct provisioning p = {
        .domain = m->lpDomain,
        .name = m->lpHostName,
        .ou = m->lpMachineAccountOU,
        .controller = m->lpDcName,
        .flags = m->dwProvisionOptions,
        .allowed = NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT | NETSETUP_PROVISION_REUSE_ACCOUNT |
                   NETSETUP_PROVISION_USE_DEFAULT_PASSWORD |
                   NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH | NETSETUP_PROVISION_ROOT_CA_CERTS |
                   (m->dwVersion >= NETSETUP_PROVISIONING_PARAMS_CURRENT_VERSION
                        ? NETSETUP_PROVISION_PERSISTENTSITE
                        : 0),
        .more = m,
    };
    return provision(c, &p, o);
}

NET_API_STATUS
NetCreateProvisioningPackage(const struct NETSETUP_PROVISIONING_PARAMS *provisioning_params,
                             uint8_t **package_bin_data, uint32_t *package_bin_data_size,
                             const char **package_text_data)
{
    const struct output o = {package_bin_data, package_bin_data_size, package_text_data};
    struct api_call c;
    api_begin(&c);
    (void)!create_package(&c, provisioning_params, &o);
    return api_end(&c);
}

/* The name goes with the account unless the standing answers keep it, which the bit overrides. */
static uint32_t name_flag(struct api_call *c, int *r)
{
    AUTOFREE char *ini = api_config();
    struct settings s;
    settings_init(&s);
    *r = ini ? settings_load_ini(&s, ini, strlen(ini), ORIGIN_FILE, &c->err) : 0;
    bool on = settings_bool(&s, OPT_FLAG_SET_MACHINE_NAME);
    settings_free(&s);
    return on ? NETSETUP_SET_MACHINE_NAME : 0;
}

static int apply(struct api_call *c, const uint8_t *data, uint32_t size, uint32_t flags,
                 const char *path)
{
    const struct buf input = {.data = (unsigned char *)data, .len = size, .cap = size, .max = size};
    const uint32_t allowed = NETSETUP_PROVISION_ONLINE_CALLER | NETSETUP_SET_MACHINE_NAME;
    int r;
    if (!data || !size)
        return err_cause(&c->err, CAUSE_OFFLINE_INPUT_MISSING);
    if (str_empty(path))
        return bad_parameter(&c->err, "lpWindowsPath", "the path of a system");
    uint32_t name = name_flag(c, &r);
    if (r < 0 || set_flags(c, "apply", FLAG_FOR_APPLY, flags | name, allowed) < 0)
        return -1;
    if (api_set(c, OPT_OFFLINE_IMAGE, path) < 0 || settings_check(&c->s, &c->err) < 0 ||
        api_standing_passphrase(c) < 0)
        return -1;
    c->input = &input;
    r = api_run(c, JOB_RUN, NULL, NULL, NULL);
    c->input = NULL;
    return r;
}

NET_API_STATUS NetRequestOfflineDomainJoin(const uint8_t *provision_bin_data,
                                           uint32_t provision_bin_data_size, uint32_t options,
                                           const char *windows_path)
{
    struct api_call c;
    api_begin(&c);
    c.changes = true;
    (void)!apply(&c, provision_bin_data, provision_bin_data_size, options, windows_path);
    return api_end(&c);
}

NET_API_STATUS NetRequestProvisioningPackageInstall(const uint8_t *package_bin_data,
                                                    uint32_t package_bin_data_size,
                                                    uint32_t provision_options,
                                                    const char *windows_path, void *reserved)
{
    struct api_call c;
    api_begin(&c);
    c.changes = true;
    if (reserved)
        (void)bad_parameter(&c.err, "pvReserved", "NULL");
    else
        (void)!apply(&c, package_bin_data, package_bin_data_size, provision_options, windows_path);
    if (!c.err.code && c.restart)
        return api_end_as(&c, NERR_JoinPerformedMustRestart);
    return api_end(&c);
}

/* What calls give may be a machine's password: nothing of it stays in memory. */
NET_API_STATUS NetApiBufferFree(void *buffer)
{
    if (buffer)
        explicit_bzero(buffer, malloc_usable_size(buffer));
    free(buffer);
    return NERR_Success;
}
