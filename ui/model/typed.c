/* A list of machines that is typed or pasted, line by line, as it goes into its file. */
#include <string.h>

#include "ui/model/internal.h"

static const char *const names[] = {"name", "ou", "description", "output", "password_file"};

/* One column of a line, up to a comma outside quotation marks; *line goes behind it, to NULL at the
 * end. */
static char *column(const char **line)
{
    const char *start = *line, *p = start;
    bool quoted = false;
    while (*p && (quoted || *p != ','))
        quoted ^= *p++ == '"';
    *line = *p ? p + 1 : NULL;
    bool wrapped = p - start > 1 && *start == '"' && p[-1] == '"';
    return xstrndup(start + wrapped, (size_t)(p - start) - 2 * wrapped);
}

static size_t columns(const char *line)
{
    size_t n = 0;
    while (line) {
        free(column(&line));
        n++;
    }
    return n;
}

/* The place of the names in a table's first line; its width when it names none. */
static size_t name_column(const char *header)
{
    size_t i = 0;
    for (; header; i++) {
        AUTOFREE char *word = column(&header);
        if (str_ieq(word, "name"))
            break;
    }
    return i;
}

/* A table that is pasted may begin with the names of its columns. */
static bool is_header(const struct offline *o, const char *line)
{
    size_t n = columns(line);
    return name_column(line) < n && (o->typed.n == 0 || n > 1);
}

static char *name_of(const struct offline *o, const char *line)
{
    for (size_t i = *o->header ? name_column(o->header) : 0; line && i > 0; i--)
        free(column(&line));
    return line ? column(&line) : xstrdup("");
}

static struct row_view row_of(const struct offline *o, size_t i)
{
    return (struct row_view){.index = i,
                             .line = (unsigned)i + 2,
                             .name = name_of(o, o->typed.s[i]),
                             .ou = xstrdup(""),
                             .description = xstrdup(""),
                             .output = xstrdup("")};
}

/* Lines that nobody has looked at yet, as rows. */
void wiz_show_typed(struct wizard *w)
{
    struct offline *o = &w->offline;
    wiz_clear_rows(w);
    o->rows = xcalloc((o->typed.n + 255) / 256 * 256 + 1, sizeof *o->rows);
    while (o->n_rows < o->typed.n) {
        o->rows[o->n_rows] = row_of(o, o->n_rows);
        o->n_rows++;
    }
    w->list[FLD_ROWS].sel = o->n_rows ? o->n_rows - 1 : 0;
}

static void add_line(struct wizard *w, const char *line)
{
    struct offline *o = &w->offline;
    strv_add(&o->typed, line);
    /* A pasted thousand must not be drawn up a thousand times. */
    size_t n = o->n_rows;
    if (n + 1 == o->typed.n && n % 256 && o->rows_known == KNOWN_NOT) {
        o->rows[n] = row_of(o, n);
        w->list[FLD_ROWS].sel = o->n_rows++;
    } else {
        wiz_show_typed(w);
    }
}

/* The line that was typed becomes a machine. false: there was none. */
bool wiz_add_row(struct wizard *w)
{
    struct offline *o = &w->offline;
    const char *text = w->edit[FLD_NEW_ROW].text;
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len && text[len - 1] == ' ')
        len--;
    if (!len)
        return false;
    AUTOFREE char *line = xstrndup(text, len);
    edit_set(&w->edit[FLD_NEW_ROW], "");
    o->list_saved = o->rows_warned = false;
    if (is_header(o, line)) {
        if (o->typed.n == 0)
            wiz_replace(&o->header, line);
    } else if (o->typed.n < ROWS_MAX) {
        add_line(w, line);
        wiz_say(w, SAY_ROW_ADDED, line);
    }
    return true;
}

bool wiz_remove_row(struct wizard *w)
{
    struct offline *o = &w->offline;
    size_t at = w->list[FLD_ROWS].sel;
    if (o->machines != MACHINES_TYPED || at >= o->typed.n || at >= o->n_rows)
        return false;
    free(o->typed.s[at]);
    memmove(o->typed.s + at, o->typed.s + at + 1, (o->typed.n - at) * sizeof *o->typed.s);
    if (--o->typed.n == 0)
        wiz_replace(&o->header, "");
    o->list_saved = o->rows_warned = false;
    wiz_show_typed(w);
    w->list[FLD_ROWS].sel = at < o->n_rows ? at : o->n_rows ? o->n_rows - 1 : 0;
    if (!o->n_rows)
        w->focus = FLD_NEW_ROW;
    return true;
}

/* A first line with the columns' names, and each line filled up to the widest. */
char *wiz_list_text(const struct wizard *w)
{
    const struct offline *o = &w->offline;
    struct buf b = BUF_INIT(64 << 20);
    size_t width = *o->header ? columns(o->header) : 1;
    for (size_t i = 0; !*o->header && i < o->typed.n; i++) {
        size_t n = columns(o->typed.s[i]);
        width = n > width ? n : width;
    }
    if (!*o->header && width > ARRAY_SIZE(names))
        width = ARRAY_SIZE(names);
    buf_str(&b, o->header);
    for (size_t i = 0; !*o->header && i < width; i++)
        buf_printf(&b, "%s%s", i ? "," : "", names[i]);
    buf_str(&b, "\n");
    for (size_t i = 0; i < o->typed.n; i++) {
        buf_str(&b, o->typed.s[i]);
        for (size_t n = columns(o->typed.s[i]); n < width; n++)
            buf_str(&b, ",");
        buf_str(&b, "\n");
    }
    char *text = buf_steal(&b);
    return text ? text : xstrdup("");
}
