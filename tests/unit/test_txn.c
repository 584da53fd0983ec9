#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/txn/txn.h"
#include "tests/unit/scratch.h"

#define KRB5     "# owner's line\n[libdefaults]\n\tdefault_realm = OLD\n"
#define KRB5_NEW "# owner's line\n[libdefaults]\n\tdefault_realm = NEW\n"
#define CANARY   "canary-Pa55word"
#define MINE     "/var/lib/joinery"

static struct host *h;
static char *root;
static struct err e;

static int fresh(void **s UNUSED)
{
    err_reset(&e);
    root = scratch_new();
    scratch_put(root, "/etc/krb5.conf", KRB5, 0644);
    scratch_put(root, "/etc/krb5.keytab", "old keytab", 0600);
    scratch_put(root, "/etc/goes", "bye\n", 0640);
    scratch_put(root, "/etc/pam", "pam old\n", 0644);
    scratch_put(root, "/var/lib/joinery/lock", "", 0600);
    assert_int_equal(host_linux_open(root, &h, &e), 0);
    return 0;
}

static int done(void **s UNUSED)
{
    txn_test_hook = NULL;
    host_close(h);
    scratch_drop(root);
    return 0;
}

static const struct txn_kv settings[] = {{"domain", "corp.example.com"}, {"ou", "OU=a;b,DC=c"}};

static int stage_all(struct txn *t)
{
    struct host_meta sssd = host_meta_own(0600);
    if (txn_stage_file(t, "/etc/krb5.conf", NULL, 0, KRB5_NEW, strlen(KRB5_NEW), &e) != 0)
        return -1;
    if (txn_stage_file(t, "/etc/sssd/conf.d/x.conf", &sssd, 0, "[sssd]\n", 7, &e) != 0)
        return -1;
    if (txn_stage_file(t, "/etc/krb5.keytab", NULL, TXN_FILE_SECRET, "new\0keytab", 10, &e) != 0)
        return -1;
    if (txn_stage_remove(t, "/etc/goes", 0, &e) != 0)
        return -1;
    if (txn_stage_symlink(t, "/etc/systemd/wants/sssd.service", "/lib/sssd.service", &e) != 0)
        return -1;
    return txn_protect(t, "/etc/pam", &e);
}

static struct enroll_record rec = {.domain = (char *)"corp.example.com",
                                   .realm = (char *)"CORP.EXAMPLE.COM",
                                   .kvno = 2,
                                   .created = true};

/* The whole operation, the way a join uses it. */
static int run_all(void)
{
    struct txn *t;
    struct secret s = {0};
    if (txn_begin(h, "join", settings, ARRAY_SIZE(settings), &t, &e) != 0)
        return -1;
    int rc = stage_all(t);
    if (rc == 0 && secret_set(&s, CANARY, strlen(CANARY)) != 0)
        rc = -1;
    if (rc == 0)
        rc = txn_stage_secret(t, &s, &e);
    secret_free(&s);
    if (rc == 0)
        rc = txn_note(t, TXN_ADD_SENT, "1", &e);
    if (rc == 0)
        rc = txn_note(t, TXN_ADD_CONFIRMED, "1", &e);
    if (rc == 0)
        rc = txn_switch(t, &e);
    if (rc == 0)
        scratch_put(root, "/etc/pam", "pam new\n", 0644); /* the distribution's tool */
    if (rc == 0)
        rc = txn_commit(t, &rec, &e);
    txn_free(t);
    return rc;
}

static void test_commit(void **s UNUSED)
{
    assert_int_equal(run_all(), 0);
    AUTOFREE char *krb5 = scratch_get(root, "/etc/krb5.conf");
    AUTOFREE char *keytab = scratch_get(root, "/etc/krb5.keytab");
    assert_string_equal(krb5, KRB5_NEW);
    assert_string_equal(keytab, "new");
    assert_int_equal(scratch_mode(root, "/etc/krb5.keytab"), 0600);
    assert_int_equal(scratch_mode(root, "/etc/sssd/conf.d/x.conf"), 0600);
    assert_int_equal(scratch_mode(root, "/etc/krb5.conf"), 0644);
    assert_null(scratch_get(root, "/etc/goes"));
    assert_false(txn_pending(h));
    AUTOFREE char *all = scratch_picture(root, "", NULL);
    assert_null(strstr(all, CANARY));
    assert_null(strstr(all, ".joinery-new"));
    assert_null(strstr(all, "/journal"));
    struct enroll_record r;
    bool present;
    assert_int_equal(enroll_record_load(h, &r, &present, &e), 0);
    assert_true(present);
    assert_int_equal(scratch_mode(root, TXN_RECORD), 0600);
    assert_string_equal(r.domain, "corp.example.com");
    assert_int_equal(r.kvno, 2);
    assert_true(r.created);
    assert_int_equal(r.n_files, 6);
    const struct enroll_file *f = enroll_record_file(&r, "/etc/krb5.conf");
    assert_non_null(f);
    assert_int_equal(strlen(f->sha256), 64);
    AUTOFREE char *backup = scratch_get(root, f->backup);
    AUTOFREE char *written = scratch_get(root, f->written);
    assert_string_equal(backup, KRB5);
    assert_string_equal(written, KRB5_NEW);
    f = enroll_record_file(&r, "/etc/krb5.keytab");
    assert_int_equal(f->kind, ENROLL_SECRET);
    assert_null(f->written);
    f = enroll_record_file(&r, "/etc/sssd/conf.d/x.conf");
    assert_null(f->backup);
    f = enroll_record_file(&r, "/etc/pam");
    AUTOFREE char *pam = scratch_get(root, f->written);
    assert_string_equal(pam, "pam new\n");
    f = enroll_record_file(&r, "/etc/goes");
    assert_int_equal(f->mode, 0640);
    enroll_record_free(&r);
}

static void test_rollback_at_each_stage(void **s UNUSED)
{
    AUTOFREE char *before = scratch_picture(root, "", NULL);
    for (int stage = 0; stage < 3; stage++) {
        struct txn *t;
        assert_int_equal(txn_begin(h, "join", settings, 2, &t, &e), 0);
        if (stage > 0)
            assert_int_equal(stage_all(t), 0);
        if (stage > 1)
            assert_int_equal(txn_switch(t, &e), 0);
        assert_int_equal(txn_rollback(t, &e), 0);
        txn_free(t);
        AUTOFREE char *after = scratch_picture(root, "", NULL);
        assert_string_equal(after, before);
    }
}

static void test_second_begin_is_refused(void **s UNUSED)
{
    struct txn *t, *u;
    assert_int_equal(txn_begin(h, "join", NULL, 0, &t, &e), 0);
    assert_int_equal(txn_begin(h, "join", NULL, 0, &u, &e), -1);
    assert_int_equal(e.cause, CAUSE_JOURNAL_PENDING);
    err_reset(&e);
    assert_int_equal(txn_rollback(t, &e), 0);
    txn_free(t);
}

static void test_load_tells_what_was(void **s UNUSED)
{
    struct txn *t;
    struct secret sec = {0}, back = {0};
    assert_int_equal(txn_recover_load(h, &t, &e), 0);
    assert_null(t);
    assert_int_equal(txn_begin(h, "join", settings, 2, &t, &e), 0);
    assert_int_equal(stage_all(t), 0);
    assert_int_equal(txn_state(t), TXN_STAGED);
    assert_int_equal(secret_set(&sec, CANARY, strlen(CANARY)), 0);
    assert_int_equal(txn_stage_secret(t, &sec, &e), 0);
    assert_int_equal(scratch_mode(root, MINE "/journal"), 0700);
    assert_int_equal(scratch_mode(root, MINE "/journal/secret"), 0600);
    assert_int_equal(scratch_mode(root, MINE "/journal/log"), 0600);
    assert_int_equal(txn_note(t, TXN_OBJECT_DN, "CN=\xe6\x9d\xb1,DC=c", &e), 0);
    assert_int_equal(txn_step(t, 10, &e), 0);
    assert_int_equal(txn_note(t, TXN_ADD_SENT, "1", &e), 0);
    txn_free(t);
    /* A line that was being written when the power went. */
    AUTOFREE char *log = scratch_get(root, MINE "/journal/log");
    AUTOFREE char *torn = xasprintf("%s{\"note\":\"ste", log);
    scratch_put(root, MINE "/journal/log", torn, 0600);
    assert_int_equal(txn_recover_load(h, &t, &e), 0);
    assert_non_null(t);
    assert_string_equal(txn_kind(t), "join");
    assert_string_equal(txn_setting(t, "ou"), "OU=a;b,DC=c");
    assert_null(txn_setting(t, "none"));
    assert_int_equal(txn_state(t), TXN_DIRECTORY);
    assert_string_equal(txn_fact(t, TXN_OBJECT_DN), "CN=\xe6\x9d\xb1,DC=c");
    assert_string_equal(txn_fact(t, TXN_STEP), "10");
    assert_int_equal(txn_secret(t, &back, &e), 0);
    assert_true(secret_equal(&sec, &back));
    secret_free(&sec);
    secret_free(&back);
    assert_int_equal(txn_note(t, "after", "torn", &e), 0);
    assert_int_equal(txn_switch(t, &e), 0);
    txn_free(t);
    assert_int_equal(txn_recover_load(h, &t, &e), 0);
    assert_int_equal(txn_state(t), TXN_SWITCHED);
    assert_string_equal(txn_fact(t, "after"), "torn");
    assert_int_equal(txn_rollback(t, &e), 0);
    txn_free(t);
}

static void test_damaged_journal_is_named(void **s UNUSED)
{
    struct txn *t;
    scratch_put(root, MINE "/journal/log",
                "{\"journal\":1,\"kind\":\"join\",\"id\":\"1-a\"}\nrubbish\n", 0600);
    assert_int_equal(txn_recover_load(h, &t, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    assert_string_equal(err_fact_get(&e, FACT_LINE), "2");
    assert_null(t);
    AUTOFREE char *log = scratch_get(root, MINE "/journal/log");
    assert_non_null(log);
}

/* ---- crashes ---- */
static unsigned countdown;

static void die_at(const char *point UNUSED)
{
    if (countdown-- == 0)
        kill(getpid(), SIGKILL);
}

/* Runs fn in a child that is killed at point n. True: it came to its end. */
static bool survives(int (*fn)(void), unsigned n)
{
    pid_t pid = fork();
    int st;
    assert_true(pid >= 0);
    if (pid == 0) {
        countdown = n;
        txn_test_hook = die_at;
        _exit(fn() == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &st, 0), pid);
    if (WIFEXITED(st)) {
        if (WEXITSTATUS(st) != 0)
            fail_msg("the operation failed by itself near point %u", n);
        return true;
    }
    assert_int_equal(WTERMSIG(st), SIGKILL);
    return false;
}

static int undo(void)
{
    struct txn *t;
    if (txn_recover_load(h, &t, &e) != 0)
        return -1;
    int rc = !t                               ? 0
             : txn_state(t) == TXN_COMMITTING ? txn_finish_commit(t, &e)
                                              : txn_rollback(t, &e);
    txn_free(t);
    return rc;
}

static int finish(void)
{
    struct txn *t;
    if (txn_recover_load(h, &t, &e) != 0)
        return -1;
    int rc = 0;
    if (t && txn_state(t) == TXN_COMMITTING)
        rc = txn_finish_commit(t, &e);
    else if (t && (txn_state(t) == TXN_SWITCHING || txn_state(t) == TXN_SWITCHED)) {
        rc = txn_switch(t, &e);
        if (rc == 0)
            scratch_put(root, "/etc/pam", "pam new\n", 0644);
        if (rc == 0)
            rc = txn_commit(t, &rec, &e);
    } else if (t)
        rc = txn_rollback(t, &e);
    txn_free(t);
    return rc;
}

static char *new_state(void)
{
    assert_int_equal(run_all(), 0);
    return scratch_picture(root, "/etc", NULL);
}

static void again(void)
{
    host_close(h);
    scratch_drop(root);
    fresh(NULL);
}

static void check_states(const char *before, const char *after, unsigned n)
{
    AUTOFREE char *now = scratch_picture(root, "/etc", NULL);
    AUTOFREE char *ours = scratch_picture(root, MINE, NULL);
    if (strcmp(now, before) != 0 && strcmp(now, after) != 0)
        fail_msg("neither old nor new after a crash at point %u:\n%s", n, now);
    if (strstr(ours, CANARY) || strstr(ours, "/journal"))
        fail_msg("something is left of the journal after a crash at point %u:\n%s", n, ours);
    /* The record says the same as the files. */
    if ((strcmp(now, after) == 0) != (strstr(ours, "enrollment.json") != NULL))
        fail_msg("record and files disagree after a crash at point %u", n);
}

static void crash_everywhere(int (*recover)(void))
{
    AUTOFREE char *before = scratch_picture(root, "/etc", NULL);
    AUTOFREE char *after = new_state();
    unsigned n = 0;
    for (;; n++) {
        again();
        bool end = survives(run_all, n);
        if (recover() != 0)
            fail_msg("recovery failed after point %u: %s %s", n, e.raw,
                     err_fact_get(&e, FACT_FILE));
        check_states(before, after, n);
        if (end)
            break;
    }
    assert_in_range(n, 40, 1000);
}

static void test_crash_then_undo(void **s UNUSED)
{
    crash_everywhere(undo);
}

static void test_crash_then_finish(void **s UNUSED)
{
    crash_everywhere(finish);
}

/* A recovery that is killed as well, at each of its own points. */
static void test_crash_in_recovery(void **s UNUSED)
{
    AUTOFREE char *before = scratch_picture(root, "/etc", NULL);
    AUTOFREE char *after = new_state();
    int (*const ways[])(void) = {undo, finish};
    for (unsigned n = 5; n < 60; n += 6) {
        for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
            for (unsigned m = 0;; m++) {
                again();
                survives(run_all, n);
                bool end = survives(ways[w], m);
                assert_int_equal(undo(), 0);
                check_states(before, after, n * 1000 + m);
                if (end)
                    break;
            }
        }
    }
}

/* Each changing call fails once: the caller rolls back, and everything is as it was. */
static void test_each_failing_call(void **s UNUSED)
{
    AUTOFREE char *before = scratch_picture(root, "/etc", NULL);
    AUTOFREE char *after = new_state();
    struct host *real = h;
    for (unsigned n = 1;; n++) {
        h = real;
        again();
        real = h;
        h = host_faulty(real, n, 28 /* ENOSPC */);
        int rc = run_all();
        host_close(h);
        h = real;
        if (rc == 0) {
            assert_in_range(n, 30, 1000);
            break;
        }
        assert_int_equal(e.cause, CAUSE_DISK_FULL);
        err_reset(&e);
        assert_int_equal(undo(), 0);
        check_states(before, after, n);
    }
}

/* What could not begin leaves nothing: nobody would undo it. */
static void test_beginning_fails(void **s UNUSED)
{
    struct txn *t;
    struct host *real = h;
    AUTOFREE char *path = xasprintf("%s" TXN_JOURNAL, root);
    bool ended = false;
    for (unsigned n = 1; !ended; n++) {
        h = host_faulty(real, n, 28 /* ENOSPC */);
        ended = txn_begin(h, "join", NULL, 0, &t, &e) == 0;
        if (ended)
            txn_free(t);
        else
            assert_int_not_equal(access(path, F_OK), 0);
        host_close(h);
        h = real;
        err_reset(&e);
        assert_true(n < 20);
    }
}

/* ---- the owner edits meanwhile ---- */
static void test_owner_edit_before_switch_survives(void **s UNUSED)
{
    struct txn *t;
    assert_int_equal(txn_begin(h, "join", NULL, 0, &t, &e), 0);
    assert_int_equal(stage_all(t), 0);
    scratch_put(root, "/etc/krb5.conf",
                "# owner's line\n# added\n[libdefaults]\n\tdefault_realm = OLD\n", 0644);
    assert_int_equal(txn_switch(t, &e), 0);
    AUTOFREE char *now = scratch_get(root, "/etc/krb5.conf");
    assert_string_equal(now, "# owner's line\n# added\n[libdefaults]\n\tdefault_realm = NEW\n");
    assert_int_equal(txn_rollback(t, &e), 0);
    txn_free(t);
    AUTOFREE char *old = scratch_get(root, "/etc/krb5.conf");
    assert_string_equal(old, "# owner's line\n# added\n[libdefaults]\n\tdefault_realm = OLD\n");
}

static void test_foreign_keytab_change_is_refused(void **s UNUSED)
{
    struct txn *t;
    assert_int_equal(txn_begin(h, "join", NULL, 0, &t, &e), 0);
    assert_int_equal(stage_all(t), 0);
    scratch_put(root, "/etc/krb5.keytab", "somebody else's", 0600);
    assert_int_equal(txn_switch(t, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_FILE), "/etc/krb5.keytab");
    err_reset(&e);
    assert_int_equal(txn_rollback(t, &e), 0);
    txn_free(t);
    AUTOFREE char *now = scratch_get(root, "/etc/krb5.keytab");
    assert_string_equal(now, "somebody else's");
}

static void test_owners_link_stays_a_link(void **s UNUSED)
{
    scratch_unlink(root, "/etc/krb5.conf");
    scratch_put(root, "/srv/krb5.conf", KRB5, 0600);
    scratch_link(root, "../srv/krb5.conf", "/etc/krb5.conf");
    assert_int_equal(run_all(), 0);
    AUTOFREE char *all = scratch_picture(root, "/etc", NULL);
    assert_non_null(strstr(all, "/etc/krb5.conf -> ../srv/krb5.conf"));
    AUTOFREE char *real = scratch_get(root, "/srv/krb5.conf");
    assert_string_equal(real, KRB5_NEW);
    assert_int_equal(scratch_mode(root, "/srv/krb5.conf"), 0600);
}

/* A second join keeps the state before the first, with the owner's edits of the time between. */
static void test_second_join_keeps_first_backup(void **s UNUSED)
{
    assert_int_equal(run_all(), 0);
    scratch_put(root, "/etc/krb5.conf",
                "# owner's line\n# between\n[libdefaults]\n\tdefault_realm = NEW\n", 0644);
    struct txn *t;
    static const char second[] =
        "# owner's line\n# between\n[libdefaults]\n\tdefault_realm = SECOND\n";
    assert_int_equal(txn_begin(h, "join", NULL, 0, &t, &e), 0);
    assert_int_equal(txn_stage_file(t, "/etc/krb5.conf", NULL, 0, second, strlen(second), &e), 0);
    assert_int_equal(txn_switch(t, &e), 0);
    assert_int_equal(txn_commit(t, &rec, &e), 0);
    txn_free(t);
    struct enroll_record r;
    bool present;
    assert_int_equal(enroll_record_load(h, &r, &present, &e), 0);
    assert_int_equal(r.n_files, 6);
    const struct enroll_file *f = enroll_record_file(&r, "/etc/krb5.conf");
    AUTOFREE char *backup = scratch_get(root, f->backup);
    AUTOFREE char *written = scratch_get(root, f->written);
    assert_string_equal(backup,
                        "# owner's line\n# between\n[libdefaults]\n\tdefault_realm = OLD\n");
    assert_string_equal(written, second);
    f = enroll_record_file(&r, "/etc/pam");
    AUTOFREE char *pam = scratch_get(root, f->backup);
    assert_string_equal(pam, "pam old\n");
    enroll_record_free(&r);
    /* Leaving: the record and its backups go. */
    assert_int_equal(txn_begin(h, "leave", NULL, 0, &t, &e), 0);
    assert_int_equal(txn_commit(t, NULL, &e), 0);
    txn_free(t);
    AUTOFREE char *ours = scratch_picture(root, MINE, NULL);
    assert_string_equal(ours, "/var/lib/joinery/\n/var/lib/joinery/lock 600\n\n");
}

/* A recovery that goes forward stages everything again. */
static void test_staged_twice(void **s UNUSED)
{
    AUTOFREE char *before = scratch_picture(root, "/etc", NULL);
    AUTOFREE char *after = new_state();
    for (int way = 0; way < 2; way++) {
        struct txn *t;
        again();
        assert_int_equal(txn_begin(h, "join", settings, 2, &t, &e), 0);
        assert_int_equal(stage_all(t), 0);
        txn_free(t);
        assert_int_equal(txn_recover_load(h, &t, &e), 0);
        assert_int_equal(stage_all(t), 0);
        assert_int_equal(txn_switch(t, &e), 0);
        if (way == 0) {
            assert_int_equal(txn_rollback(t, &e), 0);
        } else {
            scratch_put(root, "/etc/pam", "pam new\n", 0644);
            assert_int_equal(txn_commit(t, &rec, &e), 0);
        }
        txn_free(t);
        AUTOFREE char *now = scratch_picture(root, "/etc", NULL);
        assert_string_equal(now, way == 0 ? before : after);
    }
    struct enroll_record r;
    bool present;
    assert_int_equal(enroll_record_load(h, &r, &present, &e), 0);
    assert_int_equal(r.n_files, 6);
    AUTOFREE char *backup = scratch_get(root, enroll_record_file(&r, "/etc/krb5.conf")->backup);
    assert_string_equal(backup, KRB5);
    enroll_record_free(&r);
}

/* Contents that were lost before the switch are no reason to switch half. */
static void test_lost_staged_file(void **s UNUSED)
{
    struct txn *t;
    AUTOFREE char *before = scratch_picture(root, "/etc", NULL);
    assert_int_equal(txn_begin(h, "join", NULL, 0, &t, &e), 0);
    assert_int_equal(stage_all(t), 0);
    scratch_unlink(root, "/etc/.krb5.keytab.joinery-new");
    assert_int_equal(txn_switch(t, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_FILE), "/etc/krb5.keytab");
    err_reset(&e);
    assert_int_equal(txn_state(t), TXN_STAGED);
    assert_int_equal(txn_rollback(t, &e), 0);
    txn_free(t);
    AUTOFREE char *now = scratch_picture(root, "/etc", NULL);
    assert_string_equal(now, before);
}

static void test_damaged_record(void **s UNUSED)
{
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"version\":1,\"files\":[{}]}",
        "{\"version\":2}",
        "{\"version\":1,\"files\":[{\"kind\":\"file\",\"path\":\"etc\"}]}"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct enroll_record r;
        bool present;
        err_reset(&e);
        scratch_put(root, TXN_RECORD, bad[i], 0600);
        assert_int_equal(enroll_record_load(h, &r, &present, &e), -1);
        assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    }
}

int main(int argc, char **argv)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fresh, done)
    const struct CMUnitTest tests[] = {
        T(test_commit),
        T(test_rollback_at_each_stage),
        T(test_second_begin_is_refused),
        T(test_load_tells_what_was),
        T(test_damaged_journal_is_named),
        T(test_crash_then_undo),
        T(test_crash_then_finish),
        T(test_crash_in_recovery),
        T(test_each_failing_call),
        T(test_beginning_fails),
        T(test_owner_edit_before_switch_survives),
        T(test_foreign_keytab_change_is_refused),
        T(test_owners_link_stays_a_link),
        T(test_second_join_keeps_first_backup),
        T(test_staged_twice),
        T(test_lost_staged_file),
        T(test_damaged_record),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
