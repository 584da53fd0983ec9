/*
 * Provisioning data as people have it: a file, the text of djoin, an answer file of Windows Setup,
 * or any of these in a CMS envelope. Turns each into the bytes that engine/wire/odj reads, and
 * back. No files are touched here.
 */
#ifndef JOINERY_OFFLINE_OFFLINE_H
#define JOINERY_OFFLINE_OFFLINE_H

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/secret.h"
#include "engine/crypto/cms.h"
#include "engine/wire/odj.h"

enum offline_format { OFFLINE_BINARY, OFFLINE_TEXT, OFFLINE_UNATTEND, OFFLINE_CMS };

/* How it came. */
struct offline_form {
    enum offline_format inner; /* binary, text or answer file */
    bool cms;                  /* inside an envelope */
    enum cms_kind envelope;
    bool utf16, bom; /* of a text or answer file */
};

/* What the bytes are, by their beginning, without opening anything: for lists of files found.
 * False: nothing of ours. */
bool offline_recognise(const void *data, size_t len, struct offline_form *ret);

/* Any form to the binary one, not looked into any further; binary is an empty BUF_SECRET(ODJ_MAX).
 * keys may be NULL; an envelope without a fitting key is PASSPHRASE_MISSING or
 * RECIPIENT_KEY_MISSING, with a wrong one PASSPHRASE_WRONG. Broken base64, text or XML:
 * BAD_OFFLINE_DATA (2710) with the place; nothing at all: OFFLINE_INPUT_MISSING. `form` may be
 * NULL; after a failure it says what could be told. */
int offline_open(const void *data, size_t len, const struct cms_keys *keys, struct buf *binary,
                 struct offline_form *form, struct err *e) MUST_USE;
/* The same, and decoded. */
int offline_read(const void *data, size_t len, const struct cms_keys *keys, struct odj *ret,
                 struct offline_form *form, struct err *e) MUST_USE;

/* Binary form to a file's contents; out is a BUF_SECRET. arch (amd64, x86, arm64) is for the answer
 * file; NULL = amd64. OFFLINE_TEXT is what djoin writes: mark, UTF-16LE, one NUL.
 * OFFLINE_CMS envelopes the text. */
int offline_write(const void *binary, size_t len, enum offline_format format, const char *arch,
                  const struct cms_target *target, struct buf *out, struct err *e) MUST_USE;
/* The base64 alone, one line, no mark: for NetProvisionComputerAccount's text and AccountData. */
int offline_text(const void *binary, size_t len, struct buf *out, struct err *e) MUST_USE;

#endif
