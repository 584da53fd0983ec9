#include "engine/model/settings.h"

#include <stdio.h>
#include <string.h>

static const char *const yes_words[] = {"yes", "true", "on", "1"};
static const char *const no_words[] = {"no", "false", "off", "0"};

void settings_init(struct settings *s)
{
    *s = (struct settings){0};
    for (int o = 0; o < OPT__COUNT; o++)
        s->value[o] = xstrdup(opt_row(o)->def);
}

void settings_free(struct settings *s)
{
    for (int o = 0; o < OPT__COUNT; o++)
        free(s->value[o]);
    secret_free(&s->password);
    secret_free(&s->passphrase);
    secret_free(&s->recipient_key);
    *s = (struct settings){0};
}

static int copy_secret(struct secret *dst, const struct secret *src)
{
    return secret_is_set(src) ? secret_copy(dst, src) : 0;
}

struct settings *settings_clone(const struct settings *s)
{
    struct settings *c = xcalloc(1, sizeof *c);
    for (int o = 0; o < OPT__COUNT; o++) {
        c->value[o] = xstrdup(s->value[o]);
        c->origin[o] = s->origin[o];
    }
    c->extra_flags = s->extra_flags;
    c->in_memory = s->in_memory;
    if (copy_secret(&c->password, &s->password) < 0 ||
        copy_secret(&c->passphrase, &s->passphrase) < 0 ||
        copy_secret(&c->recipient_key, &s->recipient_key) < 0) {
        settings_drop(c);
        return NULL;
    }
    return c;
}

void settings_drop(struct settings *s)
{
    if (!s)
        return;
    settings_free(s);
    free(s);
}

/* The value is not one of those the option takes. */
static int bad_value(enum opt o, const char *value, const char *allowed, struct err *e)
{
    const struct opt_row *row = opt_row(o);
    char key[80];
    snprintf(key, sizeof key, "%s.%s", row->section, row->key);
    str_lower(key);
    err_cause(e, CAUSE_CONFIG_VALUE);
    err_fact(e, FACT_OPTION, "%s", key);
    err_fact(e, FACT_VALUE, "%s", value);
    if (allowed)
        err_fact(e, FACT_NEEDS, "%s", allowed);
    return -1;
}

static const char *bool_word(const char *value)
{
    for (size_t i = 0; i < ARRAY_SIZE(yes_words); i++) {
        if (str_ieq(value, yes_words[i]))
            return "yes";
        if (str_ieq(value, no_words[i]))
            return "no";
    }
    return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
    struct strv v = {0};
    strv_split(&v, choices, " ");
    bool found = strv_has(&v, value);
    strv_free(&v);
    return found;
}

int settings_set(struct settings *s, enum opt o, const char *value, enum origin origin,
                 struct err *e)
{
    const struct opt_row *row = opt_row(o);
    if (strlen(value) > 2048)
        return bad_value(o, value, "at most 2048 bytes", e);
    for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            return bad_value(o, value, "no control characters", e);
    }
    if (row->type == OPT_BOOL) {
        const char *word = *value ? bool_word(value) : row->def;
        if (!word)
            return bad_value(o, value, "yes, no", e);
        value = word;
    } else if (row->type == OPT_CHOICE) {
        if (!*value)
            value = row->def;
        if (!is_choice(row->choices, value))
            return bad_value(o, value, row->choices, e);
    }
    char *copy = xstrdup(value);
    free(s->value[o]);
    s->value[o] = copy;
    s->origin[o] = origin;
    return 0;
}

const char *settings_get(const struct settings *s, enum opt o)
{
    return s->value[o];
}

bool settings_bool(const struct settings *s, enum opt o)
{
    return strcmp(s->value[o], "yes") == 0;
}

void settings_list(const struct settings *s, enum opt o, struct strv *out)
{
    strv_split(out, s->value[o], ",");
}

static int unknown_key(const char *section, const char *key, struct err *e)
{
    const char *near = opt_nearest(section, key);
    err_cause(e, CAUSE_CONFIG_UNKNOWN_KEY);
    err_fact(e, FACT_OPTION, "%s.%s", section, key);
    if (near)
        err_fact(e, FACT_NEAREST, "%s", near);
    return -1;
}

int settings_assign(struct settings *s, const char *text, struct err *e)
{
    const char *eq = strchr(text, '=');
    const char *dot = strchr(text, '.');
    if (!eq || !dot || dot > eq) {
        err_cause(e, CAUSE_CONFIG_VALUE);
        /* The value is not repeated: it might be a secret in the wrong place. */
        err_fact(e, FACT_NEEDS, "--set SECTION.KEY=VALUE");
        return -1;
    }
    AUTOFREE char *section = xstrndup(text, (size_t)(dot - text));
    AUTOFREE char *key = xstrndup(dot + 1, (size_t)(eq - dot - 1));
    if (str_ieq(key, "password") || str_ieq(key, "passphrase")) {
        err_cause(e, CAUSE_SECRET_IN_SET);
        err_fact(e, FACT_OPTION, "%s.%s", section, key);
        return -1;
    }
    int o = opt_find(section, key);
    if (o < 0)
        return unknown_key(section, key, e);
    return settings_set(s, (enum opt)o, eq + 1, ORIGIN_SET, e);
}

/* A default that another option makes void: without a person's account no account is created. */
static bool void_default(const struct settings *s, enum opt o)
{
    return o == OPT_FLAG_ACCT_CREATE && s->origin[o] == ORIGIN_DEFAULT &&
           settings_op(s) == FLAG_FOR_JOIN &&
           (settings_bool(s, OPT_FLAG_JOIN_UNSECURE) || settings_bool(s, OPT_FLAG_WIN9X_UPGRADE));
}

uint32_t settings_flags(const struct settings *s, unsigned ops)
{
    uint32_t mask = s->extra_flags;
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        if ((f->ops & ops) && settings_bool(s, f->opt) && !void_default(s, f->opt))
            mask |= f->value;
    }
    return mask;
}

void settings_set_flags(struct settings *s, unsigned ops, uint32_t mask)
{
    s->extra_flags = mask;
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        if (!(f->ops & ops))
            continue;
        free(s->value[f->opt]);
        s->value[f->opt] = xstrdup(mask & f->value ? "yes" : "no");
        s->origin[f->opt] = ORIGIN_SET;
        s->extra_flags &= ~f->value;
    }
}
