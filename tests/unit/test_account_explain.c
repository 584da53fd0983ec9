/* Every way a directory refuses something, in the texts of Windows and of Samba. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/account/explain.h"
#include "engine/dir/dir.h"

#define DN "CN=KIOSK1,OU=Kiosks,DC=corp,DC=example,DC=com"

static const struct {
    enum account_op op;
    int rc;
    const char *diag;
    uint32_t code;
    enum cause cause;
} rows[] = {
    /* no right to create */
    {ACCOUNT_OP_ADD, 53, "0000216D: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0",
     8557, CAUSE_NO_CREATE_RIGHT_QUOTA},
    {ACCOUNT_OP_ADD, 50,
     "00000005: SecErr: DSID-03152612, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", 5,
     CAUSE_NO_CREATE_RIGHT},
    {ACCOUNT_OP_ADD, 50,
     "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", 5,
     CAUSE_NO_CREATE_RIGHT},
    {ACCOUNT_OP_ADD, 50, "acl: unable to get access to OU=Kiosks,DC=corp", 5,
     CAUSE_NO_CREATE_RIGHT},
    /* place */
    {ACCOUNT_OP_ADD, 32,
     "0000208D: NameErr: DSID-03100288, problem 2001 (NO_OBJECT), data 0, best match of:", 2,
     CAUSE_OU_NOT_FOUND},
    {ACCOUNT_OP_ADD, 32, "00002030: NameErr: DSID-03100288, problem 2001 (NO_OBJECT), data 0", 2,
     CAUSE_OU_NOT_FOUND},
    {ACCOUNT_OP_ADD, 32, "00002030: objectclass: Cannot add CN=a,OU=b, parent does not exist!", 2,
     CAUSE_OU_NOT_FOUND},
    {ACCOUNT_OP_READ_OU, 32, NULL, 2, CAUSE_OU_NOT_FOUND},
    {ACCOUNT_OP_ADD, 34, "0000208F: NameErr: DSID-031001F7, problem 2006 (BAD_NAME), data 8350", 87,
     CAUSE_OU_MALFORMED},
    {ACCOUNT_OP_READ_OU, 34, "00002032: ldb_wrap: invalid dn 'x'", 87, CAUSE_OU_MALFORMED},
    {ACCOUNT_OP_READ, 34, "", 8242, CAUSE_NONE},
    /* names */
    {ACCOUNT_OP_ADD, 68, "00002071: UpdErr: DSID-0305038D, problem 6005 (ENTRY_EXISTS), data 0",
     2224, CAUSE_NAME_TAKEN},
    {ACCOUNT_OP_ADD, 68, "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0",
     2224, CAUSE_NAME_TAKEN},
    {ACCOUNT_OP_ADD, 68, "Entry " DN " already exists", 2224, CAUSE_NAME_TAKEN},
    {ACCOUNT_OP_ADD, 68, "00002071: samldb: samAccountName KIOSK1$ already in use!", 2224,
     CAUSE_NAME_TAKEN},
    {ACCOUNT_OP_ADD, 19,
     "000021C7: AtrErr: DSID-03200BBA, #1:\n\t0: 000021C7: DSID-03200BBA, problem 1005 "
     "(CONSTRAINT_ATT_TYPE), data 0, Att 90303 (servicePrincipalName)",
     8647, CAUSE_SPN_CLASH},
    {ACCOUNT_OP_NAMES, 19, "0000202F: samldb: spn[HOST/kiosk1] would cause a conflict", 8647,
     CAUSE_SPN_CLASH},
    {ACCOUNT_OP_NAMES, 50, "00002098: samldb: spn[http/kiosk1] would cause a conflict", 8647,
     CAUSE_SPN_CLASH},
    {ACCOUNT_OP_ADD, 19, "error in module samldb: Constraint violation during LDB_ADD (19)", 8647,
     CAUSE_SPN_CLASH},
    {ACCOUNT_OP_NAMES, 19,
     "0000200B: AtrErr: DSID-033E0F41, #1:\n\t0: 0000200B: DSID-033E0F41, problem 1005 "
     "(CONSTRAINT_ATT_TYPE), data 0, Att 9026b (dNSHostName)",
     8203, CAUSE_DNSHOST_SUFFIX},
    {ACCOUNT_OP_NAMES, 19,
     "acl: hostname validation failed for hostname[kiosk1.example.org] account[KIOSK1$]", 8203,
     CAUSE_DNSHOST_SUFFIX},
    {ACCOUNT_OP_NAMES, 19,
     "0000200B: AtrErr: DSID-033E0F41, #1: 0: problem 1005, Att 90303 (servicePrincipalName)", 8203,
     CAUSE_SPN_SUFFIX},
    {ACCOUNT_OP_NAMES, 19,
     "00002098: AtrErr: DSID-0, problem 1005, Att 90303 (servicePrincipalName)", 8203,
     CAUSE_SPN_SUFFIX},
    {ACCOUNT_OP_NAMES, 19, "acl: spn validation failed for spn[HOST/x] uac[0x1000]", 8203,
     CAUSE_SPN_SUFFIX},
    /* options and password */
    {ACCOUNT_OP_ADD, 19, "000020E7: AtrErr: DSID-0, problem 1005, Att 90008 (userAccountControl)",
     8423, CAUSE_UAC_REFUSED},
    {ACCOUNT_OP_ADD, 50,
     "Setting the UF_TRUSTED_FOR_DELEGATION bit requires SeEnableDelegationPrivilege", 8423,
     CAUSE_UAC_REFUSED},
    {ACCOUNT_OP_UAC, 53, "000020E7: SvcErr: DSID-0", 8423, CAUSE_UAC_REFUSED},
    {ACCOUNT_OP_UAC, 50, "00002098: SecErr: DSID-0", 5, CAUSE_WRITE_NOT_ALLOWED},
    {ACCOUNT_OP_ADD, 19, "0000052D: AtrErr: DSID-0, problem 1005, Att 9005a (unicodePwd)", 1325,
     CAUSE_PASSWORD_POLICY},
    {ACCOUNT_OP_PASSWORD, 53, "0000052D: SvcErr: DSID-031A12D2, problem 5003", 1325,
     CAUSE_PASSWORD_POLICY},
    {ACCOUNT_OP_PASSWORD, 19,
     "0000052D: Constraint violation - check_password_restrictions: too short", 1325,
     CAUSE_PASSWORD_POLICY},
    {ACCOUNT_OP_ADD, 53, "0000001F: SvcErr: DSID-031A126C, problem 5003 (WILL_NOT_PERFORM), data 0",
     2718, CAUSE_ADD_UNSEALED},
    {ACCOUNT_OP_PASSWORD, 53,
     "00002035: setup_io: it's not allowed to set the NT hash password directly", 87, CAUSE_NONE},
    {ACCOUNT_OP_PASSWORD, 50,
     "00002098: SecErr: DSID-03152D6E, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", 5,
     CAUSE_RESET_NOT_ALLOWED},
    {ACCOUNT_OP_PASSWORD, 50,
     "error in module acl: insufficient access rights during LDB_MODIFY (50)", 5,
     CAUSE_RESET_NOT_ALLOWED},
    {ACCOUNT_OP_DESCRIBE, 50, "00002098: Object CN=x has no write property access", 5,
     CAUSE_WRITE_NOT_ALLOWED},
    {ACCOUNT_OP_NAMES, 50, "acl:access_denied check_spn", 5, CAUSE_WRITE_NOT_ALLOWED},
    /* the controller */
    {ACCOUNT_OP_ADD, 10, "0000202B: RefErr: DSID-03100786, data 0, 1 access points", 8235,
     CAUSE_DC_READ_ONLY},
    {ACCOUNT_OP_READ, 1,
     "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful "
     "bind must be completed",
     1244, CAUSE_NONE},
    {ACCOUNT_OP_READ, 1, "00002020: Operation unavailable without authentication", 1244,
     CAUSE_NONE},
    {ACCOUNT_OP_READ, 1, "00002020: operational_search_post_process failed", 8224, CAUSE_NONE},
    {ACCOUNT_OP_BIND, 8,
     "00002028: LdapErr: DSID-0C090257, comment: The server requires binds to turn on integrity "
     "checking",
     2718, CAUSE_SIGNING_REQUIRED},
    {ACCOUNT_OP_BIND, 8, "SASL:[GSS-SPNEGO]: Sign or Seal are required.", 2718,
     CAUSE_SIGNING_REQUIRED},
    {ACCOUNT_OP_BIND, 8, "BindSimple: Transport encryption required.", 2718,
     CAUSE_SIGNING_REQUIRED},
    {ACCOUNT_OP_ADD, 53, "SASL:[GSSAPI]: Sign or Seal are not allowed if TLS is used", 1359,
     CAUSE_INTERNAL},
    {ACCOUNT_OP_BIND, 49,
     "80090346: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 80090346", 2718,
     CAUSE_CHANNEL_BINDING},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: DSID-0C090453, comment: AcceptSecurityContext error, data 52e, v3839",
     1326, CAUSE_KDC_WRONG_PASSWORD},
    {ACCOUNT_OP_BIND, 49,
     "8009030C: LdapErr: DSID-0C0904DC, comment: AcceptSecurityContext error, data 525, v1db1",
     1317, CAUSE_KDC_UNKNOWN_USER},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: x, comment: AcceptSecurityContext error, data 530, v1", 1328,
     CAUSE_KDC_LOGON_HOURS},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: x, comment: AcceptSecurityContext error, data 531, v1", 1329,
     CAUSE_KDC_WORKSTATION},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: x, comment: AcceptSecurityContext error, data 532, v1", 1330,
     CAUSE_KDC_PASSWORD_EXPIRED},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: x, comment: AcceptSecurityContext error, data 533, v1", 1331,
     CAUSE_KDC_DISABLED},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: x, comment: AcceptSecurityContext error, data 701, v1", 1793,
     CAUSE_KDC_EXPIRED},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: x, comment: AcceptSecurityContext error, data 773, v1", 1907,
     CAUSE_KDC_MUST_CHANGE},
    {ACCOUNT_OP_BIND, 49,
     "80090308: LdapErr: x, comment: AcceptSecurityContext error, data 775, v1", 1909,
     CAUSE_KDC_LOCKED},
    {ACCOUNT_OP_BIND, 49, "SASL:[GSS-SPNEGO]: NT_STATUS_LOGON_FAILURE", 1326, CAUSE_BIND_REFUSED},
    {ACCOUNT_OP_BIND, 49, NULL, 1326, CAUSE_BIND_REFUSED},
    {ACCOUNT_OP_BIND, 7, "mechanism not supported", 1703, CAUSE_BIND_NO_MECH},
    {ACCOUNT_OP_BIND, -6, "SASL(-15): mechanism too weak for this user", 2718,
     CAUSE_BIND_NOT_SEALED},
    {ACCOUNT_OP_BIND, -6, "SASL(-4): no mechanism available: ", 2138, CAUSE_PACKAGE_MISSING},
    {ACCOUNT_OP_BIND, -2, "SASL(-4): no mechanism available: No worthy mechs found", 2138,
     CAUSE_PACKAGE_MISSING},
    {ACCOUNT_OP_BIND, -2, "SASL(-15): mechanism too weak for this user: mech GSSAPI is too weak",
     2718, CAUSE_BIND_NOT_SEALED},
    {ACCOUNT_OP_BIND, -2,
     "SASL(-1): generic failure: GSSAPI Error: Unspecified GSS failure. (Server not found in "
     "Kerberos database)",
     1396, CAUSE_KDC_UNKNOWN_SERVER},
    {ACCOUNT_OP_BIND, -2,
     "SASL(-1): generic failure: GSSAPI Error: (Cannot find KDC for realm \"X\")", 1359,
     CAUSE_INTERNAL},
    {ACCOUNT_OP_BIND, -2, "SASL(-1): generic failure: GSSAPI Error: (Clock skew too great)", 1398,
     CAUSE_TIME_SKEW},
    {ACCOUNT_OP_BIND, -2, "SASL(-1): generic failure: GSSAPI Error: (Ticket expired)", 1312,
     CAUSE_TICKET_EXPIRED},
    {ACCOUNT_OP_BIND, -2, "SASL(-1): generic failure: GSSAPI Error: No credentials were supplied",
     1312, CAUSE_NO_TICKET},
    /* removing */
    {ACCOUNT_OP_DELETE, 66,
     "00002015: UpdErr: DSID-031A11C4, problem 6003 (CANT_ON_NON_LEAF), data 0", 8213,
     CAUSE_ACCOUNT_HAS_CHILDREN},
    {ACCOUNT_OP_DELETE, 50, "00000005: SecErr: DSID-031A11C4, problem 4003", 5, CAUSE_OBJECT_LEFT},
    {ACCOUNT_OP_PASSWORD, 32, "00002030: NameErr", 2697, CAUSE_ACCOUNT_CHANGED},
    /* the rest */
    {ACCOUNT_OP_READ, 50, "", 5, CAUSE_NONE},
    {ACCOUNT_OP_READ, 32, "", 8240, CAUSE_NONE},
    {ACCOUNT_OP_READ, 51, "", 8206, CAUSE_NONE},
    {ACCOUNT_OP_READ, 52, "", 8207, CAUSE_NONE},
    {ACCOUNT_OP_ADD, 52, "0000200F: SvcErr", 8207, CAUSE_NONE},
    {ACCOUNT_OP_READ, 3, "", 1460, CAUSE_NONE},
    {ACCOUNT_OP_READ, 4, "", 8227, CAUSE_NONE},
    {ACCOUNT_OP_READ, 11, "", 8228, CAUSE_NONE},
    {ACCOUNT_OP_READ, 8, "00002028: LdapErr", 2718, CAUSE_SIGNING_REQUIRED},
    {ACCOUNT_OP_ADD, 13, "", 2718, CAUSE_ADD_UNSEALED},
    {ACCOUNT_OP_ADD, 65, "0000207D: UpdErr: problem 6002 (OBJ_CLASS_VIOLATION)", 8212, CAUSE_NONE},
    {ACCOUNT_OP_NAMES, 20, "00002083: AtrErr", 8205, CAUSE_NONE},
    {ACCOUNT_OP_ADD, 80, "0000202B: x", 8235, CAUSE_NONE},
    {ACCOUNT_OP_ADD, 80, "nothing to say", 8341, CAUSE_NONE},
    {ACCOUNT_OP_ADD, 53, "nothing to say", 8245, CAUSE_NONE},
    {ACCOUNT_OP_ADD, 19, "nothing to say", 8239, CAUSE_NONE},
    {ACCOUNT_OP_ADD, 99, "Failed: nothing", 8341, CAUSE_NONE},
};

static void test_rows(void **s UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct err e = {0};
        print_message("row %zu: %d %s\n", i, rows[i].rc, rows[i].diag ? rows[i].diag : "");
        assert_int_equal(account_explain(rows[i].op, rows[i].rc, rows[i].diag, DN, "dc1.corp", &e),
                         -1);
        assert_int_equal(e.code, rows[i].code);
        assert_int_equal(e.cause, rows[i].cause);
        assert_non_null(code_find(e.code));
        /* What the server said is kept. */
        assert_int_equal(e.src, ERR_SRC_LDAP);
        assert_int_equal(e.lib, rows[i].rc);
        if (rows[i].diag && !strpbrk(rows[i].diag, "\n\t"))
            assert_non_null(strstr(e.raw, rows[i].diag));
        assert_string_equal(err_fact_get(&e, FACT_SERVER), "dc1.corp");
    }
}

/* A broken rule is not a missing right: no diagnostic, whatever stands in it, makes result 19 an
 * "access denied". */
static void test_19_is_never_rights(void **s UNUSED)
{
    for (enum account_op op = ACCOUNT_OP_READ; op <= ACCOUNT_OP_DELETE; op++) {
        static const uint32_t codes[] = {5,     0x2098, 0x200b, 0x21c7, 0x202f, 0x216d,
                                         0x52d, 0x524,  0x20e7, 0,      0x522};
        for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
            struct err e = {0};
            char diag[64];
            snprintf(diag, sizeof diag, "%08X: access rights insufficient", codes[i]);
            account_explain(op, 19, diag, DN, NULL, &e);
            assert_int_not_equal(e.code, 5);
            assert_int_not_equal(e.code, 8344);
            assert_int_not_equal(e.code, 1314);
            assert_int_not_equal(e.cause, CAUSE_NO_CREATE_RIGHT);
        }
    }
}

static void test_first_error_wins(void **s UNUSED)
{
    struct err e = {0};
    err_cause(&e, CAUSE_CANCELLED);
    assert_int_equal(account_explain(ACCOUNT_OP_ADD, 50, "x", DN, "s", &e), -1);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    assert_int_equal(e.src, ERR_SRC_NONE);
}

static void test_every_result_has_words(void **s UNUSED)
{
    for (enum account_op op = ACCOUNT_OP_BIND; op <= ACCOUNT_OP_DELETE; op++) {
        for (int rc = 1; rc < 128; rc++) {
            struct err e = {0};
            account_explain(op, rc, "", NULL, NULL, &e);
            assert_int_not_equal(e.code, 0);
            assert_non_null(code_find(e.code));
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_19_is_never_rights),
        cmocka_unit_test(test_first_error_wins),
        cmocka_unit_test(test_every_result_has_words),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
