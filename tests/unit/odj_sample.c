#define _GNU_SOURCE
#include "odj_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

void sample_bytes(struct odj_bytes *b, const char *text)
{
    b->data = (unsigned char *)xstrdup(text);
    b->len = strlen(text);
}

void sample_join(struct odj_join *j)
{
    *j = (struct odj_join){
        .domain = xstrdup("corp.example.com"),
        .machine = xstrdup("KIOSK-07"),
        .netbios_domain = xstrdup("CORP"),
        .dns_domain = xstrdup("corp.example.com"),
        .dns_forest = xstrdup("example.com"),
        .dc_name = xstrdup("\\\\dc1.corp.example.com"),
        .dc_address = xstrdup("\\\\192.0.2.1"),
        .dc_address_type = 1,
        .dc_domain = xstrdup("corp.example.com"),
        .dc_forest = xstrdup("example.com"),
        .dc_flags = 0xe003f3fd,
        .dc_site = xstrdup("K\xc3\xb6ln"),
        .client_site = xstrdup("Branch"),
        .options = 2,
    };
    for (unsigned i = 0; i < GUID_BYTES; i++) {
        j->domain_guid[i] = (unsigned char)(i + 1);
        j->dc_domain_guid[i] = (unsigned char)(0xf0 + i);
    }
    assert_int_equal(sid_from_text(&j->domain_sid, "S-1-5-21-11-22-33"), 0);
    assert_int_equal(secret_set(&j->password, SAMPLE_PASSWORD, strlen(SAMPLE_PASSWORD)), 0);
}

static void add_policies(struct odj_package *p)
{
    struct odj_policies *pol = &odj_add_part(p, ODJ_POLICIES)->u.policies;
    pol->n = 2;
    pol->lists = xcalloc(2, sizeof *pol->lists);
    pol->lists[0].source = xstrdup("\\\\corp\\sysvol\\Registry.pol");
    pol->lists[0].root_key = 0x80000002;
    pol->lists[0].n = 2;
    struct odj_policy_element *e = pol->lists[0].elements = xcalloc(2, sizeof *e);
    e[0].key = xstrdup("Software\\Policies\\One");
    e[0].value = xstrdup("Enabled");
    e[0].type = 4;
    sample_bytes(&e[0].data, "\x01\x02\x03\x04");
    e[1].key = xstrdup("");
    e[1].type = 1;
    sample_bytes(&pol->extension, "later");
}

static void add_certificates(struct odj_package *p)
{
    struct odj_certificates *c = &odj_add_part(p, ODJ_CERTIFICATES)->u.certificates;
    c->n_pfx = 1;
    c->pfx = xcalloc(1, sizeof *c->pfx);
    c->pfx->template_name = xstrdup("Machine");
    c->pfx->export_policy = 3;
    c->pfx->server_url = xstrdup("https://ca.example.com/");
    c->pfx->server_flags = 5;
    c->pfx->server_id = xstrdup("{id}");
    sample_bytes(&c->pfx->pfx, "pfx");
    c->n_stores = 2;
    c->stores = xcalloc(2, sizeof *c->stores);
    c->stores[0].location = 0x20000;
    c->stores[0].name = xstrdup("Root");
    sample_bytes(&c->stores[0].sst, "store");
    c->stores[1].location = 0x10000;
}

void sample_full(struct odj *o)
{
    static const unsigned char strange[GUID_BYTES] = "strange-kind-12";
    struct err e = {0};
    struct odj_join j;
    struct odj_package *p;
    sample_join(&j);
    assert_int_equal(odj_start(o, &j, &p, &e), 0);
    struct odj_names *n = &odj_add_part(p, ODJ_NAMES)->u.names;
    n->flags = ODJ_PERSISTENT_SITE;
    n->netbios_name = xstrdup("KIOSK-07");
    n->site = xstrdup("");
    struct odj_account *a = &odj_add_part(p, ODJ_ACCOUNT)->u.account;
    a->rid = 1234;
    a->sid = xstrdup("S-1-5-21-11-22-33-1234");
    a = &odj_add_part(p, ODJ_ACCOUNT_GUID)->u.account;
    a->rid = 1234;
    a->sid = xstrdup("S-1-5-21-11-22-33-1234");
    memset(a->guid, 0x5a, GUID_BYTES);
    add_policies(p);
    add_certificates(p);
    struct odj_part *u = odj_add_part(p, ODJ_UNKNOWN);
    memcpy(u->type, strange, GUID_BYTES);
    sample_bytes(&u->u.unknown, "not known here");
    sample_bytes(&u->extension, "ext");
    p->decrypted_size = 7;
    sample_bytes(&p->context, "context");
    sample_bytes(&p->extension, "ext of package");
    sample_bytes(&p->parts_extension, "ext of parts");
}

void sample_win7(struct odj *o)
{
    *o = (struct odj){.blobs = xcalloc(1, sizeof *o->blobs), .n = 1};
    o->blobs[0].format = ODJ_FORMAT_WIN7;
    sample_join(&o->blobs[0].u.join);
}

void put16(struct buf *b, unsigned v)
{
    buf_byte(b, (unsigned char)(v & 0xff));
    buf_byte(b, (unsigned char)(v >> 8 & 0xff));
}

void put32(struct buf *b, uint32_t v)
{
    put16(b, v & 0xffff);
    put16(b, v >> 16);
}

void put_units(struct buf *b, const char *ascii)
{
    for (; *ascii; ascii++)
        put16(b, (unsigned char)*ascii);
}

void put_header(struct buf *b, uint32_t length)
{
    put32(b, 0x00081001);
    put32(b, 0xcccccccc);
    put32(b, length);
    put32(b, 0);
}

/* Every object of the tests begins at a multiple of four. */
static void align(struct buf *b)
{
    while (b->len % 4)
        buf_byte(b, 0);
}

void put_string(struct buf *b, const char *ascii)
{
    uint32_t n = (uint32_t)strlen(ascii) + 1;
    align(b);
    put32(b, n);
    put32(b, 0);
    put32(b, n);
    put_units(b, ascii);
    put16(b, 0);
}

void put_counted(struct buf *b, const char *ascii)
{
    uint32_t n = (uint32_t)strlen(ascii);
    align(b);
    put32(b, n + 1);
    put32(b, 0);
    put32(b, n);
    put_units(b, ascii);
}

void set32(struct buf *b, size_t at, uint32_t v)
{
    assert_true(at + 4 <= b->len);
    for (unsigned i = 0; i < 4; i++)
        b->data[at + i] = (unsigned char)(v >> 8 * i);
}

uint32_t get32(const struct buf *b, size_t at)
{
    assert_true(at + 4 <= b->len);
    return (uint32_t)b->data[at] | (uint32_t)b->data[at + 1] << 8 |
           (uint32_t)b->data[at + 2] << 16 | (uint32_t)b->data[at + 3] << 24;
}

size_t find(const struct buf *b, const void *what, size_t len, size_t from)
{
    const unsigned char *p = memmem(b->data + from, b->len - from, what, len);
    assert_non_null(p);
    return (size_t)(p - b->data);
}
