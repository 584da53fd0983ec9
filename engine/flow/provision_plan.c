/* What provisioning will change, and what stands against it; nothing is written. */
#include "engine/flow/join.h"
#include "engine/flow/provision.h"

int plan_provision(struct session *s, struct err *e)
{
    struct account_names n;
    struct account_policy p;
    if (provision_connect(s, e) < 0 || read_facts(s, e) < 0)
        return -1;
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    struct account_decision *d = xcalloc(1, sizeof *d);
    account_decide(&s->facts, &n, &p, d);
    join_plan_account(s, d);
    report_decision(s, d);
    free(d);
    return 0;
}

int check_provision(struct session *s, struct err *e)
{
    if (!check_network(s) || !check_login(s))
        return cancel_check(s->cancel, e);
    return plan_provision(s, e);
}
