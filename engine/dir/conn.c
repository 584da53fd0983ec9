/* Opening, waiting, closing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openldap.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "engine/ber/ber_mem.h"
#include "engine/dir/private.h"

#define LDAP_PORT_TEXT "389/tcp"
#define POLL_SLICE_MS  500

void dir_setup_process(void)
{
    dir_setup_environment();
    signal(SIGPIPE, SIG_IGN);
    dir_install_no_nss();
}

void dir_warm_up(void)
{
    LDAP *ld = NULL;
    if (ldap_create(&ld) == LDAP_SUCCESS)
        ldap_destroy(ld);
}

int64_t dir_now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The name becomes part of a URL that libldap parses. */
static bool plain_host(const char *host)
{
    size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
    return n > 0 && n < 256 && host[n] == '\0';
}

static int set_options(struct dir *d)
{
    int version = LDAP_VERSION3, deref = LDAP_DEREF_NEVER;
    ber_len_t max = DIR_MESSAGE_MAX;
    Sockbuf *sb = NULL;
    LDAP *ld = d->ld;
    if (ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) != LDAP_OPT_SUCCESS ||
        ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) != LDAP_OPT_SUCCESS ||
        ldap_set_option(ld, LDAP_OPT_DEREF, &deref) != LDAP_OPT_SUCCESS ||
        ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) != LDAP_OPT_SUCCESS ||
        ldap_set_option(ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON) != LDAP_OPT_SUCCESS ||
        ldap_get_option(ld, LDAP_OPT_SOCKBUF, &sb) != LDAP_OPT_SUCCESS || !sb)
        return -1;
    return ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &max) == 1 ? 0 : -1;
}

static int prepare_fd(int fd)
{
    int one = 1, flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -1;
    /* Not a TCP socket in some tests. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

int dir_open(struct dir **out, int connected_fd, const char *host, const struct cancel *cancel,
             struct err *e)
{
    *out = NULL;
    struct dir *d = xcalloc(1, sizeof *d);
    *d = (struct dir){
        .fd = -1, .cancel = cancel, .timeout_ms = DIR_TIMEOUT_MS, .host = xstrdup(host)};
    AUTOFREE char *url = xasprintf("ldap://%s:389", host);
    if (!plain_host(host)) {
        err_cause(e, CAUSE_DC_LIED);
        err_fact(e, FACT_SERVER, "%s", host);
        goto fail;
    }
    d->fd = prepare_fd(connected_fd);
    if (d->fd < 0) {
        err_errno(e, CAUSE_INTERNAL, errno, NULL);
        goto fail;
    }
    int rc = ldap_init_fd(connected_fd, LDAP_PROTO_TCP, url, &d->ld);
    if (rc != LDAP_SUCCESS) {
        err_cause(e, CAUSE_INTERNAL);
        err_foreign(e, ERR_SRC_LDAP, rc, "%s", ldap_err2string(rc));
        goto fail;
    }
    connected_fd = -1;
    if (set_options(d) < 0) {
        err_cause(e, CAUSE_INTERNAL);
        goto fail;
    }
    *out = d;
    return 0;
fail:
    if (connected_fd >= 0)
        close(connected_fd);
    dir_close(d);
    return -1;
}

void dir_close(struct dir *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n_inflight; i++)
        d->inflight[i]->owner = NULL;
    if (d->dead && d->fd >= 0) {
        /* What has not left yet must not be sent again and again behind our back: whoever asks
         * over a new connection what became of a write could otherwise be told too early. */
        struct linger none = {.l_onoff = 1};
        (void)setsockopt(d->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    if (d->ld)
        ldap_unbind_ext(d->ld, NULL, NULL);
    dir_wiping(d, false);
    if (d->fd >= 0)
        close(d->fd);
    free(d->host);
    free(d);
}

void dir_wiping(struct dir *d, bool on)
{
    if (d->wiping != on)
        (void)ber_mem_wipe_on_free(on);
    d->wiping = on;
}

const char *dir_host(const struct dir *d)
{
    return d->host;
}

bool dir_is_dead(const struct dir *d)
{
    return d->dead;
}

bool dir_is_open(struct dir *d)
{
    char byte;
    if (d->dead || d->n_inflight)
        return !d->dead;
    ssize_t n = recv(d->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    /* What comes unasked is the notice that it ends (RFC 4511 4.4.1). */
    d->dead = n >= 0 || (errno != EAGAIN && errno != EINTR);
    return !d->dead;
}

void dir_set_cancel(struct dir *d, const struct cancel *cancel)
{
    d->cancel = cancel;
}

void dir_set_timeout(struct dir *d, int ms)
{
    d->timeout_ms = ms;
}

int dir_ssf(const struct dir *d)
{
    return d->ssf;
}

static int fail_with_server(struct dir *d, struct err *e)
{
    err_fact(e, FACT_SERVER, "%s", d->host);
    err_fact(e, FACT_PORT, "%s", LDAP_PORT_TEXT);
    return -1;
}

int dir_broken(struct dir *d, int rc, struct err *e)
{
    char byte;
    bool was_dead = d->dead;
    d->dead = true;
    if (rc == LDAP_NO_MEMORY)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    /* Still open, and yet libldap could not go on: what came was no LDAP. */
    ssize_t n = was_dead ? 0 : recv(d->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    bool open = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
    bool lied = open || rc == LDAP_DECODING_ERROR || rc == LDAP_LOCAL_ERROR;
    err_cause(e, lied ? CAUSE_DC_LIED : CAUSE_DC_DIED);
    err_foreign(e, ERR_SRC_LDAP, rc, "%s", ldap_err2string(rc));
    return fail_with_server(d, e);
}

static int timed_out(struct dir *d, const struct dir_wait *w, struct err *e)
{
    d->dead = true;
    if (w->ignore_cancel)
        return cancel_check(d->cancel, e);
    err_code(e, CODE_ERROR_TIMEOUT);
    return fail_with_server(d, e);
}

/* A cancel ends the wait, or, when an answer must still be awaited, shortens it. */
static int check_cancel(struct dir *d, struct dir_wait *w, struct err *e)
{
    if (w->ignore_cancel || !cancel_is_set(d->cancel))
        return 0;
    if (w->grace_ms <= 0)
        return cancel_check(d->cancel, e);
    int64_t end = dir_now_ms() + w->grace_ms;
    if (end < w->deadline)
        w->deadline = end;
    w->ignore_cancel = true;
    return 0;
}

/* Is it time to give up? -1 when it is. */
static int check_time(struct dir *d, struct dir_wait *w, struct err *e)
{
    if (check_cancel(d, w, e) < 0)
        return -1;
    return dir_now_ms() < w->deadline ? 0 : timed_out(d, w, e);
}

/* One turn of waiting for `events` on the socket: 0 go on, -1 over. */
static int wait_socket(struct dir *d, short events, struct dir_wait *w, struct err *e)
{
    if (check_time(d, w, e) < 0)
        return -1;
    int64_t left = w->deadline - dir_now_ms();
    bool watch = d->cancel && !w->ignore_cancel;
    struct pollfd p[2] = {{.fd = d->fd, .events = events},
                          {.fd = watch ? d->cancel->fd : -1, .events = POLLIN}};
    /* Slices, because libldap may hold unsent bytes that it writes when it is called. */
    int slice = left < 0 ? 0 : left < POLL_SLICE_MS ? (int)left : POLL_SLICE_MS;
    if (poll(p, 2, slice) < 0 && errno != EINTR)
        return err_errno(e, CAUSE_INTERNAL, errno, NULL);
    return check_cancel(d, w, e);
}

int dir_wait_writable(struct dir *d, struct dir_wait *w, struct err *e)
{
    return wait_socket(d, POLLOUT, w, e);
}

static bool data_ready(struct dir *d)
{
    Sockbuf *sb = NULL;
    return ldap_get_option(d->ld, LDAP_OPT_SOCKBUF, &sb) == LDAP_OPT_SUCCESS && sb &&
           ber_sockbuf_ctrl(sb, LBER_SB_OPT_DATA_READY, NULL) > 0;
}

int dir_next(struct dir *d, int msgid, struct dir_wait *w, LDAPMessage **msg, struct err *e)
{
    *msg = NULL;
    if (d->dead)
        return dir_broken(d, LDAP_SERVER_DOWN, e);
    for (;;) {
        /* Here, too: a server that never stops sending must not keep us for ever. */
        if (check_time(d, w, e) < 0)
            return -1;
        struct timeval zero = {0};
        int rc = ldap_result(d->ld, msgid, LDAP_MSG_ONE, &zero, msg);
        if (rc > 0)
            return 0;
        if (rc < 0) {
            int code = LDAP_SERVER_DOWN;
            ldap_get_option(d->ld, LDAP_OPT_RESULT_CODE, &code);
            return dir_broken(d, code, e);
        }
        /* Decrypted bytes may wait inside, where poll does not see them. */
        if (!data_ready(d) && wait_socket(d, POLLIN, w, e) < 0)
            return -1;
    }
}

bool dir_arrived(struct dir *d, LDAPMessage **msg)
{
    struct timeval zero = {0};
    *msg = NULL;
    return !d->dead && ldap_result(d->ld, LDAP_RES_ANY, LDAP_MSG_ONE, &zero, msg) > 0;
}

/* In as few packets as possible. */
void dir_cork(struct dir *d, bool on)
{
    int value = on;
    (void)setsockopt(d->fd, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}
