/*
 * stream URI FIRST COUNT PARENT DOMAIN [WINDOW] : the same entries that a list of machines makes,
 * added over one sealed connection by nothing but libldap, WINDOW requests under way. It keeps no
 * results and writes no files: what the controller can take. Prints the milliseconds from the first
 * request to the last answer. Names are FIRST0001 and so on. The ticket comes from KRB5CCNAME.
 */
#define _GNU_SOURCE
#include <ldap.h>
#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int interact(LDAP *ld, unsigned flags, void *defaults, void *in)
{
    (void)ld, (void)flags, (void)defaults;
    for (sasl_interact_t *i = in; i->id != SASL_CB_LIST_END; i++) {
        i->result = "";
        i->len = 0;
    }
    return LDAP_SUCCESS;
}

static void check(int rc, const char *what)
{
    if (rc == LDAP_SUCCESS)
        return;
    fprintf(stderr, "stream: %s: %s\n", what, ldap_err2string(rc));
    exit(1);
}

static LDAP *open_sealed(const char *uri)
{
    LDAP *ld;
    int version = LDAP_VERSION3;
    check(ldap_initialize(&ld, uri), "initialize");
    check(ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version), "version");
    check(ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF), "referrals");
    check(ldap_set_option(ld, LDAP_OPT_X_SASL_SECPROPS, "minssf=56"), "security");
    check(ldap_set_option(ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON), "names");
    check(ldap_sasl_interactive_bind_s(ld, NULL, "GSSAPI", NULL, NULL, LDAP_SASL_QUIET, interact,
                                       NULL),
          "bind");
    return ld;
}

/* 120 printable characters in quotation marks, UTF-16LE. */
static void make_password(unsigned char out[244])
{
    unsigned char random[120];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        exit(1);
    memset(out, 0, 244);
    out[0] = out[242] = '"';
    for (int i = 0; i < 120; i++)
        out[2 + 2 * i] = (unsigned char)('#' + random[i] % 80);
}

static int send_one(LDAP *ld, const char *name, const char *parent, const char *domain)
{
    char dn[600], sam[72], fqdn[300], spn[4][330];
    unsigned char password[244];
    snprintf(dn, sizeof dn, "CN=%s,%s", name, parent);
    snprintf(sam, sizeof sam, "%s$", name);
    snprintf(fqdn, sizeof fqdn, "%s.%s", name, domain);
    snprintf(spn[0], sizeof spn[0], "HOST/%s", fqdn);
    snprintf(spn[1], sizeof spn[1], "RestrictedKrbHost/%s", fqdn);
    snprintf(spn[2], sizeof spn[2], "HOST/%s", name);
    snprintf(spn[3], sizeof spn[3], "RestrictedKrbHost/%s", name);
    make_password(password);
    struct berval secret = {sizeof password, (char *)password}, *secrets[] = {&secret, NULL};
    char *class[] = {"computer", NULL}, *sams[] = {sam, NULL}, *uac[] = {"4096", NULL},
         *host[] = {fqdn, NULL}, *etypes[] = {"24", NULL},
         *spns[] = {spn[0], spn[1], spn[2], spn[3], NULL};
    LDAPMod mods[] = {
        {.mod_op = LDAP_MOD_ADD, .mod_type = "objectClass", .mod_values = class},
        {.mod_op = LDAP_MOD_ADD, .mod_type = "sAMAccountName", .mod_values = sams},
        {.mod_op = LDAP_MOD_ADD, .mod_type = "userAccountControl", .mod_values = uac},
        {.mod_op = LDAP_MOD_ADD | LDAP_MOD_BVALUES,
         .mod_type = "unicodePwd",
         .mod_bvalues = secrets},
        {.mod_op = LDAP_MOD_ADD, .mod_type = "dNSHostName", .mod_values = host},
        {.mod_op = LDAP_MOD_ADD, .mod_type = "servicePrincipalName", .mod_values = spns},
        {.mod_op = LDAP_MOD_ADD, .mod_type = "msDS-SupportedEncryptionTypes", .mod_values = etypes},
    };
    LDAPMod *list[8] = {0};
    for (int i = 0; i < 7; i++)
        list[i] = &mods[i];
    int id;
    check(ldap_add_ext(ld, dn, list, NULL, NULL, &id), "add");
    return id;
}

static void take_one(LDAP *ld)
{
    LDAPMessage *m = NULL;
    int rc = LDAP_OTHER;
    char *text = NULL;
    if (ldap_result(ld, LDAP_RES_ANY, LDAP_MSG_ONE, NULL, &m) != LDAP_RES_ADD)
        check(LDAP_SERVER_DOWN, "answer");
    check(ldap_parse_result(ld, m, &rc, NULL, &text, NULL, NULL, 1), "answer");
    if (rc != LDAP_SUCCESS)
        fprintf(stderr, "stream: %s\n", text);
    check(rc, "add");
    ldap_memfree(text);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    int count = atoi(argv[3]), window = argc > 6 ? atoi(argv[6]) : 32, under_way = 0;
    LDAP *ld = open_sealed(argv[1]);
    double start = now_ms();
    for (int i = 1; i <= count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%04d", argv[2], i);
        send_one(ld, name, argv[4], argv[5]);
        if (++under_way < window)
            continue;
        take_one(ld);
        under_way--;
    }
    while (under_way-- > 0)
        take_one(ld);
    printf("%.0f\n", now_ms() - start);
    ldap_unbind_ext_s(ld, NULL, NULL);
    return 0;
}
