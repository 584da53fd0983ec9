/* Carrying out what the wizard asks for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/host/secret_file.h"
#include "ui/app/app.h"
#include "ui/app/firstboot.h"
#include "ui/app/place.h"
#include "ui/i18n/i18n.h"
#include "ui/term/term.h"

uint64_t app_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

enum cancel_effect app_cancel_effect(void *app)
{
    return engine_cancel_effect(((struct app *)app)->engine);
}

static int write_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        text += n;
        left -= (size_t)n;
    }
    return fsync(fd);
}

/* A new file beside the old one, then a rename. */
static int replace_at(int dir, const char *name, const char *text)
{
    AUTOFREE char *temporary = xasprintf(".%s.new", name);
    (void)unlinkat(dir, temporary, 0); /* of a run that was interrupted */
    int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int bad = write_all(fd, text) < 0, no = errno;
    if (close(fd) < 0 && !bad) {
        bad = 1;
        no = errno;
    }
    if (!bad && renameat(dir, temporary, dir, name) < 0) {
        bad = 1;
        no = errno;
    }
    if (bad)
        (void)unlinkat(dir, temporary, 0);
    errno = no;
    return bad ? -1 : 0;
}

int app_save(const char *root, const char *path, const char *text, struct err *e)
{
    const char *name;
    int dir = place_dir(root, path, 0755, &name);
    int r = dir < 0 ? -1 : replace_at(dir, name, text), no = errno;
    if (dir >= 0)
        close(dir);
    return r < 0 ? err_errno(e, CAUSE_FILE_WRITE_FAILED, no, path) : 0;
}

void app_restart(void)
{
    static char *const argv[] = {"systemctl", "reboot", NULL};
    static char *const envp[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, "systemctl", NULL, NULL, argv, envp) == 0)
        (void)waitpid(pid, &status, 0);
}

static void save(struct app *a, const char *text)
{
    struct err e = {0};
    struct wiz_event ev = {.kind = WIZ_SAVED, .now_ms = app_now_ms(), .text = a->config->save_path};
    if (app_save(a->config->root, a->config->save_path, text, &e) < 0)
        ev.err = &e;
    app_event(a, &ev);
}

int app_save_list(const char *path, const char *text, bool replace, struct err *e)
{
    struct stat st;
    if (!replace && lstat(path, &st) == 0)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, EEXIST, path);
    return app_save("/", path, text, e);
}

static void save_list(struct app *a, const struct effect *effect)
{
    struct err e = {0};
    struct wiz_event ev = {.kind = WIZ_LIST_SAVED, .now_ms = app_now_ms(), .text = effect->path};
    if (app_save_list(effect->path, effect->text, effect->number, &e) < 0)
        ev.err = &e;
    app_event(a, &ev);
}

/* A fixed place, never over anything but an earlier log of ours. */
static void save_log(struct app *a, const struct effect *effect)
{
    struct err e = {0};
    struct wiz_event ev = {.kind = WIZ_LOG_SAVED, .now_ms = app_now_ms(), .text = effect->path};
    if (app_save(a->config->root, effect->path, effect->text, &e) < 0)
        ev.err = &e;
    app_event(a, &ev);
}

static void read_key(struct app *a, const char *path)
{
    struct err e = {0};
    struct secret key = {0};
    struct wiz_event ev = {.kind = WIZ_KEY_READ, .now_ms = app_now_ms(), .secret = &key};
    if (secret_file_whole(path, &key, &e) < 0)
        ev.err = &e;
    app_event(a, &ev);
    secret_free(&key);
}

static void carry_out(struct app *a, struct effect *e)
{
    switch (e->kind) {
    case EFFECT_POST:
        (void)engine_post(a->engine, e->request); /* takes the contents */
        break;
    case EFFECT_CANCEL:
        engine_cancel(a->engine);
        break;
    case EFFECT_ANSWER:
        engine_answer(a->engine, e->ask_id, e->answer);
        break;
    case EFFECT_SAVE:
        save(a, e->text ? e->text : "");
        break;
    case EFFECT_SAVE_LIST:
        save_list(a, e);
        break;
    case EFFECT_READ_KEY:
        read_key(a, e->path);
        break;
    case EFFECT_WIPE_LATER:
        firstboot_wipe_later(a->config->root, e->path);
        break;
    case EFFECT_WIPE:
        a->wizard.first.wiped = firstboot_wipe_left(a->config->root);
        break;
    case EFFECT_LANGUAGE:
        (void)i18n_set_language(e->text);
        term_set_ascii(i18n_wide());
        break;
    case EFFECT_THEME:
        if (a->theme)
            a->theme(e->number);
        break;
    case EFFECT_LINES:
        a->to_lines = true;
        break;
    case EFFECT_SAVE_LOG:
        save_log(a, e);
        break;
    case EFFECT_REPAINT:
        if (a->repaint)
            a->repaint();
        break;
    case EFFECT_BEEP:
        if (a->beep)
            a->beep();
        break;
    case EFFECT_RESTART:
        a->restart = true;
        break;
    case EFFECT_QUIT:
        a->quit = true;
        a->status = e->number;
        break;
    }
}

void app_effects(struct app *a, struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++)
        carry_out(a, &fx->list[i]);
    effects_free(fx);
}

void app_begin(struct app *a)
{
    struct effects fx = {0};
    if (a->begun)
        return;
    a->begun = true;
    wizard_begin(&a->wizard, &fx);
    app_effects(a, &fx);
}

void app_event(struct app *a, const struct wiz_event *ev)
{
    struct effects fx = {0};
    wizard_event(&a->wizard, ev, &fx);
    app_effects(a, &fx);
}

void app_drain(struct app *a, uint64_t now_ms)
{
    struct engine_msg *m;
    while (!a->quit && (m = engine_next(a->engine)) != NULL) {
        struct wiz_event ev = {.kind = WIZ_ENGINE, .msg = m, .now_ms = now_ms};
        app_event(a, &ev);
        message_drop(m);
    }
}
