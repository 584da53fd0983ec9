/* Every page against every key, at every size; random use; no dead ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/drive.h"
#include "ui/i18n/i18n.h"
#include "ui/text/sanitize.h"
#include "ui/words/words.h"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    (void)i18n_set_language("en");
    return 0;
}

static struct drive *at_page(enum page p)
{
    fake_reset();
    fake.network_bad = p == PAGE_NETWORK;
    fake.live = fake.restart = p == PAGE_RESTART;
    fake.hold = p == PAGE_PROGRESS;
    fake.interrupted = true;
    if (p == PAGE_LEAVE || p == PAGE_RENAME || p == PAGE_STATUS)
        fake.member = MEMBER_DOMAIN;
    fake.mend = MEND_ACCOUNT;
    struct drive *d = drive_start(NULL);
    d->w.mode = p == PAGE_LEAVE                                              ? MODE_LEAVE
                : p == PAGE_STATUS                                           ? MODE_STATUS
                : p == PAGE_RENAME                                           ? MODE_RENAME
                : p == PAGE_WORKGROUP                                        ? MODE_WORKGROUP
                : p == PAGE_CHECKS                                           ? MODE_CHECK
                : p == PAGE_MACHINES || p == PAGE_PACKAGE || p == PAGE_PARTS ? MODE_PROVISION
                : p == PAGE_DATA || p == PAGE_TARGET                         ? MODE_APPLY
                                                                             : MODE_JOIN;
    drive_to(d, p);
    return d;
}

/* The focus is always on something that can have it. */
static bool focus_valid(const struct drive *d)
{
    int ids[64];
    size_t n = wizard_focusables(&d->w, ids, 64);
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == d->w.focus)
            return true;
    }
    return false;
}

static const struct {
    int rows, cols;
} sizes[] = {{24, 80}, {43, 132}, {16, 60}, {12, 40}, {11, 39}, {1, 1}, {13, 200}, {60, 41}};

static void draw_all(struct drive *d)
{
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct canvas *c = drive_draw(d, sizes[i].rows, sizes[i].cols);
        assert_non_null(c);
        canvas_free(c);
    }
}

static void every_page_is_reached_and_drawn_in_every_size(void **state)
{
    (void)state;
    const struct i18n_language *languages;
    size_t n = i18n_languages(&languages);
    for (size_t l = 0; l < n; l++) {
        for (enum page p = 0; p < PAGE__COUNT; p++) {
            struct drive *d = at_page(p);
            assert_true(i18n_set_language(languages[l].code));
            if (d->w.page != p)
                fail_msg("page %s was not reached, but %s", page_name(p), page_name(d->w.page));
            int ids[64];
            size_t count = wizard_focusables(&d->w, ids, 64);
            for (size_t i = 0; i < count; i++) {
                drive_focus(d, ids[i]);
                draw_all(d);
            }
            drive_key(d, ACT_HELP);
            draw_all(d);
            drive_key(d, ACT_BACK);
            drive_key(d, ACT_LOG);
            draw_all(d);
            drive_key(d, ACT_BACK);
            drive_free(d);
        }
    }
}

static void every_key_on_every_element_leaves_a_valid_state(void **state)
{
    (void)state;
    for (enum page p = 0; p < PAGE__COUNT; p++) {
        int ids[64];
        struct drive *probe = at_page(p);
        size_t count = wizard_focusables(&probe->w, ids, 64);
        drive_free(probe);
        for (size_t i = 0; i < count; i++) {
            for (enum action a = ACT_NONE; a < ACT_COUNT; a++) {
                struct drive *d = at_page(p);
                drive_focus(d, ids[i]);
                drive_event(d, (struct wiz_event){.kind = WIZ_KEY, .action = a, .text = "x"});
                if (!d->quit && !focus_valid(d))
                    fail_msg("page %s, element %d, action %d: focus %d on page %s", page_name(p),
                             ids[i], (int)a, d->w.focus, page_name(d->w.page));
                struct canvas *c = drive_draw(d, 24, 80);
                assert_non_null(c);
                canvas_free(c);
                drive_free(d);
            }
        }
    }
}

/* From everywhere the cancel key leads out: it asks, and its second answer ends or stops. */
static void cancel_leads_out_of_every_page(void **state)
{
    (void)state;
    for (enum page p = 0; p < PAGE__COUNT; p++) {
        struct drive *d = at_page(p);
        drive_key(d, ACT_CANCEL);
        if (!d->quit) {
            assert_int_equal(d->w.overlay, OVER_QUESTION);
            drive_key(d, ACT_RIGHT);
            drive_key(d, ACT_ENTER);
        }
        if (!d->quit && p == PAGE_PROGRESS)
            drive_press(d, BTN_QUIT);
        if (!d->quit)
            fail_msg("no way out of page %s", page_name(p));
        assert_true(drive_no_secret(d));
        drive_free(d);
    }
}

static void back_returns_to_the_first_page_from_every_form(void **state)
{
    (void)state;
    for (enum page p = PAGE_WELCOME + 1; p <= PAGE_CHECKS; p++) {
        struct drive *d = at_page(p);
        for (int i = 0; i < 20 && d->w.page != PAGE_WELCOME; i++)
            drive_key(d, ACT_BACK);
        assert_int_equal(d->w.page, PAGE_WELCOME);
        assert_true(drive_no_secret(d));
        drive_free(d);
    }
}

static unsigned long seed;

static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(seed >> 33) % n;
}

static void random_step(struct drive *d)
{
    static const char *const texts[] = {
        "a",    "7", " ", "/", "=",  "?", "L", "\xc3\xa9", "\xe6\x97\xa5",
        "\x01", "-", "+", "n", "\n", "\t"};
    switch (pick(12)) {
    case 0:
        drive_pass(d, 100 * (1 + pick(10)));
        break;
    case 1:
        drive_event(d, (struct wiz_event){
                           .kind = WIZ_LOG, .level = LOG_INFO, .text = "a line \033[2J <B> \xff"});
        break;
    case 2: {
        int ids[64];
        size_t n = wizard_focusables(&d->w, ids, 64);
        drive_focus(d, ids[pick((unsigned)n)]);
        break;
    }
    case 3:
        fake_answer();
        drive_drain(d);
        break;
    case 4:
    case 5:
    case 6:
        drive_event(d, (struct wiz_event){.kind = WIZ_KEY,
                                          .action = ACT_CHAR,
                                          .text = texts[pick(ARRAY_SIZE(texts))],
                                          .pasted = pick(4) == 0});
        break;
    case 7:
        drive_key(d, ACT_NEXT_PAGE);
        break;
    default:
        drive_key(d, (enum action)pick(ACT_CHAR));
        break;
    }
}

static void random_script(void)
{
    static const enum cause causes[] = {
        CAUSE_NONE,      CAUSE_NONE, CAUSE_NONE, CAUSE_NO_SRV_RECORDS, CAUSE_KDC_WRONG_PASSWORD,
        CAUSE_NAME_TAKEN};
    fake.discover = causes[pick(ARRAY_SIZE(causes))];
    fake.login = causes[pick(ARRAY_SIZE(causes))];
    fake.name = causes[pick(ARRAY_SIZE(causes))];
    fake.plan = causes[pick(ARRAY_SIZE(causes))];
    fake.run = causes[pick(ARRAY_SIZE(causes))];
    fake.defer = pick(2);
    fake.hold = pick(2);
    fake.warn = pick(2);
    fake.ask = pick(2);
    fake.restart = pick(2);
    fake.interrupted = pick(2);
    fake.network_bad = pick(2);
    fake.open = pick(4) ? CAUSE_NONE : CAUSE_BAD_OFFLINE_DATA;
    fake.image = pick(4) ? CAUSE_NONE : CAUSE_IMAGE_JOINED;
    fake.row = pick(2) ? CAUSE_NONE : CAUSE_NAME_TOO_LONG;
    fake.passphrase = pick(2) ? NULL : "x";
    fake.no_volumes = pick(2);
    fake.live = pick(2);
}

static void random_use_keeps_the_rules(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        seed = 20261121 + round;
        fake_reset();
        random_script();
        fake.member = pick(2) ? MEMBER_DOMAIN : MEMBER_NONE;
        struct drive *d = drive_start(
            pick(4) ? NULL : "[domain]\nname = corp.example.com\n[credentials]\naccount = a\n");
        d->w.mode = (enum mode)pick(MODE__COUNT);
        for (int i = 0; i < 250 && !d->quit; i++) {
            random_step(d);
            if (pick(20) == 0)
                random_script();
            if (!d->quit && !focus_valid(d))
                fail_msg("round %u, step %d: focus %d, page %s, overlay %d", round, i, d->w.focus,
                         page_name(d->w.page), (int)d->w.overlay);
            const unsigned s = pick(ARRAY_SIZE(sizes));
            struct canvas *c = drive_draw(d, sizes[s].rows, sizes[s].cols);
            if (!c)
                fail_msg("round %u, step %d", round, i);
            canvas_free(c);
        }
        if (!d->quit) { /* the program can always be ended from outside */
            drive_event(d, (struct wiz_event){.kind = WIZ_END});
            fake_answer();
            drive_drain(d);
        }
        assert_true(d->quit);
        assert_true(drive_no_secret(d));
        drive_free(d);
    }
}

static void many_units_scroll_and_type_ahead(void **state)
{
    (void)state;
    fake.siblings = 2000;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_OU);
    drive_focus(d, FLD_OUS);
    assert_int_equal(wizard_list_count(&d->w, FLD_OUS), 2004);
    assert_true(drive_shows(d, "Kiosks"));
    drive_key(d, ACT_END);
    assert_true(drive_shows(d, "Unit 1999"));
    drive_key(d, ACT_HOME);
    drive_type(d, "Unit");
    assert_true(drive_shows(d, "Unit 0000"));
    drive_free(d);
}

static void hostile_names_are_defused(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_DOMAIN);
    free(d->w.machine.host_name);
    d->w.machine.host_name = xstrdup("evil\033[2J\xe2\x80\xae"
                                     "name\xff");
    drive_key(d, ACT_BACK);
    assert_true(drive_shows(d, "evil<U+001B>[2J<U+202E>name\\xFF"));
    drive_free(d);
}

/* ---- reference pictures: text and roles of every page ----
 * UPDATE_GOLDEN=1 writes those of the languages that have some, UPDATE_GOLDEN=all those of every
 * language here. */

static const char *const golden_languages[] = {"en", "de", "ja", "ar", "en_XA"};

static char *golden_path(const char *name, const char *code, int rows, int cols)
{
    return xasprintf("tests/ui/golden/%s-%s-%dx%d.txt", name, code, cols, rows);
}

/* English and German always; another language as soon as it has a picture, and it must have its
 * catalogue then. */
static bool golden_language(const char *code)
{
    const char *update = getenv("UPDATE_GOLDEN");
    AUTOFREE char *first = golden_path("WELCOME", code, 24, 80);
    bool has = str_eq(code, "en") || str_eq(code, "de") || access(first, F_OK) == 0;
    if (!has && !(update && str_eq(update, "all")))
        return false;
    if (!i18n_set_language(code) && has)
        fail_msg("there are pictures in %s, but no catalogue", code);
    return str_eq(i18n_language(), code);
}

/* The hour stands on some pages, on narrow ones in two lines. */
static void stop_clock(char *text)
{
    static const char *const patterns[][2] = {
        {"dddd-dd-dd dd:dd", "2026-01-02 03:04"},
        {"dddd-dd-\n  dd dd:dd", "2026-01-\n  02 03:04"},
        {"dddd-\n  dd-dd dd:dd", "2026-\n  01-02 03:04"},
        {"dddd-dd-dd\n  dd:dd", "2026-01-02\n  03:04"},
    };
    for (; *text; text++) {
        for (size_t k = 0; k < ARRAY_SIZE(patterns); k++) {
            const char *pattern = patterns[k][0];
            size_t i = 0;
            while (pattern[i] &&
                   (pattern[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == pattern[i]))
                i++;
            if (!pattern[i])
                memcpy(text, patterns[k][1], i);
        }
    }
}

static void golden(const char *name, struct drive *d, int rows, int cols)
{
    struct canvas *c = drive_draw(d, rows, cols);
    assert_non_null(c);
    AUTOFREE char *text = canvas_dump_text(c), *roles = canvas_dump_roles(c);
    stop_clock(text);
    AUTOFREE char *path = golden_path(name, i18n_language(), rows, cols);
    AUTOFREE char *now = xasprintf("%s\n%s", text, roles);
    canvas_free(c);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fputs(now, f);
        fclose(f);
        return;
    }
    static char before[65536];
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s is missing: UPDATE_GOLDEN=1 writes it", path);
    size_t len = fread(before, 1, sizeof before - 1, f);
    fclose(f);
    before[len] = '\0';
    if (strcmp(before, now) != 0)
        fail_msg("%s differs; now:\n%s", path, now);
}

static void golden_everywhere(const char *name, struct drive *d)
{
    for (size_t l = 0; l < ARRAY_SIZE(golden_languages); l++) {
        if (!golden_language(golden_languages[l]))
            continue;
        golden(name, d, 24, 80);
        golden(name, d, 12, 40);
    }
    assert_true(i18n_set_language("en"));
}

static void pages_look_as_recorded(void **state)
{
    (void)state;
    for (enum page p = PAGE__COUNT; p-- > 0;) { /* WELCOME last: see golden_language() */
        if (p == PAGE_MACHINES || p == PAGE_PACKAGE || p == PAGE_PARTS || p == PAGE_DATA ||
            p == PAGE_TARGET)
            continue; /* they have theirs below */
        struct drive *d = at_page(p);
        d->now += 12000; /* into the heartbeat */
        d->w.now_ms = d->now;
        golden_everywhere(page_name(p), d);
        drive_free(d);
    }
}

/* A page of preparing or applying, in one of its states. */
static struct drive *offline_at(const char *ini, enum page p)
{
    fake_reset();
    fake.live = true;
    fake.hold = p == PAGE_PROGRESS;
    struct drive *d = drive_start(ini);
    drive_to(d, p);
    assert_int_equal(d->w.page, p);
    return d;
}

#define PREPARE "[enrollment]\noperation = provision\n"
#define APPLY   "[enrollment]\noperation = apply\n"
#define LIST    PREPARE "[offline]\nbatch = /media/usb/branch.csv\n"

static void pages_of_offline_enrolment_look_as_recorded(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ini;
        enum page page;
    } rows[] = {
        {"MACHINES", PREPARE, PAGE_MACHINES},
        {"MACHINES-list", LIST, PAGE_MACHINES},
        {"PACKAGE", PREPARE, PAGE_PACKAGE},
        {"PACKAGE-open", LIST "format = text\n", PAGE_PACKAGE},
        {"PARTS", PREPARE, PAGE_PARTS},
        {"FLAGS-prepare", PREPARE, PAGE_FLAGS},
        {"REVIEW-prepare", PREPARE "[offline]\nformat = binary\n", PAGE_REVIEW},
        {"RESULT-prepare", PREPARE, PAGE_RESULT},
        {"PROGRESS-list", LIST, PAGE_PROGRESS},
        {"RESULT-list", LIST, PAGE_RESULT},
        {"DATA", APPLY "[offline]\ninput = /media/usb/KIOSK-07.p7m\n", PAGE_DATA},
        {"TARGET", APPLY "[offline]\nimage = /mnt/windows\n", PAGE_TARGET},
        {"REVIEW-apply", APPLY "[offline]\nimage = /mnt/clone\n", PAGE_REVIEW},
        {"RESULT-apply", APPLY "[offline]\nimage = /mnt/clone\n", PAGE_RESULT},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct drive *d = offline_at(rows[i].ini, rows[i].page);
        if (d->w.page == PAGE_PACKAGE && !wizard_unprotected(&d->w))
            assert_true(drive_visible(d, FLD_PASSPHRASE_AGAIN));
        golden_everywhere(rows[i].name, d);
        drive_free(d);
    }
}

static void question_says_what_stopping_does(void **state)
{
    (void)state;
    struct drive *d = at_page(PAGE_PROGRESS);
    fake.effect = CANCEL_DELETES_ACCOUNT;
    drive_key(d, ACT_CANCEL);
    golden_everywhere("question", d);
    drive_free(d);
}

static bool has_label_column_text(enum field f)
{
    enum field_kind k = field_row(f)->kind;
    return k == FIELD_TEXT || k == FIELD_SECRET || k == FIELD_CHOICE;
}

static void every_field_has_words_and_help(void **state)
{
    (void)state;
    for (enum field f = 0; f < FLD__COUNT; f++) {
        const struct field_row *row = field_row(f);
        if (row->kind == FIELD_NOTE)
            continue;
        if (!*row->label || !*row->help)
            fail_msg("field %s has no label or help", field_name(f));
        if (has_label_column_text(f))
            assert_true(strlen(row->label) <= 26);
    }
}

/* A join without an account, in every size: fields appear and go. */
static void pages_without_an_account_fit(void **state)
{
    (void)state;
    static const enum page pages[] = {PAGE_CREDENTIALS, PAGE_NAME, PAGE_FLAGS, PAGE_REVIEW};
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct drive *d = drive_start("[options]\njoin_unsecure = yes\nmachine_pwd_passed = yes\n"
                                      "[machine]\noverride_reuse_policy = yes\n");
        drive_to(d, PAGE_CREDENTIALS);
        drive_focus(d, FLD_PASSWORD);
        drive_type(d, "m4chine-word");
        drive_to(d, pages[i]);
        assert_int_equal(d->w.page, pages[i]);
        int ids[64];
        size_t count = wizard_focusables(&d->w, ids, 64);
        for (size_t k = 0; k < count; k++) {
            drive_focus(d, ids[k]);
            draw_all(d);
        }
        drive_free(d);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(every_page_is_reached_and_drawn_in_every_size),
        T(every_key_on_every_element_leaves_a_valid_state),
        T(cancel_leads_out_of_every_page),
        T(back_returns_to_the_first_page_from_every_form),
        T(random_use_keeps_the_rules),
        T(many_units_scroll_and_type_ahead),
        T(hostile_names_are_defused),
        T(pages_look_as_recorded),
        T(pages_of_offline_enrolment_look_as_recorded),
        T(question_says_what_stopping_does),
        T(every_field_has_words_and_help),
        T(pages_without_an_account_fit),
    };
    i18n_start();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
