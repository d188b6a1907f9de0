/* What waits for the team's eyes, of ideas: on SQLite always, on PostgreSQL where
   MANYHANDS_TEST_POSTGRES says. */
#include "idea_inner.h"

#include "base/id.h"
#include "commons/moderation/moderation_inner.h"
#include "organisation.sql.h"
#include "people.sql.h"
#include "platform/clock/clock.h"
#include "platform/sql/sql_testing.h"
#include "sift/chance/chance.h"

extern const char sql_schema_text[];

static struct arena *arena; /* of the running test */

static const struct organisation_id HOUSE = { 1 };
static const struct person_id AUTHOR = { 2 }, MODERATOR = { 3 };
static const struct campaign_id CAMPAIGN = { 4 }, OTHER = { 5 };

struct world {
    struct trial *t;
    struct likeness *likeness;
    struct campaign_memory memory;
    struct campaign_id campaign_id; /* where what is given goes */
    const char *title, *text;       /* what is given */
    struct idea_id idea_id;         /* what was given last, or is meant */
    const char *event;              /* what happens to it */
};

static void keep(struct world *w, bool (*run)(struct sql *, void *))
{
    struct fault fault = { 0 };
    if (sql_submit_wait(w->t->store, run, w, &fault) != SQL_KEPT)
        fail_msg("%s", fault.detail);
}

static void add_person(struct sql *db, struct person_id id, const char *name)
{
    person_insert(db, (struct person_insert){ .person_id = id,
                                              .email = str_from(name),
                                              .email_key = str_from(name),
                                              .display_name = str_from(name),
                                              .person_state = S("active"),
                                              .created_at = 1,
                                              .confirmed_at = 1 });
}

static bool found_house(struct sql *db, void *context)
{
    (void)context;
    organisation_insert(db, (struct organisation_insert){ .organisation_id = HOUSE,
                                                          .name = S("House"),
                                                          .colour_1 = S("#112233"),
                                                          .colour_2 = S("#445566"),
                                                          .created_at = 1 });
    add_person(db, AUTHOR, "Ada");
    add_person(db, MODERATOR, "Mo");
    const struct campaign_id both[] = { CAMPAIGN, OTHER };
    for (int i = 0; i < 2; i++)
        campaign_insert(db, (struct campaign_insert){ .campaign_id = both[i],
                                                      .organisation_id = HOUSE,
                                                      .kind = S("idea"),
                                                      .question = S("What is missing?"),
                                                      .created_at = 1 });
    return true;
}

static struct world begin(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    if (!sql_run_schema(t->store, str_from(sql_schema_text), &fault))
        fail_msg("%s", fault.detail);
    arena = t->arena;
    struct world w = { .t = t, .likeness = likeness_open(NULL, 1 << 20), .campaign_id = CAMPAIGN };
    w.memory = (struct campaign_memory){ .likeness = w.likeness,
                                         .moderation = moderation_memory_open(w.likeness) };
    keep(&w, found_house);
    return w;
}

static void end(struct world *w)
{
    moderation_memory_close(w->memory.moderation);
    likeness_close(w->likeness);
}

static struct event event_of(const struct world *w)
{
    return (struct event){ .campaign_id = w->campaign_id,
                           .name = str_from(w->event),
                           .subject_id = { w->idea_id.value },
                           .person_id = MODERATOR,
                           .created_at = clock_now() };
}

static bool give_idea(struct sql *db, void *context)
{
    struct world *w = context;
    struct str commitment;
    w->idea_id =
        idea_make(db, clock_now(), clock_now(), w->campaign_id, AUTHOR, S(""),
                  (struct category_id){ 0 }, str_from(w->title), str_from(w->text), &commitment);
    w->event = "idea.submitted";
    struct event event = event_of(w);
    moderation_hear_words(db, NULL, event.created_at, &event);
    return true;
}

static struct idea_id give(struct world *w, const char *title, const char *text)
{
    w->title = title;
    w->text = text;
    keep(w, give_idea);
    return w->idea_id;
}

static bool change_idea(struct sql *db, void *context)
{
    struct world *w = context;
    assert_int_equal(idea_change_words(db, (struct idea_change_words){ .campaign_id = CAMPAIGN,
                                                                       .idea_id = w->idea_id,
                                                                       .version = 2,
                                                                       .title = S("Other words"),
                                                                       .edited_at = clock_now() }),
                     1);
    w->event = "idea.changed";
    struct event event = event_of(w);
    moderation_hear_words(db, NULL, event.created_at, &event);
    return true;
}

static bool find_fine(struct sql *db, void *context)
{
    struct world *w = context;
    struct moderation_key key = { .subject_id = { w->idea_id.value }, .version = 1 };
    moderation_keep(db, clock_now(), w->campaign_id, key, S("fine"), MODERATOR);
    return true;
}

/* As if on the idea's own page. */
static bool hide_or_show(struct sql *db, void *context)
{
    struct world *w = context;
    bool hides = str_equal(str_from(w->event), S("idea.hidden"));
    assert_true(subject_move(db, w->campaign_id, (struct subject_id){ w->idea_id.value },
                             hides ? S("shown") : S("hidden"), hides ? S("hidden") : S("shown"),
                             S("advertising"), S("It sells.")));
    struct event event = event_of(w);
    moderation_hear_decision(db, NULL, event.created_at, &event);
    return true;
}

static void decide(struct world *w, struct idea_id idea_id, const char *event)
{
    w->idea_id = idea_id;
    w->event = event;
    keep(w, event == NULL ? find_fine : hide_or_show);
}

/* What waits in a campaign, in order, for as long as the test runs. */
struct waiting {
    size_t count;
    int64_t subjects[80];
    double attention[80];
    uint32_t decisions, hidden;
    bool has_model;
};

static struct waiting look(struct world *w, struct campaign_id campaign_id)
{
    struct fault fault = { 0 };
    struct waiting waiting = { 0 };
    struct moderation_desk d;
    struct sql *db = sql_read_begin(w->t->store, arena, &fault);
    assert_non_null(db);
    assert_true(moderation_desk_open(&d, &w->memory, db, arena, campaign_id));
    assert_int_equal(d.count, d.waiting_count);
    assert_true(d.count <= 80);
    waiting.count = d.count;
    for (size_t i = 0; i < d.count; i++) {
        waiting.subjects[i] = d.rows[d.weights[i].row].subject_id.value;
        waiting.attention[i] = d.weights[i].attention;
    }
    waiting.decisions = d.taught->decisions;
    waiting.hidden = d.taught->hidden;
    waiting.has_model = d.taught->model != NULL;
    moderation_desk_close(&d);
    assert_true(sql_read_end(w->t->store, db));
    return waiting;
}

static void what_shows_signs_stands_first(void **state)
{
    struct world w = begin(state);
    int64_t old = give(&w, "A pond with frogs for the school", "").value;
    int64_t loud = give(&w, "LISTEN TO ME ALL OF YOU AT ONCE", "").value;
    int64_t young = give(&w, "A bench in the shade of the old lime tree", "").value;
    struct waiting waiting = look(&w, CAMPAIGN);
    assert_int_equal(waiting.count, 3);
    assert_int_equal(waiting.subjects[0], loud);
    assert_int_equal(waiting.subjects[1], young);
    assert_int_equal(waiting.subjects[2], old);
    assert_true(waiting.attention[0] > 0.1 && waiting.attention[1] == 0);
    assert_int_equal(look(&w, OTHER).count, 0);
    end(&w);
}

static void what_was_seen_leaves_and_comes_back_with_other_words(void **state)
{
    struct world w = begin(state);
    struct idea_id idea = give(&w, "A pond with frogs for the school", "");
    decide(&w, idea, NULL);
    assert_int_equal(look(&w, CAMPAIGN).count, 0);
    assert_int_equal(look(&w, CAMPAIGN).decisions, 1);
    w.idea_id = idea;
    keep(&w, change_idea);
    struct waiting waiting = look(&w, CAMPAIGN);
    assert_int_equal(waiting.count, 1);
    end(&w);
}

static void hiding_takes_it_away_and_showing_again_brings_it_not_back(void **state)
{
    struct world w = begin(state);
    struct idea_id idea = give(&w, "A pond with frogs for the school", "");
    decide(&w, idea, "idea.hidden");
    struct waiting waiting = look(&w, CAMPAIGN);
    assert_int_equal(waiting.count, 0);
    assert_true(waiting.decisions == 1 && waiting.hidden == 1);
    decide(&w, idea, "idea.shown");
    waiting = look(&w, CAMPAIGN);
    assert_int_equal(waiting.count, 0);
    assert_true(waiting.decisions == 1 && waiting.hidden == 0);
    end(&w);
}

static const char *wording(struct chance *chance, bool sells, int number)
{
    static const char *const asked[] = { "More trees stand in", "A crossing is missing near",
                                         "Benches are needed beside" };
    static const char *const sold[] = { "Cheap watches are sold near", "Casino bonus waits beside",
                                        "Fast loans are made in" };
    static const char *const places[] = { "the park", "our school", "the station" };
    uint64_t a = chance_bits(chance) % 3, b = chance_bits(chance) % 3;
    return str_printf(arena, "%s %s, number %d", sells ? sold[a] : asked[a], places[b], number)
        .data;
}

static void fifty_decisions_of_all_campaigns_change_the_order(void **state)
{
    struct world w = begin(state);
    struct chance chance = { 7 };
    int64_t selling[4];
    for (int i = 0; i < 16; i++) {
        bool sells = i % 4 == 0;
        int64_t id = give(&w, wording(&chance, sells, i), "").value;
        if (sells)
            selling[i / 4] = id;
    }
    struct waiting before = look(&w, CAMPAIGN);
    assert_false(before.has_model);
    assert_true(before.attention[0] == 0); /* so the order is that of time */
    w.campaign_id = OTHER;
    for (int i = 0; i < 50; i++) {
        bool sells = i % 3 == 0;
        decide(&w, give(&w, wording(&chance, sells, 100 + i), ""), sells ? "idea.hidden" : NULL);
        assert_int_equal(look(&w, CAMPAIGN).has_model, i == 49);
    }
    struct waiting after = look(&w, CAMPAIGN);
    assert_true(after.decisions == 50 && after.hidden == 17);
    for (int i = 0; i < 4; i++) {
        bool is_first = false;
        for (int j = 0; j < 4; j++)
            is_first |= after.subjects[j] == selling[i];
        assert_true(is_first);
    }
    assert_true(after.attention[3] > after.attention[4]);
    end(&w);
}

static bool forget_waiting(struct sql *db, void *context)
{
    const struct world *w = context;
    moderation_waiting_delete(
        db, (struct moderation_waiting_delete){ CAMPAIGN, { w->idea_id.value }, { 0 } });
    return true;
}

static bool rebuild(struct sql *db, void *context)
{
    (void)context;
    assert_int_equal(moderation_rebuild(db, CAMPAIGN), 1);
    assert_int_equal(moderation_rebuild(db, CAMPAIGN), 0);
    return true;
}

static void what_waits_is_found_anew_from_the_facts(void **state)
{
    struct world w = begin(state);
    decide(&w, give(&w, "A pond with frogs for the school", ""), NULL);
    decide(&w, give(&w, "Cheap watches for everybody", ""), "idea.hidden");
    give(&w, "A bench in the shade of the old lime tree", "");
    keep(&w, forget_waiting);
    assert_int_equal(look(&w, CAMPAIGN).count, 0);
    keep(&w, rebuild);
    assert_int_equal(look(&w, CAMPAIGN).count, 1);
    end(&w);
}

/* clang-format off */
static const struct CMUnitTest on_sqlite[] = {
    ON_SQLITE(what_shows_signs_stands_first)
    ON_SQLITE(what_was_seen_leaves_and_comes_back_with_other_words)
    ON_SQLITE(hiding_takes_it_away_and_showing_again_brings_it_not_back)
    ON_SQLITE(fifty_decisions_of_all_campaigns_change_the_order)
    ON_SQLITE(what_waits_is_found_anew_from_the_facts)
};
static const struct CMUnitTest on_postgres[] = {
    ON_POSTGRES(what_shows_signs_stands_first)
    ON_POSTGRES(what_was_seen_leaves_and_comes_back_with_other_words)
    ON_POSTGRES(hiding_takes_it_away_and_showing_again_brings_it_not_back)
    ON_POSTGRES(fifty_decisions_of_all_campaigns_change_the_order)
    ON_POSTGRES(what_waits_is_found_anew_from_the_facts)
};
/* clang-format on */

int main(void)
{
    int failed = cmocka_run_group_tests(on_sqlite, NULL, NULL);
    if (trial_postgres_url() == NULL) {
        print_message("MANYHANDS_TEST_POSTGRES is not set: what is tested there is skipped\n");
        return failed;
    }
    return failed + cmocka_run_group_tests(on_postgres, NULL, NULL);
}
