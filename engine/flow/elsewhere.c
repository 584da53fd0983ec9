#include "engine/flow/elsewhere.h"

static bool gone(const struct err *e)
{
    return controller_failed(e) || e->cause == CAUSE_CONTROLLER_UNRESOLVED ||
           e->cause == CAUSE_NOT_A_DC_OF_DOMAIN || e->cause == CAUSE_CONTROLLER_READ_ONLY;
}

bool elsewhere_may(struct session *s, const struct err *e, const char *writer, const char *other)
{
    /* Named again by a person, it is the only one. */
    return !str_empty(writer) && !str_ieq(other, writer) && gone(e) && !cancel_is_set(s->cancel);
}

int elsewhere_go(struct session *s, struct settings *own, const char *writer, const char *other,
                 const struct err *why, struct err *e)
{
    log_notice("%s, which took the change, cannot be reached (%s): asking %s", writer,
               code_symbol(why->code), *other ? other : "another controller");
    s->r->in_step = false;
    free(s->avoid);
    s->avoid = xstrdup(writer);
    drop_domain(s);
    if (settings_set(own, OPT_CONTROLLER, other, ORIGIN_SET, e) < 0)
        return -1;
    return locate_domain(s, e);
}

int elsewhere_unproved(struct session *s, const char *writer, const struct err *answer,
                       const char *object, struct err *e)
{
    err_reset(e);
    err_cause(e, CAUSE_WRITER_UNREACHABLE);
    err_fact(e, FACT_SERVER, "%s", writer);
    err_fact(e, FACT_ANSWER, "%s: %s", session_dc(s)->host, code_symbol(answer->code));
    err_fact(e, FACT_OBJECT, "%s", object);
    return err_foreign(e, answer->src, answer->lib, "%s", answer->raw);
}
