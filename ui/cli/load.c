/* Answers and secrets from files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/host/secret_file.h"
#include "ui/cli/cli.h"

#define CONFIG_MAX (1024 * 1024)

static int read_all(int fd, struct buf *b)
{
    char block[4096];
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        buf_put(b, block, (size_t)n);
        if (b->failed) {
            errno = EFBIG;
            return -1;
        }
    }
    return 0;
}

static int load_file(struct settings *s, const char *path, bool may_be_missing, struct err *e)
{
    struct buf b = BUF_INIT(CONFIG_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        if (may_be_missing && (errno == ENOENT || errno == ENOTDIR))
            return 0;
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
    }
    int r = 0;
    if (read_all(fd, &b) < 0)
        r = err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
    close(fd);
    if (r == 0 && b.len > 0 && settings_load_ini(s, buf_text(&b), b.len, ORIGIN_FILE, e) < 0) {
        err_fact(e, FACT_FILE, "%s", path);
        r = -1;
    }
    buf_free(&b);
    return r;
}

int cli_load(const struct cli_args *a, struct settings *s, struct err *e)
{
    if (load_file(s, a->config ? a->config : CLI_DEFAULT_CONFIG, a->config == NULL, e) < 0)
        return -1;
    for (size_t i = 0; i < a->set.n; i++) {
        if (settings_assign(s, a->set.s[i], e) < 0)
            return -1;
    }
    return 0;
}

/* One secret from a file or from a systemd credential; neither given: nothing happens. */
static int load_secret(const struct settings *s, enum opt file_opt, enum opt credential_opt,
                       struct secret *ret, struct err *e)
{
    const char *file = settings_get(s, file_opt), *credential = settings_get(s, credential_opt);
    const struct opt_row *row = opt_row(credential_opt);
    if (*file && *credential) {
        (void)err_cause(e, CAUSE_CONFIG_SYNTAX);
        err_fact(e, FACT_OPTION, "%s.%s", row->section, row->key);
        err_fact(e, FACT_DETAIL, "%s and %s exclude each other", opt_row(file_opt)->key, row->key);
        return -1;
    }
    if (*file)
        return secret_file_line(file, ret, e);
    if (!*credential)
        return 0;
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    if (!dir || dir[0] != '/' || strchr(credential, '/') || credential[0] == '.') {
        (void)err_cause(e, CAUSE_CONFIG_SYNTAX);
        err_fact(e, FACT_OPTION, "%s.%s", row->section, row->key);
        err_fact(e, FACT_VALUE, "%s", credential);
        err_fact(e, FACT_DETAIL, "%s",
                 dir ? "a plain name is needed" : "CREDENTIALS_DIRECTORY is not set");
        return -1;
    }
    AUTOFREE char *path = xasprintf("%s/%s", dir, credential);
    return secret_file_line(path, ret, e);
}

int cli_load_credential(const char *name, struct secret *ret, struct err *e)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    if (!dir || dir[0] != '/' || !*name || strchr(name, '/') || name[0] == '.')
        return 0;
    AUTOFREE char *path = xasprintf("%s/%s", dir, name);
    return access(path, F_OK) < 0 ? 0 : secret_file_line(path, ret, e);
}

int cli_load_secret(struct settings *s, struct err *e)
{
    const char *key = settings_get(s, OPT_OFFLINE_RECIPIENT_KEY);
    if (load_secret(s, OPT_PASSWORD_FILE, OPT_PASSWORD_CREDENTIAL, &s->password, e) < 0 ||
        load_secret(s, OPT_OFFLINE_PASSPHRASE_FILE, OPT_OFFLINE_PASSPHRASE_CREDENTIAL,
                    &s->passphrase, e) < 0)
        return -1;
    return *key ? secret_file_whole(key, &s->recipient_key, e) : 0;
}
