/*
 * The answers of one operation: a value and its origin for each row of the option table, and the
 * secrets, which have no text form. A snapshot is copied to the engine with each request.
 */
#ifndef JOINERY_MODEL_SETTINGS_H
#define JOINERY_MODEL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "engine/base/secret.h"
#include "engine/base/strv.h"
#include "engine/tables/options.h"

enum origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_SET, ORIGIN_USER };

struct settings {
    char *value[OPT__COUNT]; /* owned; "" when empty, never NULL */
    enum origin origin[OPT__COUNT];
    struct secret password;      /* of credentials.account */
    struct secret passphrase;    /* of protected provisioning data */
    struct secret recipient_key; /* contents of offline.recipient_key */
    uint32_t
        extra_flags; /* undefined bits given as a number, kept to be refused or ignored by rule */
    /* Provisioning data comes from and goes to the caller's memory (struct engine_request):
     * offline.input and offline.output are not needed. */
    bool in_memory;
};

void settings_init(struct settings *s); /* everything at its default */
void settings_free(struct settings *s);
struct settings *
settings_clone(const struct settings *s); /* settings_drop() it; secrets are copied too */
void settings_drop(struct settings *s);

/* Sets one value after checking it against its type: BOOL takes yes no true false on off 1 0 and is
 * stored as yes or no; CHOICE takes its words. -1 with CONFIG_VALUE (87) and facts otherwise. */
int settings_set(struct settings *s, enum opt o, const char *value, enum origin origin,
                 struct err *e) MUST_USE;
const char *settings_get(const struct settings *s, enum opt o);
bool settings_bool(const struct settings *s, enum opt o);
void settings_list(const struct settings *s, enum opt o, struct strv *out); /* comma-separated */

/* "section.key=value", as --set takes it. Refuses unknown keys with the nearest known one, and
 * secrets. */
int settings_assign(struct settings *s, const char *text, struct err *e) MUST_USE;

/* wizard.ini text over the present values. Errors name line and nearest key. */
int settings_load_ini(struct settings *s, const char *text, size_t len, enum origin origin,
                      struct err *e) MUST_USE;
/* The answers as an ini that replays the operation; never a secret. malloc'ed. */
char *settings_save_ini(const struct settings *s);
/* The shipped wizard.ini: every key commented out, with its help. malloc'ed. */
char *settings_sample_ini(void);

/* The numeric mask of the operation's flags that are set. */
uint32_t settings_flags(const struct settings *s, unsigned ops);
/* The other way round, for the C interface: every flag of the operation is chosen or chosen not to
 * be; bits that are none of its flags are kept in extra_flags. */
void settings_set_flags(struct settings *s, unsigned ops, uint32_t mask);
/* Everything that can be refused without looking outside: unknown bits, flags of another operation,
 * missing dependencies, effects that this version does not have, and contradicting answers. */
int settings_check(const struct settings *s, struct err *e) MUST_USE;
/* For a run in which nobody can be asked: the account that will be used has its password or keytab,
 * else PASSWORD_MISSING. */
int settings_check_login(const struct settings *s, struct err *e) MUST_USE;
/* FLAG_FOR_... of the operation; 0 when it has no flags. */
unsigned settings_op(const struct settings *s);
/* Why a flag cannot be chosen with the present answers (a msgid), or NULL when it can. */
const char *settings_flag_blocked(const struct settings *s, enum opt o);

#endif
