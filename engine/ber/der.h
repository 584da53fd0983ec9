/* A reading cursor over BER with definite lengths: what LDAP and Kerberos send. Private to this
 * folder. */
#ifndef JOINERY_BER_DER_H
#define JOINERY_BER_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DER_INTEGER    0x02u
#define DER_OCTETS     0x04u
#define DER_ENUM       0x0au
#define DER_SEQUENCE   0x30u
#define DER_SET        0x31u
#define DER_CONTEXT(n) (0xa0u | (n)) /* constructed */

struct der {
    const unsigned char *p;
    size_t left;
};

enum der_status { DER_OK, DER_SHORT /* runs past the end */, DER_BAD };

/* Takes one element: its one-byte tag, its contents. Anything but DER_OK leaves *d where it was. */
enum der_status der_next(struct der *d, unsigned *tag, struct der *contents);
/* The same, and the tag must be this one. */
bool der_expect(struct der *d, unsigned tag, struct der *contents);
/* Contents of INTEGER or ENUMERATED as a signed 32-bit number. */
bool der_int(const struct der *contents, int32_t *ret);
/* [n] EXPLICIT around an element of type `inner`. */
bool der_field(struct der *d, unsigned n, unsigned inner, struct der *contents);
bool der_at(const struct der *d, unsigned tag); /* is the next element this? */

#endif
