/* The Linux console behind a kernel that is played here, the keyboard's layout, and terminals whose
 * characters are not UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/kd.h>
#include <linux/vt.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "ui/term/internal.h"
#include "ui/term/vt.h"
#include "ui/text/charset.h"
#include "ui/text/sanitize.h"

/* ---- the kernel ---- */

static struct {
    bool console, unicode, may_lock, locked, quiet;
    unsigned char leds;
    unsigned locks, unlocks;
    char written[64];
} kernel;

static int map(struct unimapdesc *d)
{
    static const unsigned short have[] = {'b', 'a', 0xE4, 0x2500};
    if (d->entry_ct < 4)
        return -1;
    for (unsigned short i = 0; i < 4; i++)
        d->entries[i] = (struct unipair){.unicode = have[i], .fontpos = i};
    d->entry_ct = 4;
    return 0;
}

static int played_ioctl(int fd, unsigned long request, void *arg)
{
    assert_int_equal(fd, 0);
    switch (request) {
    case KDGKBTYPE:
        *(char *)arg = KB_101;
        return kernel.console ? 0 : -1;
    case VT_GETSTATE:
        return kernel.console ? 0 : -1;
    case VT_LOCKSWITCH:
        kernel.locks++;
        kernel.locked = kernel.may_lock;
        return kernel.may_lock ? 0 : -1;
    case VT_UNLOCKSWITCH:
        kernel.unlocks++;
        kernel.locked = false;
        return 0;
    case KDGKBLED:
        *(unsigned char *)arg = kernel.leds;
        return 0;
    case KDGKBMODE:
        *(int *)arg = kernel.unicode ? K_UNICODE : K_XLATE;
        return 0;
    case GIO_UNIMAP:
        return map(arg);
    default:
        return -1;
    }
}

static int played_log(int type)
{
    kernel.quiet = type == 6;
    return 0;
}

static int played_signal(pid_t pid, int sig)
{
    (void)sig;
    assert_int_equal(pid, 1);
    return 0;
}

static ssize_t played_write(int fd, const void *bytes, size_t len)
{
    (void)fd;
    snprintf(kernel.written, sizeof kernel.written, "%.*s", (int)len, (const char *)bytes);
    return (ssize_t)len;
}

static const struct vt_calls played = {played_ioctl, played_log, played_signal, played_write};

static int boot(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof kernel);
    kernel.console = kernel.may_lock = true;
    vt_set_calls(&played);
    return 0;
}

static int halt(void **state)
{
    (void)state;
    vt_close();
    vt_set_calls(NULL);
    charset_set(NULL);
    return 0;
}

static void other_terminals_are_left_alone(void **state)
{
    (void)state;
    kernel.console = false;
    assert_false(vt_open(0));
    vt_session(true, true);
    vt_keep_awake(true);
    assert_false(kernel.locked || kernel.quiet || kernel.locks);
    assert_false(vt_caps_lock() || vt_unicode());
    assert_true(vt_can_show((const uint32_t[]){0x65E5}, 1));
    assert_string_equal(term_keyboard(), "");
    assert_string_equal(kernel.written, "");
}

static void a_session_is_undone_once(void **state)
{
    (void)state;
    assert_true(vt_open(0));
    vt_session(true, false);
    assert_true(kernel.locked && kernel.quiet);
    vt_session(true, false);
    assert_int_equal(kernel.locks, 1);
    vt_emergency();
    assert_false(kernel.locked || kernel.quiet);
    vt_emergency();
    vt_close();
    assert_int_equal(kernel.unlocks, 1);
}

static void a_session_without_the_lock(void **state)
{
    (void)state;
    assert_true(vt_open(0));
    vt_session(false, false);
    assert_true(kernel.quiet);
    assert_int_equal(kernel.locks, 0);
    vt_session(true, false); /* and now it is not allowed */
    vt_emergency();
    assert_int_equal(kernel.unlocks, 1);
    kernel.may_lock = false;
    vt_session(true, false);
    assert_true(kernel.quiet);
    vt_emergency();
    assert_int_equal(kernel.unlocks, 1); /* what was not locked is not unlocked */
}

static void a_crash_unlocks_the_console(void **state)
{
    (void)state;
    static const struct termios modes;
    assert_true(vt_open(0));
    vt_session(true, false);
    fatal_remember("", 0, &modes);
    term_emergency_restore();
    assert_false(kernel.locked || kernel.quiet);
    vt_session(true, false); /* line by line there is no screen to bring back */
    term_emergency_restore();
    assert_false(kernel.locked || kernel.quiet);
}

static void caps_lock_and_mode_are_read(void **state)
{
    (void)state;
    assert_true(vt_open(0));
    assert_false(vt_caps_lock());
    kernel.leds = K_CAPSLOCK;
    assert_true(vt_caps_lock());
    kernel.leds = K_NUMLOCK;
    assert_false(vt_caps_lock());
    assert_false(vt_unicode());
    kernel.unicode = true;
    assert_true(vt_unicode());
}

static void the_font_says_what_it_shows(void **state)
{
    (void)state;
    assert_true(vt_open(0));
    assert_true(term_can_show((const uint32_t[]){'a', 'b', ' ', 0xE4}, 4));
    assert_false(term_can_show((const uint32_t[]){'a', 0x65E5}, 2));
}

/* ---- the keyboard ---- */

static void keyboard_file(const char *root, const char *path, const char *text)
{
    AUTOFREE char *name = xasprintf("%s%s", root, path);
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void the_layout_has_a_name(void **state)
{
    (void)state;
    char root[] = "/tmp/joinery-keyboard.XXXXXX", name[64];
    assert_non_null(mkdtemp(root));
    AUTOFREE char *dirs = xasprintf("mkdir -p %s/etc/default", root),
                  *gone = xasprintf("rm -rf %s", root);
    assert_int_equal(system(dirs), 0);
    assert_int_equal(keyboard_name(root, name, sizeof name), 0);
    keyboard_file(root, "/etc/vconsole.conf", "# console\nFONT=x\nKEYMAP=de-latin1\n");
    keyboard_name(root, name, sizeof name);
    assert_string_equal(name, "de-latin1");
    keyboard_file(root, "/etc/default/keyboard",
                  "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"de,us\"\nXKBVARIANT=\"nodeadkeys,\"\n");
    keyboard_name(root, name, sizeof name);
    assert_string_equal(name, "de,us (nodeadkeys,)");
    keyboard_file(root, "/etc/default/keyboard", "XKBLAYOUT=\"f\033[2Jr\"\nXKBVARIANT=\"\"\n");
    keyboard_name(root, name, sizeof name);
    assert_string_equal(name, "f?[2Jr");
    assert_int_equal(system(gone), 0);
}

/* ---- character sets ---- */

static void utf8_has_no_limit(void **state)
{
    (void)state;
    static const char text[] = "Domäne 日本";
    charset_set("UTF-8");
    assert_false(charset_limited());
    assert_ptr_equal(charset_own(text, true), text);
    assert_true(charset_can(0x65E5));
}

static void our_texts_come_in_other_letters(void **state)
{
    (void)state;
    static const char german[] = "Domäne „x“ – Größe …", french[] = "Précédent œuvre",
                      russian[] = "Домен", japanese[] = "日本 %s", plain[] = "Domain";
    charset_set("ANSI_X3.4-1968");
    assert_ptr_equal(charset_own(plain, false), plain);
    assert_string_equal(charset_own(german, true), "Domaene ,,x\" - Groesse ...");
    const char *again = charset_own(german, true);
    assert_ptr_equal(charset_own(german, true), again);
    assert_string_equal(charset_own(french, false), "Precedent oeuvre");
    assert_string_equal(charset_own(russian, false), "Domen");
    assert_string_equal(charset_own(japanese, false), "?? %s");
    assert_true(charset_can_say(0xE4) && charset_can_say(0x416) && !charset_can_say(0x65E5));
}

static void an_eight_bit_terminal_keeps_what_it_has(void **state)
{
    (void)state;
    char out[32], in[32] = "M\xFCller \xE9",
                  c1[8] = "a\x9B"
                          "b";
    charset_set("ISO-8859-1");
    assert_true(charset_can(0xFC));
    assert_false(charset_can(0x416));
    assert_string_equal(charset_own("Domäne “x”", true), "Domäne \"x\"");
    out[charset_encode(out, sizeof out - 1, "Müller Ж", strlen("Müller Ж"))] = '\0';
    assert_string_equal(out, "M\xFCller ?");
    in[charset_decode(in, strlen(in), sizeof in - 1)] = '\0';
    assert_string_equal(in, "Müller é");
    assert_int_equal(charset_decode(c1, 3, sizeof c1), 4);
    charset_set("ANSI_X3.4-1968");
    strcpy(in, "M\xFCller");
    assert_true(charset_decode(in, strlen(in), sizeof in - 1) == SIZE_MAX); /* not "Mller" */
    assert_string_equal(in, "M\xFCller");
    charset_set("ISO-8859-1");
    assert_true(charset_decode(in, strlen(in), 6) == SIZE_MAX); /* no room */
    assert_int_equal(charset_decode(in, strlen(in), 7), 7);
}

static void foreign_names_show_what_is_missing(void **state)
{
    (void)state;
    char out[64];
    charset_set("ISO-8859-1");
    sanitize(out, sizeof out, "Süd Москва", strlen("Süd Мо"), -1);
    assert_string_equal(out, "Süd ?041C?043E");
    charset_set(NULL);
    sanitize(out, sizeof out, "Süd Мо", strlen("Süd Мо"), -1);
    assert_string_equal(out, "Süd Мо");
}

static void unknown_character_sets_are_ascii(void **state)
{
    (void)state;
    charset_set("NO-SUCH-SET");
    assert_true(charset_limited());
    assert_true(charset_can('a') && !charset_can(0xE4));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, boot, halt)
        T(other_terminals_are_left_alone),
        T(a_session_is_undone_once),
        T(a_session_without_the_lock),
        T(a_crash_unlocks_the_console),
        T(caps_lock_and_mode_are_read),
        T(the_font_says_what_it_shows),
        T(the_layout_has_a_name),
        T(utf8_has_no_limit),
        T(our_texts_come_in_other_letters),
        T(an_eight_bit_terminal_keeps_what_it_has),
        T(foreign_names_show_what_is_missing),
        T(unknown_character_sets_are_ascii),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
