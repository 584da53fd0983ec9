/*
 * Secrets from files that a person named: outside any root, and only from files that nobody else
 * can read.
 */
#ifndef JOINERY_HOST_SECRET_FILE_H
#define JOINERY_HOST_SECRET_FILE_H

#include "engine/base/err.h"
#include "engine/base/secret.h"

#define SECRET_FILE_MAX 16384 /* longest file read as a whole, in bytes */

/* A password: the first line without its end, at most SECRET_MAX bytes. The file is a regular one
 * of the caller's or root's, readable by its owner alone, and no symbolic link: else
 * SECRET_FILE_MODE. Read into locked memory and nowhere else. */
int secret_file_line(const char *path, struct secret *ret, struct err *e) MUST_USE;
/* The same for the whole contents, such as a private key; not empty, at most SECRET_FILE_MAX. */
int secret_file_whole(const char *path, struct secret *ret, struct err *e) MUST_USE;

#endif
