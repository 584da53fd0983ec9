/*
 * libjoinery: joining a Linux machine to Active Directory, under the names that Windows gives the
 * calls (lmjoin.h, Win32_ComputerSystem) and in the shape of Samba's netapi.h.
 *
 * Texts are UTF-8, end with a NUL, and are copied; text that is not UTF-8 is
 * ERROR_INVALID_PARAMETER. Passwords are copied into locked memory and wiped before the call
 * returns. Results are system error codes: NERR_Success (0), those below, or another one of
 * [MS-ERREF] 2.2 and lmerr.h; joinery_last_error() tells what it was about.
 *
 * server: NULL, "", ".", "localhost", or this machine's own short or full name, with or without
 * leading backslashes. Another name is ERROR_NOT_SUPPORTED: a machine is joined from within.
 * account: "DOMAIN\\user" or "user@domain.example"; NULL or "" is the caller's own Kerberos ticket
 * (KRB5CCNAME, or the system's default cache). A password without an account is
 * ERROR_INVALID_PARAMETER, and so is an account without a password; one of more than 256 UTF-16
 * units is ERROR_INVALID_PASSWORD.
 *
 * Calls that change the machine need root (ERROR_ACCESS_DENIED). At most one call that changes the
 * machine or asks the network runs at a time: a second one, from any thread or process, ends at
 * once with RPC_S_CALL_IN_PROGRESS and changes nothing. A change that fails is taken back.
 *
 * The process: a call starts one thread of its own, with all signals blocked, and ends it. While it
 * runs it takes the variables that steer Kerberos and LDAP out of the environment and puts them
 * back afterwards, so no other thread may call setenv() or rely on getenv() of those meanwhile.
 * Signal handlers, signal mask, locale, working directory and standard streams are left alone;
 * nothing is printed. libldap reads no configuration file when a call is the first to use it in the
 * process.
 *
 * Sources: NetJoinDomain, NetUnjoinDomain, NetRenameMachineInDomain, NetGetJoinInformation,
 * NetGetJoinableOUs, NetValidateName, NetProvisionComputerAccount, NetCreateProvisioningPackage,
 * NetRequestOfflineDomainJoin, NetRequestProvisioningPackageInstall (lmjoin.h);
 * Win32_ComputerSystem.JoinDomainOrWorkgroup; [MS-WKST] 2.2.3, 2.2.4.7 and 3.2.4.13 to 3.2.4.17.
 */
#ifndef JOINERY_API_JOINERY_H
#define JOINERY_API_JOINERY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t NET_API_STATUS;

/* ---- options of NetJoinDomain and JoinDomainOrWorkgroup ---- */

#define NETSETUP_JOIN_DOMAIN              0x00000001u /* without it: a workgroup */
#define NETSETUP_ACCT_CREATE              0x00000002u /* also of NetRenameMachineInDomain */
#define NETSETUP_WIN9X_UPGRADE            0x00000010u
#define NETSETUP_DOMAIN_JOIN_IF_JOINED    0x00000020u
#define NETSETUP_JOIN_UNSECURE            0x00000040u
#define NETSETUP_MACHINE_PWD_PASSED       0x00000080u
#define NETSETUP_DEFER_SPN_SET            0x00000100u
#define NETSETUP_JOIN_DC_ACCOUNT          0x00000200u
#define NETSETUP_JOIN_WITH_NEW_NAME       0x00000400u
#define NETSETUP_JOIN_READONLY            0x00000800u
#define NETSETUP_AMBIGUOUS_DC             0x00001000u
#define NETSETUP_NO_NETLOGON_CACHE        0x00002000u
#define NETSETUP_DONT_CONTROL_SERVICES    0x00004000u
#define NETSETUP_SET_MACHINE_NAME         0x00008000u /* of the two NetRequest... calls only */
#define NETSETUP_FORCE_SPN_SET            0x00010000u
#define NETSETUP_NO_ACCT_REUSE            0x00020000u
#define NETSETUP_INSTALL_INVOCATION       0x00040000u
#define NETSETUP_IGNORE_UNSUPPORTED_FLAGS 0x10000000u
/* of NetUnjoinDomain */
#define NETSETUP_ACCT_DELETE 0x00000004u
/* of NetRenameMachineInDomain */
#define NETSETUP_DNS_NAME_CHANGES_ONLY 0x00001000u
/* of NetProvisionComputerAccount and NetCreateProvisioningPackage */
#define NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT 0x00000001u
#define NETSETUP_PROVISION_REUSE_ACCOUNT          0x00000002u
#define NETSETUP_PROVISION_USE_DEFAULT_PASSWORD   0x00000004u
#define NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH    0x00000008u
/* of NetCreateProvisioningPackage alone; the second one with version 2 of its structure */
#define NETSETUP_PROVISION_ROOT_CA_CERTS  0x00000010u
#define NETSETUP_PROVISION_PERSISTENTSITE 0x00000020u
/* of NetRequestOfflineDomainJoin and NetRequestProvisioningPackageInstall */
#define NETSETUP_PROVISION_ONLINE_CALLER 0x40000000u

/* ---- results that the pages name ---- */

#define NERR_Success                            0u
#define ERROR_ACCESS_DENIED                     5u
#define ERROR_INVALID_DATA                      13u
#define ERROR_WRITE_PROTECT                     19u
#define ERROR_SHARING_VIOLATION                 32u
#define ERROR_NOT_SUPPORTED                     50u
#define ERROR_DUP_NAME                          52u
#define ERROR_INVALID_PASSWORD                  86u
#define ERROR_INVALID_PARAMETER                 87u
#define ERROR_OPEN_FAILED                       110u
#define ERROR_INVALID_NAME                      123u
#define ERROR_ELEVATION_REQUIRED                740u
#define ERROR_INVALID_FLAGS                     1004u
#define ERROR_CANCELLED                         1223u
#define ERROR_ILL_FORMED_PASSWORD               1324u
#define ERROR_WRONG_PASSWORD                    1323u
#define ERROR_PASSWORD_RESTRICTION              1325u
#define ERROR_LOGON_FAILURE                     1326u
#define ERROR_NONE_MAPPED                       1332u
#define ERROR_INVALID_DOMAIN_ROLE               1354u
#define ERROR_NO_SUCH_DOMAIN                    1355u
#define RPC_S_PROTSEQ_NOT_SUPPORTED             1703u
#define RPC_S_CALL_IN_PROGRESS                  1791u
#define NERR_WkstaNotStarted                    2138u
#define NERR_UserExists                         2224u
#define NERR_InvalidComputer                    2351u
#define NERR_SetupAlreadyJoined                 2691u
#define NERR_SetupNotJoined                     2692u
#define NERR_SetupDomainController              2693u
#define NERR_InvalidWorkgroupName               2695u
#define NERR_NoOfflineJoinInfo                  2709u
#define NERR_BadOfflineJoinInfo                 2710u
#define NERR_CantCreateJoinInfo                 2711u
#define NERR_BadDomainJoinInfo                  2712u
#define NERR_JoinPerformedMustRestart           2713u
#define NERR_CantLoadOfflineHive                2717u
#define NERR_ConnectionInsecure                 2718u
#define NERR_ProvisioningBlobUnsupported        2719u
#define NERR_DS8DCRequired                      2720u
#define NERR_LDAPCapableDCRequired              2721u
#define NERR_TargetVersionUnsupported           2723u
#define NERR_AccountReuseBlockedByPolicy        2732u
#define ERROR_DS_MACHINE_ACCOUNT_QUOTA_EXCEEDED 8557u
#define DNS_ERROR_NON_RFC_NAME                  9556u
#define DNS_ERROR_INVALID_NAME_CHAR             9560u
#define WBEM_E_ENCRYPTED_CONNECTION_REQUIRED    0x80041087u

enum NETSETUP_JOIN_STATUS {
    NetSetupUnknownStatus = 0,
    NetSetupUnjoined = 1,
    NetSetupWorkgroupName = 2,
    NetSetupDomainName = 3
};

enum NETSETUP_NAME_TYPE {
    NetSetupUnknown = 0,
    NetSetupMachine = 1,
    NetSetupWorkgroup = 2,
    NetSetupDomain = 3,
    NetSetupNonExistentDomain = 4,
    NetSetupDnsMachine = 5
};

/* ---- the calls of Windows ---- */

/*
 * Makes this machine a member of a domain, or of a workgroup (join_flags without
 * NETSETUP_JOIN_DOMAIN).
 *   domain      DNS or NetBIOS name, or "DomainName\\MachineName" to name the domain controller;
 *               not NULL or "" (ERROR_INVALID_PARAMETER). Or the workgroup.
 *   account_ou  full path of the account's place, RFC 1779 (comma or semicolon) or RFC 4514; NULL:
 *               the domain's default
 *   password    the account's; with NETSETUP_MACHINE_PWD_PASSED the machine's own: an account is
 *               then ERROR_INVALID_PARAMETER, no password ERROR_PASSWORD_RESTRICTION
 *   join_flags  NETSETUP_...; an unknown bit is ERROR_NOT_SUPPORTED unless
 *               NETSETUP_IGNORE_UNSUPPORTED_FLAGS is set
 * The running system needs a restart afterwards (joinery_restart_needed()). An account that was
 * just deleted must have disappeared from all controllers before the machine joins again.
 */
NET_API_STATUS NetJoinDomain(const char *server, const char *domain, const char *account_ou,
                             const char *account, const char *password, uint32_t join_flags);

/*
 * Takes this machine out of its domain: every file becomes what it was before the join, but for
 * what its owner changed since. unjoin_flags: NETSETUP_ACCT_DELETE disables the account in the
 * directory, with the rights of `account`; without it no network is needed. Another bit is
 * ERROR_INVALID_FLAGS unless NETSETUP_IGNORE_UNSUPPORTED_FLAGS is set. A machine in no domain:
 * NERR_SetupNotJoined.
 */
NET_API_STATUS NetUnjoinDomain(const char *server, const char *account, const char *password,
                               uint32_t unjoin_flags);

/*
 * Gives account, service names, keytab and host a new name together. new_machine_name NULL or "":
 * the one that the host was given since it joined (/etc/hostname); where that is the same, what
 * NETSETUP_DEFER_SPN_SET left out is set. rename_options: NETSETUP_ACCT_CREATE renames the account
 * in the directory; NETSETUP_DNS_NAME_CHANGES_ONLY keeps the account's short name.
 */
NET_API_STATUS NetRenameMachineInDomain(const char *server, const char *new_machine_name,
                                        const char *account, const char *password,
                                        uint32_t rename_options);

/*
 * What this machine is a member of, by its own files; the network is not asked and root is not
 * needed. *name_type is one of enum NETSETUP_JOIN_STATUS; *name_buffer the domain's NetBIOS name
 * (its DNS name where that is not known), the workgroup, or "". Release it with NetApiBufferFree().
 */
NET_API_STATUS NetGetJoinInformation(const char *server, const char **name_buffer,
                                     uint16_t *name_type);

/*
 * The organizational units of the domain in which the account may create computers,
 * as distinguished names (RFC 4514). One block, released with one NetApiBufferFree(*ous); none:
 * count 0 and a block of no names. Asked on a domain controller: NERR_SetupDomainController.
 */
NET_API_STATUS NetGetJoinableOUs(const char *server, const char *domain, const char *account,
                                 const char *password, uint32_t *ou_count, const char ***ous);

/*
 * Whether a name can be one of that type (enum NETSETUP_NAME_TYPE); for NetSetupDomain also whether
 * the domain is there (ERROR_NO_SUCH_DOMAIN), for NetSetupNonExistentDomain that it is not
 * (ERROR_DUP_NAME). Malformed names, by type: NERR_InvalidComputer, NERR_InvalidWorkgroupName,
 * ERROR_INVALID_NAME, DNS_ERROR_INVALID_NAME_CHAR, DNS_ERROR_NON_RFC_NAME. account and password are
 * checked for shape and not used. Whether another computer has the name is not asked: the directory
 * tells it at the join.
 */
NET_API_STATUS NetValidateName(const char *server, const char *name, const char *account,
                               const char *password, uint32_t name_type);

/*
 * Makes the account of a machine that is elsewhere and gives the data that makes it a member there:
 * an offline domain join. Needs neither root nor anything of this machine but its network; through
 * the ports 53, 88 and 389. The account that asks is the caller's own ticket, or that of
 * joinery_set_credentials(), or that of joinery_set_config().
 *   domain        DNS or NetBIOS name
 *   machine_name  short name, or a full DNS name whose first label is that
 *   machine_account_ou  full path, NULL: the domain's default place
 *   dc_name       a writable domain controller (ERROR_INVALID_DOMAIN_ROLE for anything else), or
 *                 NULL
 *   options       NETSETUP_PROVISION_...: the first four; another bit is ERROR_NOT_SUPPORTED
 *   provision_bin_data, provision_bin_data_size   the binary form and its size in bytes; or
 *   provision_text_data                           the same as base64, as an answer file takes it:
 *                 exactly one of the two is asked for, the other pointers are NULL
 *                 (ERROR_INVALID_PARAMETER)
 * Release the data with NetApiBufferFree(), which wipes it: it IS the machine's password. It never
 * expires and works until the account's password changes.
 */
NET_API_STATUS NetProvisionComputerAccount(const char *domain, const char *machine_name,
                                           const char *machine_account_ou, const char *dc_name,
                                           uint32_t options, uint8_t **provision_bin_data,
                                           uint32_t *provision_bin_data_size,
                                           const char **provision_text_data);

#define NETSETUP_PROVISIONING_PARAMS_WIN8_VERSION    0x00000001u
#define NETSETUP_PROVISIONING_PARAMS_CURRENT_VERSION 0x00000002u

/* dwVersion tells how long it is: with version 1, nothing behind cMachinePolicyPaths is read. */
struct NETSETUP_PROVISIONING_PARAMS {
    uint32_t dwVersion;
    const char *lpDomain;
    const char *lpHostName;
    const char *lpMachineAccountOU;
    const char *lpDcName;
    uint32_t dwProvisionOptions;
    const char *const *aCertTemplateNames; /* NULL = none; the count is then not looked at */
    uint32_t cCertTemplateNames;
    const char *const *aMachinePolicyNames;
    uint32_t cMachinePolicyNames;
    const char *const *aMachinePolicyPaths; /* Registry.pol files of this machine */
    uint32_t cMachinePolicyPaths;
    /* version 2 */
    const char *lpNetbiosName;
    const char *lpSiteName;
    const char *lpPrimaryDNSDomain;
};

/*
 * The same, with certificates and policies in the package: the chains of the authorities that issue
 * the named templates, or with NETSETUP_PROVISION_ROOT_CA_CERTS and no templates this machine's
 * root certificates; policies from files. A policy that is only named is ERROR_NOT_SUPPORTED: its
 * contents are not in the directory. Names with a comma in them are ERROR_INVALID_PARAMETER.
 */
NET_API_STATUS
NetCreateProvisioningPackage(const struct NETSETUP_PROVISIONING_PARAMS *provisioning_params,
                             uint8_t **package_bin_data, uint32_t *package_bin_data_size,
                             const char **package_text_data);

/*
 * Puts such data into a system that is not running: a Windows image, or the root directory of a
 * Linux one. No network is used. The data may be binary or text, as it was saved by djoin, or in a
 * CMS envelope (joinery_set_passphrase()).
 *   options       NETSETUP_PROVISION_ONLINE_CALLER: windows_path is the running system, "/"; needs
 *                 root (ERROR_ELEVATION_REQUIRED). Without it the running system is refused
 *                 (ERROR_INVALID_PARAMETER)
 *                 NETSETUP_SET_MACHINE_NAME: a Linux system gets the host name as well; without
 *                 it, joinery_set_config() decides (yes by default)
 *                 another bit is ERROR_NOT_SUPPORTED
 *   windows_path  a mounted Windows volume or its Windows directory, or a Linux root
 *                 \\server\share\... where that share is mounted (else ERROR_NOT_SUPPORTED)
 *                 a path of this machine, whatever joinery_set_root() says
 *                 something else is ERROR_INVALID_PARAMETER
 * No data, size or path, or data without domain, name or password: ERROR_INVALID_PARAMETER. An
 * image of a domain controller: ERROR_NOT_SUPPORTED.
 */
NET_API_STATUS NetRequestOfflineDomainJoin(const uint8_t *provision_bin_data,
                                           uint32_t provision_bin_data_size, uint32_t options,
                                           const char *windows_path);

/* The same for packages. reserved is NULL. Success on the running system is
 * NERR_JoinPerformedMustRestart. */
NET_API_STATUS NetRequestProvisioningPackageInstall(const uint8_t *package_bin_data,
                                                    uint32_t package_bin_data_size,
                                                    uint32_t provision_options,
                                                    const char *windows_path, void *reserved);

/* Releases what a call gave, and wipes it; NULL is fine. */
NET_API_STATUS NetApiBufferFree(void *buffer);

/*
 * The method of Win32_ComputerSystem: NetJoinDomain on this machine, with its page's results.
 * WBEM_E_ENCRYPTED_CONNECTION_REQUIRED where credentials would have to travel on a link that cannot
 * be sealed; every other failure keeps its own code.
 */
uint32_t JoinDomainOrWorkgroup(const char *Name, const char *Password, const char *UserName,
                               const char *AccountOU, uint32_t FJoinOptions);

/* ---- this library's own ---- */

/* The directory whose system the following calls act on, "/" by default and for NULL. All threads.
 * ERROR_INVALID_PARAMETER for a path that is not absolute. */
NET_API_STATUS joinery_set_root(const char *directory);

/*
 * Answers beyond the parameters (who may log in, the identity service...), as the text of a
 * wizard.ini(5), for the following calls of all threads; NULL: none. What a parameter or flag says
 * comes first. Without it every answer has its default. Result: the fault in the text, e.g.
 * ERROR_INVALID_PARAMETER; then the former answers stay.
 */
NET_API_STATUS joinery_set_config(const char *ini_text);

/*
 * The account that NetProvisionComputerAccount and NetCreateProvisioningPackage ask with, for the
 * following calls of all threads; NULL, NULL: the caller's own ticket again. Copied into locked
 * memory.
 */
NET_API_STATUS joinery_set_credentials(const char *account, const char *password);
/* What protected provisioning data is opened with, for the following calls of all threads; NULL:
 * nothing. Copied into locked memory. */
NET_API_STATUS joinery_set_passphrase(const char *passphrase);

enum joinery_log_level {
    JOINERY_LOG_ERROR = 1,
    JOINERY_LOG_WARNING,
    JOINERY_LOG_NOTICE,
    JOINERY_LOG_INFO
};
/* One line of the log (English, no line end, never a secret), in the thread that made the call,
 * while it waits. The callback must not call this library but for joinery_cancel(). NULL: no log.
 */
typedef void joinery_log_fn(void *arg, int level, const char *line);
void joinery_set_log(joinery_log_fn *fn, void *arg);

/*
 * Stops the call that is running, if any, from another thread or a signal handler. It takes back
 * what it did and ends with ERROR_CANCELLED; one that is already keeping its result still succeeds.
 */
void joinery_cancel(void);

/* What the last call of this thread ended with. The texts belong to the library and last until the
 * thread's next call. */
struct joinery_error {
    uint32_t code;
    const char *symbol; /* "NERR_UserExists" */
    const char *what;   /* what happened, a sentence */
    const char *why;    /* why that usually is; may be "" */
    const char *next;   /* what to do; may be "" */
    const char *facts;  /* "Label: value" lines that name object, server, option...; may be "" */
    const char *server; /* the original words of the server or system; may be "" */
};
const struct joinery_error *joinery_last_error(void);

/* "NERR_UserExists (2224): " and the sentences of a code, for this thread until its next call of
 * this function. */
const char *joinery_error_text(uint32_t code);

/* 1 when the last call of this thread that changes a machine succeeded and the running system needs
 * a restart for it to take full effect; else 0. */
int joinery_restart_needed(void);

#ifdef __cplusplus
}
#endif
#endif
