/* A reader that knows where it is, and a writer. */
#include "engine/model/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/wire/dn.h"

struct reader {
    const char *at, *end;
    unsigned line;
    char separator;
};

static int broken(struct err *e, unsigned line, size_t column, const char *why)
{
    err_cause(e, CAUSE_LIST_BROKEN);
    err_fact(e, FACT_LINE, "%u", line);
    if (column)
        err_fact(e, FACT_PLACE, "column %zu", column);
    err_fact(e, FACT_DETAIL, "%s", why);
    return -1;
}

static unsigned lines_before(const char *text, size_t len)
{
    unsigned n = 1;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

static void put_utf8(struct buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_byte(b, (unsigned char)c);
    } else if (c < 0x800) {
        buf_byte(b, (unsigned char)(0xc0 | c >> 6));
        buf_byte(b, (unsigned char)(0x80 | (c & 0x3f)));
    } else {
        if (c < 0x10000) {
            buf_byte(b, (unsigned char)(0xe0 | c >> 12));
        } else {
            buf_byte(b, (unsigned char)(0xf0 | c >> 18));
            buf_byte(b, (unsigned char)(0x80 | (c >> 12 & 0x3f)));
        }
        buf_byte(b, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
        buf_byte(b, (unsigned char)(0x80 | (c & 0x3f)));
    }
}

/* RFC 2781. */
static int from_utf16(const unsigned char *p, size_t len, bool big, struct buf *out, struct err *e)
{
    const char *why = len % 2 ? "half a character at the end" : NULL;
    for (size_t i = 0; i + 1 < len && !why; i += 2) {
        uint32_t c = (uint32_t)(big ? p[i] << 8 | p[i + 1] : p[i + 1] << 8 | p[i]);
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < len) {
            uint32_t d = (uint32_t)(big ? p[i + 2] << 8 | p[i + 3] : p[i + 3] << 8 | p[i + 2]);
            if (d >= 0xdc00 && d < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (d - 0xdc00);
                i += 2;
            }
        }
        if (c == 0 || (c >= 0xd800 && c < 0xe000))
            why = "characters that are none";
        else
            put_utf8(out, c);
    }
    return why ? broken(e, lines_before(buf_text(out), out->len), 0, why) : 0;
}

/* How far the text is sound. */
static size_t sound_part(const char *s, size_t len)
{
    size_t good = 0, bad = len;
    if (utf8_valid(s, len))
        return len;
    while (good + 1 < bad) {
        size_t mid = good + (bad - good) / 2, cut = mid;
        while (cut > good && ((unsigned char)s[cut] & 0xc0) == 0x80)
            cut--;
        if (cut > good && utf8_valid(s, cut))
            good = cut;
        else
            bad = mid;
    }
    return good;
}

static int decode(const unsigned char *p, size_t len, struct buf *out, struct err *e)
{
    if (len > CSV_BYTES_MAX)
        return broken(e, 1, 0, "longer than 8 MiB");
    if (len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        return from_utf16(p + 2, len - 2, p[0] == 0xfe, out, e);
    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
        len -= 3;
    }
    size_t sound = sound_part((const char *)p, len);
    if (sound < len)
        return broken(e, lines_before((const char *)p, sound), 0,
                      "no UTF-8: save the list as \"CSV UTF-8\"");
    buf_put(out, p, len);
    return 0;
}

static bool at_line_end(const struct reader *r)
{
    return r->at == r->end || *r->at == '\n' || *r->at == '\r';
}

static void skip_line_end(struct reader *r)
{
    if (r->at < r->end && *r->at == '\r')
        r->at++;
    if (r->at < r->end && *r->at == '\n')
        r->at++;
    r->line++;
}

static int read_quoted(struct reader *r, size_t column, struct buf *cell, struct err *e)
{
    unsigned begin = r->line;
    for (r->at++;; r->at++) {
        if (r->at == r->end)
            return broken(e, begin, column, "the quotation mark is not closed");
        if (*r->at == '"') {
            r->at++;
            if (r->at == r->end || *r->at != '"')
                break;
        }
        r->line += *r->at == '\n';
        buf_byte(cell, (unsigned char)*r->at);
    }
    while (r->at < r->end && *r->at == ' ' && r->separator != ' ')
        r->at++;
    if (!at_line_end(r) && *r->at != r->separator)
        return broken(e, r->line, column, "text after the closing quotation mark");
    return 0;
}

static void read_plain(struct reader *r, struct buf *cell)
{
    const char *from = r->at;
    while (!at_line_end(r) && *r->at != r->separator)
        r->at++;
    const char *to = r->at;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    buf_put(cell, from, (size_t)(to - from));
}

static int read_cell(struct reader *r, struct csv_row *row, struct err *e)
{
    struct buf cell = BUF_INIT(CSV_CELL_MAX);
    size_t column = row->cells.n + 1;
    int rc = 0;
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t') && *r->at != r->separator)
        r->at++;
    if (r->at < r->end && *r->at == '"')
        rc = read_quoted(r, column, &cell, e);
    else
        read_plain(r, &cell);
    if (rc == 0 && (cell.failed || column > CSV_COLUMNS_MAX))
        rc = broken(e, r->line, column, "too long");
    if (rc == 0)
        strv_add(&row->cells, cell.len ? buf_text(&cell) : "");
    buf_free(&cell);
    return rc;
}

static int read_row(struct reader *r, struct csv_row *row, struct err *e)
{
    *row = (struct csv_row){.line = r->line};
    for (;;) {
        if (read_cell(r, row, e) < 0) {
            strv_free(&row->cells);
            return -1;
        }
        if (at_line_end(r))
            break;
        r->at++;
    }
    skip_line_end(r);
    return 0;
}

static bool is_empty(const struct csv_row *row, size_t from)
{
    for (size_t i = from; i < row->cells.n; i++) {
        if (*row->cells.s[i])
            return false;
    }
    return true;
}

/* What stands most often outside quotation marks in the first line. */
static char find_separator(const struct reader *r)
{
    static const char known[] = {',', ';', '\t'};
    unsigned count[sizeof known] = {0};
    bool quoted = false;
    size_t best = 0;
    for (const char *p = r->at; p < r->end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        quoted ^= *p == '"';
        for (size_t i = 0; i < sizeof known && !quoted; i++)
            count[i] += *p == known[i];
    }
    for (size_t i = 1; i < sizeof known; i++) {
        if (count[i] > count[best])
            best = i;
    }
    return known[best];
}

static void skip_empty_lines(struct reader *r)
{
    while (r->at < r->end && at_line_end(r))
        skip_line_end(r);
}

static void read_first_line(struct reader *r)
{
    skip_empty_lines(r);
    if (r->end - r->at > 5 && strncmp(r->at, "sep=", 4) == 0 &&
        (r->at[5] == '\r' || r->at[5] == '\n') && strchr(",;\t", r->at[4])) {
        r->separator = r->at[4];
        r->at += 5;
        skip_line_end(r);
        skip_empty_lines(r);
    } else {
        r->separator = find_separator(r);
    }
}

static int check_row(const struct csv *c, const struct csv_row *row, struct err *e)
{
    if (c->n >= CSV_ROWS_MAX)
        return broken(e, row->line, 0, "more than 20000 lines");
    if (!is_empty(row, c->header.cells.n))
        return broken(e, row->line, c->header.cells.n + 1, "more cells than the first line has");
    return 0;
}

static int read_rows(struct reader *r, struct csv *c, struct err *e)
{
    size_t cap = 0;
    read_first_line(r);
    c->separator = r->separator;
    if (r->at == r->end)
        return broken(e, 1, 0, "empty");
    if (read_row(r, &c->header, e) < 0)
        return -1;
    while (r->at < r->end) {
        struct csv_row row;
        if (read_row(r, &row, e) < 0)
            return -1;
        if (is_empty(&row, 0)) {
            strv_free(&row.cells);
            continue;
        }
        if (check_row(c, &row, e) < 0) {
            strv_free(&row.cells);
            return -1;
        }
        if (c->n == cap) {
            cap = cap ? cap * 2 : 64;
            c->rows = xrealloc_array(c->rows, cap, sizeof *c->rows);
        }
        c->rows[c->n++] = row;
    }
    return 0;
}

int csv_read(const void *data, size_t len, struct csv *ret, struct err *e)
{
    struct buf text = BUF_INIT(2 * CSV_BYTES_MAX);
    *ret = (struct csv){0};
    int rc = decode(data, len, &text, e);
    if (rc == 0) {
        const char *s = text.len ? buf_text(&text) : "";
        struct reader r = {.at = s, .end = s + text.len, .line = 1};
        rc = read_rows(&r, ret, e);
    }
    buf_free(&text);
    if (rc < 0)
        csv_free(ret);
    return rc;
}

void csv_free(struct csv *c)
{
    for (size_t i = 0; i < c->n; i++)
        strv_free(&c->rows[i].cells);
    free(c->rows);
    strv_free(&c->header.cells);
    *c = (struct csv){0};
}

const char *csv_cell(const struct csv *c, size_t row, const char *column)
{
    const struct strv *cells = &c->rows[row].cells;
    for (size_t i = 0; i < c->header.cells.n && i < cells->n; i++) {
        if (str_ieq(c->header.cells.s[i], column))
            return cells->s[i];
    }
    return "";
}

/* What a spreadsheet would take for a formula, and carry out. */
static bool is_formula(const char *s)
{
    return *s && strchr("=+-@\t\r", *s);
}

static void put_cell(struct buf *b, char separator, const char *text)
{
    const char special[] = {separator, '"', '\r', '\n', '\0'};
    AUTOFREE char *s = xasprintf("%s%s", is_formula(text) ? "'" : "", text);
    size_t n = strlen(s);
    if (!strpbrk(s, special) &&
        (n == 0 || (s[0] != ' ' && s[n - 1] != ' ' && s[0] != '\t' && s[n - 1] != '\t'))) {
        buf_str(b, s);
        return;
    }
    buf_byte(b, '"');
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '"')
            buf_byte(b, '"');
        buf_byte(b, (unsigned char)s[i]);
    }
    buf_byte(b, '"');
}

void csv_put(struct buf *b, char separator, const char *const *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_byte(b, (unsigned char)separator);
        put_cell(b, separator, cells[i] ? cells[i] : "");
    }
    buf_str(b, "\r\n");
}
