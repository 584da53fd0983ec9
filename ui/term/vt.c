#define _GNU_SOURCE
#include "ui/term/vt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/vt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <unistd.h>

#define LOG_CONSOLE_OFF 6 /* syslog(2): the console's level to the lowest, the present one kept */
#define LOG_CONSOLE_ON  7
#define INIT_STATUS_ON  20 /* systemd(1): SIGRTMIN+20 and +21 switch its status output */
#define INIT_STATUS_OFF 21
#define GLYPHS_MAX      4096

static int real_ioctl(int fd, unsigned long request, void *arg)
{
    return ioctl(fd, request, arg);
}

static int real_log(int type)
{
    return klogctl(type, NULL, 0);
}

static const struct vt_calls kernel = {real_ioctl, real_log, kill, write};

static struct {
    const struct vt_calls *calls;
    int fd; /* -1: not on a console */
    bool locked, quiet, init_quiet, awake;
    char blank[24]; /* the sequence that puts blanking back */
    uint32_t *glyphs;
    size_t n_glyphs;
    bool map_read;
} vt = {.calls = &kernel, .fd = -1};

void vt_set_calls(const struct vt_calls *calls)
{
    vt.calls = calls ? calls : &kernel;
}

bool vt_open(int fd)
{
    unsigned char type = 0;
    struct vt_stat state;
    vt.fd = -1;
    if (vt.calls->ioctl(fd, KDGKBTYPE, &type) < 0 || (type != KB_101 && type != KB_84) ||
        vt.calls->ioctl(fd, VT_GETSTATE, &state) < 0)
        return false;
    vt.fd = fd;
    return true;
}

bool vt_is_open(void)
{
    return vt.fd >= 0;
}

void vt_close(void)
{
    vt_emergency();
    free(vt.glyphs);
    vt.glyphs = NULL;
    vt.n_glyphs = 0;
    vt.map_read = false;
    vt.fd = -1;
}

/* ---- the session ---- */

/* Where the boot was quiet PID 1 says nothing anyway, and must not start to afterwards. */
static bool init_is_talkative(void)
{
    char line[4096] = " ";
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, line + 1, sizeof line - 3);
    if (fd >= 0)
        close(fd);
    if (n < 0 || access("/run/systemd/system", F_OK) < 0)
        return false;
    line[n + 1] = '\0';
    line[strcspn(line, "\n")] = ' ';
    return !strstr(line, " quiet ") && !strstr(line, " systemd.show_status=");
}

void vt_session(bool lock, bool quiet_init)
{
    if (vt.fd < 0)
        return;
    if (lock && !vt.locked)
        vt.locked = vt.calls->ioctl(vt.fd, VT_LOCKSWITCH, NULL) == 0;
    if (!vt.quiet)
        vt.quiet = vt.calls->log(LOG_CONSOLE_OFF) == 0;
    if (quiet_init && !vt.init_quiet && init_is_talkative())
        vt.init_quiet = vt.calls->signal(1, SIGRTMIN + INIT_STATUS_OFF) == 0;
}

/* Seconds after which the kernel blanks the screen, 0: never. */
static int blank_seconds(void)
{
    char text[16] = "";
    int fd = open("/sys/module/kernel/parameters/consoleblank", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? atoi(text) : 0;
}

/* console_codes(4): ESC [ 9 ; n ] sets the minutes, ESC [ 13 ] shows the screen again. */
static void say(const char *sequence)
{
    ssize_t n = vt.calls->write(vt.fd, sequence, strlen(sequence));
    (void)n;
}

void vt_keep_awake(bool on)
{
    if (vt.fd < 0 || on == vt.awake)
        return;
    if (on) {
        int seconds = blank_seconds();
        if (seconds <= 0)
            return;
        int minutes = seconds < 60 ? 1 : seconds > 3600 ? 60 : seconds / 60;
        snprintf(vt.blank, sizeof vt.blank, "\033[9;%d]", minutes);
        say("\033[9;0]\033[13]");
    } else {
        say(vt.blank);
    }
    vt.awake = on;
}

void vt_emergency(void)
{
    if (vt.fd < 0)
        return;
    if (vt.awake)
        say(vt.blank);
    if (vt.locked)
        vt.calls->ioctl(vt.fd, VT_UNLOCKSWITCH, NULL);
    if (vt.quiet)
        vt.calls->log(LOG_CONSOLE_ON);
    if (vt.init_quiet)
        vt.calls->signal(1, SIGRTMIN + INIT_STATUS_ON);
    vt.awake = vt.locked = vt.quiet = vt.init_quiet = false;
}

/* ---- questions ---- */

bool vt_caps_lock(void)
{
    unsigned char state = 0;
    if (vt.fd < 0)
        return false;
    if (vt.calls->ioctl(vt.fd, KDGKBLED, &state) == 0)
        return state & K_CAPSLOCK;
    return vt.calls->ioctl(vt.fd, KDGETLED, &state) == 0 && (state & LED_CAP);
}

bool vt_unicode(void)
{
    int mode = -1;
    return vt.fd >= 0 && vt.calls->ioctl(vt.fd, KDGKBMODE, &mode) == 0 && mode == K_UNICODE;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The characters that the font has, sorted. Without a map nothing is known. */
static void read_map(void)
{
    static struct unipair pairs[GLYPHS_MAX];
    struct unimapdesc map = {.entry_ct = GLYPHS_MAX, .entries = pairs};
    if (vt.map_read)
        return;
    vt.map_read = true;
    if (vt.calls->ioctl(vt.fd, GIO_UNIMAP, &map) < 0 || map.entry_ct == 0)
        return;
    vt.glyphs = calloc(map.entry_ct, sizeof *vt.glyphs);
    if (!vt.glyphs)
        return;
    while (vt.n_glyphs < map.entry_ct) {
        vt.glyphs[vt.n_glyphs] = pairs[vt.n_glyphs].unicode;
        vt.n_glyphs++;
    }
    qsort(vt.glyphs, vt.n_glyphs, sizeof *vt.glyphs, by_number);
}

bool vt_can_show(const uint32_t *codepoints, size_t count)
{
    if (vt.fd < 0)
        return true;
    read_map();
    for (size_t i = 0; vt.glyphs && i < count; i++) {
        if (codepoints[i] > 0x20 &&
            !bsearch(&codepoints[i], vt.glyphs, vt.n_glyphs, sizeof *vt.glyphs, by_number))
            return false;
    }
    return true;
}
