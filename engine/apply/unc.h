/*
 * Paths of the form \\server\share\folder: followed where that share is mounted on this machine
 * (file systems cifs and smb3), never mounted by us. [MS-DTYP] 2.2.57.
 */
#ifndef JOINERY_FLOW_UNC_H
#define JOINERY_FLOW_UNC_H

#include "engine/apply/mounts.h"

/* Two backslashes or slashes at the beginning, and more than the device paths of Windows (\\.\...)
 * behind them; \\?\UNC\server\share is one as well. */
bool unc_is(const char *path);

/*
 * *ret: the path on this machine, malloc'ed. Names are found whatever their case, and nothing leads
 * out of the share. No server or share in it, or not there in the share: IMAGE_NO_SYSTEM (87). Not
 * mounted: UNC_NOT_MOUNTED (50) with the command that mounts it as FACT_COMMAND.
 */
int unc_follow(const char *path, const struct mounts *mounts, char **ret, struct err *e) MUST_USE;

#endif
