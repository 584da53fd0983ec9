/* Which page's answers can cure an error. */
#include "ui/model/internal.h"

static bool names_option(const char *name, enum opt o)
{
    const struct opt_row *row = opt_row(o);
    const struct flag_row *flag = flag_of(o);
    AUTOFREE char *full = xasprintf("%s.%s", row->section, row->key);
    return str_ieq(name, full) || str_ieq(name, row->key) || (flag && str_ieq(name, flag->symbol));
}

/* Among the pages of this mode: several edit the same answer. A flag's own page is the list of them
 * where the mode has it. */
static enum field field_of_option(const struct wizard *w, const char *name)
{
    bool list = page_flows(PAGE_FLAGS) & wizard_flow(w);
    for (enum field f = 0; f < FLD__COUNT; f++) {
        enum opt o = field_row(f)->opt;
        if (o == OPT__COUNT || (o >= OPT__FIRST_FLAG && list) ||
            !wizard_on_page(w, field_row(f)->page) || !wizard_field_visible(w, f))
            continue;
        if (names_option(name, o))
            return f;
    }
    return FLD__COUNT;
}

static enum page page_of_option(const struct wizard *w, const char *name)
{
    enum field field = field_of_option(w, name);
    if (field != FLD__COUNT)
        return field_row(field)->page;
    if (names_option(name, OPT_PASSWORD_FILE) || names_option(name, OPT_PASSWORD_CREDENTIAL) ||
        names_option(name, OPT_KEYTAB))
        return PAGE_CREDENTIALS;
    if (names_option(name, OPT_FLAG_PROVISION_ONLINE_CALLER)) /* follows from that answer */
        return PAGE_TARGET;
    for (size_t i = 0; i < flag_count(); i++) {
        if (names_option(name, flag_at(i)->opt))
            return PAGE_FLAGS;
    }
    return PAGE__COUNT;
}

static enum page name_page(const struct wizard *w)
{
    return wizard_flow(w) == FLOW_RENAME ? PAGE_RENAME : PAGE_NAME;
}

static enum page page_of_cause(const struct wizard *w, const struct err *e)
{
    static const struct {
        enum page page;
        enum cause cause;
    } rows[] = {
#define FAULT(page, cause) {PAGE_##page, CAUSE_##cause},
#include "ui/model/fault_pages.def"
#undef FAULT
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        enum page p = rows[i].page == PAGE_NAME ? name_page(w) : rows[i].page;
        if (rows[i].cause == e->cause && wizard_on_page(w, p))
            return p;
    }
    return PAGE__COUNT;
}

static enum page page_of_code(const struct wizard *w, const struct err *e)
{
    switch (e->code) {
    case CODE_NERR_UserExists:
    case CODE_ERROR_NONE_MAPPED:
    case CODE_NERR_AccountReuseBlockedByPolicy:
    case CODE_NERR_InvalidComputer:
    case CODE_ERROR_INVALID_COMPUTERNAME:
        return name_page(w);
    case CODE_NERR_InvalidWorkgroupName:
        return PAGE_WORKGROUP;
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

/* What says most comes first; a page that the mode does not have leads on to the next. */
enum page wizard_fault_page(const struct wizard *w, const struct err *e)
{
    const char *option = err_fact_get(e, FACT_OPTION);
    const enum page pages[] = {
        option ? page_of_option(w, option) : PAGE__COUNT,
        page_of_cause(w, e),
        page_of_code(w, e),
        err_fact_get(e, FACT_OU) ? PAGE_OU : PAGE__COUNT,
        page_of_who(e),
        err_fact_get(e, FACT_ACCOUNT) || e->cause == CAUSE_NO_CREATE_RIGHT ? PAGE_CREDENTIALS
                                                                           : PAGE__COUNT,
    };
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        if (pages[i] != PAGE__COUNT && wizard_on_page(w, pages[i]))
            return pages[i];
    }
    return PAGE_REVIEW;
}

/* The account when it is the one at fault; else the password, which has to be typed again. */
static enum field credentials_field(const struct wizard *w, const struct err *e)
{
    bool account = wizard_field_visible(w, FLD_ACCOUNT);
    if (account && (e->cause == CAUSE_KDC_UNKNOWN_USER || e->cause == CAUSE_ACCOUNT_UNUSED ||
                    !*settings_get(&w->settings, OPT_ACCOUNT)))
        return FLD_ACCOUNT;
    return wizard_field_visible(w, FLD_PASSWORD) ? FLD_PASSWORD : FLD_LOGIN_BY;
}

/* Pages with many fields: the one that a cause is about. */
static enum field field_of_cause(const struct wizard *w, const struct err *e)
{
    static const struct {
        enum cause cause;
        enum field field;
    } rows[] = {
        {CAUSE_OFFLINE_OUTPUT_MISSING, FLD_OUTPUT},
        {CAUSE_OFFLINE_OUTPUT_EXISTS, FLD_OUTPUT},
        {CAUSE_OFFLINE_OUTPUT_FAILED, FLD_OUTPUT},
        {CAUSE_OFFLINE_OUTPUT_EXPOSED, FLD_OUTPUT},
        {CAUSE_LIST_TEMPLATE, FLD_OUTPUT},
        {CAUSE_LIST_OUTPUT_TWICE, FLD_OUTPUT},
        {CAUSE_LIST_OUTPUT_BAD, FLD_OUTPUT},
        {CAUSE_LIST_RESULTS_BAD, FLD_RESULTS},
        {CAUSE_PROTECTION_MISSING, FLD_PASSPHRASE},
        {CAUSE_RECIPIENT_CERTIFICATE, FLD_RECIPIENTS},
        {CAUSE_TEMPLATE_UNKNOWN, FLD_TEMPLATES},
        {CAUSE_CERTIFICATE_LATER, FLD_TEMPLATES},
        {CAUSE_POLICY_NOT_IN_DIRECTORY, FLD_POLICIES},
        {CAUSE_POLICY_UNKNOWN, FLD_POLICIES},
        {CAUSE_POLICY_FILE_BAD, FLD_POLICY_FILES},
        {CAUSE_POLICY_FILE_UNREADABLE, FLD_POLICY_FILES},
        {CAUSE_PERSISTENT_NEEDS_SITE, FLD_MACHINE_SITE},
        {CAUSE_PASSPHRASE_MISSING, FLD_OPEN_PASSPHRASE},
        {CAUSE_PASSPHRASE_WRONG, FLD_OPEN_PASSPHRASE},
        {CAUSE_RECIPIENT_KEY_MISSING, FLD_RECIPIENT_KEY},
        {CAUSE_RECIPIENT_KEY_WRONG, FLD_RECIPIENT_KEY},
        {CAUSE_BAD_OFFLINE_DATA, FLD_INPUT},
        {CAUSE_OFFLINE_DATA_VERSION, FLD_INPUT},
        {CAUSE_IMAGE_METHOD_UNFIT, FLD_METHOD},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].cause == e->cause && wizard_field_visible(w, rows[i].field))
            return rows[i].field;
    }
    return FLD__COUNT;
}

enum field wizard_fault_field(const struct wizard *w, enum page p, const struct err *e)
{
    const char *option = err_fact_get(e, FACT_OPTION);
    enum field f = option ? field_of_option(w, option) : FLD__COUNT;
    enum field fields[FLD__COUNT];
    if (f != FLD__COUNT && field_row(f)->page == p)
        return f;
    if (p == PAGE_CREDENTIALS)
        return credentials_field(w, e);
    f = field_of_cause(w, e);
    if (f != FLD__COUNT && field_row(f)->page == p)
        return f;
    size_t n = wizard_fields(w, p, fields, FLD__COUNT);
    for (size_t i = 0; i < n; i++) {
        if (field_row(fields[i])->kind != FIELD_NOTE)
            return fields[i];
    }
    return FLD__COUNT;
}
