/* Reading and writing of small, hostile XML; private to engine/xml. */
#ifndef JOINERY_XML_XML_INT_H
#define JOINERY_XML_XML_INT_H

#include <libxml/tree.h>

#include "engine/xml/unattend.h"

struct xml {
    xmlDocPtr doc;
    bool mark; /* began with the byte order mark of UTF-8 */
    bool crlf; /* lines end in CR LF */
    bool wide; /* began with the byte order mark of UTF-16 */
};

/* `bad` is the cause of every refusal; FACT_PLACE says where. */
int xml_read(const void *data, size_t len, enum cause bad, struct xml *ret, struct err *e) MUST_USE;
/* As it came: encoding, mark, line ends. */
int xml_write(const struct xml *x, struct buf *out, struct err *e) MUST_USE;
void xml_free(struct xml *x); /* wipes the texts; a zeroed one is fine */

/* err_cause() with the element as FACT_PLACE. */
int xml_refuse(enum cause cause, const xmlNode *at, struct err *e);

#endif
