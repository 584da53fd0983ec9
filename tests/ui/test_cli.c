/* The command line against the scripted engine: exit statuses, the last line of standard error,
 * JSON, secrets, log. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"
#include "engine/json/json.h"
#include "tests/ui/fake_engine.h"
#include "ui/app/app.h"

#define CANARY "Canary-7Qx-cli"

static char dir[] = "/tmp/joinery-cli.XXXXXX";

struct outcome {
    int status;
    char *out, *err;
};

static char *slurp(int fd)
{
    struct buf b = BUF_INIT(1 << 20);
    char block[4096];
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0)
        buf_put(&b, block, (size_t)n);
    close(fd);
    char *s = buf_steal(&b);
    return s ? s : xstrdup("");
}

/* Runs the program in a child without a terminal. signal_at: text of standard output after which it
 * gets SIGTERM. */
static struct outcome run_signalled(const char *signal_at, const char *const *args)
{
    int out[2], err[2], status = -1;
    char *argv[40] = {"joinery"};
    for (size_t i = 0; args[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)args[i];
    assert_int_equal(pipe(out) | pipe(err), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int argc = 0;
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(out[0]);
        close(err[0]);
        close(out[1]);
        close(err[1]);
        if (!freopen("/dev/null", "r", stdin))
            _exit(99);
        while (argv[argc])
            argc++;
        int result = app_main(argc, argv);
        fflush(NULL);
        _exit(result);
    }
    close(out[1]);
    close(err[1]);
    struct buf seen = BUF_INIT(1 << 20);
    char c;
    while (signal_at && read(out[0], &c, 1) == 1) {
        buf_byte(&seen, (unsigned char)c);
        if (strstr(buf_text(&seen), signal_at)) {
            kill(pid, SIGTERM);
            signal_at = NULL;
        }
    }
    struct outcome o = {0};
    AUTOFREE char *rest = slurp(out[0]);
    buf_str(&seen, rest);
    o.out = xstrdup(buf_text(&seen));
    buf_free(&seen);
    o.err = slurp(err[0]);
    waitpid(pid, &status, 0);
    o.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return o;
}

#define RUN(...) run_signalled(NULL, (const char *const[]){__VA_ARGS__, NULL})
#define JOIN_ARGS                                                                                  \
    "--config=/dev/null", "--set", "domain.name=corp.example.com", "--set",                        \
        "credentials.account=joiner", "--root", dir, "--set", password_set

static char password_set[200], password_path[100];

static void drop(struct outcome *o)
{
    free(o->out);
    free(o->err);
}

static void expect(struct outcome *o, int status, const char *out, const char *err)
{
    if (o->status != status || (out && !strstr(o->out, out)) || (err && !strstr(o->err, err)))
        fail_msg("status %d (wanted %d), wanted \"%s\" and \"%s\"\nout: %s\nerr: %s", o->status,
                 status, out ? out : "", err ? err : "", o->out, o->err);
    assert_null(strstr(o->out, CANARY));
    assert_null(strstr(o->err, CANARY));
}

static const char *last_line(char *text)
{
    size_t len = strlen(text);
    while (len && text[len - 1] == '\n')
        text[--len] = '\0';
    char *nl = strrchr(text, '\n');
    return nl ? nl + 1 : text;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    fake.password = CANARY;
    unlink(password_path); /* read-only when it was the last test's */
    write_file(password_path, CANARY "\nsecond line\n", 0600);
    snprintf(password_set, sizeof password_set, "credentials.password_file=%s", password_path);
    return 0;
}

static void unattended_prints_a_line_a_step(void **state)
{
    (void)state;
    struct outcome o = RUN("--unattended", JOIN_ARGS);
    expect(&o, 0, "[ok]  6 Log in", NULL);
    expect(&o, 0, "Done.", NULL);
    assert_string_equal(o.err, "");
    drop(&o);
}

static void failure_ends_with_the_code(void **state)
{
    (void)state;
    fake.run = CAUSE_NAME_TAKEN;
    struct outcome o = RUN("--unattended", JOIN_ARGS);
    expect(&o, 1, "[!!]", NULL);
    assert_int_equal(strncmp(last_line(o.err), "joinery: NERR_UserExists (2224): ", 33), 0);
    drop(&o);
}

/* Every line an object with an event; done comes last. */
static void json_is_one_object_a_line(void **state)
{
    (void)state;
    fake.run = CAUSE_NAME_TAKEN;
    struct outcome o = RUN("--unattended", "--json", JOIN_ARGS);
    expect(&o, 1, "{\"event\":\"step\",\"step\":\"ticket\",\"number\":6,\"state\":\"ok\"", NULL);
    char *save = NULL, *last = NULL;
    for (char *line = strtok_r(o.out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        struct jsn *v = NULL;
        struct err e = {0};
        assert_int_equal(jsn_parse(line, strlen(line), &v, &e), 0);
        assert_true(*jsn_str(v, "event"));
        jsn_free(v);
        last = line;
    }
    assert_non_null(last);
    struct jsn *done = NULL;
    struct err e = {0};
    assert_int_equal(jsn_parse(last, strlen(last), &done, &e), 0);
    assert_string_equal(jsn_str(done, "event"), "done");
    assert_int_equal(jsn_int(done, "status", -1), 2224);
    assert_string_equal(jsn_str(done, "symbol"), "NERR_UserExists");
    assert_true(*jsn_str(done, "text"));
    assert_int_equal(jsn_int(done, "exit", -1), 1);
    jsn_free(done);
    drop(&o);
}

static void restart_needed_is_5_on_the_running_system_only(void **state)
{
    (void)state;
    fake.restart = true;
    struct outcome o = RUN("--unattended", JOIN_ARGS);
    expect(&o, 0, "Done.", NULL);
    drop(&o);
    o = RUN("--unattended", "--config=/dev/null", "--set", "domain.name=corp.example.com", "--log",
            "/dev/null");
    expect(&o, 2, NULL, "ERROR_"); /* no regular file */
    drop(&o);
    AUTOFREE char *log = xasprintf("%s/own.log", dir);
    o = RUN("--unattended", "--config=/dev/null", "--set", "domain.name=corp.example.com", "--log",
            log);
    expect(&o, 5, "A restart is needed.", NULL);
    drop(&o);
}

static void interrupted_is_4(void **state)
{
    (void)state;
    fake.hold = true;
    const char *const args[] = {"--unattended", JOIN_ARGS, NULL};
    struct outcome o = run_signalled("Log in", args);
    expect(&o, 4, NULL, "joinery: ERROR_CANCELLED (1223): ");
    drop(&o);
}

static void questions_get_the_safe_answer(void **state)
{
    (void)state;
    fake.run = CAUSE_KEYTAB_WRITE_FAILED;
    fake.ask = true;
    struct outcome o = RUN("--unattended", "--json", JOIN_ARGS);
    expect(&o, 1, "\"event\":\"ask\",\"question\":\"delete-created\"", NULL);
    expect(&o, 1, "\"answer\":\"no\"", NULL);
    drop(&o);
}

static void check_writes_verdicts(void **state)
{
    (void)state;
    struct outcome o = RUN("--check", JOIN_ARGS);
    expect(&o, 0, "Domain: ok", NULL);
    drop(&o);
    fake.login = CAUSE_KDC_WRONG_PASSWORD;
    o = RUN("--check", "--json", JOIN_ARGS);
    expect(&o, 1,
           "{\"event\":\"check\",\"check\":\"credentials\",\"verdict\":\"fail\",\"status\":1326",
           "(1326): ");
    drop(&o);
}

static void status_as_text_and_json(void **state)
{
    (void)state;
    fake.member = MEMBER_DOMAIN;
    struct outcome o = RUN("--status", "--config=/dev/null", "--root", dir);
    expect(&o, 0, "Domain: corp.example.com", NULL);
    drop(&o);
    o = RUN("--status", "--json", "--config=/dev/null", "--root", dir);
    expect(&o, 0, "{\"event\":\"status\",\"state\":\"domain\",\"domain\":\"corp.example.com\"",
           NULL);
    drop(&o);
}

static void explain_takes_every_form(void **state)
{
    (void)state;
    static const char *const forms[] = {"2224", "0x8B0", "0X8b0", "NERR_UserExists",
                                        "nerr_userexists"};
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        struct outcome o = RUN("--explain", forms[i]);
        expect(&o, 0, "NERR_UserExists (2224, 0x8B0)", NULL);
        drop(&o);
    }
    static const char *const wrong[] = {"99999999", "nonsense", "", "0x", "-1", "4294967296"};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = RUN("--explain", wrong[i]);
        expect(&o, 2, NULL, "no such code");
        drop(&o);
    }
    for (size_t i = 0; i < code_count(); i++) {
        char number[24];
        snprintf(number, sizeof number, "%u", code_at(i)->number);
        assert_ptr_equal(code_parse(number), code_find(code_at(i)->number));
    }
}

static void help_and_version(void **state)
{
    (void)state;
    struct outcome o = RUN("--help");
    expect(&o, 0, "--unattended", NULL);
    for (enum opt k = 0; k < OPT__COUNT; k++) {
        AUTOFREE char *key = xasprintf("  %s.%s = ", opt_row(k)->section, opt_row(k)->key);
        str_lower(key); /* as it stands in files */
        expect(&o, 0, key, NULL);
    }
    drop(&o);
    o = RUN("--version");
    expect(&o, 0, "joinery ", NULL);
    drop(&o);
}

static void bad_usage_is_2(void **state)
{
    (void)state;
    static const char *const lines[][5] = {
        {"--nonsense"},
        {"stray"},
        {"--unattended", "--check"},
        {"--json"},
        {"--root", "relative", "--status"},
        {"--explain"},
        {"--show"},
        {"--config", "/nonexistent/x.ini", "--status"},
        {"--unattended", "--config=/dev/null", "--set", "domain.nam=x"},
        {"--unattended", "--config=/dev/null", "--set", "novalue"},
        {"--unattended", "--config=/dev/null", "--set", "credentials.password=" CANARY},
        {"--config=/dev/null"}, /* no terminal to ask on */
    };
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        const char *args[8] = {0};
        for (size_t k = 0; k < 5 && lines[i][k]; k++)
            args[k] = lines[i][k];
        struct outcome o = run_signalled(NULL, args);
        if (o.status != 2 || !*o.err)
            fail_msg("%s: status %d, err %s", lines[i][0], o.status, o.err);
        assert_null(strstr(o.err, CANARY));
        drop(&o);
    }
    struct outcome o = RUN("--unattended", "--config=/dev/null", "--set", "domain.nam=x");
    expect(&o, 2, NULL, "domain.name"); /* the nearest key */
    drop(&o);
}

static void refused_combinations_print_their_code(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        const char *code;
    } rows[] = {
        {"options.machine_pwd_passed=yes", "(87)"},
        {"options.join_unsecure=yes", "(87)"},
        {"enrollment.operation=apply", "(87)"},     /* nothing to apply */
        {"enrollment.operation=provision", "(87)"}, /* nowhere to save it */
        {"options.join_domain=no", "("},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct outcome o = RUN("--unattended", JOIN_ARGS, "--set", rows[i].set);
        expect(&o, 2, NULL, rows[i].code);
        drop(&o);
    }
}

static void every_operation_runs_unattended(void **state)
{
    (void)state;
    static const char *const operations[] = {"workgroup", "rename", "rotate", "repair", "leave"};
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        AUTOFREE char *set = xasprintf("enrollment.operation=%s", operations[i]);
        struct outcome o = RUN("--unattended", "--config=/dev/null", "--root", dir, "--set", set);
        expect(&o, 0, "Done.", NULL);
        drop(&o);
        o = RUN("--unattended", "--json", "--config=/dev/null", "--root", dir, "--set", set);
        expect(&o, 0, "\"event\":\"done\"", NULL);
        drop(&o);
    }
}

static void config_then_set(void **state)
{
    (void)state;
    AUTOFREE char *path = xasprintf("%s/answers.ini", dir);
    AUTOFREE char *config = xasprintf("--config=%s", path);
    write_file(path, "[domain]\nname = from-file.example\n[credentials]\naccount = joiner\n", 0644);
    struct outcome o = RUN("--unattended", config, "--root", dir, "--set", password_set, "--set",
                           "domain.name=corp.example.com");
    expect(&o, 0, "Done.", NULL);
    drop(&o);
    write_file(path, "[domain]\nname = x\nou_ = y\n", 0644);
    o = RUN("--unattended", config, "--root", dir);
    expect(&o, 2, NULL, "Line: 3");
    drop(&o);
}

static void password_files_must_be_private(void **state)
{
    (void)state;
    static const mode_t bad[] = {0644, 0640, 0604, 0700, 0666};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        chmod(password_path, bad[i]);
        struct outcome o = RUN("--unattended", JOIN_ARGS);
        expect(&o, 2, NULL, password_path);
        drop(&o);
    }
    chmod(password_path, 0400);
    struct outcome o = RUN("--unattended", JOIN_ARGS);
    expect(&o, 0, "Done.", NULL);
    drop(&o);
    AUTOFREE char *link_path = xasprintf("%s/link", dir);
    AUTOFREE char *set = xasprintf("credentials.password_file=%s", link_path);
    assert_int_equal(symlink(password_path, link_path), 0);
    o = RUN("--unattended", JOIN_ARGS, "--set", set);
    expect(&o, 2, NULL, NULL);
    drop(&o);
    AUTOFREE char *fifo = xasprintf("%s/fifo", dir);
    AUTOFREE char *fifo_set = xasprintf("credentials.password_file=%s", fifo);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    o = RUN("--unattended", JOIN_ARGS, "--set", fifo_set); /* must not hang */
    expect(&o, 2, NULL, NULL);
    drop(&o);
    unlink(fifo);
    unlink(link_path);
}

static void systemd_credentials(void **state)
{
    (void)state;
    setenv("CREDENTIALS_DIRECTORY", dir, 1);
    struct outcome o =
        RUN("--unattended", JOIN_ARGS, "--set", "credentials.password_file=", "--set",
            "credentials.password_credential=secret");
    expect(&o, 0, "Done.", NULL);
    drop(&o);
    o = RUN("--unattended", JOIN_ARGS, "--set", "credentials.password_file=", "--set",
            "credentials.password_credential=../etc/passwd");
    expect(&o, 2, NULL, "credentials.password_credential");
    drop(&o);
    unsetenv("CREDENTIALS_DIRECTORY");
}

static void log_is_private_and_no_link_is_followed(void **state)
{
    (void)state;
    AUTOFREE char *log = xasprintf("%s/private.log", dir);
    AUTOFREE char *victim = xasprintf("%s/victim", dir);
    AUTOFREE char *link_path = xasprintf("%s/link.log", dir);
    struct stat st;
    struct outcome o = RUN("--unattended", JOIN_ARGS, "--log", log);
    expect(&o, 0, NULL, NULL);
    drop(&o);
    assert_int_equal(stat(log, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    FILE *f = fopen(log, "r");
    assert_non_null(f);
    AUTOFREE char *text = slurp(dup(fileno(f)));
    fclose(f);
    assert_non_null(strstr(text, "unattended, operation join"));
    assert_non_null(strstr(text, "status 0x0 (NERR_Success), exit status 0"));
    assert_null(strstr(text, CANARY));
    write_file(victim, "", 0644);
    assert_int_equal(symlink(victim, link_path), 0);
    o = RUN("--unattended", JOIN_ARGS, "--log", link_path);
    expect(&o, 2, NULL, link_path);
    drop(&o);
    assert_int_equal(stat(victim, &st), 0);
    assert_int_equal(st.st_size, 0);
    unlink(link_path);
}

static void recover_runs(void **state)
{
    (void)state;
    struct outcome o = RUN("--recover", "--config=/dev/null", "--root", dir);
    expect(&o, 0, "Done.", NULL);
    drop(&o);
}

static void saving_is_atomic_and_private(void **state)
{
    (void)state;
    AUTOFREE char *path = xasprintf("%s/saved/answers.ini", dir);
    struct err e = {0};
    struct stat st;
    assert_int_equal(app_save("/", path, "[domain]\n", &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(app_save("/", path, "[domain]\nname = x\n", &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 18);
    assert_int_equal(app_save("/", "/proc/none/answers.ini", "x", &e), -1);
    assert_true(e.code != 0);
    /* A link in the root that is acted on leads to no place outside of it. */
    AUTOFREE char *inner = xasprintf("%s/inner", dir), *etc = xasprintf("%s/inner/etc", dir);
    AUTOFREE char *outside = xasprintf("%s/outside", dir),
                  *spilled = xasprintf("%s/outside/joinery", dir);
    err_reset(&e);
    assert_int_equal(mkdir(inner, 0755) | mkdir(outside, 0755) | symlink(outside, etc), 0);
    (void)!app_save(inner, "/etc/joinery/answers.ini", "x", &e);
    assert_int_not_equal(access(spilled, F_OK), 0);
}

static int make_dir(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(password_path, sizeof password_path, "%s/secret", dir);
    unsetenv("LANGUAGE");
    setenv("LC_ALL", "C.UTF-8", 1);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    AUTOFREE char *command = xasprintf("rm -rf %s", dir);
    return system(command);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(unattended_prints_a_line_a_step),
        T(failure_ends_with_the_code),
        T(json_is_one_object_a_line),
        T(restart_needed_is_5_on_the_running_system_only),
        T(interrupted_is_4),
        T(questions_get_the_safe_answer),
        T(check_writes_verdicts),
        T(status_as_text_and_json),
        T(explain_takes_every_form),
        T(help_and_version),
        T(bad_usage_is_2),
        T(refused_combinations_print_their_code),
        T(every_operation_runs_unattended),
        T(config_then_set),
        T(password_files_must_be_private),
        T(systemd_credentials),
        T(log_is_private_and_no_link_is_followed),
        T(recover_runs),
        T(saving_is_atomic_and_private),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
