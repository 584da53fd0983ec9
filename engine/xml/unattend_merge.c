/* Adding provisioning data to an answer file that somebody else wrote. */
#define _GNU_SOURCE
#include "engine/xml/unattend_int.h"

#include <string.h>

void unattend_look_free(struct unattend_look *l)
{
    free(l->computer_name);
    *l = (struct unattend_look){0};
}

/* ---- what stands there -----------------------------------------------------------------------*/

/* An own architecture counts; without the attribute Setup might take it either way. */
static bool concerns(const xmlNode *component, const char *arch)
{
    const char *a = unattend_attribute(component, "processorArchitecture");
    return !a || str_ieq(a, arch);
}

static bool has_text(const xmlNode *n)
{
    for (const xmlNode *t = n->children; t; t = t->next) {
        if (t->type == XML_TEXT_NODE || t->type == XML_CDATA_SECTION_NODE) {
            if (t->content && t->content[strspn((const char *)t->content, " \t\r\n")])
                return true;
        } else if (t->type != XML_COMMENT_NODE && t->type != XML_PI_NODE) {
            return true;
        }
    }
    return false;
}

/* A Provisioning without data is a place to fill; anything else in it is not ours. */
static const xmlNode *filled(xmlNodePtr provisioning)
{
    for (xmlNodePtr n = provisioning->children; n; n = n->next) {
        if (n->type == XML_ELEMENT_NODE && (!unattend_is(n, "AccountData") || has_text(n)))
            return n;
    }
    return NULL;
}

static int check_identification(xmlNodePtr id, struct err *e)
{
    static const char *const joins[] = {"JoinDomain",      "Credentials",     "UnsecureJoin",
                                        "MachineObjectOU", "MachinePassword", "DomainToJoin"};
    for (xmlNodePtr n = id->children; n; n = n->next) {
        if (unattend_is(n, "JoinWorkgroup"))
            return xml_refuse(CAUSE_ANSWER_FILE_WORKGROUP, n, e);
        for (size_t i = 0; i < ARRAY_SIZE(joins); i++) {
            if (unattend_is(n, joins[i]))
                return xml_refuse(CAUSE_ANSWER_FILE_JOINS, n, e);
        }
        const xmlNode *data = unattend_is(n, "Provisioning") ? filled(n) : NULL;
        if (data)
            return xml_refuse(CAUSE_ANSWER_FILE_JOINS, data, e);
    }
    return 0;
}

/* Setup marks what it is through with, and passes it over from then on. */
static int check_fresh(xmlNodePtr settings, struct err *e)
{
    const char *used = unattend_attribute(settings, "wasPassProcessed");
    return used && str_ieq(used, "true") ? xml_refuse(CAUSE_ANSWER_FILE_USED, settings, e) : 0;
}

static int check_pass(xmlNodePtr root, const char *pass, const char *identification,
                      const char *arch, struct err *e)
{
    xmlNodePtr s = NULL, c, id;
    while ((s = unattend_pass(root, s, pass))) {
        for (c = NULL; (c = unattend_component(s, c, UNATTEND_JOIN));) {
            if (!concerns(c, arch))
                continue;
            for (id = NULL; (id = unattend_next(c, id, identification));) {
                if (check_identification(id, e) < 0)
                    return -1;
            }
        }
    }
    return 0;
}

static void look_at(xmlNodePtr root, const char *arch, struct unattend_look *look)
{
    xmlNodePtr s = NULL, c, n;
    unattend_look_free(look);
    while ((s = unattend_pass(root, s, "specialize"))) {
        look->has_pass = true;
        for (c = NULL; !look->computer_name && (c = unattend_component(s, c, UNATTEND_SHELL));) {
            n = concerns(c, arch) ? unattend_next(c, NULL, "ComputerName") : NULL;
            xmlChar *text = n ? xmlNodeGetContent(n) : NULL;
            if (text)
                look->computer_name = xstrdup((const char *)text);
            xmlFree(text);
        }
    }
    if (!look->computer_name)
        look->computer_name = xstrdup("");
}

int unattend_examine(const void *xml, size_t len, const char *arch, struct unattend_look *ret,
                     struct err *e)
{
    struct xml x;
    *ret = (struct unattend_look){0};
    if (unattend_arch(arch, &arch, e) < 0 ||
        unattend_open(xml, len, CAUSE_ANSWER_FILE_BAD, &x, e) < 0)
        return -1;
    look_at(xmlDocGetRootElement(x.doc), arch, ret);
    xml_free(&x);
    return 0;
}

/* ---- putting ours in -------------------------------------------------------------------------*/

/* Lines are indented as the file's own. */
struct indent {
    char unit[17];
};

static bool is_blank(const xmlNode *n)
{
    return n && n->type == XML_TEXT_NODE && n->content &&
           !n->content[strspn((const char *)n->content, " \t\r\n")];
}

static void find_indent(xmlNodePtr root, struct indent *in)
{
    strcpy(in->unit, "    ");
    const char *text = is_blank(root->children) ? (const char *)root->children->content : "";
    const char *nl = strrchr(text, '\n');
    size_t n = nl ? strlen(nl + 1) : 0;
    if (n > 0 && n < sizeof in->unit)
        memcpy(in->unit, nl + 1, n + 1);
}

static char *line_break(const struct indent *in, int depth)
{
    struct buf b = BUF_INIT(4096);
    buf_str(&b, "\n");
    for (int i = 0; i < depth; i++)
        buf_str(&b, in->unit);
    char *r = buf_steal(&b);
    return r ? r : xstrdup("\n");
}

static bool put_break(xmlNodePtr parent, const struct indent *in, int depth)
{
    AUTOFREE char *text = line_break(in, depth);
    if (is_blank(parent->last)) {
        xmlNodePtr old = parent->last;
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    xmlNodePtr t = xmlNewDocText(parent->doc, (const xmlChar *)text);
    return t && xmlAddChild(parent, t);
}

/* A new last element of `parent`, which stands at `depth`. NULL when memory is out. */
static xmlNodePtr append(xmlNodePtr parent, const char *name, const struct indent *in, int depth)
{
    xmlNodePtr n = xmlNewDocNode(parent->doc, parent->ns, (const xmlChar *)name, NULL);
    if (!n || !put_break(parent, in, depth + 1) || !xmlAddChild(parent, n)) {
        xmlFreeNode(n);
        return NULL;
    }
    return put_break(parent, in, depth) ? n : NULL;
}

static bool set(xmlNodePtr n, const char *name, const char *value)
{
    return xmlNewProp(n, (const xmlChar *)name, (const xmlChar *)value) != NULL;
}

static xmlNodePtr find_component(xmlNodePtr root, const char *arch)
{
    xmlNodePtr s = NULL, c;
    while ((s = unattend_pass(root, s, "specialize"))) {
        for (c = NULL; (c = unattend_component(s, c, UNATTEND_JOIN));) {
            if (str_ieq(unattend_attribute(c, "processorArchitecture"), arch))
                return c;
        }
    }
    return NULL;
}

static xmlNodePtr need_component(xmlNodePtr root, const char *arch, const struct indent *in)
{
    xmlNodePtr c = find_component(root, arch), s;
    if (c)
        return c;
    s = unattend_pass(root, NULL, "specialize");
    if (!s) {
        s = append(root, "settings", in, 0);
        if (!s || !set(s, "pass", "specialize"))
            return NULL;
    }
    c = append(s, "component", in, 1);
    return c && set(c, "name", UNATTEND_JOIN) && set(c, "processorArchitecture", arch) &&
                   set(c, "publicKeyToken", UNATTEND_TOKEN) && set(c, "language", "neutral") &&
                   set(c, "versionScope", "nonSxS")
               ? c
               : NULL;
}

static xmlNodePtr need(xmlNodePtr parent, const char *name, const struct indent *in, int depth)
{
    xmlNodePtr n = parent ? unattend_next(parent, NULL, name) : NULL;
    return n ? n : parent ? append(parent, name, in, depth) : NULL;
}

/* What is in the element is blank: check_identification() saw to that. */
static bool fill_in(xmlNodePtr data, const char *base64, size_t len)
{
    while (is_blank(data->last)) {
        xmlNodePtr old = data->last;
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    xmlNodePtr t = xmlNewDocTextLen(data->doc, (const xmlChar *)base64, (int)len);
    return t && xmlAddChild(data, t);
}

static int insert(struct xml *x, const char *arch, const char *base64, size_t len, struct err *e)
{
    struct indent in;
    xmlNodePtr root = xmlDocGetRootElement(x->doc);
    find_indent(root, &in);
    xmlNodePtr n = need_component(root, arch, &in);
    n = need(n, "Identification", &in, 2);
    n = need(n, "Provisioning", &in, 3);
    n = need(n, "AccountData", &in, 4);
    if (!n || !fill_in(n, base64, len))
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    return 0;
}

int unattend_merge(const void *xml, size_t len, const char *arch, const char *base64,
                   size_t b64_len, struct buf *out, struct unattend_look *look, struct err *e)
{
    struct xml x;
    if (unattend_arch(arch, &arch, e) < 0 || unattend_base64(base64, b64_len, e) < 0 ||
        unattend_open(xml, len, CAUSE_ANSWER_FILE_BAD, &x, e) < 0)
        return -1;
    xmlNodePtr root = xmlDocGetRootElement(x.doc);
    if (look)
        look_at(root, arch, look);
    int r = check_pass(root, "specialize", "Identification", arch, e);
    if (r == 0)
        r = check_pass(root, "offlineServicing", "OfflineIdentification", arch, e);
    xmlNodePtr s = NULL;
    while (r == 0 && (s = unattend_pass(root, s, "specialize")))
        r = check_fresh(s, e);
    if (r == 0)
        r = insert(&x, arch, base64, b64_len, e);
    if (r == 0)
        r = xml_write(&x, out, e);
    xml_free(&x);
    return r;
}
