/* See firstboot.h. */
#include "engine/image/firstboot.h"

#include <string.h>

#include "engine/image/image_int.h"

#define SETUP_KEY "Setup"
#define FOLDER    "%SystemRoot%\\System32\\config\\" IMAGE_DIR
/* Setup starts this line as it stands; the shell knows where Windows is. */
#define CMDLINE "cmd.exe /d /q /c \"" FOLDER "\\" FIRSTBOOT_SCRIPT "\""
/* SETUPTYPE_NOREBOOT: the line is run before the logon, and the start goes on after it. */
#define SETUP_TYPE 2

/* Back to what was there before: an absent value is removed again. No log: a command whose output
 * cannot be opened is not run. */
static void put_back(struct buf *b, const char *name, bool had, const char *set)
{
    if (had)
        buf_printf(b, "\"%%X%%\\reg.exe\" add HKLM\\SYSTEM\\Setup /v %s %s", name, set);
    else
        buf_printf(b, "\"%%X%%\\reg.exe\" delete HKLM\\SYSTEM\\Setup /v %s", name);
    buf_str(b, " /f >nul 2>&1 || set B=0\r\n");
}

static void put_lines(struct buf *b, const char *const *lines)
{
    for (; *lines; lines++)
        buf_printf(b, "%s\r\n", *lines);
}

/* The redirection stands first: a digit before it would be taken for a handle. */
#define SAY   ">>\"%L%\" echo %DATE% %TIME% joinery: "
#define FILE_ "\"%J%\\" FIRSTBOOT_DATA "\""

static const char *const head[] = {
    "@echo off",
    "setlocal EnableExtensions DisableDelayedExpansion",
    "rem Written by joinery. Takes the provisioning data beside it, once.",
    "set \"X=%SystemRoot%\\System32\"",
    "set \"J=" FOLDER "\"",
    "set \"L=" FIRSTBOOT_LOG "\"",
    "set B=1",
    "rem First of all: the next start is an ordinary one, whatever happens below.",
    NULL,
};
static const char *const run[] = {
    "if not exist \"%SystemRoot%\\debug\\\" mkdir \"%SystemRoot%\\debug\"",
    SAY "started, registry values put back: %B%",
    "if not exist " FILE_ " goto gone",
    "\"%X%\\djoin.exe\" /requestODJ /loadfile " FILE_ " /windowspath \"%SystemRoot%\" /localos"
    " >>\"%L%\" 2>&1",
    "set \"R=%ERRORLEVEL%\"",
    SAY "djoin ended with %R%",
    "rem The data holds the machine's password.",
    NULL,
};
/* The last line of a way ends the batch before its file goes: the shell reads a batch line by line.
 */
static const char *const tail[] = {
    "del /f /q " FILE_ " >nul 2>&1",
    "if exist " FILE_ " " SAY "REMOVE " FILE_ " BY HAND",
    "if not \"%B%%R%\"==\"10\" goto stay",
    SAY "restarting",
    "(goto) 2>nul & rmdir /s /q \"%J%\" & \"%X%\\shutdown.exe\" /r /f /t 0",
    ":gone",
    SAY "no data, nothing to do",
    ":stay",
    SAY "not restarting",
    "(goto) 2>nul & rmdir /s /q \"%J%\"",
    NULL,
};

/* Without the two values put back (B=0) it never restarts, so that it cannot run for ever; a run
 * without data does nothing but put them back. */
static void script(const struct image *im, size_t data_len, struct buf *b)
{
    put_lines(b, head);
    put_back(b, "SetupType", im->setup.has_type, "/t REG_DWORD /d 0");
    put_back(b, "CmdLine", im->setup.has_cmdline, "/t REG_SZ /d \"\"");
    put_lines(b, run);
    buf_printf(b, "\"%%X%%\\fsutil.exe\" file setzerodata offset=0 length=%zu %s >nul 2>&1\r\n",
               data_len, FILE_);
    put_lines(b, tail);
}

/* The two values as they are in the result. */
static bool as_wanted(struct hive *h)
{
    uint32_t type = 0;
    hive_key setup = hive_find(h, hive_root(h), SETUP_KEY);
    AUTOFREE char *line = hive_get_text(h, setup, "CmdLine");
    return hive_get_u32(h, setup, "SetupType", &type) && type == SETUP_TYPE && line &&
           strcmp(line, CMDLINE) == 0;
}

/* The hive with the two values, as bytes. */
static int changed_hive(struct image *im, struct hive_image *ret, struct image_seen *seen,
                        struct err *e)
{
    struct hive *h = NULL;
    if (image_take_system(im, &h, seen, e) != 0)
        return -1;
    hive_key setup = hive_find(h, hive_root(h), SETUP_KEY);
    int rc = hive_set_u32(h, setup, "SetupType", SETUP_TYPE, e);
    if (rc == 0)
        rc = hive_set_text(h, setup, "CmdLine", CMDLINE, e);
    if (rc == 0)
        rc = hive_save_open(&h, ret, e);
    if (rc == 0 && !as_wanted(h)) {
        hive_image_free(ret);
        rc = err_cause(e, CAUSE_HIVE_WRITE_FAILED);
    }
    hive_close(h);
    return rc;
}

int image_firstboot_put(struct image *im, const struct buf *djoin_text, const struct cancel *cancel,
                        struct image_change **ret, struct err *e)
{
    struct hive_image hive = HIVE_IMAGE_INIT;
    struct image_seen seen;
    CLEANUP(buf_free) struct buf cmd = BUF_INIT(16384);
    AUTOFREE char *data = image_own_path(im, FIRSTBOOT_DATA);
    AUTOFREE char *cmd_path = image_own_path(im, FIRSTBOOT_SCRIPT);
    script(im, djoin_text->len, &cmd);
    if (cancel_check(cancel, e) != 0 || changed_hive(im, &hive, &seen, e) != 0)
        return -1;
    const struct image_file files[] = {
        {data, djoin_text->data, djoin_text->len, IMAGE_FILE_SECRET | IMAGE_FILE_DIRECT, NULL},
        {cmd_path, cmd.data, cmd.len, IMAGE_FILE_SYSTEM | IMAGE_FILE_DIRECT, NULL},
        {im->system, hive.data, hive.len, 0, &seen},
    };
    int rc = image_put(im, files, ARRAY_SIZE(files), cancel, ret, e);
    hive_image_free(&hive);
    return rc;
}

/* As somebody on this machine would name it. */
static char *shown(const struct image *im, const char *inside)
{
    size_t n = strlen(im->path);
    while (n > 0 && im->path[n - 1] == '/')
        n--;
    return xasprintf("%.*s%s", (int)n, im->path, inside);
}

void image_firstboot_plan(const struct image *im, image_change_fn *fn, void *arg)
{
    AUTOFREE char *data_path = image_own_path(im, FIRSTBOOT_DATA);
    AUTOFREE char *cmd_path = image_own_path(im, FIRSTBOOT_SCRIPT);
    AUTOFREE char *data = shown(im, data_path);
    AUTOFREE char *cmd = shown(im, cmd_path);
    AUTOFREE char *hive = shown(im, im->system);
    AUTOFREE char *type = xasprintf("%s: Setup\\SetupType", hive);
    AUTOFREE char *line = xasprintf("%s: Setup\\CmdLine", hive);
    fn(arg, data, N_("New file with the provisioning data; Windows removes it at its next start"),
       "");
    fn(arg, cmd, N_("New command file that gives the data to djoin once, and removes itself"), "");
    fn(arg, type, N_("Registry value, changed until the next start, then put back"), "0 -> 2");
    fn(arg, line, N_("Registry value, changed until the next start, then put back"), CMDLINE);
}
