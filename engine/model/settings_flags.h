/*
 * What NetJoinDomain's flags mean together. Pure; sources: NetJoinDomain, [MS-WKST] 3.2.4.13.3.
 */
#ifndef JOINERY_MODEL_SETTINGS_FLAGS_H
#define JOINERY_MODEL_SETTINGS_FLAGS_H

#include "engine/model/settings.h"

/* A flag that is on because somebody said so: a default neither contradicts nor asks for anything.
 */
bool settings_chosen(const struct settings *s, enum opt o);
/* -1 with the cause, the option's key and its value. */
int settings_refuse(const struct settings *s, struct err *e, enum cause cause, enum opt o);

/* The join signs in as the computer itself (NETSETUP_JOIN_UNSECURE, NETSETUP_WIN9X_UPGRADE): no
 * person's account is needed. */
bool settings_as_machine(const struct settings *s);
/* NETSETUP_JOIN_READONLY: the directory stays as it is. */
bool settings_no_directory_write(const struct settings *s);
/* servicePrincipalName and dNSHostName are left alone: deferred and not forced, or implied. */
bool settings_defer_names(const struct settings *s);

/* The join's flags against each other and against the answers; the first breach in the order of the
 * specification. */
int settings_check_join_flags(const struct settings *s, struct err *e) MUST_USE;
/* A password that cannot be one: too long is 86, for a machine's 1325. An absent one is fine. */
int settings_check_password(const struct settings *s, struct err *e) MUST_USE;
/* When nobody can be asked any more: the password that the join needs is there. PASSWORD_MISSING
 * (87), for a machine's 1325. */
int settings_check_password_there(const struct settings *s, struct err *e) MUST_USE;
/* Length in UTF-16 units, for valid UTF-8. */
size_t settings_password_units(const struct secret *password);
/* As settings_flag_blocked(), for what one join flag means for another. */
const char *settings_join_flag_blocked(const struct settings *s, enum opt o);

#endif
