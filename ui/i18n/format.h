/* Dates, durations and order as people of the language expect them. */
#ifndef JOINERY_UI_I18N_FORMAT_H
#define JOINERY_UI_I18N_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Date and time of day, local: as the locale writes them when it is one of the language in use;
 * else 2026-11-21 19:43, which nobody misreads. seconds: since 1970. "" when there is no such day.
 * Returns out. */
char *format_date_time(char *out, size_t size, int64_t seconds);

/* "0:07", "12:34", "1:02:03". Returns out. */
char *format_duration(char *out, size_t size, uint64_t ms);

/* Whether the locale has an order of its own; without one (C, C.UTF-8) what came sorted is kept. */
bool format_orders(void);
/* As strcmp(), in the locale's order. */
int format_compare(const char *a, const char *b);

#endif
