#include "panel_inner.h"

#include "base/id.h"
#include "commons/people/people.h"

struct person_id panel_earner(struct sql *db, struct person_id person_id)
{
    struct panel_of_worker_row row;
    bool pays = panel_of_worker(db, (struct panel_of_worker){ person_id }, &row) &&
                str_equal(row.pays, S("panel"));
    return pays ? row.account_id : person_id;
}

bool panel_has_account(struct sql *db, struct panel_id panel_id, struct person_id person_id)
{
    struct panel_account_row row;
    return person_id.value != 0 &&
           panel_account(db, (struct panel_account){ panel_id, person_id }, &row);
}

static struct person_id worker_add(struct request *r, struct panel_id panel_id, struct str worker)
{
    struct panel_next_number_row next = { 0 };
    panel_next_number(r->db, (struct panel_next_number){ panel_id }, &next);
    struct str key =
        str_printf(r->arena, "panel:%.*s:%lld", STR_ARG(id_text(r->arena, panel_id.value)),
                   (long long)next.worker_count);
    struct str name = str_printf(r->arena, "Panel worker %lld", (long long)next.worker_count);
    struct person_id person_id = people_add_pseudonym(r->db, r->now, key, name);
    panel_worker_insert(r->db, (struct panel_worker_insert){ .panel_id = panel_id,
                                                             .worker_key = worker,
                                                             .person_id = person_id,
                                                             .created_at = r->now });
    return person_id;
}

struct person_id panel_let_in(struct request *r, struct panel_id panel_id,
                              const struct panel_get_row *panel, struct campaign_id campaign_id,
                              struct str worker)
{
    struct panel_worker_get_row known;
    struct person_id person_id =
        panel_worker_get(r->db, (struct panel_worker_get){ panel_id, worker }, &known)
            ? known.person_id
            : worker_add(r, panel_id, worker);
    panel_visit_insert(r->db, (struct panel_visit_insert){ .campaign_id = campaign_id,
                                                           .person_id = person_id,
                                                           .panel_id = panel_id,
                                                           .created_at = r->now });
    return person_id;
}

/* The row stays, with a name that no panel can give: it says whose the earnings were. */
void panel_erase_worker(struct request *r, struct panel_id panel_id, struct person_id person_id)
{
    struct str key = str_printf(r->arena, "#%.*s", STR_ARG(id_text(r->arena, person_id.value)));
    panel_worker_forget(r->db, (struct panel_worker_forget){ key, panel_id, person_id });
    people_erase(r->db, r->now, person_id);
}

struct str panel_find_campaign(struct request *r, const struct panel_get_row *panel,
                               struct str campaign, struct campaign_id *campaign_id,
                               struct panel_campaign_row *row)
{
    if (!id_parse(campaign, &campaign_id->value) ||
        !panel_campaign(r->db, (struct panel_campaign){ *campaign_id }, row) ||
        row->organisation_id.value != panel->organisation_id.value ||
        str_equal(row->campaign_state, S("draft")) || campaign_kind(row->kind)->worked == NULL)
        return S("There is no such work here.");
    return S("");
}
