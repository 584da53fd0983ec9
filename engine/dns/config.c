/* resolv.conf(5), read for ourselves. */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/dns/dns.h"

#define TEXT_MAX 65536
#define TIMEOUT_MS                                                                                 \
    700 /* late answers still count, so a short first try costs a packet and no more */

static void add_server(struct dns_config *c, const char *word)
{
    struct net_addr a;
    if (c->n_servers == DNS_SERVERS_MAX || !net_addr_parse(word, &a))
        return;
    for (size_t i = 0; i < c->n_servers; i++) {
        if (net_addr_equal(&c->servers[i], &a))
            return;
    }
    c->servers[c->n_servers++] = a;
}

static void add_search(struct dns_config *c, const char *word)
{
    struct dns_query q;
    if (c->n_search == DNS_SEARCH_MAX || dns_query_init(&q, word, DNS_A) < 0)
        return;
    snprintf(c->search[c->n_search++], DNS_NAME_MAX, "%s", q.name);
}

static int number_after(const char *word, const char *key, int least, int most, int old)
{
    size_t n = strlen(key);
    if (strncmp(word, key, n) != 0)
        return old;
    long v = strtol(word + n, NULL, 10);
    return v < least ? least : v > most ? most : (int)v;
}

static void set_option(struct dns_config *c, const char *word)
{
    int seconds = number_after(word, "timeout:", 1, 30, 0);
    if (seconds > 0 && seconds * 1000 < c->timeout_ms)
        c->timeout_ms = seconds * 1000;
    c->attempts = number_after(word, "attempts:", 1, 5, c->attempts);
    if (strcmp(word, "use-vc") == 0)
        c->tcp = true;
}

static void parse_line(struct dns_config *c, char *line)
{
    char *save = NULL;
    char *key = strtok_r(line, " \t\r", &save), *word;
    if (!key || key[0] == '#' || key[0] == ';')
        return;
    /* The last of `search` and `domain` counts. */
    if (strcmp(key, "search") == 0 || strcmp(key, "domain") == 0)
        c->n_search = 0;
    while ((word = strtok_r(NULL, " \t\r", &save)) != NULL) {
        if (strcmp(key, "nameserver") == 0) {
            add_server(c, word);
            return;
        }
        if (strcmp(key, "search") == 0 || strcmp(key, "domain") == 0)
            add_search(c, word);
        else if (strcmp(key, "options") == 0)
            set_option(c, word);
        else
            return;
    }
}

void dns_config_parse(const char *text, struct dns_config *ret)
{
    *ret = (struct dns_config){.timeout_ms = TIMEOUT_MS, .attempts = 3};
    if (!text)
        return;
    AUTOFREE char *copy = xstrndup(text, TEXT_MAX);
    char *save = NULL;
    for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
        parse_line(ret, l);
}
