/* What the manual's pages share; private to this build-time program. */
#ifndef JOINERY_UI_MANUAL_H
#define JOINERY_UI_MANUAL_H

/* A line of text. roff: a line must not start with a dot or quote, a backslash is doubled, a hyphen
 * stays a hyphen. */
void text(const char *s);
/* The same, translated. */
void say(const char *msgid);
/* A section; the title is in its language already. */
void section(const char *title);
void head(const char *name, int number, const char *what);

/* library.c: libjoinery(3), with the example programs of these paths, a NULL behind the last. 0, or
 * -1 when one cannot be read. */
int page_library(char *const *examples);

/* outcomes.c: the section of return values, by call and code. */
void page_outcomes(void);

/* offline.c: the section of joinery(8) on provisioning and applying. */
void page_offline(void);

/* firstboot.c: the section of joinery(8) on a machine's first start. */
void page_first_boot(void);

/* completion.c: the options, keys and codes for the completion of the shell. */
void completion(void);

#endif
