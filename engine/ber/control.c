#include "engine/ber/control.h"

#include <lber.h>

int ber_sd_flags(uint32_t flags, struct buf *out)
{
    struct berval bv = {0};
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    if (!ber)
        return -1;
    int r = ber_printf(ber, "{i}", (ber_int_t)flags);
    if (r >= 0)
        r = ber_flatten2(ber, &bv, 0);
    if (r >= 0)
        buf_put(out, bv.bv_val, bv.bv_len);
    ber_free(ber, 1);
    return r < 0 || out->failed ? -1 : 0;
}
