#include "engine/model/names_validate.h"

#include <string.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "engine/wire/dn.h"

#define DNS_OCTETS_MAX 255

static int bad(struct err *e, enum cause cause, const char *name)
{
    err_fact(e, FACT_NAME, "%s", name);
    return err_cause(e, cause);
}

static bool has_control(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s < 0x20)
            return true;
    }
    return false;
}

/* True for the empty name, too. */
static bool dots_and_spaces(const char *s)
{
    return s[strspn(s, ". ")] == '\0';
}

/* Characters of code page 850; -1 when there is one that it does not have (UTF-8 of more than two
 * bytes, of U+0100 and above, of the control characters U+007F to U+009F), or no UTF-8. */
static int oem_length(const char *s)
{
    int n = 0;
    if (!utf8_valid(s, strlen(s)))
        return -1;
    for (const unsigned char *p = (const unsigned char *)s; *p; p++, n++) {
        if (*p == 0x7f)
            return -1;
        if (*p < 0x80)
            continue;
        if (*p > 0xc3 || (*p == 0xc2 && p[1] < 0xa0))
            return -1;
        p++;
    }
    return n;
}

static bool workgroup_ok(const char *name)
{
    int n = oem_length(name);
    return n >= 1 && n <= NAME_NETBIOS_MAX && !has_control(name) &&
           !strpbrk(name, "\"/\\[]:|<>+=;,?") && !dots_and_spaces(name);
}

static bool machine_ok(const char *name)
{
    return workgroup_ok(name) && !strchr(name, '*') && name[0] != ' ' &&
           name[strlen(name) - 1] != ' ';
}

/* The first group of the conditions for a DNS name. An empty one has no label at all. */
static bool dns_shape_ok(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > DNS_OCTETS_MAX || has_control(name) || !utf8_valid(name, len) ||
        name[0] == '.' || strstr(name, ".."))
        return false;
    for (const char *p = name; *p; p += strspn(p, ".")) {
        size_t n = strcspn(p, ".");
        if (n > NAME_LABEL_MAX)
            return false;
        p += n;
    }
    return true;
}

static int check_dns(const char *name, struct err *e)
{
    if (!dns_shape_ok(name))
        return bad(e, CAUSE_NAME_SYNTAX, name);
    if (strpbrk(name, " {|}~[\\]^':;<=>?@!\"#$%`()+/,*"))
        return bad(e, CAUSE_NAME_CHARACTER, name);
    return 0;
}

static int check_domain(const char *name, struct err *e)
{
    if (dots_and_spaces(name))
        return bad(e, CAUSE_NAME_SYNTAX, name);
    return workgroup_ok(name) ? 0 : check_dns(name, e);
}

static bool rfc1035_characters(const char *name)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    return name[strspn(name, all)] == '\0';
}

static int check_syntax(enum netsetup_name_type type, const char *name, struct err *e)
{
    switch (type) {
    case NAME_TYPE_WORKGROUP:
        return workgroup_ok(name) ? 0 : bad(e, CAUSE_WORKGROUP_NAME_BAD, name);
    case NAME_TYPE_MACHINE:
        return machine_ok(name) ? 0 : bad(e, CAUSE_MACHINE_NAME_BAD, name);
    case NAME_TYPE_DOMAIN:
        return check_domain(name, e);
    case NAME_TYPE_NONEXISTENT_DOMAIN:
        if (check_domain(name, e) < 0)
            return -1;
        return rfc1035_characters(name) ? 0 : bad(e, CAUSE_NAME_NOT_RFC, name);
    case NAME_TYPE_DNS_MACHINE:
        return check_dns(name, e);
    case NAME_TYPE_UNKNOWN:
        break;
    }
    return bad(e, CAUSE_NAME_TYPE_UNKNOWN, name);
}

/* A NetBIOS name is the first 15 characters of the first label. */
static bool names_computer(const char *workgroup, const char *computer)
{
    AUTOFREE char *a = xstrdup(workgroup);
    AUTOFREE char *b = xstrndup(computer, strcspn(computer, "."));
    if (strlen(b) > NAME_NETBIOS_MAX)
        b[NAME_NETBIOS_MAX] = '\0';
    utf8_fold(a);
    utf8_fold(b);
    return *b && str_eq(a, b);
}

int name_validate(enum netsetup_name_type type, const char *name, const char *this_computer,
                  struct err *e)
{
    if (!name)
        return bad(e, CAUSE_NAME_TYPE_UNKNOWN, "");
    if (check_syntax(type, name, e) < 0)
        return -1;
    if (type == NAME_TYPE_WORKGROUP && this_computer && names_computer(name, this_computer))
        return bad(e, CAUSE_WORKGROUP_NAME_BAD, name);
    bool domain = type == NAME_TYPE_DOMAIN || type == NAME_TYPE_NONEXISTENT_DOMAIN;
    if (domain && str_ieq(name, "BUILTIN"))
        return bad(e, CAUSE_NAME_IS_BUILTIN, name);
    return 0;
}
