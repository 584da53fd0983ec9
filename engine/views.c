#include "engine/views.h"

#include <stdlib.h>

void domain_view_free(struct domain_view *v)
{
    free(v->dns_name);
    free(v->netbios_name);
    free(v->forest);
    free(v->realm);
    free(v->client_site);
    *v = (struct domain_view){0};
}

void dc_view_free(struct dc_view *v)
{
    free(v->host);
    free(v->address);
    free(v->site);
    *v = (struct dc_view){0};
}

void ou_view_free(struct ou_view *v)
{
    free(v->dn);
    free(v->name);
    *v = (struct ou_view){0};
}

void name_view_free(struct name_view *v)
{
    free(v->netbios);
    free(v->fqdn);
    free(v->account);
    free(v->dn);
    free(v->owner);
    free(v->creator);
    *v = (struct name_view){0};
}

void change_view_free(struct change_view *v)
{
    free(v->object);
    free(v->detail);
    *v = (struct change_view){0};
}

void status_view_free(struct status_view *v)
{
    free(v->domain);
    free(v->realm);
    free(v->netbios);
    free(v->computer);
    free(v->fqdn);
    free(v->account_dn);
    free(v->site);
    free(v->controller);
    free(v->workgroup);
    free(v->checks);
    *v = (struct status_view){0};
}

void machine_view_free(struct machine_view *v)
{
    free(v->host_name);
    free(v->next_name);
    free(v->address);
    free(v->os_name);
    free(v->member_of);
    free(v->account);
    free(v->own_name);
    free(v->search_domain);
    free(v->other_tool);
    free(v->identity);
    free(v->time_service);
    *v = (struct machine_view){0};
}

void package_view_free(struct package_view *v)
{
    char *const own[] = {v->source, v->form,       v->machine, v->domain,     v->netbios_domain,
                         v->forest, v->controller, v->site,    v->domain_sid, v->account_sid};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        free(own[i]);
    strv_free(&v->parts);
    strv_free(&v->skipped);
    *v = (struct package_view){0};
}

void volume_view_free(struct volume_view *v)
{
    free(v->path);
    free(v->device);
    free(v->fstype);
    free(v->label);
    free(v->system);
    strv_free(&v->blobs);
    *v = (struct volume_view){0};
}

void image_view_free(struct image_view *v)
{
    char *const own[] = {v->path,    v->windows, v->product,     v->version,
                         v->edition, v->arch,    v->setup_state, v->name};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        free(own[i]);
    *v = (struct image_view){0};
}

void row_view_free(struct row_view *v)
{
    free(v->name);
    free(v->ou);
    free(v->description);
    free(v->output);
    *v = (struct row_view){0};
}
