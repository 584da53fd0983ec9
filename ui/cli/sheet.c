#include "ui/cli/sheet.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"
#include "engine/json/json.h"
#include "ui/cli/events.h"
#include "ui/i18n/i18n.h"
#include "ui/text/width.h"
#include "ui/words/words.h"

#define LABEL_COLS 30
#define LINE_COLS  100

void sheet_open(struct sheet *s, const char *event, const char *title)
{
    if (!s->json) {
        printf("%s\n", title);
        return;
    }
    s->o = jsn_object();
    jsn_set_str(s->o, "event", event);
}

void sheet_close(struct sheet *s)
{
    if (!s->json) {
        printf("\n");
        return;
    }
    AUTOFREE char *line = jsn_line(s->o);
    puts(line);
    jsn_free(s->o);
    s->o = NULL;
}

/* "  Label         value", further lines under the first. */
static void put(const char *label, const char *value)
{
    const char *text = _(label), *line;
    struct wrap w = wrap_start(value, LINE_COLS - LABEL_COLS - 2);
    size_t len;
    int used = text_width(text);
    printf("  %s%*s", text, used < LABEL_COLS ? LABEL_COLS - used : 1, "");
    for (bool first = true; wrap_next(&w, &line, &len); first = false)
        printf("%*s%.*s\n", first ? 0 : LABEL_COLS + 2, "", (int)len, line);
}

void sheet_text(struct sheet *s, const char *key, const char *label, const char *value)
{
    if (s->json) {
        jsn_set_str(s->o, key, value);
        return;
    }
    AUTOFREE char *clean = words_clean(value ? value : "");
    put(label, !value ? _("none") : *value ? clean : _("empty"));
}

void sheet_words(struct sheet *s, const char *key, const char *label, const char *word,
                 const char *words)
{
    if (s->json)
        jsn_set_str(s->o, key, word);
    else
        put(label, words);
}

void sheet_bool(struct sheet *s, const char *key, const char *label, bool value)
{
    if (s->json)
        jsn_set_bool(s->o, key, value);
    else
        put(label, value ? _("yes") : _("no"));
}

void sheet_number(struct sheet *s, const char *key, const char *label, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    if (s->json)
        jsn_set_int(s->o, key, (int64_t)value);
    else
        put(label, text);
}

void sheet_flags(struct sheet *s, const char *key, const char *label, uint32_t value,
                 const struct sheet_flag *flags, size_t n)
{
    struct buf words = BUF_INIT(4096);
    struct jsn *names = s->json ? jsn_array() : NULL;
    uint32_t rest = value;
    buf_printf(&words, "0x%" PRIX32, value);
    for (size_t i = 0; i < n; i++) {
        if (!(value & flags[i].bit))
            continue;
        rest &= ~flags[i].bit;
        buf_printf(&words, " %s", flags[i].name);
        if (names)
            jsn_add_str(names, flags[i].name);
    }
    if (rest && rest != value)
        buf_printf(&words, " 0x%" PRIX32, rest);
    if (names) {
        AUTOFREE char *list = xasprintf("%s_names", key);
        jsn_set_int(s->o, key, value);
        jsn_set(s->o, list, names);
    } else {
        put(label, buf_text(&words));
    }
    buf_free(&words);
}

void sheet_bytes(struct sheet *s, const char *key, const char *label, size_t bytes)
{
    if (s->json) {
        jsn_set_int(s->o, key, (int64_t)bytes);
        return;
    }
    AUTOFREE char *text = xasprintf(P_("%lu byte", "%lu bytes", bytes), (unsigned long)bytes);
    put(label, bytes ? text : _("none"));
}

void sheet_err(struct sheet *s, const struct err *e)
{
    if (s->json)
        output_err(s->o, e);
}
