/* Ideas that say nearly the same: while one is being typed, when it is submitted, and for the team.
 *
 * Nothing is refused for being alike. Whoever submits is asked once whether to support what is
 * there; what differs in a number, a unit or a negation is shown, but nobody is asked about it.
 */
#include "idea_inner.h"

#include "commons/likeness/likeness.h"
#include "commons/people/people.h"
#include "commons/vote/vote.h"
#include "urls.h"

/* Of pairs of ideas that have nothing to do with each other one in 200 reaches the first, hardly
   any the second (Bowling Green's 896 ideas). While typing, what is only of the same kind is
   welcome. */
#define ALIKE_WHILE_TYPING 0.40
#define ALIKE_FOR_THE_TEAM 0.50

static struct str compared(struct request *r, struct str title, struct str text)
{
    return likeness_text(r->arena, title, idea_summary(r->arena, text));
}

static bool is_own(struct request *r, const struct idea_by_id_row *row)
{
    return row->author_label.size == 0 && row->author_id.value == me(r).value;
}

/* Rows for a view; `to_ask_about` leaves out one's own and what differs. */
static struct idea_match_list matches(struct request *r, const struct likeness_found *found,
                                      size_t count, bool to_ask_about)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct idea_match_list list = { arena_new(r->arena, struct idea_match_view, count), 0 };
    for (size_t i = 0; i < count; i++) {
        struct idea_id idea_id = { found[i].subject_id.value };
        struct idea_by_id_row row;
        if (!idea_by_id(r->db, (struct idea_by_id){ campaign_id, idea_id }, &row) ||
            (to_ask_about && (is_own(r, &row) || found[i].differs.size > 0)))
            continue;
        list.items[list.count++] = (struct idea_match_view){
            .idea_id = idea_id,
            .campaign_id = campaign_id,
            .title = row.title,
            .up = row.up,
            .score = found[i].score,
            .percent = (int64_t)(found[i].score * 100 + 0.5),
            .differs = found[i].differs,
            .vote = vote_box(r, found[i].subject_id, true, row.up, row.down,
                             vote_mine(r, found[i].subject_id), votes_left(r)),
        };
    }
    return list;
}

struct reply idea_similar(struct request *r, const struct idea_similar_in *in)
{
    struct idea_similar_view view = { 0 };
    if (in->title.size > 0) {
        struct likeness_found found[SIMILAR_NEAREST];
        size_t count =
            likeness_nearest(likeness_of(r), r->db, r->arena, in->campaign_id,
                             compared(r, in->title, in->text), ALIKE_WHILE_TYPING, found);
        view.ideas = matches(r, found, count, false);
    }
    struct reply reply = idea_similar_show(r, &view);
    reply.shared = true;
    return reply;
}

/* A program looks for itself (idea_similar), and is not asked. */
bool idea_submit_prepare(struct request *r, const struct idea_submit_in *in)
{
    if (r->format == FORMAT_JSON || in->anyway || !campaign_takes_part(scope_of(r), r->now))
        return true;
    struct likeness_found found[SIMILAR_NEAREST];
    size_t count = likeness_nearest(likeness_of(r), r->db, r->arena, in->campaign_id,
                                    compared(r, in->title, in->text), SIMILAR_FIRES, found);
    struct idea_match_list list = matches(r, found, count, true);
    if (list.count == 0)
        return true;
    r->prepared = arena_new(r->arena, struct idea_match_list, 1);
    *(struct idea_match_list *)r->prepared = list;
    problem(r, "", "This sounds like an idea that is there. Support it, or share yours as well.");
    return true;
}

struct idea_match_list idea_alike_found(const struct request *r)
{
    bool from_submitting = r->form_route == &idea_submit_route && r->prepared != NULL;
    return from_submitting ? *(const struct idea_match_list *)r->prepared
                           : (struct idea_match_list){ 0 };
}

struct reply idea_alike(struct request *r, const struct idea_alike_in *in)
{
    struct idea_view idea;
    struct idea_by_id_row row;
    if (!idea_load(r, in->idea_id, &idea, &row))
        return reply_not_found(r);
    struct likeness_found found[SIMILAR_NEAREST];
    size_t count = likeness_nearest_to(likeness_of(r), r->db, r->arena, in->campaign_id,
                                       subject_of(in->idea_id), ALIKE_FOR_THE_TEAM, found);
    struct idea_alike_view view = {
        .campaign = campaign_head(r),
        .idea_id = in->idea_id,
        .title = idea.title,
        .ideas = matches(r, found, count, false),
    };
    return idea_alike_show(r, &view);
}
