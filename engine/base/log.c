#include "engine/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define SINKS_MAX 4

static struct sink {
    log_sink_fn *fn;
    void *arg;
    enum log_level max;
} sinks[SINKS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int log_add_sink(log_sink_fn *fn, void *arg, enum log_level max)
{
    int r = -1;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SINKS_MAX && r < 0; i++) {
        if (!sinks[i].fn) {
            sinks[i] = (struct sink){fn, arg, max};
            r = 0;
        }
    }
    pthread_mutex_unlock(&lock);
    return r;
}

void log_remove_sink(log_sink_fn *fn, void *arg)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SINKS_MAX; i++) {
        if (sinks[i].fn == fn && sinks[i].arg == arg)
            sinks[i] = (struct sink){0};
    }
    pthread_mutex_unlock(&lock);
}

void log_line(enum log_level level, const char *fmt, ...)
{
    char line[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    for (unsigned char *p = (unsigned char *)line; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SINKS_MAX; i++) {
        if (sinks[i].fn && level <= sinks[i].max)
            sinks[i].fn(sinks[i].arg, level, line);
    }
    pthread_mutex_unlock(&lock);
}
