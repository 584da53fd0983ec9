/* Answer files: the data in them, and data put into them. */
#include "fuzz.h"

#include <string.h>

#include "engine/xml/unattend.h"

#define TEXT "ARAIAMzMzMw="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    struct err e = {0};
    struct buf found = BUF_SECRET(UNATTEND_MAX), merged = BUF_SECRET(UNATTEND_MAX);
    struct unattend_look look = {0};
    if (!ready)
        unattend_setup_process();
    ready = true;
    if (unattend_account_data(data, size, &found, &e) < 0)
        MUST(e.code == 2710 || e.code == 2709);
    bool none = e.code == 2709; /* else there may be other data, for another architecture */
    err_reset(&e);
    buf_free(&found);
    if (unattend_merge(data, size, "amd64", TEXT, strlen(TEXT), &merged, &look, &e) < 0) {
        MUST(e.code != 0);
    } else if (none) {
        /* What was put in is found there again. */
        MUST(unattend_account_data(merged.data, merged.len, &found, &e) == 0);
        MUST(found.len == strlen(TEXT) && !memcmp(found.data, TEXT, found.len));
    }
    unattend_look_free(&look);
    buf_free(&found);
    buf_free(&merged);
    return 0;
}
