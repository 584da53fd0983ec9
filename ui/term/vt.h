/*
 * The Linux console under the wizard: what only a virtual terminal can be asked and told. On
 * anything else vt_open() says no and every other call does nothing. The system calls go through a
 * table, so that tests can stand in for the kernel.
 *
 * While a session lasts the kernel's messages stay off the screen, and with `lock` the other
 * virtual terminals cannot be switched to. Both are put back by vt_close(), and by vt_emergency()
 * from the handlers of fatal signals. Sources: console_ioctl(2), syslog(2), systemd(1) "Signals".
 */
#ifndef JOINERY_UI_TERM_VT_H
#define JOINERY_UI_TERM_VT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct vt_calls {
    int (*ioctl)(int fd, unsigned long request, void *arg); /* as ioctl(2) */
    int (*log)(int type);                                   /* as syslog(2), without a buffer */
    int (*signal)(pid_t pid, int sig);                      /* as kill(2) */
    ssize_t (*write)(int fd, const void *bytes, size_t len);
};
/* NULL: the kernel's own. For tests; before vt_open(). */
void vt_set_calls(const struct vt_calls *calls);

/* Whether fd is a virtual terminal; the console is open from then on. */
bool vt_open(int fd);
void vt_close(void);
bool vt_is_open(void);

/* Locks switching to other consoles (lock), and keeps the messages of the kernel, and of PID 1 when
 * `quiet_init`, off the screen until vt_close(). What this process may not do is left alone. */
void vt_session(bool lock, bool quiet_init);
/* The screen is not blanked while something is being done that people watch. */
void vt_keep_awake(bool on);
/* Undoes vt_session() and vt_keep_awake(); async-signal-safe. */
void vt_emergency(void);

bool vt_caps_lock(void); /* on at this moment */
bool vt_unicode(void);   /* the console takes and shows UTF-8 */
/* Whether the console's font has glyphs for all of these characters. Characters below U+0020 are
 * never asked about. true when the font's map cannot be read. */
bool vt_can_show(const uint32_t *codepoints, size_t count);

#endif
