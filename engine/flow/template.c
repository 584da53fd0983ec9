/*
 * Computer names with words such as {serial}: what the running machine says about itself. A name
 * that is too long, or that another machine's account has, gets a suffix made from everything that
 * tells this machine apart.
 */
#include <string.h>

#include "engine/flow/hardware.h"
#include "engine/flow/session.h"
#include "engine/model/settings_flags.h"
#include "engine/model/settings_offline.h"

static char *machine_value(void *arg, const char *word)
{
    return hardware_value(((struct session *)arg)->here, word);
}

static void note(struct session *s, enum cause cause, const char *wanted, const char *name)
{
    err_cause(&s->name_note, cause);
    err_fact(&s->name_note, FACT_VALUE, "%s", wanted);
    err_fact(&s->name_note, FACT_NAME, "%s", name);
    log_notice("the name %s is made %s: %s", wanted, name,
               cause == CAUSE_TEMPLATE_TAKEN ? "another machine has it"
                                             : "it is longer than 15 characters");
}

/* Name and what it would be with the suffix; both malloc'ed. */
static int expand(struct session *s, const char *name, char **ret, char **other, struct err *e)
{
    char *text = name_expand(name, machine_value, s, e);
    if (!text)
        return -1;
    s->has_id = hardware_id(s->here, s->machine_id);
    *ret = text;
    *other = s->has_id ? name_with_suffix(text, s->machine_id) : NULL;
    return 0;
}

char *session_own_name(struct session *s)
{
    const char *name = settings_get(s->s, OPT_MACHINE_NAME);
    struct err ignored = {0};
    AUTOFREE char *text = NULL;
    AUTOFREE char *other = NULL;
    /* Who asks about the machine only brings no settings along. */
    if (str_empty(name) || !strchr(name, '{') || settings_is_batch(s->s) ||
        expand(s, name, &text, &other, &ignored) < 0)
        return xstrdup("");
    return strlen(text) > NAME_NETBIOS_MAX && other ? TAKE(other) : TAKE(text);
}

static int take_name(struct session *s, const char *name, struct err *e)
{
    return settings_set(s->own_settings, OPT_MACHINE_NAME, name, s->s->origin[OPT_MACHINE_NAME], e);
}

int session_expand_name(struct session *s, struct settings **own, struct err *e)
{
    const char *name = settings_get(s->s, OPT_MACHINE_NAME);
    *own = NULL;
    session_drop_name(s);
    /* In a list of machines it is a pattern for their names. */
    if (!strchr(name, '{') || settings_is_batch(s->s))
        return 0;
    AUTOFREE char *text = NULL;
    AUTOFREE char *other = NULL;
    if (expand(s, name, &text, &other, e) < 0)
        return -1;
    if (!(*own = settings_clone(s->s)))
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    log_info("the name %s stands for %s", name, text);
    s->own_settings = *own;
    bool cut = strlen(text) > NAME_NETBIOS_MAX && other;
    if (cut)
        note(s, CAUSE_TEMPLATE_CUT, text, other);
    else
        s->other_name = TAKE(other);
    if (take_name(s, cut ? other : text, e) < 0)
        return -1;
    s->s = *own;
    return 0;
}

void session_drop_name(struct session *s)
{
    s->own_settings = NULL;
    free(TAKE(s->other_name));
    err_reset(&s->name_note);
}

/* Made for this machine, by it or for it: it carries this machine's mark, or nobody has joined with
 * it yet. */
static bool is_for_us(const struct session *s, const struct account_object *o)
{
    if (o->has_machine)
        return s->has_id && memcmp(o->machine, s->machine_id, sizeof o->machine) == 0;
    return !*o->dns_host;
}

static int taken(const struct session *s, const struct account_object *o, struct err *e)
{
    (void)err_cause(e, CAUSE_NAME_TAKEN);
    err_fact(e, FACT_NAME, "%s", s->names.netbios);
    err_fact(e, FACT_OBJECT, "%s", o->dn);
    return -1;
}

int session_settle_template(struct session *s, bool *again, struct err *e)
{
    const struct account_object *o = s->facts.existing;
    *again = false;
    bool free_to_choose = settings_op(s->s) == FLAG_FOR_JOIN && !settings_as_machine(s->s) &&
                          settings_bool(s->s, OPT_FLAG_ACCT_CREATE);
    if (!s->own_settings || !free_to_choose || !o || is_for_us(s, o))
        return 0;
    /* No suffix is left, or none can be made: nobody chose this name, so nobody meant the machine
     * that has it. Under a suffix of its own an account without any mark is this machine's. */
    if (!s->other_name)
        return s->has_id && !o->has_machine ? 0 : taken(s, o, e);
    AUTOFREE char *other = TAKE(s->other_name);
    note(s, CAUSE_TEMPLATE_TAKEN, s->names.netbios, other);
    *again = true;
    return take_name(s, other, e);
}
