/* The directory for taking something back. */
#include "engine/flow/join.h"

#include "engine/net/net.h"

#define CONNECT_MS 5000
#define UNDO_MS    10000 /* who has just fallen silent is not waited for as long again */

static struct dir *open_again(struct session *s, struct err *e)
{
    struct dc_candidate *dc = session_dc(s);
    struct dir *d = NULL;
    int fd = net_connect(&dc->addr, 1, 389, CONNECT_MS, dc->host, NULL, NULL, e);
    if (fd < 0 || dir_open(&d, fd, dc->host, NULL, e) < 0 || kerb_select(s->user, e) < 0) {
        dir_close(d);
        return NULL;
    }
    dir_set_timeout(d, UNDO_MS);
    int r = dir_bind(d, &s->root_dse.mechs, e);
    kerb_unselect();
    if (r < 0) {
        dir_close(d);
        return NULL;
    }
    return d;
}

static struct dir *usable(struct session *s, struct err *e)
{
    if (s->dir && !dir_is_dead(s->dir)) {
        dir_set_cancel(s->dir, NULL);
        dir_set_timeout(s->dir, UNDO_MS);
        return s->dir;
    }
    dir_close(TAKE(s->dir));
    s->dir = open_again(s, e);
    return s->dir;
}

int undo_over_link(struct session *s, int (*back)(void *arg, struct dir *d, struct err *e),
                   void *arg, struct err *e)
{
    struct dir *d = usable(s, e);
    int r = d ? back(arg, d, e) : -1;
    /* A connection may have ended without our knowing. Silence is not asked twice. */
    if (r < 0 && d && dir_is_dead(d) && e->code != CODE_ERROR_TIMEOUT) {
        err_reset(e);
        d = usable(s, e);
        r = d ? back(arg, d, e) : -1;
    }
    if (d) {
        dir_set_cancel(d, s->cancel);
        dir_set_timeout(d, DIR_TIMEOUT_MS);
    }
    return r;
}

int undo_is_ours(struct session *s, const struct secret *password, bool *ours, struct err *e)
{
    struct dc_candidate *dc = session_dc(s);
    struct kerb_target t = {.realm = s->realm, .host = dc->host, .addr = &dc->addr, .fd = -1};
    struct kerb *k = NULL;
    struct kerb_hint hint;
    struct kerb_cred *cred = NULL;
    struct err why = {0};
    AUTOFREE char *who = xasprintf("%s@%s", s->names.account, s->realm);
    AUTOFREE char *salt = kerb_machine_salt(s->realm, s->names.account);
    if (kerb_open(&k, &t, e) < 0)
        return -1;
    int r = kerb_login_machine_direct(k, who, password, salt, &hint, &cred, &why);
    kerb_cred_free(cred);
    kerb_free(k);
    if (r < 0 && !join_password_dead(&why)) {
        *e = why;
        return -1;
    }
    if (r < 0)
        log_notice("the account is somebody else's: %s", why.raw);
    *ours = r == 0;
    return 0;
}
