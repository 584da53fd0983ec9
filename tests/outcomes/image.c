/*
 * A small Windows image for test_outcomes: image DIRECTORY KIND
 *   KIND  workgroup, controller, old, joined, pending, dirty, hibernated
 */
#include <string.h>

#include "tests/unit/scratch.h"
#include "tests/unit/tiny_image.h"

static void change(struct tiny *t, const char *kind)
{
    if (strcmp(kind, "controller") == 0)
        tiny_text(t, "ControlSet001\\Control\\ProductOptions", "ProductType", "LanmanNT");
    if (strcmp(kind, "old") == 0)
        tiny_text(t, "Setup\\Service Reporting API\\Components\\CoreOS", "Version",
                  "6.0.6002.18005");
    if (strcmp(kind, "joined") == 0) {
        tiny_u32(t, "ControlSet001\\Services\\Netlogon", "Start", 2);
        tiny_text(t, "ControlSet001\\Services\\Tcpip\\Parameters", "NV Domain", "old.example.com");
    }
    if (strcmp(kind, "pending") == 0)
        tiny_key(t, "ControlSet001\\Services\\Netlogon\\JoinDomain");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    struct tiny *t = tiny_system();
    change(t, argv[2]);
    tiny_image_put(argv[1], TINY_SYSTEM, t);
    if (strcmp(argv[2], "hibernated") == 0)
        scratch_put(argv[1], "/hiberfil.sys", "HIBR and so on", 0600);
    if (strcmp(argv[2], "dirty") == 0) {
        struct buf b;
        tiny_image_get(argv[1], TINY_SYSTEM, &b);
        b.data[4]++; /* the sequence numbers differ */
        tiny_seal(b.data);
        tiny_image_file(argv[1], TINY_SYSTEM, b.data, b.len);
        buf_free(&b);
    }
    return 0;
}
