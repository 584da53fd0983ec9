#define _GNU_SOURCE
#include "tests/responder/responder.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"

#define STEPS_MAX 32

struct responder {
    pthread_t thread;
    int fd;
    struct step steps[STEPS_MAX];
    bool used[STEPS_MAX];
    size_t n;
    struct dir *client;
    void (*hook)(void *);
    void *arg;
    struct seen seen[RESPONDER_SEEN_MAX];
    size_t n_seen;
    bool stopped;
};

/* ---- BER, just enough to write answers ---- */

static void put_tlv(struct buf *b, int tag, const void *data, size_t len)
{
    buf_byte(b, (unsigned char)tag);
    if (len < 0x80) {
        buf_byte(b, (unsigned char)len);
    } else {
        buf_byte(b, 0x84);
        for (int s = 24; s >= 0; s -= 8)
            buf_byte(b, (unsigned char)(len >> s));
    }
    buf_put(b, data, len);
}

static void put_text(struct buf *b, int tag, const char *s)
{
    put_tlv(b, tag, s ? s : "", s ? strlen(s) : 0);
}

static void put_int(struct buf *b, int tag, int v)
{
    unsigned char bytes[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16),
                              (unsigned char)(v >> 8), (unsigned char)v};
    put_tlv(b, tag, bytes, 4);
}

static void put_nested(struct buf *out, int tag, struct buf *in)
{
    put_tlv(out, tag, in->data, in->len);
    buf_free(in);
}

static void message(struct buf *out, int id, int tag, struct buf *body)
{
    struct buf m = BUF_INIT(1u << 20);
    put_int(&m, 0x02, id);
    put_nested(&m, tag, body);
    put_nested(out, 0x30, &m);
}

static int answer_tag(int req)
{
    switch (req) {
    case REQ_SEARCH:
        return 0x65;
    case REQ_MODIFY:
        return 0x67;
    case REQ_ADD:
        return 0x69;
    case REQ_DELETE:
        return 0x6b;
    case REQ_COMPARE:
        return 0x6f;
    default:
        return 0x61;
    }
}

static void put_result(struct buf *out, int id, int req, const struct step *s)
{
    struct buf body = BUF_INIT(1u << 20);
    put_int(&body, 0x0a, s->rc);
    put_text(&body, 0x04, s->matched);
    put_text(&body, 0x04, s->diag);
    if (s->referral) {
        struct buf refs = BUF_INIT(4096);
        put_text(&refs, 0x04, s->referral);
        put_nested(&body, 0xa3, &refs);
    }
    message(out, id, answer_tag(req), &body);
}

static void put_attr(struct buf *out, const struct play_attr *a)
{
    struct buf attr = BUF_INIT(1u << 20), vals = BUF_INIT(1u << 20);
    put_text(&attr, 0x04, a->name);
    for (size_t i = 0; i < ARRAY_SIZE(a->vals) && a->vals[i]; i++)
        put_text(&vals, 0x04, a->vals[i]);
    if (a->bytes)
        put_tlv(&vals, 0x04, a->bytes, a->len);
    put_nested(&attr, 0x31, &vals);
    put_nested(out, 0x30, &attr);
}

static void put_entry(struct buf *out, int id, const struct play_entry *en)
{
    struct buf body = BUF_INIT(1u << 20), attrs = BUF_INIT(1u << 20);
    put_text(&body, 0x04, en->dn);
    for (size_t i = 0; i < ARRAY_SIZE(en->attrs) && en->attrs[i].name; i++)
        put_attr(&attrs, &en->attrs[i]);
    put_nested(&body, 0x30, &attrs);
    message(out, id, 0x64, &body);
}

/* ---- reading requests ---- */

static bool read_all(int fd, unsigned char *p, size_t len)
{
    while (len) {
        ssize_t n = read(fd, p, len);
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* One message; NULL at the end. */
static unsigned char *read_message(int fd, size_t *total)
{
    unsigned char head[6];
    size_t n = 2, len;
    if (!read_all(fd, head, 2))
        return NULL;
    len = head[1];
    if (len & 0x80) {
        size_t more = len & 0x7f;
        assert(more <= 4);
        if (!read_all(fd, head + 2, more))
            return NULL;
        len = 0;
        for (size_t i = 0; i < more; i++)
            len = len << 8 | head[2 + i];
        n += more;
    }
    unsigned char *msg = xcalloc(1, n + len);
    memcpy(msg, head, n);
    if (!read_all(fd, msg + n, len)) {
        free(msg);
        return NULL;
    }
    *total = n + len;
    return msg;
}

/* Message id and request tag; the id is an INTEGER of up to four bytes right after the outer
 * header. */
static int parse_head(const unsigned char *msg, int *id)
{
    const unsigned char *p = msg + 2 + ((msg[1] & 0x80) ? (msg[1] & 0x7f) : 0);
    int len = p[1];
    *id = 0;
    for (int i = 0; i < len; i++)
        *id = *id << 8 | p[2 + i];
    return p[2 + len];
}

/* ---- playing ---- */

static void send_buf(struct responder *r, struct buf *b, size_t len)
{
    assert(!b->failed);
    size_t off = 0;
    while (off < len) {
        ssize_t n = send(r->fd, b->data + off, len - off, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        off += (size_t)n;
    }
    buf_free(b);
}

static void send_flood(struct responder *r, int id, bool refs)
{
    static const struct play_entry en = {.dn = "CN=x", .attrs = {{.name = "cn", .vals = {"x"}}}};
    for (;;) {
        struct buf b = BUF_INIT(1u << 20);
        if (refs) {
            struct buf ref = BUF_INIT(1024);
            put_text(&ref, 0x04, "ldap://127.0.0.1:1/");
            message(&b, id, 0x73, &ref);
        } else {
            put_entry(&b, id, &en);
        }
        ssize_t n = send(r->fd, b.data, b.len, MSG_NOSIGNAL);
        buf_free(&b);
        if (n <= 0)
            return;
    }
}

static void send_raw(struct responder *r, const void *bytes, size_t len)
{
    struct buf b = BUF_INIT(1u << 20);
    buf_put(&b, bytes, len);
    send_buf(r, &b, b.len);
}

static void put_notice(struct buf *out)
{
    struct buf body = BUF_INIT(1024);
    put_int(&body, 0x0a, 52);
    put_text(&body, 0x04, "");
    put_text(&body, 0x04, ""); /* libldap never frees a text given here */
    put_text(&body, 0x8a, "1.3.6.1.4.1.1466.20036");
    message(out, 0, 0x78, &body);
}

/* False ends the connection. */
static bool play(struct responder *r, const struct step *s, int id, int req)
{
    static const unsigned char garbage[] =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 21\r\n"
        "Connection: close\r\n\r\nThis is a web server.";
    static const unsigned char huge[] = {0x30, 0x84, 0x40, 0, 0, 0, 0x02, 0x01, 0x01};
    struct buf b = BUF_INIT(16u << 20);
    if ((s->act == ACT_FIRE || s->act == ACT_FIRE_ANSWER) && r->hook)
        r->hook(r->arg);
    switch (s->act) {
    case ACT_SILENCE:
    case ACT_FIRE:
        return true;
    case ACT_CLOSE:
        return false;
    case ACT_GARBAGE:
        send_raw(r, garbage, sizeof garbage - 1);
        return true;
    case ACT_HUGE:
        send_raw(r, huge, sizeof huge);
        return true;
    case ACT_FLOOD:
    case ACT_REF_FLOOD:
        send_flood(r, id, s->act == ACT_REF_FLOOD);
        return true;
    case ACT_BAD_RESULT: {
        unsigned char bad[] = {
            0x30, 0x07, 0x02, 0x01, (unsigned char)id, (unsigned char)answer_tag(req),
            0x02, 0x04, 0x7f};
        send_raw(r, bad, sizeof bad);
        return true;
    }
    case ACT_BAD_ENTRY: {
        unsigned char bad[] = {0x30, 0x0b, 0x02, 0x01, (unsigned char)id, 0x64, 0x06, 0x04, 0x01,
                               'x',  0x30, 0x7f, 0x30};
        send_raw(r, bad, sizeof bad);
        return true;
    }
    case ACT_NOTICE:
        put_notice(&b);
        send_buf(r, &b, b.len);
        return false;
    default:
        break;
    }
    if (s->act == ACT_WRONG_ID)
        put_result(&b, id + 1000, req, s);
    for (size_t i = 0; i < s->n_entries; i++)
        put_entry(&b, id, &s->entries[i]);
    put_result(&b, id, req, s);
    bool half = s->act == ACT_HALF || s->act == ACT_HALF_STAY;
    send_buf(r, &b, half ? b.len / 2 : b.len);
    return s->act != ACT_HALF;
}

static const struct step *next_step(struct responder *r, int req)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->used[i] || (r->steps[i].req != REQ_ANY && r->steps[i].req != req))
            continue;
        r->used[i] = !r->steps[i].repeat;
        return &r->steps[i];
    }
    return NULL;
}

static void *serve(void *arg)
{
    struct responder *r = arg;
    unsigned char *msg;
    size_t len;
    while ((msg = read_message(r->fd, &len)) != NULL) {
        int id, req = parse_head(msg, &id);
        if (r->n_seen < RESPONDER_SEEN_MAX)
            r->seen[r->n_seen++] = (struct seen){req, msg, len};
        else
            free(msg);
        if (req == REQ_UNBIND)
            break;
        if (req == REQ_ABANDON)
            continue;
        const struct step *s = next_step(r, req);
        if (s && !play(r, s, id, req))
            break;
    }
    shutdown(r->fd, SHUT_RDWR);
    return NULL;
}

struct responder *responder_start(const struct step *steps, size_t n, struct dir **client,
                                  const struct cancel *cancel)
{
    int fds[2];
    struct err e = {0};
    struct responder *r = xcalloc(1, sizeof *r);
    assert(n <= STEPS_MAX);
    if (n)
        memcpy(r->steps, steps, n * sizeof *steps);
    r->n = n;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 ||
        dir_open(client, fds[0], "dc1.test", cancel, &e) < 0)
        abort();
    r->fd = fds[1];
    r->client = *client;
    if (pthread_create(&r->thread, NULL, serve, r) != 0)
        abort();
    return r;
}

void responder_hook(struct responder *r, void (*hook)(void *), void *arg)
{
    r->arg = arg;
    r->hook = hook;
}

void responder_stop(struct responder *r)
{
    if (r->stopped)
        return;
    dir_close(r->client);
    shutdown(r->fd, SHUT_RDWR);
    pthread_join(r->thread, NULL);
    close(r->fd);
    r->stopped = true;
}

void responder_free(struct responder *r)
{
    responder_stop(r);
    for (size_t i = 0; i < r->n_seen; i++)
        free(r->seen[i].msg);
    free(r);
}

size_t responder_seen(const struct responder *r, int tag)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_seen; i++)
        n += tag == REQ_ANY || r->seen[i].tag == tag;
    return n;
}

const struct seen *responder_get(const struct responder *r, int tag, size_t i)
{
    for (size_t j = 0; j < r->n_seen; j++) {
        if ((tag == REQ_ANY || r->seen[j].tag == tag) && i-- == 0)
            return &r->seen[j];
    }
    return NULL;
}

bool responder_saw(const struct responder *r, int tag, size_t i, const void *bytes, size_t len)
{
    const struct seen *s = responder_get(r, tag, i);
    return s && memmem(s->msg, s->len, bytes, len) != NULL;
}
