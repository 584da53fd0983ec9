/* From the file named, through the passphrase where there is one, to the page. */
#define _GNU_SOURCE
#include "ui/cli/show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "engine/host/input.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

#define TRIES 3

#define CTRL_C '\003'

/* One line from the terminal, straight into locked memory. */
static int read_line(int tty, struct secret *s)
{
    if (secret_init(s, SECRET_MAX) < 0)
        return -1;
    ssize_t n;
    do
        n = read(tty, s->data, s->cap);
    while (n < 0 && errno == EINTR);
    s->len = n > 0 ? (size_t)n : 0;
    bool stop = s->len > 0 && memchr(s->data, CTRL_C, s->len);
    secret_truncate(s, strcspn((char *)s->data, "\r\n"));
    return s->len > 0 && !stop ? 0 : -1;
}

static int ask_passphrase(struct secret *ret)
{
    struct termios old, quiet;
    int r = -1, tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0 || tcgetattr(tty, &old) < 0) {
        if (tty >= 0)
            close(tty);
        return -1;
    }
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    quiet.c_cc[VEOL] = CTRL_C; /* ends the line, so that the echo comes back before we end */
    if (tcsetattr(tty, TCSAFLUSH, &quiet) == 0) {
        dprintf(tty, "%s: ", _("Passphrase"));
        secret_free(ret);
        r = read_line(tty, ret);
        (void)tcsetattr(tty, TCSAFLUSH, &old);
        dprintf(tty, "\n");
    }
    close(tty);
    return r;
}

/* Asks while the passphrase is missing or wrong, and somebody is there. */
static int read_data(const struct buf *file, struct settings *set, struct odj *ret,
                     struct offline_form *form, struct err *e)
{
    for (int tries = 0;; tries++) {
        struct cms_keys keys = {
            .passphrase = secret_is_set(&set->passphrase) ? &set->passphrase : NULL,
            .private_key = secret_is_set(&set->recipient_key) ? set->recipient_key.data : NULL,
            .private_key_len = set->recipient_key.len,
        };
        if (offline_read(file->data, file->len, &keys, ret, form, e) == 0)
            return 0;
        bool ask = e->cause == CAUSE_PASSPHRASE_MISSING ||
                   (e->cause == CAUSE_PASSPHRASE_WRONG && tries > 0);
        if (!ask || tries == TRIES)
            return -1;
        if (tries > 0)
            fprintf(stderr, "%s\n", words_what(e));
        if (ask_passphrase(&set->passphrase) < 0)
            return -1;
        err_reset(e);
    }
}

static int read_file(const char *path, struct buf *ret, struct err *e)
{
    struct host *here = NULL;
    int r = host_linux_open("/", &here, e);
    if (r == 0)
        r = host_input(here, path, NULL, ret, e);
    if (r == 0 && ret->len == 0)
        r = err_cause(e, CAUSE_OFFLINE_INPUT_MISSING);
    host_close(here);
    return r;
}

static const char *form_words(const struct offline_form *f)
{
    if (f->inner == OFFLINE_UNATTEND)
        return _("answer file of Windows Setup");
    return f->inner == OFFLINE_TEXT ? _("text (base64)") : _("binary");
}

static const char *protection_words(enum cms_kind k)
{
    switch (k) {
    case CMS_PASSPHRASE:
        return _("by a passphrase");
    case CMS_RECIPIENTS:
        return _("for certificates");
    case CMS_BOTH:
        return _("by a passphrase, and for certificates");
    case CMS_NONE:
        break;
    }
    return _("none: whoever reads this file can be that machine");
}

static void show_head(struct sheet *s, const char *path, const struct offline_form *f,
                      const struct strv *skipped, const struct err *unusable)
{
    static const char *const forms[] = {"binary", "text", "unattend", "cms"};
    static const char *const kinds[] = {"none", "passphrase", "recipients", "both"};
    sheet_open(s, "data", _("Provisioning data"));
    sheet_text(s, "source", N_("File"), str_eq(path, "-") && !s->json ? _("standard input") : path);
    sheet_words(s, "form", N_("Form"), forms[f->inner], form_words(f));
    if (f->inner != OFFLINE_BINARY)
        sheet_words(s, "encoding", N_("Encoding"), f->utf16 ? "utf-16" : "utf-8",
                    f->utf16 ? "UTF-16" : "UTF-8");
    sheet_words(s, "protection", N_("Protection"), kinds[f->envelope],
                protection_words(f->envelope));
    sheet_words(s, "valid", N_("Valid"), "until-password-change",
                _("until the account's password changes; it never expires"));
    sheet_words(s, "usable", N_("Can be applied"), unusable->code ? "no" : "yes",
                unusable->code ? words_what(unusable) : _("yes"));
    for (size_t i = 0; !s->json && i < skipped->n; i++)
        sheet_text(s, "skipped", N_("Unknown part, passed over"), skipped->s[i]);
    if (unusable->code)
        sheet_err(s, unusable);
    sheet_close(s);
}

static void show_end(struct sheet *s, const struct err *e, int status)
{
    if (!s->json)
        return;
    sheet_open(s, "done", "");
    sheet_err(s, e);
    sheet_number(s, "exit", "", (uint64_t)status);
    sheet_close(s);
}

static int show(const struct cli_args *a, struct settings *set, struct err *e)
{
    struct buf file = BUF_SECRET(ODJ_MAX);
    struct offline_form form = {0};
    struct strv skipped = {0};
    struct sheet sheet = {.json = a->json};
    struct odj o = {0};
    int r = read_file(a->operand, &file, e);
    /* Secrets that nobody needs are not looked for. */
    if (r == 0 && offline_recognise(file.data, file.len, &form) && form.cms &&
        cli_load_secret(set, e) < 0) {
        buf_free(&file);
        return EXIT_USAGE;
    }
    if (r == 0)
        r = read_data(&file, set, &o, &form, e);
    if (r == 0) {
        r = odj_check(&o, &skipped, e);
        show_head(&sheet, a->operand, &form, &skipped, e);
        show_data(&sheet, &o);
    } else {
        err_fact(e, FACT_FILE, "%s", a->operand);
    }
    strv_free(&skipped);
    odj_free(&o);
    buf_free(&file);
    int status = r == 0 ? EXIT_DONE : EXIT_FAILED;
    show_end(&sheet, e, status);
    return status;
}

/* The answers matter for secrets and language only; without them the data is shown all the same, to
 * somebody who may not read the machine's own file too. */
static int load(const struct cli_args *a, struct settings *set, struct err *e)
{
    bool named = a->config || a->set.n > 0;
    struct err unread = {0};
    if (cli_load(a, set, named ? e : &unread) < 0)
        return named ? -1 : 0;
    if (*settings_get(set, OPT_LANGUAGE))
        (void)i18n_set_language(settings_get(set, OPT_LANGUAGE));
    /* Of the account that joins nothing is needed. */
    if (settings_set(set, OPT_PASSWORD_FILE, "", ORIGIN_SET, e) < 0)
        return -1;
    return settings_set(set, OPT_PASSWORD_CREDENTIAL, "", ORIGIN_SET, e);
}

int cli_show(const struct cli_args *a)
{
    struct err e = {0};
    struct settings set;
    settings_init(&set);
    int status = EXIT_USAGE;
    if (load(a, &set, &e) == 0)
        status = engine_setup_process(&e) < 0 ? EXIT_FAILED : show(a, &set, &e);
    if (e.code)
        cli_last_line(&e);
    settings_free(&set);
    return status;
}
