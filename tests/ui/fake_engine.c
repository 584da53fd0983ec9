#include "tests/ui/fake_engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "tests/ui/fake_int.h"

struct fake_script fake;

void fake_reset(void)
{
    fake = (struct fake_script){.fail_at = STEP_ACCOUNT, .effect = CANCEL_UNDOES};
}

static const char *const cause_names[] = {
    "NONE",
#define CAUSE(id, number, what, why, next) #id,
#include "engine/tables/causes.def"
#undef CAUSE
};

static enum cause cause_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(cause_names); i++) {
        if (str_eq(cause_names[i], name))
            return (enum cause)i;
    }
    return CAUSE_INTERNAL;
}

void fake_from_environment(void)
{
    const char *text = getenv("JOINERY_FAKE");
    struct strv words = {0};
    fake_reset();
    strv_split(&words, text ? text : "", " ");
    for (size_t i = 0; i < words.n; i++) {
        char *word = words.s[i], *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        const struct {
            const char *name;
            bool *flag;
        } flags[] = {{"hold", &fake.hold},           {"warn", &fake.warn},
                     {"restart", &fake.restart},     {"ask", &fake.ask},
                     {"network", &fake.network_bad}, {"interrupted", &fake.interrupted},
                     {"live", &fake.live},           {"novolumes", &fake.no_volumes}};
        for (size_t k = 0; k < ARRAY_SIZE(flags); k++) {
            if (str_eq(flags[k].name, word))
                *flags[k].flag = true;
        }
        if (str_eq(word, "member"))
            fake.member = MEMBER_DOMAIN;
        if (str_eq(word, "workgroup"))
            fake.member = MEMBER_WORKGROUP;
        if (value && str_eq(word, "mend"))
            fake.mend = (enum mend)atoi(value);
        if (value && str_eq(word, "set_at"))
            fake.password_set_at = atol(value);
        if (value && str_eq(word, "next"))
            fake.next_name = xstrdup(value);
        if (value && str_eq(word, "discover"))
            fake.discover = cause_named(value);
        if (value && str_eq(word, "login"))
            fake.login = cause_named(value);
        if (value && str_eq(word, "name"))
            fake.name = cause_named(value);
        if (value && str_eq(word, "run"))
            fake.run = cause_named(value);
        if (value && str_eq(word, "password"))
            fake.password = xstrdup(value);
        if (value && str_eq(word, "passphrase"))
            fake.passphrase = xstrdup(value);
        if (value && str_eq(word, "open"))
            fake.open = cause_named(value);
        if (value && str_eq(word, "image"))
            fake.image = cause_named(value);
        if (value && str_eq(word, "machines"))
            fake.machines = atoi(value);
        if (value && str_eq(word, "siblings"))
            fake.siblings = atoi(value);
    }
    strv_free(&words);
}

struct engine_msg *fake_msg(struct engine *e, enum msg_kind kind, enum job job)
{
    struct engine_msg *m = xcalloc(1, sizeof *m);
    uint64_t one = 1;
    m->kind = kind;
    m->job = job;
    m->job_id = e->id;
    e->queue[e->tail++ % ARRAY_SIZE(e->queue)] = m;
    if (write(e->fd, &one, sizeof one) < 0)
        abort();
    return m;
}

struct engine_msg *fake_done(struct engine *e, enum job job, enum cause cause)
{
    struct engine_msg *m = fake_msg(e, MSG_DONE, job);
    if (cause != CAUSE_NONE) {
        (void)err_cause(&m->u.done.err, cause);
        err_fact(&m->u.done.err, FACT_SERVER, "dc1.corp.example.com");
        (void)err_foreign(&m->u.done.err, ERR_SRC_KDC, 24, "Preauthentication failed");
    }
    e->outstanding = false;
    return m;
}

void fake_verdict(struct engine *e, enum job job, enum check c, enum verdict v, enum cause cause)
{
    struct engine_msg *m = fake_msg(e, MSG_VERDICT, job);
    m->u.verdict.check = c;
    m->u.verdict.verdict = v;
    if (cause != CAUSE_NONE)
        (void)err_cause(&m->u.verdict.err, cause);
}

static void machine(struct engine *e)
{
    struct engine_msg *m = fake_msg(e, MSG_MACHINE, JOB_MACHINE);
    m->u.machine = (struct machine_view){
        .host_name = xstrdup("kiosk-07"),
        .address = xstrdup("192.0.2.17"),
        .os_name = xstrdup("Debian GNU/Linux 12"),
        .root = !fake.not_root,
        .live = fake.live,
        .state = fake.member,
        .member_of = xstrdup(fake.member == MEMBER_DOMAIN      ? "corp.example.com"
                             : fake.member == MEMBER_WORKGROUP ? "BRANCH"
                                                               : ""),
        .account = xstrdup(fake.member == MEMBER_DOMAIN ? "KIOSK-07$" : ""),
        .next_name = xstrdup(fake.next_name ? fake.next_name : ""),
        .other_tool = xstrdup(fake.other_tool ? fake.other_tool : ""),
        .identity = xstrdup(fake.identity ? fake.identity : ""),
        .time_service = xstrdup(fake.time_service ? fake.time_service : ""),
        .own_name = xstrdup(fake.own_name ? fake.own_name : ""),
        .search_domain = xstrdup(fake.search_domain ? fake.search_domain : ""),
        .interrupted = fake.interrupted};
    fake_done(e, JOB_MACHINE, CAUSE_NONE);
}

static void discover(struct engine *e)
{
    if (fake.discover != CAUSE_NONE) {
        fake_done(e, JOB_DISCOVER, fake.discover);
        return;
    }
    static const char *const hosts[] = {"dc1.corp.example.com", "dc2.corp.example.com"};
    for (int i = 0; i < 2; i++) {
        struct engine_msg *m = fake_msg(e, MSG_DC, JOB_DISCOVER);
        m->u.dc = (struct dc_view){.host = xstrdup(hosts[i]),
                                   .address = xstrdup("192.0.2.1"),
                                   .site = xstrdup("Berlin"),
                                   .latency_ms = i ? -1 : 3,
                                   .state = i ? DC_SILENT : DC_ANSWERED,
                                   .writable = true};
    }
    struct engine_msg *m = fake_msg(e, MSG_DOMAIN, JOB_DISCOVER);
    m->u.domain = (struct domain_view){.dns_name = xstrdup("corp.example.com"),
                                       .netbios_name = xstrdup("CORP"),
                                       .forest = xstrdup("corp.example.com"),
                                       .realm = xstrdup("CORP.EXAMPLE.COM"),
                                       .client_site = xstrdup("Berlin")};
    fake_verdict(e, JOB_DISCOVER, CHECK_CLOCK, VERDICT_OK, CAUSE_NONE);
    fake_done(e, JOB_DISCOVER, CAUSE_NONE);
}

static void ou(struct engine_msg *m, const char *name, const char *parent, bool may)
{
    m->u.ous.list = xrealloc_array(m->u.ous.list, m->u.ous.n + 1, sizeof *m->u.ous.list);
    m->u.ous.list[m->u.ous.n++] = (struct ou_view){
        .dn = xasprintf("OU=%s,%s", name, *parent ? parent : "DC=corp,DC=example,DC=com"),
        .name = xstrdup(name),
        .may_create = may,
        .is_ou = true};
}

static void ous(struct engine *e, const struct engine_request *r)
{
    struct engine_msg *m = fake_msg(e, MSG_OUS, JOB_OUS);
    m->u.ous.parent = xstrdup(r->dn);
    m->u.ous.default_refused = fake.default_refused;
    ou(m, *r->filter ? r->filter : "Kiosks", r->dn, true);
    ou(m, "Офисы", r->dn, false);
    ou(m, "営業部</B>", r->dn, false);
    for (int i = 0; i < fake.siblings; i++) {
        char name[24];
        snprintf(name, sizeof name, "Unit %04d", i);
        ou(m, name, r->dn, i % 2);
    }
    fake_done(e, JOB_OUS, CAUSE_NONE);
}

static void name(struct engine *e)
{
    if (fake.name_job != CAUSE_NONE) {
        fake_done(e, JOB_NAME, fake.name_job);
        return;
    }
    struct engine_msg *m = fake_msg(e, MSG_NAME, JOB_NAME);
    m->u.name = (struct name_view){.netbios = xstrdup("KIOSK-07"),
                                   .fqdn = xstrdup("kiosk-07.corp.example.com"),
                                   .account = xstrdup("KIOSK-07$"),
                                   .dn = xstrdup(""),
                                   .owner = xstrdup(""),
                                   .creator = xstrdup("")};
    if (fake.name != CAUSE_NONE) {
        m->u.name.state = NAME_TAKEN;
        (void)err_cause(&m->u.name.why, fake.name);
    }
    fake_done(e, JOB_NAME, CAUSE_NONE);
}

static void change(struct engine *e, enum change_kind kind, const char *object, const char *what)
{
    struct engine_msg *m = fake_msg(e, MSG_CHANGE, JOB_PLAN);
    m->u.change = (struct change_view){
        .kind = kind, .object = xstrdup(object), .what = what, .detail = xstrdup("")};
}

static void plan(struct engine *e)
{
    change(e, CHANGE_DIRECTORY, "CN=KIOSK-07,OU=Kiosks,DC=corp,DC=example,DC=com",
           "New computer account");
    change(e, CHANGE_FILE, "/etc/krb5.keytab", "Machine keys (keytab)");
    change(e, CHANGE_FILE, "/etc/sssd/sssd.conf", "Identity service settings (SSSD)");
    change(e, CHANGE_NONE, "/etc/hosts", "This machine's entry in the hosts file");
    if (fake.warn)
        fake_verdict(e, JOB_PLAN, CHECK_PACKAGES, VERDICT_WARNING, CAUSE_PACKAGE_MISSING);
    fake_done(e, JOB_PLAN, fake.plan);
}

void fake_step(struct engine *e, enum step s, enum step_state state, const char *detail)
{
    struct engine_msg *m = fake_msg(e, MSG_STEP, JOB_RUN);
    m->u.step.step = s;
    m->u.step.state = state;
    m->u.step.format = detail ? "{1}" : NULL;
    if (detail)
        strv_add(&m->u.step.args, detail);
    m->u.step.detail = detail ? xstrdup(detail) : NULL;
    if (state == STEP_FAILED)
        (void)err_cause(&m->u.step.err, fake.run);
}

void fake_finish_run(struct engine *e, enum cause cause)
{
    struct engine_msg *m;
    bool undone = cause != CAUSE_NONE && !fake.undo_fails;
    fake_done(e, JOB_RUN, cause);
    m = e->queue[(e->tail - 1) % ARRAY_SIZE(e->queue)];
    m->u.done.undone = undone;
    m->u.done.restart_needed = fake.restart && cause == CAUSE_NONE;
    e->held_run = false;
}

static void run(struct engine *e, unsigned op, const struct settings *settings)
{
    if (*settings_get(settings, OPT_OFFLINE_BATCH)) {
        fake_run_list(e);
        return;
    }
    for (enum step s = 0; s < STEP__COUNT; s++) {
        bool scripted =
            (fake.hold && s == STEP_BIND) || (fake.run != CAUSE_NONE && s == fake.fail_at);
        if (!(step_row(s)->ops & op) && !scripted)
            continue;
        fake_step(e, s, STEP_RUNNING, NULL);
        if (fake.run != CAUSE_NONE && s == fake.fail_at) {
            fake_step(e, s, STEP_FAILED, NULL);
            if (fake.ask) {
                struct engine_msg *m = fake_msg(e, MSG_ASK, JOB_RUN);
                m->u.ask.id = 7;
                m->u.ask.what = ASK_DELETE_CREATED;
                m->u.ask.object = xstrdup("CN=KIOSK-07,DC=corp,DC=example,DC=com");
                e->asked = true;
                return;
            }
            fake_finish_run(e, fake.run);
            return;
        }
        if (fake.hold && s == STEP_BIND) {
            struct engine_msg *m = fake_msg(e, MSG_PROGRESS, JOB_RUN);
            m->u.progress.step = s;
            m->u.progress.detail = xstrdup("dc1.corp.example.com");
            m->u.progress.waited_s = 5;
            m->u.progress.of_s = 60;
            e->held_run = true;
            return;
        }
        fake_step(e, s, STEP_OK, s == STEP_PIN ? "dc1.corp.example.com" : NULL);
    }
    fake_finish_run(e, CAUSE_NONE);
}

static void status(struct engine *e)
{
    struct engine_msg *m = fake_msg(e, MSG_STATUS, JOB_STATUS);
    bool in = fake.member == MEMBER_DOMAIN;
    m->u.status =
        (struct status_view){.state = fake.member,
                             .mend = fake.mend,
                             .password_set_at = in ? fake.password_set_at : 0,
                             .workgroup = xstrdup(fake.member == MEMBER_WORKGROUP ? "BRANCH" : ""),
                             .domain = xstrdup(in ? "corp.example.com" : ""),
                             .realm = xstrdup(""),
                             .netbios = xstrdup(""),
                             .computer = xstrdup(in ? "KIOSK-07" : ""),
                             .fqdn = xstrdup(""),
                             .account_dn = xstrdup(""),
                             .site = xstrdup(""),
                             .controller = xstrdup("")};
    fake_done(e, JOB_STATUS, CAUSE_NONE);
}

static enum cause login_result(const struct engine_request *r)
{
    if (fake.login != CAUSE_NONE)
        return fake.login;
    if (fake.password && *settings_get(r->settings, OPT_ACCOUNT)) {
        const struct secret *p = &r->settings->password;
        if (p->len != strlen(fake.password) || memcmp(p->data, fake.password, p->len))
            return CAUSE_KDC_WRONG_PASSWORD;
    }
    return CAUSE_NONE;
}

static void answer(struct engine *e, const struct engine_request *r)
{
    switch (r->job) {
    case JOB_MACHINE:
        machine(e);
        break;
    case JOB_NETWORK:
        fake_verdict(e, JOB_NETWORK, CHECK_RESOLVER, VERDICT_OK, CAUSE_NONE);
        if (fake.network_bad)
            fake_verdict(e, JOB_NETWORK, CHECK_CLOCK, VERDICT_WARNING, CAUSE_TIME_SKEW);
        fake_done(e, JOB_NETWORK, CAUSE_NONE);
        break;
    case JOB_DISCOVER:
        discover(e);
        break;
    case JOB_LOGIN:
        fake_done(e, JOB_LOGIN, login_result(r));
        break;
    case JOB_OUS:
        ous(e, r);
        break;
    case JOB_NAME:
        name(e);
        break;
    case JOB_PLAN:
        plan(e);
        break;
    case JOB_RUN:
        run(e, settings_op(r->settings), r->settings);
        break;
    case JOB_CHECK:
        fake_verdict(e, JOB_CHECK, CHECK_DOMAIN, VERDICT_OK, CAUSE_NONE);
        fake_verdict(e, JOB_CHECK, CHECK_CREDENTIALS, fake.login ? VERDICT_FAIL : VERDICT_OK,
                     fake.login);
        fake_done(e, JOB_CHECK, CAUSE_NONE);
        break;
    case JOB_STATUS:
        status(e);
        break;
    case JOB_RECOVER:
        fake_done(e, JOB_RECOVER, fake.run)->u.done.undone = fake.recover_undoes;
        break;
    case JOB_OPEN:
        fake_open_data(e, r);
        break;
    case JOB_VOLUMES:
        fake_volumes(e);
        break;
    case JOB_IMAGE:
        fake_image(e, r);
        break;
    case JOB_LIST:
        fake_list(e);
        break;
    case JOB_NONE:
        break;
    }
}

static void request_drop(struct engine_request *r)
{
    if (!r)
        return;
    settings_drop(r->settings);
    free(r->dn);
    free(r->filter);
    free(r);
}

int engine_setup_process(struct err *e)
{
    (void)e;
    return 0;
}

static struct engine *opened;

int engine_open(struct engine **ret, const struct engine_config *config, struct err *e)
{
    (void)config;
    (void)e;
    *ret = opened = xcalloc(1, sizeof **ret);
    opened->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return 0;
}

void engine_close(struct engine *e)
{
    while (e->head != e->tail)
        message_drop(e->queue[e->head++ % ARRAY_SIZE(e->queue)]);
    request_drop(e->held);
    close(e->fd);
    free(e);
    opened = NULL;
}

int engine_fd(const struct engine *e)
{
    return e->fd;
}

static void note(const struct engine_request *r)
{
    fake.posts[r->job]++;
    fake.secret_seen = secret_is_set(&r->settings->password);
    snprintf(fake.last_dn, sizeof fake.last_dn, "%s", r->dn ? r->dn : "");
    snprintf(fake.last_filter, sizeof fake.last_filter, "%s", r->filter ? r->filter : "");
    snprintf(fake.last_domain, sizeof fake.last_domain, "%s",
             settings_get(r->settings, OPT_DOMAIN));
    snprintf(fake.last_account, sizeof fake.last_account, "%s",
             settings_get(r->settings, OPT_ACCOUNT));
    snprintf(fake.last_operation, sizeof fake.last_operation, "%s",
             settings_get(r->settings, OPT_OPERATION));
    fake.passphrase_seen = secret_is_set(&r->settings->passphrase);
    fake.key_seen = secret_is_set(&r->settings->recipient_key);
    fake.mount_seen = fake.mount_seen || r->mount;
    fake.online_seen = settings_bool(r->settings, OPT_FLAG_PROVISION_ONLINE_CALLER);
    snprintf(fake.last_input, sizeof fake.last_input, "%s",
             settings_get(r->settings, OPT_OFFLINE_INPUT));
    snprintf(fake.last_image, sizeof fake.last_image, "%s",
             settings_get(r->settings, OPT_OFFLINE_IMAGE));
    snprintf(fake.last_batch, sizeof fake.last_batch, "%s",
             settings_get(r->settings, OPT_OFFLINE_BATCH));
    snprintf(fake.last_method, sizeof fake.last_method, "%s",
             settings_get(r->settings, OPT_OFFLINE_IMAGE_METHOD));
    snprintf(fake.last_controller, sizeof fake.last_controller, "%s",
             settings_get(r->settings, OPT_CONTROLLER));
}

uint32_t engine_post(struct engine *e, struct engine_request *req)
{
    struct engine_request *r = xcalloc(1, sizeof *r);
    *r = *req;
    *req = (struct engine_request){0};
    if (e->outstanding) {
        request_drop(r);
        return 0;
    }
    note(r);
    e->outstanding = true;
    e->id++;
    if (fake.defer) {
        e->held = r;
        return e->id;
    }
    answer(e, r);
    request_drop(r);
    return e->id;
}

void fake_answer(void)
{
    struct engine_request *r = opened ? TAKE(opened->held) : NULL;
    if (!r)
        return;
    answer(opened, r);
    request_drop(r);
}

struct engine_msg *engine_next(struct engine *e)
{
    uint64_t count;
    if (e->head == e->tail) {
        if (read(e->fd, &count, sizeof count) < 0)
            return NULL;
        return NULL;
    }
    return e->queue[e->head++ % ARRAY_SIZE(e->queue)];
}

void engine_answer(struct engine *e, uint32_t ask_id, enum answer a)
{
    if (ask_id != 7 || !e->asked)
        return;
    e->asked = false;
    fake.answers++;
    fake.last_answer = a;
    fake_finish_run(e, fake.run);
}

void engine_cancel(struct engine *e)
{
    fake.cancels++;
    if (e->held_run) {
        fake_step(e, STEP_BIND, STEP_UNDONE, NULL);
        fake_finish_run(e, CAUSE_CANCELLED_UNDONE);
    } else if (e->held) {
        struct engine_request *r = TAKE(e->held);
        fake_done(e, r->job, CAUSE_CANCELLED);
        request_drop(r);
    }
}

enum cancel_effect engine_cancel_effect(struct engine *e)
{
    return e->held_run ? fake.effect : CANCEL_NOTHING_CHANGED;
}
