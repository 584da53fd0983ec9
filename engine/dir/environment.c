/* The environment that libldap and SASL look at. */
#include <stdlib.h>

#include "engine/base/strv.h"
#include "engine/dir/dir.h"

static struct {
    const char *name, *during;
    char *before;
} variables[] = {
    {"LDAPNOINIT", "1", NULL}, {"SASL_PATH", NULL, NULL}, {"SASL_CONF_PATH", NULL, NULL}};

/* value NULL: not there */
static void put(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

void dir_setup_environment(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        const char *value = getenv(variables[i].name);
        free(variables[i].before);
        variables[i].before = value ? xstrdup(value) : NULL;
        put(variables[i].name, variables[i].during);
    }
}

void dir_undo_environment(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        put(variables[i].name, variables[i].before);
        free(TAKE(variables[i].before));
    }
}
