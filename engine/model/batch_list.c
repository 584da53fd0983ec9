/* From cells to machines. What two rows have in common is found by sorting. */
#include "engine/model/batch_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/model/batch_pattern.h"
#include "engine/model/csv.h"
#include "engine/model/settings_flags.h"

static const char *const columns[] = {"name", "ou", "description", "output", "password_file"};

void batch_row_fail(struct batch_row *r, const struct err *e)
{
    if (r->err)
        return;
    r->err = xcalloc(1, sizeof *r->err);
    *r->err = *e;
}

void batch_list_free(struct batch_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        struct batch_row *r = &l->row[i];
        free(r->name);
        free(r->ou);
        free(r->description);
        free(r->output);
        free(r->password_file);
        free(r->err);
    }
    free(l->row);
    *l = (struct batch_list){0};
}

/* Answers that only one machine can have. */
static int check_answers(const struct settings *s, struct err *e)
{
    static const enum opt single[] = {OPT_FQDN, OPT_OFFLINE_NETBIOS_NAME};
    for (size_t i = 0; i < ARRAY_SIZE(single); i++) {
        if (*settings_get(s, single[i]))
            return settings_refuse(s, e, CAUSE_LIST_ANSWER, single[i]);
    }
    return 0;
}

static int bad_column(const struct csv *c, size_t i, struct err *e)
{
    err_cause(e, CAUSE_LIST_COLUMN);
    err_fact(e, FACT_VALUE, "%s", c->header.cells.s[i]);
    err_fact(e, FACT_PLACE, "column %zu", i + 1);
    err_fact(e, FACT_LINE, "%u", c->header.line);
    return -1;
}

static int check_columns(const struct csv *c, struct err *e)
{
    unsigned seen = 0;
    for (size_t i = 0; i < c->header.cells.n; i++) {
        const char *name = c->header.cells.s[i];
        size_t k = 0;
        while (k < ARRAY_SIZE(columns) && !str_ieq(columns[k], name))
            k++;
        /* Spreadsheets leave empty columns at the end. */
        if (!*name && seen)
            continue;
        if (k == ARRAY_SIZE(columns) || seen & 1u << k)
            return bad_column(c, i, e);
        seen |= 1u << k;
    }
    return 0;
}

static int take_name(struct batch_row *r, size_t number, const char *cell, const struct settings *s,
                     struct err *e)
{
    const char *pattern = *cell ? cell : settings_get(s, OPT_MACHINE_NAME);
    const struct batch_words words = {.number = number};
    if (!*pattern)
        return err_cause(e, CAUSE_PROVISION_NAME_MISSING);
    char *name = batch_fill(pattern, &words, e);
    if (!name)
        return -1;
    free(r->name);
    r->name = name;
    return name_check_computer(name, e);
}

static char *in_folder(const char *folder, const char *file)
{
    size_t n = strlen(folder);
    if (!n || file[0] == '/')
        return xstrdup(file);
    return xasprintf("%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", file);
}

/* Where files without a folder go, and the pattern for them. */
struct outputs {
    char *folder, *pattern;
    bool fixed; /* the folder is no pattern */
};

static struct outputs find_outputs(const struct settings *s, const char *list_folder,
                                   bool output_is_folder)
{
    const char *text = settings_get(s, OPT_OFFLINE_OUTPUT), *slash = strrchr(text, '/');
    bool answer_file = str_eq(settings_get(s, OPT_OFFLINE_FORMAT), "unattend");
    const char *usual = answer_file ? "{name}.xml" : "{name}.odj";
    if (!*text)
        return (struct outputs){xstrdup(list_folder), xstrdup(usual), true};
    if (!slash)
        return (struct outputs){xstrdup(""), xstrdup(text), true};
    if (output_is_folder || !slash[1])
        return (struct outputs){xstrdup(text), xstrdup(usual), output_is_folder};
    return (struct outputs){xstrndup(text, (size_t)(slash - text) + 1), xstrdup(slash + 1), false};
}

static int take_output(struct batch_row *r, size_t number, const char *cell,
                       const struct outputs *o, struct err *e)
{
    const struct batch_words words = {.number = number, .name = r->name, .ou = r->ou};
    AUTOFREE char *file = batch_fill(*cell ? cell : o->pattern, &words, e);
    if (!file)
        return -1;
    AUTOFREE char *folder = *cell == '/' ? xstrdup("")
                            : o->fixed   ? xstrdup(o->folder)
                                         : batch_fill(o->folder, &words, e);
    if (!folder)
        return -1;
    free(r->output);
    r->output = in_folder(folder, file);
    if (batch_check_path(r->output, e) < 0)
        return -1;
    batch_plain_path(r->output);
    return 0;
}

static int resolve(struct batch_row *r, const char *domain, struct err *e)
{
    struct settings s;
    settings_init(&s);
    int rc = settings_set(&s, OPT_MACHINE_NAME, r->name, ORIGIN_SET, e);
    if (rc == 0)
        rc = names_resolve(&s, "", domain, &r->names, e);
    settings_free(&s);
    return rc;
}

/* As the answers are judged (settings_check_provision()), for a machine's own place. */
static int check_place(const struct batch_row *r, const struct settings *s, struct err *e)
{
    if (!*r->ou || !settings_bool(s, OPT_FLAG_PROVISION_DOWNLEVEL_PRIV_SUPPORT))
        return 0;
    err_fact(e, FACT_OU, "%s", r->ou);
    return err_cause(e, CAUSE_DOWNLEVEL_WITH_OU);
}

static void take_row(struct batch_row *r, const struct csv *c, size_t i, const struct settings *s,
                     const char *folder, const struct outputs *o)
{
    struct err e = {0};
    const char *ou = csv_cell(c, i, "ou"), *about = csv_cell(c, i, "description");
    AUTOFREE char *secret = in_folder(folder, csv_cell(c, i, "password_file"));
    *r = (struct batch_row){.line = c->rows[i].line};
    r->name = xstrdup(csv_cell(c, i, "name"));
    r->ou = xstrdup(*ou ? ou : settings_get(s, OPT_OU));
    r->description = xstrdup(*about ? about : settings_get(s, OPT_DESCRIPTION));
    r->output = xstrdup(csv_cell(c, i, "output"));
    r->password_file = *csv_cell(c, i, "password_file") ? TAKE(secret) : xstrdup("");
    if (take_name(r, i + 1, csv_cell(c, i, "name"), s, &e) < 0 || resolve(r, "invalid", &e) < 0 ||
        check_place(r, s, &e) < 0 || take_output(r, i + 1, csv_cell(c, i, "output"), o, &e) < 0) {
        err_fact(&e, FACT_LINE, "%u", r->line);
        batch_row_fail(r, &e);
    }
}

struct key {
    const char *text;
    size_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int d = strcasecmp(x->text, y->text);
    return d ? d : (x->row > y->row) - (x->row < y->row);
}

/* The first of those with the same key stays, the others fail. */
static void refuse_twins(struct batch_list *l, bool outputs)
{
    struct key *k = xcalloc(l->n, sizeof *k);
    size_t n = 0, first = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (!l->row[i].err)
            k[n++] = (struct key){outputs ? l->row[i].output : l->row[i].names.netbios, i};
    }
    qsort(k, n, sizeof *k, by_key);
    for (size_t i = 1; i < n; i++) {
        if (strcasecmp(k[i].text, k[first].text) != 0) {
            first = i;
            continue;
        }
        struct err e = {0};
        const struct batch_row *other = &l->row[k[first].row];
        err_cause(&e, outputs ? CAUSE_LIST_OUTPUT_TWICE : CAUSE_LIST_NAME_TWICE);
        err_fact(&e, outputs ? FACT_FILE : FACT_NAME, "%s", k[i].text);
        err_fact(&e, FACT_LINE, "%u", l->row[k[i].row].line);
        err_fact(&e, FACT_DETAIL, "%s, line %u", other->name, other->line);
        batch_row_fail(&l->row[k[i].row], &e);
    }
    free(k);
}

int batch_list_read(const void *data, size_t len, const struct settings *s, const char *folder,
                    bool output_is_folder, struct batch_list *ret, struct err *e)
{
    struct csv c;
    *ret = (struct batch_list){0};
    if (check_answers(s, e) < 0 || csv_read(data, len, &c, e) < 0)
        return -1;
    int rc = check_columns(&c, e);
    if (rc == 0 && c.n == 0)
        rc = err_cause(e, CAUSE_LIST_EMPTY);
    if (rc == 0) {
        struct outputs o = find_outputs(s, folder, output_is_folder);
        *ret = (struct batch_list){xcalloc(c.n, sizeof *ret->row), c.n};
        for (size_t i = 0; i < c.n; i++)
            take_row(&ret->row[i], &c, i, s, folder, &o);
        refuse_twins(ret, false);
        refuse_twins(ret, true);
        free(o.folder);
        free(o.pattern);
    }
    csv_free(&c);
    return rc;
}

void batch_list_set_domain(struct batch_list *l, const char *dns, const char *netbios)
{
    for (size_t i = 0; i < l->n; i++) {
        struct batch_row *r = &l->row[i];
        struct err e = {0};
        if (r->err || (resolve(r, dns, &e) == 0 && !str_ieq(r->names.netbios, netbios) &&
                       !str_ieq(r->names.fqdn, dns)))
            continue;
        if (!e.code) {
            err_cause(&e, CAUSE_DOMAIN_IS_COMPUTER_NAME);
            err_fact(&e, FACT_NAME, "%s", r->names.netbios);
            err_fact(&e, FACT_DOMAIN, "%s", dns);
        }
        err_fact(&e, FACT_LINE, "%u", r->line);
        batch_row_fail(r, &e);
    }
}
