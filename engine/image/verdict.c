/* Findings as verdicts, in the order in which they decide; and the way that the data takes. */
#include <string.h>

#include "engine/image/image_change.h"
#include "engine/image/image_int.h"

/* Fills e; says VERDICT_FAIL with a cause. */
typedef enum verdict judge_fn(const struct image *im, bool online, struct err *e);

static enum verdict fail(struct err *e, enum cause cause)
{
    err_cause(e, cause);
    return VERDICT_FAIL;
}

static enum verdict value(struct err *e, const char *text)
{
    if (str_empty(text))
        return VERDICT_SKIPPED;
    err_fact(e, FACT_VALUE, "%s", text);
    return VERDICT_OK;
}

/* The two refusals that the registry file itself gives come first, each under its own check. */
static enum verdict judge_registry(const struct image *im, bool online UNUSED, struct err *e)
{
    err_fact(e, FACT_FILE, "%s", im->system);
    if (im->inspected || im->unreadable.cause == CAUSE_HIVE_NOT_SYSTEM ||
        im->unreadable.cause == CAUSE_IMAGE_NOT_WINDOWS)
        return VERDICT_OK;
    *e = im->unreadable;
    return VERDICT_FAIL;
}

static enum verdict judge_windows(const struct image *im, bool online UNUSED, struct err *e)
{
    if (im->inspected) {
        AUTOFREE char *title = image_title(im);
        return value(e, title);
    }
    *e = im->unreadable;
    return VERDICT_FAIL;
}

static enum verdict judge_control_set(const struct image *im, bool online UNUSED, struct err *e)
{
    err_fact(e, FACT_VALUE, "ControlSet%03u", im->control_set);
    if (im->current_set == im->control_set && im->failed_set == 0)
        return VERDICT_OK;
    err_fact(e, FACT_DETAIL, "Current %u, Failed %u", im->current_set, im->failed_set);
    return VERDICT_NOTICE;
}

static enum verdict judge_product_type(const struct image *im, bool online UNUSED, struct err *e)
{
    enum verdict v = value(e, im->product_type);
    if (im->domain_controller)
        return fail(e, CAUSE_IMAGE_IS_DC);
    return im->winpe ? fail(e, CAUSE_IMAGE_IS_PE) : v;
}

static enum verdict judge_version(const struct image *im, bool online UNUSED, struct err *e)
{
    enum verdict v = value(e, im->version);
    bool old = im->major > 0 && (im->major < 6 || (im->major == 6 && im->minor < 1));
    return old ? fail(e, CAUSE_IMAGE_TOO_OLD) : v;
}

static enum verdict judge_edition(const struct image *im, bool online UNUSED, struct err *e)
{
    static const char *const home[] = {"Core", "Starter", "HomeBasic", "HomePremium"};
    for (size_t i = 0; i < ARRAY_SIZE(home); i++) {
        if (strncmp(im->edition, home[i], strlen(home[i])) == 0) {
            err_fact(e, FACT_VALUE, "%s", im->edition);
            return fail(e, CAUSE_IMAGE_EDITION);
        }
    }
    return value(e, im->edition);
}

static enum verdict judge_arch(const struct image *im, bool online UNUSED, struct err *e)
{
    return value(e, im->arch);
}

static enum verdict tri(enum image_tri t, enum cause cause, struct err *e)
{
    return t == IMAGE_YES ? fail(e, cause) : t == IMAGE_NO ? VERDICT_OK : VERDICT_SKIPPED;
}

static enum verdict judge_joined(const struct image *im, bool online UNUSED, struct err *e)
{
    if (*im->joined_to)
        err_fact(e, FACT_DOMAIN, "%s", im->joined_to);
    return tri(im->joined, CAUSE_IMAGE_JOINED, e);
}

static enum verdict judge_pending(const struct image *im, bool online UNUSED, struct err *e)
{
    return tri(im->pending, CAUSE_IMAGE_PENDING, e);
}

static enum verdict judge_cloud(const struct image *im, bool online UNUSED, struct err *e)
{
    return tri(im->cloud_joined, CAUSE_IMAGE_CLOUD_JOINED, e);
}

static enum verdict judge_hibernated(const struct image *im, bool online UNUSED, struct err *e)
{
    return tri(im->hibernated, CAUSE_IMAGE_HIBERNATED, e);
}

static enum verdict judge_writable(const struct image *im, bool online UNUSED, struct err *e)
{
    err_fact(e, FACT_FILE, "%s", im->path);
    if (im->read_only)
        return fail(e, CAUSE_IMAGE_READ_ONLY);
    if (im->no_access)
        return fail(e, CAUSE_IMAGE_NO_ACCESS);
    if (!im->in_the_way)
        return VERDICT_OK;
    err_reset(e);
    err_fact(e, FACT_FILE, "%s/" IMAGE_DIR, im->config);
    return fail(e, CAUSE_FILE_WRITE_FAILED);
}

static enum verdict judge_running(const struct image *im, bool online, struct err *e)
{
    return host_is_live(im->host) && !online ? fail(e, CAUSE_IMAGE_IS_RUNNING) : VERDICT_OK;
}

static enum verdict judge_setup(const struct image *im, bool online UNUSED, struct err *e)
{
    enum image_method method;
    const char *why;
    if (*im->image_state)
        err_fact(e, FACT_VALUE, "%s", im->image_state);
    if (image_choose(im, IMAGE_NO_METHOD, &method, &why, e) != 0)
        return VERDICT_FAIL;
    return *im->image_state ? VERDICT_OK : VERDICT_SKIPPED;
}

static const struct judge {
    enum check check;
    bool always; /* counts without a readable registry too */
    judge_fn *fn;
} judges[] = {
    {CHECK_IMAGE_REGISTRY, true, judge_registry},
    {CHECK_IMAGE_WINDOWS, true, judge_windows},
    {CHECK_IMAGE_CONTROL_SET, false, judge_control_set},
    {CHECK_IMAGE_PRODUCT_TYPE, false, judge_product_type},
    {CHECK_IMAGE_VERSION, false, judge_version},
    {CHECK_IMAGE_EDITION, false, judge_edition},
    {CHECK_IMAGE_ARCHITECTURE, false, judge_arch},
    {CHECK_IMAGE_JOINED, false, judge_joined},
    {CHECK_IMAGE_PENDING, false, judge_pending},
    {CHECK_IMAGE_CLOUD, false, judge_cloud},
    {CHECK_IMAGE_HIBERNATED, true, judge_hibernated},
    {CHECK_IMAGE_WRITABLE, true, judge_writable},
    {CHECK_IMAGE_RUNNING, true, judge_running},
    {CHECK_IMAGE_SETUP, false, judge_setup},
};

void image_verdicts(const struct image *im, bool online_caller, image_verdict_fn *fn, void *arg)
{
    for (size_t i = 0; i < ARRAY_SIZE(judges); i++) {
        struct err e = {0};
        enum verdict v = im->inspected || judges[i].always ? judges[i].fn(im, online_caller, &e)
                                                           : VERDICT_SKIPPED;
        fn(arg, judges[i].check, v, &e);
    }
}

int image_usable(const struct image *im, bool online_caller, struct err *e)
{
    for (size_t i = 0; i < ARRAY_SIZE(judges); i++) {
        struct err found = {0};
        /* The way is chosen with the user's wish in hand: image_choose. */
        if (judges[i].check == CHECK_IMAGE_SETUP || (!im->inspected && !judges[i].always) ||
            judges[i].fn(im, online_caller, &found) != VERDICT_FAIL)
            continue;
        *e = found;
        return -1;
    }
    return 0;
}

/* Setup has still to specialise this image: ret false when it is over or unknown. */
static bool to_be_specialised(const struct image *im)
{
    return *im->image_state && strcmp(im->image_state, "IMAGE_STATE_COMPLETE") != 0;
}

static int busy(const struct image *im, struct err *e)
{
    err_fact(e, FACT_VALUE, "SetupType %u, CmdLine \"%s\"", (unsigned)im->setup.type,
             im->setup.cmdline);
    return err_cause(e, CAUSE_IMAGE_SETUP_BUSY);
}

static const char *why_unattend(const struct image *im, enum image_method wish)
{
    /* MS: that pass is over, the next start goes to the welcome (OOBE) or the audit mode. */
    if (strncmp(im->image_state, "IMAGE_STATE_SPECIALIZE_", 23) == 0)
        return N_(
            "Windows Setup has specialized this image already: an answer file counts once the "
            "image is generalized again with sysprep.");
    if (wish == IMAGE_UNATTEND)
        return N_("This way was asked for.");
    if (*im->image_state)
        return N_("Windows Setup has still to make this image a system of its own, and reads an "
                  "answer file then.");
    return N_("The registry says that Windows Setup runs at the next start, and it reads an answer "
              "file then.");
}

int image_choose(const struct image *im, enum image_method wish, enum image_method *ret,
                 const char **ret_why, struct err *e)
{
    bool known = *im->image_state != '\0', ready = im->setup.ready == IMAGE_YES;
    *ret = IMAGE_NO_METHOD;
    *ret_why = "";
    if (wish == IMAGE_FIRSTBOOT && to_be_specialised(im))
        return err_cause(e, CAUSE_IMAGE_METHOD_UNFIT);
    if (wish == IMAGE_UNATTEND && known && !to_be_specialised(im))
        return err_cause(e, CAUSE_IMAGE_METHOD_UNFIT);
    if (wish == IMAGE_UNATTEND || (wish == IMAGE_NO_METHOD && to_be_specialised(im)) ||
        (wish == IMAGE_NO_METHOD && !known && !ready)) {
        *ret = IMAGE_UNATTEND;
        *ret_why = why_unattend(im, wish);
        return 0;
    }
    if (!ready)
        return busy(im, e);
    *ret = IMAGE_FIRSTBOOT;
    *ret_why = wish == IMAGE_FIRSTBOOT ? N_("This way was asked for.")
               : known ? N_("Windows is set up, so it reads no answer file any more: it takes the "
                            "data at its next start.")
                       : N_("Nothing is planned for the next start, so Windows is taken to be set "
                            "up: it takes the data at its next start.");
    return 0;
}

char *image_title(const struct image *im)
{
    AUTOFREE char *number = im->build ? xasprintf("%u", im->build) : xstrdup("");
    const char *name = str_empty(im->product) ? "Windows" : im->product;
    if (str_empty(im->product) && im->major > 0)
        return xasprintf("Windows %u.%u%s%s", im->major, im->minor, *number ? ", " : "", number);
    return xasprintf("%s%s%s", name, *number ? ", " : "", number);
}

void image_describe(const struct image *im, bool online_caller, enum image_method wish,
                    struct image_view *ret)
{
    size_t n = strlen(im->path);
    while (n > 1 && im->path[n - 1] == '/')
        n--;
    *ret = (struct image_view){
        .kind = SYSTEM_WINDOWS,
        .path = xstrdup(im->path),
        .windows = xasprintf("%.*s%s", (int)n, im->path, im->windows),
        .product = im->inspected ? image_title(im) : xstrdup(""),
        .version = xstrdup(im->version),
        .edition = xstrdup(im->edition),
        .arch = xstrdup(im->arch),
        .setup_state = xstrdup(im->image_state),
        .name = xstrdup(im->name),
        .why = "",
    };
    if (image_usable(im, online_caller, &ret->err) == 0 &&
        image_choose(im, wish, &ret->method, &ret->why, &ret->err) != 0)
        ret->method = IMAGE_NO_METHOD;
}
