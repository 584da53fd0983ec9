/* libjoinery(3): the calls, their flags and results, and the example that the tests compile. */
#include <stdio.h>

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
    {"NET_API_STATUS NetApiBufferFree(void *buffer);", "Releases what a call gave."},
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
}

static int example_program(const char *path)
{
    char line[400];
    FILE *f = fopen(path, "r");
    if (!f)
        return -1;
    puts(".SH EXAMPLE\n.nf");
    while (fgets(line, sizeof line, f)) {
        for (char *p = line; *p; p++) {
            if (*p == '\n')
                *p = '\0';
        }
        text(line);
    }
    puts(".fi");
    fclose(f);
    text("Compiled with: cc example.c $(pkg-config --cflags --libs joinery)");
    return 0;
}

int page_library(const char *example)
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
    int r = example_program(example);
    puts(".SH \"SEE ALSO\"\n.BR joinery (8),\n.BR wizard.ini (5)");
    return r;
}
