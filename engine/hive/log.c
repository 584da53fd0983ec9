/* Transaction logs. Only heads are read, so that a large log costs nothing. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/hive/check.h"
#include "engine/hive/check_int.h"

#define BASE 512 /* of the log: a base block without its reserved rest */

/* Numbers wrap around. */
static bool at_least(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) >= 0;
}

static bool get(int fd, off_t at, unsigned char *ret, size_t len)
{
    return pread(fd, ret, len, at) == (ssize_t)len;
}

/* Windows 8.1 and later: entries of "HvLE", size, flags, the number they were written under. */
static bool entries(int fd, off_t size, uint32_t seq)
{
    unsigned char p[40];
    for (off_t at = BASE; at < size && get(fd, at, p, sizeof p) && memcmp(p, "HvLE", 4) == 0;) {
        uint32_t n = hive_u32(p + 4);
        if (n < sizeof p || n % 512 != 0 || (off_t)n > size - at)
            break;
        if (at_least(hive_u32(p + 12), seq))
            return true;
        at += n;
    }
    return false;
}

bool hive_log_pending(int fd, uint32_t seq)
{
    unsigned char p[BASE + 4];
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !get(fd, 0, p, sizeof p) ||
        memcmp(p, "regf", 4) != 0 || !hive_checksum_fits(p))
        return false;
    uint32_t type = hive_u32(p + 28);
    /* Before: one copy of the changed pages. Its number is that of the hive once the hive was
     * written after it. */
    if (type == 1 || type == 2)
        return memcmp(p + BASE, "DIRT", 4) == 0 && at_least(hive_u32(p + 4), seq + 1);
    return type == 6 && entries(fd, st.st_size, seq);
}
