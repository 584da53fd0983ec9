/*
 * Writes the manual pages from the tables: `manual joinery` gives joinery(8), `manual wizard.ini`
 * gives wizard.ini(5), `manual libjoinery EXAMPLE.c` gives libjoinery(3). A build-time program of
 * its own; nothing of it is in joinery.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/tables/codes.h"
#include "engine/tables/options.h"
#include "engine/tables/steps.h"
#include "ui/manual/manual.h"

static const struct {
    const char *option, *argument, *help;
} usage[] = {
#define USAGE(id, name, arg, helptext) {name, arg, helptext},
#include "ui/cli/usage.def"
#undef USAGE
};

static const struct {
    int number;
    const char *help;
} statuses[] = {
#define STATUS(n, id, meaning) {n, meaning},
#include "ui/cli/usage.def"
#undef STATUS
};

void text(const char *s)
{
    if (*s == '.' || *s == '\'')
        fputs("\\&", stdout);
    for (; *s; s++) {
        if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '-')
            fputs("\\-", stdout);
        else
            putchar(*s);
    }
    putchar('\n');
}

void head(const char *name, int section, const char *what)
{
    printf(".TH %s %d \"\" \"joinery %s\"\n.SH NAME\n%s \\- %s\n", name, section, JOINERY_VERSION,
           name, what);
}

static void lower_key(enum opt o)
{
    AUTOFREE char *key = xstrdup(opt_row(o)->key);
    str_lower(key);
    printf(".TP\n.B %s\n", key);
}

static void keys(void)
{
    const char *section = "";
    for (int o = 0; o < OPT__COUNT; o++) {
        const struct opt_row *r = opt_row(o);
        if (strcmp(section, r->section) != 0) {
            section = r->section;
            printf(".SH \"[%s]\"\n", section);
        }
        lower_key(o);
        text(r->help);
        if (flag_of(o))
            printf("(%s, 0x%x)\n", flag_of(o)->symbol, flag_of(o)->value);
        if (*r->choices) {
            printf("One of: ");
            text(r->choices);
        }
        if (*r->def) {
            printf("Default: ");
            text(r->def);
        }
    }
}

static void page_ini(void)
{
    head("wizard.ini", 5, "answers for joinery");
    puts(".SH DESCRIPTION");
    text("Every key is optional in the wizard, which asks for what is missing. A line that starts "
         "with ; or # is a "
         "comment; elsewhere the two characters belong to the value. An unknown section or key is "
         "an error.");
    keys();
    puts(".SH SEE ALSO\n.BR joinery (8)");
}

static void codes(void)
{
    puts(".SH CODES");
    for (size_t i = 0; i < code_count(); i++) {
        const struct code_row *c = code_at(i);
        printf(".TP\n.B %u %s\n", c->number, c->symbol);
        text(c->what);
        if (*c->why)
            text(c->why);
        if (*c->next)
            text(c->next);
    }
}

static void page_joinery(void)
{
    head("joinery", 8, "enrol this machine in Active Directory");
    puts(".SH SYNOPSIS\n.B joinery\n[OPTIONS]\n.SH DESCRIPTION");
    text("A wizard that makes a Linux system a member of an Active Directory domain, shows "
         "beforehand what it will "
         "change, and takes everything back when it fails.");
    puts(".SH OPTIONS");
    for (size_t i = 0; i < ARRAY_SIZE(usage); i++) {
        printf(".TP\n.B \\-\\-%s%s%s\n", usage[i].option, usage[i].argument ? " " : "",
               usage[i].argument ? usage[i].argument : "");
        text(usage[i].help);
    }
    puts(".SH STEPS");
    for (int n = 0; n < STEP__COUNT; n++) {
        for (int s = 0; s < STEP__COUNT; s++) {
            if (step_row(s)->number == n)
                printf(".TP\n.B %d %s\n%s\n", n, step_row(s)->word, step_row(s)->label);
        }
    }
    page_offline();
    puts(".SH \"EXIT STATUS\"");
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        printf(".TP\n.B %d\n%s\n", statuses[i].number, statuses[i].help);
    codes();
    puts(".SH FILES\n.I /etc/joinery/wizard.ini\n.br\n.I /var/lib/joinery\n.br\n.I "
         "/var/log/joinery/joinery.log");
    puts(".SH SEE ALSO\n.BR libjoinery (3),\n.BR wizard.ini (5),\n.BR sssd (8)");
}

int main(int argc, char **argv)
{
    const char *page = argc > 1 ? argv[1] : "";
    if (argc > 2 && strcmp(page, "libjoinery") == 0) {
        if (page_library(argv + 2) < 0)
            return 1;
    } else if (argc == 2 && strcmp(page, "joinery") == 0) {
        page_joinery();
    } else if (argc == 2 && strcmp(page, "wizard.ini") == 0) {
        page_ini();
    } else {
        return 2;
    }
    return fflush(stdout) ? 1 : 0;
}
