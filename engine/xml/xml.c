#define _GNU_SOURCE
#include "engine/xml/xml_int.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlmemory.h>
#include <libxml/xmlsave.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>

#define NODES_MAX                                                                                  \
    50000 /* elements, attributes, comments...: each costs a hundred bytes and more                \
           */
#define DEPTH_MAX 64

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *wiping_realloc(void *old, size_t len)
{
    size_t had = old ? malloc_usable_size(old) : 0;
    void *p = malloc(len);
    if (!p || !old)
        return p;
    memcpy(p, old, had < len ? had : len);
    explicit_bzero(old, had);
    free(old);
    return p;
}

static void wiping_free(void *p)
{
    if (p)
        explicit_bzero(p, malloc_usable_size(p));
    free(p);
}

void unattend_setup_process(void)
{
    (void)xmlMemSetup(wiping_free, malloc, wiping_realloc, strdup);
    xmlInitParser();
}

/* ---- reading ---------------------------------------------------------------------------------*/

/* What stops the parser before it builds more. */
struct guard {
    const char *refused;
    unsigned nodes, depth;
    startElementNsSAX2Func start;
    endElementNsSAX2Func end;
    commentSAXFunc comment;
    processingInstructionSAXFunc instruction;
    cdataBlockSAXFunc cdata;
};

static struct guard *guard_of(void *ctx)
{
    return ((xmlParserCtxtPtr)ctx)->_private;
}

static void refuse(void *ctx, const char *why)
{
    guard_of(ctx)->refused = why;
    xmlStopParser(ctx);
}

static bool room(void *ctx, unsigned n)
{
    struct guard *g = guard_of(ctx);
    if (g->refused)
        return false;
    g->nodes += n;
    if (g->nodes <= NODES_MAX)
        return true;
    refuse(ctx, "too many elements");
    return false;
}

/* Before anything of its inside is read: no entity is ever declared. */
static void on_doctype(void *ctx, const xmlChar *name UNUSED, const xmlChar *id UNUSED,
                       const xmlChar *system UNUSED)
{
    refuse(ctx, "a document type");
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n_attr, int n_default, const xmlChar **attr)
{
    struct guard *g = guard_of(ctx);
    if (!room(ctx, 1u + (unsigned)n_ns + (unsigned)n_attr))
        return;
    if (++g->depth > DEPTH_MAX) {
        refuse(ctx, "elements nested too deep");
        return;
    }
    g->start(ctx, name, prefix, uri, n_ns, ns, n_attr, n_default, attr);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct guard *g = guard_of(ctx);
    if (g->refused)
        return;
    g->depth--;
    g->end(ctx, name, prefix, uri);
}

static void on_comment(void *ctx, const xmlChar *text)
{
    if (room(ctx, 1))
        guard_of(ctx)->comment(ctx, text);
}

static void on_instruction(void *ctx, const xmlChar *target, const xmlChar *data)
{
    if (room(ctx, 1))
        guard_of(ctx)->instruction(ctx, target, data);
}

static void on_cdata(void *ctx, const xmlChar *text, int len)
{
    if (room(ctx, 1))
        guard_of(ctx)->cdata(ctx, text, len);
}

static void stand_guard(xmlParserCtxtPtr ctxt, struct guard *g)
{
    xmlSAXHandler *sax = ctxt->sax;
    *g = (struct guard){
        .start = sax->startElementNs,
        .end = sax->endElementNs,
        .comment = sax->comment,
        .instruction = sax->processingInstruction,
        .cdata = sax->cdataBlock,
    };
    sax->internalSubset = on_doctype;
    sax->startElementNs = on_start;
    sax->endElementNs = on_end;
    sax->comment = on_comment;
    sax->processingInstruction = on_instruction;
    sax->cdataBlock = on_cdata;
    ctxt->_private = g;
}

/* The parser's own copy of the input. */
static void wipe_input(xmlParserCtxtPtr ctxt)
{
    const xmlParserInput *in = ctxt->input;
    if (in && in->buf && in->base && in->end > in->base)
        explicit_bzero((void *)in->base, (size_t)(in->end - in->base));
}

/* Which line ends the text has, in 8 or 16 bits: those of its first line count. */
static bool ends_in_crlf(const unsigned char *p, size_t len)
{
    const unsigned char *lf = memchr(p, '\n', len);
    size_t at = lf ? (size_t)(lf - p) : 0;
    return (at >= 1 && p[at - 1] == '\r') || (at >= 2 && p[at - 1] == 0 && p[at - 2] == '\r');
}

static int fault(xmlParserCtxtPtr ctxt, const struct guard *g, enum cause bad, struct err *e)
{
    int line = ctxt->lastError.line;
    if (g->refused)
        err_fact(e, FACT_PLACE, "%s", g->refused);
    else if (line > 0)
        err_fact(e, FACT_PLACE, "line %d", line);
    err_cause(e, bad);
    return err_foreign(e, ERR_SRC_NONE, ctxt->lastError.code, "libxml2: %s",
                       g->refused                ? g->refused
                       : ctxt->lastError.message ? ctxt->lastError.message
                                                 : "no document");
}

/* Those in which markup is plain ASCII or UTF-16. In others (UTF-7, EBCDIC, stateful ones) a file
 * would come out as something that Setup cannot read, and people would see other text than we. */
static bool usual_encoding(const char *name)
{
    static const char *const usual[] = {"utf-8", "utf-16", "us-ascii", "iso-8859-", "windows-125"};
    for (size_t i = 0; name && i < sizeof usual / sizeof usual[0]; i++) {
        if (!strncasecmp(name, usual[i], strlen(usual[i])))
            return true;
    }
    return !name;
}

int xml_read(const void *data, size_t len, enum cause bad, struct xml *ret, struct err *e)
{
    struct guard g;
    *ret = (struct xml){0};
    pthread_once(&once, xmlInitParser);
    if (len == 0 || len > UNATTEND_MAX) {
        err_fact(e, FACT_LIMIT, "%u", UNATTEND_MAX);
        err_fact(e, FACT_PLACE, len ? "its size" : "it is empty");
        return err_cause(e, bad);
    }
    xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
    if (!ctxt)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    stand_guard(ctxt, &g);
    xmlDocPtr doc = xmlCtxtReadMemory(ctxt, data, (int)len, NULL, NULL,
                                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                          XML_PARSE_NODICT);
    ret->doc = doc;
    int r = 0;
    if (doc && !usual_encoding((const char *)doc->encoding))
        g.refused = "its encoding";
    if (!doc || g.refused || !ctxt->wellFormed || doc->intSubset || doc->extSubset ||
        !xmlDocGetRootElement(doc)) {
        r = fault(ctxt, &g, bad, e);
        xml_free(ret);
    }
    wipe_input(ctxt);
    xmlFreeParserCtxt(ctxt);
    if (r == 0) {
        ret->mark = len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0;
        ret->crlf = ends_in_crlf(data, len);
        ret->wide =
            len >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0);
    }
    return r;
}

/* ---- writing ---------------------------------------------------------------------------------*/

/* wide: 16 bits a unit, in the byte order of its mark, which libxml2 always writes. */
static void put_lines(const unsigned char *p, size_t len, bool crlf, struct buf *out)
{
    size_t unit =
        len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)) ? 2 : 1;
    size_t low = unit == 2 && p[0] == 0xfe ? 1 : 0; /* where a small unit's value stands */
    size_t from = 0;
    for (size_t i = 0; crlf && i + unit <= len; i += unit) {
        if (p[i + low] != '\n' || (unit == 2 && p[i + 1 - low] != 0))
            continue;
        unsigned char cr[2] = {0};
        cr[low] = '\r';
        buf_put(out, p + from, i - from);
        buf_put(out, cr, unit);
        from = i;
    }
    buf_put(out, p + from, len - from);
}

static void drop_text(xmlBufferPtr text)
{
    if (text && xmlBufferContent(text))
        explicit_bzero((void *)xmlBufferContent(text), (size_t)xmlBufferLength(text));
    xmlBufferFree(text);
}

int xml_write(const struct xml *x, struct buf *out, struct err *e)
{
    const char *encoding = x->doc->encoding ? (const char *)x->doc->encoding
                           : x->wide        ? "UTF-16"
                                            : "UTF-8";
    xmlBufferPtr text = xmlBufferCreate();
    if (text)
        xmlBufferSetAllocationScheme(text, XML_BUFFER_ALLOC_DOUBLEIT);
    /* No declaration where there was none. */
    int how = XML_SAVE_AS_XML | (x->doc->standalone == -1 ? XML_SAVE_NO_DECL : 0);
    xmlSaveCtxtPtr save = text ? xmlSaveToBuffer(text, encoding, how) : NULL;
    bool saved = save && xmlSaveDoc(save, x->doc) >= 0;
    if ((save && xmlSaveClose(save) < 0) || !saved || xmlBufferLength(text) <= 0) {
        drop_text(text);
        err_foreign(e, ERR_SRC_NONE, 0, "libxml2 cannot write %s", encoding);
        return err_cause(e, CAUSE_INTERNAL);
    }
    if (x->mark)
        buf_str(out, "\xef\xbb\xbf");
    put_lines(xmlBufferContent(text), (size_t)xmlBufferLength(text), x->crlf, out);
    drop_text(text);
    return out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

/* ---- letting go ------------------------------------------------------------------------------*/

static xmlNodePtr after(xmlNodePtr n)
{
    if (n->type == XML_ELEMENT_NODE && n->children)
        return n->children;
    while (n && !n->next)
        n = n->parent && n->parent->type == XML_ELEMENT_NODE ? n->parent : NULL;
    return n ? n->next : NULL;
}

void xml_free(struct xml *x)
{
    for (xmlNodePtr n = x->doc ? x->doc->children : NULL; n; n = after(n)) {
        /* Short texts lie inside the node itself. */
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) && n->content)
            explicit_bzero(n->content, strlen((const char *)n->content));
    }
    xmlFreeDoc(x->doc);
    *x = (struct xml){0};
}

int xml_refuse(enum cause cause, const xmlNode *at, struct err *e)
{
    err_cause(e, cause);
    err_fact(e, FACT_PLACE, "line %ld, %.100s", xmlGetLineNo((xmlNodePtr)at), at->name);
    return -1;
}
