/* What the thread's last call ended with. */
#include "engine/api/private.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"

/* Per thread, of fixed size: nothing is left behind when the thread ends. */
static _Thread_local struct {
    struct joinery_error shown;
    char facts[2600]; /* ERR_FACTS_MAX labels and values */
    char server[sizeof((struct err *)0)->raw];
    char text[1200];
    bool restart;
} last;

void api_begin(struct api_call *c)
{
    *c = (struct api_call){0};
    settings_init(&c->s);
}

static void note_facts(const struct err *e)
{
    size_t at = 0;
    last.facts[0] = '\0';
    for (unsigned i = 0; i < e->n_facts && at < sizeof last.facts; i++) {
        int n = snprintf(last.facts + at, sizeof last.facts - at, "%s%s: %s", i ? "\n" : "",
                         fact_label(e->facts[i].label), e->facts[i].value);
        at += n > 0 ? (size_t)n : 0;
    }
}

static void note(const struct err *e, uint32_t code)
{
    const struct cause_row *cause = cause_row(e->cause);
    const struct code_row *row = code_find(code);
    last.shown = (struct joinery_error){.code = code, .symbol = code_symbol(code)};
    if (cause && cause->number == e->code) {
        last.shown.what = cause->what;
        last.shown.why = cause->why;
        last.shown.next = cause->next;
    } else {
        last.shown.what = row ? row->what : "";
        last.shown.why = row ? row->why : "";
        last.shown.next = row ? row->next : "";
    }
    note_facts(e);
    snprintf(last.server, sizeof last.server, "%s", e->raw);
    last.shown.facts = last.facts;
    last.shown.server = last.server;
}

uint32_t api_end_as(struct api_call *c, uint32_t code)
{
    note(&c->err, code);
    if (c->changes)
        last.restart = c->restart;
    settings_free(&c->s);
    return code;
}

uint32_t api_end(struct api_call *c)
{
    return api_end_as(c, c->err.code);
}

const struct joinery_error *joinery_last_error(void)
{
    static const struct err none;
    if (!last.shown.symbol) /* no call yet */
        note(&none, 0);
    return &last.shown;
}

int joinery_restart_needed(void)
{
    return last.restart;
}

const char *joinery_error_text(uint32_t code)
{
    const struct code_row *row = code_find(code);
    if (!row)
        snprintf(last.text, sizeof last.text, "system error %u (0x%x)", code, code);
    else
        snprintf(last.text, sizeof last.text, "%s (%u): %s%s%s%s%s", row->symbol, code, row->what,
                 *row->why ? " " : "", row->why, *row->next ? " " : "", row->next);
    return last.text;
}
