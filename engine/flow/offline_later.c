/* Operations whose files are being written. */
#include "engine/flow/session.h"

#define LATER(name)                                                                                \
    int name(struct session *s, struct err *e)                                                     \
    {                                                                                              \
        (void)s;                                                                                   \
        return err_cause(e, CAUSE_OPERATION_NOT_YET);                                              \
    }
#define LATER_RUN(name)                                                                            \
    int name(struct session *s, struct engine_msg *done, struct err *e)                            \
    {                                                                                              \
        (void)s;                                                                                   \
        (void)done;                                                                                \
        return err_cause(e, CAUSE_OPERATION_NOT_YET);                                              \
    }

