/*
 * A Windows system that is switched off, on a mounted volume: what it is, whether it can take
 * provisioning data, and by which way. Everything in it is read through a host whose root is the
 * path given, so that no link in a hostile image leads out of it; names are found whatever their
 * case.
 */
#ifndef JOINERY_IMAGE_IMAGE_H
#define JOINERY_IMAGE_IMAGE_H

#include "engine/host/host.h"
#include "engine/views.h"

/* What is not known stays IMAGE_UNKNOWN and stops nothing: SYSTEM alone is enough. */
enum image_tri { IMAGE_UNKNOWN, IMAGE_NO, IMAGE_YES };

/* HKLM\SYSTEM\Setup: what runs in place of the logon at the next boot. */
struct image_setup {
    bool has_type, has_cmdline;
    uint32_t type;        /* 0: an ordinary boot */
    char *cmdline;        /* "" when empty or absent */
    bool in_progress;     /* SystemSetupInProgress or OOBEInProgress is not 0 */
    char *unattend_file;  /* Setup\UnattendFile, a Windows path; "" when absent */
    enum image_tri ready; /* type 0, cmdline empty, nothing in progress: firstboot is possible */
};

/* Fill with image_open, then image_inspect. All strings are "" when unknown. */
struct image {
    char *path;         /* as given */
    struct host *host;  /* its root: the volume, or the Windows directory */
    struct host *above; /* the directory above when the path is the Windows directory; else NULL */
    /* Inside `host`, absolute, in the case they have there. */
    char *windows;  /* "/Windows"; "" when the root itself is it */
    char *config;   /* "/Windows/System32/config" */
    char *system;   /* "/Windows/System32/config/SYSTEM" */
    char *software; /* "" when it is not there */
    char *security; /* the same */

    struct image_loaded *loaded; /* SYSTEM as it was read; private to engine/image */

    bool inspected;        /* the registry could be read: what follows counts */
    struct err unreadable; /* code 0; or why SYSTEM cannot be used: 2717, 87, 5 */
    unsigned control_set;  /* that boots next (Select\Default) */
    unsigned current_set, failed_set;
    char *product_type;           /* WinNT, ServerNT, LanmanNT */
    char *product;                /* "Windows 10 Pro" */
    char *version;                /* "10.0.19041.1" */
    unsigned major, minor, build; /* 0 = unknown */
    char *edition;                /* EditionID: Professional, Core... */
    char *arch;                   /* as in answer files: amd64, x86, arm64 */
    char *name;                   /* ComputerName */
    char *image_state;            /* IMAGE_STATE_COMPLETE... */
    struct image_setup setup;
    bool domain_controller, winpe;
    enum image_tri joined, pending, cloud_joined, hibernated;
    char *joined_to; /* domain, "" when unknown */
    bool read_only;  /* the mount */
    bool no_access;  /* whoever runs this may not write there */
    bool in_the_way; /* something that is no folder has the name of ours */
};

/*
 * path: a mounted volume's root or a Windows directory on this machine (not a UNC path). Finds the
 * registry, reads nothing of it. Errors: IMAGE_NOT_WINDOWS (87), FILE_READ_FAILED.
 */
int image_open(const char *path, struct image *ret, struct err *e) MUST_USE;
void image_free(struct image *im); /* zeroed is fine */
/*
 * Reads the registry and the surroundings. Fails only where the machine fails (memory, cancelled):
 * what is wrong with the image is in im->unreadable and the other fields.
 */
int image_inspect(struct image *im, const struct cancel *cancel, struct err *e) MUST_USE;

/* Each finding as a verdict, in the order in which they decide. online_caller: the flag
 * NETSETUP_PROVISION_ONLINE_CALLER. `e` of a verdict holds the code and FACT_VALUE. */
typedef void image_verdict_fn(void *arg, enum check check, enum verdict verdict,
                              const struct err *e);
void image_verdicts(const struct image *im, bool online_caller, image_verdict_fn *fn, void *arg);
/* 0, or -1 with the first refusal in that order. */
int image_usable(const struct image *im, bool online_caller, struct err *e) MUST_USE;

/*
 * Which way the data takes. wish: IMAGE_NO_METHOD lets the image's setup state decide. ret_why is
 * a msgid. A wish that cannot work: IMAGE_METHOD_UNFIT (87); setup or another program has the next
 * boot already: IMAGE_SETUP_BUSY (50).
 */
int image_choose(const struct image *im, enum image_method wish, enum image_method *ret,
                 const char **ret_why, struct err *e) MUST_USE;
/* For the screen; `ret` is owned by the caller. wish as above; never fails, see ret->err. */
void image_describe(const struct image *im, bool online_caller, enum image_method wish,
                    struct image_view *ret);
/* "Windows 10 Pro, 19041"; malloc'ed, for lists of volumes. */
char *image_title(const struct image *im);

/*
 * Looks a path up without regard to case below `dir`; the path has '/' or '\' between its names.
 * Malloc'ed, in the case it has there; NULL when it is not there (or on any error).
 */
char *image_find(struct host *h, const char *dir, const char *path);
/* What a Windows path of the image ("C:\Windows\Panther\x.xml", "%windir%\x") is inside `host`;
 * only below the Windows directory. Malloc'ed; NULL when it points elsewhere or is not there. */
char *image_windows_path(const struct image *im, const char *windows_path);

#endif
