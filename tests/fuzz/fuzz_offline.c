/* Every form that provisioning data comes in, without any key: to bytes and to its parts. */
#include "fuzz.h"

#include <string.h>

#include "engine/offline/offline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct offline_form seen, form;
    struct buf binary = BUF_SECRET(ODJ_MAX), text = BUF_SECRET(4 * (size_t)ODJ_MAX),
               back = BUF_SECRET(ODJ_MAX);
    struct odj o;
    bool ours = offline_recognise(data, size, &seen);
    if (offline_open(data, size, NULL, &binary, &form, &e) < 0) {
        MUST(e.code != 0 && binary.len == 0);
        return 0;
    }
    MUST(!ours || seen.inner == form.inner);
    /* As text and back. */
    MUST(offline_write(binary.data, binary.len, OFFLINE_TEXT, NULL, NULL, &text, &e) == 0);
    if (binary.len > 0) {
        MUST(offline_open(text.data, text.len, NULL, &back, NULL, &e) == 0);
        MUST(back.len == binary.len && !memcmp(back.data, binary.data, back.len));
    }
    if (offline_read(data, size, NULL, &o, NULL, &e) == 0)
        odj_free(&o);
    buf_free(&binary);
    buf_free(&text);
    buf_free(&back);
    return 0;
}
