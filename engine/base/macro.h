/* Small compiler helpers shared by the whole tree. */
#ifndef JOINERY_BASE_MACRO_H
#define JOINERY_BASE_MACRO_H

#include <stdlib.h>

#define ARRAY_SIZE(a)     (sizeof(a) / sizeof((a)[0]))
#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define CLEANUP(fn)       __attribute__((cleanup(fn)))
#define UNUSED            __attribute__((unused))

/* Marks a string for translation; the tables carry the msgid and the user interface translates it.
 */
#define N_(s) s

static inline void freep(void *p)
{
    void **q = p;
    free(*q);
    *q = NULL;
}
#define AUTOFREE CLEANUP(freep)

/* Moves the pointer out of a variable, so that its cleanup frees nothing. */
#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) take_ = (p);                                                                 \
        (p) = NULL;                                                                                \
        take_;                                                                                     \
    })

#endif
