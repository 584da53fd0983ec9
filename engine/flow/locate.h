/*
 * The domain controller locator: one batch of DNS questions, then LDAP pings and TCP connects to
 * several controllers at once. Never through NSS. [MS-ADTS] 6.3.6.1; RFC 2782.
 */
#ifndef JOINERY_FLOW_LOCATE_H
#define JOINERY_FLOW_LOCATE_H

#include "engine/dns/dns.h"
#include "engine/net/net.h"
#include "engine/wire/netlogon.h"

#define LOCATE_MAX       32 /* candidates kept */
#define LOCATE_PINGS     8  /* asked at once */
#define LOCATE_ADDRS     8
#define LOCATE_SURVEY_MS 350

enum dc_state {
    DC_STATE_UNKNOWN,    /* not asked, or still asked when a better one was chosen */
    DC_STATE_NO_ADDRESS, /* the DNS has no address for it */
    DC_STATE_ANSWERED,   /* usable */
    DC_STATE_SILENT,
    DC_STATE_REFUSED, /* port 389/tcp refused, and no answer on 389/udp */
    DC_STATE_NO_ROUTE,
    DC_STATE_BLOCKED,      /* answers on 389/udp, but 389/tcp cannot be reached */
    DC_STATE_WRONG_DOMAIN, /* answers, but for another domain */
    DC_STATE_READ_ONLY,    /* answers, but takes no writes and a writable one was wanted */
    DC_STATE_PAUSED,       /* answers that it is not ready */
    DC_STATE_MALFORMED,    /* an answer that cannot be read */
};
const char *dc_state_name(enum dc_state s); /* English, for logs and JSON: "answered" */

struct dc_candidate {
    char host[DNS_NAME_MAX]; /* DNS name, lower case */
    struct net_addr addrs[LOCATE_ADDRS];
    size_t n_addrs;
    struct net_addr addr; /* the one that answered; family 0 = none */
    uint16_t priority, weight;
    uint16_t order; /* its turn among those of one priority, drawn by weight (RFC 2782) */
    enum dc_state state;
    bool tcp_only; /* answered over TCP only: UDP 389 seems to be blocked */
    bool closest;  /* in the client's own site, says the controller */
    bool named;    /* given by the caller */
    bool in_site;  /* listed by DNS for the given site or for the client's */
    bool in_known_site;
    uint32_t flags; /* DS_*, once answered */
    char site[DNS_NAME_MAX];
    char other_domain[DNS_NAME_MAX]; /* WRONG_DOMAIN: what it serves, "" unknown */
    int latency_ms;                  /* -1 = none */
};

struct dc_list {
    struct dc_candidate c[LOCATE_MAX]; /* in order of preference once located */
    size_t n;
    int chosen; /* index, -1 = none */
};

struct domain_info {
    char dns[DNS_NAME_MAX]; /* lower case */
    char netbios[NETLOGON_NAME_MAX];
    char forest[DNS_NAME_MAX];
    unsigned char guid[16];
    char client_site[DNS_NAME_MAX]; /* "" = the domain knows no site for this address */
};

struct locate_request {
    const char *domain;     /* DNS or NetBIOS name */
    const char *controller; /* NULL or "": any. A DNS name, a short name (found in the domain) or an
                               address */
    const char *site;       /* NULL or "": the one that the controllers say */
    const char *known_site; /* NULL, or the one that this machine was in the last time: its list is
                               asked for at once, and counts unless a controller says another */
    const char *avoid;      /* NULL, or a controller that is taken only when no other answers */
    bool allow_read_only;
    /* To show them all: every candidate is waited for until LOCATE_SURVEY_MS after the first good
     * answer; who has not answered by then counts as silent. */
    bool survey;
    const char *host; /* short name of this machine, for the ping; NULL = left out */
    const struct dns_config *dns;
    int timeout_ms;               /* for each candidate's ping; 0 = 2500 */
    uint16_t ldap_port, kdc_port; /* 0 = 389 and 88; others are for tests */
    const struct cancel *cancel;
    /* Called for every change of a candidate, from the calling thread. May be NULL. The list is
     * valid during the call only. */
    void (*changed)(void *arg, const struct dc_list *list, size_t index);
    void *arg;
};

struct located {
    struct dc_list list;
    struct domain_info domain;
    char dns_server[NET_ADDR_TEXT]; /* that answered; "" = none was asked */
    int dns_ms;                     /* time of the DNS batch */
    uint16_t ldap_port, kdc_port;   /* as connected to */
    int ldap_fd; /* connected to port 389 of the chosen one, or -1; taken by setting it to -1 */
    struct net_connect *kdc; /* connect to its port 88 under way, or NULL; taken likewise */
};

/*
 * 0 and *ret, or -1; *ret is large (allocate it) and its list shows on failure, too, what was
 * found. Causes, with facts QUERY, ANSWER, SERVER, ADDRESS, PORT as they apply: NO_DNS_SERVER,
 * NO_SRV_RECORDS, DNS_SERVFAIL, CONTROLLER_UNRESOLVED (no address), DC_SILENT, PORT_BLOCKED,
 * NO_ROUTE, NOT_A_DC_OF_DOMAIN, NETBIOS_NAME_UNRESOLVED, SITE_UNKNOWN (a given site
 * without records), DC_LIED, DOMAIN_NAME_BAD, CANCELLED; for a named controller
 * CONTROLLER_SILENT and CONTROLLER_READ_ONLY, else ONLY_READ_ONLY when no writable one answers.
 * locate_done() is needed in both cases.
 */
int locate(const struct locate_request *rq, struct located *ret, struct err *e) MUST_USE;
/*
 * Failover, after the chosen one stopped answering: sets it aside as silent and chooses among the
 * others that have not failed yet, without asking the DNS again. Same results and errors as
 * locate(). Sockets not taken are closed.
 */
int locate_next(struct located *l, const struct locate_request *rq, struct err *e) MUST_USE;
/* The chosen one's connected socket on port 389: the one that is open, or a new connect. Owned by
 * the caller. */
int locate_connect(struct located *l, int timeout_ms, const struct cancel *c,
                   struct err *e) MUST_USE;
/* The same for port 88/tcp; CAUSE_PORT_BLOCKED also when nothing comes back. */
int locate_connect_kdc(struct located *l, int timeout_ms, const struct cancel *c,
                       struct err *e) MUST_USE;
void locate_done(struct located *l); /* closes what was not taken */

#endif
