/* Asking for one field. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "ui/i18n/i18n.h"
#include "ui/line/internal.h"
#include "ui/text/charset.h"
#include "ui/text/utf8.h"
#include "ui/words/words.h"

/* In whatever digits the keyboard types. */
bool line_number(const char *text, size_t n, size_t *index)
{
    size_t v = 0, len = strlen(text), used;
    for (uint32_t cp; len > 0; text += used, len -= used) {
        used = utf8_decode(text, len, &cp);
        uint32_t digit = used ? char_fold(cp) - '0' : 10;
        if (digit > 9 || v > n)
            return false;
        v = v * 10 + digit;
    }
    if (v < 1 || v > n)
        return false;
    *index = v - 1;
    return true;
}

bool line_sign(const char **text, char sign)
{
    uint32_t cp;
    size_t used = utf8_decode(*text, strlen(*text), &cp);
    if (!used || char_fold(cp) != (uint32_t)sign)
        return false;
    *text += used;
    return true;
}

enum reply line_choose(struct line *l, const char *prompt, const char *const *texts, size_t n,
                       size_t fallback, size_t *choice)
{
    char shown[24];
    for (size_t i = 0; i < n; i++) {
        AUTOFREE char *mark = xasprintf("  %zu) ", i + 1);
        line_item(mark, texts[i]);
    }
    snprintf(shown, sizeof shown, "%zu", fallback + 1);
    for (;;) {
        char *text;
        enum reply r = line_ask(l, prompt, shown, &text);
        *choice = fallback;
        if (r != REPLY_TEXT)
            return r;
        bool good = line_number(text, n, choice);
        for (size_t i = 0; !good && i < n; i++) {
            good = str_ieq(text, texts[i]);
            *choice = i;
        }
        free(text);
        if (good)
            return REPLY_TEXT;
        line_print(_("Please type one of the numbers."));
    }
}

/* One letter of the user's language is enough where it means one of the two only. */
static bool starts(const char *word, const char *text)
{
    return *text && fold_begins(word, text, strlen(text));
}

/* Numbers, the user's language, and English always. -1: neither. */
static int yes_or_no(const char *text)
{
    bool yes = starts(_("yes"), text), no = starts(_("no"), text);
    size_t number;
    if (line_number(text, 2, &number))
        return number == 0;
    if (yes != no)
        return yes;
    yes = starts("yes", text);
    return yes != starts("no", text) ? yes : -1;
}

static enum reply ask_bool(struct line *l, enum field f)
{
    enum opt o = field_row(f)->opt;
    AUTOFREE char *prompt = xasprintf("%s (1 %s, 2 %s)", _(field_row(f)->label), _("yes"), _("no"));
    for (;;) {
        char *text;
        bool now = settings_bool(&l->w->settings, o);
        enum reply r = line_ask(l, prompt, now ? _("yes") : _("no"), &text);
        if (r != REPLY_TEXT)
            return r;
        int answer = yes_or_no(text);
        free(text);
        if (answer < 0) {
            line_print(_("Please type 1 or 2."));
            continue;
        }
        if (answer != now)
            line_key(l, ACT_TOGGLE);
        line_tell(l); /* it may not be free to choose */
        return REPLY_TEXT;
    }
}

/* "-3" takes the third machine from the list again. */
static bool remove_row(struct line *l, const char *text)
{
    size_t index;
    if (!line_sign(&text, '-') || !line_number(text, wizard_list_count(l->w, FLD_ROWS), &index))
        return false;
    line_event(l, (struct wiz_event){.kind = WIZ_FOCUS, .focus = FLD_ROWS});
    line_event(l, (struct wiz_event){
                      .kind = WIZ_SELECT, .focus = FLD_ROWS, .index = index, .how = LIST_MOVED});
    line_key(l, ACT_DELETE);
    line_event(l, (struct wiz_event){.kind = WIZ_FOCUS, .focus = FLD_NEW_ROW});
    line_rows(l, FLD_ROWS);
    return true;
}

/* Lines up to an empty one; each is a machine, and a paste is many of them. */
static enum reply ask_rows(struct line *l)
{
    line_rows(l, FLD_ROWS);
    line_print(_("A minus and a number takes that line from the list; Enter goes on."));
    for (;;) {
        char *text;
        enum reply r = line_ask(l, _(field_row(FLD_NEW_ROW)->label), "", &text);
        if (r != REPLY_TEXT)
            return r;
        if (!remove_row(l, text)) {
            line_event(l, (struct wiz_event){.kind = WIZ_TEXT, .focus = FLD_NEW_ROW, .text = text});
            line_key(l, ACT_ENTER);
            line_tell(l);
        }
        free(text);
    }
}

/* The rules that need nobody else, at once: an error belongs behind its question. */
static int check_text(const struct line *l, enum field f, struct err *e)
{
    const char *text = l->w->edit[f].text;
    switch (f) {
    case FLD_DOMAIN:
        return *text ? name_check_domain(text, e) : 0;
    case FLD_NAME:
    case FLD_RENAME_NAME: /* braces stand for templates */
        return *text && !strchr(text, '{') ? name_check_computer(text, e) : 0;
    case FLD_FQDN:
    case FLD_RENAME_FQDN:
        return *text ? name_check_dns(text, e) : 0;
    case FLD_WORKGROUP:
        return wizard_workgroup_check(l->w, e);
    default:
        return 0;
    }
}

static enum reply ask_text(struct line *l, enum field f)
{
    for (;;) {
        char *text;
        struct err e = {0};
        const char *now = l->w->edit[f].text;
        enum reply r =
            line_ask(l, _(field_row(f)->label), *now ? now : words_empty(l->w, f), &text);
        if (r == REPLY_TEXT)
            line_event(l, (struct wiz_event){.kind = WIZ_TEXT,
                                             .focus = (int)f,
                                             .text = str_eq(text, "-") ? "" : text});
        free(text);
        if (r != REPLY_TEXT || check_text(l, f, &e) == 0)
            return r;
        AUTOFREE char *said = xasprintf(_(say_text(SAY_FAILED)), words_what(&e));
        AUTOFREE char *all = xasprintf("%s %s", said, words_next(&e));
        line_print(all);
    }
}

/* The characters go one by one into the wizard's own locked buffer. */
static enum reply ask_secret(struct line *l, enum field f)
{
    struct secret s = {0};
    if (f == FLD_PASSWORD && !*settings_get(&l->w->settings, OPT_ACCOUNT) &&
        !wizard_machine_password(l->w))
        return REPLY_DEFAULT;
    enum reply r = line_ask_secret(l, _(wizard_label(l->w, f)), &s);
    for (size_t i = 0; charset_limited() && r == REPLY_TEXT && i < s.len; i++) {
        if (s.data[i] & 0x80) {
            line_print(words_own_letters());
            break;
        }
    }
    for (size_t i = 0; r == REPLY_TEXT && i < s.len;) {
        char one[8] = "";
        size_t n = 0;
        do
            one[n++] = (char)s.data[i++];
        while (n < 4 && i < s.len && (s.data[i] & 0xc0) == 0x80);
        line_event(l, (struct wiz_event){
                          .kind = WIZ_KEY, .action = ACT_CHAR, .text = one, .pasted = true});
        explicit_bzero(one, sizeof one);
    }
    secret_free(&s);
    return r;
}

#define CHOICES_MAX 24

/* A choice in words; a language in its own and in English, for whoever cannot read it. */
static char *choice_text(enum field f, size_t i)
{
    char word[32];
    const char *text = words_choice(f, wizard_choice_at(f, i, word, sizeof word));
    const struct i18n_language *lang = f == FLD_LANGUAGE ? i18n_find(word) : NULL;
    return lang && !str_eq(lang->english, text) ? xasprintf("%s (%s)", text, lang->english)
                                                : xstrdup(text);
}

static enum reply ask_choice(struct line *l, enum field f)
{
    char *texts[CHOICES_MAX] = {NULL};
    size_t n = wizard_choices(f), now = wizard_choice_now(l->w, f), choice;
    if (n > CHOICES_MAX)
        n = CHOICES_MAX;
    for (size_t i = 0; i < n; i++)
        texts[i] = choice_text(f, i);
    enum reply r =
        line_choose(l, _(field_row(f)->label), (const char *const *)texts, n, now, &choice);
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    for (size_t i = now; r == REPLY_TEXT && i != choice; i = (i + 1) % n)
        line_key(l, ACT_RIGHT);
    return r;
}

static void expand(struct line *l, const char *text)
{
    size_t index;
    if (!line_number(text, wizard_list_count(l->w, FLD_OUS), &index))
        return;
    line_event(l, (struct wiz_event){
                      .kind = WIZ_SELECT, .focus = FLD_OUS, .index = index, .how = LIST_EXPAND});
    line_settle(l);
    line_rows(l, FLD_OUS);
}

/* "+3" opens a branch, "/text" filters, "=OU=..." types a name. true: it was one of these. */
static bool tree_command(struct line *l, const char *text)
{
    struct effects fx = {0};
    if (line_sign(&text, '+')) {
        expand(l, text);
        return true;
    }
    bool filter = line_sign(&text, '/');
    if (!filter && !line_sign(&text, '='))
        return false;
    wizard_prompt(l->w, filter ? PROMPT_FILTER : PROMPT_DN, text, &fx);
    app_effects(l->app, &fx);
    line_settle(l);
    line_rows(l, FLD_OUS);
    return true;
}

/* What Enter takes: nothing where no row is the answer yet. */
static bool row_is_answer(const struct wizard *w, enum field f)
{
    if (f == FLD_TARGETS)
        return w->offline.target_chosen;
    const char *blob = wizard_blob_at(w, w->list[FLD_BLOBS].sel, NULL);
    return f != FLD_BLOBS || str_eq(blob, settings_get(&w->settings, OPT_OFFLINE_INPUT));
}

/* The rows and how to choose. Not again when only the answer was wrong: ? lists them. false: there
 * is nothing to choose. */
static bool show_list(struct line *l, enum field f)
{
    if (!wizard_list_count(l->w, f) ||
        (f == FLD_ROWS && l->w->offline.machines == MACHINES_TYPED)) /* shown where it is typed */
        return false;
    if (l->again != f)
        (f == FLD_FLAGS ? line_rows_on : line_rows)(l, f);
    l->again = FLD__COUNT;
    if (f == FLD_ROWS || f == FLD_IMAGE_CHECKS)
        return false;
    if (f == FLD_OUS)
        line_print(
            _("+ and a number opens a branch, / and text filters, = and a full name takes that."));
    if (f == FLD_FLAGS)
        line_print(_("A number switches that option, ? lists all of them; Enter goes on."));
    return true;
}

/* A row by its number or its words. */
static bool row_named(struct line *l, enum field f, const char *text, size_t *index)
{
    size_t n = wizard_list_count(l->w, f);
    if (line_number(text, n, index))
        return true;
    for (*index = 0; *index < n; ++*index) {
        struct list_row row;
        words_row(l->w, f, *index, &row);
        if (str_ieq(row.text, text))
            return true;
    }
    return false;
}

/* What has become of a flag, and of all of them together. */
static void tell_flag(struct line *l, size_t index)
{
    struct list_row row;
    line_tell(l);
    words_row(l->w, FLD_FLAGS, index, &row);
    AUTOFREE char *mark =
        xasprintf("%4zu) %s ", index + 1,
                  row.mark == MARK_CHECK_ON || row.mark == MARK_LOCKED_ON ? "[x]" : "[ ]");
    line_item(mark, row.text);
    AUTOFREE char *mask = words_note(l->w, FLD_MASK);
    line_print(mask);
}

static enum reply ask_list(struct line *l, enum field f)
{
    bool flags = f == FLD_FLAGS;
    if (!show_list(l, f))
        return REPLY_DEFAULT;
    for (;;) {
        char shown[24], *text;
        size_t index;
        snprintf(shown, sizeof shown, "%zu", l->w->list[f].sel + 1);
        enum reply r = line_ask(l, _(field_row(f)->label),
                                flags || !row_is_answer(l->w, f) ? "" : shown, &text);
        if (r != REPLY_TEXT)
            return r;
        bool command = f == FLD_OUS && tree_command(l, text);
        bool good = !command && row_named(l, f, text, &index);
        free(text);
        if (command)
            continue;
        if (!good) {
            line_print(_("Please type one of the numbers."));
            continue;
        }
        line_event(l, (struct wiz_event){.kind = WIZ_SELECT,
                                         .focus = (int)f,
                                         .index = index,
                                         .how = flags ? LIST_TOGGLE : LIST_MOVED});
        if (!flags)
            return REPLY_TEXT;
        if (l->w->page != field_row(f)->page) /* what it needs is asked elsewhere */
            return REPLY_MOVED;
        tell_flag(l, index);
    }
}

enum reply line_field(struct line *l, enum field f)
{
    line_event(l, (struct wiz_event){.kind = WIZ_FOCUS, .focus = (int)f});
    switch (field_row(f)->kind) {
    case FIELD_TEXT:
        return f == FLD_NEW_ROW ? ask_rows(l) : ask_text(l, f);
    case FIELD_SECRET:
        return ask_secret(l, f);
    case FIELD_CHOICE:
        return ask_choice(l, f);
    case FIELD_BOOL:
        return ask_bool(l, f);
    case FIELD_LIST:
        return ask_list(l, f);
    case FIELD_NOTE:
    case FIELD_STEPS:
    case FIELD_TEXTVIEW:
        break;
    }
    return REPLY_DEFAULT;
}
