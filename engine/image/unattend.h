/*
 * The way for an image that has yet to be set up: the answer file that Windows Setup will take in
 * its specialize pass. Where it looks, in this order (Microsoft, "Windows Setup Automation
 * Overview", implicit answer file search order): the file that SYSTEM\Setup\UnattendFile names,
 * %WINDIR%\Panther\Unattend, %WINDIR%\Panther, removable media, %WINDIR%\System32\Sysprep, the root
 * of the system drive; a file that has no settings for the pass is passed over. So the data goes
 * into the first file that has a specialize pass, else into the first there is, else into a new
 * %WINDIR%\Panther\unattend.xml.
 */
#ifndef JOINERY_IMAGE_UNATTEND_H
#define JOINERY_IMAGE_UNATTEND_H

#include "engine/image/image_change.h"
#include "engine/xml/unattend.h"

struct image_answer {
    char *path;                /* inside image.host; there is none yet: where it will be */
    bool exists;               /* it is merged into */
    struct image_seen seen;    /* the file as it was then */
    char *elsewhere;           /* an answer file that Setup may take instead of ours, which cannot
                                * be reached in the image; NULL when there is none */
    struct buf contents;       /* as it will be; secret */
    struct unattend_look look; /* what else it says */
};

/*
 * Finds the file and makes its new contents; nothing is written. The image was inspected. base64:
 * of the data. Errors: IMAGE_ARCHITECTURE (50), those of unattend_merge() with FACT_FILE. Free it
 * in any case.
 */
int image_answer_make(const struct image *im, const char *base64, size_t len,
                      struct image_answer *ret, struct err *e) MUST_USE;
void image_answer_free(struct image_answer *a);
/* A path inside the image as this machine knows it; malloc'ed. */
char *image_answer_shown(const struct image *im, const char *path);

/* Puts it into the image; commit or undo with *ret. */
int image_answer_put(struct image *im, struct image_answer *a, const struct cancel *cancel,
                     struct image_change **ret, struct err *e) MUST_USE;

#endif
