/*
 * The rules of provisioning and of applying that need no look outside. Pure; sources:
 * NetProvisionComputerAccount, NetCreateProvisioningPackage, NetRequestOfflineDomainJoin.
 */
#ifndef JOINERY_MODEL_SETTINGS_OFFLINE_H
#define JOINERY_MODEL_SETTINGS_OFFLINE_H

#include "engine/model/settings.h"

int settings_check_provision(const struct settings *s, struct err *e) MUST_USE;
int settings_check_apply(const struct settings *s, struct err *e) MUST_USE;
/* As settings_flag_blocked(), for the flags of these two operations. */
const char *settings_offline_flag_blocked(const struct settings *s, enum opt o);
/* A list of machines, not one. */
bool settings_is_batch(const struct settings *s);

#endif
