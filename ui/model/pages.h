/* Pages and fields as tables (pages.def), and the modes of the wizard. */
#ifndef JOINERY_UI_MODEL_PAGES_H
#define JOINERY_UI_MODEL_PAGES_H

#include <stdbool.h>

#include "engine/tables/options.h"

enum flow {
    FLOW_JOIN = 1,
    FLOW_CHECK = 2,
    FLOW_STATUS = 4,
    FLOW_LEAVE = 8,
    FLOW_RECOVER = 16,
    FLOW_WORKGROUP = 32,
    FLOW_RENAME = 64,
    FLOW_ROTATE = 128,
    FLOW_REPAIR = 256,
    FLOW_PROVISION = 512,
    FLOW_APPLY = 1024,
    /* the modes that change something */
    FLOW_WORK = FLOW_JOIN | FLOW_LEAVE | FLOW_WORKGROUP | FLOW_RENAME | FLOW_ROTATE | FLOW_REPAIR |
                FLOW_PROVISION | FLOW_APPLY,
    FLOW_ALL = 2047
};

enum page {
#define PAGE(id, flows, title) PAGE_##id,
#define FIELD(id, page, kind, opt, label, help)
#include "ui/model/pages.def"
#undef PAGE
#undef FIELD
    PAGE__COUNT
};

enum field {
#define PAGE(id, flows, title)
#define FIELD(id, page, kind, opt, label, help) FLD_##id,
#include "ui/model/pages.def"
#undef PAGE
#undef FIELD
    FLD__COUNT
};

enum field_kind {
    FIELD_NOTE, /* text that follows from the state; never has the focus */
    FIELD_TEXT, /* one line */
    FIELD_SECRET,
    FIELD_CHOICE, /* one of a few words */
    FIELD_BOOL,
    FIELD_LIST, /* rows: modes, verdicts, controllers, organizational units, flags, review */
    FIELD_STEPS,
    FIELD_TEXTVIEW, /* text that scrolls */
};

struct field_row {
    enum page page;
    enum field_kind kind;
    enum opt opt;             /* OPT__COUNT: none */
    const char *label, *help; /* msgids, the option's where the table has none */
};

const char *page_title(enum page p); /* msgid */
unsigned page_flows(enum page p);
const struct field_row *field_row(enum field f);
const char *field_name(enum field f); /* "DOMAIN", for tests */
const char *page_name(enum page p);

/* The rows of the mode list on the welcome page. */
enum mode {
    MODE_JOIN,
    MODE_CHECK,
    MODE_STATUS,
    MODE_REPAIR,
    MODE_ROTATE,
    MODE_RENAME,
    MODE_LEAVE,
    MODE_WORKGROUP,
    MODE_RECOVER, /* only while an interrupted operation waits */
    MODE_PROVISION,
    MODE_APPLY,
    MODE__COUNT
};
struct mode_row {
    const char *operation; /* word of enrollment.operation, NULL: leaves it at join */
    enum flow flow;
    const char *label, *text; /* msgids */
};
const struct mode_row *mode_row(enum mode m);

#endif
