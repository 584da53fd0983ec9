/*
 * The provisioning data that a job is about: from the request's memory, offline.input or standard
 * input, in any form. Private to engine/apply.
 */
#ifndef JOINERY_FLOW_OFFLINE_INPUT_H
#define JOINERY_FLOW_OFFLINE_INPUT_H

#include "engine/flow/session.h"
#include "engine/offline/offline.h"

/* Reads and decodes; odj_check() is the caller's. odj_free() *ret. raw_binary, an empty
 * BUF_SECRET(ODJ_MAX), gets the binary form as it came; it and form may be NULL. Standard input is
 * read once and kept for the session. No input: OFFLINE_INPUT_MISSING (87); an empty one the
 * same; else the errors of offline_open() and odj_read(), with FACT_FILE. */
int offline_load(struct session *s, struct odj *ret, struct offline_form *form,
                 struct buf *raw_binary, struct err *e) MUST_USE;

/* What people are told of it. err stays empty; package_view_free() afterwards. */
void package_view_of(const struct odj *o, const struct offline_form *form, const char *source,
                     struct package_view *ret);

#endif
