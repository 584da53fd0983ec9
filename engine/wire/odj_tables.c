/* The structures of provisioning data, field by field in wire order. */
#include <string.h>

#include "engine/wire/odj_int.h"

#define U32(T, m, name)                                                                            \
    {                                                                                              \
        name, ODJ_F_U32, offsetof(T, m), 0, NULL, NULL                                             \
    }
#define GUID(T, m, name)                                                                           \
    {                                                                                              \
        name, ODJ_F_GUID, offsetof(T, m), 0, NULL, NULL                                            \
    }
#define TEXT(T, m, name)                                                                           \
    {                                                                                              \
        name, ODJ_F_TEXT, offsetof(T, m), 0, NULL, NULL                                            \
    }
#define UNICODE(T, m, name)                                                                        \
    {                                                                                              \
        name, ODJ_F_UNICODE, offsetof(T, m), 0, NULL, NULL                                         \
    }
#define BYTES(T, m, name)                                                                          \
    {                                                                                              \
        name, ODJ_F_BYTES, offsetof(T, m), 0, NULL, NULL                                           \
    }
#define ARRAY(T, m, count, what, name)                                                             \
    {                                                                                              \
        name, ODJ_F_ARRAY, offsetof(T, m), offsetof(T, count), &(what), NULL                       \
    }
#define OBJECT(T, m, what, pick, name)                                                             \
    {                                                                                              \
        name, ODJ_F_OBJECT, offsetof(T, m), 0, what, pick                                          \
    }
#define STRUCT(var, T, fields, most, name)                                                         \
    static const struct odj_struct var = {name, sizeof(T), fields, ARRAY_SIZE(fields), most}

/* An element of these costs far more in memory than on the wire, so their number is limited. Two
 * blobs and four to six parts are usual. */
#define BLOBS_MAX 64
#define PARTS_MAX 256

static const struct odj_field join_fields[] = {
    TEXT(struct odj_join, domain, "lpDomain"),
    TEXT(struct odj_join, machine, "lpMachineName"),
    {"lpMachinePassword", ODJ_F_SECRET, offsetof(struct odj_join, password), 0, NULL, NULL},
    UNICODE(struct odj_join, netbios_domain, "DnsDomainInfo.Name"),
    UNICODE(struct odj_join, dns_domain, "DnsDomainInfo.DnsDomainName"),
    UNICODE(struct odj_join, dns_forest, "DnsDomainInfo.DnsForestName"),
    GUID(struct odj_join, domain_guid, "DnsDomainInfo.DomainGuid"),
    {"DnsDomainInfo.Sid", ODJ_F_SID, offsetof(struct odj_join, domain_sid), 0, NULL, NULL},
    TEXT(struct odj_join, dc_name, "DcInfo.DomainControllerName"),
    TEXT(struct odj_join, dc_address, "DcInfo.DomainControllerAddress"),
    U32(struct odj_join, dc_address_type, "DcInfo.DomainControllerAddressType"),
    GUID(struct odj_join, dc_domain_guid, "DcInfo.DomainGuid"),
    TEXT(struct odj_join, dc_domain, "DcInfo.DomainName"),
    TEXT(struct odj_join, dc_forest, "DcInfo.DnsForestName"),
    U32(struct odj_join, dc_flags, "DcInfo.Flags"),
    TEXT(struct odj_join, dc_site, "DcInfo.DcSiteName"),
    TEXT(struct odj_join, client_site, "DcInfo.ClientSiteName"),
    U32(struct odj_join, options, "Options"),
};
STRUCT(join_struct, struct odj_join, join_fields, 0, "ODJ_WIN7BLOB");

static const struct odj_field names_fields[] = {
    U32(struct odj_names, flags, "dwFlags"),
    TEXT(struct odj_names, netbios_name, "lpNetbiosName"),
    TEXT(struct odj_names, site, "lpSiteName"),
    TEXT(struct odj_names, primary_dns_domain, "lpPrimaryDNSDomain"),
    U32(struct odj_names, reserved, "dwReserved"),
    TEXT(struct odj_names, reserved_text, "lpReserved"),
};
STRUCT(names_struct, struct odj_names, names_fields, 0, "OP_JOINPROV2_PART");

/* Part 3 is part 4 without its last field. */
static const struct odj_field account_fields[] = {
    U32(struct odj_account, rid, "Rid"),
    TEXT(struct odj_account, sid, "lpSid"),
    GUID(struct odj_account, guid, "ObjectGuid"),
};
static const struct odj_struct account_struct = {"OP_JOINPROV3_PART", sizeof(struct odj_account),
                                                 account_fields, 2, 0};
STRUCT(account_guid_struct, struct odj_account, account_fields, 0, "OP_JOINPROV4_PART");

static const struct odj_field element_fields[] = {
    TEXT(struct odj_policy_element, key, "pKeyPath"),
    TEXT(struct odj_policy_element, value, "pValueName"),
    U32(struct odj_policy_element, type, "ulValueType"),
    BYTES(struct odj_policy_element, data, "pValueData"),
};
STRUCT(element_struct, struct odj_policy_element, element_fields, 0, "OP_POLICY_ELEMENT");
static const struct odj_field list_fields[] = {
    TEXT(struct odj_policy_list, source, "pSource"),
    U32(struct odj_policy_list, root_key, "ulRootKeyId"),
    ARRAY(struct odj_policy_list, elements, n, element_struct, "pElements"),
};
STRUCT(list_struct, struct odj_policy_list, list_fields, 0, "OP_POLICY_ELEMENT_LIST");
static const struct odj_field policy_fields[] = {
    ARRAY(struct odj_policies, lists, n, list_struct, "pElementLists"),
    BYTES(struct odj_policies, extension, "Extension"),
};
STRUCT(policy_struct, struct odj_policies, policy_fields, 0, "OP_POLICY_PART");

static const struct odj_field pfx_fields[] = {
    TEXT(struct odj_pfx, template_name, "pTemplateName"),
    U32(struct odj_pfx, export_policy, "ulPrivateKeyExportPolicy"),
    TEXT(struct odj_pfx, server_url, "pPolicyServerUrl"),
    U32(struct odj_pfx, server_flags, "ulPolicyServerUrlFlags"),
    TEXT(struct odj_pfx, server_id, "pPolicyServerId"),
    BYTES(struct odj_pfx, pfx, "pPfx"),
};
STRUCT(pfx_struct, struct odj_pfx, pfx_fields, 0, "OP_CERT_PFX_STORE");
static const struct odj_field store_fields[] = {
    U32(struct odj_store, location, "StoreLocation"),
    TEXT(struct odj_store, name, "pStoreName"),
    BYTES(struct odj_store, sst, "pSst"),
};
STRUCT(store_struct, struct odj_store, store_fields, 0, "OP_CERT_SST_STORE");
static const struct odj_field certificate_fields[] = {
    ARRAY(struct odj_certificates, pfx, n_pfx, pfx_struct, "pPfxStores"),
    ARRAY(struct odj_certificates, stores, n_stores, store_struct, "pSstStores"),
    BYTES(struct odj_certificates, extension, "Extension"),
};
STRUCT(certificate_struct, struct odj_certificates, certificate_fields, 0, "OP_CERT_PART");

static const struct {
    const char *name;
    unsigned char guid[GUID_BYTES];
    const struct odj_struct *what;
} kinds[] = {
    [ODJ_JOIN] = {"JOIN_PROVIDER",
                  {0x21, 0x76, 0x1c, 0x63, 0x89, 0x52, 0x21, 0x43, 0xbc, 0x9e, 0x80, 0xf8, 0x43,
                   0xf8, 0x68, 0xc3},
                  &join_struct},
    [ODJ_NAMES] = {"JOIN_PROVIDER2",
                   {0x6b, 0xc5, 0xbf, 0x57, 0xf9, 0x52, 0x0c, 0x48, 0xad, 0xcb, 0x91, 0xb3, 0xf8,
                    0xa8, 0x23, 0x17},
                   &names_struct},
    [ODJ_ACCOUNT] = {"JOIN_PROVIDER3",
                     {0x25, 0xcf, 0x0c, 0xfc, 0xfa, 0x7f, 0x4a, 0x47, 0x86, 0x11, 0x69, 0xff, 0xe2,
                      0x69, 0x64, 0x5f},
                     &account_struct},
    [ODJ_ACCOUNT_GUID] = {"JOIN_PROVIDER4",
                          {0x6a, 0x71, 0x08, 0x4a, 0x10, 0x67, 0x47, 0x46, 0x82, 0x11, 0xfd, 0xbb,
                           0x0b, 0x03, 0xf6, 0x0b},
                          &account_guid_struct},
    [ODJ_CERTIFICATES] = {"CERT_PROVIDER",
                          {0xe9, 0x71, 0x09, 0x9c, 0x2f, 0x83, 0x73, 0x48, 0x8e, 0x87, 0xef, 0x14,
                           0x19, 0xd4, 0x78, 0x1e},
                          &certificate_struct},
    [ODJ_POLICIES] = {"POLICY_PROVIDER",
                      {0x2a, 0x60, 0xfb, 0x68, 0x09, 0x0c, 0xce, 0x48, 0xb7, 0x5f, 0x07, 0xb7, 0xbd,
                       0x58, 0xf7, 0xec},
                      &policy_struct},
};

enum odj_kind odj_kind_of(const unsigned char guid[GUID_BYTES])
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!memcmp(kinds[i].guid, guid, GUID_BYTES))
            return (enum odj_kind)i;
    }
    return ODJ_UNKNOWN;
}

const char *odj_kind_name(enum odj_kind k)
{
    return (size_t)k < ARRAY_SIZE(kinds) ? kinds[k].name : "";
}

const unsigned char *odj_kind_guid(enum odj_kind k)
{
    return (size_t)k < ARRAY_SIZE(kinds) ? kinds[k].guid : NULL;
}

static const struct odj_struct *part_choose(void *holder)
{
    struct odj_part *p = holder;
    p->kind = odj_kind_of(p->type);
    return p->kind == ODJ_UNKNOWN ? NULL : kinds[p->kind].what;
}
static const struct odj_field part_fields[] = {
    GUID(struct odj_part, type, "PartType"),
    U32(struct odj_part, flags, "ulFlags"),
    OBJECT(struct odj_part, u, NULL, part_choose, "Part"),
    BYTES(struct odj_part, extension, "Extension"),
};
STRUCT(part_struct, struct odj_part, part_fields, PARTS_MAX, "OP_PACKAGE_PART");

static const struct odj_field collection_fields[] = {
    ARRAY(struct odj_package, parts, n, part_struct, "pParts"),
    BYTES(struct odj_package, parts_extension, "Extension"),
};
STRUCT(collection_struct, struct odj_package, collection_fields, 0, "OP_PACKAGE_PART_COLLECTION");

/* The collection is in the same memory structure as the package that wraps it. */
static const struct odj_field package_fields[] = {
    {"EncryptionType", ODJ_F_NULL_GUID, 0, 0, NULL, NULL},
    BYTES(struct odj_package, context, "EncryptionContext"),
    {"WrappedPartCollection", ODJ_F_OBJECT, 0, 0, &collection_struct, NULL},
    U32(struct odj_package, decrypted_size, "cbDecryptedPartCollection"),
    BYTES(struct odj_package, extension, "Extension"),
};
STRUCT(package_struct, struct odj_package, package_fields, 0, "OP_PACKAGE");

static const struct odj_struct *blob_choose(void *holder)
{
    const struct odj_blob *b = holder;
    if (b->format == ODJ_FORMAT_WIN7)
        return &join_struct;
    return b->format == ODJ_FORMAT_WIN8 ? &package_struct : NULL;
}
static const struct odj_field blob_fields[] = {
    U32(struct odj_blob, format, "ulODJFormat"),
    OBJECT(struct odj_blob, u, NULL, blob_choose, "pBlob"),
};
STRUCT(blob_struct, struct odj_blob, blob_fields, BLOBS_MAX, "ODJ_BLOB");

static const struct odj_field root_fields[] = {
    {"ulVersion", ODJ_F_VERSION, 0, 0, NULL, NULL},
    ARRAY(struct odj, blobs, n, blob_struct, "pBlobs"),
};
const struct odj_struct odj_root = {"ODJ_PROVISION_DATA", sizeof(struct odj), root_fields,
                                    ARRAY_SIZE(root_fields), 0};

size_t odj_field_wire(enum odj_field_kind k)
{
    switch (k) {
    case ODJ_F_GUID:
    case ODJ_F_NULL_GUID:
        return GUID_BYTES;
    case ODJ_F_UNICODE:
    case ODJ_F_BYTES:
    case ODJ_F_ARRAY:
    case ODJ_F_OBJECT:
        return 8;
    default:
        return 4;
    }
}

size_t odj_struct_wire(const struct odj_struct *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += odj_field_wire(s->fields[i].kind);
    return n;
}
