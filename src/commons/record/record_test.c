#include <string.h>

#include "record_inner.h"

#include "base/id.h"

#include "base/base_testing.h"

static const struct campaign_id campaign = { 12345678901234 };

/* A file of three chained entries, the second with a commitment whose words are shown. */
static struct str good_file(void)
{
    struct str campaign_text = id_text(arena, campaign.value);
    struct str salt = S("0123456789abcdef"),
               words = record_words(arena, S("Trees <&> \"shade\""), S("ä\nb"));
    struct record_entry entries[3] = {
        { .seq = 1,
          .happened_at = 1700000000000000,
          .actor = S("owner"),
          .action = S("campaign.opened"),
          .details = S("{\"closes_at\":\"2026-12-01T00:00:00Z\",\"question\":\"What <now>?\"}") },
        { .seq = 2,
          .happened_at = 1700000001000001,
          .actor = S("participant"),
          .action = S("idea.submitted"),
          .details = S("{}"),
          .commitment = record_commit(arena, salt, words) },
        { .seq = 3,
          .happened_at = 1700000002000000,
          .actor = S("moderator"),
          .action = S("idea.hidden"),
          .rule = S("insult"),
          .reason = S("It says \"fool\"."),
          .details = S("{}") },
    };
    struct buf out = { .arena = arena };
    buf_printf(&out, "{\"campaign\":\"%.*s\",\"entries\":[", STR_ARG(campaign_text));
    for (int i = 0; i < 3; i++) {
        entries[i].previous_hash = i == 0 ? S("") : entries[i - 1].entry_hash;
        entries[i].entry_hash = record_hash(arena, campaign_text, &entries[i]);
        buf_add(&out, i == 0 ? S("") : S(","));
        record_write_entry(&out, campaign, &entries[i]);
    }
    buf_printf(&out, "],\"head\":\"%.*s\",\"openings\":{", STR_ARG(entries[2].entry_hash));
    bool first = true;
    record_opening(&out, &first, salt, words);
    buf_add(&out, S("}}"));
    return buf_str(&out);
}

/* The file with one text put in place of another. */
static struct str changed(struct str file, const char *from, const char *to)
{
    size_t at = str_find(file, str_from(from));
    assert_true(at != SIZE_MAX);
    struct str head = str_slice(file, 0, at), tail = str_slice(file, at + strlen(from), file.size);
    return str_join(arena, str_join(arena, head, str_from(to)), tail);
}

static struct record_verdict verdict_of(struct str file)
{
    struct record_verdict verdict;
    struct fault fault;
    assert_true(record_verify(arena, file, &verdict, &fault));
    return verdict;
}

static void an_untouched_record_holds(void **state)
{
    (void)state;
    struct record_verdict v = verdict_of(good_file());
    assert_int_equal(v.trouble.size, 0);
    assert_int_equal(v.entry_count, 3);
    assert_int_equal(v.opened_count, 1);
}

static void a_changed_reason_is_noticed_at_its_entry(void **state)
{
    (void)state;
    struct record_verdict v = verdict_of(changed(good_file(), "It says", "He said"));
    assert_int_equal(v.entry_count, 2);
    assert_true(str_find(v.trouble, S("entry 3 was changed")) != SIZE_MAX);
}

static void changed_details_are_noticed(void **state)
{
    (void)state;
    struct record_verdict v = verdict_of(changed(good_file(), "2026-12-01", "2026-12-02"));
    assert_true(str_find(v.trouble, S("entry 1 was changed")) != SIZE_MAX);
}

static void an_entry_taken_out_is_noticed(void **state)
{
    (void)state;
    struct str file = good_file();
    size_t from = str_find(file, S("{\"action\":\"idea.submitted\"")),
           to = str_find(file, S("{\"action\":\"idea.hidden\""));
    struct str cut = str_join(arena, str_slice(file, 0, from), str_slice(file, to, file.size));
    assert_true(str_find(verdict_of(cut).trouble, S("entry 2 is missing")) != SIZE_MAX);
}

static void an_entry_cut_off_at_the_end_is_noticed(void **state)
{
    (void)state;
    struct str file = good_file();
    size_t from = str_find(file, S(",{\"action\":\"idea.hidden\"")),
           to = str_find(file, S("],\"head\""));
    struct str cut = str_join(arena, str_slice(file, 0, from), str_slice(file, to, file.size));
    assert_true(str_find(verdict_of(cut).trouble, S("missing at the end")) != SIZE_MAX);
}

static void words_other_than_those_committed_to_are_noticed(void **state)
{
    (void)state;
    struct record_verdict v = verdict_of(changed(good_file(), "shade", "glade"));
    assert_true(str_find(v.trouble, S("not the ones committed to")) != SIZE_MAX);
}

static void erased_words_leave_a_record_that_holds(void **state)
{
    (void)state;
    struct str file = good_file();
    size_t from = str_find(file, S("\"openings\":{")) + 12;
    struct str cut = str_join(arena, str_slice(file, 0, from), S("}}"));
    struct record_verdict v = verdict_of(cut);
    assert_int_equal(v.trouble.size, 0);
    assert_int_equal(v.opened_count, 0);
}

static void what_is_no_record_is_refused(void **state)
{
    (void)state;
    struct record_verdict verdict;
    struct fault fault;
    assert_false(record_verify(arena, S("hello"), &verdict, &fault));
    assert_false(record_verify(arena, S("{\"entries\":1}"), &verdict, &fault));
    assert_false(record_verify(arena, S("{\"campaign\":\"a\",\"campaign\":\"b\",\"entries\":[]}"),
                               &verdict, &fault));
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(an_untouched_record_holds),
        cmocka_unit_test(a_changed_reason_is_noticed_at_its_entry),
        cmocka_unit_test(changed_details_are_noticed),
        cmocka_unit_test(an_entry_taken_out_is_noticed),
        cmocka_unit_test(an_entry_cut_off_at_the_end_is_noticed),
        cmocka_unit_test(words_other_than_those_committed_to_are_noticed),
        cmocka_unit_test(erased_words_leave_a_record_that_holds),
        cmocka_unit_test(what_is_no_record_is_refused),
    };
    return cmocka_run_group_tests(all, make_arena, drop_arena);
}
