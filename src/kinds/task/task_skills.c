/* What an organisation asks of its own campaigns of tasks, and the skills of its people. */
#include "task_fair.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/id.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "urls.h"

/* --- Lists ------------------------------------------------------------------------------------ */

bool task_skills_read(struct request *r, struct organisation_id organisation_id, struct str typed,
                      struct str *list, struct str *wrong)
{
    struct task_skills_all_row *rows;
    size_t count = task_skills_all(r->db, (struct task_skills_all){ organisation_id }, &rows);
    struct buf out = { .arena = r->arena };
    while (typed.size > 0) {
        struct str word = str_trim(str_cut(&typed, ','));
        size_t at = 0;
        while (at < count && !str_equal_nocase(rows[at].name, word))
            at++;
        if (word.size == 0)
            continue;
        if (at == count) {
            *wrong = str_printf(r->arena,
                                "“%.*s” is none of your organisation’s skills. Add it on its page "
                                "“Work” first.",
                                STR_ARG(utf8_clip(word, 60)));
            return false;
        }
        struct str id = id_text(r->arena, rows[at].task_skill_id.value);
        if (!task_all_of(id, buf_str(&out)))
            buf_printf(&out, "%s%.*s", out.size > 0 ? " " : "", STR_ARG(id));
    }
    *list = buf_str(&out);
    return true;
}

struct str task_skills_text(struct sql *db, struct organisation_id organisation_id, struct str list,
                            struct str between)
{
    struct buf out = { .arena = sql_arena(db) };
    while (list.size > 0) {
        struct task_skill_id id;
        struct task_skill_get_row row;
        if (!id_parse(str_cut(&list, ' '), &id.value) ||
            !task_skill_get(db, (struct task_skill_get){ organisation_id, id }, &row))
            continue;
        if (out.size > 0)
            buf_add(&out, between);
        buf_add(&out, row.name);
    }
    return buf_str(&out);
}

struct str task_skills_of(struct sql *db, struct organisation_id organisation_id,
                          struct person_id person_id)
{
    struct task_skills_of_person_row *rows;
    struct buf out = { .arena = sql_arena(db) };
    size_t count = task_skills_of_person(
        db, (struct task_skills_of_person){ person_id, organisation_id }, &rows);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%.*s", i > 0 ? " " : "",
                   STR_ARG(id_text(out.arena, rows[i].task_skill_id.value)));
    return buf_str(&out);
}

void task_skill_earn(struct sql *db, int64_t now, struct campaign_id campaign_id,
                     struct person_id person_id)
{
    struct task_admission_get_row admission = { 0 };
    struct task_campaign_house_row house = { 0 };
    task_admission_get(db, (struct task_admission_get){ campaign_id }, &admission);
    if (admission.gives_skill.value == 0 ||
        !task_campaign_house(db, (struct task_campaign_house){ campaign_id }, &house))
        return;
    task_skill_hold(db, (struct task_skill_hold){ .organisation_id = house.organisation_id,
                                                  .task_skill_id = admission.gives_skill,
                                                  .person_id = person_id,
                                                  .campaign_id = campaign_id,
                                                  .created_at = now });
}

/* --- The page --------------------------------------------------------------------------------- */

static struct task_skilled_list people_of(struct request *r, struct organisation_id organisation_id,
                                          struct task_skill_id skill_id)
{
    struct task_skill_people_row *rows;
    size_t count =
        task_skill_people(r->db, (struct task_skill_people){ organisation_id, skill_id }, &rows);
    struct task_skilled_list list = { arena_new(r->arena, struct task_skilled_view, count), count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = (struct task_skilled_view){ .person_id = rows[i].person_id,
                                                    .name = rows[i].display_name,
                                                    .is_earned = rows[i].campaign_id.value != 0,
                                                    .since = rows[i].created_at };
    return list;
}

struct reply task_house(struct request *r, const struct task_house_in *in)
{
    struct task_house_view view = { .organisation_id = in->organisation_id,
                                    .may_own = scope_of(r)->role >= ROLE_OWNER };
    task_floor_show(r, in->organisation_id, &view);
    struct task_skills_all_row *rows;
    size_t count = task_skills_all(r->db, (struct task_skills_all){ in->organisation_id }, &rows);
    view.skills.items = arena_new(r->arena, struct task_skill_view, count);
    view.skills.count = count;
    for (size_t i = 0; i < count; i++)
        view.skills.items[i] = (struct task_skill_view){
            .task_skill_id = rows[i].task_skill_id,
            .name = rows[i].name,
            .people_count = rows[i].people,
            .people = people_of(r, in->organisation_id, rows[i].task_skill_id),
            .form = task_skill_give_form(
                r, (struct task_skill_give_in){ .organisation_id = in->organisation_id,
                                                .task_skill_id = rows[i].task_skill_id }),
        };
    view.skill_form = task_skill_add_form(
        r, (struct task_skill_add_in){ .organisation_id = in->organisation_id });
    return task_house_show(r, &view);
}

/* --- Commands --------------------------------------------------------------------------------- */

struct reply task_skill_add(struct request *r, const struct task_skill_add_in *in)
{
    struct str ids, unused;
    if (str_find(in->name, S(",")) != SIZE_MAX)
        problem(r, "name", "A comma stands between two skills; leave it out of a name.");
    else if (task_skills_read(r, in->organisation_id, in->name, &ids, &unused) ||
             task_skill_insert(r->db,
                               (struct task_skill_insert){ .organisation_id = in->organisation_id,
                                                           .task_skill_id = { id_make(r->now) },
                                                           .name = in->name,
                                                           .created_at = r->now }) == 0)
        problem(r, "name", "There is a skill of this name already.");
    if (r->problems != NULL)
        return reply_problems(r);
    return task_skill_add_done(r, url_task_house(r->arena, in->organisation_id), "Added.");
}

struct reply task_skill_give(struct request *r, const struct task_skill_give_in *in)
{
    struct task_skill_get_row skill;
    if (!task_skill_get(r->db, (struct task_skill_get){ in->organisation_id, in->task_skill_id },
                        &skill))
        return reply_not_found(r);
    size_t at = str_find(in->email, S("@"));
    struct person_id person_id =
        people_of_address(r->db, r->now, in->email, str_slice(in->email, 0, at));
    task_skill_hold(r->db, (struct task_skill_hold){ .organisation_id = in->organisation_id,
                                                     .task_skill_id = in->task_skill_id,
                                                     .person_id = person_id,
                                                     .created_at = r->now });
    return task_skill_give_done(r, url_task_house(r->arena, in->organisation_id), "Given.");
}

struct reply task_skill_take(struct request *r, const struct task_skill_take_in *in)
{
    if (task_skill_drop(r->db, (struct task_skill_drop){ in->organisation_id, in->task_skill_id,
                                                         in->person_id }) == 0)
        return reply_not_found(r);
    return task_skill_take_done(r, url_task_house(r->arena, in->organisation_id), "Taken away.");
}
