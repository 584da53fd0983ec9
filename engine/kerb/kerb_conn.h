/*
 * The TCP connection to the one KDC: length-prefixed messages (RFC 4120 7.2.2), several requests
 * under way, one reconnect when the KDC closes between or under requests. Kerberos requests may be
 * repeated, so what was not answered is simply sent again; except a person's proof of the password,
 * which the KDC may have counted as a wrong one already.
 */
#ifndef JOINERY_KERB_CONN_H
#define JOINERY_KERB_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/err.h"
#include "engine/net/net.h"

#define CONN_QUEUE_MAX 8

/* One request and its answer. Not moved or freed between conn_submit() and done or conn_forget().
 */
struct conn_msg {
    struct buf request; /* with the length prefix */
    struct buf reply;   /* without it */
    bool done;
    bool once; /* set after conn_msg_set(): never sent a second time once all of it was sent */
    bool lost; /* with `once`: the connection went before the answer; LOGIN_LOST for who waits */
};

struct conn {
    int fd; /* -1: none */
    bool connected;
    struct net_addr addr;
    uint16_t port;
    char host[256]; /* for messages */
    const struct cancel *cancel;
    int wait_ms;                            /* for one answer */
    struct conn_msg *queue[CONN_QUEUE_MAX]; /* sent or to be sent, oldest first */
    size_t n_queue;
    size_t sent;              /* bytes written of the queue's requests, counted from the oldest */
    unsigned replies, barren; /* answers on this connection; connections in a row without one */
    unsigned char head[4];
    size_t n_head;
    unsigned exchanges, connects;
};

/* fd: connected, connecting, or -1; taken over. */
void conn_init(struct conn *c, int fd, const struct net_addr *addr, uint16_t port, const char *host,
               const struct cancel *cancel);
void conn_done(struct conn *c);

/* Copies the request. */
void conn_msg_set(struct conn_msg *m, const void *data, size_t len);
void conn_msg_free(struct conn_msg *m);

/* Queues the request and writes what the socket takes without waiting. */
int conn_submit(struct conn *c, struct conn_msg *m, struct err *e) MUST_USE;
/* Waits until this message's answer is there; answers of older ones are taken in on the way. */
int conn_wait(struct conn *c, struct conn_msg *m, struct err *e) MUST_USE;
/* Drops a message that nobody waits for any more; the connection goes with it when its answer is
 * outstanding. */
void conn_forget(struct conn *c, struct conn_msg *m);

#endif
