/* The keyboard's layout as the system was set up with: keyboard(5) of Debian, vconsole.conf(5). */
#include <stdio.h>
#include <string.h>

#include "ui/term/internal.h"
#include "ui/term/term.h"

/* The value of NAME=value or NAME="value" in the file; false when it is not there or empty. */
static bool value_of(const char *path, const char *name, char *out, size_t size)
{
    char line[256];
    size_t len = strlen(name);
    bool found = false;
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        if (strncmp(line, name, len) != 0 || line[len] != '=')
            continue;
        const char *value = line + len + 1;
        value += *value == '"' || *value == '\'';
        size_t n = strcspn(value, "\"'\r\n");
        found = n > 0 && n < size;
        snprintf(out, size, "%.*s", found ? (int)n : 0, value);
    }
    if (f)
        fclose(f);
    return found;
}

size_t keyboard_name(const char *root, char *out, size_t size)
{
    char path[512], layout[64] = "", variant[64] = "";
    out[0] = '\0';
    snprintf(path, sizeof path, "%s/etc/default/keyboard", root);
    if (value_of(path, "XKBLAYOUT", layout, sizeof layout)) {
        bool has = value_of(path, "XKBVARIANT", variant, sizeof variant) && variant[0] != ',';
        snprintf(out, size, has ? "%s (%s)" : "%s", layout, variant);
    } else {
        snprintf(path, sizeof path, "%s/etc/vconsole.conf", root);
        if (value_of(path, "KEYMAP", layout, sizeof layout))
            snprintf(out, size, "%s", layout);
    }
    for (char *p = out; *p; p++) { /* it goes to the screen */
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    return strlen(out);
}

const char *term_keyboard(void)
{
    static char name[160];
    return term_on_console() && keyboard_name("", name, sizeof name) ? name : "";
}
