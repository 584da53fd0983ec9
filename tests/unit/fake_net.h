/*
 * A small network on loopback for tests: one DNS server and several domain controllers that answer
 * the LDAP ping over UDP and TCP, each on a 127.0.0.x of its own, all on one port. Runs in a thread
 * of its own.
 */
#ifndef JOINERY_TESTS_FAKE_NET_H
#define JOINERY_TESTS_FAKE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_dc_mode {
    FAKE_GOOD,
    FAKE_SILENT,     /* takes connections and datagrams, answers nothing */
    FAKE_ABSENT,     /* no socket at all: everything is refused */
    FAKE_NO_UDP,     /* answers over TCP only, datagrams vanish */
    FAKE_NO_TCP,     /* answers datagrams, refuses connections */
    FAKE_NOT_SERVED, /* an LDAP result without an entry */
    FAKE_GARBAGE,
    FAKE_PAUSED,
    FAKE_JUNK_FIRST, /* a reply to a question with another id, and one that is cut, come first */
    FAKE_FLOOD,      /* nothing but such replies, many of them; over TCP nothing */
    FAKE_OTHER_PORT, /* answers datagrams from another port than was asked; over TCP nothing */
    FAKE_HUGE,       /* over TCP: the head of a message of 2 GB and then as much as is taken */
    FAKE_HALF,       /* over TCP: half an answer, then the connection is closed; datagrams vanish */
};

struct fake_dc {
    const char *addr; /* "127.0.0.11" */
    const char *host, *domain, *netbios;
    uint32_t flags;
    const char *site, *client_site;
    enum fake_dc_mode mode;
    int delay_ms;
};

struct fake_rr {
    const char *name;
    uint16_t type;             /* 1 A, 28 AAAA, 33 SRV, 5 CNAME */
    const char *value;         /* address or target */
    uint16_t priority, weight; /* SRV */
};

struct fake_zone {
    const struct fake_rr *rr;
    size_t n;
    bool glue;  /* SRV answers carry the targets' addresses */
    int rcode;  /* not 0: every question gets this */
    int lose;   /* so many first questions vanish; -1 = all */
    bool stray; /* a forged answer with another id comes first */
    int delay_ms;
};

struct fake_net {
    const struct fake_zone *zone;
    const struct fake_dc *dc;
    size_t n_dc;
    uint16_t dns_port, ldap_port, kdc_port;
    struct fake_net_run *run;
};

void fake_net_start(struct fake_net *f); /* asserts; fills the ports */
void fake_net_stop(struct fake_net *f);
unsigned fake_net_questions(const struct fake_net *f,
                            const char *name); /* asked so far; NULL = all */

/* The answer to one DNS question; 0 = none. */
size_t fake_dns_answer(const struct fake_zone *z, const unsigned char *query, size_t len,
                       unsigned char *out, size_t max);
/* Name and type of a question; returns its end, 0 when it is none. */
size_t fake_dns_question(const unsigned char *q, size_t len, char name[256], unsigned *type);

#endif
