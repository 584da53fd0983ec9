/* The scripted engine's part of offline enrolment. */
#include <string.h>

#include "engine/base/strv.h"
#include "tests/ui/fake_int.h"

static void row(struct engine *e, enum job job, int i, enum row_state state, enum cause cause)
{
    struct engine_msg *m = fake_msg(e, MSG_ROW, job);
    m->u.row = (struct row_view){.index = (size_t)i,
                                 .line = (unsigned)i + 2,
                                 .state = state,
                                 .name = xasprintf("BRANCH-%02d", i + 1),
                                 .ou = xstrdup(i ? "" : "OU=Kiosks,DC=corp,DC=example,DC=com"),
                                 .description = xstrdup(""),
                                 .output = xasprintf("/media/usb/BRANCH-%02d.p7m", i + 1)};
    if (cause != CAUSE_NONE)
        (void)err_cause(&m->u.row.err, cause);
}

static int machines(void)
{
    return fake.machines ? fake.machines : 5;
}

void fake_list(struct engine *e)
{
    for (int i = 0; i < machines(); i++)
        row(e, JOB_LIST, i, i == 1 ? ROW_BEFORE : ROW_WAITING,
            i % 3 == 2 && fake.row ? fake.row : CAUSE_NONE);
    fake_done(e, JOB_LIST, fake.open);
}

static void rate(struct engine *e, size_t made, size_t failed, int left_s)
{
    struct engine_msg *m = fake_msg(e, MSG_RATE, JOB_RUN);
    m->u.rate = (struct rate_view){.done = made,
                                   .failed = failed,
                                   .total = (size_t)machines(),
                                   .per_minute = 1200,
                                   .left_s = left_s};
}

/* Every third machine fails when the run does; held in the middle. */
void fake_run_list(struct engine *e)
{
    enum cause cause = fake.run != CAUSE_NONE ? fake.run : CAUSE_NAME_TAKEN;
    size_t failed = 0, ended = 0;
    fake_step(e, STEP_BATCH, STEP_RUNNING, NULL);
    for (int i = 0; i < machines(); i++) {
        bool bad = i % 3 == 2 && (fake.run != CAUSE_NONE || fake.hold);
        if (fake.hold && i == 3) {
            row(e, JOB_RUN, i, ROW_RUNNING, CAUSE_NONE);
            rate(e, ended, failed, 9);
            e->held_run = true;
            return;
        }
        failed += bad;
        ended += !bad;
        row(e, JOB_RUN, i,
            bad      ? ROW_FAILED
            : i == 1 ? ROW_BEFORE
                     : ROW_DONE,
            bad ? cause : CAUSE_NONE);
    }
    rate(e, ended, failed, 0);
    fake_step(e, STEP_BATCH, STEP_OK, NULL);
    fake_finish_run(e, fake.run);
}

static void volume(struct engine *e, const char *path, enum system_kind kind, const char *system,
                   const char *blob)
{
    struct engine_msg *m = fake_msg(e, MSG_VOLUME, JOB_VOLUMES);
    m->u.volume = (struct volume_view){.path = xstrdup(path),
                                       .device = xstrdup("/dev/sdb1"),
                                       .fstype = xstrdup(blob ? "vfat" : "ntfs"),
                                       .label = xstrdup(blob ? "日本 STICK</B>" : ""),
                                       .removable = blob && strncmp(blob, "/etc/", 5) != 0,
                                       .own = blob && strncmp(blob, "/etc/", 5) == 0,
                                       .kind = kind,
                                       .system = xstrdup(system)};
    if (blob)
        strv_add(&m->u.volume.blobs, blob);
}

void fake_volumes(struct engine *e)
{
    if (!fake.no_volumes) {
        volume(e, "/media/usb", SYSTEM_NONE, "", fake.blob ? fake.blob : "/media/usb/KIOSK-07.p7m");
        if (fake.more_blob)
            volume(e, "/media/other", SYSTEM_NONE, "", fake.more_blob);
        volume(e, "/mnt/windows", SYSTEM_WINDOWS, "Windows 10 Pro, 19041", NULL);
        volume(e, "/mnt/clone", SYSTEM_LINUX, "Debian GNU/Linux 12", NULL);
    }
    fake_done(e, JOB_VOLUMES, CAUSE_NONE);
}

static bool opens(const struct engine_request *r)
{
    const struct secret *p = &r->settings->passphrase;
    return !fake.passphrase ||
           (p->len == strlen(fake.passphrase) && !memcmp(p->data, fake.passphrase, p->len));
}

void fake_open_data(struct engine *e, const struct engine_request *r)
{
    struct engine_msg *m = fake_msg(e, MSG_PACKAGE, JOB_OPEN);
    const char *file = strrchr(settings_get(r->settings, OPT_OFFLINE_INPUT), '/');
    AUTOFREE char *made_for = fake.blob || fake.more_blob
                                  ? xstrndup(file + 1, strcspn(file + 1, "."))
                                  : xstrdup("KIOSK-07");
    bool good = opens(r) && fake.open == CAUSE_NONE;
    m->u.package =
        (struct package_view){.source = xstrdup(settings_get(r->settings, OPT_OFFLINE_INPUT)),
                              .form = xstrdup("binary"),
                              .protected_form = fake.passphrase != NULL,
                              .machine = xstrdup(good ? made_for : ""),
                              .domain = xstrdup(!good              ? ""
                                                : fake.data_domain ? fake.data_domain
                                                                   : "corp.example.com"),
                              .netbios_domain = xstrdup(""),
                              .forest = xstrdup(""),
                              .controller = xstrdup(good ? "dc1.corp.example.com" : ""),
                              .site = xstrdup(good ? "Berlin" : ""),
                              .domain_sid = xstrdup(""),
                              .account_sid = xstrdup("")};
    if (!opens(r))
        (void)err_cause(&m->u.package.err, secret_is_set(&r->settings->passphrase)
                                               ? CAUSE_PASSPHRASE_WRONG
                                               : CAUSE_PASSPHRASE_MISSING);
    fake_done(e, JOB_OPEN, fake.open);
}

void fake_image(struct engine *e, const struct engine_request *r)
{
    const char *path = settings_get(r->settings, OPT_OFFLINE_IMAGE);
    bool windows = !fake.linux_image && strstr(path, "windows");
    struct engine_msg *m = fake_msg(e, MSG_IMAGE, JOB_IMAGE);
    m->u.image = (struct image_view){
        .kind = windows ? SYSTEM_WINDOWS
                : *path ? SYSTEM_LINUX
                        : SYSTEM_RUNNING,
        .path = xstrdup(path),
        .windows = xstrdup(windows ? "/mnt/windows/Windows" : ""),
        .product = xstrdup(windows ? "Windows 10" : "Debian GNU/Linux"),
        .version = xstrdup(windows ? "19041" : "12"),
        .edition = xstrdup(windows ? "Pro" : ""),
        .arch = xstrdup("amd64"),
        .setup_state = xstrdup(windows ? "IMAGE_STATE_COMPLETE" : ""),
        .name = xstrdup("OLD-NAME"),
        .method = windows ? IMAGE_FIRSTBOOT : IMAGE_NO_METHOD,
        .why = windows ? "Windows is set up, so it reads no answer file any more: "
                         "it takes the data at its next start."
                       : NULL};
    if (fake.image != CAUSE_NONE)
        (void)err_cause(&m->u.image.err, fake.image);
    fake_verdict(e, JOB_IMAGE, CHECK_PACKAGES, VERDICT_OK, CAUSE_NONE);
    fake_done(e, JOB_IMAGE, CAUSE_NONE);
}
