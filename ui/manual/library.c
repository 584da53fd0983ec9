/* libjoinery(3): the calls, their flags and results, and the example that the tests compile. */
#include <stdio.h>
#include <string.h>

#include "engine/base/macro.h"
#include "engine/tables/options.h"
#include "ui/manual/manual.h"

static const struct {
    const char *prototype, *help;
} calls[] = {
    {"NET_API_STATUS NetJoinDomain(const char *server, const char *domain, const char *account_ou, "
     "const char *account, const char *password, uint32_t join_flags);",
     "Makes this machine a member of a domain, or of a workgroup when NETSETUP_JOIN_DOMAIN is not "
     "set. domain is a DNS or NetBIOS name, or DomainName\\MachineName to name the domain "
     "controller "
     "as well. account_ou is the full path of the account's place (RFC 4514 or RFC 1779, with "
     "commas "
     "or semicolons), NULL for the domain's default."},
    {"NET_API_STATUS NetUnjoinDomain(const char *server, const char *account, const char "
     "*password, "
     "uint32_t unjoin_flags);",
     "Takes this machine out of its domain and puts its files back. NETSETUP_ACCT_DELETE disables "
     "the "
     "account in the directory, which takes an account with the right to; without it no network is "
     "needed."},
    {"NET_API_STATUS NetRenameMachineInDomain(const char *server, const char *new_machine_name, "
     "const "
     "char *account, const char *password, uint32_t rename_options);",
     "Renames account, service names, keytab and host together. Without a new name the "
     "one that the host was given since it joined is used."},
    {"NET_API_STATUS NetGetJoinInformation(const char *server, const char **name_buffer, uint16_t "
     "*name_type);",
     "What this machine is a member of: NetSetupUnjoined, NetSetupWorkgroupName or "
     "NetSetupDomainName. Needs neither root nor network."},
    {"NET_API_STATUS NetGetJoinableOUs(const char *server, const char *domain, const char "
     "*account, "
     "const char *password, uint32_t *ou_count, const char ***ous);",
     "The organizational units of the domain in which the account may create computers, as one "
     "block."},
    {"NET_API_STATUS NetValidateName(const char *server, const char *name, const char *account, "
     "const "
     "char *password, uint32_t name_type);",
     "Whether a name can be one of its type; for NetSetupDomain also whether the domain is there, "
     "for "
     "NetSetupNonExistentDomain that it is not."},
    {"NET_API_STATUS NetProvisionComputerAccount(const char *domain, const char *machine_name, "
     "const char *machine_account_ou, const char *dc_name, uint32_t options, uint8_t "
     "**provision_bin_data, uint32_t *provision_bin_data_size, const char **provision_text_data);",
     "Makes the account of a machine that is elsewhere and gives the data that makes it a member "
     "there, binary or as base64: exactly one of them is asked for. Needs no root. The account "
     "that "
     "asks is the caller's own ticket or that of joinery_set_credentials."},
    {"NET_API_STATUS NetCreateProvisioningPackage(const struct NETSETUP_PROVISIONING_PARAMS "
     "*provisioning_params, uint8_t **package_bin_data, uint32_t *package_bin_data_size, const "
     "char "
     "**package_text_data);",
     "The same, with the certificates of authorities and the policies that the structure names, "
     "and "
     "with version 2 of it a NetBIOS name, a site and a DNS domain of the machine's own. A policy "
     "is taken from a file; one that is only named is refused with 50, because its contents are "
     "not "
     "in the directory."},
    {"NET_API_STATUS NetRequestOfflineDomainJoin(const uint8_t *provision_bin_data, uint32_t "
     "provision_bin_data_size, uint32_t options, const char *windows_path);",
     "Puts such data into a system that is not running: a mounted Windows volume or its Windows "
     "directory, or a Linux root. Needs no network. With NETSETUP_PROVISION_ONLINE_CALLER it is "
     "the "
     "running system, /. The data may be binary, text as djoin saves it, an answer file, or any of "
     "these in a CMS envelope."},
    {"NET_API_STATUS NetRequestProvisioningPackageInstall(const uint8_t *package_bin_data, "
     "uint32_t "
     "package_bin_data_size, uint32_t provision_options, const char *windows_path, void "
     "*reserved);",
     "The same for packages; reserved is NULL. Success on the running system is 2713."},
    {"NET_API_STATUS NetApiBufferFree(void *buffer);", "Releases what a call gave, and wipes it."},
    {"uint32_t JoinDomainOrWorkgroup(const char *Name, const char *Password, const char *UserName, "
     "const char *AccountOU, uint32_t FJoinOptions);",
     "NetJoinDomain on this machine with the results of the WMI method: 0x80041087 where "
     "credentials "
     "would have to travel on a link that cannot be sealed (2718 elsewhere); every other failure "
     "keeps its own code."},
    {"NET_API_STATUS joinery_set_root(const char *directory);",
     "The directory whose system the following calls act on; / by default."},
    {"NET_API_STATUS joinery_set_config(const char *ini_text);",
     "Answers beyond the parameters, such as who may log in, as the text of a wizard.ini. Never "
     "needed."},
    {"NET_API_STATUS joinery_set_credentials(const char *account, const char *password);",
     "The account that the two provisioning calls ask with; NULL, NULL is the caller's own ticket "
     "again. Kept in locked memory."},
    {"NET_API_STATUS joinery_set_passphrase(const char *passphrase);",
     "What protected provisioning data is opened with; NULL is nothing. Kept in locked memory."},
    {"void joinery_set_log(joinery_log_fn *fn, void *arg);",
     "Where the lines of the log go; without it nowhere. Nothing is ever printed."},
    {"void joinery_cancel(void);", "Stops the call that is running, from another thread or a "
                                   "signal handler. What it did is taken "
                                   "back."},
    {"const struct joinery_error *joinery_last_error(void);",
     "What the thread's last call ended with, in words: what happened, why that usually is, what "
     "to do "
     "next, and the object, server or option that it is about."},
    {"const char *joinery_error_text(uint32_t code);", "A code in words."},
    {"int joinery_restart_needed(void);", "1 when the thread's last call that changes a machine "
                                          "succeeded and the running system needs a "
                                          "restart for it to take full effect."},
};

static const char *const notes[] = {
    "server is NULL or this machine's name; another machine is refused with 50. account is "
    "DOMAIN\\user or user@domain.example; NULL means the caller's own Kerberos ticket. A password "
    "without an account is refused with 87, as is an account without a password. With "
    "NETSETUP_MACHINE_PWD_PASSED the password is the machine's own: an account is then refused "
    "with "
    "87, an empty password with 1325.",
    "One call at a time changes a machine: a second one, from any thread or process, ends at once "
    "with "
    "1791. Only root may change the running system; others get 5. A change that fails is taken "
    "back.",
    "While a call runs, the environment variables that steer Kerberos and LDAP are set aside and "
    "put "
    "back afterwards; no other thread may use setenv meanwhile. Signals, standard streams and "
    "locale "
    "are left alone.",
    "Provisioning data IS the machine's password. It never expires and works until the password of "
    "the account changes. Whoever passes it on secures it: the program joinery wraps it in a CMS "
    "envelope (offline.format = cms), which the calls open.",
    "Do not delete a computer account and join again at once. The deletion has to reach every "
    "domain "
    "controller first; until then they disagree about the account, and the faults that follow are "
    "hard to find. Joining again without deleting takes the account over and needs no wait.",
};

static void flags(unsigned ops)
{
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        if (!(f->ops & ops))
            continue;
        printf(".TP\n.BR %s \" (0x%x)\"\n", f->symbol, f->value);
        text(f->effect);
    }
}

static void all_flags(void)
{
    puts(".SH FLAGS\n.SS \"NetJoinDomain and JoinDomainOrWorkgroup\"");
    text("An unknown bit is refused with 50 unless NETSETUP_IGNORE_UNSUPPORTED_FLAGS is set.");
    flags(FLAG_FOR_JOIN);
    puts(".SS NetUnjoinDomain");
    text("Another bit is refused with 1004 unless NETSETUP_IGNORE_UNSUPPORTED_FLAGS is set.");
    flags(FLAG_FOR_LEAVE);
    puts(".SS NetRenameMachineInDomain");
    flags(FLAG_FOR_RENAME);
    puts(".SS \"NetProvisionComputerAccount and NetCreateProvisioningPackage\"");
    text("NetProvisionComputerAccount takes the first four; another bit is refused with 50.");
    flags(FLAG_FOR_PROVISION);
    puts(".SS \"NetRequestOfflineDomainJoin and NetRequestProvisioningPackageInstall\"");
    text("Another bit is refused with 50. Without NETSETUP_SET_MACHINE_NAME it is "
         "options.set_machine_name of joinery_set_config that says whether a Linux system gets the "
         "machine's name as well; by default it does.");
    flags(FLAG_FOR_APPLY);
}

static int example_program(const char *path)
{
    char line[400];
    FILE *f = fopen(path, "r");
    if (!f)
        return -1;
    puts(".nf");
    while (fgets(line, sizeof line, f)) {
        for (char *p = line; *p; p++) {
            if (*p == '\n')
                *p = '\0';
        }
        text(line);
    }
    puts(".fi");
    fclose(f);
    return 0;
}

static int example_programs(char *const *paths)
{
    int r = 0;
    puts(".SH EXAMPLES");
    for (; r == 0 && *paths; paths++) {
        const char *name = strrchr(*paths, '/');
        name = name ? name + 1 : *paths;
        printf(".SS %s\n", name);
        r = example_program(*paths);
        printf(".PP\nCompiled with: cc %s $(pkg\\-config \\-\\-cflags \\-\\-libs joinery)\n", name);
    }
    return r;
}

int page_library(char *const *examples)
{
    head("libjoinery", 3, "join this machine to Active Directory from a program");
    puts(".SH SYNOPSIS\n.B #include <joinery.h>\n.PP\n.B cc ... $(pkg\\-config \\-\\-cflags "
         "\\-\\-libs joinery)");
    puts(".SH DESCRIPTION");
    text("The calls of Windows under their names, in the shape of Samba's netapi.h: texts are "
         "UTF-8, "
         "flags and results are 32-bit numbers.");
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        puts(".PP");
        fputs(".B ", stdout);
        text(calls[i].prototype);
        puts(".RS");
        text(calls[i].help);
        puts(".RE");
    }
    puts(".SH NOTES");
    for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
        puts(".PP");
        text(notes[i]);
    }
    all_flags();
    page_outcomes();
    int r = example_programs(examples);
    puts(".SH \"SEE ALSO\"\n.BR joinery (8),\n.BR wizard.ini (5)");
    return r;
}
