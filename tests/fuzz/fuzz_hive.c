/* Registry hives: what passes our own look is safe for libhivex to walk, to change and to save. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/hive/check.h"
#include "engine/hive/hive.h"

#define CHECKSUM_AT 508

/* Nobody who attacks leaves the checksum wrong or the sequence numbers apart. */
static void seal(uint8_t *p)
{
    uint32_t sum = 0, word;
    memcpy(p + 8, p + 4, 4);
    for (size_t i = 0; i < CHECKSUM_AT; i += 4) {
        memcpy(&word, p + i, 4);
        sum ^= word;
    }
    sum = sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum;
    memcpy(p + CHECKSUM_AT, &sum, 4);
}

static int memory_of(const void *data, size_t len)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(fd >= 0 && write(fd, data, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static void change(struct hive *h)
{
    struct err e = {0};
    struct hive_image image = HIVE_IMAGE_INIT;
    struct hive *again = NULL;
    hive_key setup = hive_find(h, hive_root(h), "Setup");
    (void)hive_find(h, hive_root(h), "ControlSet001\\Control\\ProductOptions");
    free(hive_get_text(h, setup, "CmdLine"));
    if (!setup || hive_set_u32(h, setup, "SetupType", 2, &e) < 0 ||
        hive_set_text(h, setup, "CmdLine", "x", &e) < 0) {
        hive_close(h);
        return;
    }
    if (hive_save(&h, &image, &e) == 0) {
        uint32_t type = 0;
        int fd = memory_of(image.data, image.len);
        MUST(hive_open(fd, "saved", false, &again, &e) == 0);
        close(fd);
        MUST(hive_get_u32(again, hive_find(again, hive_root(again), "Setup"), "SetupType", &type));
        MUST(type == 2);
    }
    hive_close(again);
    hive_image_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct hive *h = NULL;
    uint8_t *copy = malloc(size + 1);
    MUST(copy);
    if (size)
        memcpy(copy, data, size);
    if (size >= HIVE_BLOCK)
        seal(copy);
    int fd = memory_of(copy, size);
    (void)hive_log_pending(fd, 7);
    if (hive_open(fd, "fuzz", true, &h, &e) == 0)
        change(h);
    else
        MUST(e.code != 0);
    free(copy);
    close(fd);
    return 0;
}
