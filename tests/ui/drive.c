#include "tests/ui/drive.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "ui/words/words.h"

static enum cancel_effect cancel_effect(void *ctx)
{
    (void)ctx;
    return fake.effect;
}

static void effects(struct drive *d, struct effects *fx);

static void tell(struct drive *d, struct wiz_event ev)
{
    struct effects fx = {0};
    ev.now_ms = d->now;
    wizard_event(&d->w, &ev, &fx);
    effects(d, &fx);
}

static void save_list(struct drive *d, struct effect *e)
{
    struct err why = {0};
    free(d->list);
    d->list = TAKE(e->text);
    snprintf(d->list_path, sizeof d->list_path, "%s", e->path);
    if (d->save_list != CAUSE_NONE)
        (void)err_cause(&why, d->save_list);
    tell(d, (struct wiz_event){
                .kind = WIZ_LIST_SAVED, .text = d->list_path, .err = why.code ? &why : NULL});
}

static void read_key(struct drive *d)
{
    struct secret key = {0};
    if (secret_set(&key, "-----KEY-----", 13) < 0)
        abort();
    tell(d, (struct wiz_event){.kind = WIZ_KEY_READ, .secret = &key});
    secret_free(&key);
}

static void carry_out(struct drive *d, struct effect *e)
{
    switch (e->kind) {
    case EFFECT_POST:
        (void)engine_post(d->engine, e->request);
        break;
    case EFFECT_CANCEL:
        engine_cancel(d->engine);
        break;
    case EFFECT_ANSWER:
        engine_answer(d->engine, e->ask_id, e->answer);
        break;
    case EFFECT_SAVE:
        free(d->saved);
        d->saved = TAKE(e->text);
        d->saves++;
        break;
    case EFFECT_SAVE_LIST:
        save_list(d, e);
        break;
    case EFFECT_READ_KEY:
        read_key(d);
        break;
    case EFFECT_LANGUAGE:
        snprintf(d->language, sizeof d->language, "%s", e->text);
        break;
    case EFFECT_WIPE_LATER:
        snprintf(d->to_wipe, sizeof d->to_wipe, "%s", e->path);
        break;
    case EFFECT_WIPE:
        d->wipes++;
        d->w.first.wiped = true;
        break;
    case EFFECT_BEEP:
        d->beeps++;
        break;
    case EFFECT_RESTART:
        d->restarts++;
        break;
    case EFFECT_QUIT:
        d->quit = true;
        d->status = e->number;
        break;
    case EFFECT_LINES:
        d->lines = true;
        break;
    case EFFECT_SAVE_LOG:
        free(d->saved);
        d->saved = TAKE(e->text);
        tell(d, (struct wiz_event){.kind = WIZ_LOG_SAVED, .text = e->path});
        break;
    case EFFECT_THEME:
    case EFFECT_REPAINT:
        break;
    }
}

static void effects(struct drive *d, struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++)
        carry_out(d, &fx->list[i]);
    effects_free(fx);
}

void drive_drain(struct drive *d)
{
    struct engine_msg *m;
    while ((m = engine_next(d->engine)) != NULL) {
        struct effects fx = {0};
        struct wiz_event ev = {.kind = WIZ_ENGINE, .msg = m, .now_ms = d->now};
        wizard_event(&d->w, &ev, &fx);
        effects(d, &fx);
        message_drop(m);
    }
}

void drive_event(struct drive *d, struct wiz_event ev)
{
    struct effects fx = {0};
    ev.now_ms = d->now;
    wizard_event(&d->w, &ev, &fx);
    effects(d, &fx);
    drive_drain(d);
}

static struct drive *start(const char *ini, const char *password, bool first)
{
    static const char *const codes[] = {"en", "de"};
    struct drive *d = xcalloc(1, sizeof *d);
    struct settings s;
    struct err e = {0};
    struct effects fx = {0};
    d->now = 1000;
    d->link = (struct view_link){&d->view, &d->w};
    struct wizard_ops ops = {&d->link, view_row, cancel_effect, view_text};
    settings_init(&s);
    if (ini && settings_load_ini(&s, ini, strlen(ini), ORIGIN_FILE, &e) < 0)
        abort();
    struct engine_config config = {.root = "/"};
    wizard_set_languages(codes, 2);
    d->view.function_keys = true;
    if (password && secret_set(&s.password, password, strlen(password)) < 0)
        abort();
    if (engine_open(&d->engine, &config, &e) < 0 || wizard_init(&d->w, &s, &ops) < 0)
        abort();
    settings_free(&s);
    d->w.log_path = "/var/log/joinery/joinery.log";
    if (first)
        wizard_first_boot(&d->w);
    wizard_begin(&d->w, &fx);
    effects(d, &fx);
    drive_drain(d);
    return d;
}

struct drive *drive_start(const char *ini)
{
    return start(ini, NULL, false);
}

struct drive *drive_first_boot(const char *ini, const char *password)
{
    return start(ini, password, true);
}

void drive_free(struct drive *d)
{
    wizard_free(&d->w);
    engine_close(d->engine);
    view_free(&d->view);
    free(d->saved);
    free(d->list);
    free(d);
}

void drive_key(struct drive *d, enum action a)
{
    drive_event(d, (struct wiz_event){.kind = WIZ_KEY, .action = a});
}

void drive_type(struct drive *d, const char *text)
{
    for (; *text; text++) {
        char one[2] = {*text, '\0'};
        drive_event(d, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_CHAR, .text = one});
    }
}

void drive_press(struct drive *d, enum button b)
{
    drive_event(d, (struct wiz_event){.kind = WIZ_PRESS, .button = b});
}

void drive_focus(struct drive *d, int id)
{
    drive_event(d, (struct wiz_event){.kind = WIZ_FOCUS, .focus = id});
}

void drive_pass(struct drive *d, unsigned ms)
{
    for (unsigned passed = 0; passed < ms; passed += 100) {
        d->now += 100;
        if (wizard_tick_ms(&d->w))
            drive_event(d, (struct wiz_event){.kind = WIZ_TICK});
    }
}

void drive_to(struct drive *d, enum page p)
{
    for (int guard = 0; d->w.page != p && guard < 20; guard++) {
        if (d->w.page == PAGE_DOMAIN && !*settings_get(&d->w.settings, OPT_DOMAIN)) {
            drive_focus(d, FLD_DOMAIN);
            drive_type(d, "corp.example.com");
        }
        if (d->w.page == PAGE_CREDENTIALS && !wizard_as_machine(&d->w) &&
            !*settings_get(&d->w.settings, OPT_ACCOUNT)) {
            drive_focus(d, FLD_ACCOUNT);
            drive_type(d, "joiner");
            drive_focus(d, FLD_PASSWORD);
            drive_type(d, "s3cret-word");
        }
        if (d->w.page == PAGE_NAME && wizard_flow(&d->w) == FLOW_PROVISION &&
            !*settings_get(&d->w.settings, OPT_MACHINE_NAME)) {
            drive_focus(d, FLD_NAME);
            drive_type(d, "kiosk-09");
        }
        if (d->w.page == PAGE_PACKAGE && !d->w.offline.passphrase_kept &&
            drive_visible(d, FLD_PASSPHRASE)) {
            drive_focus(d, FLD_PASSPHRASE);
            drive_type(d, "open sesame");
            drive_focus(d, FLD_PASSPHRASE_AGAIN);
            drive_type(d, "open sesame");
        }
        if (d->w.page == PAGE_DATA && !*settings_get(&d->w.settings, OPT_OFFLINE_INPUT)) {
            drive_focus(d, FLD_INPUT);
            drive_type(d, "/media/usb/KIOSK-07.p7m");
        }
        if (p == PAGE_DISPLAY)
            drive_key(d, ACT_SETTINGS);
        else
            drive_press(d, BTN_NEXT);
    }
}

struct drive *drive_at(const char *ini, enum page p)
{
    struct drive *d = drive_start(ini);
    drive_to(d, p);
    if (d->w.page != p) {
        fprintf(stderr, "page %s was not reached, but %s\n", page_name(p), page_name(d->w.page));
        abort();
    }
    return d;
}

const char *drive_value(const struct drive *d, enum opt o)
{
    return settings_get(&d->w.settings, o);
}

void drive_empty(struct drive *d, enum field f)
{
    drive_focus(d, (int)f);
    while (*d->w.edit[f].text)
        drive_key(d, ACT_BACKSPACE);
}

void drive_retype(struct drive *d, enum field f, const char *text)
{
    drive_empty(d, f);
    drive_type(d, text);
}

void drive_into(struct drive *d, enum field f, const char *text)
{
    drive_focus(d, (int)f);
    drive_type(d, text);
}

void drive_paste(struct drive *d, const char *text)
{
    for (; *text; text++) {
        char one[2] = {*text, '\0'};
        drive_event(d, (struct wiz_event){
                           .kind = WIZ_KEY, .action = ACT_CHAR, .text = one, .pasted = true});
    }
}

void drive_select(struct drive *d, enum field f, size_t row)
{
    drive_focus(d, (int)f);
    drive_event(d, (struct wiz_event){
                       .kind = WIZ_SELECT, .focus = (int)f, .index = row, .how = LIST_MOVED});
}

struct canvas *drive_draw(struct drive *d, int rows, int cols)
{
    struct canvas *c = canvas_new(rows, cols);
    char why[200];
    view_draw(&d->view, &d->w, c);
    bool small = rows < VIEW_MIN_ROWS || cols < VIEW_MIN_COLS;
    if (!canvas_check(c, small, why, sizeof why)) {
        AUTOFREE char *text = canvas_dump_text(c), *roles = canvas_dump_roles(c);
        fprintf(stderr, "page %s, focus %d, overlay %d at %dx%d: %s\n%s\n%s\n",
                page_name(d->w.page), d->w.focus, (int)d->w.overlay, cols, rows, why, text, roles);
        canvas_free(c);
        return NULL;
    }
    return c;
}

bool drive_shows(struct drive *d, const char *text)
{
    struct canvas *c = drive_draw(d, 24, 80);
    if (!c)
        return false;
    AUTOFREE char *dump = canvas_dump_text(c);
    bool found = strstr(dump, text) != NULL;
    if (!found)
        fprintf(stderr, "not on the page: %s\n%s\n", text, dump);
    canvas_free(c);
    return found;
}

static bool blank(const struct secret *s)
{
    for (size_t i = 0; s->data && i < s->cap; i++) {
        if (s->data[i])
            return false;
    }
    return true;
}

bool drive_no_secret(const struct drive *d)
{
    return blank(&d->w.password.value) && blank(&d->w.settings.password) &&
           blank(&d->w.offline.passphrase.value) && blank(&d->w.offline.again.value) &&
           blank(&d->w.offline.opener.value) && blank(&d->w.settings.passphrase) &&
           blank(&d->w.settings.recipient_key);
}

struct drive *drive_in_mode(enum mode m, enum member_state member)
{
    fake.member = member;
    struct drive *d = drive_start(NULL);
    d->w.mode = m;
    drive_key(d, ACT_NEXT_PAGE);
    return d;
}

bool drive_has_button(const struct drive *d, enum button b)
{
    enum button list[BTN__COUNT];
    size_t n = wizard_buttons(&d->w, list, BTN__COUNT);
    for (size_t i = 0; i < n; i++) {
        if (list[i] == b)
            return true;
    }
    return false;
}

bool drive_visible(const struct drive *d, enum field f)
{
    enum field list[FLD__COUNT];
    size_t n = wizard_fields(&d->w, d->w.page, list, FLD__COUNT);
    for (size_t i = 0; i < n; i++) {
        if (list[i] == f)
            return true;
    }
    return false;
}
