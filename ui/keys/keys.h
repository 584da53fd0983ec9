/*
 * Actions: what a key asks for. The enum comes from keys.def, the one place where keys are
 * declared. This header and keys.c are free of curses, so that the wizard's model and the tests can
 * use them.
 */
#ifndef JOINERY_UI_KEYS_KEYS_H
#define JOINERY_UI_KEYS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum action {
    ACT_NONE,
#define ACTION(id, label, plain, bar, help) ACT_##id,
#define BIND(id, kind, value, contexts)
#include "ui/keys/keys.def"
#undef ACTION
#undef BIND
    ACT_CHAR, /* a character, see the text that comes with it */
    ACT_COUNT
};

/* Where the focus is when a character arrives: the same key types in a text field and acts outside
 * of one. */
enum key_context {
    KEYS_TEXT = 1 << 0, /* text or secret field */
    KEYS_LIST = 1 << 1,
    KEYS_TREE = 1 << 2,
    KEYS_PLAIN = 1 << 3, /* buttons, notes, anything else */
    KEYS_PAGER = 1 << 4, /* log viewer: takes characters itself */
    KEYS_ANY = 0x1f
};

enum key_kind { KIND_F, KIND_CTRL, KIND_NAMED, KIND_CHAR };

enum named_key {
    NAMED_TAB = 1,
    NAMED_BACKTAB,
    NAMED_ENTER,
    NAMED_ESC,
    NAMED_BACKSPACE,
    NAMED_DELETE,
    NAMED_UP,
    NAMED_DOWN,
    NAMED_LEFT,
    NAMED_RIGHT,
    NAMED_HOME,
    NAMED_END,
    NAMED_PGUP,
    NAMED_PGDN
};

struct action_info {
    enum action action;
    const char *name;  /* "NEXT_FIELD", for tests and scripts */
    const char *label; /* key as printed on the keyboard; not translated */
    const char *plain; /* the same for terminals without function keys */
    const char *bar;   /* msgid for the key bar */
    const char *help;  /* msgid for the help page */
};

/* NULL for ACT_NONE, ACT_CHAR and out of range. */
const struct action_info *action_info(enum action a);
const char *keys_label(enum action a, bool function_keys);
/* "Tab, Ctrl-F" for the help page: all keys of an action, into out. Returns its length. */
size_t keys_all_labels(enum action a, char *out, size_t size);

/* The action bound to a key, ACT_NONE when there is none. */
enum action keys_lookup(enum key_kind kind, int value);

/* What a typed character means in a context: the bound action, or ACT_CHAR. */
enum action keys_resolve_char(const char *utf8, enum key_context context);

#endif
