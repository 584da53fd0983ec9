/* The state of the modes that prepare machines and apply provisioning data: part of struct wizard.
 */
#ifndef JOINERY_UI_MODEL_OFFLINE_H
#define JOINERY_UI_MODEL_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/strv.h"
#include "engine/views.h"
#include "ui/canvas/secretedit.h"
#include "ui/model/pages.h"

/* What an answer that a page's fields lead to is known to be. */
enum known { KNOWN_NOT, KNOWN_PENDING, KNOWN_RUNNING, KNOWN_YES, KNOWN_FAILED };

/* The rows of FLD_HOW_MANY. */
enum machines { MACHINES_ONE, MACHINES_FILE, MACHINES_TYPED, MACHINES__COUNT };

#define ROWS_MAX 100000 /* of a list, kept for display */

struct offline {
    /* secrets as they are typed; what was accepted is in settings.passphrase and .recipient_key */
    struct secret_edit passphrase, again, opener;
    bool passphrase_kept;
    char *key_read; /* the file whose contents settings.recipient_key holds, "" none */

    /* preparing */
    enum machines machines;
    char *batch_kept;     /* the list's file while it is not asked for */
    char *header;         /* of a pasted table: its first line, "" none */
    struct strv typed;    /* lines of the list that is typed here, as they go into its file */
    char *list_path;      /* the file that this wizard has saved them in, "" none */
    bool list_saved;      /* and nothing has changed since */
    bool rows_warned;     /* Next was pressed on a list with lines that cannot be used */
    char *output_offered; /* what was put into FLD_OUTPUT unasked */
    enum known rows_known;
    struct err rows_err;
    struct row_view *rows; /* an index that was not told yet has a NULL name */
    size_t n_rows;
    bool have_rate;
    struct rate_view rate;

    /* applying */
    enum known volumes_known;
    struct volume_view *volumes;
    size_t n_volumes;
    enum known package_known;
    struct err package_err;
    struct package_view package;
    bool target_chosen; /* the image, or "this machine", is an answer and not just where we start */
    enum known image_known;
    struct err image_err;
    struct image_view image;
    struct verdict_view verdicts[CHECK__COUNT];
    size_t n_verdicts;
};

struct wizard;

/* Several machines are prepared. */
bool wizard_batch(const struct wizard *w);
/* Rows of a list: those that cannot be used, and those that are done from an earlier run. */
size_t wizard_rows_bad(const struct wizard *w);
size_t wizard_rows_before(const struct wizard *w);
const struct row_view *wizard_row_at(const struct wizard *w, size_t index); /* NULL: no such row */
/* Rows of FLD_BLOBS: the path, and the volume it is on. NULL: no such row. */
const char *wizard_blob_at(const struct wizard *w, size_t index, const struct volume_view **on);
/* Rows of FLD_TARGETS: 0 is this machine (or the root that is acted on), then volumes with systems,
 * then an image that was typed. NULL for the first and the last; *typed tells these apart. */
const struct volume_view *wizard_target_at(const struct wizard *w, size_t index, bool *typed);
/* The row that is the present answer, or its count when none is yet. */
size_t wizard_target_now(const struct wizard *w);
/* The running system takes the data. */
bool wizard_target_live(const struct wizard *w);
/* What stands between the data, or the system, and the work; NULL: nothing that is known. */
const struct err *wizard_package_fault(const struct wizard *w);
const struct err *wizard_image_fault(const struct wizard *w);
/* The data opens with a passphrase, or with a private key. */
bool wizard_wants_passphrase(const struct wizard *w);
bool wizard_wants_key(const struct wizard *w);
/* Data that anybody who reads it can use. */
bool wizard_unprotected(const struct wizard *w);
/* Where a secret field's characters go; NULL: no such field. */
struct secret_edit *wizard_secret(struct wizard *w, enum field f);

/* The flags of FLD_FLAGS: those of the operation where it has a mask of its own. */
size_t wizard_flag_count(const struct wizard *w);
const struct flag_row *wizard_flag_at(const struct wizard *w, size_t index);

#endif
