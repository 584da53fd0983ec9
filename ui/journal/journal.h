/*
 * systemd's journal, where there is one. The one place that knows libsystemd, whose header brings
 * syslog(3)'s names along: it cannot include engine/base/log.h.
 */
#ifndef JOINERY_UI_JOURNAL_H
#define JOINERY_UI_JOURNAL_H

#include <stdbool.h>

bool journal_here(void);
/* One line with the identifier "joinery"; the priority as syslog(3) numbers it, 0 to 7. A journal
 * that does not take it is passed over. */
void journal_send(int priority, const char *line);

#endif
