/* Every page of the wizard, reached by keys alone, on a screen of 80x24 and on one of 40x12. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"
#include "ui/model/pages.h"

#define NEXT "\016"

struct stop {
    const char *keys;
    enum page page;
};

#define STOPS 14
static const struct tour {
    const char *script;
    struct stop stops[STOPS]; /* up to an empty one */
} tours[] = {
    {"network restart live",
     {{PTY_F2, PAGE_DISPLAY},
      {PTY_ESC, PAGE_WELCOME},
      {"\r", PAGE_NETWORK},
      {NEXT, PAGE_DOMAIN},
      {"\b\bcorp.example.com" NEXT, PAGE_CONTROLLER},
      {NEXT, PAGE_CREDENTIALS},
      {"joiner\tx" NEXT, PAGE_OU},
      {NEXT, PAGE_NAME},
      {NEXT, PAGE_HOST},
      {NEXT, PAGE_FLAGS},
      {NEXT, PAGE_REVIEW},
      {"\r", PAGE_RESULT},
      {NEXT, PAGE_RESTART}}},
    {"hold member", {{"leave\r", PAGE_LEAVE}, {NEXT, PAGE_REVIEW}, {NEXT, PAGE_PROGRESS}}},
    {"member", {{"ren\r", PAGE_RENAME}}},
    {"member mend=2", {{"stat\r", PAGE_STATUS}}},
    {"", {{"work\r", PAGE_WORKGROUP}}},
    {"",
     {{"check\r", PAGE_DOMAIN},
      {"corp.example.com" NEXT, PAGE_CONTROLLER},
      {NEXT, PAGE_CREDENTIALS},
      {"joiner\tx" NEXT, PAGE_OU},
      {NEXT, PAGE_NAME},
      {NEXT, PAGE_FLAGS},
      {NEXT, PAGE_CHECKS}}},
    {"",
     {{"prep\r", PAGE_MACHINES},
      {NEXT, PAGE_DOMAIN},
      {"corp.example.com" NEXT, PAGE_CONTROLLER},
      {NEXT, PAGE_CREDENTIALS},
      {"joiner\tx" NEXT, PAGE_OU},
      {NEXT, PAGE_NAME},
      {"kiosk-09" NEXT, PAGE_PACKAGE},
      {PTY_DOWN "sesame\tsesame" NEXT, PAGE_PARTS}}},
    {"", {{PTY_END "\r", PAGE_DATA}, {" " NEXT, PAGE_TARGET}}},
};

static bool titled(struct pty *p, void *title)
{
    return strstr(pty_row(p, 0), title) != NULL;
}

static void arrive(struct pty *p, enum page page)
{
    if (!pty_wait(p, titled, (void *)(uintptr_t)page_title(page), WAIT))
        fail_msg("the page %s was not reached", page_name(page));
    assert_true(pty_wait(p, one_reversed, NULL, WAIT));
}

static void all_tours(int rows, int cols)
{
    bool seen[PAGE__COUNT] = {false};
    for (size_t i = 0; i < ARRAY_SIZE(tours); i++) {
        struct pty *p = start_wizard(tours[i].script, NULL, rows, cols, NULL);
        see(p, "kiosk-07");
        arrive(p, PAGE_WELCOME);
        seen[PAGE_WELCOME] = true;
        for (const struct stop *s = tours[i].stops; s < tours[i].stops + STOPS && s->keys; s++) {
            assert_true(pty_send(p, s->keys));
            arrive(p, s->page);
            seen[s->page] = true;
        }
        pty_close(p);
    }
    for (enum page page = 0; page < PAGE__COUNT; page++) {
        if (!seen[page])
            fail_msg("no tour leads to the page %s", page_name(page));
    }
}

static void on_the_usual_screen(void **state)
{
    (void)state;
    all_tours(24, 80);
}

static void on_the_smallest_screen(void **state)
{
    (void)state;
    all_tours(12, 40);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_usual_screen),
        cmocka_unit_test(on_the_smallest_screen),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
