#include "engine/image/firstboot.h"

#define WEAK __attribute__((weak))

WEAK void image_verdicts(const struct image *im UNUSED, bool online UNUSED, image_verdict_fn *fn UNUSED,
                         void *arg UNUSED)
{
}
WEAK int image_usable(const struct image *im UNUSED, bool online UNUSED, struct err *e)
{
    return err_cause(e, CAUSE_OPERATION_NOT_YET);
}
WEAK int image_choose(const struct image *im UNUSED, enum image_method wish UNUSED,
                      enum image_method *ret UNUSED, const char **why UNUSED, struct err *e)
{
    return err_cause(e, CAUSE_OPERATION_NOT_YET);
}
WEAK char *image_title(const struct image *im)
{
    return xstrdup(im->path);
}
WEAK void image_describe(const struct image *im, bool online UNUSED, enum image_method wish UNUSED,
                    struct image_view *ret)
{
    *ret = (struct image_view){.path = xstrdup(im->path)};
}
WEAK int image_put(struct image *im UNUSED, const struct image_file *files UNUSED, size_t n UNUSED,
                   const struct cancel *cancel UNUSED, struct image_change **ret, struct err *e)
{
    *ret = NULL;
    return err_cause(e, CAUSE_OPERATION_NOT_YET);
}
WEAK int image_commit(struct image_change *c UNUSED, struct err *e)
{
    return err_cause(e, CAUSE_OPERATION_NOT_YET);
}
WEAK int image_undo(struct image_change *c UNUSED, struct err *e)
{
    return err_cause(e, CAUSE_OPERATION_NOT_YET);
}
WEAK void image_change_free(struct image_change *c UNUSED)
{
}
WEAK bool image_interrupted(const struct image *im UNUSED)
{
    return false;
}
WEAK int image_recover(struct image *im UNUSED, enum image_recovered *ret UNUSED, struct err *e)
{
    return err_cause(e, CAUSE_OPERATION_NOT_YET);
}
WEAK int image_firstboot_put(struct image *im UNUSED, const struct buf *t UNUSED,
                             const struct cancel *c UNUSED, struct image_change **ret UNUSED,
                             struct err *e)
{
    return err_cause(e, CAUSE_OPERATION_NOT_YET);
}
WEAK void image_firstboot_plan(const struct image *im UNUSED, image_change_fn *fn UNUSED,
                               void *arg UNUSED)
{
}
