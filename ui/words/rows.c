/* List rows and choices in words. */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

static char *row_text, *row_note;

void row_set_text(struct list_row *out, char *text)
{
    free(row_text);
    row_text = text;
    out->text = row_text;
}

void row_set_note(struct list_row *out, char *note)
{
    free(row_note);
    row_note = note;
    out->note = row_note;
}

const char *words_choice(enum field f, const char *word)
{
    static const struct {
        const char *word, *text;
    } words[] = {
        /* TRANSLATORS: values of an answer, as a choice shows them: time source keep/domain;
           restart ask/never/now. */
        {"yes", N_("yes")},
        {"no", N_("no")},
        {"none", N_("none")},
        {"keep", N_("keep")},
        {"cms", N_("cms (recommended)")},
        {"domain", N_("domain")},
        {"ask", N_("ask")},
        {"never", N_("never")},
        {"now", N_("now")},
        {"colour", N_("colours")},
        {"mono", N_("no colours")},
        {"contrast", N_("high contrast")},
        {"screen", N_("whole screen")},
        {"lines", N_("line by line")},
    };
    if (f == FLD_LANGUAGE) {
        const struct i18n_language *list;
        size_t n = i18n_languages(&list);
        for (size_t i = 0; i < n; i++) {
            if (str_eq(list[i].code, word))
                return list[i].native;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (str_eq(words[i].word, word))
            return _(words[i].text);
    }
    return word;
}

static const char *empty_value(enum opt o)
{
    switch (o) {
    case OPT_CONTROLLER:
        /* TRANSLATORS: stands for an empty answer: the program chooses the controller. */
        return _("automatic");
    case OPT_ACCOUNT:
        return _("your own Kerberos ticket");
    case OPT_OU:
        return _("the domain's default place");
    case OPT_MACHINE_NAME:
        return _("the host's name");
    case OPT_LOGIN:
        return _("every domain user");
    case OPT_ADMINISTRATORS:
        /* TRANSLATORS: stands for an empty list of administrators. */
        return _("nobody");
    default:
        return _("(empty)");
    }
}

const char *words_empty(const struct wizard *w, enum field f)
{
    enum opt o = field_row(f)->opt;
    bool name = f == FLD_NAME && wizard_flow(w) != FLOW_PROVISION;
    bool stands = o == OPT_CONTROLLER || o == OPT_LOGIN || o == OPT_ADMINISTRATORS || name;
    return stands ? empty_value(o) : "";
}

const char *words_value(const struct settings *s, enum opt o)
{
    static char *kept;
    const char *v = settings_get(s, o);
    if (!*v)
        return empty_value(o);
    if (opt_row(o)->type == OPT_BOOL || opt_row(o)->type == OPT_CHOICE)
        return words_choice(FLD__COUNT, v);
    free(kept);
    kept = words_clean(v);
    return kept;
}

static void mode_text(const struct wizard *w, size_t i, struct list_row *out)
{
    enum mode m = wizard_mode_at(w, i);
    const char *blocked = wizard_mode_blocked(w, m);
    out->text = _(mode_row(m)->label);
    out->note = _(blocked ? blocked : mode_row(m)->text);
    out->dim = blocked != NULL;
}

static void login_text(const struct wizard *w, size_t i, struct list_row *out)
{
    static const char *const texts[] = {
        [LOGIN_PASSWORD] = N_("an account and its password"),
        [LOGIN_KEYTAB] = N_("an account and a keytab"),
        [LOGIN_TICKET] = N_("the Kerberos ticket you have"),
        [LOGIN_PREPARED] = N_("the password prepared for this machine"),
        [LOGIN_DEFAULT] = N_("the default password of a prepared machine"),
    };
    enum login_by by = wizard_login_at(w, i);
    out->text = _(texts[by]);
    out->mark = wizard_login_by(w) == by ? MARK_RADIO_ON : MARK_RADIO_OFF;
    if (by == LOGIN_DEFAULT)
        out->note = _("not recommended");
}

static void verdict_text(const struct verdict_view *v, struct list_row *out)
{
    struct buf b = BUF_INIT(8192);
    words_verdict_line(&b, v);
    row_set_text(out, buf_steal(&b));
    out->dim = v->verdict == VERDICT_SKIPPED;
}

static void dc_text(const struct wizard *w, size_t i, struct list_row *out)
{
    bool chosen = w->list[FLD_DCS].sel == i;
    out->mark = chosen ? MARK_RADIO_ON : MARK_RADIO_OFF;
    if (i == 0) {
        out->text = _("Automatic (recommended)");
        return;
    }
    if (i > w->n_dcs) {
        row_set_text(out, xstrdup(w->dc_custom));
        out->foreign = true;
        out->note = _("typed");
        return;
    }
    const struct dc_view *dc = &w->dcs[i - 1];
    AUTOFREE char *site = words_clean(dc->site);
    struct buf b = BUF_INIT(1024);
    if (*site)
        buf_printf(&b, "%s, ", site);
    if (dc->latency_ms >= 0)
        buf_printf(&b, "%d ms, ", dc->latency_ms);
    buf_str(&b, words_dc_state(dc));
    if (dc->state == DC_ANSWERED && !dc->writable)
        buf_printf(&b, ", %s", _("read-only"));
    row_set_text(out, xstrdup(dc->host));
    row_set_note(out, buf_steal(&b));
    out->foreign = true;
}

static void ou_text(const struct wizard *w, size_t i, struct list_row *out)
{
    bool custom;
    const struct ou_node *n = wizard_ou_at(w, i, &custom);
    out->mark = w->list[FLD_OUS].sel == i ? MARK_RADIO_ON : MARK_RADIO_OFF;
    if (!n) {
        out->node = NODE_LEAF;
        if (!custom) {
            out->text = w->default_refused ? _("The domain's default place")
                                           : _("The domain's default place (recommended)");
            out->note = w->default_refused ? _("not for your account") : NULL;
            return;
        }
        row_set_text(out, xstrdup(w->ou_custom));
        out->foreign = true;
        out->note = _("typed");
        return;
    }
    row_set_text(out, xstrdup(n->ou.name));
    out->foreign = true;
    out->depth = n->depth;
    out->node = n->loading      ? NODE_LOADING
                : n->open       ? NODE_OPEN
                : *w->ou_filter ? NODE_LEAF
                                : NODE_CLOSED;
    out->note = n->more ? _("more: narrow with /") : n->ou.may_create ? _("may create") : NULL;
}

static void flag_text(const struct wizard *w, size_t i, struct list_row *out)
{
    const struct flag_row *f = wizard_flag_at(w, i);
    /* What another operation would do by default is not on here. */
    bool on = (f->ops & settings_op(&w->settings)) && settings_bool(&w->settings, f->opt);
    const char *blocked = settings_flag_blocked(&w->settings, f->opt);
    out->text = _(f->label);
    out->dim = blocked != NULL;
    out->mark = blocked ? (on ? MARK_LOCKED_ON : MARK_LOCKED_OFF)
                : on    ? MARK_CHECK_ON
                        : MARK_CHECK_OFF;
    size_t prefix = strncmp(f->symbol, "NETSETUP_", 9) ? 0 : 9;
    if (settings_op(&w->settings) == FLAG_FOR_PROVISION &&
        !strncmp(f->symbol + 9, "PROVISION_", 10))
        prefix = 19; /* what all of them begin with */
    row_set_note(out, xasprintf("%s 0x%X", f->symbol + prefix, f->value));
}

void words_row(const struct wizard *w, enum field f, size_t index, struct list_row *out)
{
    *out = (struct list_row){.text = ""};
    if (index >= wizard_list_count(w, f))
        return;
    switch (f) {
    case FLD_MODE:
        mode_text(w, index, out);
        break;
    case FLD_NETWORK_LIST:
    case FLD_CHECK_LIST:
    case FLD_IMAGE_CHECKS:
        verdict_text(wizard_verdict_at(w, f, index), out);
        break;
    case FLD_LOGIN_BY:
        login_text(w, index, out);
        break;
    case FLD_DCS:
        dc_text(w, index, out);
        break;
    case FLD_OUS:
        ou_text(w, index, out);
        break;
    case FLD_FLAGS:
        flag_text(w, index, out);
        break;
    case FLD_HOW_MANY:
        row_how_many(w, index, out);
        break;
    case FLD_ROWS:
    case FLD_RUN_ROWS:
    case FLD_RESULT_ROWS:
        row_machine(w, index, out);
        break;
    case FLD_BLOBS:
        row_blob(w, index, out);
        break;
    case FLD_TARGETS:
        row_target(w, index, out);
        break;
    case FLD_REVIEW:
        row_review(w, index, out);
        break;
    default:
        break;
    }
}
