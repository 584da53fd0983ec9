/* Policies and certificates in provisioning data, in words. */
#include <stdio.h>
#include <string.h>

#include "engine/crypto/certs.h"
#include "engine/wire/sst.h"
#include "ui/cli/show.h"
#include "ui/i18n/i18n.h"

static const char *const types[] = {
    "REG_NONE", "REG_SZ",       "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN",
    "REG_LINK", "REG_MULTI_SZ",
};
#define REG_SZ        1
#define REG_EXPAND_SZ 2
#define REG_DWORD     4

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* What the registry would show: numbers and texts; of all else the length. */
static void show_value(struct sheet *s, const struct odj_policy_element *e)
{
    const struct odj_bytes *d = &e->data;
    if (e->type == REG_DWORD && d->len == 4) {
        sheet_number(s, "data", N_("Value"), le32(d->data));
    } else if ((e->type == REG_SZ || e->type == REG_EXPAND_SZ) && d->len % 2 == 0 && d->len > 0) {
        AUTOFREE char *text = odj_text_from(d->data, d->len / 2);
        sheet_text(s, "data", N_("Value"), text);
    } else {
        sheet_bytes(s, "data_bytes", N_("Value"), d->len);
    }
}

static void show_element(struct sheet *s, size_t list, size_t index,
                         const struct odj_policy_element *e)
{
    char kind[16];
    snprintf(kind, sizeof kind, "%u", (unsigned)e->type);
    AUTOFREE char *title = xasprintf(_("Policy file %zu, setting %zu"), list + 1, index + 1);
    sheet_open(s, "policy", title);
    if (s->json) {
        sheet_number(s, "list", "", list);
        sheet_number(s, "element", "", index);
    }
    sheet_text(s, "key", N_("Registry key"), e->key);
    /* TRANSLATORS: the name of a registry value. */
    sheet_text(s, "value", N_("Name"), e->value);
    /* The type of a registry value, such as REG_SZ. */
    sheet_words(s, "type", N_("Kind"), e->type < ARRAY_SIZE(types) ? types[e->type] : kind,
                e->type < ARRAY_SIZE(types) ? types[e->type] : kind);
    show_value(s, e);
    sheet_close(s);
}

void show_policies(struct sheet *s, const struct odj_policies *p)
{
    static const struct sheet_flag roots[] = {{0, NULL}};
    for (size_t i = 0; i < p->n; i++) {
        const struct odj_policy_list *l = &p->lists[i];
        AUTOFREE char *title = xasprintf(_("Policy file %zu"), i + 1);
        sheet_open(s, "policy-file", title);
        if (s->json)
            sheet_number(s, "list", "", i);
        /* TRANSLATORS: the file that settings come from. */
        sheet_text(s, "source", N_("Source"), l->source);
        if (l->root_key == 0x80000002)
            sheet_words(s, "root", N_("Registry root"), "HKEY_LOCAL_MACHINE", "HKEY_LOCAL_MACHINE");
        else
            sheet_flags(s, "root", N_("Registry root"), l->root_key, roots, 0);
        /* TRANSLATORS: their number. */
        sheet_number(s, "settings", N_("Settings"), l->n);
        sheet_close(s);
        for (size_t k = 0; k < l->n; k++)
            show_element(s, i, k, &l->elements[k]);
    }
}

static void show_pfx(struct sheet *s, const struct odj_pfx *p)
{
    sheet_text(s, "template", N_("Certificate template"), p->template_name);
    sheet_flags(s, "export_policy", N_("Export of the key"), p->export_policy, NULL, 0);
    sheet_text(s, "server_url", N_("Enrolment server"), p->server_url);
    sheet_flags(s, "server_flags", N_("Flags of the server"), p->server_flags, NULL, 0);
    sheet_text(s, "server_id", N_("Identity of the server"), p->server_id);
    sheet_bytes(s, "pfx_bytes", N_("Certificate and key"), p->pfx.len);
}

/* The certificates in a store, by whom they are for. */
static void show_store(struct sheet *s, size_t store, const struct odj_bytes *bytes)
{
    struct sst at;
    const unsigned char *der;
    size_t len, n = 0;
    if (!sst_open(bytes->data, bytes->len, &at))
        return;
    while (sst_next(&at, &der, &len) > 0) {
        AUTOFREE char *title =
            xasprintf(_("Store of certificates %zu, certificate %zu"), store + 1, n + 1);
        AUTOFREE char *subject = certs_subject(der, len), *issuer = certs_issuer(der, len);
        sheet_open(s, "store-certificate", title);
        if (s->json) {
            sheet_number(s, "store", "", store);
            sheet_number(s, "certificate", "", n);
        }
        /* TRANSLATORS: of a certificate: whom it names. */
        sheet_text(s, "subject", N_("Subject"), subject);
        /* TRANSLATORS: of a certificate: who signed it. */
        sheet_text(s, "issuer", N_("Issuer"), issuer);
        sheet_bytes(s, "bytes", N_("Contents"), len);
        sheet_close(s);
        n++;
    }
}

void show_certificates(struct sheet *s, const struct odj_certificates *c)
{
    static const struct sheet_flag places[] = {{0x20000, "CERT_SYSTEM_STORE_LOCAL_MACHINE"}};
    for (size_t i = 0; i < c->n_pfx; i++) {
        AUTOFREE char *title = xasprintf(_("Certificate with key %zu"), i + 1);
        sheet_open(s, "certificate", title);
        show_pfx(s, &c->pfx[i]);
        sheet_close(s);
    }
    for (size_t i = 0; i < c->n_stores; i++) {
        AUTOFREE char *title = xasprintf(_("Store of certificates %zu"), i + 1);
        sheet_open(s, "store", title);
        sheet_text(s, "name", N_("Name"), c->stores[i].name);
        /* TRANSLATORS: where Windows keeps a store of certificates. */
        sheet_flags(s, "location", N_("Place"), c->stores[i].location, places, ARRAY_SIZE(places));
        long n = sst_count(c->stores[i].sst.data, c->stores[i].sst.len);
        sheet_bytes(s, "sst_bytes", N_("Contents"), c->stores[i].sst.len);
        if (n < 0)
            sheet_words(s, "certificates", N_("Certificates"), NULL, _("not readable"));
        else
            sheet_number(s, "certificates", N_("Certificates"), (uint64_t)n);
        sheet_close(s);
        show_store(s, i, &c->stores[i].sst);
    }
}
