#include "engine/conf/merge3.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LINES_MAX 400000
#define CELLS_MAX (4u << 20) /* of the comparison table; larger differences count as one */
#define KEPT_MAX  20

struct line {
    const char *s;
    size_t n;
};

struct text {
    struct line *l;
    size_t n;
    bool ends; /* with a newline */
};

struct insert {
    size_t before;   /* line of theirs */
    size_t from, to; /* lines of mine */
};

struct merge {
    struct text base, mine, theirs;
    ptrdiff_t *in_mine, *in_theirs; /* for each line of base */
    ptrdiff_t *from_base;           /* for each line of theirs */
    bool *drop;                     /* for each line of theirs */
    struct insert *ins;
    size_t n_ins;
    struct merge3_result *res;
};

static int split(const char *s, struct text *t)
{
    size_t cap = 0;
    *t = (struct text){.ends = true};
    while (*s) {
        size_t n = strcspn(s, "\n");
        if (t->n >= LINES_MAX)
            return -1;
        if (t->n == cap) {
            cap = cap ? cap * 2 : 64;
            t->l = xrealloc_array(t->l, cap, sizeof *t->l);
        }
        t->l[t->n++] = (struct line){s, n};
        t->ends = s[n] == '\n';
        s += n + (t->ends ? 1 : 0);
    }
    return 0;
}

static bool same(const struct line *a, const struct line *b)
{
    return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
}

/* Longest common subsequence of two pieces, by the table; map[i] is the partner in b of line i of
 * a. */
static void lcs(const struct text *a, size_t a0, size_t a1, const struct text *b, size_t b0,
                size_t b1, ptrdiff_t *map)
{
    size_t n = a1 - a0, m = b1 - b0;
    if (n == 0 || m == 0 || (n + 1) * (m + 1) > CELLS_MAX)
        return;
    uint16_t *len = xcalloc((n + 1) * (m + 1), sizeof *len);
#define AT(i, j) len[(i) * (m + 1) + (j)]
    for (size_t i = n; i-- > 0;) {
        for (size_t j = m; j-- > 0;) {
            if (same(&a->l[a0 + i], &b->l[b0 + j]))
                AT(i, j) = (uint16_t)(AT(i + 1, j + 1) + 1);
            else
                AT(i, j) = AT(i + 1, j) > AT(i, j + 1) ? AT(i + 1, j) : AT(i, j + 1);
        }
    }
    for (size_t i = 0, j = 0; i < n && j < m;) {
        if (same(&a->l[a0 + i], &b->l[b0 + j])) {
            map[a0 + i] = (ptrdiff_t)(b0 + j);
            i++;
            j++;
        } else if (AT(i + 1, j) >= AT(i, j + 1)) {
            i++;
        } else {
            j++;
        }
    }
#undef AT
    free(len);
}

static ptrdiff_t *compare(const struct text *a, const struct text *b)
{
    ptrdiff_t *map = xcalloc(a->n, sizeof *map);
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < a->n; i++)
        map[i] = -1;
    while (head < a->n && head < b->n && same(&a->l[head], &b->l[head])) {
        map[head] = (ptrdiff_t)head;
        head++;
    }
    while (tail < a->n - head && tail < b->n - head &&
           same(&a->l[a->n - 1 - tail], &b->l[b->n - 1 - tail])) {
        map[a->n - 1 - tail] = (ptrdiff_t)(b->n - 1 - tail);
        tail++;
    }
    lcs(a, head, a->n - tail, b, head, b->n - tail, map);
    return map;
}

static void insert_mine(struct merge *g, size_t before, size_t from, size_t to)
{
    if (from == to)
        return;
    g->ins = xrealloc_array(g->ins, g->n_ins + 1, sizeof *g->ins);
    g->ins[g->n_ins++] = (struct insert){before, from, to};
}

/* Where in theirs the place before line `o` of base is. */
static size_t place(const struct merge *g, size_t o)
{
    while (o > 0) {
        if (g->in_theirs[--o] >= 0)
            return (size_t)g->in_theirs[o] + 1;
    }
    return 0;
}

/* The owner's lines that stand where lines [o1,o2) of base were. */
static void conflict(struct merge *g, size_t o1, size_t o2)
{
    size_t to = g->theirs.n;
    for (size_t o = o2; o < g->base.n; o++) {
        if (g->in_theirs[o] >= 0) {
            to = (size_t)g->in_theirs[o];
            break;
        }
    }
    g->res->conflicts++;
    for (size_t b = place(g, o1); b < to; b++) {
        if (g->from_base[b] < 0 && g->res->kept.n < KEPT_MAX)
            strv_take(&g->res->kept, xstrndup(g->theirs.l[b].s, g->theirs.l[b].n));
    }
}

/* One line of ours that replaced one of mine. */
static void undo_pair(struct merge *g, size_t o, size_t a)
{
    if (g->in_theirs[o] < 0) {
        conflict(g, o, o + 1);
        return;
    }
    size_t b = (size_t)g->in_theirs[o];
    g->drop[b] = true;
    insert_mine(g, b, a, a + 1);
}

static void undo_hunk(struct merge *g, size_t o1, size_t o2, size_t a1, size_t a2)
{
    size_t gone = 0;
    if (o2 - o1 == a2 - a1) {
        for (size_t i = 0; i < o2 - o1; i++)
            undo_pair(g, o1 + i, a1 + i);
        return;
    }
    for (size_t o = o1; o < o2; o++)
        gone += g->in_theirs[o] < 0;
    if (gone > 0 && a2 > a1) {
        conflict(g, o1, o2);
        return;
    }
    size_t at = o1 < o2 && !gone ? (size_t)g->in_theirs[o1] : place(g, o1);
    for (size_t o = o1; o < o2; o++) {
        if (g->in_theirs[o] >= 0)
            g->drop[g->in_theirs[o]] = true;
        else if (o == o1 || g->in_theirs[o - 1] >= 0)
            conflict(g, o, o + 1);
    }
    insert_mine(g, at, a1, a2);
}

static void undo_all(struct merge *g)
{
    size_t o = 0, a = 0;
    while (o < g->base.n || a < g->mine.n) {
        if (o < g->base.n && g->in_mine[o] == (ptrdiff_t)a) {
            o++;
            a++;
            continue;
        }
        size_t o1 = o, a1 = a;
        while (o < g->base.n && g->in_mine[o] < 0)
            o++;
        a = o < g->base.n ? (size_t)g->in_mine[o] : g->mine.n;
        undo_hunk(g, o1, o, a1, a);
    }
}

static char first_char(const struct line *l)
{
    size_t i = 0;
    while (i < l->n && (l->s[i] == ' ' || l->s[i] == '\t'))
        i++;
    return i < l->n ? l->s[i] : '\0';
}

/* A section title of ours stays while a setting of the owner's stands under it. */
static void keep_titles(struct merge *g)
{
    for (size_t t = 0; t < g->theirs.n; t++) {
        if (!g->drop[t] || first_char(&g->theirs.l[t]) != '[')
            continue;
        for (size_t b = t + 1; b < g->theirs.n && first_char(&g->theirs.l[b]) != '['; b++) {
            char c = first_char(&g->theirs.l[b]);
            if (g->drop[b] || g->from_base[b] >= 0 || c == '\0' || c == '#' || c == ';')
                continue;
            if (g->drop[t])
                g->res->conflicts++;
            g->drop[t] = false;
            if (g->res->kept.n < KEPT_MAX)
                strv_take(&g->res->kept, xstrndup(g->theirs.l[b].s, g->theirs.l[b].n));
        }
    }
}

static void write_out(const struct merge *g, struct buf *out)
{
    size_t next = 0, lines = 0;
    for (size_t b = 0; b <= g->theirs.n; b++) {
        for (; next < g->n_ins && g->ins[next].before <= b; next++) {
            for (size_t a = g->ins[next].from; a < g->ins[next].to; a++, lines++) {
                if (lines)
                    buf_byte(out, '\n');
                buf_put(out, g->mine.l[a].s, g->mine.l[a].n);
            }
        }
        if (b < g->theirs.n && !g->drop[b]) {
            if (lines++)
                buf_byte(out, '\n');
            buf_put(out, g->theirs.l[b].s, g->theirs.l[b].n);
        }
    }
    if (lines && (g->theirs.ends == g->base.ends ? g->mine.ends : g->theirs.ends))
        buf_byte(out, '\n');
    buf_put(out, "", 0);
}

int merge3(const char *base, const char *mine, const char *theirs, struct buf *ret,
           struct merge3_result *res)
{
    struct merge g = {.res = res};
    *res = (struct merge3_result){0};
    int rc = split(base, &g.base) != 0 || split(mine, &g.mine) != 0 || split(theirs, &g.theirs) != 0
                 ? -1
                 : 0;
    if (rc == 0) {
        g.in_mine = compare(&g.base, &g.mine);
        g.in_theirs = compare(&g.base, &g.theirs);
        g.from_base = xcalloc(g.theirs.n, sizeof *g.from_base);
        g.drop = xcalloc(g.theirs.n, sizeof *g.drop);
        for (size_t b = 0; b < g.theirs.n; b++)
            g.from_base[b] = -1;
        for (size_t o = 0; o < g.base.n; o++) {
            if (g.in_theirs[o] >= 0)
                g.from_base[g.in_theirs[o]] = (ptrdiff_t)o;
        }
        undo_all(&g);
        keep_titles(&g);
        write_out(&g, ret);
    }
    free(g.base.l);
    free(g.mine.l);
    free(g.theirs.l);
    free(g.in_mine);
    free(g.in_theirs);
    free(g.from_base);
    free(g.drop);
    free(g.ins);
    return rc == 0 && !ret->failed ? 0 : -1;
}

void merge3_result_free(struct merge3_result *res)
{
    strv_free(&res->kept);
    *res = (struct merge3_result){0};
}

static void put_line(struct buf *out, char sign, const struct line *l)
{
    buf_byte(out, (unsigned char)sign);
    buf_put(out, l->s, l->n);
    buf_byte(out, '\n');
}

int merge3_diff(const char *a, const char *b, struct buf *ret)
{
    struct text x, y = {0};
    int rc = split(a, &x) != 0 || split(b, &y) != 0 ? -1 : 0;
    if (rc == 0) {
        ptrdiff_t *map = compare(&x, &y);
        size_t j = 0;
        for (size_t i = 0; i < x.n; i++) {
            for (; map[i] >= 0 && j < (size_t)map[i]; j++)
                put_line(ret, '+', &y.l[j]);
            if (map[i] < 0)
                put_line(ret, '-', &x.l[i]);
            else
                j = (size_t)map[i] + 1;
        }
        for (; j < y.n; j++)
            put_line(ret, '+', &y.l[j]);
        free(map);
    }
    free(x.l);
    free(y.l);
    return rc == 0 && !ret->failed ? 0 : -1;
}
