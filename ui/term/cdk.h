/*
 * The CDK adapter: screen, focus ring, key bindings and frames of CDK, and nothing else of it. Our
 * widgets are registered as CDK objects; CDK moves the focus between them and dispatches bound
 * keys. No text ever goes to CDK. The page hands over the elements that can have the focus, in
 * order; the ring says which one has it.
 */
#ifndef JOINERY_UI_TERM_CDK_H
#define JOINERY_UI_TERM_CDK_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/term/event.h"

struct ring_item {
    int id;       /* the page's own number */
    bool enabled; /* may have the focus */
};

struct ring_ops {
    void (*focus)(void *ctx, int id); /* the focus has come to id */
    bool (*key)(void *ctx, int id,
                const struct ui_event *ev); /* a key for the focused element; false: not used */
    bool (*global)(
        void *ctx,
        const struct ui_event *ev); /* a key bound on every element (page, help, log, cancel...) */
};

/* The callbacks run inside CDK: they change the model, and leave ring_set() to the next drawing.
 * ops lives as long as the ring; the terminal must be running. 0, or -1 without memory. */
int ring_open(const struct ring_ops *ops, void *ctx);
void ring_close(void);

/* The page's elements now. When they are the same as before nothing happens; else the objects are
 * made anew. `focused` gets the focus without a call of ops->focus; when it is not enabled the
 * first enabled one gets it (and ops->focus is called). */
int ring_set(const struct ring_item *items, size_t count, int focused);
int ring_focused(void); /* id, or -1 */

/* Gives a key event to the ring: NEXT_FIELD and PREV_FIELD travel (CDK traversal, round at the
 * ends), bound actions go to ops->global, everything else to ops->key of the focused element.
 * Returns whether somebody used it. */
bool ring_dispatch(const struct ui_event *ev);

#endif
