#include "engine/provision/batch_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/json/json.h"
#include "engine/model/csv.h"

#define RESULTS_MAX (32u << 20)
#define LINE_MAX_   (64u << 10)

struct batch_past {
    char *name, *output;
    bool done;
    int64_t sent, finished; /* by the controller's clock */
    int64_t reset, known;   /* reset 0: after `sent`, it was not gone on with */
    size_t order;           /* later ones count */
};

static const char *const columns[] = {"line", "name", "status", "symbol", "text",
                                      "dn",   "ou",   "output", "domain", "time"};

/* ---- reading what an earlier run left ---- */

static int bad(const char *path, unsigned line, const char *why, struct err *e)
{
    err_cause(e, CAUSE_LIST_RESULTS_BAD);
    err_fact(e, FACT_FILE, "%s", path);
    if (line)
        err_fact(e, FACT_LINE, "%u", line);
    err_fact(e, FACT_DETAIL, "%s", why);
    return -1;
}

/* Ours, and nobody else's to write. */
static int load(struct batch_results *r, const char *path, struct buf *b, bool *present,
                struct err *e)
{
    struct host_meta m;
    *b = BUF_INIT(RESULTS_MAX);
    *present = false;
    if (host_lstat(r->host, path, &m, e) < 0)
        return -1;
    if (m.kind == HOST_ABSENT)
        return 0;
    if (m.kind != HOST_FILE)
        return bad(path, 0, "not a regular file", e);
    if ((m.uid != geteuid() && m.uid != 0) || (m.mode & 022))
        return bad(path, 0, "others may write into it", e);
    if (m.size > RESULTS_MAX)
        return bad(path, 0, "too large", e);
    return host_read_opt(r->host, path, b, present, e);
}

static struct batch_past *add_past(struct batch_results *r, const char *name)
{
    if ((r->n_past & (r->n_past - 1)) == 0)
        r->past = xrealloc_array(r->past, r->n_past ? r->n_past * 2 : 1, sizeof *r->past);
    struct batch_past *p = &r->past[r->n_past];
    *p = (struct batch_past){.name = xstrdup(name), .output = xstrdup(""), .order = r->n_past++};
    return p;
}

typedef int line_fn(struct batch_results *r, const char *line, size_t len, const char *domain);
static int each_line(struct batch_results *r, const char *path, struct buf *b, const char *domain,
                     line_fn *take, struct err *e)
{
    const char *at = (const char *)b->data, *end = at + b->len, *stop;
    for (unsigned n = 1; at < end && (stop = memchr(at, '\n', (size_t)(end - at))); n++) {
        size_t len = (size_t)(stop - at);
        if (len > LINE_MAX_ || take(r, at, len, domain) < 0)
            return bad(path, n, "not a line of results", e);
        at = stop + 1;
    }
    return 0;
}

static int take_json(struct batch_results *r, const char *line, size_t len, const char *domain)
{
    AUTOJSN o = NULL;
    struct err ignored = {0};
    if (len == 0)
        return 0;
    if (jsn_parse(line, len, &o, &ignored) < 0)
        return -1;
    const char *name = jsn_str(o, "computer");
    int64_t status = jsn_int(o, "status", -1);
    if (!*name || strlen(name) > NAME_NETBIOS_MAX || status < 0)
        return -1;
    if (!str_ieq(jsn_str(o, "domain"), domain))
        return 0;
    struct batch_past *p = add_past(r, name);
    p->done = status == 0;
    p->finished = jsn_int(o, "finished", 0);
    free(p->output);
    p->output = xstrdup(jsn_str(o, "output"));
    return 0;
}

static bool time_of(const char *text, int64_t *ret)
{
    char *end;
    *ret = strtoll(text, &end, 10);
    return end > text && !*end && *ret >= 0;
}

/* "sent TIME DOMAIN NAME", "reset TIME KNOWN DOMAIN NAME" */
static int take_state(struct batch_results *r, const char *line, size_t len, const char *domain)
{
    struct strv words = {0};
    struct batch_past got = {0};
    AUTOFREE char *text = xstrndup(line, len);
    strv_split(&words, text, " \r");
    bool sent =
        words.n == 4 && str_eq(words.s[0], "sent") && time_of(words.s[1], &got.sent) && got.sent;
    bool reset = words.n == 5 && str_eq(words.s[0], "reset") && time_of(words.s[1], &got.reset) &&
                 time_of(words.s[2], &got.known) && got.reset;
    bool ok = (sent || reset) && strlen(words.s[words.n - 1]) <= NAME_NETBIOS_MAX;
    if (ok && str_ieq(words.s[words.n - 2], domain)) {
        struct batch_past *p = add_past(r, words.s[words.n - 1]);
        p->sent = got.sent;
        p->reset = got.reset;
        p->known = got.known;
    }
    strv_free(&words);
    return ok ? 0 : -1;
}

static int by_name(const void *a, const void *b)
{
    const struct batch_past *x = a, *y = b;
    int d = strcasecmp(x->name, y->name);
    return d ? d : (x->order > y->order) - (x->order < y->order);
}

/* The last of each kind counts, and a note only while no result followed it. */
static void merge(struct batch_results *r)
{
    size_t n = 0;
    if (r->n_past)
        qsort(r->past, r->n_past, sizeof *r->past, by_name);
    for (size_t i = 0; i < r->n_past; i++) {
        struct batch_past *p = &r->past[i], *last = n ? &r->past[n - 1] : NULL;
        if (!last || strcasecmp(last->name, p->name) != 0) {
            r->past[n++] = *p;
            continue;
        }
        if (p->reset) {
            last->reset = p->reset;
            last->known = p->known;
        } else if (p->sent) {
            last->sent = p->sent;
            last->reset = 0;
        } else {
            last->done = p->done;
            last->finished = p->finished;
            char *t = last->output;
            last->output = p->output;
            p->output = t;
        }
        free(p->name);
        free(p->output);
    }
    r->n_past = n;
}

/* Whole lines only: what follows the last end of line was cut off by whatever ended the earlier
 * run, and goes. */
static int load_lines(struct batch_results *r, const char *path, struct buf *b, bool *present,
                      struct err *e)
{
    if (load(r, path, b, present, e) < 0)
        return -1;
    size_t len = b->len;
    while (len && b->data[len - 1] != '\n')
        len--;
    if (len == b->len)
        return 0;
    b->len = len;
    const struct host_meta meta = host_meta_own(0600);
    return host_replace(r->host, path, &meta, b->data, len, e);
}

static int load_past(struct batch_results *r, const char *domain, bool *has_csv, bool *has_json,
                     struct err *e)
{
    struct buf json = {0}, state = {0}, csv = {0};
    int rc = load_lines(r, r->json, &json, has_json, e);
    if (rc == 0)
        rc = each_line(r, r->json, &json, domain, take_json, e);
    if (rc == 0)
        rc = load_lines(r, r->state, &state, &r->has_state, e);
    if (rc == 0)
        rc = each_line(r, r->state, &state, domain, take_state, e);
    if (rc == 0)
        rc = load_lines(r, r->csv, &csv, has_csv, e);
    if (rc == 0 && csv.len && (csv.len < 10 || memcmp(csv.data, "line,name,", 10) != 0))
        rc = bad(r->csv, 1, "not a table of results", e);
    *has_csv = *has_csv && csv.len;
    buf_free(&json);
    buf_free(&state);
    buf_free(&csv);
    return rc;
}

static char *without(const char *path, const char *tail)
{
    size_t n = strlen(path), t = strlen(tail);
    return xstrndup(path, str_iends(path, tail) && n > t ? n - t : n);
}

char *batch_results_path(const char *results, const char *list)
{
    AUTOFREE char *beside = without(list, ".csv");
    return *results ? xstrdup(results) : xasprintf("%s.results.csv", beside);
}

static void name_files(struct batch_results *r, const char *results, const char *list)
{
    r->csv = batch_results_path(results, list);
    AUTOFREE char *stem = without(r->csv, ".csv");
    r->json = xasprintf("%s.jsonl", stem);
    r->state = xasprintf("%s.state", stem);
}

/* No file of a system's settings, as the host has it, but one of the list's. */
static int cannot_write(const char *path, struct err *e)
{
    struct err why = *e;
    if (why.cause != CAUSE_FILE_WRITE_FAILED)
        return -1;
    err_reset(e);
    err_cause(e, CAUSE_OFFLINE_OUTPUT_FAILED);
    err_fact(e, FACT_FILE, "%s", path);
    return err_foreign(e, why.src, why.lib, "%s", why.raw);
}

int batch_results_open(struct batch_results *r, struct host *h, const char *results,
                       const char *list, const char *domain, struct err *e)
{
    const struct host_meta meta = host_meta_own(0600);
    struct buf head = BUF_INIT(1024);
    bool has_csv = false, has_json = false;
    *r = (struct batch_results){
        .host = h, .csv_new = BUF_INIT(RESULTS_MAX), .json_new = BUF_INIT(RESULTS_MAX)};
    name_files(r, results, list);
    csv_put(&head, ',', columns, ARRAY_SIZE(columns));
    int rc = load_past(r, domain, &has_csv, &has_json, e);
    if (rc == 0 && !has_csv)
        rc = host_replace(h, r->csv, &meta, head.data, head.len, e);
    if (rc == 0 && !has_json)
        rc = host_write_new(h, r->json, &meta, NULL, "", 0, e);
    if (rc == 0 && !r->has_state)
        rc = host_write_new(h, r->state, &meta, NULL, "", 0, e);
    r->has_state = rc == 0;
    merge(r);
    buf_free(&head);
    if (rc < 0) {
        (void)cannot_write(r->csv, e);
        batch_results_close(r);
    }
    return rc;
}

void batch_results_close(struct batch_results *r)
{
    for (size_t i = 0; i < r->n_past; i++) {
        free(r->past[i].name);
        free(r->past[i].output);
    }
    free(r->past);
    free(r->csv);
    free(r->json);
    free(r->state);
    buf_free(&r->csv_new);
    buf_free(&r->json_new);
    *r = (struct batch_results){0};
}

/* ---- asking it ---- */

static const struct batch_past *find(const struct batch_results *r, const char *netbios)
{
    size_t lo = 0, hi = r->n_past;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int d = strcasecmp(netbios, r->past[mid].name);
        if (d == 0)
            return &r->past[mid];
        if (d < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

const char *batch_results_done(const struct batch_results *r, const char *netbios)
{
    const struct batch_past *p = find(r, netbios);
    return p && p->done ? p->output : NULL;
}

int64_t batch_results_sent(const struct batch_results *r, const char *netbios)
{
    const struct batch_past *p = find(r, netbios);
    return p && !p->done && p->sent >= p->finished ? p->sent : 0;
}

int64_t batch_results_reset(const struct batch_results *r, const char *netbios, int64_t *known)
{
    const struct batch_past *p = find(r, netbios);
    *known = p ? p->known : 0;
    return p ? p->reset : 0;
}

/* ---- writing ---- */

int batch_results_sending(struct batch_results *r, const struct batch_row *const *rows, size_t n,
                          const char *domain, struct err *e)
{
    struct buf b = BUF_INIT(LINE_MAX_);
    long long now = host_now(r->host) + r->skew;
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "sent %lld %s %s\n", now, domain, rows[i]->names.netbios);
    int rc = b.len ? host_append(r->host, r->state, b.data, b.len, e) : 0;
    buf_free(&b);
    return rc;
}

int batch_results_resetting(struct batch_results *r, const struct batch_row *row, int64_t known,
                            const char *domain, struct err *e)
{
    struct buf b = BUF_INIT(LINE_MAX_);
    buf_printf(&b, "reset %lld %lld %s %s\n", (long long)(host_now(r->host) + r->skew),
               (long long)known, domain, row->names.netbios);
    int rc = host_append(r->host, r->state, b.data, b.len, e);
    buf_free(&b);
    return rc;
}

static void time_text(int64_t when, char *text, size_t size)
{
    struct tm tm;
    time_t t = (time_t)when;
    if (!gmtime_r(&t, &tm) || !strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &tm))
        *text = '\0';
}

static void add_json(struct batch_results *r, const struct batch_row *row,
                     const struct account_id *id, const char *const *cells, bool ended)
{
    AUTOJSN o = jsn_object();
    char text[SID_TEXT_MAX > GUID_TEXT_MAX ? SID_TEXT_MAX : GUID_TEXT_MAX];
    jsn_set_int(o, "line", row->line);
    jsn_set_str(o, "name", row->name);
    jsn_set_str(o, "computer", row->names.netbios);
    jsn_set_int(o, "status", row->err ? row->err->code : 0);
    jsn_set_int(o, "finished", ended ? host_now(r->host) + r->skew : 0);
    for (size_t i = 3; i < ARRAY_SIZE(columns); i++)
        jsn_set_str(o, columns[i], cells[i]);
    if (row->err && row->err->cause != CAUSE_NONE)
        jsn_set_str(o, "cause", cause_row(row->err->cause)->id);
    if (id && id->dn) {
        jsn_set_str(o, "sid", sid_to_text(&id->sid, text));
        jsn_set_str(o, "guid", guid_to_text(id->guid, text));
    }
    AUTOFREE char *line = jsn_line(o);
    buf_printf(&r->json_new, "%s\n", line);
}

void batch_results_add(struct batch_results *r, const struct batch_row *row,
                       const struct account_id *id, const char *domain, bool ended)
{
    char line[16], status[16], when[32];
    const struct err *e = row->err;
    snprintf(line, sizeof line, "%u", row->line);
    snprintf(status, sizeof status, "%u", e ? (unsigned)e->code : 0);
    time_text(host_now(r->host) + r->skew, when, sizeof when);
    const char *text = !e ? "" : e->cause != CAUSE_NONE ? cause_row(e->cause)->what : "";
    const char *const cells[] = {line,    row->name,
                                 status,  code_symbol(e ? e->code : 0),
                                 text,    id && id->dn ? id->dn : "",
                                 row->ou, row->output,
                                 domain,  when};
    csv_put(&r->csv_new, ',', cells, ARRAY_SIZE(cells));
    /* A row that has no proper name cannot be found again, and need not be. */
    if (*row->names.netbios)
        add_json(r, row, id, cells, ended);
}

static int flush(struct batch_results *r, const char *path, struct buf *b, struct err *e)
{
    if (!b->len)
        return 0;
    if (host_append(r->host, path, b->data, b->len, e) < 0)
        return cannot_write(path, e); /* perhaps there is room later */
    b->len = 0;
    return 0;
}

int batch_results_write(struct batch_results *r, struct err *e)
{
    return flush(r, r->json, &r->json_new, e) < 0 ? -1 : flush(r, r->csv, &r->csv_new, e);
}

void batch_results_finished(struct batch_results *r)
{
    struct err ignored = {0};
    if (host_remove(r->host, r->state, &ignored) < 0)
        log_info("%s stays: %s", r->state, ignored.raw);
}
