/*
 * Writes from the tables what is installed beside the program: `manual joinery` gives joinery(8),
 * `manual wizard.ini` gives wizard.ini(5), `manual libjoinery EXAMPLE.c` gives libjoinery(3),
 * `manual completion` the words for bash. The first two come in the language of the environment.
 * A build-time program of its own; nothing of it is in joinery.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/tables/codes.h"
#include "engine/tables/options.h"
#include "engine/tables/steps.h"
#include "ui/i18n/i18n.h"
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

void say(const char *msgid)
{
    text(_(msgid));
}

void section(const char *title)
{
    printf(".SH \"%s\"\n", title);
}

void head(const char *name, int number, const char *what)
{
    printf(".TH %s %d \"\" \"joinery %s\"\n", name, number, JOINERY_VERSION);
    /* Lines of a script without blanks have nothing to be stretched at. */
    if (!strcmp(i18n_language(), "ja") || !strcmp(i18n_language(), "zh_CN"))
        puts(".ad l");
    /* TRANSLATORS: the first section of a manual page, with the word that man-db knows for it. */
    section(C_("manual page", "NAME"));
    printf("%s \\- %s\n", name, what);
}

static void lower_key(enum opt o)
{
    AUTOFREE char *key = xstrdup(opt_row(o)->key);
    str_lower(key);
    printf(".TP\n.B %s\n", key);
}

static void with(const char *format, const char *value)
{
    AUTOFREE char *line = xasprintf(format, value);
    text(line);
}

static void keys(void)
{
    const char *now = "";
    for (int o = 0; o < OPT__COUNT; o++) {
        const struct opt_row *r = opt_row(o);
        if (strcmp(now, r->section) != 0) {
            now = r->section;
            printf(".SH \"[%s]\"\n", now);
        }
        lower_key(o);
        say(r->help);
        if (flag_of(o))
            printf("(%s, 0x%x)\n", flag_of(o)->symbol, flag_of(o)->value);
        if (*r->choices)
            /* TRANSLATORS: %s are words of a configuration file, as they are written there. */
            with(_("One of: %s"), r->choices);
        if (*r->def)
            with(_("Default: %s"), r->def);
    }
}

static void page_ini(void)
{
    head("wizard.ini", 5, _("answers for joinery"));
    section(C_("manual page", "DESCRIPTION"));
    say(N_("Every key is optional in the wizard, which asks for what is missing. A line that "
           "starts with ; or # is a comment; elsewhere the two characters belong to the value. An "
           "unknown section or key is an error."));
    keys();
    section(C_("manual page", "SEE ALSO"));
    puts(".BR joinery (8)");
}

static void codes(void)
{
    section(C_("manual page", "CODES"));
    for (size_t i = 0; i < code_count(); i++) {
        const struct code_row *c = code_at(i);
        printf(".TP\n.B %u %s\n", c->number, c->symbol);
        say(c->what);
        if (*c->why)
            say(c->why);
        if (*c->next)
            say(c->next);
    }
}

static void files(void)
{
    static const struct {
        const char *path, *help;
    } f[] = {
        {"/etc/joinery/wizard.ini", N_("The answers, see wizard.ini(5).")},
        {"/var/lib/joinery",
         N_("The record of the membership, what the files were before it, and the journal of a "
            "change that is under way. Readable by root alone.")},
        {"/var/log/joinery/joinery.log",
         N_("A line for each step, with what was decided on which input and the exact code; never "
            "a secret. Under systemd the same lines go to the journal.")},
        {"/var/log/joinery/shown.txt",
         N_("The copy of the log that the wizard's log viewer saves.")},
    };
    section(C_("manual page", "FILES"));
    for (size_t i = 0; i < ARRAY_SIZE(f); i++) {
        printf(".TP\n.I %s\n", f[i].path);
        say(f[i].help);
    }
}

static void environment(void)
{
    static const struct {
        const char *name, *help;
    } e[] = {
        {"JOINERY_ACCESSIBLE",
         N_("Anything but 0 and nothing: the wizard asks line by line, for screen readers and "
            "Braille displays, as with --plain. With --plain alone it also takes its answers from "
            "a pipe, a line each.")},
        {"joinery.accessible",
         N_("On the kernel's command line: the same for every start of the wizard on this machine, "
            "unless JOINERY_ACCESSIBLE says otherwise.")},
        {"NO_COLOR", N_("Not empty: no colours.")},
        {"LANGUAGE, LC_ALL, LANG",
         N_("The language of all texts, where the configuration names none.")},
    };
    section(C_("manual page", "ENVIRONMENT"));
    for (size_t i = 0; i < ARRAY_SIZE(e); i++) {
        printf(".TP\n.B %s\n", e[i].name);
        say(e[i].help);
    }
}

static void page_joinery(void)
{
    head("joinery", 8, _("enrol machines in Active Directory"));
    section(C_("manual page", "SYNOPSIS"));
    puts(".B joinery\n[OPTIONS]");
    section(C_("manual page", "DESCRIPTION"));
    say(N_("A wizard that makes a Linux system a member of an Active Directory domain, shows "
           "beforehand what it will change, and takes everything back when it fails."));
    section(C_("manual page", "OPTIONS"));
    for (size_t i = 0; i < ARRAY_SIZE(usage); i++) {
        printf(".TP\n.B \\-\\-%s%s%s\n", usage[i].option, usage[i].argument ? " " : "",
               usage[i].argument ? usage[i].argument : "");
        say(usage[i].help);
    }
    section(C_("manual page", "STEPS"));
    for (int n = 0; n < STEP__COUNT; n++) {
        for (int s = 0; s < STEP__COUNT; s++) {
            if (step_row(s)->number == n)
                printf(".TP\n.B %d %s\n%s\n", n, step_row(s)->word, _(step_row(s)->label));
        }
    }
    page_offline();
    page_first_boot();
    section(C_("manual page", "EXIT STATUS"));
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        printf(".TP\n.B %d\n%s\n", statuses[i].number, _(statuses[i].help));
    codes();
    environment();
    files();
    section(C_("manual page", "SEE ALSO"));
    puts(".BR libjoinery (3),\n.BR wizard.ini (5),\n.BR sssd (8)");
}

int main(int argc, char **argv)
{
    const char *page = argc > 1 ? argv[1] : "";
    i18n_start();
    if (argc > 2 && strcmp(page, "libjoinery") == 0) {
        if (page_library(argv + 2) < 0)
            return 1;
    } else if (argc == 2 && strcmp(page, "joinery") == 0) {
        page_joinery();
    } else if (argc == 2 && strcmp(page, "wizard.ini") == 0) {
        page_ini();
    } else if (argc == 2 && strcmp(page, "completion") == 0) {
        completion();
    } else {
        return 2;
    }
    return fflush(stdout) ? 1 : 0;
}
