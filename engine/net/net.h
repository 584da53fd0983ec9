/*
 * Sockets: every wait here polls a cancel token and ends at a deadline; nothing ever blocks without
 * both. Times are milliseconds; deadlines are absolute, on the monotonic clock of net_now_ms().
 * Names are never resolved here: addresses come from engine/dns.
 */
#ifndef JOINERY_NET_NET_H
#define JOINERY_NET_NET_H

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "engine/base/cancel.h"
#include "engine/base/err.h"

#define NET_ADDR_TEXT 64

/* An IP address without a port. `text` is its printed form, with %scope for link-local IPv6. */
struct net_addr {
    int family; /* AF_INET, AF_INET6; 0 = none */
    union {
        struct in_addr v4;
        struct in6_addr v6;
    } u;
    uint32_t scope; /* interface index, IPv6 link-local only */
    char text[NET_ADDR_TEXT];
};

int64_t net_now_ms(void);
int64_t net_now_us(void);

/* Literal addresses only ("10.0.0.1", "fd53::1", "fe80::1%eth0", "[fd53::1]"). false leaves *a
 * untouched. */
bool net_addr_parse(const char *text, struct net_addr *a) MUST_USE;
/* From wire bytes, network order: len 4 or 16. */
bool net_addr_from_bytes(const void *bytes, size_t len, struct net_addr *a) MUST_USE;
bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);
socklen_t net_sockaddr(const struct net_addr *a, uint16_t port, struct sockaddr_storage *ss);
/* The other end of a connected socket; false (and *a zeroed) when there is none. port may be NULL.
 */
bool net_peer(int fd, struct net_addr *a, uint16_t *port);

/*
 * Connecting to one port of one host with several addresses (RFC 8305: IPv6 and IPv4 interleaved in
 * the order given, 250 ms apart, at once after a refusal; the first that answers wins). Sockets are
 * non-blocking, close-on-exec, TCP_NODELAY. `start` never waits, so that several can be under way
 * while other work is done.
 */
#define NET_CONNECT_ADDRS_MAX 8
#define NET_STAGGER_MS        250
struct net_connect;

/* Never NULL. timeout_ms counts from now. Addresses are copied. */
struct net_connect *net_connect_start(const struct net_addr *addrs, size_t n, uint16_t port,
                                      int timeout_ms) MUST_USE;
/* One turn without waiting: 1 connected, 0 under way, -1 failed (finish tells why). */
int net_connect_step(struct net_connect *c);
/* For a caller's own poll loop: fills up to NET_CONNECT_ADDRS_MAX entries, returns how many;
 * *deadline is lowered to the time when step() wants to be called again even if nothing happened.
 */
size_t net_connect_fds(const struct net_connect *c, struct pollfd *fds, int64_t *deadline);
/*
 * Waits for the end, frees c, returns the descriptor (owned by the caller) or -1. *addr (may be
 * NULL): the address that answered. Failures carry FACT_SERVER (when `server` is not NULL),
 * FACT_ADDRESS and FACT_PORT ("389/tcp"): CAUSE_PORT_BLOCKED refused, CAUSE_DC_SILENT nothing came
 * back, CAUSE_NO_ROUTE no route, CAUSE_CANCELLED.
 */
int net_connect_finish(struct net_connect *c, const char *server, const struct cancel *cancel,
                       struct net_addr *addr, struct err *e) MUST_USE;
void net_connect_free(struct net_connect *c); /* gives up; NULL is fine */
/* start and finish in one. */
int net_connect(const struct net_addr *addrs, size_t n, uint16_t port, int timeout_ms,
                const char *server, const struct cancel *cancel, struct net_addr *addr,
                struct err *e) MUST_USE;

/*
 * Reading and writing non-blocking stream sockets. Failures: CAUSE_DC_DIED (closed or reset in the
 * middle), code 1460 (deadline), CAUSE_CANCELLED; FACT_ADDRESS and FACT_PORT of the other end are
 * attached, the caller adds FACT_SERVER.
 */
/* At least one byte, at most len. Returns the count, 0 at an orderly end of stream, -1 on failure.
 */
ssize_t net_read(int fd, void *data, size_t len, int64_t deadline, const struct cancel *c,
                 struct err *e) MUST_USE;
/* Exactly len bytes, 0 or -1; an early end of stream is CAUSE_DC_DIED. */
int net_read_all(int fd, void *data, size_t len, int64_t deadline, const struct cancel *c,
                 struct err *e) MUST_USE;
int net_write_all(int fd, const void *data, size_t len, int64_t deadline, const struct cancel *c,
                  struct err *e) MUST_USE;
/* Waits until one of the descriptors has events, or the deadline, or cancel. Returns the number
 * ready, 0 at the deadline, -1 with CAUSE_CANCELLED or CAUSE_INTERNAL. At most NET_WAIT_MAX
 * descriptors. */
#define NET_WAIT_MAX 256
int net_wait(struct pollfd *fds, size_t n, int64_t deadline, const struct cancel *c,
             struct err *e) MUST_USE;

/* A connected non-blocking UDP socket, or -1 with errno. */
int net_udp(const struct net_addr *a, uint16_t port) MUST_USE;

/* Turns an errno from connect or send into the right cause with ADDRESS and PORT facts ("389/udp").
 * Returns -1. */
int net_explain(struct err *e, int no, const char *server, const struct net_addr *a, uint16_t port,
                bool udp);
void net_close(int *fd); /* closes when >= 0 and sets -1 */

#endif
