/*
 * Answer files of Windows Setup (unattend.xml) as carriers of provisioning data: the only user of
 * libxml2. Microsoft, "Microsoft-Windows-UnattendedJoin": the data stands as base64 in
 *   settings pass="specialize" / component / Identification / Provisioning / AccountData
 *   settings pass="offlineServicing" / component / OfflineIdentification / Provisioning /
 *   AccountData
 * in the name space urn:schemas-microsoft-com:unattend. A document type, and with it every entity,
 * is refused before it is read; nothing outside the text is ever opened; size and depth are
 * bounded. Nothing is printed.
 *
 * Outputs are BUF_SECRETs of the caller's with max >= UNATTEND_MAX. FACT_PLACE names the line and
 * the element of a fault.
 */
#ifndef JOINERY_XML_UNATTEND_H
#define JOINERY_XML_UNATTEND_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"

#define UNATTEND_MAX (8u << 20) /* longest answer file accepted, in bytes */

/* Before any thread starts, in a program of our own: everything that libxml2 frees is wiped,
 * because it copies text that it is given. Without it (in a process of somebody else's) the text
 * and input that can still be reached are wiped, copies that libxml2 made room for are not. */
void unattend_setup_process(void);

/* The base64 of the data, without blanks: of the specialize pass, else of offlineServicing. Not
 * XML, a document type, another kind of document: BAD_OFFLINE_DATA (2710). An answer file without
 * data: ANSWER_FILE_NO_DATA (2709). Two that differ: BAD_OFFLINE_DATA. */
int unattend_account_data(const void *xml, size_t len, struct buf *base64, struct err *e) MUST_USE;

/* A whole new answer file, UTF-8, CRLF. arch: amd64, x86, arm64, arm; NULL = amd64; others are 87.
 * A file made with one architecture is passed over by the Setup of another. */
int unattend_new(const char *arch, const char *base64, size_t len, struct buf *out,
                 struct err *e) MUST_USE;

/* What an answer file in an image says about what we would put into it. Strings "" when it does not
 * say. */
struct unattend_look {
    char *computer_name; /* Shell-Setup's of the specialize pass; "*" = a random one */
    bool has_pass;       /* there is a specialize pass: Setup uses the file in that pass */
};
void unattend_look_free(struct unattend_look *l);
/* Only looks; ANSWER_FILE_BAD (11). `arch` as below. Free *ret in any case. */
int unattend_examine(const void *xml, size_t len, const char *arch, struct unattend_look *ret,
                     struct err *e) MUST_USE;

/* The data merged into an existing answer file, for the architecture of the image (as above).
 * Nothing that stands there is replaced: one that joins a domain already, with data or otherwise,
 * is ANSWER_FILE_JOINS (2691), one that sets a workgroup ANSWER_FILE_WORKGROUP (183), with
 * FACT_PLACE. One whose specialize pass Setup has marked as done is ANSWER_FILE_USED (50): it would
 * be passed over. Components for other architectures stay and do not count. Order, comments,
 * encoding, byte order mark and line ends are kept; the quotes of attributes and blanks inside tags
 * may change. Broken XML: ANSWER_FILE_BAD (11). `look` may be NULL. */
int unattend_merge(const void *xml, size_t len, const char *arch, const char *base64,
                   size_t b64_len, struct buf *out, struct unattend_look *look,
                   struct err *e) MUST_USE;

#endif
