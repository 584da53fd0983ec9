/*
 * A scripted LDAP server on one end of a socket pair, run by a thread of the test: it reads
 * requests and plays back what the script says, whatever was asked. No SASL: tests open a struct
 * dir on the other end and do not bind.
 */
#ifndef JOINERY_TESTS_RESPONDER_H
#define JOINERY_TESTS_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/dir/dir.h"

/* Request tags, RFC 4511 4.2 to 4.11 */
enum {
    REQ_ANY = 0,
    REQ_BIND = 0x60,
    REQ_UNBIND = 0x42,
    REQ_SEARCH = 0x63,
    REQ_MODIFY = 0x66,
    REQ_ADD = 0x68,
    REQ_DELETE = 0x4a,
    REQ_COMPARE = 0x6e,
    REQ_ABANDON = 0x50,
};

enum act {
    ACT_ANSWER,     /* entries, then the result */
    ACT_SILENCE,    /* nothing, ever */
    ACT_CLOSE,      /* the connection goes away instead of an answer */
    ACT_HALF,       /* half of the result, then it goes away */
    ACT_HALF_STAY,  /* half of the result, then silence */
    ACT_GARBAGE,    /* bytes that are no BER */
    ACT_BAD_RESULT, /* a message that is BER but no LDAP result */
    ACT_BAD_ENTRY,  /* a search entry whose inside is cut off */
    ACT_HUGE,       /* announces a message of a gigabyte */
    ACT_FLOOD,      /* search entries without end */
    ACT_REF_FLOOD,  /* search references without end */
    ACT_WRONG_ID,   /* an answer to a question nobody asked, then the real one */
    ACT_NOTICE,     /* notice of disconnection (RFC 4511 4.4.1), then it goes away */
    ACT_FIRE,       /* calls the responder's hook, then silence */
    ACT_FIRE_ANSWER /* calls the hook, then answers */
};

struct play_attr {
    const char *name;
    const char *vals[8];        /* text */
    const unsigned char *bytes; /* or one binary value */
    size_t len;
};

struct play_entry {
    const char *dn;
    struct play_attr attrs[12];
};

/* One step answers one request of its kind; steps of other kinds are left for later requests. */
struct step {
    int req;
    enum act act;
    int rc;
    const char *diag;
    const char *matched;
    const char *referral;
    const struct play_entry *entries;
    size_t n_entries;
    bool repeat; /* stays for further requests of its kind */
};

#define RESPONDER_SEEN_MAX 64
struct seen {
    int tag;
    unsigned char *msg; /* the whole message */
    size_t len;
};

struct responder;
/* *client is a struct dir on the other end, host "dc1.test". hook may be NULL. */
struct responder *responder_start(const struct step *steps, size_t n, struct dir **client,
                                  const struct cancel *cancel);
void responder_hook(struct responder *r, void (*hook)(void *), void *arg);
/* Closes the client's connection and ends the thread; what was seen can be read until
 * responder_free. */
void responder_stop(struct responder *r);
void responder_free(struct responder *r);
size_t responder_seen(const struct responder *r, int tag); /* number of requests of that kind */
const struct seen *responder_get(const struct responder *r, int tag, size_t i);
/* True when the i-th request of that kind contains the text or bytes. */
bool responder_saw(const struct responder *r, int tag, size_t i, const void *bytes, size_t len);

#endif
