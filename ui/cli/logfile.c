/* The log file: lines like those of Windows' NetSetup.LOG. Read by administrators, hence English.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ui/app/place.h"
#include "ui/cli/cli.h"
#include "ui/journal/journal.h"

#ifndef JOINERY_VERSION
#define JOINERY_VERSION "0"
#endif

static int log_fd = -1;
static char *path_kept;

static void write_line(const char *text)
{
    struct timespec now;
    struct tm tm;
    char stamp[40] = "";
    clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &tm))
        (void)strftime(stamp, sizeof stamp, "%m/%d/%Y %H:%M:%S", &tm);
    char line[1400];
    int n = snprintf(line, sizeof line, "%s:%03ld %s\n", stamp, now.tv_nsec / 1000000, text);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof line) {
        n = (int)sizeof line - 1;
        line[n - 1] = '\n';
    }
    /* One write a line: lines of two processes do not mix. A full disk must not stop a join. */
    if (write(log_fd, line, (size_t)n) < 0)
        return;
}

static void sink(void *arg, enum log_level level, const char *line)
{
    static const char *const words[] = {"", "error: ", "warning: ", "", "", ""};
    char text[1200];
    (void)arg;
    snprintf(text, sizeof text, "%s%s", words[level], line);
    write_line(text);
}

/* The file has the line already when the journal does not take it. */
static void to_journal(void *arg, enum log_level level, const char *line)
{
    static const int priorities[] = {6, 3, 4, 5, 6, 7};
    (void)arg;
    journal_send(priorities[level], line);
}

/* A relative name that was asked for counts from the working directory, as with every program. */
static int open_file(const char *root, const char *path, bool asked)
{
    const int flags =
        O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    const char *name;
    if (asked)
        return open(path, flags, 0600);
    int dir = place_dir(root, path, 0700, &name);
    if (dir < 0)
        return -1;
    int fd = openat(dir, name, flags, 0600), no = errno;
    close(dir);
    errno = no;
    return fd;
}

int cli_log_open(const char *root, const char *path, bool asked, struct err *e)
{
    int fd = open_file(root, path, asked);
    struct stat st;
    if (journal_here())
        (void)!log_add_sink(to_journal, NULL, LOG_INFO);
    if (fd < 0)
        return asked ? err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, path) : 0;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        (st.st_uid == geteuid() && fchmod(fd, 0600) < 0)) {
        close(fd);
        return asked ? err_errno(e, CAUSE_FILE_WRITE_FAILED, EINVAL, path) : 0;
    }
    log_fd = fd;
    free(path_kept);
    path_kept = str_eq(root, "/") ? xstrdup(path) : xasprintf("%s%s", root, path);
    return log_add_sink(sink, NULL, LOG_DEBUG);
}

void cli_log_close(void)
{
    log_remove_sink(to_journal, NULL);
    if (log_fd < 0)
        return;
    log_remove_sink(sink, NULL);
    close(log_fd);
    log_fd = -1;
    free(path_kept);
    path_kept = NULL;
}

const char *cli_log_path(void)
{
    return path_kept;
}

void cli_log_started(const char *what, const char *operation, const char *root)
{
    if (log_fd >= 0)
        write_line("-----------------------------------------------------------------");
    log_notice("joinery %s: %s, operation %s, system under %s", JOINERY_VERSION, what, operation,
               root);
}

void cli_log_ended(const struct err *e, int status)
{
    log_notice("ended: status 0x%x (%s), exit status %d", e->code, code_symbol(e->code), status);
}
