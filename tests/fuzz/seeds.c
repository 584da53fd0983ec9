/*
 * Writes the corpus that the fuzz targets start from: seeds DIRECTORY. Made by our own encoders,
 * plain and then broken in the ways that readers get wrong.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/offline/offline.h"
#include "engine/wire/sst.h"
#include "engine/xml/unattend.h"
#include "tests/unit/odj_sample.h"
#include "tests/unit/tiny_hive.h"

static const char *top;

static void put_file(const char *target, const char *name, const void *data, size_t len)
{
    AUTOFREE char *dir = xasprintf("%s/%s", top, target), *path = xasprintf("%s/%s", dir, name);
    (void)mkdir(dir, 0755);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

static void put_buf(const char *target, const char *name, struct buf *b)
{
    put_file(target, name, b->data, b->len);
    buf_free(b);
}

static struct buf data_of(struct odj *o)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(ODJ_MAX);
    if (odj_write(o, &b, &e) < 0)
        exit(1);
    odj_free(o);
    return b;
}

static struct buf full(void)
{
    struct odj o;
    sample_full(&o);
    return data_of(&o);
}

static struct buf win7(void)
{
    struct odj o;
    sample_win7(&o);
    return data_of(&o);
}

static struct buf one_part(enum odj_kind kind)
{
    struct odj o = {.blobs = xcalloc(1, sizeof *o.blobs), .n = 1};
    o.blobs->format = ODJ_FORMAT_WIN8;
    (void)odj_add_part(&o.blobs->u.package, kind);
    return data_of(&o);
}

/* A store as packages carry them, with two things in it that look like certificates. */
static void certificates(void)
{
    struct odj o = {.blobs = xcalloc(1, sizeof *o.blobs), .n = 1};
    struct buf sst = BUF_INIT(4096);
    o.blobs->format = ODJ_FORMAT_WIN8;
    struct odj_part *part = odj_add_part(&o.blobs->u.package, ODJ_CERTIFICATES);
    struct odj_certificates *c = &part->u.certificates;
    c->stores = xcalloc(1, sizeof *c->stores);
    c->n_stores = 1;
    c->stores->name = xstrdup("Root");
    sst_begin(&sst);
    sst_add("\x30\x03\x02\x01\x01", 5, &sst);
    sst_add("\x30\x00", 2, &sst);
    sst_end(&sst);
    c->stores->sst.len = sst.len;
    c->stores->sst.data = (unsigned char *)buf_steal(&sst);
    sst = data_of(&o);
    put_buf("odj", "certificates", &sst);
}

static void hostile(const char *name, size_t at, uint32_t value)
{
    struct buf b = win7();
    set32(&b, at, value);
    put_buf("odj", name, &b);
}

static void odj_seeds(void)
{
    struct buf b = full();
    put_file("odj", "half", b.data, b.len / 2);
    buf_str(&b, "behind");
    put_buf("odj", "tail", &b);
    b = full();
    put_buf("odj", "full", &b);
    b = win7();
    put_buf("odj", "win7", &b);
    for (int k = ODJ_JOIN; k <= ODJ_UNKNOWN; k++) {
        char name[16];
        snprintf(name, sizeof name, "part%d", k);
        b = one_part((enum odj_kind)k);
        put_buf("odj", name, &b);
    }
    certificates();
    hostile("count-huge", 0x18, 0x0fffffff);
    hostile("length-huge", 0x28, 0xfffffff8);
    hostile("text-huge", 0xbc, 0x7fffffff);
    hostile("version", 0x14, 2);
    hostile("null-password", 0x50, 0);
    hostile("big-endian", 0x00, 0x08000001);
}

static void offline_seeds(void)
{
    static const struct {
        enum offline_format format;
        const char *name;
    } forms[] = {
        {OFFLINE_BINARY, "binary"}, {OFFLINE_TEXT, "djoin"}, {OFFLINE_UNATTEND, "unattend"}};
    struct err e = {0};
    struct buf b = win7(), out = BUF_SECRET(ODJ_MAX);
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        if (offline_write(b.data, b.len, forms[i].format, NULL, NULL, &out, &e) < 0)
            exit(1);
        if (forms[i].format == OFFLINE_UNATTEND)
            put_file("unattend", "ours", out.data, out.len);
        put_buf("offline", forms[i].name, &out);
    }
    if (offline_text(b.data, b.len, &out, &e) < 0)
        exit(1);
    buf_str(&out, "\r\n");
    put_buf("offline", "line", &out);
    buf_free(&b);
}

static void envelopes(void)
{
    struct secret passphrase = {0};
    struct err e = {0};
    struct buf out = BUF_SECRET(ODJ_MAX);
    if (secret_set(&passphrase, "fuzz", 4) < 0)
        exit(1);
    struct cms_target to = {.passphrase = &passphrase};
    if (cms_wrap("contents", 8, &to, &out, &e) < 0)
        exit(1);
    secret_free(&passphrase);
    put_file("cms", "heavy", out.data, out.len);
    put_file("offline", "envelope", out.data, out.len);
    /* 600,000 rounds would take all the time: the number in its DER form, made small. */
    static const unsigned char rounds[] = {2, 3, 9, 0x27, 0xc0};
    unsigned char *p = memmem(out.data, out.len, rounds, sizeof rounds);
    if (!p)
        exit(1);
    p[2] = 0;
    p[3] = 3;
    put_buf("cms", "light", &out);
}

#define OPEN  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
#define SPACE "xmlns=\"urn:schemas-microsoft-com:unattend\""
#define COMPONENT                                                                                  \
    "<component name=\"Microsoft-Windows-UnattendedJoin\" processorArchitecture=\"amd64\" "        \
    "publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\">"

static void answer_files(void)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"empty", OPEN "<unattend " SPACE "/>"},
        {"specialize", OPEN "<unattend " SPACE "><settings pass=\"specialize\">" COMPONENT
                            "</component></settings></unattend>"},
        {"joins", OPEN "<unattend " SPACE "><settings pass=\"specialize\">" COMPONENT
                       "<Identification><JoinDomain>x</JoinDomain></Identification></component>"
                       "</settings></unattend>"},
        {"offline",
         OPEN "<unattend " SPACE "><settings pass=\"offlineServicing\">" COMPONENT
              "<OfflineIdentification><Provisioning><AccountData>ARAIAMzMzMw=</AccountData>"
              "</Provisioning></OfflineIdentification></component></settings></unattend>"},
        {"bomb", OPEN "<!DOCTYPE u [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
                      "<unattend " SPACE ">&b;</unattend>"},
        {"comment", OPEN "<!-- x --><unattend " SPACE "><![CDATA[y]]></unattend>"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        put_file("unattend", files[i].name, files[i].text, strlen(files[i].text));
}

static void tables(void)
{
    static const char csv[] =
        "name;ou;description\r\nPC-1;\"OU=A,DC=b\";\"x \"\"y\"\"\"\r\nPC-2\r\n";
    struct buf pol = BUF_INIT(4096);
    put_file("pol", "list", csv, strlen(csv));
    put_file("pol", "sep", "sep=,\nname,ou\nA,B\n", 18);
    buf_str(&pol, "PReg");
    put32(&pol, 1);
    put_units(&pol, "[Software\\A");
    put16(&pol, 0);
    put_units(&pol, ";v");
    put16(&pol, 0);
    put_units(&pol, ";");
    put32(&pol, 4);
    put_units(&pol, ";");
    put32(&pol, 4);
    put_units(&pol, ";");
    put32(&pol, 7);
    put_units(&pol, "]");
    put_buf("pol", "policy", &pol);
}

static void hives(void)
{
    struct buf b = BUF_INIT(1 << 20);
    struct tiny *t = tiny_system();
    tiny_build(t, &b);
    tiny_free(t);
    put_buf("hive", "system", &b);
    t = tiny_new();
    tiny_u32(t, "Setup", "SetupType", 0);
    tiny_text(t, "Setup", "CmdLine", "");
    tiny_build(t, &b);
    tiny_free(t);
    put_buf("hive", "tiny", &b);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    top = argv[1];
    odj_seeds();
    offline_seeds();
    envelopes();
    answer_files();
    tables();
    hives();
    return 0;
}
