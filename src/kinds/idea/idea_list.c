/* The pages that list ideas: the campaign's page, the team's table. */
#include "idea_inner.h"

#include <float.h>

#include "base/id.h"
#include "commons/likeness/likeness.h"
#include "commons/people/people.h"
#include "commons/vote/vote.h"
#include "urls.h"

enum { CARDS_PER_PAGE = 50, ROWS_PER_PAGE = 100 };

enum idea_sort { SORT_TOP, SORT_NEW, SORT_TRENDING, SORT_DISCUSSED };
static const char *const sort_names[] = { "top", "new", "trending", "discussed" };
static const char *const sort_labels[] = { "Top", "New", "Trending", "Most discussed" };

struct str idea_category_name(const struct categories_of_row *rows, size_t count,
                              struct category_id id)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].category_id.value == id.value)
            return rows[i].name;
    return S("");
}

/* --- One list, however it is sorted ----------------------------------------------------------- */

struct wish {
    struct str state;
    enum idea_sort sort;
    struct category_id category_id;
    struct str typed; /* words to search for, or "" */
    struct str cursor;
    size_t limit;
};

struct listing {
    struct idea_card_list cards;
    struct str next_cursor; /* "" at the end */
};

struct card_maker {
    struct request *r;
    const struct categories_of_row *categories;
    size_t category_count;
    int64_t left;
    struct idea_card_view *cards;
    double *keys;
};

/* All list queries give the same columns, each in a row type of its own. */
#define MAKE_CARD(maker, i, row, key)                                                              \
    do {                                                                                           \
        struct request *r_ = (maker)->r;                                                           \
        (maker)->keys[i] = (double)(key);                                                          \
        (maker)->cards[i] = (struct idea_card_view){                                               \
            .idea_id = { (row).subject_id.value },                                                 \
            .title = (row).title,                                                                  \
            .summary = (row).summary,                                                              \
            .author_name = (row).author_name,                                                      \
            .category_name = idea_category_name((maker)->categories, (maker)->category_count,      \
                                                (row).category_id),                                \
            .state = (row).subject_state,                                                          \
            .created_at = (row).created_at,                                                        \
            .comment_count = (row).comment_count,                                                  \
            .vote = vote_box(r_, (row).subject_id, str_equal((row).subject_state, S("shown")),     \
                             (row).up, (row).down, (row).direction, (maker)->left),                \
        };                                                                                         \
    } while (0)

/* Runs one keyset query and turns its rows into cards. */
#define READ_LIST(query, key_member, ...)                                                          \
    do {                                                                                           \
        struct query##_row *rows;                                                                  \
        struct query params = { .campaign_id = scope_of(r)->campaign_id,                           \
                                .person_id = me(r),                                                \
                                .limit = (int64_t)wish->limit + 1,                                 \
                                __VA_ARGS__ };                                                     \
        count = query(r->db, params, &rows);                                                       \
        maker.cards = arena_new(r->arena, struct idea_card_view, count);                           \
        maker.keys = arena_new(r->arena, double, count);                                           \
        for (size_t i = 0; i < count; i++)                                                         \
            MAKE_CARD(&maker, i, rows[i], rows[i].key_member);                                     \
    } while (0)

static bool read_listing(struct request *r, const struct wish *wish,
                         const struct categories_of_row *categories, size_t category_count,
                         struct listing *listing)
{
    struct card_maker maker = {
        .r = r, .categories = categories, .category_count = category_count, .left = votes_left(r)
    };
    double score = DBL_MAX;
    int64_t id = INT64_MAX;
    if (wish->cursor.size > 0 && !idea_cursor_read(wish->cursor, &score, &id))
        return false;
    size_t count = 0;
    if (wish->typed.size > 0) {
        struct str match = idea_match(r->arena, sql_store_kind(r->site->store),
                                      scope_of(r)->campaign_id, wish->typed);
        if (match.size > 0)
            READ_LIST(idea_search, top_score, .match = match);
        count = count > wish->limit ? wish->limit : count; /* one page of the best matches */
    } else if (wish->category_id.value != 0 && wish->sort == SORT_NEW) {
        READ_LIST(idea_list_category_new, top_score, .subject_state = wish->state,
                  .category_id = wish->category_id, .before_id = { id });
    } else if (wish->category_id.value != 0) {
        READ_LIST(idea_list_category, top_score, .subject_state = wish->state,
                  .category_id = wish->category_id, .before_score = score, .before_id = { id });
    } else if (wish->sort == SORT_NEW) {
        READ_LIST(idea_list_new, top_score, .subject_state = wish->state, .before_id = { id });
    } else if (wish->sort == SORT_TRENDING) {
        READ_LIST(idea_list_hot, hot_score, .subject_state = wish->state, .before_score = score,
                  .before_id = { id });
    } else if (wish->sort == SORT_DISCUSSED) {
        int64_t talk = score >= 1e15 ? INT64_MAX : (int64_t)score;
        READ_LIST(idea_list_talk, comment_count, .subject_state = wish->state, .before_score = talk,
                  .before_id = { id });
    } else {
        READ_LIST(idea_list_top, top_score, .subject_state = wish->state, .before_score = score,
                  .before_id = { id });
    }
    *listing = (struct listing){ .cards = { maker.cards, count } };
    if (count > wish->limit) {
        listing->cards.count = wish->limit;
        size_t last = wish->limit - 1;
        listing->next_cursor =
            idea_cursor(r->arena, maker.keys[last], maker.cards[last].idea_id.value);
    }
    return true;
}

/* --- The campaign's page ---------------------------------------------------------------------- */

/* The page with another order, category or place; only what differs from the default is named. */
static struct url list_url(struct request *r, enum idea_sort sort, struct category_id category_id,
                           struct str cursor)
{
    struct buf out = { .arena = r->arena };
    buf_add(&out, url_campaign_page(r->arena, scope_of(r)->campaign_id).text);
    char separator = '?';
    if (sort != SORT_TOP) {
        buf_printf(&out, "%csort=%s", separator, sort_names[sort]);
        separator = '&';
    }
    if (category_id.value != 0) {
        buf_printf(&out, "%ccategory_id=%.*s", separator,
                   STR_ARG(id_text(r->arena, category_id.value)));
        separator = '&';
    }
    if (cursor.size > 0)
        buf_printf(&out, "%ccursor=%.*s", separator, STR_ARG(cursor));
    return url_from_text(buf_str(&out));
}

static struct category_link_list category_links(struct request *r,
                                                const struct campaign_page_in *in,
                                                const struct categories_of_row *rows, size_t count)
{
    /* Lists of one category are kept by votes and by time. */
    enum idea_sort sort = (enum idea_sort)in->sort == SORT_NEW ? SORT_NEW : SORT_TOP;
    struct category_link_list list = { arena_new(r->arena, struct category_link_view, count),
                                       count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = (struct category_link_view){
            .category_id = rows[i].category_id,
            .name = rows[i].name,
            .link = list_url(r, sort, rows[i].category_id, S("")),
            .chosen = rows[i].category_id.value == in->category_id.value,
        };
    return list;
}

static struct link_list sort_links(struct request *r, const struct campaign_page_in *in)
{
    size_t count = in->category_id.value != 0 ? 2 : 4;
    struct link_list list = { arena_new(r->arena, struct link_view, count), count };
    for (size_t i = 0; i < count; i++)
        list.items[i] =
            (struct link_view){ .label = str_from(sort_labels[i]),
                                .link = list_url(r, (enum idea_sort)i, in->category_id, S("")),
                                .chosen = in->q.size == 0 && i == (size_t)in->sort };
    return list;
}

struct reply campaign_page(struct request *r, const struct campaign_page_in *in)
{
    const struct scope *scope = scope_of(r);
    const struct campaign_kind *kind = campaign_kind(scope->campaign.kind);
    if (kind != &idea_kind)
        return reply_see(r, kind->page(r->arena, in->campaign_id), "");
    struct categories_of_row *categories;
    size_t category_count =
        categories_of(r->db, (struct categories_of){ in->campaign_id }, &categories);
    struct listing listing;
    struct wish wish = { .state = S("shown"),
                         .sort = (enum idea_sort)in->sort,
                         .category_id = in->category_id,
                         .typed = in->q,
                         .cursor = in->cursor,
                         .limit = CARDS_PER_PAGE };
    if (!read_listing(r, &wish, categories, category_count, &listing))
        return reply_not_found(r);
    struct campaign_brief_row brief = { 0 };
    campaign_brief(r->db, (struct campaign_brief){ in->campaign_id }, &brief);
    bool open = campaign_takes_part(scope, r->now);
    struct category_id none = { 0 };
    struct campaign_page_view view = {
        .campaign = campaign_head(r),
        .brief = markdown_html(r->arena, brief.brief),
        .brief_source = brief.brief,
        .categories = category_links(r, in, categories, category_count),
        .sorts = sort_links(r, in),
        .search_form = url_campaign_page(r->arena, in->campaign_id),
        .q = in->q,
        .sort = str_from(sort_names[in->sort]),
        .category_id = in->category_id,
        .all_categories = list_url(r, (enum idea_sort)in->sort, none, S("")),
        .ideas = listing.cards,
        .is_preview = scope->state == CAMPAIGN_DRAFT,
        .may_submit = open,
        .signed_in = me(r).value != 0,
        .votes_left = votes_left(r),
        .has_next = listing.next_cursor.size > 0,
        .next_cursor = listing.next_cursor,
    };
    view.has_ideas = view.campaign.idea_count > 0 || view.ideas.count > 0;
    if (view.has_next)
        view.next = list_url(r, (enum idea_sort)in->sort, in->category_id, listing.next_cursor);
    struct reply reply = campaign_page_show(r, &view);
    reply.shared = true;
    return reply;
}

/* --- The team's table ------------------------------------------------------------------------- */

static const char *const state_names[] = { "shown", "hidden", "withdrawn", "erased" };
static const char *const state_labels[] = { "Shown", "Hidden", "Withdrawn", "Erased" };

static struct url table_url(struct request *r, int state, int sort, struct str cursor)
{
    struct str path = url_idea_table(r->arena, scope_of(r)->campaign_id).text;
    return url_from_text(str_printf(r->arena, "%.*s?state=%s&sort=%s%s%.*s", STR_ARG(path),
                                    state_names[state], sort == 0 ? "new" : "top",
                                    cursor.size > 0 ? "&cursor=" : "", STR_ARG(cursor)));
}

/* Which of the shown ideas sound like another one. */
static void tell_alike(struct request *r, struct idea_card_list cards)
{
    struct subject_id *subjects = arena_new(r->arena, struct subject_id, cards.count);
    for (size_t i = 0; i < cards.count; i++)
        subjects[i] = subject_of(cards.items[i].idea_id);
    const struct likeness_twin *twins = likeness_twins(
        likeness_of(r), r->db, r->arena, scope_of(r)->campaign_id, subjects, cards.count);
    for (size_t i = 0; i < cards.count; i++)
        cards.items[i].looks_like = twins[i].title;
}

struct reply idea_table(struct request *r, const struct idea_table_in *in)
{
    struct categories_of_row *categories;
    size_t category_count =
        categories_of(r->db, (struct categories_of){ in->campaign_id }, &categories);
    struct listing listing;
    struct wish wish = { .state = str_from(state_names[in->state]),
                         .sort = in->sort == 0 ? SORT_NEW : SORT_TOP,
                         .cursor = in->cursor,
                         .limit = ROWS_PER_PAGE };
    if (!read_listing(r, &wish, categories, category_count, &listing))
        return reply_not_found(r);
    if (in->state == 0)
        tell_alike(r, listing.cards);
    struct link_list states = { arena_new(r->arena, struct link_view, 4), 4 };
    for (int i = 0; i < 4; i++)
        states.items[i] =
            (struct link_view){ str_from(state_labels[i]), table_url(r, i, (int)in->sort, S("")),
                                i == (int)in->state };
    struct link_list sorts = { arena_new(r->arena, struct link_view, 2), 2 };
    for (int i = 0; i < 2; i++)
        sorts.items[i] =
            (struct link_view){ i == 0 ? S("New") : S("Top"),
                                table_url(r, (int)in->state, i, S("")), i == (int)in->sort };
    struct idea_table_view view = {
        .campaign = campaign_head(r),
        .states = states,
        .sorts = sorts,
        .ideas = listing.cards,
        .bulk_form = ideas_hide_form(r, (struct ideas_hide_in){ .campaign_id = in->campaign_id }),
        .may_hide = in->state == 0,
        .may_show = in->state == 1,
        .has_next = listing.next_cursor.size > 0,
        .next_cursor = listing.next_cursor,
    };
    if (view.has_next)
        view.next = table_url(r, (int)in->state, (int)in->sort, listing.next_cursor);
    return idea_table_show(r, &view);
}
