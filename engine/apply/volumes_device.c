/* What a device that is not mounted says about itself in its first bytes. */
#include <string.h>

#include "engine/apply/volumes_look.h"
#include "engine/base/err.h"

static void take_label(const unsigned char *p, size_t n, char label[64])
{
    if (n > 63)
        n = 63;
    memcpy(label, p, n);
    label[n] = '\0';
    err_clean_text(label);
    for (n = strlen(label); n > 0 && label[n - 1] == ' '; n--)
        label[n - 1] = '\0';
}

const char *volume_fstype(const unsigned char *head, size_t len, char label[64])
{
    label[0] = '\0';
    if (len < VOLUME_HEAD)
        return NULL;
    if (memcmp(head + 3, "NTFS    ", 8) == 0)
        return "ntfs3";
    if (memcmp(head + 3, "-FVE-FS-", 8) == 0)
        return "BitLocker";
    if (memcmp(head + 3, "EXFAT   ", 8) == 0)
        return "exfat";
    if (memcmp(head, "XFSB", 4) == 0) {
        take_label(head + 108, 12, label);
        return "xfs";
    }
    if (head[0x438] == 0x53 && head[0x439] == 0xef) {
        take_label(head + 0x478, 16, label);
        return "ext4";
    }
    if (head[510] == 0x55 && head[511] == 0xaa) {
        if (memcmp(head + 82, "FAT32   ", 8) == 0) {
            take_label(head + 71, 11, label);
            return "vfat";
        }
        if (memcmp(head + 54, "FAT1", 4) == 0) {
            take_label(head + 43, 11, label);
            return "vfat";
        }
    }
    return NULL;
}
