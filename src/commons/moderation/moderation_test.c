#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "moderation_inner.h"

#include "base/arena.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_make();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void keys_are_read_as_they_are_written(void **state)
{
    (void)state;
    struct moderation_key keys[] = { { { 5 }, { 0 }, 1 }, { { 5 }, { 77 }, 12 } };
    for (size_t i = 0; i < 2; i++) {
        struct moderation_key read;
        assert_true(moderation_key_read(moderation_key_write(arena, keys[i]), &read));
        assert_int_equal(read.subject_id.value, keys[i].subject_id.value);
        assert_int_equal(read.comment_id.value, keys[i].comment_id.value);
        assert_int_equal(read.version, keys[i].version);
    }
    struct moderation_key read;
    assert_true(moderation_key_read(S("0000000000005"), &read));
    assert_int_equal(read.version, 0);
    const char *const wrong[] = { "",
                                  "_",
                                  "-",
                                  "0000000000000_1",
                                  "0000000000005_",
                                  "0000000000005_0",
                                  "0000000000005_-1",
                                  "0000000000005-_1",
                                  "0000000000005-x_1",
                                  "0000000000005_1_1",
                                  "x" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (moderation_key_read(str_from(wrong[i]), &read))
            fail_msg("\"%s\" is taken for a key", wrong[i]);
}

static void of_what_needs_eyes_alike_the_newer_comes_first(void **state)
{
    (void)state;
    struct moderation_weight w[] = { { 0, 0.1 }, { 1, 0.7 }, { 2, 0.1 }, { 3, 0.7 } };
    moderation_order(w, 4);
    const uint32_t order[] = { 1, 3, 0, 2 };
    for (int i = 0; i < 4; i++)
        assert_int_equal(w[i].row, order[i]);
    moderation_order(NULL, 0);
}

static void assert_reason(const struct moderation_reason *reason, const char *sign,
                          const char *words)
{
    assert_string_equal(reason->sign, sign);
    assert_string_equal(str_c(arena, reason->words), words);
}

static void reasons_say_most_first_and_in_plain_words(void **state)
{
    (void)state;
    struct moderation_reason reasons[MODERATION_REASONS_MAX];
    struct attention a = { .probability = 0.4,
                           .signals = { .value = { [ATTENTION_LINKS] = 1.0 / 3,
                                                   [ATTENTION_SAID] = 0.8,
                                                   [ATTENTION_COPIED] = 2.0 / 3 },
                                        .links = 1 },
                           .words = { S("casino"), S("bonus") },
                           .word_count = 2 };
    assert_int_equal(moderation_reasons(arena, &a, 2, S("A pond"), 0.3, reasons), 4);
    assert_reason(&reasons[0], "said_before", "Nearly the same as “A pond”");
    assert_reason(&reasons[1], "copied", "Its author says nearly the same 2 more times");
    assert_reason(&reasons[2], "links", "One link");
    assert_reason(&reasons[3], "learnt", "Words your team often hid: casino, bonus");
    assert_true(reasons[0].is_nearest && !reasons[1].is_nearest);
    /* Without a model, and when the earlier one is gone. */
    assert_int_equal(moderation_reasons(arena, &a, 2, S(""), 1, reasons), 2);
    a.word_count = 0;
    assert_int_equal(moderation_reasons(arena, &a, 2, S(""), 0.3, reasons), 3);
    assert_reason(&reasons[2], "learnt", "Like what your team hid before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_read_as_they_are_written),
        cmocka_unit_test(of_what_needs_eyes_alike_the_newer_comes_first),
        cmocka_unit_test(reasons_say_most_first_and_in_plain_words),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
