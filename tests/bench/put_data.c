/* put_data IMAGE : the product's own way of preparing an image that is set up (find, inspect,
 * change the registry, verify, sync, commit), with data of the usual size. The last line is the
 * peak of its memory in KiB. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/image/firstboot.h"

int main(int argc, char **argv)
{
    struct err e = {0};
    struct image im;
    struct image_change *change;
    struct buf data = BUF_SECRET(65536);
    struct rusage use;
    for (int i = 0; i < 600; i++)
        buf_str(&data, "provision");
    if (argc != 2 || image_open(argv[1], &im, &e) != 0 || image_inspect(&im, NULL, &e) != 0 ||
        image_usable(&im, false, &e) != 0 ||
        image_firstboot_put(&im, &data, NULL, &change, &e) != 0 || image_commit(change, &e) != 0) {
        fprintf(stderr, "put_data: code %u %s\n", (unsigned)e.code, e.raw);
        return 1;
    }
    image_change_free(change);
    image_free(&im);
    buf_free(&data);
    getrusage(RUSAGE_SELF, &use);
    printf("%ld\n", use.ru_maxrss);
    return 0;
}
