/* The dialogue without a terminal: answers from a pipe, lines into another. Every operation on the
 * scripted engine, and what a script or a broken pipe may do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"

#define OUTPUT_MAX (1 << 20)

static char output[OUTPUT_MAX];

static void child(const char *script, const char *env, int in, int out)
{
    static char plain[] = "--plain";
    setenv("JOINERY_FAKE", script, 1);
    setenv("LANGUAGE", "en", 1);
    setenv("HOME", "/tmp", 1);
    if (env)
        putenv(xstrdup(env));
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    close(in);
    close(out);
    alarm(WAIT / 1000);
    int status = wizard_program(plain);
    fflush(NULL);
    _exit(status); /* what the test itself holds is no leak of the program's */
}

static size_t count(const char *text)
{
    size_t n = 0;
    for (const char *p = output; (p = strstr(p, text)) != NULL; p++)
        n++;
    return n;
}

/* Runs the dialogue on these bytes and keeps what it says in `output`. The exit status. */
static int answered_bytes(const char *script, const char *env, const void *bytes, size_t n)
{
    int in[2], out[2], status = -1;
    size_t len = 0;
    ssize_t got;
    assert_int_equal(pipe(in) | pipe(out), 0);
    assert_true(n < 60000); /* fits the pipe */
    assert_int_equal(write(in[1], bytes, n), n);
    close(in[1]);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(out[0]);
        child(script, env, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    while (len < OUTPUT_MAX - 1 && (got = read(out[0], output + len, OUTPUT_MAX - 1 - len)) > 0)
        len += (size_t)got;
    output[len] = '\0';
    close(out[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status))
        fail_msg("ended by signal %d after\n%s", WTERMSIG(status), output);
    assert_null(memchr(output, '\033', len)); /* no colour, no cursor motion */
    assert_null(memchr(output, '\r', len));
    return WEXITSTATUS(status);
}

static int answered(const char *script, const char *answers)
{
    return answered_bytes(script, NULL, answers, strlen(answers));
}

/* All of what was said goes along: cmocka cuts long messages. */
static void fail_with(const char *what, const char *text)
{
    fprintf(stderr, "%s\n", output);
    fail_msg("%s: %s", what, text);
}

static void says(const char *text)
{
    if (!strstr(output, text))
        fail_with("not said", text);
}

static void ends(int status, int wanted)
{
    if (status != wanted)
        fail_msg("status %d instead of %d\n%s", status, wanted, output);
}

#define TO_NAME "\n1\ncorp.example.com\n\n\n"
#define LOGIN   "1\njoiner\ns3cret-word\n"

static void every_operation_from_a_pipe(void **state)
{
    static const struct {
        const char *script, *answers, *said;
        int status;
    } rows[] = {
        {"password=s3cret-word",
         TO_NAME LOGIN "\n" /* unit */ "\n\n" /* names */ "\n\n\n\n\n\n\n" /* host */ "\n3\n2\n",
         "This machine is now a member of the domain corp.example.com.", 0},
        {"password=s3cret-word", "\n2\ncorp.example.com\n\n\n" LOGIN "\n\n\n\n3\n",
         "Check only - step 8 of 8", 0},
        {"member", "\n3\n\n", "This machine is a member of a domain.", 0},
        {"member mend=2 password=s3cret-word", "\n4\n3\n" LOGIN "3\n2\n",
         "The membership works again; it was proved.", 0},
        {"member", "\n5\n3\n3\n2\n", "This machine has a new password.", 0},
        {"member", "\n6\nkiosk-09\n\nno\n3\n2\n", "This machine has its new name.", 0},
        {"member", "\n7\nno\n3\n2\n", "This machine has left the domain.", 0},
        {"", "\n8\nLOBBY\n3\n2\n", "This machine is in the workgroup LOBBY now.", 0},
        {"restart live", "\n8\nLOBBY\n3\n2\n1\n", "  1) Later", 5},
        {"password=s3cret-word",
         "\n9\n1\ncorp.example.com\n\n\n" LOGIN "\nkiosk-09\n\n\n" /* description */
         "\nopen sesame\nopen sesame\n\n\n\n" /* format to overwrite */ "\n\n\n\n\n\n" /* parts */
         "\n3\n\n",
         "The machine KIOSK-09 is prepared", 0},
        {"live",
         "\n10\n\n/media/usb/KIOSK-07.txt\n1\n\n" /* the running system */
         "\n\n\n\n\n\n\n" /* host */ "\n3\n\n\n",
         "This machine is now KIOSK-07 in the domain", 0},
        {"interrupted", "\n9\n2\n", "The interrupted operation", 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int status = answered(rows[i].script, rows[i].answers);
        says(rows[i].said);
        ends(status, rows[i].status);
        assert_int_equal(count("Welcome\n"), 1); /* a page's title is said once */
        assert_null(strstr(output, "s3cret-word"));
    }
}

/* Wherever the answers are used up: cancelled, at once, and never a question twice. */
static void the_end_of_the_input_cancels(void **state)
{
    static const char all[] = TO_NAME LOGIN "\n\n\n\n\n\n\n\n\n\n\n";
    (void)state;
    for (size_t n = 0; n < sizeof all; n++) {
        if (n && all[n - 1] != '\n')
            continue;
        ends(answered_bytes("password=s3cret-word", NULL, all, n), 3);
    }
}

/* A script's answers end while the work runs: it is brought to its end all the same. */
static void work_does_not_end_with_the_input(void **state)
{
    (void)state;
    ends(answered("", "\n8\nLOBBY\n3\n"), 0);
    says("This machine is in the workgroup LOBBY now.");
    ends(answered("run=NO_CREATE_RIGHT fail=1", "\n8\nLOBBY\n3\n"), 1);
    says("What failed");
    /* A question that nobody is there to answer gets the safe answer. */
    ends(answered("ask run=NO_CREATE_RIGHT password=s3cret-word",
                  TO_NAME LOGIN "\n\n\n\n\n\n\n\n\n\n\n3\n"),
         1);
    says("Delete the new account?");
    says("  1) Keep it");
    says("What failed");
}

static void an_error_is_said_once_before_its_question(void **state)
{
    (void)state;
    ends(answered("password=right", TO_NAME "1\njoiner\nwrong\nright\n"), 3);
    says("Error: The password is wrong.");
    assert_int_equal(count("The password is wrong."), 1);
    assert_int_equal(count("Account [joiner]: "), 0); /* only the answer at fault again */
    assert_int_equal(count("Password: "), 2);
    says("Organizational unit");
}

/* What is wrong by itself is said behind its own question, before the next one. */
static void a_bad_name_is_asked_for_again(void **state)
{
    (void)state;
    ends(answered("password=s3cret-word", TO_NAME LOGIN "\nk\xc3\xbc"
                                                        "che\nkueche\n"),
         3);
    const char *error = strstr(output, "Error: The computer name contains letters"),
               *next = strstr(output, "Full host name []: ");
    assert_true(error && next && error < next);
    says("Computer name [k\xc3\xbc"
         "che]: ");
}

/* Options that are off would only be noise to somebody who listens. */
static void only_what_is_on_is_read_out(void **state)
{
    (void)state;
    ends(answered("password=s3cret-word", TO_NAME LOGIN "\n\n\n\n\n\n\n\n\n\n?\n6\n"), 3);
    assert_int_equal(count("Create the computer account (ACCT_CREATE"), 2); /* once more by ? */
    assert_int_equal(count("Ignore unknown flags"), 1);
}

static void a_check_says_more_when_asked(void **state)
{
    (void)state;
    ends(answered("network", "\n1\n#1\n#2\n#99\n"), 3);
    says("# and the number of a line says more about it.");
    says("What to do:");
    says("Please type one of the numbers.");
    assert_int_equal(count("Network and time - step"), 1);
}

static void back_goes_to_the_question_before(void **state)
{
    (void)state;
    ends(answered("", "\n1\ncorp.example.com\n\n<\n<\n"), 3);
    assert_int_equal(count("Domain controller [1]: "), 2);
    assert_int_equal(count("Domain [corp.example.com]: "), 1);
}

static void unusable_lines_are_refused(void **state)
{
    static char garbage[9000];
    (void)state;
    strcpy(garbage, "\n1\n\033[A\033[200~corp\n");
    memset(garbage + strlen(garbage), 'x', 5000); /* its end is no answer to anything */
    strcat(garbage, "\n\xff\xfe\ncorp.example.com\n");
    ends(answered("", garbage), 3);
    assert_int_equal(count("That line is too long or holds"), 3);
    says("Found corp.example.com");
    assert_null(strstr(output, "xxxx"));
}

/* A script's line ends, blanks of a copied answer, numbers that are none of the list. */
static void answers_as_they_come(void **state)
{
    static const char *const none[] = {"0", "11", "-1", "+1", "1.5", "1x", "99999999999999999999"};
    (void)state;
    ends(answered("password=s3cret-word",
                  "\r\n1\r\n\tcorp.example.com \r\n\r\n\r\n 1 \r\njoiner\r\n"
                  "s3cret-word\r\n"),
         3);
    says("Organizational unit [1]: ");
    ends(answered("password=s3cret-word ", TO_NAME "1\njoiner\ns3cret-word \n"), 3);
    says("The password is wrong."); /* its blank belongs to it */
    ends(answered("password=s3cret-word", TO_NAME "1\njoiner\ns3cret-word"), 3);
    says("Organizational unit [1]: "); /* no new line at the end */
    for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
        AUTOFREE char *answers = xasprintf("\n%s\n", none[i]);
        ends(answered("", answers), 3);
        assert_int_equal(count("Please type one of the numbers."), 1);
        assert_int_equal(count("What to do [1]: "), 2);
    }
}

static void yes_and_no_in_every_way(void **state)
{
    static const char *const no[] = {"2", "n", "NO", "No"}, *const yes[] = {"1", "y", "YES", "ye"};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
        AUTOFREE char *answers = xasprintf("\n7\n%s\n", no[i]);
        ends(answered("member", answers), 3);
        says("Review");
        AUTOFREE char *other = xasprintf("\n7\n%s\n", yes[i]);
        ends(answered("member", other), 3);
        says("Account and password");
    }
    ends(answered("member", "\n7\nperhaps\n"), 3);
    says("Please type 1 or 2.");
}

/* The keyboard of the moment may lack the accent, or type wide signs and other digits. */
static void yes_and_no_in_every_language(void **state)
{
    static const struct {
        const char *language, *yes[3], *no[3];
    } rows[] = {
        {"LANGUAGE=de", {"j", "JA", "y"}, {"nein", "N", "no"}},
        {"LANGUAGE=es", {"sí", "si", "SI"}, {"n", "NO", "2"}},
        {"LANGUAGE=it", {"sì", "si", "S"}, {"n", "NO", "2"}},
        {"LANGUAGE=pt_BR", {"s", "sim", "yes"}, {"não", "NAO", "nao"}},
        {"LANGUAGE=tr", {"e", "EVET", "1"}, {"hayır", "HAYIR", "hayir"}},
        {"LANGUAGE=ru", {"да", "ДА", "д"}, {"нет", "Н", "no"}},
        {"LANGUAGE=ja", {"はい", "１", "ｙ"}, {"いいえ", "２", "ＮＯ"}},
        {"LANGUAGE=ar", {"نعم", "١", "y"}, {"لا", "٢", "n"}},
    };
    (void)state;
    if (!getenv("JOINERY_LOCALEDIR"))
        skip();
    for (size_t i = 0; i < ARRAY_SIZE(rows) * 3; i++) {
        const char *language = rows[i / 3].language;
        AUTOFREE char *yes = xasprintf("\n7\n%s\n！\n2\n", rows[i / 3].yes[i % 3]),
                      *no = xasprintf("\n7\n%s\n！\n2\n", rows[i / 3].no[i % 3]);
        ends(answered_bytes("member", language, yes, strlen(yes)), 3);
        assert_int_equal(count("0x00000000"), 0); /* an account is asked for, not the review */
        ends(answered_bytes("member", language, no, strlen(no)), 3);
        assert_int_equal(count("0x00000000"), 1);
    }
}

static void machines_are_taken_from_a_typed_list(void **state)
{
    (void)state;
    ends(answered("", "\n9\n3\nkiosk-01\nkiosk-02\nkiosk-03\n-2\n\n"), 3);
    says("A minus and a number takes that line from the list");
    says("Added: kiosk-03");
    says("2) [ ]  kiosk-03");
    assert_null(strstr(output, "Enter on a machine below"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test(f)
        T(every_operation_from_a_pipe),
        T(the_end_of_the_input_cancels),
        T(work_does_not_end_with_the_input),
        T(an_error_is_said_once_before_its_question),
        T(a_bad_name_is_asked_for_again),
        T(only_what_is_on_is_read_out),
        T(a_check_says_more_when_asked),
        T(back_goes_to_the_question_before),
        T(unusable_lines_are_refused),
        T(answers_as_they_come),
        T(yes_and_no_in_every_way),
        T(yes_and_no_in_every_language),
        T(machines_are_taken_from_a_typed_list),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
