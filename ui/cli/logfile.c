/* The log file: lines like those of Windows' NetSetup.LOG. Read by administrators, hence English. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "ui/cli/cli.h"

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

int cli_log_open(const char *path, bool asked, struct err *e)
{
    if (!asked) {
        AUTOFREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
        if (mkdir(dir, 0700) < 0 && errno != EEXIST)
            return 0;
    }
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    struct stat st;
    if (fd < 0)
        return asked ? err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, path) : 0;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_uid == geteuid() && fchmod(fd, 0600) < 0)) {
        close(fd);
        return asked ? err_errno(e, CAUSE_FILE_WRITE_FAILED, EINVAL, path) : 0;
    }
    log_fd = fd;
    free(path_kept);
    path_kept = xstrdup(path);
    return log_add_sink(sink, NULL, LOG_DEBUG);
}

void cli_log_close(void)
{
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

void cli_log_step(const struct engine_msg *m)
{
    static const char *const states[] = {
        [STEP_WAITING] = "waiting", [STEP_RUNNING] = "started", [STEP_OK] = "ok",        [STEP_SKIPPED] = "skipped",
        [STEP_NOTICE] = "notice",   [STEP_FAILED] = "failed",   [STEP_UNDONE] = "undone",
    };
    if (log_fd < 0)
        return;
    const struct step_row *row = step_row(m->u.step.step);
    struct buf b = BUF_INIT(2000);
    buf_printf(&b, "step %d %s: %s", row->number, row->word, states[m->u.step.state]);
    if (m->u.step.detail && *m->u.step.detail)
        buf_printf(&b, ", %s", m->u.step.detail);
    if (m->u.step.state != STEP_RUNNING)
        buf_printf(&b, ", status 0x%x (%s)", m->u.step.err.code, code_symbol(m->u.step.err.code));
    char *text = buf_text(&b);
    if (text) {
        err_clean_text(text);
        write_line(text);
    }
    buf_free(&b);
}
