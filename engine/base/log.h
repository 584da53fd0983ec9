/*
 * The log: one line a decision, to the sinks that main() sets. Engine texts are English and name
 * the input a decision was taken on; secrets never reach it because no call takes one.
 */
#ifndef JOINERY_BASE_LOG_H
#define JOINERY_BASE_LOG_H

#include "engine/base/macro.h"

enum log_level { LOG_ERROR = 1, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

typedef void log_sink_fn(void *arg, enum log_level level, const char *line);

/* At most four sinks. Called with a lock held: a sink must not log. Lines carry no newline and no
 * control character. */
int log_add_sink(log_sink_fn *fn, void *arg, enum log_level max) MUST_USE;
void log_remove_sink(log_sink_fn *fn, void *arg);
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...)   log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)

#endif
