#include "engine/flow/hardware.h"

#include <stdio.h>
#include <string.h>

#include "engine/crypto/crypto.h"
#include "engine/model/names.h"

#define NET "/sys/class/net/"
#define DMI "/sys/class/dmi/id/"

/* The first line of a small file, without blanks around it; NULL when there is nothing. */
static char *first_line(struct host *h, const char *path)
{
    struct buf b = BUF_INIT(4096);
    struct err ignored = {0};
    bool present;
    char *line = NULL;
    if (host_read_opt(h, path, &b, &present, &ignored) == 0 && b.len) {
        const char *at = buf_text(&b) + strspn(buf_text(&b), " \t");
        size_t n = strcspn(at, "\n");
        while (n && strchr(" \t\r", at[n - 1]))
            n--;
        line = n ? xstrndup(at, n) : NULL;
    }
    buf_free(&b);
    return line;
}

static char *link_line(struct host *h, const char *link, const char *file)
{
    AUTOFREE char *path = xasprintf(NET "%s/%s", link, file);
    return first_line(h, path);
}

/* ---- network cards
 * -----------------------------------------------------------------------------*/

/* The card's own address, also while it is part of a bond; NULL when it is no usable one. */
static char *card_address(struct host *h, const char *link)
{
    char *mac = link_line(h, link, "bonding_slave/perm_hwaddr");
    if (!mac)
        mac = link_line(h, link, "address");
    if (!mac || strlen(mac) != 17 || strspn(mac, "0:") == 17 || strspn(mac, "fF:") == 17) {
        free(mac);
        return NULL;
    }
    return mac;
}

/* A device stands behind it: no bridge, bond, tunnel, VLAN or container has one. */
static bool is_card(struct host *h, const char *link)
{
    AUTOFREE char *device = xasprintf(NET "%s/device", link);
    AUTOFREE char *made = link_line(h, link, "addr_assign_type"); /* 1: made up at this start */
    return host_exists(h, device) && !(made && str_eq(made, "1"));
}

/* The card itself, or the first one below a bridge, bond or VLAN. */
static char *card_below(struct host *h, const char *link, unsigned depth)
{
    struct strv names = {0};
    struct err ignored = {0};
    char *found = NULL;
    if (is_card(h, link))
        return card_address(h, link);
    AUTOFREE char *dir = xasprintf(NET "%s", link);
    if (depth == 0 || host_list(h, dir, &names, &ignored) < 0)
        return NULL;
    for (size_t i = 0; i < names.n && !found; i++) {
        if (strncmp(names.s[i], "lower_", 6) == 0)
            found = card_below(h, names.s[i] + 6, depth - 1);
    }
    strv_free(&names);
    return found;
}

/* proc(5): Iface Destination Gateway Flags RefCnt Use Metric Mask ... */
static char *route_card(struct host *h)
{
    struct buf b = BUF_INIT(256u << 10);
    struct err ignored = {0};
    bool present;
    char best[64] = "";
    unsigned best_metric = 0;
    if (host_read_opt(h, "/proc/net/route", &b, &present, &ignored) < 0)
        b.failed = true;
    for (const char *p = b.failed ? NULL : buf_text(&b); p && *p;
         p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
        char link[64];
        unsigned target, mask, metric;
        if (sscanf(p, "%63s %x %*x %*x %*u %*u %u %x", link, &target, &metric, &mask) == 4 &&
            target == 0 && mask == 0 && (!*best || metric < best_metric) && !strchr(link, '/')) {
            memcpy(best, link, sizeof best);
            best_metric = metric;
        }
    }
    buf_free(&b);
    return *best ? card_below(h, best, 3) : NULL;
}

static char *first_card(struct host *h)
{
    struct strv links = {0};
    struct err ignored = {0};
    char *found = NULL;
    if (host_list(h, "/sys/class/net", &links, &ignored) < 0)
        return NULL;
    for (size_t i = 0; i < links.n && !found; i++) {
        if (is_card(h, links.s[i]))
            found = card_address(h, links.s[i]);
    }
    strv_free(&links);
    return found;
}

/* ---- values
 * ------------------------------------------------------------------------------------*/

/* The first of the files that says something. */
static char *said(struct host *h, const char *const *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTOFREE char *v = first_line(h, files[i]);
        if (v && !name_is_placeholder(v))
            return TAKE(v);
    }
    return NULL;
}

char *hardware_value(struct host *h, const char *word)
{
    static const char *const serial[] = {DMI "product_serial", DMI "board_serial",
                                         DMI "chassis_serial",
                                         "/sys/firmware/devicetree/base/serial-number"};
    static const char *const product[] = {DMI "product_name", DMI "board_name",
                                          "/sys/firmware/devicetree/base/model"};
    if (str_eq(word, "serial"))
        return said(h, serial, ARRAY_SIZE(serial));
    if (str_eq(word, "product"))
        return said(h, product, ARRAY_SIZE(product));
    char *mac = route_card(h);
    return mac ? mac : first_card(h);
}

bool hardware_id(struct host *h, unsigned char ret[HARDWARE_ID])
{
    static const char product[] = DMI "product_name";
    const char *const files[] = {DMI "product_uuid",
                                 DMI "product_serial",
                                 DMI "board_serial",
                                 DMI "chassis_serial",
                                 product,
                                 "/sys/firmware/devicetree/base/serial-number"};
    struct buf b = BUF_INIT(64u << 10);
    unsigned char hash[CRYPTO_SHA256_LEN];
    bool any = false;
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        AUTOFREE char *v = said(h, &files[i], 1);
        any = any || (v && files[i] != product); /* which many machines have in common */
        buf_printf(&b, "%s=%s\n", strrchr(files[i], '/') + 1, v ? v : "");
    }
    AUTOFREE char *mac = first_card(h);
    buf_printf(&b, "mac=%s\n", mac ? mac : "");
    crypto_sha256(b.data, b.len, hash);
    memcpy(ret, hash, HARDWARE_ID);
    buf_free(&b);
    return any || mac;
}
