/* joinery(8), the part on machines that are elsewhere. */
#include <stdio.h>

#include "engine/base/macro.h"
#include "ui/i18n/i18n.h"
#include "ui/manual/manual.h"

static void paragraphs(const char *const *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            puts(".PP");
        say(p[i]);
    }
}

static void subsection(const char *title)
{
    printf(".SS \"%s\"\n", title);
}

static void example(const char *const *lines, size_t n)
{
    puts(".PP\n.nf");
    for (size_t i = 0; i < n; i++)
        text(lines[i]);
    puts(".fi");
}

static void what_it_is(void)
{
    static const char *const p[] = {
        N_("provision makes the account of a machine that is switched off, not installed yet, or "
           "out of reach of any domain controller, and saves what that machine needs to be a "
           "member: its provisioning data. apply puts the data into a Windows image, into a Linux "
           "root, or into the running system, without any network. The data is the one of Windows' "
           "djoin and of Samba's 'net offlinejoin': either end may be one of them."),
        N_("The data holds the machine's password in the clear. It does not expire: it works until "
           "the account's password changes, which the machine itself does some weeks after its "
           "first contact, or until the account is disabled or removed. Whoever can read it can be "
           "that machine. So the output file can be read by its owner alone and never replaces "
           "another one unless offline.overwrite says so; and format = cms protects it for a "
           "passphrase or for the certificates of those who may open it."),
    };
    static const char *const openssl[] = {
        "umask 077",
        "openssl cms -decrypt -binary -inform DER -in machine.p7m -out odj.txt \\",
        "    -pwri_password PASSPHRASE",
        "openssl cms -decrypt -binary -inform DER -in machine.p7m -out odj.txt -inkey key.pem",
    };
    section(C_("manual page", "MACHINES THAT ARE ELSEWHERE"));
    paragraphs(p, ARRAY_SIZE(p));
    say(N_("Protected data can be opened without this program, too:"));
    example(openssl, ARRAY_SIZE(openssl));
    say(N_("(the passphrase then stands in the command line, where others may see it)."));
}

static void lists(void)
{
    static const char *const csv[] = {
        "name,ou,description,output",
        "KIOSK-001,\"OU=Kiosks,DC=corp,DC=example,DC=com\",Main hall,",
        "KIOSK-002,\"OU=Kiosks,DC=corp,DC=example,DC=com\",Station,station.odj",
    };
    static const char *const p[] = {
        N_("The first line names the columns: name, and any of ou, description, output and "
           "password_file, in any order; commas, semicolons or tabs stand between them. In file "
           "names {name}, {n}, {n:3} and {ou} stand for the machine's name, its number in the list "
           "and the last part of its organizational unit. Every machine gets a result of its own, "
           "in a CSV file and as lines of JSON; one that fails does not stop the others. A list "
           "that was interrupted goes on when it is started again with the same results file: what "
           "was done is passed over, and a machine that was under way is finished."),
        N_("Without a column for them the names come from machine.name as a pattern, such as "
           "kiosk-{n:3}. Output files without a folder lie in that of offline.output, or beside "
           "the list. Without offline.results the results of list.csv are list.results.csv and "
           "list.results.jsonl; while the list is at work list.results.state notes whose creation "
           "was asked for. None of them holds a secret: a machine that was under way when the "
           "program was killed gets a new password. To make a machine's data once more, remove the "
           "results files and turn on NETSETUP_PROVISION_REUSE_ACCOUNT and offline.overwrite. Data "
           "protected by a passphrase takes a quarter of a second for each machine and processor; "
           "recipients' certificates cost next to nothing."),
    };
    subsection(C_("manual page", "Lists"));
    say(N_("offline.batch names a list of machines, one on each line:"));
    example(csv, ARRAY_SIZE(csv));
    paragraphs(p, ARRAY_SIZE(p));
}

static void images(void)
{
    static const char *const p[] = {
        N_("offline.image names a mounted volume or its Windows directory. The image must be shut "
           "down completely: a registry that was not closed, pending changes in its logs, "
           "hibernation and fast startup are refused, because Windows would undo or destroy the "
           "change. An image that has not been set up yet gets an answer file, or its own one is "
           "added to (unattend); one that is in use runs djoin once at its next start (firstboot), "
           "which removes the data afterwards, restarts the machine and tells what happened in "
           "%SystemRoot%\\debug\\joinery.log. The registry is changed in a verified copy that then "
           "takes the place of the original in one step."),
        N_("After unattend the answer file in the image holds the machine's password until Windows "
           "has used it; Windows removes secrets from its own copies only."),
    };
    subsection(C_("manual page", "Windows images"));
    paragraphs(p, ARRAY_SIZE(p));
}

static void linux_roots(void)
{
    static const char *const p[] = {
        N_("--root, or offline.image, names the root of a Linux system; with "
           "options.provision_online_caller = yes the running one is meant. It is set up as by a "
           "join, with the same journal and the same way back. The data does not hold the version "
           "number of the machine's key, so the key is stored under the likely ones; the first "
           "'joinery --status' or repair that reaches a controller keeps the right one only."),
        N_("For golden images: apply each machine's data to its own clone, never to the image that "
           "is cloned."),
    };
    subsection(C_("manual page", "Linux systems"));
    paragraphs(p, ARRAY_SIZE(p));
}

void page_offline(void)
{
    what_it_is();
    lists();
    images();
    linux_roots();
}
