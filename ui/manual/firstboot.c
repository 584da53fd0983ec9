/* joinery(8), the part on a machine's first start. */
#include <stdio.h>

#include "engine/base/macro.h"
#include "ui/i18n/i18n.h"
#include "ui/manual/manual.h"

void page_first_boot(void)
{
    static const char *const p[] = {
        N_("joinery-firstboot.service runs the program with --first-boot on the machine's console, "
           "before the login prompt, as long as the machine is in no domain. An image that is to "
           "be enrolled at its first start enables it: systemctl enable joinery-firstboot."),
        N_("The answers stand in /etc/joinery/wizard.ini. The password is a systemd credential "
           "named joinery.password, the passphrase of protected provisioning data one named "
           "joinery.passphrase: files of these names in /etc/credstore or /run/credstore, or "
           "handed over by the host of a virtual machine. Other names can be configured, with a "
           "LoadCredential= line of their own in the unit."),
        N_("When everything is there the work begins at once. When something is missing, the pages "
           "that ask for it are opened, and then the review. While there is no network or no "
           "domain controller, the program tries again after pauses of 5 seconds up to 5 minutes; "
           "a key tries at once. A password that was refused is not tried again but asked for; "
           "when nobody answers for two minutes, the program ends and the login prompt follows."),
        N_("Unless the configuration names another operation, provisioning data is looked for on "
           "removable volumes, which are mounted read-only for that, and in /etc/joinery. It is "
           "applied without any network; of several files the one that was made for this "
           "machine's name. Data from /etc/joinery is wiped when it has been applied."),
        N_("machine.name may be a template such as kiosk-{serial}, with {serial}, {mac} and "
           "{product} as the firmware has them. A name that is too long, or that another machine's "
           "account has, ends in a suffix that is this machine's own, so that it gets the same "
           "name again when it is installed anew. To tell its own account from another machine's, "
           "the program keeps a hash of the machine's serial numbers and network card in the "
           "account (netbootGUID), where its rights suffice."),
    };
    section(C_("manual page", "FIRST START OF A MACHINE"));
    for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
        if (i)
            puts(".PP");
        say(p[i]);
    }
}
