#define _GNU_SOURCE
#include "engine/provision/downlevel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOOL    "net"
#define TOOL_MS 60000
#define SAID    150 /* of the tool's last line */

bool downlevel_wanted(const struct session *s, const struct err *refused)
{
    return settings_bool(s->s, OPT_FLAG_PROVISION_DOWNLEVEL_PRIV_SUPPORT) &&
           (refused->cause == CAUSE_NO_CREATE_RIGHT ||
            refused->cause == CAUSE_NO_CREATE_RIGHT_QUOTA ||
            refused->cause == CAUSE_QUOTA_UNREADABLE);
}

static int put(struct session *s, const char *dir, const char *name, const char *text,
               struct err *e)
{
    struct host_meta own = host_meta_own(0600);
    AUTOFREE char *path = xasprintf("%s/%s", dir, name);
    return host_replace(s->here, path, &own, text, strlen(text), e);
}

/* Nothing of this system's own settings and databases is read or changed. */
static int put_settings(struct session *s, const char *dir, struct err *e)
{
    const struct dc_candidate *dc = session_dc(s);
    bool v6 = strchr(dc->addr.text, ':');
    AUTOFREE char *smb =
        xasprintf("[global]\nworkgroup = %s\nrealm = %s\nsecurity = ads\n"
                  "netbios name = %s\nprivate dir = %s\nlock directory = %s\n"
                  "state directory = %s\ncache directory = %s\n"
                  "pid directory = %s\nlog file = /dev/null\n",
                  s->loc->domain.netbios, s->realm, s->names.netbios, dir, dir, dir, dir, dir);
    AUTOFREE char *krb5 =
        xasprintf("[libdefaults]\ndefault_realm = %s\nrdns = false\ndns_lookup_realm = false\n"
                  "[realms]\n%s = {\n kdc = %s%s%s\n}\n[domain_realm]\n.%s = %s\n",
                  s->realm, s->realm, v6 ? "[" : "", dc->addr.text, v6 ? "]" : "",
                  s->loc->domain.dns, s->realm);
    if (put(s, dir, "smb.conf", smb, e) < 0 || put(s, dir, "krb5.conf", krb5, e) < 0)
        return -1;
    AUTOFREE char *cache = xasprintf("%s/ccache", dir);
    AUTOFREE char *cifs = xasprintf("cifs/%s", dc->host);
    const char *spns[] = {cifs};
    if (kerb_service_tickets(s->kerb, s->user, spns, 1, e) < 0)
        return -1;
    return kerb_export_ccache(s->user, cache, e);
}

/* The last line that is not empty; cut off in place. */
static const char *last_line(char *text)
{
    size_t n = strlen(text);
    while (n && strchr(" \r\n\t", text[n - 1]))
        text[--n] = '\0';
    char *line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static int judge(struct host_result *res, const struct err *refused, struct err *e)
{
    if (res->ran != HOST_RAN)
        return err_cause(e, CAUSE_DOWNLEVEL_NO_TOOL);
    if (res->status == 0)
        return 0;
    char *text = buf_text(&res->out);
    const char *said = text ? last_line(text) : "";
    log_notice("the account functions refused it too: %s", said);
    *e = *refused;
    err_fact(e, FACT_ANSWER, "%s: %.*s", TOOL, SAID, said);
    return -1;
}

static int run_tool(struct session *s, const char *dir, const struct err *refused, struct err *e)
{
    AUTOFREE char *config = xasprintf("--configfile=%s/smb.conf", dir);
    AUTOFREE char *cache = xasprintf("--use-krb5-ccache=%s/ccache", dir);
    AUTOFREE char *krb5 = xasprintf("KRB5_CONFIG=%s/krb5.conf", dir);
    AUTOFREE char *ccname = xasprintf("KRB5CCNAME=FILE:%s/ccache", dir);
    AUTOFREE char *domain = xasprintf("domain=%s", s->loc->domain.dns);
    AUTOFREE char *machine = xasprintf("machine_name=%s", s->names.netbios);
    AUTOFREE char *server = xasprintf("dcname=%s", session_dc(s)->host);
    AUTOFREE char *save = xasprintf("savefile=%s/data", dir); /* world-readable, hence the folder */
    const char *const argv[] = {
        TOOL,    "offlinejoin", "provision", config, "--use-kerberos=required", cache, domain,
        machine, server,        save,        NULL};
    const char *const env[] = {krb5, ccname, NULL};
    struct host_cmd cmd = {.argv = argv, .env = env, .timeout_ms = TOOL_MS, .cancel = s->cancel};
    struct host_result res = {0};
    int r = host_exec(s->here, &cmd, &res, e);
    if (r == 0)
        r = judge(&res, refused, e);
    host_result_free(&res);
    return r;
}

int downlevel_create(struct session *s, const struct err *refused, struct err *e)
{
    char dir[] = "/tmp/joinery-XXXXXX";
    AUTOFREE char *tool = host_find_tool(s->here, TOOL);
    struct err left = {0};
    if (!tool)
        return err_cause(e, CAUSE_DOWNLEVEL_NO_TOOL);
    if (!mkdtemp(dir))
        return err_errno(e, CAUSE_INTERNAL, errno, dir);
    log_notice("LDAP refused the account (%s): trying the account functions with %s",
               code_symbol(refused->code), tool);
    report_progress(s->r, "%s offlinejoin provision", TOOL);
    int r = put_settings(s, dir, e);
    if (r == 0)
        r = run_tool(s, dir, refused, e);
    if (host_remove_tree(s->here, dir, &left) < 0)
        log_error("%s could not be removed: %s", dir, left.raw);
    return r;
}
