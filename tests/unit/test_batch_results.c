/* What an interrupted list left is read again, and nothing else is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/provision/batch_results.h"

#define DOMAIN "corp.example.com"

static char dir[64], list[96], csv[96], json[96], state[96];
static struct host *host;

static int set_up(void **s)
{
    (void)s;
    struct err e = {0};
    strcpy(dir, "/tmp/joinery-results.XXXXXX");
    if (!mkdtemp(dir) || host_linux_open("/", &host, &e) < 0)
        return -1;
    snprintf(list, sizeof list, "%s/list.CSV", dir);
    snprintf(csv, sizeof csv, "%s/list.results.csv", dir);
    snprintf(json, sizeof json, "%s/list.results.jsonl", dir);
    snprintf(state, sizeof state, "%s/list.results.state", dir);
    return 0;
}

static int tear_down(void **s)
{
    (void)s;
    struct err e = {0};
    int rc = host_remove_tree(host, dir, &e);
    host_close(host);
    return rc;
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static char *get(const char *path)
{
    struct buf b = BUF_INIT(65536);
    struct err e = {0};
    assert_int_equal(host_read(host, path, &b, &e), 0);
    return b.len ? buf_steal(&b) : xstrdup("");
}

static struct batch_results open_ok(const char *domain)
{
    struct batch_results r;
    struct err e = {0};
    int rc = batch_results_open(&r, host, "", list, domain, &e);
    if (rc < 0)
        print_error("%s %s\n", e.raw, err_fact_get(&e, FACT_DETAIL));
    assert_int_equal(rc, 0);
    return r;
}

static void open_bad(const char *line)
{
    struct batch_results r;
    struct err e = {0};
    assert_int_equal(batch_results_open(&r, host, "", list, DOMAIN, &e), -1);
    assert_int_equal(e.cause, CAUSE_LIST_RESULTS_BAD);
    if (line)
        assert_string_equal(err_fact_get(&e, FACT_LINE), line);
    assert_null(r.past);
}

static struct batch_row row_of(const char *name, struct err *err)
{
    struct batch_row r = {.line = 7,
                          .name = (char *)(uintptr_t)name,
                          .ou = (char *)(uintptr_t) "OU=a;b,DC=x",
                          .description = (char *)(uintptr_t) "",
                          .output = (char *)(uintptr_t) "/x/y.odj",
                          .password_file = (char *)(uintptr_t) "",
                          .err = err};
    snprintf(r.names.netbios, sizeof r.names.netbios, "%s", name);
    return r;
}

static void test_results_again(void **s)
{
    (void)s;
    struct err e = {0}, failed = {0};
    struct stat st;
    struct batch_results r = open_ok(DOMAIN);
    struct account_id id = {.dn = (char *)(uintptr_t) "CN=\"A\",DC=x"};
    struct batch_row a = row_of("A", NULL), b = row_of("B", &failed), c = row_of("C", NULL),
                     d = row_of("D", &failed);
    const struct batch_row *sent[] = {&a, &b, &c, &d};
    err_cause(&failed, CAUSE_NAME_TAKEN);
    r.skew = -1000; /* the notes are older than the results */
    assert_int_equal(batch_results_sending(&r, sent, 4, DOMAIN, &e), 0);
    r.skew = 0;
    batch_results_add(&r, &a, &id, DOMAIN, true);
    batch_results_add(&r, &b, NULL, DOMAIN, true);
    batch_results_add(&r, &d, NULL, DOMAIN, false);
    assert_int_equal(batch_results_write(&r, &e), 0);
    batch_results_close(&r);
    const char *const files[] = {csv, json, state};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stat(files[i], &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    r = open_ok("CORP.example.com");
    assert_string_equal(batch_results_done(&r, "a"), "/x/y.odj");
    assert_null(batch_results_done(&r, "B"));
    assert_null(batch_results_done(&r, "C"));
    assert_int_equal(batch_results_sent(&r, "A"), 0);
    assert_int_equal(batch_results_sent(&r, "B"), 0); /* it ended */
    assert_true(batch_results_sent(&r, "C") > 0);
    assert_true(batch_results_sent(&r, "D") > 0); /* it may have been made all the same */
    assert_int_equal(batch_results_sent(&r, "E"), 0);
    int64_t known;
    assert_int_equal(batch_results_reset(&r, "C", &known), 0);
    assert_int_equal(batch_results_resetting(&r, &c, 12345, DOMAIN, &e), 0);
    batch_results_close(&r);
    r = open_ok(DOMAIN);
    assert_true(batch_results_sent(&r, "C") > 0);
    assert_true(batch_results_reset(&r, "C", &known) > 0);
    assert_int_equal(known, 12345);
    assert_int_equal(batch_results_reset(&r, "D", &known), 0);
    assert_int_equal(batch_results_sending(&r, sent + 2, 1, DOMAIN, &e), 0); /* made anew */
    batch_results_close(&r);
    r = open_ok(DOMAIN);
    assert_int_equal(batch_results_reset(&r, "C", &known), 0);
    batch_results_finished(&r);
    batch_results_close(&r);
    assert_int_equal(access(state, F_OK), -1);
    r = open_ok("other.example.com"); /* another domain's machines are others */
    assert_null(batch_results_done(&r, "A"));
    batch_results_close(&r);
    char *text = get(csv);
    assert_non_null(strstr(text, "7,A,0,NERR_Success,,\"CN=\"\"A\"\",DC=x\","));
    assert_non_null(strstr(text, "7,B,2224,NERR_UserExists,"));
    free(text);
}

static void test_results_last_counts(void **s)
{
    (void)s;
    put(json,
        "{\"computer\":\"A\",\"status\":5,\"domain\":\"" DOMAIN "\",\"finished\":50}\n"
        "{\"computer\":\"a\",\"status\":0,\"domain\":\"" DOMAIN
        "\",\"output\":\"/o\",\"finished\":60}\n"
        "{\"computer\":\"B\",\"status\":5,\"domain\":\"" DOMAIN "\",\"finished\":50}\n",
        0600);
    put(state, "sent 40 " DOMAIN " A\nsent 55 " DOMAIN " B\nsent 40 other.test C\n", 0600);
    struct batch_results r = open_ok(DOMAIN);
    assert_string_equal(batch_results_done(&r, "A"), "/o");
    assert_int_equal(batch_results_sent(&r, "A"), 0);
    assert_int_equal(batch_results_sent(&r, "B"), 55); /* asked for once more after it had failed */
    assert_int_equal(batch_results_sent(&r, "C"), 0);
    batch_results_close(&r);
}

static void test_results_cut_off(void **s)
{
    (void)s;
    put(csv, "line,name,status\r\n2,A,0\r\n3,B", 0600);
    put(json, "{\"computer\":\"A\",\"status\":0,\"domain\":\"" DOMAIN "\"}\n{\"computer\":\"B\",",
        0600);
    put(state, "sent 40 " DOMAIN " A\nsent 41 " DOMAIN " B\nsent 42 cor", 0600);
    struct batch_results r = open_ok(DOMAIN);
    assert_non_null(batch_results_done(&r, "A"));
    assert_int_equal(batch_results_sent(&r, "B"), 41);
    batch_results_close(&r);
    char *text = get(json);
    assert_string_equal(text, "{\"computer\":\"A\",\"status\":0,\"domain\":\"" DOMAIN "\"}\n");
    free(text);
    text = get(csv);
    assert_string_equal(text, "line,name,status\r\n2,A,0\r\n");
    free(text);
}

static void test_results_hostile(void **s)
{
    (void)s;
    static const char *const bad_json[] = {
        "[]\n",
        "nonsense\n",
        "{}\n",
        "{\"computer\":\"\",\"status\":0}\n",
        "{\"computer\":\"A-NAME-LONGER-THAN-15\",\"status\":0,\"domain\":\"" DOMAIN "\"}\n",
        "{\"computer\":\"A\",\"status\":-5,\"domain\":\"" DOMAIN "\"}\n"};
    static const char *const bad_state[] = {"sent\n", "sent x " DOMAIN " A\n",
                                            "gone 5 " DOMAIN " A\n", "sent 0 " DOMAIN " A\n",
                                            "sent 5 " DOMAIN " A b\n"};
    for (size_t i = 0; i < sizeof bad_json / sizeof *bad_json; i++) {
        put(json, bad_json[i], 0600);
        open_bad("1");
    }
    unlink(json);
    for (size_t i = 0; i < sizeof bad_state / sizeof *bad_state; i++) {
        put(state, bad_state[i], 0600);
        open_bad("1");
    }
    unlink(state);
    put(csv, "name,ou\nA,b\n", 0600);
    open_bad("1");
    unlink(csv);
    put(state, "", 0622);
    open_bad(NULL);
    unlink(state);
    assert_int_equal(symlink("/etc/passwd", csv), 0);
    open_bad(NULL);
    unlink(csv);
    assert_int_equal(mkdir(json, 0700), 0);
    open_bad(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_results_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_results_last_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_results_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_results_hostile, set_up, tear_down),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
