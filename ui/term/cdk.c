/*
 * The only file that knows CDK. Of its archive four objects are linked: cdkscreen (screens),
 * traverse (focus), binding (keys) and draw (frames). cdk.o, with the mark-up parser and the file
 * readers, stays out: the two functions of it that draw.o names are below.
 */
#define _GNU_SOURCE
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR       1
/* CDK names its own prototypes loosely, and its macros are so generic that no other header may come
 * after it. */
#include "ui/term/cdk.h"
#include "ui/term/internal.h"

#include <cdk/cdk.h>
#include <string.h>

#define UNUSED_ARGUMENT __attribute__((unused))

/* ---- what draw.o needs of cdk.o ---- */

void freeChar(char *string)
{
    free(string);
}

void cleanChar(char *s, int len, char character)
{
    if (s && len > 0) {
        memset(s, character, (size_t)len - 1);
        s[len - 1] = '\0';
    }
}

/* ---- objects ---- */

/* One focusable element of the page, as CDK sees it. Its drawing is the canvas' business. */
typedef struct {
    CDKOBJS obj;
    int id;
} RING_OBJECT;

static struct {
    CDKSCREEN *screen;
    RING_OBJECT **objects;
    struct ring_item *items;
    size_t count;
    const struct ring_ops *ops;
    void *ctx;
    const struct ui_event *event; /* being dispatched */
    bool used;                    /* what became of it */
    bool quiet;                   /* the focus is being placed, not moved */
} ring;

static void draw_object(CDKOBJS *o UNUSED_ARGUMENT, boolean box UNUSED_ARGUMENT)
{
}

static void plain_object(CDKOBJS *o UNUSED_ARGUMENT)
{
}

static void move_object(CDKOBJS *o UNUSED_ARGUMENT, int x UNUSED_ARGUMENT, int y UNUSED_ARGUMENT,
                        boolean relative UNUSED_ARGUMENT, boolean refresh UNUSED_ARGUMENT)
{
}

static int inject_object(CDKOBJS *o, chtype input UNUSED_ARGUMENT)
{
    RING_OBJECT *r = (RING_OBJECT *)(void *)o;
    if (ring.event && ring.ops->key) {
        ring.used = ring.ops->key(ring.ctx, r->id, ring.event);
    }
    return ring.used;
}

static void focus_object(CDKOBJS *o)
{
    RING_OBJECT *r = (RING_OBJECT *)(void *)o;
    if (!ring.quiet && ring.ops && ring.ops->focus) {
        ring.ops->focus(ring.ctx, r->id);
    }
}

static void destroy_object(CDKOBJS *o)
{
    cleanCDKObjectBindings(vBUTTON, o);
    unregisterCDKObject(vBUTTON, o);
    _destroyCDKObject(o);
}

#define LINE_SETTER(name, member)                                                                  \
    static void name(CDKOBJS *o, chtype c)                                                         \
    {                                                                                              \
        o->member = c;                                                                             \
    }
LINE_SETTER(set_upper_left, ULChar)
LINE_SETTER(set_upper_right, URChar)
LINE_SETTER(set_lower_left, LLChar)
LINE_SETTER(set_lower_right, LRChar)
LINE_SETTER(set_vertical, VTChar)
LINE_SETTER(set_horizontal, HZChar)
LINE_SETTER(set_attributes, BXAttr)

static void set_background(CDKOBJS *o UNUSED_ARGUMENT, chtype c UNUSED_ARGUMENT)
{
}

static const CDKFUNCS functions = {
    vBUTTON,        DataTypeInt,    draw_object,     plain_object,   move_object,
    inject_object,  focus_object,   plain_object,    plain_object,   plain_object,
    destroy_object, set_upper_left, set_upper_right, set_lower_left, set_lower_right,
    set_vertical,   set_horizontal, set_attributes,  set_background,
};

/* ---- screen ---- */

int cdk_start(void)
{
    ring.screen = initCDKScreen(stdscr);
    return ring.screen ? 0 : -1;
}

static void drop_objects(void)
{
    /* One by one: destroyCDKScreenObjects() skips some. */
    for (size_t i = 0; i < ring.count; i++) {
        destroy_object(&ring.objects[i]->obj);
    }
    free(ring.objects);
    free(ring.items);
    ring.objects = NULL;
    ring.items = NULL;
    ring.count = 0;
    if (ring.screen) {
        ring.screen->objectFocus = -1;
    }
}

void cdk_stop(void)
{
    drop_objects();
    if (ring.screen) {
        destroyCDKScreen(ring.screen);
    }
    ring.screen = NULL;
}

/* ---- focus ring ---- */

int ring_open(const struct ring_ops *ops, void *ctx)
{
    if (!ring.screen) {
        return -1;
    }
    ring.ops = ops;
    ring.ctx = ctx;
    return 0;
}

void ring_close(void)
{
    drop_objects();
    ring.ops = NULL;
    ring.ctx = NULL;
}

static int on_global(EObjectType type UNUSED_ARGUMENT, void *object UNUSED_ARGUMENT,
                     void *data UNUSED_ARGUMENT, chtype key UNUSED_ARGUMENT)
{
    if (ring.event && ring.ops->global) {
        ring.used = ring.ops->global(ring.ctx, ring.event);
    }
    return 1;
}

/* Actions that mean the same on every element. */
static const enum action globals[] = {ACT_NEXT_PAGE, ACT_BACK,     ACT_CANCEL, ACT_HELP,
                                      ACT_LOG,       ACT_SETTINGS, ACT_REPAINT};

static bool is_global(enum action action)
{
    for (size_t i = 0; i < sizeof(globals) / sizeof(globals[0]); i++) {
        if (globals[i] == action) {
            return true;
        }
    }
    return false;
}

static RING_OBJECT *new_object(const struct ring_item *item)
{
    RING_OBJECT *r = newCDKObject(RING_OBJECT, &functions);
    if (!r) {
        return NULL;
    }
    r->id = item->id;
    r->obj.screen = ring.screen;
    r->obj.acceptsFocus = item->enabled;
    r->obj.inputWindow = stdscr;
    registerCDKObject(ring.screen, vBUTTON, r);
    for (size_t i = 0; i < sizeof(globals) / sizeof(globals[0]); i++) {
        bindCDKObject(vBUTTON, r, (chtype)globals[i], on_global, NULL);
    }
    return r;
}

static CDKOBJS *current(void)
{
    return ring.screen && ring.count ? getCDKFocusCurrent(ring.screen) : NULL;
}

int ring_focused(void)
{
    RING_OBJECT *r = (RING_OBJECT *)(void *)current();
    return r && r->obj.acceptsFocus ? r->id : -1;
}

static bool same(const struct ring_item *items, size_t count)
{
    if (count != ring.count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].id != ring.items[i].id || items[i].enabled != ring.items[i].enabled) {
            return false;
        }
    }
    return true;
}

static int make_objects(const struct ring_item *items, size_t count)
{
    drop_objects();
    if (count == 0) {
        return 0;
    }
    ring.objects = calloc(count, sizeof(ring.objects[0]));
    ring.items = calloc(count, sizeof(ring.items[0]));
    if (!ring.objects || !ring.items) {
        drop_objects();
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        ring.objects[i] = new_object(&items[i]);
        if (!ring.objects[i]) {
            drop_objects();
            return -1;
        }
        ring.items[i] = items[i];
        ring.count = i + 1;
    }
    return 0;
}

int ring_set(const struct ring_item *items, size_t count, int focused)
{
    if (!ring.screen || !ring.ops) {
        return -1;
    }
    if (!same(items, count) && make_objects(items, count) < 0) {
        return -1;
    }
    if (count == 0 || ring_focused() == focused) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].id == focused && items[i].enabled) {
            setCDKFocusCurrent(ring.screen, &ring.objects[i]->obj);
            return 0;
        }
    }
    CDKOBJS *first = setCDKFocusFirst(ring.screen);
    if (first && first->acceptsFocus) {
        focus_object(first);
    }
    return 0;
}

static boolean no_menu_key(int key UNUSED_ARGUMENT, int function_key UNUSED_ARGUMENT)
{
    return FALSE;
}

bool ring_dispatch(const struct ui_event *ev)
{
    CDKOBJS *object = current();
    if (!ring.ops || ev->type != EV_KEY) {
        return false;
    }
    ring.event = ev;
    ring.used = false;
    if (!object) {
        ring.used = is_global(ev->action) && ring.ops->global && ring.ops->global(ring.ctx, ev);
    } else if (ev->action == ACT_NEXT_FIELD || ev->action == ACT_PREV_FIELD) {
        traverseCDKOnce(ring.screen, object, ev->action == ACT_NEXT_FIELD ? KEY_TAB : KEY_BTAB,
                        ev->action == ACT_PREV_FIELD, no_menu_key);
        ring.used = true;
    } else if (!checkCDKObjectBind(vBUTTON, object, (chtype)ev->action)) {
        object->fn->injectObj(object, (chtype)ev->action);
    }
    ring.event = NULL;
    return ring.used;
}

/* ---- frames ---- */

/* CDK refreshes a window after drawing a frame into it; on a pad that does nothing, and the
 * presenter keeps the only refresh. */
static void frame_to_screen(WINDOW *pad, struct rect r)
{
    int bottom = r.rows - 1, right = r.cols - 1;
    int y = r.row, x = r.col;
    copywin(pad, stdscr, 0, 0, y, x, y, x + right, FALSE);
    copywin(pad, stdscr, bottom, 0, y + bottom, x, y + bottom, x + right, FALSE);
    copywin(pad, stdscr, 0, 0, y, x, y + bottom, x, FALSE);
    copywin(pad, stdscr, 0, right, y, x + right, y + bottom, x + right, FALSE);
}

static void draw_frame(const struct canvas_frame *f)
{
    unsigned long attributes;
    short pair;
    theme_of(f->role, &attributes, &pair);
    RING_OBJECT *box = newCDKObject(RING_OBJECT, &functions);
    WINDOW *pad = newpad(f->r.rows, f->r.cols);
    if (box && pad) {
        setULCharOf(box, ACS_ULCORNER);
        setURCharOf(box, ACS_URCORNER);
        setLLCharOf(box, ACS_LLCORNER);
        setLRCharOf(box, ACS_LRCORNER);
        setVTCharOf(box, ACS_VLINE);
        setHZCharOf(box, ACS_HLINE);
        setBXAttrOf(box, (chtype)attributes | (chtype)COLOR_PAIR(pair));
        drawObjBox(pad, &box->obj);
        frame_to_screen(pad, f->r);
    }
    if (pad) {
        delwin(pad);
    }
    if (box) {
        _destroyCDKObject(&box->obj);
    }
}

void cdk_frames(const struct canvas *c)
{
    const struct canvas_frame *frames;
    size_t count = canvas_boxes(c, &frames);
    for (size_t i = 0; i < count; i++) {
        if (frames[i].r.row + frames[i].r.rows <= LINES &&
            frames[i].r.col + frames[i].r.cols <= COLS) {
            draw_frame(&frames[i]);
        }
    }
}
