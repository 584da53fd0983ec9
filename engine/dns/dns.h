/*
 * DNS questions asked by ourselves: the servers and the search list come from the caller (text of a
 * resolv.conf), never from NSS, /etc/hosts, mDNS or the environment. c-ares is behind it, nothing
 * of it shows here. RFC 1035, 2782 (SRV), 6891 (EDNS); AD's records: [MS-ADTS] 6.3.2.3.
 */
#ifndef JOINERY_DNS_DNS_H
#define JOINERY_DNS_DNS_H

#include <poll.h>

#include "engine/net/net.h"

#define DNS_NAME_MAX      256 /* with the terminator */
#define DNS_SERVERS_MAX   4
#define DNS_SEARCH_MAX    8
#define DNS_SRV_MAX       64
#define DNS_SRV_ADDRS_MAX 8
#define DNS_ADDRS_MAX     64
#define DNS_BATCH_MAX     64

struct dns_config {
    struct net_addr servers[DNS_SERVERS_MAX];
    size_t n_servers;
    uint16_t port; /* 0 = 53 */
    char search[DNS_SEARCH_MAX][DNS_NAME_MAX];
    size_t n_search;
    int timeout_ms; /* first try of each server */
    int attempts;
    bool tcp; /* option use-vc */
};

/* Text of a resolv.conf (resolv.conf(5)). Unknown or broken lines are skipped; too many entries are
 * cut. NULL or empty text: no servers. */
void dns_config_parse(const char *text, struct dns_config *ret);

enum dns_type { DNS_A = 1, DNS_AAAA = 28, DNS_SRV = 33 };

enum dns_status {
    DNS_PENDING,
    DNS_OK, /* at least one record of the type asked for */
    DNS_NXDOMAIN,
    DNS_NODATA, /* the name exists, no such record; also an SRV whose only target is "." */
    DNS_SERVFAIL,
    DNS_REFUSED,
    DNS_TIMEOUT,     /* no server answered */
    DNS_UNREACHABLE, /* every server refused the packet, or there is no route to any */
    DNS_MALFORMED,   /* an answer that cannot be read; also NOTIMP, FORMERR */
};
const char *dns_status_name(enum dns_status s); /* "NXDOMAIN", for facts and logs */
const char *dns_type_name(enum dns_type t);     /* "SRV" */

struct dns_srv {
    char host[DNS_NAME_MAX]; /* lower case, no trailing dot */
    uint16_t port, priority, weight;
    struct net_addr addrs[DNS_SRV_ADDRS_MAX]; /* from the additional section; may be empty */
    size_t n_addrs;
};

struct dns_query {
    char name[DNS_NAME_MAX]; /* absolute, without search list */
    enum dns_type type;
    /* filled by the answer */
    enum dns_status status;
    int rcode;              /* RFC 1035 RCODE as received, -1 = none */
    struct net_addr server; /* the one that answered; family 0 = none did */
    struct dns_srv *srv;    /* SRV: owned */
    size_t n_srv;
    struct net_addr *addrs; /* A, AAAA: owned */
    size_t n_addrs;
};
/* Prepares q (no memory yet). -1 when the name is not a possible DNS name (length, label length,
 * characters). */
int dns_query_init(struct dns_query *q, const char *name, enum dns_type type) MUST_USE;
void dns_query_done(struct dns_query *q); /* frees the answer */

struct dns;
/* -1: CAUSE_NO_DNS_SERVER when the configuration names no server. */
int dns_open(struct dns **ret, const struct dns_config *cfg, struct err *e) MUST_USE;
void dns_close(struct dns *d); /* pending queries end as DNS_TIMEOUT; NULL is fine */

/* All questions at once, one wait. 0 when every query has a status (look there), -1 on cancel or
 * internal failure. */
int dns_ask(struct dns *d, struct dns_query *q, size_t n, int timeout_ms, const struct cancel *c,
            struct err *e) MUST_USE;

/* The same for a caller's own poll loop: begin, then fds + process until dns_pending() is 0.
 * Queries must stay where they are until then. */
int dns_begin(struct dns *d, struct dns_query *q, size_t n, int timeout_ms, struct err *e) MUST_USE;
size_t dns_fds(struct dns *d, struct pollfd *fds, size_t max, int64_t *deadline);
void dns_process(struct dns *d, const struct pollfd *fds, size_t n);
size_t dns_pending(const struct dns *d);

/* Attaches FACT_QUERY ("SRV _ldap._tcp..."), FACT_ANSWER and FACT_SERVER of a failed question, and
 * the cause that fits its status (NO_SRV_RECORDS, DNS_SERVFAIL, NO_DNS_SERVER). Returns -1. */
int dns_explain(const struct dns *d, const struct dns_query *q, struct err *e);

/* RFC 2782 order, in place: by priority, weighted random within one. rnd returns any 32-bit number.
 */
void dns_srv_order(struct dns_srv *srv, size_t n, uint32_t (*rnd)(void *arg), void *arg);

/* Pure: reads one response message into q (status, rcode, records). Hostile input. */
void dns_parse_response(const unsigned char *msg, size_t len, struct dns_query *q);

#endif
