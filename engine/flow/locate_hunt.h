/*
 * Insides of the locator, shared by the locate_*.c files only. One hunt = one call of locate(): DNS
 * questions, pings and connects in a single poll loop, each answer starting what it makes possible.
 */
#ifndef JOINERY_FLOW_LOCATE_HUNT_H
#define JOINERY_FLOW_LOCATE_HUNT_H

#include "engine/base/buf.h"
#include "engine/flow/locate.h"

#define HUNT_ENDPOINTS 64
#define HUNT_PING_MS   2500
#define HUNT_DNS_MS    6000
#define HUNT_KDC_MS    5000
#define HUNT_ACTIVE    32 /* endpoints pinged at once */
#define HUNT_CONNECTS  4  /* endpoints whose 389/tcp is tried at once, not after a reply */

/* What a DNS question was asked for. */
enum hunt_role {
    ROLE_NONE,
    ROLE_DOMAIN_SRV,  /* _ldap._tcp.dc._msdcs.<domain> */
    ROLE_SITE_SRV,    /* the given site's list */
    ROLE_KNOWN_SRV,   /* the list of the site that this machine was in the last time */
    ROLE_NEAR_SRV,    /* the list of the site that a controller said we are in */
    ROLE_DOMAIN_ADDR, /* addresses of the domain name itself: its controllers' */
    ROLE_HOST_ADDR,   /* addresses of a candidate */
};

struct hunt_ask {
    enum hunt_role role;
    struct dns_query q;
    char host[DNS_NAME_MAX]; /* HOST_ADDR: the candidate's host as listed (q.name may have a suffix
                                added) */
};

enum end_state { END_WAITING, END_GOOD, END_FAILED };

/* One address under examination: an LDAP ping over UDP, a connect to 389/tcp beside it. */
struct hunt_end {
    struct net_addr addr;
    int cand; /* index of its candidate, -1 = an address of the domain that no name is known for yet
               */
    enum end_state state;
    enum dc_state verdict; /* once not waiting */
    int msgid;
    int udp; /* -1 = closed */
    int udp_errno;
    unsigned sends, junk; /* datagrams sent; received and not believed */
    int64_t started_us;
    int64_t next_send, give_up;
    struct net_connect *tcp; /* under way */
    int tcp_fd;              /* connected */
    enum cause tcp_failed;   /* CAUSE_NONE = not */
    bool tcp_asked;          /* the same search was sent over tcp_fd ... */
    bool tcp_busy;           /* ... and its answer is not complete: not to be handed over yet */
    int64_t tcp_ask_at;
    struct buf in; /* its reply so far */
    bool via_tcp;
    int latency_ms;
    struct netlogon_info info; /* END_GOOD, and some failures */
};

struct hunt {
    const struct locate_request *rq;
    struct located *out;
    struct dns *dns;
    char domain[DNS_NAME_MAX]; /* as given, lower case */
    bool netbios;              /* a single label: may be a NetBIOS name */
    bool named;                /* a controller was given */
    struct hunt_ask asks[DNS_BATCH_MAX];
    size_t n_asks;
    size_t srv_pending;
    const struct hunt_ask *srv_failed; /* for the explanation: the first list that did not come */
    bool site_missing;                 /* the given site has no list */
    bool any_srv;                      /* a list came */
    int64_t started;
    struct net_addr hints[LOCATE_ADDRS]; /* the domain name's own addresses */
    size_t n_hints;
    size_t hints_used;  /* the first so many are endpoints already */
    bool addrs_missing; /* a list came without addresses */
    int64_t resolve_at; /* when to ask for them; 0 = not (any more) */
    struct hunt_end ends[HUNT_ENDPOINTS];
    size_t n_ends;
    int64_t
        settle_at; /* a good one is there: until when a better one is waited for; 0 = none yet */
    int64_t answered_at; /* the first good answer; 0 = none yet */
    bool near_asked;
    bool moved;  /* a controller says that this machine is not in the known site any more */
    int winner;  /* index of the endpoint, -1 = none */
    int kdc_end; /* endpoint that out->kdc leads to, -1 = none */
};

/* locate.c */
void hunt_changed(struct hunt *h, size_t cand);
/* By host; adds when new. -1 when the list is full. */
int hunt_candidate(struct hunt *h, const char *host);
uint32_t hunt_random(void *unused);

/* locate_dns.c */
int hunt_ask_all(struct hunt *h, struct err *e); /* the first batch */
void hunt_ask_near(struct hunt *h, const char *site, const char *domain);
void hunt_ask_missing(struct hunt *h); /* addresses of candidates that have none */
void hunt_take_answers(struct hunt *h);
void hunt_resolve_due(struct hunt *h, int64_t now);

/* locate_ping.c */
void hunt_add_end(struct hunt *h, const struct net_addr *a, int cand);
size_t hunt_end_fds(const struct hunt *h, struct pollfd *fds, size_t max, int64_t *deadline);
void hunt_step_ends(struct hunt *h, int64_t now);
void hunt_start_connect(struct hunt *h, struct hunt_end *x);
void hunt_free_end(struct hunt_end *x);

/* locate_choose.c */
void hunt_judge(struct hunt *h, struct hunt_end *x); /* a reply was decoded into x->info */
void hunt_end_failed(struct hunt *h, struct hunt_end *x, enum dc_state why);
bool hunt_decided(struct hunt *h, int64_t now,
                  int64_t *deadline); /* sets winner when true and there is one */
void hunt_finish(
    struct hunt *h); /* fills the chosen candidate, sockets and domain from the winner */

/* locate_fail.c */
int hunt_explain(const struct hunt *h, struct err *e);

#endif
