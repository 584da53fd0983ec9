/* Computer names with words such as {serial}: what the running machine says about itself. */
#include <string.h>

#include "engine/flow/session.h"
#include "engine/model/settings_offline.h"

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

/* Of the first network card; of any other link with an address when there is no card. */
static char *mac_address(struct host *h)
{
    struct strv links = {0};
    struct err ignored = {0};
    char *found = NULL;
    bool is_card = false;
    if (host_list(h, "/sys/class/net", &links, &ignored) < 0)
        return NULL;
    for (size_t i = 0; i < links.n && !is_card; i++) {
        AUTOFREE char *path = xasprintf("/sys/class/net/%s/address", links.s[i]);
        AUTOFREE char *device = xasprintf("/sys/class/net/%s/device", links.s[i]);
        AUTOFREE char *mac = first_line(h, path);
        bool card = host_exists(h, device);
        if (!mac || strlen(mac) != 17 || strspn(mac, "0:") == 17 || (found && !card))
            continue;
        free(found);
        found = TAKE(mac);
        is_card = card;
    }
    strv_free(&links);
    return found;
}

static char *machine_value(void *arg, const char *word)
{
    struct session *s = arg;
    char *v;
    if (str_eq(word, "mac"))
        return mac_address(s->here);
    if (str_eq(word, "serial")) {
        v = first_line(s->here, "/sys/class/dmi/id/product_serial");
        return v ? v : first_line(s->here, "/sys/firmware/devicetree/base/serial-number");
    }
    v = first_line(s->here, "/sys/class/dmi/id/product_name");
    return v ? v : first_line(s->here, "/sys/firmware/devicetree/base/model");
}

int session_expand_name(struct session *s, struct settings **own, struct err *e)
{
    const char *name = settings_get(s->s, OPT_MACHINE_NAME);
    *own = NULL;
    /* In a list of machines it is a pattern for their names. */
    if (!strchr(name, '{') || settings_is_batch(s->s))
        return 0;
    AUTOFREE char *text = name_expand(name, machine_value, s, e);
    if (!text)
        return -1;
    if (!(*own = settings_clone(s->s)))
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    log_info("the name %s stands for %s", name, text);
    if (settings_set(*own, OPT_MACHINE_NAME, text, s->s->origin[OPT_MACHINE_NAME], e) < 0)
        return -1;
    s->s = *own;
    return 0;
}
