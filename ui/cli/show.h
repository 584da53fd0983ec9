/* `--show FILE`: what provisioning data holds, secrets masked. */
#ifndef JOINERY_UI_CLI_SHOW_H
#define JOINERY_UI_CLI_SHOW_H

#include "engine/offline/offline.h"
#include "ui/cli/cli.h"
#include "ui/cli/sheet.h"

/* Everything that is in there. The exit status. */
int cli_show(const struct cli_args *a);

/* show_data.c: its parts, under headings of their own. */
void show_data(struct sheet *s, const struct odj *o);
/* show_lists.c */
void show_policies(struct sheet *s, const struct odj_policies *p);
void show_certificates(struct sheet *s, const struct odj_certificates *c);

#endif
