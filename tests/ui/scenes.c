#include "tests/ui/scenes.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "tests/ui/fake_engine.h"

struct show {
    scene_fn fn;
    void *ctx;
};

static void show(const struct show *s, struct drive *d, const char *format, const char *detail)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s%s", format, *detail ? ": " : "", detail);
    s->fn(s->ctx, name, d);
}

static enum mode mode_of(enum page p)
{
    switch (p) {
    case PAGE_LEAVE:
        return MODE_LEAVE;
    case PAGE_STATUS:
        return MODE_STATUS;
    case PAGE_RENAME:
        return MODE_RENAME;
    case PAGE_WORKGROUP:
        return MODE_WORKGROUP;
    case PAGE_CHECKS:
        return MODE_CHECK;
    case PAGE_MACHINES:
    case PAGE_PACKAGE:
    case PAGE_PARTS:
        return MODE_PROVISION;
    case PAGE_DATA:
    case PAGE_TARGET:
        return MODE_APPLY;
    default:
        return MODE_JOIN;
    }
}

struct drive *scene_page(enum page p)
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
    d->w.mode = mode_of(p);
    drive_to(d, p);
    return d;
}

/* ---- pages, with the focus on everything and the help of everything ---- */

static void with_help(const struct show *s, struct drive *d, const char *name)
{
    int ids[64];
    size_t n = wizard_focusables(&d->w, ids, ARRAY_SIZE(ids));
    show(s, d, name, "");
    for (size_t i = 0; i < n; i++) {
        char what[64];
        drive_focus(d, ids[i]);
        snprintf(what, sizeof what, "%s",
                 ids[i] < FLD__COUNT ? field_name((enum field)ids[i]) : "button");
        if (i)
            show(s, d, name, what);
        drive_key(d, ACT_HELP);
        if (d->w.overlay == OVER_HELP) {
            show(s, d, name, "help");
            drive_key(d, ACT_END);
            show(s, d, name, "end of the help");
            drive_key(d, ACT_BACK);
        }
    }
}

static void pages(const struct show *s)
{
    for (enum page p = 0; p < PAGE__COUNT; p++) {
        struct drive *d = scene_page(p);
        with_help(s, d, page_name(p));
        drive_key(d, ACT_LOG);
        show(s, d, page_name(p), "log");
        drive_key(d, ACT_BACK);
        drive_key(d, ACT_CANCEL);
        show(s, d, page_name(p), "cancel");
        drive_free(d);
    }
}

#define PREPARE "[enrollment]\noperation = provision\n"
#define APPLY   "[enrollment]\noperation = apply\n"
#define LIST    PREPARE "[offline]\nbatch = /media/usb/branch.csv\n"
#define ALONE   "[options]\njoin_unsecure = yes\n"
#define PASSED  ALONE "machine_pwd_passed = yes\n[machine]\noverride_reuse_policy = yes\n"

static void flows(const struct show *s)
{
    static const struct {
        const char *name, *ini;
        enum page page;
    } rows[] = {
        {"MACHINES prepare", PREPARE, PAGE_MACHINES},
        {"MACHINES list", LIST, PAGE_MACHINES},
        {"PACKAGE", PREPARE, PAGE_PACKAGE},
        {"PACKAGE unprotected", LIST "format = text\n", PAGE_PACKAGE},
        {"PARTS", PREPARE, PAGE_PARTS},
        {"FLAGS prepare", PREPARE, PAGE_FLAGS},
        {"REVIEW prepare", PREPARE "[offline]\nformat = binary\n", PAGE_REVIEW},
        {"RESULT prepare", PREPARE, PAGE_RESULT},
        {"PROGRESS list", LIST, PAGE_PROGRESS},
        {"RESULT list", LIST, PAGE_RESULT},
        {"DATA", APPLY "[offline]\ninput = /media/usb/KIOSK-07.p7m\n", PAGE_DATA},
        {"TARGET windows", APPLY "[offline]\nimage = /mnt/windows\n", PAGE_TARGET},
        {"HOST apply", APPLY "[offline]\nimage = /mnt/clone\n", PAGE_HOST},
        {"REVIEW apply", APPLY "[offline]\nimage = /mnt/clone\n", PAGE_REVIEW},
        {"RESULT apply", APPLY "[offline]\nimage = /mnt/clone\n", PAGE_RESULT},
        {"CREDENTIALS alone", ALONE, PAGE_CREDENTIALS},
        {"NAME alone", ALONE, PAGE_NAME},
        {"REVIEW alone", ALONE, PAGE_REVIEW},
        {"CREDENTIALS passed", PASSED, PAGE_CREDENTIALS},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fake_reset();
        fake.live = true;
        fake.hold = rows[i].page == PAGE_PROGRESS;
        struct drive *d = drive_start(rows[i].ini);
        drive_to(d, rows[i].page);
        with_help(s, d, rows[i].name);
        drive_free(d);
    }
}

/* ---- a machine's first start ---- */

#define FIRST                                                                                      \
    "[enrollment]\noperation = join\n[domain]\nname = corp.example.com\n"                          \
    "[credentials]\naccount = joiner\n[ui]\nkiosk = yes\n"

static void first_boots(const struct show *s)
{
    static const struct {
        const char *name, *ini, *blob, *passphrase, *other;
        enum cause run;
        bool hold;
    } rows[] = {
        {"FIRST waiting", FIRST, NULL, NULL, NULL, CAUSE_NO_DNS_SERVER, false},
        {"FIRST refused", FIRST, NULL, NULL, NULL, CAUSE_KDC_WRONG_PASSWORD, false},
        {"FIRST failed", FIRST, NULL, NULL, NULL, CAUSE_NAME_TAKEN, false},
        {"FIRST done", FIRST, NULL, NULL, NULL, CAUSE_NONE, false},
        {"FIRST data", "", "/etc/joinery/KIOSK-07.odj", NULL, NULL, CAUSE_NONE, true},
        {"FIRST passphrase", "", NULL, "three small words", NULL, CAUSE_NONE, false},
        {"FIRST several", "", "/media/usb/OTHER-02.odj", NULL, "/media/other/OTHER-01.odj",
         CAUSE_NONE, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fake_reset();
        fake.live = true;
        fake.run = rows[i].run;
        fake.blob = rows[i].blob;
        fake.more_blob = rows[i].other;
        fake.passphrase = rows[i].passphrase;
        fake.hold = rows[i].hold;
        struct drive *d = drive_first_boot(rows[i].ini, "Canary-Secret-1");
        drive_pass(d, 1000);
        with_help(s, d, rows[i].name);
        drive_free(d);
    }
}

/* ---- every language to choose from ---- */

static void languages(const struct show *s)
{
    static const char *const all[] = {"en", "de", "es", "fr", "it", "nl",    "pl", "pt_BR",
                                      "tr", "ru", "uk", "he", "ar", "zh_CN", "ja"};
    static const char *const two[] = {"en", "de"};
    struct drive *d = scene_page(PAGE_WELCOME);
    wizard_set_languages(all, ARRAY_SIZE(all));
    drive_focus(d, FLD_LANGUAGE);
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        show(s, d, "language", all[i]);
        drive_key(d, ACT_RIGHT);
    }
    wizard_set_languages(two, ARRAY_SIZE(two));
    drive_free(d);
}

/* ---- what the message line says ---- */

static void messages(const struct show *s)
{
    static const enum page pages_with[] = {PAGE_DOMAIN, PAGE_FLAGS};
    for (size_t i = 0; i < ARRAY_SIZE(pages_with); i++) {
        struct drive *d = scene_page(pages_with[i]);
        for (enum say say = SAY_NOTHING + 1; say < SAY__COUNT; say++) {
            char name[32];
            snprintf(name, sizeof name, "message %d", (int)say);
            free(d->w.message_arg);
            d->w.message_arg = xstrdup(say == SAY_BLOCKED ? "" : "corp.example.com");
            d->w.message = say;
            show(s, d, name, page_name(d->w.page));
        }
        d->w.message = SAY_NOTHING;
        drive_free(d);
    }
}

static void reasons(const struct show *s)
{
    struct drive *d = scene_page(PAGE_DOMAIN);
    for (enum cause c = CAUSE_NONE + 1; c < CAUSE__COUNT; c++) {
        char name[32];
        snprintf(name, sizeof name, "cause %d", (int)c);
        d->w.message = SAY_FAILED;
        d->w.message_err = (struct err){0};
        (void)err_cause(&d->w.message_err, c);
        show(s, d, "message line", name);
    }
    drive_free(d);
}

/* ---- what is wrong, on the page where it can be mended ---- */

static void wrong_fields(const struct show *s)
{
    for (enum page p = 0; p < PAGE__COUNT; p++) {
        struct drive *d = scene_page(p);
        enum field fields[FLD__COUNT];
        size_t n = wizard_fields(&d->w, p, fields, FLD__COUNT);
        for (size_t i = 0; i < n; i++) {
            enum field_kind kind = field_row(fields[i])->kind;
            if (kind != FIELD_TEXT && kind != FIELD_SECRET && kind != FIELD_LIST)
                continue;
            drive_focus(d, (int)fields[i]);
            d->w.fault = fields[i];
            d->w.message = SAY_FAILED;
            (void)err_cause(&d->w.message_err, CAUSE_TIME_SKEW);
            show(s, d, "wrong", field_name(fields[i]));
        }
        drive_free(d);
    }
}

static void found_wrong(const struct show *s)
{
    struct drive *domain = scene_page(PAGE_DOMAIN), *login = scene_page(PAGE_CREDENTIALS),
                 *name = scene_page(PAGE_NAME), *data = scene_page(PAGE_DATA),
                 *target = scene_page(PAGE_TARGET);
    domain->w.domain_known = login->w.login_known = KNOWN_FAILED;
    for (enum cause c = CAUSE_NONE + 1; c < CAUSE__COUNT; c++) {
        char text[32];
        snprintf(text, sizeof text, "cause %d", (int)c);
        struct err e = {0};
        (void)err_cause(&e, c);
        domain->w.domain_err = login->w.login_err = e;
        name->w.name_known = KNOWN_YES;
        name->w.name.state = NAME_TAKEN;
        name->w.name.why = e;
        data->w.offline.package_known = target->w.offline.image_known = KNOWN_FAILED;
        data->w.offline.package_err = target->w.offline.image_err = e;
        show(s, domain, "domain failed", text);
        show(s, login, "login failed", text);
        show(s, name, "name taken", text);
        show(s, data, "data failed", text);
        show(s, target, "system failed", text);
    }
    drive_free(target);
    drive_free(data);
    drive_free(name);
    drive_free(login);
    drive_free(domain);
}

/* ---- ends ---- */

static void ends(const struct show *s)
{
    static const enum mode modes[] = {MODE_JOIN,   MODE_LEAVE,  MODE_RENAME,   MODE_WORKGROUP,
                                      MODE_REPAIR, MODE_ROTATE, MODE_PROVISION};
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        fake_reset();
        fake.live = fake.restart = true;
        fake.member = modes[i] == MODE_LEAVE || modes[i] == MODE_RENAME ||
                              modes[i] == MODE_REPAIR || modes[i] == MODE_ROTATE
                          ? MEMBER_DOMAIN
                          : MEMBER_NONE;
        fake.mend = modes[i] == MODE_REPAIR ? MEND_ACCOUNT : MEND_NOTHING;
        struct drive *d = drive_start(NULL);
        d->w.mode = modes[i];
        drive_to(d, PAGE_REVIEW);
        show(s, d, "review of", mode_row(modes[i])->operation);
        drive_to(d, PAGE_RESULT);
        show(s, d, "result of", mode_row(modes[i])->operation);
        drive_free(d);
    }
}

static void failures(const struct show *s)
{
    fake_reset();
    fake.run = CAUSE_NAME_TAKEN;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_RESULT);
    for (enum cause c = CAUSE_NONE + 1; c < CAUSE__COUNT; c++) {
        char name[32];
        snprintf(name, sizeof name, "cause %d", (int)c);
        d->w.result = (struct err){0};
        (void)err_cause(&d->w.result, c);
        d->w.undone = c % 2;
        d->w.failed_step = (enum step)(c % STEP__COUNT);
        show(s, d, "failed", name);
    }
    drive_key(d, ACT_LOG);
    show(s, d, "failed", "log");
    drive_free(d);
}

/* ---- lists ---- */

static void verdicts(const struct show *s)
{
    struct drive *d = scene_page(PAGE_NETWORK);
    enum cause c = CAUSE_NONE + 1;
    for (enum check first = 0; first < CHECK__COUNT; first += 6) {
        char name[32];
        d->w.n_network = 0;
        for (enum check k = first; k < CHECK__COUNT && k < first + 6; k++) {
            struct verdict_view *v = &d->w.network[d->w.n_network++];
            *v = (struct verdict_view){.check = k, .verdict = (enum verdict)(k % 5)};
            if (v->verdict != VERDICT_OK && v->verdict != VERDICT_SKIPPED)
                (void)err_cause(&v->err, c++);
        }
        snprintf(name, sizeof name, "%d", (int)first);
        show(s, d, "checks from", name);
    }
    drive_free(d);
}

static void steps(const struct show *s)
{
    struct drive *d = scene_page(PAGE_PROGRESS);
    for (enum step first = 0; first < STEP__COUNT; first += 8) {
        char name[32];
        for (size_t i = 0; i < d->w.n_steps; i++)
            strv_free(&d->w.steps[i].args);
        d->w.n_steps = 0;
        for (enum step k = first; k < STEP__COUNT && k < first + 8; k++)
            d->w.steps[d->w.n_steps++] =
                (struct step_view){.step = k, .state = (enum step_state)(k % 7)};
        snprintf(name, sizeof name, "%d", (int)first);
        show(s, d, "steps from", name);
    }
    drive_free(d);
}

static void states(const struct show *s)
{
    for (int mend = 0; mend <= (int)MEND_WAIT; mend++) {
        char name[32];
        fake_reset();
        fake.member = MEMBER_DOMAIN;
        fake.mend = (enum mend)mend;
        fake.password_set_at = 1700000000;
        struct drive *d = drive_start(NULL);
        d->w.mode = MODE_STATUS;
        drive_to(d, PAGE_STATUS);
        snprintf(name, sizeof name, "mend %d", mend);
        show(s, d, "membership", name);
        drive_free(d);
    }
}

static void controllers(const struct show *s)
{
    struct drive *d = scene_page(PAGE_CONTROLLER);
    for (int state = 0; state <= (int)DC_MALFORMED; state++) {
        char name[32];
        for (size_t i = 0; i < d->w.n_dcs; i++) {
            d->w.dcs[i].state = (enum dc_health)state;
            d->w.dcs[i].writable = i % 2;
        }
        snprintf(name, sizeof name, "state %d", state);
        show(s, d, "controllers", name);
    }
    drive_free(d);
}

/* ---- on top ---- */

static void questions(const struct show *s)
{
    struct drive *d = scene_page(PAGE_PROGRESS);
    for (int effect = 0; effect <= (int)CANCEL_NOT_POSSIBLE; effect++) {
        char name[32];
        fake.effect = (enum cancel_effect)effect;
        drive_key(d, ACT_CANCEL);
        snprintf(name, sizeof name, "effect %d", effect);
        show(s, d, "stop", name);
        drive_key(d, ACT_BACK);
    }
    fake.effect = CANCEL_UNDOES;
    drive_key(d, ACT_CANCEL);
    free(d->w.ask_object);
    d->w.ask_object = xstrdup("CN=KIOSK-07,OU=Kiosks,DC=corp,DC=example,DC=com");
    static const enum question all[] = {ASK_QUIT, ASK_ENGINE, ASK_REJOIN, ASK_READONLY};
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        d->w.question = all[i];
        for (int ask = 0; ask < 2; ask++) {
            d->w.ask = (enum ask)ask;
            d->w.focus = FOCUS_OVERLAY + ask;
            char name[32];
            snprintf(name, sizeof name, "%zu, answer %d", i, ask);
            show(s, d, "question", name);
        }
    }
    drive_free(d);
}

static void prompts(const struct show *s)
{
    struct drive *d = scene_page(PAGE_OU);
    drive_focus(d, FLD_OUS);
    drive_key(d, ACT_FILTER);
    show(s, d, "filter", "");
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_TYPE_DN);
    show(s, d, "full name", "");
    drive_key(d, ACT_BACK);
    drive_free(d);
    d = scene_page(PAGE_NETWORK);
    drive_focus(d, FLD_NETWORK_LIST);
    drive_key(d, ACT_END);
    drive_key(d, ACT_ENTER);
    show(s, d, "details", "");
    drive_free(d);
}

void scenes_each(scene_fn fn, void *ctx)
{
    struct show s = {fn, ctx};
    pages(&s);
    flows(&s);
    first_boots(&s);
    languages(&s);
    messages(&s);
    reasons(&s);
    wrong_fields(&s);
    found_wrong(&s);
    ends(&s);
    failures(&s);
    verdicts(&s);
    steps(&s);
    states(&s);
    controllers(&s);
    questions(&s);
    prompts(&s);
}
