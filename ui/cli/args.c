/* Options as the contract lists them. */
#include <getopt.h>
#include <string.h>

#include "ui/cli/cli.h"
#include "ui/i18n/i18n.h"

enum {
    O_FIRST = 256,
#define USAGE(id, name, argument, help) O_##id,
#include "ui/cli/usage.def"
#undef USAGE
    O_SAMPLE, /* for the build */
};

static const struct option options[] = {
#define USAGE(id, name, argument, help)                                                            \
    {name, (argument) ? required_argument : no_argument, NULL, O_##id},
#include "ui/cli/usage.def"
#undef USAGE
    {"sample-ini", no_argument, NULL, O_SAMPLE},
    {NULL, 0, NULL, 0},
};

static int usage(const char *text)
{
    fprintf(stderr, "joinery: %s\n%s\n", text, _("Try joinery --help."));
    return -1;
}

static int set_mode(struct cli_args *a, enum cli_mode m)
{
    if (a->mode != CLI_WIZARD && a->mode != m)
        return usage(_("only one of --unattended, --check, --status, --explain, --show, "
                       "--recover and --first-boot can be given"));
    a->mode = m;
    return 0;
}

static int take(struct cli_args *a, int option)
{
    switch (option) {
    case O_UNATTENDED:
        return set_mode(a, CLI_UNATTENDED);
    case O_CHECK:
        return set_mode(a, CLI_CHECK);
    case O_STATUS:
        return set_mode(a, CLI_STATUS);
    case O_RECOVER:
        return set_mode(a, CLI_RECOVER);
    case O_FIRST_BOOT:
        return set_mode(a, CLI_FIRST_BOOT);
    case O_EXPLAIN:
        a->operand = optarg;
        return set_mode(a, CLI_EXPLAIN);
    case O_SHOW:
        a->operand = optarg;
        return set_mode(a, CLI_SHOW);
    case O_HELP:
        a->mode = CLI_HELP;
        return 1;
    case O_VERSION:
        a->mode = CLI_VERSION;
        return 1;
    case O_SAMPLE:
        a->mode = CLI_SAMPLE_INI;
        return 1;
    case O_CONFIG:
        a->config = optarg;
        return 0;
    case O_SET:
        strv_add(&a->set, optarg);
        return 0;
    case O_ROOT:
        a->root = optarg;
        return 0;
    case O_LOG:
        a->log = optarg;
        return 0;
    case O_JSON:
        a->json = true;
        return 0;
    case O_PLAIN:
        a->plain = true;
        return 0;
    default: /* getopt has said which option it did not know */
        fprintf(stderr, "%s\n", _("Try joinery --help."));
        return -1;
    }
}

int cli_parse(struct cli_args *a, int argc, char **argv)
{
    int option;
    *a = (struct cli_args){.root = "/"};
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        int r = take(a, option);
        if (r != 0)
            return r > 0 ? 0 : -1;
    }
    if (optind < argc)
        return usage(
            _("an argument was not understood; answers are given as --set section.key=value"));
    if (a->json && (a->mode == CLI_WIZARD || a->mode == CLI_FIRST_BOOT || a->mode == CLI_RECOVER))
        return usage(_("--json goes with --unattended, --check, --status, --show and --explain"));
    if (!*a->root || a->root[0] != '/')
        return usage(_("--root needs an absolute path"));
    return 0;
}

void cli_args_free(struct cli_args *a)
{
    strv_free(&a->set);
}
