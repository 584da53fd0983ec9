/* Who asks, and with which passphrase, for the calls that have no parameter for it. */
#include "engine/api/private.h"

#include <pthread.h>
#include <string.h>

#include "engine/host/secret_file.h"
#include "engine/model/settings_flags.h"
#include "engine/wire/dn.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *account; /* under the lock, like the next two; NULL = none was set */
static struct secret password, passphrase;

static void keep_account(struct api_call *c, const char *name)
{
    pthread_mutex_lock(&lock);
    free(account);
    account = str_empty(name) ? NULL : xstrdup(name);
    secret_move(&password, &c->s.password);
    pthread_mutex_unlock(&lock);
}

NET_API_STATUS joinery_set_credentials(const char *account_name, const char *account_password)
{
    struct api_call c;
    api_begin(&c);
    if (api_credentials(&c, account_name, account_password) == 0)
        keep_account(&c, account_name);
    return api_end(&c);
}

NET_API_STATUS joinery_set_passphrase(const char *text)
{
    struct api_call c;
    struct secret s = {0};
    api_begin(&c);
    size_t len = text ? strlen(text) : 0;
    if (len > SECRET_MAX) {
        err_fact(&c.err, FACT_NEEDS, "%d", SECRET_MAX);
        (void)err_cause(&c.err, CAUSE_PASSWORD_TOO_LONG);
    } else if (len && secret_set(&s, text, len) < 0) {
        (void)err_cause(&c.err, CAUSE_OUT_OF_MEMORY);
    } else {
        pthread_mutex_lock(&lock);
        secret_move(&passphrase, &s);
        pthread_mutex_unlock(&lock);
    }
    secret_free(&s);
    return api_end(&c);
}

/* The account that was set, with its password: 1; 0: none was. */
static int take_account(struct api_call *c)
{
    AUTOFREE char *name = NULL;
    int r = 0;
    pthread_mutex_lock(&lock);
    if (account) {
        name = xstrdup(account);
        r = password.data ? secret_copy(&c->s.password, &password) : 0;
    }
    pthread_mutex_unlock(&lock);
    if (r < 0)
        return err_cause(&c->err, CAUSE_OUT_OF_MEMORY);
    if (!name)
        return 0;
    /* Its password is there: no keytab of the standing answers stands for it. */
    return api_set(c, OPT_ACCOUNT, name) < 0 || api_set(c, OPT_KEYTAB, "") < 0 ? -1 : 1;
}

int api_standing_account(struct api_call *c)
{
    int r = take_account(c);
    if (r != 0)
        return r < 0 ? -1 : 0;
    const char *file = settings_get(&c->s, OPT_PASSWORD_FILE);
    if (*file && secret_file_line(file, &c->s.password, &c->err) < 0)
        return -1;
    return settings_check_password(&c->s, &c->err);
}

int api_standing_passphrase(struct api_call *c)
{
    const char *file = settings_get(&c->s, OPT_OFFLINE_PASSPHRASE_FILE);
    const char *key = settings_get(&c->s, OPT_OFFLINE_RECIPIENT_KEY);
    pthread_mutex_lock(&lock);
    bool set = secret_is_set(&passphrase);
    int r = set ? secret_copy(&c->s.passphrase, &passphrase) : 0;
    pthread_mutex_unlock(&lock);
    if (r < 0)
        return err_cause(&c->err, CAUSE_OUT_OF_MEMORY);
    if (!set && *file && secret_file_line(file, &c->s.passphrase, &c->err) < 0)
        return -1;
    return *key ? secret_file_whole(key, &c->s.recipient_key, &c->err) : 0;
}
