#include "ui/model/pages.h"

#include "engine/base/macro.h"

static const struct {
    unsigned flows;
    const char *name, *title;
} pages[] = {
#define PAGE(id, flows, title) {flows, #id, title},
#define FIELD(id, page, kind, opt, label, help)
#include "ui/model/pages.def"
#undef PAGE
#undef FIELD
};

static const struct {
    const char *name;
    struct field_row row;
} fields[] = {
#define PAGE(id, flows, title)
#define FIELD(id, page, kind, opt, label, help) {#id, {PAGE_##page, kind, opt, label, help}},
#include "ui/model/pages.def"
#undef PAGE
#undef FIELD
};

static const struct mode_row modes[] = {
    [MODE_JOIN] = {"join", FLOW_JOIN, N_("Join a domain"), N_("make this machine a member")},
    [MODE_CHECK] = {NULL, FLOW_CHECK, N_("Check only"), N_("try everything, change nothing")},
    [MODE_STATUS] = {NULL, FLOW_STATUS, N_("Status"), N_("what this machine is a member of")},
    [MODE_REPAIR] = {"repair", FLOW_REPAIR, N_("Repair"), N_("mend a broken membership")},
    [MODE_ROTATE] = {"rotate", FLOW_ROTATE, N_("New machine password"),
                     N_("a new secret for this machine")},
    [MODE_RENAME] = {"rename", FLOW_RENAME, N_("Rename"), N_("here and in the domain")},
    [MODE_LEAVE] = {"leave", FLOW_LEAVE, N_("Leave the domain"), N_("undo a join")},
    [MODE_RECOVER] = {NULL, FLOW_RECOVER, N_("Recover"), N_("finish or undo what was interrupted")},
    [MODE_WORKGROUP] = {"workgroup", FLOW_WORKGROUP, N_("Workgroup"),
                        N_("for a machine in no domain")},
    [MODE_PROVISION] = {"provision", FLOW_PROVISION, N_("Prepare machines"),
                        N_("accounts and data for a join elsewhere")},
    [MODE_APPLY] = {"apply", FLOW_APPLY, N_("Apply provisioning data"),
                    N_("to an image or this machine")},
};

const char *page_title(enum page p)
{
    return pages[p].title;
}

const char *page_name(enum page p)
{
    return pages[p].name;
}

unsigned page_flows(enum page p)
{
    return pages[p].flows;
}

/* The option's own words are filled in once, on first use: the table cannot name them at compile
 * time. */
const struct field_row *field_row(enum field f)
{
    static struct field_row rows[FLD__COUNT];
    static bool filled[FLD__COUNT];
    if (!filled[f]) {
        rows[f] = fields[f].row;
        if (rows[f].opt != OPT__COUNT && !*rows[f].label)
            rows[f].label = opt_row(rows[f].opt)->label;
        if (rows[f].opt != OPT__COUNT && !*rows[f].help)
            rows[f].help = opt_row(rows[f].opt)->help;
        filled[f] = true;
    }
    return &rows[f];
}

const char *field_name(enum field f)
{
    return fields[f].name;
}

const struct mode_row *mode_row(enum mode m)
{
    return &modes[m];
}
