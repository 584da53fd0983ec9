/* The key table and the decoder: bytes in, actions out. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/keys/keys.h"
#include "ui/term/decode.h"

#define DELAY 100

/* What a stretch of bytes, arriving at once, becomes: names of actions, characters as they are, "?"
 * for unknown; time then passes. */
static void becomes(const char *bytes, size_t len, const char *expected)
{
    static struct decoder d;
    char got[600] = "";
    decode_init(&d, DELAY);
    decode_feed(&d, bytes, len, 1000);
    for (uint64_t now = 1000; now <= 1000 + DELAY; now += DELAY) {
        struct decoded_key key;
        enum decoded what;
        while ((what = decode_next(&d, now, &key)) != DECODED_NOTHING) {
            const struct action_info *info = action_info(key.action);
            const char *text = what == DECODED_UNKNOWN ? "?" : info ? info->name : key.text;
            size_t used = strlen(got);
            snprintf(got + used, sizeof(got) - used, "%s%s%s", used ? " " : "",
                     key.pasted ? "p:" : "", text);
        }
    }
    assert_string_equal(got, expected);
    assert_int_equal(d.len, 0);
    assert_int_equal(decode_timeout(&d, 5000), -1);
}
#define BECOMES(bytes, expected) becomes(bytes, sizeof(bytes) - 1, expected)

static void test_characters(void **state)
{
    (void)state;
    BECOMES("aé日😀", "a é 日 😀");
    BECOMES("čš", "č š");
    BECOMES("\xC3", "?");
    BECOMES("\xFF"
            "a",
            "? a");
    BECOMES("\xC2\x9B"
            "A",
            "A"); /* C1 controls are no keys */
}

static void test_controls(void **state)
{
    (void)state;
    BECOMES("\t\r\n\177\b", "NEXT_FIELD ENTER ENTER BACKSPACE BACKSPACE");
    BECOMES("\001\005\006\002\016\020\003\007\014\004",
            "HOME END NEXT_FIELD PREV_FIELD NEXT_PAGE BACK CANCEL HELP REPAINT DELETE");
    BECOMES("\032\034\037", "? ? ?");
    becomes("\0", 1, "?");
}

static void test_sequences(void **state)
{
    (void)state;
    BECOMES("\033[A\033OA\033[B\033[C\033[D", "UP UP DOWN RIGHT LEFT");
    BECOMES("\033[H\033[F\033[1~\033[4~\033[7~\033[8~", "HOME END HOME END HOME END");
    BECOMES("\033[3~\033[5~\033[6~\033[Z", "DELETE PGUP PGDN PREV_FIELD");
    BECOMES("\033OP\033OQ\033OS\033[11~\033[20~\033[21~\033[19~",
            "HELP SETTINGS LOG HELP CANCEL NEXT_PAGE BACK");
    BECOMES("\033[[A\033[[D", "HELP LOG");
    BECOMES("\033OM", "ENTER");
    BECOMES("\033[1;2A", "UP");
    BECOMES("\0331\0330\0339\0338", "HELP NEXT_PAGE CANCEL BACK");
}

static void test_esc(void **state)
{
    (void)state;
    BECOMES("\033", "BACK");
    BECOMES("\033\033", "BACK");
    BECOMES("\033\033[A", "?");
    BECOMES("\033x", "?");
    BECOMES("\033é", "?");
}

static void test_unknown_swallowed(void **state)
{
    (void)state;
    BECOMES("\033[15;2~a", "? a");
    BECOMES("\033[200;300;400wb", "? b");
    BECOMES("\033[<0;10;10M\033[<0;10;10mc", "c");
    BECOMES("\033[M abd", "d");
    BECOMES("\033[I\033[Oe", "e");
    BECOMES("\033]11;rgb:00/00/00\007f", "f");
    BECOMES("\033]11;rgb:00/00/00\033\\g", "g");
    BECOMES("\033P1$r0m\033\\h", "h");
    BECOMES("\033[1\001", "? HOME"); /* a control byte ends a broken sequence */
    BECOMES("\033[?", "?");
    BECOMES("\033O", "?");
    BECOMES("\033]never ended", "");
}

static void test_overlong_sequence(void **state)
{
    (void)state;
    static struct decoder d;
    struct decoded_key key;
    decode_init(&d, DELAY);
    decode_feed(&d, "\033[", 2, 0);
    for (int i = 0; i < 3000; i++) {
        decode_feed(&d, "1;", 2, 0);
        assert_int_equal(decode_next(&d, 0, &key), DECODED_NOTHING);
    }
    decode_feed(&d, "mZ", 2, 0);
    assert_int_equal(decode_next(&d, 0, &key), DECODED_KEY);
    assert_string_equal(key.text, "Z");
}

static void test_in_pieces(void **state)
{
    (void)state;
    static struct decoder d;
    struct decoded_key key;
    static const char bytes[] = "\033[21~";
    decode_init(&d, DELAY);
    for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
        assert_int_equal(decode_next(&d, 50 * i, &key), DECODED_NOTHING);
        decode_feed(&d, bytes + i, 1, 50 * i);
        assert_int_equal(decode_timeout(&d, 50 * i), DELAY);
    }
    assert_int_equal(decode_next(&d, 200, &key), DECODED_KEY);
    assert_int_equal(key.action, ACT_NEXT_PAGE);
    decode_feed(&d, "\xE6\x97", 2, 300);
    assert_int_equal(decode_next(&d, 300, &key), DECODED_NOTHING);
    decode_feed(&d, "\xA5", 1, 350);
    assert_int_equal(decode_next(&d, 350, &key), DECODED_KEY);
    assert_string_equal(key.text, "日");
}

static void test_paste(void **state)
{
    (void)state;
    BECOMES("\033[200~a\r\nb\t\003é\033[201~c", "p:a p:\n p:\n p:b p:\t p:é c");
    BECOMES("\033[200~\033[A\033[201~\033[A",
            "p:[ p:A UP"); /* the Esc in it is dropped, nothing acts */
    static struct decoder d;
    struct decoded_key key;
    decode_init(&d, DELAY);
    decode_feed(&d, "\033[200~x\033[20", 11, 0);
    assert_int_equal(decode_next(&d, 0, &key), DECODED_KEY);
    assert_int_equal(decode_next(&d, 0, &key), DECODED_NOTHING);
    decode_feed(&d, "1~", 2, 10);
    assert_int_equal(decode_next(&d, 10, &key), DECODED_NOTHING);
    assert_false(d.pasting);
}

static void test_terminals_own_keys(void **state)
{
    (void)state;
    static struct decoder d;
    struct decoded_key key;
    decode_init(&d, DELAY);
    decode_add(&d, "\033[224z", ACT_HELP);
    decode_add(&d, "\033", ACT_LOG); /* too short: ignored */
    decode_add(&d, "\013", ACT_UP);  /* no sequence: ignored */
    decode_add(&d, NULL, ACT_UP);
    assert_int_equal(d.extra_count, 1);
    decode_feed(&d, "\033[22", 4, 0);
    assert_int_equal(decode_next(&d, 0, &key), DECODED_NOTHING);
    decode_feed(&d, "4z", 2, 0);
    assert_int_equal(decode_next(&d, 0, &key), DECODED_KEY);
    assert_int_equal(key.action, ACT_HELP);
}

/* Any bytes, cut anywhere: the decoder ends, keeps within its memory, and characters it gives out
 * are whole. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const unsigned char likely[] = "\033\033[[OO;;<~~0129mMAxz\xC3\xA9\xE6\x97\x07\\]P";
    static struct decoder d;
    unsigned seed = 4711;
    decode_init(&d, DELAY);
    uint64_t now = 0;
    for (int round = 0; round < 200000; round++) {
        seed = seed * 1103515245 + 12345;
        unsigned r = seed >> 16;
        unsigned char byte = r % 4 ? likely[r / 4 % (sizeof(likely) - 1)] : (unsigned char)(r / 4);
        decode_feed(&d, &byte, 1, now);
        now += r % 50 == 0 ? DELAY + 1 : r % 3;
        struct decoded_key key;
        for (int n = 0; decode_next(&d, now, &key) != DECODED_NOTHING; n++) {
            assert_true(n < DECODE_QUEUE);
            assert_true(key.action < ACT_COUNT);
            assert_true(strlen(key.text) <= 4);
        }
        assert_true(d.len < 200);
        assert_true(decode_timeout(&d, now) <= DELAY);
    }
}

static void test_context(void **state)
{
    (void)state;
    assert_int_equal(keys_resolve_char("?", KEYS_TEXT), ACT_CHAR);
    assert_int_equal(keys_resolve_char("?", KEYS_PLAIN), ACT_HELP);
    assert_int_equal(keys_resolve_char("L", KEYS_LIST), ACT_LOG);
    assert_int_equal(keys_resolve_char("L", KEYS_PAGER), ACT_CHAR);
    assert_int_equal(keys_resolve_char(" ", KEYS_TEXT), ACT_CHAR);
    assert_int_equal(keys_resolve_char(" ", KEYS_LIST), ACT_TOGGLE);
    assert_int_equal(keys_resolve_char("/", KEYS_TREE), ACT_FILTER);
    assert_int_equal(keys_resolve_char("+", KEYS_LIST), ACT_CHAR);
    assert_int_equal(keys_resolve_char("+", KEYS_TREE), ACT_EXPAND);
    assert_int_equal(keys_resolve_char("é", KEYS_TREE), ACT_CHAR);
    assert_int_equal(keys_resolve_char("", KEYS_TREE), ACT_CHAR);
}

/* Every row is complete; no key is bound twice in one context; what the key bar prints is a key
 * that works. */
static void test_table(void **state)
{
    (void)state;
    for (int a = ACT_NONE + 1; a < ACT_CHAR; a++) {
        const struct action_info *info = action_info((enum action)a);
        char labels[128];
        assert_non_null(info);
        assert_int_equal(info->action, a);
        assert_true(info->name[0] && info->label[0] && info->plain[0] && info->bar[0] &&
                    info->help[0]);
        assert_true(keys_all_labels((enum action)a, labels, sizeof(labels)) > 0);
        assert_true(strncmp(labels, info->label, strlen(info->label)) == 0);
        assert_non_null(strstr(labels, info->plain));
    }
    assert_null(action_info(ACT_NONE));
    assert_null(action_info(ACT_CHAR));
    assert_string_equal(keys_label(ACT_HELP, true), "F1");
    assert_string_equal(keys_label(ACT_HELP, false), "Ctrl-G");
    static const struct {
        enum key_kind kind;
        int value;
    } bound[] = {
#define ACTION(id, label, plain, bar, help)
#define BIND(id, kind, value, contexts) {kind, value},
#include "ui/keys/keys.def"
#undef ACTION
#undef BIND
    };
    for (size_t i = 0; i < sizeof(bound) / sizeof(bound[0]); i++) {
        for (size_t k = i + 1; k < sizeof(bound) / sizeof(bound[0]); k++) {
            assert_false(bound[i].kind == bound[k].kind && bound[i].value == bound[k].value);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_esc),
        cmocka_unit_test(test_unknown_swallowed),
        cmocka_unit_test(test_overlong_sequence),
        cmocka_unit_test(test_in_pieces),
        cmocka_unit_test(test_paste),
        cmocka_unit_test(test_terminals_own_keys),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_table),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
