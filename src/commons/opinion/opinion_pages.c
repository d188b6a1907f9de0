/* What is asked, and what one has answered. */
#include "opinion_inner.h"

#include "base/id.h"
#include "commons/people/people.h"
#include "urls.h"

enum { ASKED_AMONG = 16, ANSWERS_PER_PAGE = 50 };

/* --- Asking ----------------------------------------------------------------------------------- */

/* Leaves out what the person gave themselves; rows move up. What somebody took in from elsewhere
   is not theirs, though it stands under their name. */
static size_t without_own(struct request *r, struct opinion_next_row *rows, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct subject_said words;
        if (rows[i].author_id.value == me(r).value &&
            (!subject_says(r, rows[i].subject_id, &words) || words.author_id.value == me(r).value))
            continue;
        rows[kept++] = rows[i];
    }
    return kept;
}

/* The subject a person is asked about next; false when they have judged all. */
static bool find_next(struct request *r, struct subject_id *subject_id)
{
    struct opinion_next after = { .campaign_id = scope_of(r)->campaign_id,
                                  .person_id = me(r),
                                  .after_count = -1,
                                  .limit = ASKED_AMONG };
    struct opinion_next_row *rows;
    size_t count;
    while ((count = opinion_next(r->db, after, &rows)) > 0) {
        after.after_count = rows[count - 1].opinion_count;
        after.after_id = rows[count - 1].subject_id;
        count = without_own(r, rows, count);
        if (count == 0)
            continue;
        *subject_id = rows[opinion_choose(rows, count, me(r))].subject_id;
        return true;
    }
    return false;
}

/* How far the reader is: opinions given, subjects there are to judge. */
struct progress {
    int64_t given, total;
};

static struct progress progress_of(struct request *r)
{
    const struct scope *scope = scope_of(r);
    struct opinion_given_row given = { 0 };
    struct campaign_count_get_row count = { 0 };
    opinion_given(r->db,
                  (struct opinion_given){ .campaign_id = scope->campaign_id, .person_id = me(r) },
                  &given);
    campaign_count_get(r->db, (struct campaign_count_get){ scope->campaign_id }, &count);
    int64_t own = campaign_kind(scope->campaign.kind)->count_of(r->db, scope->campaign_id, me(r));
    return (struct progress){ given.given, count.subject_count - own };
}

static int64_t needed_now(struct request *r)
{
    struct opinion_map_get_row map = { 0 };
    opinion_map_get(r->db, (struct opinion_map_get){ scope_of(r)->campaign_id }, &map);
    return opinion_needed(map.subject_shown);
}

struct reply opinions(struct request *r, const struct opinions_in *in)
{
    (void)in;
    const struct scope *scope = scope_of(r);
    if (!scope->campaign.maps_opinions)
        return reply_not_found(r);
    struct progress progress = progress_of(r);
    struct opinions_view view = { .campaign = campaign_head(r),
                                  .given = progress.given,
                                  .total = progress.total,
                                  .needed = needed_now(r) };
    struct subject_said words;
    view.has_question = campaign_takes_part(scope, r->now) && find_next(r, &view.subject_id) &&
                        subject_says(r, view.subject_id, &words);
    if (view.has_question) {
        view.title = words.title;
        view.text = markdown_html(r->arena, words.text);
        view.text_source = words.text;
    }
    return opinions_show(r, &view);
}

struct reply opinions_mine(struct request *r, const struct opinions_mine_in *in)
{
    const struct scope *scope = scope_of(r);
    if (!scope->campaign.maps_opinions)
        return reply_not_found(r);
    struct subject_id before = { INT64_MAX };
    if (in->cursor.size > 0 && !id_parse(in->cursor, &before.value))
        return reply_not_found(r);
    struct opinion_list_mine_row *rows;
    size_t count = opinion_list_mine(r->db,
                                     (struct opinion_list_mine){ .campaign_id = in->campaign_id,
                                                                 .person_id = me(r),
                                                                 .before_id = before,
                                                                 .limit = ANSWERS_PER_PAGE + 1 },
                                     &rows);
    struct progress progress = progress_of(r);
    struct opinions_mine_view view = { .campaign = campaign_head(r),
                                       .given = progress.given,
                                       .total = progress.total,
                                       .has_next = count > ANSWERS_PER_PAGE };
    if (view.has_next) {
        count = ANSWERS_PER_PAGE;
        view.next_cursor = id_text(r->arena, rows[count - 1].subject_id.value);
        struct str here = url_opinions_mine(r->arena, in->campaign_id).text;
        view.next = url_from_text(
            str_printf(r->arena, "%.*s?cursor=%.*s", STR_ARG(here), STR_ARG(view.next_cursor)));
    }
    view.answers.items = arena_new(r->arena, struct opinion_answer_view, count);
    for (size_t i = 0; i < count; i++) {
        struct subject_said words = { 0 };
        subject_says(r, rows[i].subject_id, &words);
        view.answers.items[view.answers.count++] =
            (struct opinion_answer_view){ .subject_id = rows[i].subject_id,
                                          .title = words.title,
                                          .link = subject_url(r, rows[i].subject_id),
                                          .opinion = stance_name(rows[i].stance),
                                          .given_at = rows[i].given_at };
    }
    return opinions_mine_show(r, &view);
}

struct reply opinions_csv(struct request *r, const struct opinions_csv_in *in)
{
    struct reply reply =
        reply_bytes(r, S("text/csv; charset=utf-8"), opinion_export_csv(r->db, in->campaign_id));
    reply.filename = S("opinions.csv");
    return reply;
}
