/*
 * One error, by value: a row of the code table, the refined cause, and the labelled facts that make
 * the sentence concrete. It allocates nothing, so it can be filled on any failure path and copied
 * through the message queue. Texts are looked up from the tables (engine/tables/codes.h); nothing
 * in here is ever translated.
 */
#ifndef JOINERY_BASE_ERR_H
#define JOINERY_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/macro.h"
#include "engine/tables/codes.h"
#include "engine/tables/facts.h"

/* Which numbering the foreign code in err.lib belongs to. */
enum err_src {
    ERR_SRC_NONE,
    ERR_SRC_ERRNO,
    ERR_SRC_LDAP, /* RFC 4511 result code, or a negative libldap code */
    ERR_SRC_KRB5, /* libkrb5 com_err code */
    ERR_SRC_KDC,  /* RFC 4120 error code as the KDC sent it */
    ERR_SRC_DNS,  /* RFC 1035 RCODE */
    ERR_SRC_WIN32,
    ERR_SRC_NTSTATUS,
};

#define ERR_FACTS_MAX 10

struct err_fact {
    enum fact label;
    char value[200]; /* UTF-8, as received: the user interface sanitizes it for display */
};

struct err {
    uint32_t code; /* system error code, 0 = no error */
    enum cause cause;
    enum err_src src;
    long lib;      /* the foreign code as received */
    char raw[400]; /* the foreign text as received, control characters replaced */
    unsigned n_facts;
    struct err_fact facts[ERR_FACTS_MAX];
};

/* Sets code and cause. The first error wins: a filled err keeps its code. Always returns -1, so
 * that callers can say `return err_cause(e, CAUSE_X);`. */
int err_code(struct err *e, uint32_t code);
int err_cause(struct err *e, enum cause cause);

/* Adds what the foreign library said; kept with the first error only. Returns -1. */
int err_foreign(struct err *e, enum err_src src, long lib, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* errno `no`, with the path or object it concerns as FACT_FILE when not NULL. Sets `cause`. Returns
 * -1. */
int err_errno(struct err *e, enum cause cause, int no, const char *path);

/* Adds a labelled fact ("Owner: CORP\bob"). Silently full at ERR_FACTS_MAX. A fact with that label
 * already present is left as it is. */
void err_fact(struct err *e, enum fact label, const char *fmt, ...) PRINTF_LIKE(3, 4);
const char *err_fact_get(const struct err *e, enum fact label); /* NULL when absent */
void err_reset(struct err *e);

/* Replaces control characters and cuts invalid UTF-8 in place, for text that goes into logs and
 * facts. */
void err_clean_text(char *s);

#endif
