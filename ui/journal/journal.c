#define SD_JOURNAL_SUPPRESS_LOCATION
#include "ui/journal/journal.h"

#include <systemd/sd-journal.h>
#include <unistd.h>

bool journal_here(void)
{
    return access("/run/systemd/journal/socket", W_OK) == 0;
}

void journal_send(int priority, const char *line)
{
    (void)sd_journal_send("MESSAGE=%s", line, "PRIORITY=%d", priority, "SYSLOG_IDENTIFIER=joinery",
                          NULL);
}
