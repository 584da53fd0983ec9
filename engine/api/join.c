/* The calls that change the machine. */
#include "engine/api/private.h"

#include <string.h>

#include "engine/flow/membership.h"

/* Everything that can be refused by the answers is refused before the machine is looked at. */
static int run_change(struct api_call *c)
{
    if (settings_check(&c->s, &c->err) < 0 || settings_check_login(&c->s, &c->err) < 0)
        return -1;
    return api_run(c, JOB_RUN, NULL, NULL, NULL);
}

static int join(struct api_call *c, const char *server, const char *name, const char *ou,
                const char *account, const char *password, uint32_t flags)
{
    bool domain = flags & NETSETUP_JOIN_DOMAIN;
    if (str_empty(name))
        return err_cause(&c->err, domain ? CAUSE_DOMAIN_MISSING : CAUSE_NAME_MISSING);
    if (api_answers(c, domain ? "join" : "workgroup", FLAG_FOR_JOIN, flags) < 0 ||
        api_set(c, domain ? OPT_DOMAIN : OPT_WORKGROUP, name) < 0 || api_set(c, OPT_OU, ou) < 0 ||
        api_check_ou(c, ou) < 0 || api_credentials(c, account, password) < 0 ||
        api_check_server(server, &c->err) < 0)
        return -1;
    return run_change(c);
}

NET_API_STATUS NetJoinDomain(const char *server, const char *domain, const char *account_ou,
                             const char *account, const char *password, uint32_t join_flags)
{
    struct api_call c;
    api_begin(&c);
    c.changes = true;
    (void)!join(&c, server, domain, account_ou, account, password, join_flags);
    return api_end(&c);
}

/* NETSETUP_ACCT_DELETE asks for the account of the present membership to be disabled ([MS-WKST]
 * 3.2.4.13): without a membership there is none. With one, the flag is refused like any other that
 * a join does not have. */
static int check_old_account(struct api_call *c)
{
    AUTOFREE char *root = api_root();
    struct membership m = {0};
    struct host *h;
    if (host_linux_open(root, &h, &c->err) < 0)
        return -1;
    int r = membership_load(h, &m, &c->err);
    host_close(h);
    if (r == 0 && m.state != MEMBER_DOMAIN)
        r = err_cause(&c->err, CAUSE_NOT_JOINED);
    membership_free(&m);
    return r;
}

uint32_t JoinDomainOrWorkgroup(const char *Name, const char *Password, const char *UserName,
                               const char *AccountOU, uint32_t FJoinOptions)
{
    struct api_call c;
    api_begin(&c);
    c.changes = true;
    bool disable = (FJoinOptions & NETSETUP_ACCT_DELETE) &&
                   !(FJoinOptions & NETSETUP_IGNORE_UNSUPPORTED_FLAGS);
    if (!disable || str_empty(Name) || check_old_account(&c) == 0)
        (void)!join(&c, NULL, Name, AccountOU, UserName, Password, FJoinOptions);
    if (c.err.code == CODE_NERR_ConnectionInsecure)
        return api_end_as(&c, WBEM_E_ENCRYPTED_CONNECTION_REQUIRED);
    return api_end(&c);
}

static int leave(struct api_call *c, const char *server, const char *account, const char *password,
                 uint32_t flags)
{
    if (api_answers(c, "leave", FLAG_FOR_LEAVE, flags) < 0 ||
        api_credentials(c, account, password) < 0 || api_check_server(server, &c->err) < 0)
        return -1;
    return run_change(c);
}

NET_API_STATUS NetUnjoinDomain(const char *server, const char *account, const char *password,
                               uint32_t unjoin_flags)
{
    struct api_call c;
    api_begin(&c);
    c.changes = true;
    (void)!leave(&c, server, account, password, unjoin_flags);
    return api_end(&c);
}

static int rename_machine(struct api_call *c, const char *server, const char *name,
                          const char *account, const char *password, uint32_t options)
{
    if (api_answers(c, "rename", FLAG_FOR_RENAME, options) < 0 ||
        api_set(c, OPT_MACHINE_NAME, name) < 0 || api_credentials(c, account, password) < 0 ||
        api_check_server(server, &c->err) < 0)
        return -1;
    return run_change(c);
}

NET_API_STATUS NetRenameMachineInDomain(const char *server, const char *new_machine_name,
                                        const char *account, const char *password,
                                        uint32_t rename_options)
{
    struct api_call c;
    api_begin(&c);
    c.changes = true;
    (void)!rename_machine(&c, server, new_machine_name, account, password, rename_options);
    return api_end(&c);
}
