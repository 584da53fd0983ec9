/* Walking through an answer file; private to engine/xml. */
#ifndef JOINERY_XML_UNATTEND_INT_H
#define JOINERY_XML_UNATTEND_INT_H

#include "engine/xml/xml_int.h"

#include "engine/base/strv.h"

#define UNATTEND_JOIN  "Microsoft-Windows-UnattendedJoin"
#define UNATTEND_SHELL "Microsoft-Windows-Shell-Setup"
#define UNATTEND_TOKEN "31bf3856ad364e35"

/* Elements count in Setup's own name space only. */
bool unattend_is(const xmlNode *n, const char *name);
const char *unattend_attribute(const xmlNode *n, const char *name);
/* The next one after `last` (NULL: the first); NULL at the end. */
xmlNodePtr unattend_next(xmlNodePtr parent, xmlNodePtr last, const char *name);
xmlNodePtr unattend_pass(xmlNodePtr root, xmlNodePtr last, const char *pass);
xmlNodePtr unattend_component(xmlNodePtr settings, xmlNodePtr last, const char *name);

int unattend_open(const void *xml, size_t len, enum cause bad, struct xml *ret,
                  struct err *e) MUST_USE;
int unattend_arch(const char *arch, const char **ret, struct err *e) MUST_USE;
int unattend_base64(const char *p, size_t len, struct err *e) MUST_USE;

#endif
