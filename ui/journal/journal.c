#define SD_JOURNAL_SUPPRESS_LOCATION
#include "ui/journal/journal.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"

/* sd_journal_sendv() makes no difference between no journal and success, and opens its socket at
 * each call: where there is none it is not asked. */
#define SOCKET "/run/systemd/journal/socket"

static void sink(void *arg, enum log_level level, const char *line)
{
    /* syslog(3)'s numbers */
    static const char *const priorities[] = {"PRIORITY=6", "PRIORITY=3", "PRIORITY=4",
                                             "PRIORITY=5", "PRIORITY=6", "PRIORITY=7"};
    static char identifier[] = "SYSLOG_IDENTIFIER=joinery";
    (void)arg;
    AUTOFREE char *message = xasprintf("MESSAGE=%s", line);
    AUTOFREE char *priority = xstrdup(priorities[level]);
    struct iovec fields[] = {{message, strlen(message)},
                             {priority, strlen(priority)},
                             {identifier, sizeof identifier - 1}};
    /* A journal that is full or gone must not stop a join; the file has the line. */
    (void)sd_journal_sendv(fields, ARRAY_SIZE(fields));
}

static bool open_now;

void journal_open(void)
{
    if (access(SOCKET, W_OK) == 0)
        open_now = log_add_sink(sink, NULL, LOG_INFO) == 0;
}

void journal_close(void)
{
    if (open_now)
        log_remove_sink(sink, NULL);
    open_now = false;
}
