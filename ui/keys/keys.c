#include "ui/keys/keys.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/macro.h"
#include "ui/i18n/i18n.h"

static const struct action_info infos[] = {
#define ACTION(id, label, plain, bar, help) {ACT_##id, #id, label, plain, bar, help},
#define BIND(id, kind, value, contexts)
#include "ui/keys/keys.def"
#undef ACTION
#undef BIND
};

static const struct binding {
    enum action action;
    enum key_kind kind;
    int value;
    unsigned contexts;
} bindings[] = {
#define ACTION(id, label, plain, bar, help)
#define BIND(id, kind, value, contexts) {ACT_##id, kind, value, contexts},
#include "ui/keys/keys.def"
#undef ACTION
#undef BIND
};

const struct action_info *action_info(enum action a)
{
    return a > ACT_NONE && a < ACT_CHAR ? &infos[a - 1] : NULL;
}

const char *keys_label(enum action a, bool function_keys)
{
    const struct action_info *info = action_info(a);
    if (!info) {
        return "";
    }
    return _(function_keys ? info->label : info->plain);
}

/* Tab, Enter, Esc and the function keys are called so everywhere. */
static const char *named_label(int value)
{
    static const char *const names[] = {
        [NAMED_TAB] = "Tab",
        [NAMED_BACKTAB] = "Shift-Tab",
        [NAMED_ENTER] = "Enter",
        [NAMED_ESC] = "Esc",
        [NAMED_UP] = N_("Up"),
        [NAMED_DOWN] = N_("Down"),
        [NAMED_LEFT] = N_("Left"),
        [NAMED_RIGHT] = N_("Right"),
        /* TRANSLATORS: the key, as it is engraved on keyboards of your country or called there. */
        [NAMED_BACKSPACE] = N_("Backspace"),
        /* TRANSLATORS: the key, as it is engraved on keyboards of your country. */
        [NAMED_DELETE] = N_("Del"),
        /* TRANSLATORS: the key, as it is engraved on keyboards of your country. */
        [NAMED_HOME] = N_("Home"),
        [NAMED_END] = N_("End"),
        /* TRANSLATORS: the key, as it is engraved on keyboards of your country. */
        [NAMED_PGUP] = N_("PgUp"),
        /* TRANSLATORS: the key, as it is engraved on keyboards of your country. */
        [NAMED_PGDN] = N_("PgDn"),
    };
    return value > 0 && (size_t)value < ARRAY_SIZE(names) ? _(names[value]) : "?";
}

static void binding_label(const struct binding *b, char *out, size_t size)
{
    switch (b->kind) {
    case KIND_F:
        snprintf(out, size, "F%d, Esc %d", b->value, b->value % 10);
        break;
    case KIND_CTRL:
        snprintf(out, size, "Ctrl-%c", b->value);
        break;
    case KIND_NAMED:
        snprintf(out, size, "%s", named_label(b->value));
        break;
    default:
        if (b->value == ' ')
            /* TRANSLATORS: the long key; a short word, it stands in the key bar. */
            snprintf(out, size, "%s", _("Space"));
        else
            snprintf(out, size, "%c", b->value);
    }
}

size_t keys_all_labels(enum action a, char *out, size_t size)
{
    size_t used = 0;
    if (size > 0) {
        out[0] = '\0';
    }
    for (size_t i = 0; i < ARRAY_SIZE(bindings); i++) {
        char one[32];
        if (bindings[i].action != a) {
            continue;
        }
        binding_label(&bindings[i], one, sizeof(one));
        size_t need = strlen(one) + (used ? 2 : 0);
        if (used + need >= size) {
            break;
        }
        snprintf(out + used, size - used, "%s%s", used ? ", " : "", one);
        used += need;
    }
    return used;
}

enum action keys_lookup(enum key_kind kind, int value)
{
    for (size_t i = 0; i < ARRAY_SIZE(bindings); i++) {
        if (bindings[i].kind == kind && bindings[i].value == value) {
            return bindings[i].action;
        }
    }
    return ACT_NONE;
}

enum action keys_resolve_char(const char *utf8, enum key_context context)
{
    if (!utf8 || !utf8[0] || utf8[1]) {
        return ACT_CHAR;
    }
    for (size_t i = 0; i < ARRAY_SIZE(bindings); i++) {
        const struct binding *b = &bindings[i];
        if (b->kind == KIND_CHAR && b->value == utf8[0] && (b->contexts & (unsigned)context)) {
            return b->action;
        }
    }
    return ACT_CHAR;
}
