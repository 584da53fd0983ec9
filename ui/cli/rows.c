#include "ui/cli/rows.h"

#include <stdio.h>

#include "engine/json/json.h"
#include "ui/cli/events.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

static const char *const states[] = {
    [ROW_WAITING] = "waiting", [ROW_RUNNING] = "running", [ROW_DONE] = "done",
    [ROW_FAILED] = "failed",   [ROW_BEFORE] = "before",
};

void rows_text(const struct row_view *r)
{
    AUTOFREE char *name = words_clean(r->name);
    AUTOFREE char *output = words_clean(r->output);
    switch (r->state) {
    case ROW_DONE:
        printf("[ok] %s: %s\n", name, output);
        break;
    case ROW_BEFORE:
        printf("[--] %s: %s\n", name, _("done before"));
        break;
    case ROW_FAILED: {
        AUTOFREE char *code = words_code(&r->err);
        printf("[!!] %s: ", *name ? name : "-");
        printf(_("line %u"), r->line);
        printf(": %s: %s\n", code, words_what(&r->err));
        break;
    }
    case ROW_WAITING:
    case ROW_RUNNING:
        break;
    }
}

void rows_total_text(const struct rate_view *t)
{
    size_t left = t->total - t->done - t->failed;
    printf(_("Machines: %zu of %zu done, %zu failed, %zu left; %u a minute."), t->done, t->total,
           t->failed, left, t->per_minute);
    printf("\n");
    if (t->failed || left)
        printf("%s\n", _("Run the same list again to go on: what is done is not done twice."));
}

void rows_json(struct jsn *o, const struct row_view *r)
{
    jsn_set_int(o, "index", (int64_t)r->index);
    jsn_set_int(o, "line", r->line);
    jsn_set_str(o, "state", states[r->state]);
    jsn_set_str(o, "name", r->name);
    jsn_set_str(o, "ou", r->ou);
    jsn_set_str(o, "description", r->description);
    jsn_set_str(o, "output", r->output);
    output_err(o, &r->err);
}

void rows_rate_json(struct jsn *o, const struct rate_view *t)
{
    jsn_set_int(o, "done", (int64_t)t->done);
    jsn_set_int(o, "failed", (int64_t)t->failed);
    jsn_set_int(o, "total", (int64_t)t->total);
    jsn_set_int(o, "per_minute", t->per_minute);
    jsn_set_int(o, "left_s", t->left_s);
}
