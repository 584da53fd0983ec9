/*
 * The lines of the log in systemd's journal as well, where there is one. The one place that knows
 * libsystemd.
 */
#ifndef JOINERY_UI_JOURNAL_H
#define JOINERY_UI_JOURNAL_H

/* Sends every line from LOG_INFO up, with the identifier "joinery". Where no journal listens
 * nothing happens. To be called once. */
void journal_open(void);
void journal_close(void);

#endif
