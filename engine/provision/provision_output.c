/* Where the data goes: form, recipients, file. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/host/input.h"
#include "engine/provision/provision.h"

#define ROOM            (64u << 10) /* more than data without certificates and policies takes */
#define CERTIFICATE_MAX (1u << 20)

char *provision_path(const char *path)
{
    return host_input_path(path);
}

int provision_read(struct session *s, const char *path, struct buf *ret, struct err *e)
{
    AUTOFREE char *whole = provision_path(path);
    return host_read(s->here, whole, ret, e);
}

/* ---- form ---- */

static int load_recipient(struct session *s, const char *path, struct buf *ret, struct err *e)
{
    struct err why = {0};
    *ret = BUF_INIT(CERTIFICATE_MAX);
    if (provision_read(s, path, ret, &why) == 0)
        return 0;
    err_cause(e, CAUSE_RECIPIENT_CERTIFICATE);
    err_fact(e, FACT_FILE, "%s", path);
    return err_foreign(e, why.src, why.lib, "%s", why.raw);
}

int provision_form_load(struct session *s, struct provision_form *ret, struct err *e)
{
    static const struct {
        const char *word;
        enum offline_format format;
    } forms[] = {{"binary", OFFLINE_BINARY},
                 {"text", OFFLINE_TEXT},
                 {"unattend", OFFLINE_UNATTEND},
                 {"cms", OFFLINE_CMS}};
    struct strv files = {0};
    int r = 0;
    *ret = (struct provision_form){0};
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        if (str_eq(settings_get(s->s, OPT_OFFLINE_FORMAT), forms[i].word))
            ret->format = forms[i].format;
    }
    if (ret->format != OFFLINE_CMS || s->req_output)
        return 0;
    settings_list(s->s, OPT_OFFLINE_RECIPIENTS, &files);
    ret->certificates = xcalloc(files.n + 1, sizeof *ret->certificates);
    for (size_t i = 0; r == 0 && i < files.n; i++)
        r = load_recipient(s, files.s[i], &ret->certificates[ret->n++], e);
    ret->target = (struct cms_target){
        .passphrase = secret_is_set(&s->s->passphrase) ? &s->s->passphrase : NULL,
        .certificates = ret->certificates,
        .n_certificates = ret->n,
    };
    if (r == 0 && !ret->target.passphrase && !ret->n)
        r = err_cause(e, CAUSE_PROTECTION_MISSING);
    strv_free(&files);
    if (r < 0)
        provision_form_free(ret);
    return r;
}

void provision_form_free(struct provision_form *f)
{
    for (size_t i = 0; i < f->n; i++)
        buf_free(&f->certificates[i]);
    free(f->certificates);
    *f = (struct provision_form){0};
}

int provision_form_apply(const struct provision_form *f, const struct buf *binary, struct buf *out,
                         struct err *e)
{
    const struct cms_target *to = f->format == OFFLINE_CMS ? &f->target : NULL;
    return offline_write(binary->data, binary->len, f->format, NULL, to, out, e);
}

/* ---- file ---- */

static int output_failed(const char *path, int no, struct err *e)
{
    enum cause cause = no == EEXIST ? CAUSE_OFFLINE_OUTPUT_EXISTS : CAUSE_OFFLINE_OUTPUT_FAILED;
    return err_errno(e, cause, no, path);
}

int provision_output_open(const char *path, bool overwrite, struct newfile *ret, struct err *e)
{
    return newfile_open(ret, path, overwrite, ROOM) == 0 ? 0 : output_failed(path, errno, e);
}

int provision_output_save(struct newfile *f, const struct buf *data, struct err *e)
{
    return newfile_keep(f, data->data, data->len) == 0 ? 0 : output_failed(f->name, errno, e);
}
