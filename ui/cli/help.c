/* --help, from the tables, and --explain. */
#include <string.h>

#include "engine/json/json.h"
#include "ui/cli/cli.h"
#include "ui/i18n/i18n.h"
#include "ui/text/width.h"
#include "ui/words/words.h"

static void wrapped(FILE *out, const char *text, int indent)
{
    struct wrap w = wrap_start(text, 78 - indent);
    const char *line;
    size_t len;
    while (wrap_next(&w, &line, &len))
        fprintf(out, "%*s%.*s\n", indent, "", (int)len, line);
}

static const struct {
    const char *option, *argument, *text;
} usage[] = {
#define USAGE(id, name, argument, help) {name, argument, help},
#include "ui/cli/usage.def"
#undef USAGE
};

static const struct {
    int number;
    const char *text;
} statuses[] = {
#define STATUS(number, id, meaning) {number, meaning},
#include "ui/cli/usage.def"
#undef STATUS
};

static void answer(FILE *out, const struct opt_row *row)
{
    fprintf(out, "  %s.%s = %s", row->section, row->key, row->def);
    if (*row->choices)
        fprintf(out, "   (%s)", row->choices);
    fprintf(out, "\n");
    wrapped(out, _(row->help), 6);
}

static void option_line(FILE *out, const char *option, const char *text)
{
    enum { COLUMN = 21 };
    struct wrap w = wrap_start(text, 78 - COLUMN);
    const char *line;
    size_t len;
    while (wrap_next(&w, &line, &len)) {
        fprintf(out, "  %-*s %.*s\n", COLUMN - 3, option, (int)len, line);
        option = "";
    }
}

void cli_help(FILE *out)
{
    fprintf(out, "%s\n\n", _("Usage: joinery [OPTIONS]"));
    wrapped(
        out,
        _("Enrols this machine in Active Directory. Without options a wizard asks for everything."),
        0);
    fprintf(out, "\n");
    for (size_t i = 0; i < ARRAY_SIZE(usage); i++) {
        AUTOFREE char *option = xasprintf("--%s%s%s", usage[i].option, usage[i].argument ? " " : "",
                                          usage[i].argument ? usage[i].argument : "");
        option_line(out, option, _(usage[i].text));
    }
    fprintf(out, "\n%s\n\n", _("Answers (wizard.ini and --set), with their normal values:"));
    for (enum opt o = 0; o < OPT__FIRST_FLAG; o++)
        answer(out, opt_row(o));
    fprintf(out, "\n%s\n\n", _("Option flags (yes or no):"));
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        const struct opt_row *row = opt_row(f->opt);
        AUTOFREE char *key = xstrdup(row->key);
        str_lower(key);
        fprintf(out, "  %s.%s = %s   %s 0x%X\n", row->section, key, row->def, f->symbol, f->value);
        wrapped(out, _(f->effect), 6);
    }
    fprintf(out, "\n%s\n", _("Exit status:"));
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        fprintf(out, "  %d %s\n", statuses[i].number, _(statuses[i].text));
}

static void explain_json(const struct code_row *row)
{
    AUTOJSN o = jsn_object();
    jsn_set_str(o, "event", "code");
    jsn_set_int(o, "status", row->number);
    jsn_set_str(o, "symbol", row->symbol);
    jsn_set_str(o, "text", _(row->what));
    jsn_set_str(o, "why", _(row->why));
    jsn_set_str(o, "next", _(row->next));
    AUTOFREE char *line = jsn_line(o);
    puts(line);
}

int cli_explain(const char *code, bool json)
{
    const struct code_row *row = code_parse(code);
    if (!row) {
        AUTOFREE char *clean = words_clean(code);
        fprintf(stderr, "joinery: ");
        fprintf(stderr, _("no such code: %s"), clean);
        fprintf(stderr, "\n");
        return EXIT_USAGE;
    }
    if (json) {
        explain_json(row);
        return EXIT_DONE;
    }
    printf("%s (%u, 0x%X)\n\n", row->symbol, row->number, row->number);
    wrapped(stdout, _(row->what), 0);
    printf("\n");
    wrapped(stdout, _(row->why), 0);
    printf("\n%s\n", _("What to do:"));
    wrapped(stdout, _(row->next), 0);
    for (enum cause c = CAUSE_NONE + 1; c < CAUSE__COUNT; c++) {
        const struct cause_row *cause = cause_row(c);
        if (cause->number != row->number)
            continue;
        printf("\n%s %s\n", _("One cause:"), cause->id);
        wrapped(stdout, _(cause->what), 2);
        wrapped(stdout, _(cause->why), 2);
        wrapped(stdout, _(cause->next), 2);
    }
    return EXIT_DONE;
}
