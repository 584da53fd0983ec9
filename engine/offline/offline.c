#include "engine/offline/offline.h"

#include <string.h>

#include "engine/crypto/base64.h"
#include "engine/offline/text.h"
#include "engine/xml/unattend.h"

static const unsigned char start[] = {1, 0x10, 8, 0}; /* of every binary form */
#define TEXT_START "ARAIAMzM"                         /* its first bytes as base64 */

/* Also what has the header of another version, so that it is told so. */
static bool is_binary(const unsigned char *d, size_t len)
{
    return len >= 8 &&
           (!memcmp(d, start, 4) || (d[0] < '\t' && !memcmp(d + 4, "\xcc\xcc\xcc\xcc", 4)));
}

bool offline_recognise(const void *data, size_t len, struct offline_form *ret)
{
    const unsigned char *d = data;
    *ret = (struct offline_form){0};
    if (len >= 8 && !memcmp(d, start, 4))
        return true;
    ret->envelope = cms_kind_of(data, len);
    ret->cms = ret->envelope != CMS_NONE;
    if (ret->cms)
        return true;
    struct offline_text t = offline_text_of(data, len);
    char head[4096];
    size_t n = offline_text_head(&t, head, sizeof head);
    bool text = n >= strlen(TEXT_START) && !memcmp(head, TEXT_START, strlen(TEXT_START));
    bool xml = n > 0 && head[0] == '<' && strstr(head, "urn:schemas-microsoft-com:unattend");
    explicit_bzero(head, sizeof head);
    ret->utf16 = t.utf16;
    ret->bom = t.bom;
    ret->inner = text ? OFFLINE_TEXT : xml ? OFFLINE_UNATTEND : OFFLINE_BINARY;
    return text || xml;
}

static int bad_base64(size_t at, bool xml, struct err *e)
{
    (void)err_cause(e, CAUSE_BAD_OFFLINE_DATA);
    err_fact(e, FACT_PLACE, xml ? "AccountData, character %zu" : "character %zu", at + 1);
    err_fact(e, FACT_DETAIL, "not base64");
    return -1;
}

static int decode(const struct buf *base64, bool xml, struct buf *binary, struct err *e)
{
    size_t at = 0;
    if (base64_decode(base64->data, base64->len, binary, &at) == 0)
        return 0;
    return binary->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : bad_base64(at, xml, e);
}

static int open_text(const struct offline_text *t, struct buf *binary, struct err *e)
{
    struct buf base64 = BUF_SECRET(ODJ_MAX);
    size_t at = 0;
    int r = -1;
    if (offline_text_ascii(t, &base64, &at))
        r = decode(&base64, false, binary, e);
    else
        (void)bad_base64(at, false, e);
    buf_free(&base64);
    return r;
}

static int open_unattend(const void *data, size_t len, struct buf *binary, struct err *e)
{
    struct buf base64 = BUF_SECRET(UNATTEND_MAX);
    int r = unattend_account_data(data, len, &base64, e);
    if (r == 0)
        r = decode(&base64, true, binary, e);
    buf_free(&base64);
    return r;
}

/* Anything but an envelope. */
static int open_plain(const void *data, size_t len, struct buf *binary, struct offline_form *form,
                      struct err *e)
{
    char first;
    if (is_binary(data, len)) {
        form->inner = OFFLINE_BINARY;
        buf_put(binary, data, len);
        return binary->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
    }
    struct offline_text t = offline_text_of(data, len);
    size_t n = offline_text_head(&t, &first, 1);
    form->utf16 = t.utf16;
    form->bom = t.bom;
    if (t.len == 0)
        return err_cause(e, CAUSE_OFFLINE_INPUT_MISSING);
    form->inner = n == 1 && first == '<' ? OFFLINE_UNATTEND : OFFLINE_TEXT;
    if (form->inner == OFFLINE_UNATTEND)
        return open_unattend(data, len, binary, e);
    return open_text(&t, binary, e);
}

static int open_envelope(const void *data, size_t len, const struct cms_keys *keys,
                         struct buf *binary, struct offline_form *form, struct err *e)
{
    static const struct cms_keys none = {0};
    struct buf inside = BUF_SECRET(ODJ_MAX);
    int r = cms_unwrap(data, len, keys ? keys : &none, &inside, e);
    if (r == 0)
        r = open_plain(inside.data ? inside.data : (const unsigned char *)"", inside.len, binary,
                       form, e);
    buf_free(&inside);
    return r;
}

int offline_open(const void *data, size_t len, const struct cms_keys *keys, struct buf *binary,
                 struct offline_form *form, struct err *e)
{
    struct offline_form own;
    if (!form)
        form = &own;
    *form = (struct offline_form){0};
    if (len == 0)
        return err_cause(e, CAUSE_OFFLINE_INPUT_MISSING);
    if (len > ODJ_MAX) {
        (void)err_cause(e, CAUSE_BAD_OFFLINE_DATA);
        err_fact(e, FACT_DETAIL, "more than %u bytes", ODJ_MAX);
        return -1;
    }
    if (!is_binary(data, len))
        form->envelope = cms_kind_of(data, len);
    form->cms = form->envelope != CMS_NONE;
    int r = form->cms ? open_envelope(data, len, keys, binary, form, e)
                      : open_plain(data, len, binary, form, e);
    if (r < 0)
        buf_free(binary);
    return r;
}

int offline_read(const void *data, size_t len, const struct cms_keys *keys, struct odj *ret,
                 struct offline_form *form, struct err *e)
{
    struct buf binary = BUF_SECRET(ODJ_MAX);
    *ret = (struct odj){0};
    int r = offline_open(data, len, keys, &binary, form, e);
    if (r == 0)
        r = odj_read(binary.data, binary.len, ret, e);
    buf_free(&binary);
    return r;
}

int offline_text(const void *binary, size_t len, struct buf *out, struct err *e)
{
    return base64_encode(binary, len, out) < 0 ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static int write_unattend(const void *binary, size_t len, const char *arch, struct buf *out,
                          struct err *e)
{
    struct buf base64 = BUF_SECRET(UNATTEND_MAX);
    int r = offline_text(binary, len, &base64, e);
    if (r == 0)
        r = unattend_new(arch, buf_text(&base64), base64.len, out, e);
    buf_free(&base64);
    return r;
}

/* As djoin does: mark, UTF-16LE, one NUL. */
static int write_text(const void *binary, size_t len, struct buf *out, struct err *e)
{
    struct buf base64 = BUF_SECRET(2 * ODJ_MAX);
    int r = offline_text(binary, len, &base64, e);
    buf_put(out, "\xff\xfe", 2);
    for (size_t i = 0; r == 0 && i < base64.len; i++) {
        buf_byte(out, base64.data[i]);
        buf_byte(out, 0);
    }
    buf_put(out, "\0", 2);
    buf_free(&base64);
    return r < 0 || out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static int write_cms(const void *binary, size_t len, const struct cms_target *target,
                     struct buf *out, struct err *e)
{
    struct buf text = BUF_SECRET(4 * (size_t)ODJ_MAX);
    if (!target)
        return err_cause(e, CAUSE_PROTECTION_MISSING);
    int r = write_text(binary, len, &text, e);
    if (r == 0)
        r = cms_wrap(text.data, text.len, target, out, e);
    buf_free(&text);
    return r;
}

int offline_write(const void *binary, size_t len, enum offline_format format, const char *arch,
                  const struct cms_target *target, struct buf *out, struct err *e)
{
    switch (format) {
    case OFFLINE_TEXT:
        return write_text(binary, len, out, e);
    case OFFLINE_UNATTEND:
        return write_unattend(binary, len, arch, out, e);
    case OFFLINE_CMS:
        return write_cms(binary, len, target, out, e);
    case OFFLINE_BINARY:
        break;
    }
    buf_put(out, binary, len);
    return out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}
