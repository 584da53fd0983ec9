#include "engine/apply/offline_input.h"

#include "engine/host/input.h"

static int decode(struct session *s, const struct buf *data, struct odj *ret,
                  struct offline_form *form, struct buf *raw_binary, struct err *e)
{
    struct buf own = BUF_SECRET(ODJ_MAX);
    struct buf *binary = raw_binary ? raw_binary : &own;
    const struct settings *set = s->s;
    struct cms_keys keys = {
        .passphrase = secret_is_set(&set->passphrase) ? &set->passphrase : NULL,
        .private_key = secret_is_set(&set->recipient_key) ? set->recipient_key.data : NULL,
        .private_key_len = set->recipient_key.len,
    };
    int r = offline_open(data->data, data->len, &keys, binary, form, e);
    if (r == 0)
        r = odj_read(binary->data, binary->len, ret, e);
    buf_free(&own);
    return r;
}

/* Standard input comes once, but a check, a plan and the work all ask for it. */
static int standard(struct session *s, const struct buf **ret, struct err *e)
{
    if (!s->standard_input) {
        struct buf b = BUF_SECRET(ODJ_MAX);
        if (host_input(s->here, "-", s->cancel, &b, e) < 0) {
            buf_free(&b);
            return -1;
        }
        s->standard_input = xcalloc(1, sizeof b);
        *s->standard_input = b;
    }
    *ret = s->standard_input;
    return 0;
}

int offline_load(struct session *s, struct odj *ret, struct offline_form *form,
                 struct buf *raw_binary, struct err *e)
{
    const char *path = settings_get(s->s, OPT_OFFLINE_INPUT);
    struct buf file = BUF_SECRET(ODJ_MAX);
    const struct buf *data = s->req_input;
    int r = 0;
    *ret = (struct odj){0};
    if (!data && !*path)
        return err_cause(e, CAUSE_OFFLINE_INPUT_MISSING);
    if (!data && str_eq(path, "-")) {
        r = standard(s, &data, e);
    } else if (!data) {
        r = host_input(s->here, path, s->cancel, &file, e);
        data = &file;
    }
    if (r == 0)
        r = decode(s, data, ret, form, raw_binary, e);
    if (r < 0 && data != s->req_input)
        err_fact(e, FACT_FILE, "%s", path);
    buf_free(&file);
    return r;
}
