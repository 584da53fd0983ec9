#define _GNU_SOURCE
#include "engine/xml/unattend_int.h"

#include <string.h>

#define URN "urn:schemas-microsoft-com:unattend"

bool unattend_is(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && n->ns && n->ns->href &&
           str_eq((const char *)n->ns->href, URN) && str_eq((const char *)n->name, name);
}

/* An attribute's value without a copy: it is one text. NULL when it is not there. */
const char *unattend_attribute(const xmlNode *n, const char *name)
{
    for (const xmlAttr *a = n->properties; a; a = a->next) {
        if (!a->ns && str_eq((const char *)a->name, name))
            return a->children && a->children->content ? (const char *)a->children->content : "";
    }
    return NULL;
}

xmlNodePtr unattend_next(xmlNodePtr parent, xmlNodePtr last, const char *name)
{
    for (xmlNodePtr n = last ? last->next : parent->children; n; n = n->next) {
        if (unattend_is(n, name))
            return n;
    }
    return NULL;
}

xmlNodePtr unattend_pass(xmlNodePtr root, xmlNodePtr last, const char *pass)
{
    xmlNodePtr n = last;
    while ((n = unattend_next(root, n, "settings"))) {
        if (str_eq(unattend_attribute(n, "pass"), pass))
            return n;
    }
    return NULL;
}

xmlNodePtr unattend_component(xmlNodePtr settings, xmlNodePtr last, const char *name)
{
    xmlNodePtr n = last;
    while ((n = unattend_next(settings, n, "component"))) {
        if (str_eq(unattend_attribute(n, "name"), name))
            return n;
    }
    return NULL;
}

int unattend_open(const void *xml, size_t len, enum cause bad, struct xml *ret, struct err *e)
{
    if (xml_read(xml, len, bad, ret, e) < 0)
        return -1;
    xmlNodePtr root = xmlDocGetRootElement(ret->doc);
    if (unattend_is(root, "unattend"))
        return 0;
    xml_refuse(bad, root, e);
    xml_free(ret);
    return -1;
}

static bool blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A value without blanks. An element or a reference inside of it is not a value. */
static int value_of(xmlNodePtr n, struct buf *out, struct err *e)
{
    for (const xmlNode *t = n->children; t; t = t->next) {
        if (t->type == XML_COMMENT_NODE || t->type == XML_PI_NODE)
            continue;
        if (t->type != XML_TEXT_NODE && t->type != XML_CDATA_SECTION_NODE)
            return xml_refuse(CAUSE_BAD_OFFLINE_DATA, n, e);
        for (const unsigned char *p = t->content; p && *p;) {
            size_t run = 0;
            while (p[run] && !blank(p[run]))
                run++;
            buf_put(out, p, run);
            p += run;
            while (blank(*p))
                p++;
        }
    }
    return out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

/* One AccountData: the first is kept, another must say the same. */
static int take_value(xmlNodePtr n, struct buf *found, struct err *e)
{
    struct buf v = BUF_SECRET(UNATTEND_MAX);
    int r = value_of(n, &v, e);
    if (r == 0 && found->len == 0)
        buf_put(found, v.data, v.len);
    else if (r == 0 && v.len > 0 &&
             (v.len != found->len || memcmp(v.data, found->data, v.len) != 0)) {
        err_fact(e, FACT_DETAIL, "two AccountData that differ");
        r = xml_refuse(CAUSE_BAD_OFFLINE_DATA, n, e);
    }
    buf_free(&v);
    return r;
}

static int component_value(xmlNodePtr component, const char *identification, struct buf *found,
                           struct err *e)
{
    xmlNodePtr id = NULL, pr, ad;
    while ((id = unattend_next(component, id, identification))) {
        for (pr = NULL; (pr = unattend_next(id, pr, "Provisioning"));) {
            for (ad = NULL; (ad = unattend_next(pr, ad, "AccountData"));) {
                if (take_value(ad, found, e) < 0)
                    return -1;
            }
        }
    }
    return 0;
}

static int pass_value(xmlNodePtr root, const char *pass, const char *identification,
                      struct buf *found, struct err *e)
{
    xmlNodePtr s = NULL, c;
    while ((s = unattend_pass(root, s, pass))) {
        for (c = NULL; (c = unattend_component(s, c, UNATTEND_JOIN));) {
            if (component_value(c, identification, found, e) < 0)
                return -1;
        }
    }
    return 0;
}

int unattend_account_data(const void *xml, size_t len, struct buf *base64, struct err *e)
{
    struct xml x;
    struct buf found = BUF_SECRET(UNATTEND_MAX);
    if (unattend_open(xml, len, CAUSE_BAD_OFFLINE_DATA, &x, e) < 0)
        return -1;
    xmlNodePtr root = xmlDocGetRootElement(x.doc);
    int r = pass_value(root, "specialize", "Identification", &found, e);
    if (r == 0 && found.len == 0)
        r = pass_value(root, "offlineServicing", "OfflineIdentification", &found, e);
    if (r == 0 && found.len == 0)
        r = err_cause(e, CAUSE_ANSWER_FILE_NO_DATA);
    if (r == 0) {
        buf_put(base64, found.data, found.len);
        r = base64->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
    }
    buf_free(&found);
    xml_free(&x);
    return r;
}

int unattend_arch(const char *arch, const char **ret, struct err *e)
{
    static const char *const known[] = {"amd64", "x86", "arm64", "arm"};
    *ret = arch ? arch : known[0];
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (str_eq(*ret, known[i]))
            return 0;
    }
    err_fact(e, FACT_VALUE, "%s", *ret);
    return err_cause(e, CAUSE_ARCHITECTURE_UNKNOWN);
}

int unattend_base64(const char *p, size_t len, struct err *e)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    for (size_t i = 0; i < len; i++) {
        if (!p[i] || !strchr(set, p[i]))
            return err_cause(e, CAUSE_INTERNAL);
    }
    return len ? 0 : err_cause(e, CAUSE_INTERNAL);
}

int unattend_new(const char *arch, const char *base64, size_t len, struct buf *out, struct err *e)
{
    if (unattend_arch(arch, &arch, e) < 0 || unattend_base64(base64, len, e) < 0)
        return -1;
    buf_str(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
                 "<unattend xmlns=\"" URN "\">\r\n"
                 "    <settings pass=\"specialize\">\r\n"
                 "        <component name=\"" UNATTEND_JOIN "\" processorArchitecture=\"");
    buf_str(out, arch);
    buf_str(out, "\" publicKeyToken=\"" UNATTEND_TOKEN "\" language=\"neutral\" "
                 "versionScope=\"nonSxS\" "
                 "xmlns:wcm=\"http://schemas.microsoft.com/WMIConfig/2002/State\">\r\n"
                 "            <Identification>\r\n"
                 "                <Provisioning>\r\n"
                 "                    <AccountData>");
    buf_put(out, base64, len);
    buf_str(out, "</AccountData>\r\n"
                 "                </Provisioning>\r\n"
                 "            </Identification>\r\n"
                 "        </component>\r\n"
                 "    </settings>\r\n"
                 "</unattend>\r\n");
    return out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}
