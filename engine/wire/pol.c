#include "engine/wire/pol.h"

#include <string.h>

#include "engine/wire/odj_int.h"

#define SIGNATURE      0x67655250u /* "PReg" */
#define VERSION        1
#define VALUE_MAX      65535
#define KEY_UNITS_MAX  32767 /* what a registry could hold at the very most */
#define NAME_UNITS_MAX 16383

struct cursor {
    const unsigned char *start, *at, *end;
};

static bool take32(struct cursor *c, uint32_t *ret)
{
    if (c->end - c->at < 4)
        return false;
    *ret = (uint32_t)c->at[0] | (uint32_t)c->at[1] << 8 | (uint32_t)c->at[2] << 16 |
           (uint32_t)c->at[3] << 24;
    c->at += 4;
    return true;
}

/* One UTF-16 unit that has to be this character. */
static bool take_mark(struct cursor *c, char mark)
{
    if (c->end - c->at < 2 || c->at[0] != (unsigned char)mark || c->at[1] != 0)
        return false;
    c->at += 2;
    return true;
}

/* Up to and with the NUL. */
static char *take_text(struct cursor *c, size_t most)
{
    size_t units = 0, left = (size_t)(c->end - c->at) / 2;
    while (units < left && units <= most && (c->at[2 * units] || c->at[2 * units + 1]))
        units++;
    if (units == left || units > most)
        return NULL;
    char *text = xcalloc(1, 3 * units + 1);
    bool ok;
    (void)odj_utf8(c->at, units, text, &ok);
    c->at += 2 * (units + 1);
    return text;
}

static bool take_data(struct cursor *c, uint32_t size, struct odj_bytes *ret)
{
    if (size > VALUE_MAX || size > (size_t)(c->end - c->at))
        return false;
    if (size > 0) {
        ret->data = xcalloc(1, size);
        memcpy(ret->data, c->at, size);
        ret->len = size;
    }
    c->at += size;
    return true;
}

/* [key;value;type;size;data] */
static bool take_element(struct cursor *c, struct odj_policy_element *el)
{
    uint32_t size;
    if (!take_mark(c, '[') || !(el->key = take_text(c, KEY_UNITS_MAX)) || !el->key[0] ||
        !take_mark(c, ';') || !(el->value = take_text(c, NAME_UNITS_MAX)) || !take_mark(c, ';'))
        return false;
    return take32(c, &el->type) && take_mark(c, ';') && take32(c, &size) && take_mark(c, ';') &&
           take_data(c, size, &el->data) && take_mark(c, ']');
}

static int bad(struct err *e, const struct cursor *c, const char *what)
{
    (void)err_cause(e, CAUSE_POLICY_FILE_BAD);
    err_fact(e, FACT_PLACE, "%s, offset %zu", what, (size_t)(c->at - c->start));
    return -1;
}

static int read_elements(struct cursor *c, struct odj_policy_list *ret, struct err *e)
{
    size_t room = 0;
    while (c->at < c->end) {
        if (ret->n == room) {
            room = room ? 2 * room : 16;
            ret->elements = xrealloc_array(ret->elements, room, sizeof *ret->elements);
        }
        struct odj_policy_element *el = &ret->elements[ret->n++];
        *el = (struct odj_policy_element){0};
        if (!take_element(c, el))
            return bad(e, c, "instruction");
    }
    return 0;
}

int pol_read(const void *data, size_t len, const char *source, struct odj_policy_list *ret,
             struct err *e)
{
    struct cursor c = {data, data, (const unsigned char *)data + len};
    uint32_t signature, version;
    *ret = (struct odj_policy_list){0};
    if (!take32(&c, &signature) || !take32(&c, &version) || signature != SIGNATURE ||
        version != VERSION) {
        c.at = c.start;
        return bad(e, &c, "header");
    }
    if (read_elements(&c, ret, e) != 0) {
        pol_free(ret);
        return -1;
    }
    ret->source = xstrdup(source);
    ret->root_key = POL_HKLM;
    return 0;
}

void pol_free(struct odj_policy_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        struct odj_policy_element *el = &l->elements[i];
        free(el->key);
        free(el->value);
        if (el->data.data)
            explicit_bzero(el->data.data, el->data.len);
        free(el->data.data);
    }
    free(l->elements);
    free(l->source);
    *l = (struct odj_policy_list){0};
}
