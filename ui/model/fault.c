/* Which page's answers can cure an error. */
#include "ui/model/internal.h"

static enum field field_of_option(const char *name)
{
    for (enum field f = 0; f < FLD__COUNT; f++) {
        enum opt o = field_row(f)->opt;
        if (o == OPT__COUNT || o >= OPT__FIRST_FLAG)
            continue;
        AUTOFREE char *full = xasprintf("%s.%s", opt_row(o)->section, opt_row(o)->key);
        if (str_ieq(name, full) || str_ieq(name, opt_row(o)->key))
            return f;
    }
    return FLD__COUNT;
}

static enum page page_of_option(const char *name)
{
    enum field field = field_of_option(name);
    if (field != FLD__COUNT)
        return field_row(field)->page;
    for (size_t i = 0; i < flag_count(); i++) {
        const struct opt_row *row = opt_row(flag_at(i)->opt);
        AUTOFREE char *full = xasprintf("%s.%s", row->section, row->key);
        if (str_ieq(name, flag_at(i)->symbol) || str_ieq(name, row->key) || str_ieq(name, full))
            return PAGE_FLAGS;
    }
    return PAGE__COUNT;
}

static enum page page_of_code(const struct err *e)
{
    switch (e->code) {
    case CODE_NERR_UserExists:
    case CODE_ERROR_NONE_MAPPED:
        return PAGE_NAME;
    case CODE_NERR_SetupAlreadyJoined:
        return PAGE_FLAGS;
    case CODE_ERROR_NO_SUCH_DOMAIN:
    case CODE_ERROR_INVALID_DOMAINNAME:
        return PAGE_DOMAIN;
    default:
        return PAGE__COUNT;
    }
}

static enum page page_of_who(const struct err *e)
{
    const struct code_row *row = code_find(e->code);
    if (row && row->who == WHO_CREDENTIALS)
        return PAGE_CREDENTIALS;
    if (row && row->who == WHO_NETWORK)
        return PAGE_DOMAIN;
    return PAGE__COUNT;
}

enum page wizard_fault_page(const struct wizard *w, const struct err *e)
{
    const char *option = err_fact_get(e, FACT_OPTION);
    enum page p = option ? page_of_option(option) : PAGE__COUNT;
    if (p == PAGE__COUNT)
        p = page_of_code(e);
    if (p == PAGE__COUNT && err_fact_get(e, FACT_OU))
        p = PAGE_OU;
    if (p == PAGE__COUNT)
        p = page_of_who(e);
    if (p == PAGE__COUNT && err_fact_get(e, FACT_ACCOUNT))
        p = PAGE_CREDENTIALS;
    if (p == PAGE__COUNT || !wizard_on_page(w, p))
        p = PAGE_REVIEW;
    return p;
}

enum field wizard_fault_field(const struct wizard *w, enum page p, const struct err *e)
{
    const char *option = err_fact_get(e, FACT_OPTION);
    enum field f = option ? field_of_option(option) : FLD__COUNT;
    enum field fields[FLD__COUNT];
    if (f != FLD__COUNT && field_row(f)->page == p)
        return f;
    return wizard_fields(w, p, fields, FLD__COUNT) ? fields[0] : FLD__COUNT;
}
