/* The certificates of the enterprise authorities that issue a template: [MS-WCCE] 2.2.2.11. */
#ifndef JOINERY_FLOW_PROVISION_CAS_H
#define JOINERY_FLOW_PROVISION_CAS_H

#include "engine/flow/session.h"
#include "engine/wire/odj.h"

/* Adds their chains up to the roots, as far as the directory has them. TEMPLATE_UNKNOWN (87): no
 * authority issues one of them. */
int provision_template_chains(struct session *s, const struct strv *templates,
                              struct odj_certificates *part, struct err *e) MUST_USE;

#endif
