/* wizard.ini to answers and back. */
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/ini/ini.h"
#include "engine/model/settings.h"

static int take_item(struct settings *s, const struct ini_item *it, enum origin origin,
                     struct err *e)
{
    int o = opt_find(it->section, it->key);
    if (o >= 0)
        return settings_set(s, (enum opt)o, it->value, origin, e);
    if (str_ieq(it->key, "password") || str_ieq(it->key, "passphrase")) {
        err_cause(e, CAUSE_SECRET_IN_SET);
        err_fact(e, FACT_OPTION, "%s.%s", it->section, it->key);
        return -1;
    }
    const char *near = opt_nearest(it->section, it->key);
    err_cause(e, CAUSE_CONFIG_UNKNOWN_KEY);
    err_fact(e, FACT_OPTION, "%s.%s", it->section, it->key);
    if (near)
        err_fact(e, FACT_NEAREST, "%s", near);
    return -1;
}

int settings_load_ini(struct settings *s, const char *text, size_t len, enum origin origin,
                      struct err *e)
{
    struct ini_doc doc = {0};
    if (ini_read(text, len, "wizard.ini", &doc, e) < 0)
        return -1;
    int r = 0;
    for (size_t i = 0; i < doc.n && r == 0; i++) {
        r = take_item(s, &doc.items[i], origin, e);
        if (r < 0)
            err_fact(e, FACT_LINE, "%u", doc.items[i].line);
    }
    ini_free(&doc);
    return r;
}

static void key_name(enum opt o, char *out, size_t size)
{
    snprintf(out, size, "%s", opt_row(o)->key);
    str_lower(out);
}

char *settings_save_ini(const struct settings *s)
{
    struct buf b = BUF_INIT(256u << 10);
    const char *section = "";
    unsigned op = settings_op(s);
    for (int o = 0; o < OPT__COUNT; o++) {
        const struct opt_row *row = opt_row(o);
        const struct flag_row *flag = flag_of(o);
        char key[80];
        /* Another operation's flags would be refused when the answers are replayed. */
        if (flag && !(flag->ops & op))
            continue;
        /* What is at its default is written too when it decides what is done; empty answers are
         * left out. */
        if (!*s->value[o])
            continue;
        if (s->origin[o] == ORIGIN_DEFAULT && o != OPT_OPERATION && !flag)
            continue;
        if (strcmp(section, row->section) != 0) {
            section = row->section;
            ini_write_section(&b, section);
        }
        key_name(o, key, sizeof key);
        if (ini_write_value(&b, key, s->value[o]) < 0)
            continue;
    }
    return buf_steal(&b);
}

char *settings_sample_ini(void)
{
    struct buf b = BUF_INIT(256u << 10);
    const char *section = "";
    buf_str(&b, "; Answers for joinery. Every key is optional in the wizard, which asks for what "
                "is missing.\n"
                "; A comment starts at the beginning of a line, with ; or #. This file never holds "
                "a secret.\n");
    for (int o = 0; o < OPT__COUNT; o++) {
        const struct opt_row *row = opt_row(o);
        char key[80];
        key_name(o, key, sizeof key);
        if (strcmp(section, row->section) != 0) {
            section = row->section;
            buf_printf(&b, "\n[%s]\n", section);
        }
        buf_printf(&b, "; %s\n", row->help);
        if (flag_of(o))
            buf_printf(&b, "; %s, 0x%x\n", flag_of(o)->symbol, flag_of(o)->value);
        if (*row->choices)
            buf_printf(&b, "; One of: %s\n", row->choices);
        buf_printf(&b, ";%s =%s%s\n", key, *row->def ? " " : "", row->def);
    }
    return buf_steal(&b);
}
