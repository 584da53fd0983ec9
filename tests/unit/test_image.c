/* Windows images: found, read and judged. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/image/image_change.h"
#include "tests/unit/scratch.h"
#include "tests/unit/tiny_image.h"

static char *root;
static struct image im;
static struct err e;

static int fresh(void **s UNUSED)
{
    err_reset(&e);
    root = scratch_new();
    tiny_image_put(root, TINY_SYSTEM, tiny_system());
    return 0;
}

static int done(void **s UNUSED)
{
    image_free(&im);
    scratch_drop(root);
    return 0;
}

static void look(void)
{
    image_free(&im);
    err_reset(&e);
    assert_int_equal(image_open(root, &im, &e), 0);
    assert_int_equal(image_inspect(&im, NULL, &e), 0);
}

/* The code that this image ends with. */
static uint32_t refusal(void)
{
    err_reset(&e);
    return image_usable(&im, false, &e) == 0 ? 0 : e.code;
}

static uint32_t opening(const char *path)
{
    struct image other;
    AUTOFREE char *full = xasprintf("%s%s", root, path);
    err_reset(&e);
    if (image_open(full, &other, &e) != 0)
        return e.code;
    image_free(&other);
    return 0;
}

static void test_found(void **s UNUSED)
{
    assert_int_equal(opening(""), 0);
    assert_int_equal(opening("/"), 0);
    assert_int_equal(opening("/Windows"), 0);
    assert_int_equal(opening("/Windows/"), 0);
    assert_int_equal(opening("/Windows/System32"), 87);
    assert_int_equal(opening(TINY_SYSTEM), 87);
    assert_int_equal(opening("/nowhere"), 87);
    assert_int_equal(e.cause, CAUSE_IMAGE_NOT_WINDOWS);
    scratch_put(root, "/other/Windows/explorer.exe", "x", 0644);
    assert_int_equal(opening("/other"), 87);
    look();
    assert_string_equal(im.windows, "/Windows");
    assert_string_equal(im.system, TINY_SYSTEM);
    assert_string_equal(im.software, "");
}

static void test_any_case(void **s UNUSED)
{
    tiny_image_put(root, "/two/WINDOWS/system32/Config/system", tiny_system());
    AUTOFREE char *two = xasprintf("%s/two", root);
    assert_int_equal(image_open(two, &im, &e), 0);
    assert_string_equal(im.system, "/WINDOWS/system32/Config/system");
    AUTOFREE char *found = image_find(im.host, "", "windows\\SYSTEM32/CONFIG\\SyStEm");
    assert_string_equal(found, im.system);
    assert_null(image_find(im.host, "", "windows\\..\\windows"));
    AUTOFREE char *inside = image_windows_path(&im, "%WinDir%\\system32\\config");
    assert_string_equal(inside, im.config);
    AUTOFREE char *drive = image_windows_path(&im, "C:\\windows\\System32");
    assert_string_equal(drive, "/WINDOWS/system32");
    assert_null(image_windows_path(&im, "C:\\Users\\x"));
    assert_null(image_windows_path(&im, "\\\\server\\share\\windows\\x"));
    assert_null(image_windows_path(&im, "%windir%\\none"));
}

/* A hostile image's links stay inside it. */
static void test_links_stay_inside(void **s UNUSED)
{
    AUTOFREE char *target = xasprintf("%s/Windows", root);
    scratch_put(root, "/evil/x", "", 0644);
    scratch_link(root, target, "/evil/Windows");
    assert_int_equal(opening("/evil"), 87);
    scratch_unlink(root, "/evil/Windows");
    scratch_link(root, "../../Windows", "/evil/Windows");
    assert_int_equal(opening("/evil"), 87);
}

static void test_system_alone(void **s UNUSED)
{
    look();
    assert_true(im.inspected);
    assert_int_equal(im.control_set, 1);
    assert_string_equal(im.product_type, "WinNT");
    assert_string_equal(im.version, "10.0.19041.1");
    assert_int_equal(im.major, 10);
    assert_int_equal(im.build, 19041);
    assert_string_equal(im.arch, "amd64");
    assert_string_equal(im.name, "DESKTOP-TINY");
    assert_string_equal(im.edition, "");
    assert_string_equal(im.image_state, "");
    assert_int_equal(im.joined, IMAGE_UNKNOWN);
    assert_int_equal(im.pending, IMAGE_NO);
    assert_int_equal(im.hibernated, IMAGE_NO);
    assert_false(im.read_only);
    assert_int_equal(im.setup.ready, IMAGE_YES);
    assert_int_equal(refusal(), 0);
    AUTOFREE char *title = image_title(&im);
    assert_string_equal(title, "Windows 10.0, 19041");
}

static void test_all_hives(void **s UNUSED)
{
    tiny_image_put(root, TINY_SOFTWARE, tiny_software("IMAGE_STATE_COMPLETE"));
    tiny_image_put(root, TINY_SECURITY, tiny_security());
    look();
    assert_string_equal(im.product, "Windows 10 Pro");
    assert_string_equal(im.edition, "Professional");
    assert_string_equal(im.version, "10.0.19041.1");
    assert_string_equal(im.image_state, "IMAGE_STATE_COMPLETE");
    assert_int_equal(im.joined, IMAGE_NO);
    assert_int_equal(refusal(), 0);
}

static void test_windows_eleven(void **s UNUSED)
{
    struct tiny *t = tiny_software("IMAGE_STATE_COMPLETE");
    tiny_text(t, "Microsoft\\Windows NT\\CurrentVersion", "CurrentBuildNumber", "22631");
    tiny_image_put(root, TINY_SOFTWARE, t);
    look();
    assert_string_equal(im.product, "Windows 11 Pro");
}

static void test_broken_others_are_unknown(void **s UNUSED)
{
    scratch_put(root, TINY_SOFTWARE, "regf but not more", 0644);
    scratch_put(root, TINY_SECURITY, "", 0644);
    look();
    assert_string_equal(im.edition, "");
    assert_int_equal(im.joined, IMAGE_UNKNOWN);
    assert_int_equal(refusal(), 0);
}

/* ---- verdicts, in the order in which they decide --------------------------------------------- */

static void make_system(void (*change)(struct tiny *))
{
    struct tiny *t = tiny_system();
    change(t);
    tiny_image_put(root, TINY_SYSTEM, t);
}

static void mark_dc(struct tiny *t)
{
    tiny_text(t, "ControlSet001\\Control\\ProductOptions", "ProductType", "LanmanNT");
}

static void mark_old(struct tiny *t)
{
    tiny_text(t, "Setup\\Service Reporting API\\Components\\CoreOS", "Version", "6.0.6002.18005");
}

static void mark_joined(struct tiny *t)
{
    tiny_u32(t, "ControlSet001\\Services\\Netlogon", "Start", 2);
    tiny_text(t, "ControlSet001\\Services\\Tcpip\\Parameters", "NV Domain", "old.example.com");
}

static void mark_pending(struct tiny *t)
{
    tiny_key(t, "ControlSet001\\Services\\Netlogon\\JoinDomain");
}

static void mark_cloud(struct tiny *t)
{
    tiny_key(t, "ControlSet001\\Control\\CloudDomainJoin\\JoinInfo\\4F2A");
}

static void hibernate(void)
{
    scratch_put(root, "/hiberfil.sys", "HIBR and so on", 0600);
}

static void everything(struct tiny *t)
{
    mark_dc(t);
    mark_old(t);
    mark_joined(t);
    mark_pending(t);
}

static void no_select(struct tiny *t)
{
    everything(t);
    tiny_u32(t, "Select", "Default", 2); /* there is no ControlSet002 */
}

static void make_dirty(void)
{
    struct buf b;
    tiny_image_get(root, TINY_SYSTEM, &b);
    b.data[4]++;
    tiny_seal(b.data);
    tiny_image_file(root, TINY_SYSTEM, b.data, b.len);
    buf_free(&b);
}

static void old_and_later(struct tiny *t)
{
    mark_old(t);
    mark_joined(t);
}

/* Each with all the later ones present as well. */
static void test_order(void **s UNUSED)
{
    hibernate();
    make_system(no_select);
    make_dirty();
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 2717);
    assert_int_equal(e.cause, CAUSE_IMAGE_DIRTY);

    make_system(no_select);
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 87);
    assert_int_equal(e.cause, CAUSE_HIVE_NOT_SYSTEM);

    make_system(everything);
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 50);
    assert_int_equal(e.cause, CAUSE_IMAGE_IS_DC);

    make_system(old_and_later);
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 2723);

    make_system(mark_joined);
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 2691);
    assert_string_equal(err_fact_get(&e, FACT_DOMAIN), "old.example.com");

    make_system(mark_pending);
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 2691);
    assert_int_equal(e.cause, CAUSE_IMAGE_PENDING);

    make_system(mark_cloud);
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 2700);

    tiny_image_put(root, TINY_SYSTEM, tiny_system());
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 32);

    scratch_unlink(root, "/hiberfil.sys");
    look();
    im.read_only = im.host->live = true;
    assert_int_equal(refusal(), 19);

    im.read_only = false;
    assert_int_equal(refusal(), 87);
    assert_int_equal(e.cause, CAUSE_IMAGE_IS_RUNNING);
    err_reset(&e);
    assert_int_equal(image_usable(&im, true, &e), 0);
    im.host->live = false;
    assert_int_equal(refusal(), 0);
}

static void test_editions(void **s UNUSED)
{
    static const char *const home[] = {"Core", "CoreN", "CoreSingleLanguage", "StarterN",
                                       "HomePremium"};
    static const char cv[] = "Microsoft\\Windows NT\\CurrentVersion";
    struct tiny *t;
    for (size_t i = 0; i < ARRAY_SIZE(home); i++) {
        t = tiny_software("IMAGE_STATE_COMPLETE");
        tiny_text(t, cv, "EditionID", home[i]);
        tiny_image_put(root, TINY_SOFTWARE, t);
        look();
        assert_int_equal(refusal(), 2698);
    }
    t = tiny_software("IMAGE_STATE_COMPLETE");
    tiny_text(t, cv, "EditionID", "ServerStandard");
    tiny_image_put(root, TINY_SOFTWARE, t);
    look();
    assert_int_equal(refusal(), 0);
    t = tiny_software("IMAGE_STATE_COMPLETE");
    tiny_text(t, cv, "InstallationType", "WindowsPE");
    tiny_image_put(root, TINY_SOFTWARE, t);
    look();
    assert_int_equal(refusal(), 50);
}

static void test_security_decides(void **s UNUSED)
{
    make_system(mark_joined);
    tiny_image_put(root, TINY_SECURITY, tiny_security());
    look();
    assert_int_equal(im.joined, IMAGE_NO); /* a DNS suffix set by hand */
    struct tiny *t = tiny_security();
    tiny_data(t, "Policy\\PolPrDmS", "", 0, "\1\4\0\0\0\0\0\5", 8);
    tiny_image_put(root, TINY_SECURITY, t);
    look();
    assert_int_equal(im.joined, IMAGE_YES);
    t = tiny_security();
    tiny_key(t, "Policy\\Secrets\\$MACHINE.ACC");
    tiny_image_put(root, TINY_SECURITY, t);
    look();
    assert_int_equal(im.joined, IMAGE_YES);
}

static void test_hibernation(void **s UNUSED)
{
    scratch_put(root, "/HiberFil.SYS", "hibr", 0600);
    look();
    assert_int_equal(im.hibernated, IMAGE_YES);
    scratch_put(root, "/HiberFil.SYS", "wake", 0600);
    look();
    assert_int_equal(im.hibernated, IMAGE_NO);
    hibernate(); /* now there are two, told apart by case: the usual one counts */
    look();
    assert_int_equal(im.hibernated, IMAGE_YES);
    /* With the Windows directory as the path, the file is above it. */
    AUTOFREE char *windows = xasprintf("%s/Windows", root);
    image_free(&im);
    assert_int_equal(image_open(windows, &im, &e), 0);
    assert_int_equal(image_inspect(&im, NULL, &e), 0);
    assert_int_equal(im.hibernated, IMAGE_YES);
    assert_string_equal(im.system, "/System32/config/SYSTEM");
}

static void put_log(const char *path, uint32_t entry_seq)
{
    unsigned char p[1024] = "regf";
    p[4] = p[8] = (unsigned char)entry_seq;
    p[28] = 6;
    tiny_seal(p);
    memcpy(p + 512, "HvLE\0\2\0\0", 8);
    p[512 + 12] = (unsigned char)entry_seq;
    tiny_image_file(root, path, p, sizeof p);
}

static void test_logs(void **s UNUSED)
{
    scratch_put(root, TINY_CONFIG "/SYSTEM.LOG1", "", 0644);
    put_log(TINY_CONFIG "/SYSTEM.LOG2", 6);
    look();
    assert_int_equal(refusal(), 0);
    put_log(TINY_CONFIG "/system.log1", 7);
    scratch_unlink(root, TINY_CONFIG "/SYSTEM.LOG1");
    look();
    assert_int_equal(refusal(), 2717);
    assert_string_equal(err_fact_get(&e, FACT_FILE), TINY_CONFIG "/SYSTEM.LOG1");
    /* One that cannot be read may hold anything. */
    scratch_unlink(root, TINY_CONFIG "/system.log1");
    look();
    assert_int_equal(refusal(), 0);
    scratch_link(root, "SYSTEM.LOG1", TINY_CONFIG "/SYSTEM.LOG1");
    look();
    assert_int_equal(refusal(), 2717);
}

static void test_damaged_system(void **s UNUSED)
{
    scratch_put(root, TINY_SYSTEM, "MZ is not a hive", 0644);
    look();
    assert_int_equal(refusal(), 87);
    scratch_put(root, TINY_SYSTEM, "", 0644);
    look();
    assert_int_equal(refusal(), 87);
    struct buf b;
    make_system(mark_dc);
    tiny_image_get(root, TINY_SYSTEM, &b);
    tiny_image_file(root, TINY_SYSTEM, b.data, b.len - 4096);
    buf_free(&b);
    look();
    assert_int_equal(refusal(), 2717);
    assert_int_equal(e.cause, CAUSE_HIVE_DAMAGED);
}

static void test_next_control_set(void **s UNUSED)
{
    struct tiny *t = tiny_system();
    tiny_u32(t, "Select", "Default", 3);
    tiny_text(t, "ControlSet003\\Control\\ProductOptions", "ProductType", "LanmanNT");
    tiny_image_put(root, TINY_SYSTEM, t);
    look();
    assert_int_equal(im.control_set, 3);
    assert_int_equal(refusal(), 50);
}

struct seen {
    enum check check[32];
    enum verdict verdict[32];
    size_t n;
};

static void note(void *arg, enum check check, enum verdict verdict, const struct err *why)
{
    struct seen *seen = arg;
    assert_true(seen->n < 32);
    assert_int_equal(verdict == VERDICT_FAIL, why->code != 0);
    seen->check[seen->n] = check;
    seen->verdict[seen->n++] = verdict;
}

static void test_verdicts(void **s UNUSED)
{
    struct seen all = {0};
    tiny_image_put(root, TINY_SOFTWARE, tiny_software("IMAGE_STATE_COMPLETE"));
    look();
    image_verdicts(&im, false, note, &all);
    assert_int_equal(all.n, 14);
    for (size_t i = 0; i < all.n; i++)
        assert_int_equal(all.verdict[i],
                         all.check[i] == CHECK_IMAGE_JOINED ? VERDICT_SKIPPED : VERDICT_OK);
    make_dirty();
    look();
    struct seen few = {0};
    image_verdicts(&im, false, note, &few);
    assert_int_equal(few.verdict[0], VERDICT_FAIL);
    assert_int_equal(few.verdict[2], VERDICT_SKIPPED);
}

/* ---- the way ----------------------------------------------------------------------------------
 */

static enum image_method way(enum image_method wish)
{
    enum image_method ret;
    const char *why;
    err_reset(&e);
    if (image_choose(&im, wish, &ret, &why, &e) != 0)
        return IMAGE_NO_METHOD;
    assert_true(*why != '\0');
    return ret;
}

static void test_way_set_up(void **s UNUSED)
{
    tiny_image_put(root, TINY_SOFTWARE, tiny_software("IMAGE_STATE_COMPLETE"));
    look();
    assert_int_equal(way(IMAGE_NO_METHOD), IMAGE_FIRSTBOOT);
    assert_int_equal(way(IMAGE_FIRSTBOOT), IMAGE_FIRSTBOOT);
    assert_int_equal(way(IMAGE_UNATTEND), IMAGE_NO_METHOD);
    assert_int_equal(e.cause, CAUSE_IMAGE_METHOD_UNFIT);
    tiny_image_put(root, TINY_SOFTWARE, tiny_software("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"));
    look();
    assert_int_equal(way(IMAGE_NO_METHOD), IMAGE_UNATTEND);
    assert_int_equal(way(IMAGE_UNATTEND), IMAGE_UNATTEND);
    assert_int_equal(way(IMAGE_FIRSTBOOT), IMAGE_NO_METHOD);
    tiny_image_put(root, TINY_SOFTWARE, tiny_software("IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE"));
    look();
    enum image_method method;
    const char *why;
    assert_int_equal(image_choose(&im, IMAGE_NO_METHOD, &method, &why, &e), 0);
    assert_int_equal(method, IMAGE_UNATTEND);
    assert_non_null(strstr(why, "sysprep"));
}

static void busy_type(struct tiny *t)
{
    tiny_u32(t, "Setup", "SetupType", 2);
}
static void busy_line(struct tiny *t)
{
    tiny_text(t, "Setup", "CmdLine", "oobe\\windeploy.exe");
}
static void busy_setup(struct tiny *t)
{
    tiny_u32(t, "Setup", "SystemSetupInProgress", 1);
}
static void busy_oobe(struct tiny *t)
{
    tiny_u32(t, "Setup", "OOBEInProgress", 1);
}
static void busy_odd(struct tiny *t)
{
    tiny_text(t, "Setup", "SetupType", "0");
}

static void test_way_busy(void **s UNUSED)
{
    static void (*const busy[])(struct tiny *) = {busy_type, busy_line, busy_setup, busy_oobe,
                                                  busy_odd};
    look();
    assert_int_equal(way(IMAGE_NO_METHOD), IMAGE_FIRSTBOOT);
    for (size_t i = 0; i < ARRAY_SIZE(busy); i++) {
        make_system(busy[i]);
        look();
        assert_int_equal(way(IMAGE_NO_METHOD), IMAGE_UNATTEND);
        assert_int_equal(way(IMAGE_FIRSTBOOT), IMAGE_NO_METHOD);
        assert_int_equal(e.code, 50);
        tiny_image_put(root, TINY_SOFTWARE, tiny_software("IMAGE_STATE_COMPLETE"));
        look();
        assert_int_equal(way(IMAGE_NO_METHOD), IMAGE_NO_METHOD);
        assert_int_equal(e.cause, CAUSE_IMAGE_SETUP_BUSY);
        scratch_unlink(root, TINY_SOFTWARE);
    }
}

static void test_described(void **s UNUSED)
{
    struct image_view v;
    look();
    image_describe(&im, false, IMAGE_NO_METHOD, &v);
    AUTOFREE char *windows = xasprintf("%s/Windows", root);
    assert_string_equal(v.windows, windows);
    assert_int_equal(v.method, IMAGE_FIRSTBOOT);
    assert_int_equal(v.err.code, 0);
    image_view_free(&v);
    make_system(mark_dc);
    look();
    image_describe(&im, false, IMAGE_NO_METHOD, &v);
    assert_int_equal(v.err.code, 50);
    assert_int_equal(v.method, IMAGE_NO_METHOD);
    image_view_free(&v);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(test_found),
        T(test_any_case),
        T(test_links_stay_inside),
        T(test_system_alone),
        T(test_all_hives),
        T(test_windows_eleven),
        T(test_broken_others_are_unknown),
        T(test_order),
        T(test_editions),
        T(test_security_decides),
        T(test_hibernation),
        T(test_logs),
        T(test_damaged_system),
        T(test_next_control_set),
        T(test_verdicts),
        T(test_way_set_up),
        T(test_way_busy),
        T(test_described),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
