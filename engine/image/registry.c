/* What the registry of the image tells. Places: MS documentation of each value; see image.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/image/image_int.h"

#define CURRENT_VERSION "Microsoft\\Windows NT\\CurrentVersion"
#define SETUP_STATE     "Microsoft\\Windows\\CurrentVersion\\Setup\\State"
#define CORE_OS         "Setup\\Service Reporting API\\Components\\CoreOS"

static void read_setup(struct image *im, struct hive *h, hive_key root)
{
    struct image_setup *s = &im->setup;
    hive_key setup = hive_find(h, root, "Setup");
    uint32_t busy = 0, oobe = 0;
    s->has_type = hive_get_u32(h, setup, "SetupType", &s->type);
    s->cmdline = hive_get_text(h, setup, "CmdLine");
    s->has_cmdline = s->cmdline != NULL;
    s->unattend_file = hive_get_text(h, setup, "UnattendFile");
    if (!hive_get_u32(h, setup, "SystemSetupInProgress", &busy))
        busy = 0;
    if (!hive_get_u32(h, setup, "OOBEInProgress", &oobe))
        oobe = 0;
    s->in_progress = busy != 0 || oobe != 0;
    /* A value of another kind than Windows gives it is not touched. */
    bool odd = (!s->has_type && hive_value_length(h, setup, "SetupType") >= 0) ||
               (!s->has_cmdline && hive_value_length(h, setup, "CmdLine") >= 0);
    s->ready =
        s->type == 0 && str_empty(s->cmdline) && !s->in_progress && !odd ? IMAGE_YES : IMAGE_NO;
}

static void set_version(struct image *im, const char *text)
{
    unsigned a = 0, b = 0, c = 0;
    int n = text ? sscanf(text, "%9u.%9u.%9u", &a, &b, &c) : 0;
    if (n < 2)
        return;
    im->major = a;
    im->minor = b;
    im->build = n > 2 ? c : im->build;
}

static void read_arch(struct image *im, struct hive *h, hive_key cs)
{
    static const struct {
        const char *windows, *ours;
    } known[] = {{"AMD64", "amd64"}, {"x86", "x86"}, {"ARM64", "arm64"}, {"ARM", "arm"}};
    AUTOFREE char *arch = hive_get_text(
        h, hive_find(h, cs, "Control\\Session Manager\\Environment"), "PROCESSOR_ARCHITECTURE");
    for (size_t i = 0; arch && i < ARRAY_SIZE(known); i++) {
        if (str_ieq(arch, known[i].windows))
            im->arch = xstrdup(known[i].ours);
    }
}

/* The weaker signs, for an image whose SECURITY is not there: a member's logon service starts by
 * itself, and its primary DNS suffix is set. */
static void read_membership(struct image *im, struct hive *h, hive_key cs)
{
    uint32_t start = 0;
    hive_key netlogon = hive_find(h, cs, "Services\\Netlogon");
    AUTOFREE char *domain =
        hive_get_text(h, hive_find(h, cs, "Services\\Tcpip\\Parameters"), "NV Domain");
    if (hive_get_u32(h, netlogon, "Start", &start))
        im->joined = start == 2 && !str_empty(domain) ? IMAGE_YES : IMAGE_UNKNOWN;
    if (im->joined == IMAGE_YES)
        im->joined_to = TAKE(domain);
    im->pending = hive_find(h, netlogon, "JoinDomain") ? IMAGE_YES : IMAGE_NO;
    im->cloud_joined = hive_has_children(h, hive_find(h, cs, "Control\\CloudDomainJoin\\JoinInfo"))
                           ? IMAGE_YES
                           : IMAGE_NO;
}

int image_read_system(struct image *im, struct hive *h, struct err *e)
{
    char name[32];
    uint32_t n = 0;
    hive_key root = hive_root(h), select = hive_find(h, root, "Select");
    bool known = hive_get_u32(h, select, "Default", &n) && n > 0 && n < 1000;
    snprintf(name, sizeof name, "ControlSet%03u", (unsigned)n);
    hive_key cs = known ? hive_find(h, root, name) : 0;
    if (!cs || !hive_find(h, root, "Setup")) {
        err_fact(e, FACT_FILE, "%s", im->system);
        return err_cause(e, CAUSE_HIVE_NOT_SYSTEM);
    }
    im->control_set = n;
    im->current_set = hive_get_u32(h, select, "Current", &n) ? n : 0;
    im->failed_set = hive_get_u32(h, select, "Failed", &n) ? n : 0;
    im->product_type = hive_get_text(h, hive_find(h, cs, "Control\\ProductOptions"), "ProductType");
    im->domain_controller = str_ieq(im->product_type ? im->product_type : "", "LanmanNT");
    im->version = hive_get_text(h, hive_find(h, root, CORE_OS), "Version");
    im->name =
        hive_get_text(h, hive_find(h, cs, "Control\\ComputerName\\ComputerName"), "ComputerName");
    set_version(im, im->version);
    read_setup(im, h, root);
    read_arch(im, h, cs);
    read_membership(im, h, cs);
    return 0;
}

static struct hive *open_other(struct image *im, const char *path)
{
    struct err ignored = {0};
    struct hive *h = NULL;
    int fd;
    if (!*path || host_open_read(im->host, path, &fd, &ignored) != 0)
        return NULL;
    if (hive_open(fd, path, false, &h, &ignored) != 0)
        h = NULL;
    close(fd);
    return h;
}

/* ProductName still says 10 on Windows 11, which is told by its build. */
static char *product_name(struct image *im, char *name)
{
    if (!name || im->build < 22000 || strncmp(name, "Windows 10", 10) != 0)
        return name;
    char *eleven = xasprintf("Windows 11%s", name + 10);
    free(name);
    return eleven;
}

/* Windows 10 and later have numbers, older ones a text; the build is a text in all. */
static void read_version(struct image *im, struct hive *h, hive_key cv)
{
    uint32_t major, minor, ubr = 0;
    AUTOFREE char *build = hive_get_text(h, cv, "CurrentBuildNumber");
    if (!build)
        build = hive_get_text(h, cv, "CurrentBuild");
    AUTOFREE char *old = hive_get_text(h, cv, "CurrentVersion");
    AUTOFREE char *text = NULL;
    if (hive_get_u32(h, cv, "CurrentMajorVersionNumber", &major) &&
        hive_get_u32(h, cv, "CurrentMinorVersionNumber", &minor))
        text = xasprintf("%u.%u.%s", (unsigned)major, (unsigned)minor, build ? build : "0");
    else if (old)
        text = xasprintf("%s.%s", old, build ? build : "0");
    if (!text)
        return;
    set_version(im, text);
    if (hive_get_u32(h, cv, "UBR", &ubr)) {
        char *with = xasprintf("%s.%u", text, (unsigned)ubr);
        free(text);
        text = with;
    }
    free(im->version);
    im->version = TAKE(text);
}

void image_read_software(struct image *im)
{
    struct hive *h = open_other(im, im->software);
    if (!h)
        return;
    hive_key cv = hive_find(h, hive_root(h), CURRENT_VERSION);
    read_version(im, h, cv);
    im->edition = hive_get_text(h, cv, "EditionID");
    im->product = product_name(im, hive_get_text(h, cv, "ProductName"));
    AUTOFREE char *kind = hive_get_text(h, cv, "InstallationType");
    im->winpe = str_ieq(kind ? kind : "", "WindowsPE");
    im->image_state = hive_get_text(h, hive_find(h, hive_root(h), SETUP_STATE), "ImageState");
    hive_close(h);
}

/* The policy keeps its values in keys of their own, as the default value. */
void image_read_security(struct image *im)
{
    struct hive *h = open_other(im, im->security);
    if (!h)
        return;
    hive_key policy = hive_find(h, hive_root(h), "Policy");
    /* Without the policy this is not a SECURITY that tells anything. */
    if (policy) {
        bool member = hive_value_length(h, hive_find(h, policy, "PolPrDmS"), "") > 0 ||
                      hive_find(h, policy, "Secrets\\$MACHINE.ACC") != 0;
        im->joined = member ? IMAGE_YES : IMAGE_NO;
    }
    hive_close(h);
}
