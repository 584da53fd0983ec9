/* The words that ui/system/joinery.bash chooses from, as shell variables. */
#include <stdio.h>

#include "engine/base/strv.h"
#include "engine/tables/codes.h"
#include "engine/tables/options.h"
#include "ui/manual/manual.h"

static const struct {
    const char *option, *argument, *help;
} usage[] = {
#define USAGE(id, name, arg, helptext) {name, arg, helptext},
#include "ui/cli/usage.def"
#undef USAGE
};

static void options(void)
{
    printf("_joinery_options='");
    for (size_t i = 0; i < ARRAY_SIZE(usage); i++) {
        if (*usage[i].help)
            printf("%s--%s", i ? " " : "", usage[i].option);
    }
    puts("'");
}

/* section.key=, and behind it the words that the key takes. */
static void keys(void)
{
    puts("_joinery_keys='");
    for (int o = 0; o < OPT__COUNT; o++) {
        const struct opt_row *r = opt_row(o);
        AUTOFREE char *key = xstrdup(r->key);
        str_lower(key);
        printf("%s.%s= %s\n", r->section, key, r->type == OPT_BOOL ? "yes no" : r->choices);
    }
    puts("'");
}

static void codes(void)
{
    printf("_joinery_codes='");
    for (size_t i = 0; i < code_count(); i++)
        printf("%s%s", i ? " " : "", code_at(i)->symbol);
    puts("'");
}

void completion(void)
{
    puts("# bash completion for joinery; made from the tables of the program");
    options();
    keys();
    codes();
}
