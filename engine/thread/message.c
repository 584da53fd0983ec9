/* Releasing messages, each with what it owns. */
#include <stdlib.h>

#include "engine/engine.h"

void message_drop(struct engine_msg *m)
{
    if (!m)
        return;
    switch (m->kind) {
    case MSG_STEP:
        free(m->u.step.detail);
        strv_free(&m->u.step.args);
        break;
    case MSG_PROGRESS:
        free(m->u.progress.detail);
        break;
    case MSG_LOG:
        free(m->u.log.line);
        break;
    case MSG_ASK:
        free(m->u.ask.object);
        break;
    case MSG_MACHINE:
        machine_view_free(&m->u.machine);
        break;
    case MSG_DOMAIN:
        domain_view_free(&m->u.domain);
        break;
    case MSG_DC:
        dc_view_free(&m->u.dc);
        break;
    case MSG_OUS:
        free(m->u.ous.parent);
        for (size_t i = 0; i < m->u.ous.n; i++)
            ou_view_free(&m->u.ous.list[i]);
        free(m->u.ous.list);
        break;
    case MSG_NAME:
        name_view_free(&m->u.name);
        break;
    case MSG_CHANGE:
        change_view_free(&m->u.change);
        break;
    case MSG_STATUS:
        status_view_free(&m->u.status);
        break;
    case MSG_PACKAGE:
        package_view_free(&m->u.package);
        break;
    case MSG_VOLUME:
        volume_view_free(&m->u.volume);
        break;
    case MSG_IMAGE:
        image_view_free(&m->u.image);
        break;
    case MSG_ROW:
        row_view_free(&m->u.row);
        break;
    case MSG_RATE:
    case MSG_VERDICT:
    case MSG_DONE:
        break;
    }
    free(m);
}
