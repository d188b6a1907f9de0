/* What follows from what, in a campaign of tasks. Pure. */
#include "task_inner.h"

#include "base/arena.h"
#include "base/buf.h"
#include "sift/infer/medoid.h"

struct str *task_split_choices(struct arena *arena, struct str text, size_t *count,
                               struct str *problem)
{
    struct str *choices = arena_new(arena, struct str, TASK_CHOICES_MAX);
    *count = 0;
    while (text.size > 0) {
        struct str choice = str_trim(str_cut(&text, '\n'));
        if (choice.size == 0)
            continue;
        if (*count == TASK_CHOICES_MAX) {
            *problem = S("At most 40 answers can be offered.");
            return NULL;
        }
        for (size_t i = 0; i < *count; i++)
            if (str_equal_nocase(choices[i], choice)) {
                *problem = str_printf(arena, "“%.*s” stands there twice.", STR_ARG(choice));
                return NULL;
            }
        choices[(*count)++] = choice;
    }
    if (*count < 2) {
        *problem = S("Offer two answers at least, one a line.");
        return NULL;
    }
    return choices;
}

struct str task_judge_description(const struct task_describe_in *in, const char **field)
{
    if (in->answers_most < in->answers_least) {
        *field = "answers_most";
        return S("The most cannot be fewer than the least.");
    }
    if (in->template == TASK_DESCRIBE_TEMPLATE_CHOOSE && in->answers_least == 1 &&
        in->answers_most > 1) {
        *field = "answers_least";
        return S(
            "One answer is never compared with another; ask for two at least, or always for one.");
    }
    if (in->judges && task_may_judge(in->template) && in->answers_most == in->answers_least) {
        *field = "answers_most";
        return S("Who picks the best text is one more: let the most be more than the least.");
    }
    return S("");
}

bool task_may_judge(enum task_describe_template template)
{
    return template == TASK_DESCRIBE_TEMPLATE_DESCRIBE;
}

struct str task_judge_answer(struct str task_template, struct str answer, const struct str *choices,
                             size_t choice_count)
{
    if (!str_equal(task_template, S("choose"))) {
        if (str_equal(task_template, S("describe")) && utf8_length(answer) > 250)
            return S("Screen readers read it aloud: 250 characters at most. More can go into the "
                     "caption.");
        return S("");
    }
    for (size_t i = 0; i < choice_count; i++)
        if (str_equal(choices[i], answer))
            return S("");
    return S("Choose one of the answers.");
}

/* Whether a word stands in a text of words with single spaces between them. */
static bool has_word(struct str text, struct str word)
{
    while (text.size > 0)
        if (str_equal(str_cut(&text, ' '), word))
            return true;
    return false;
}

/* The share of the words of `known`, those of one or two letters left out, that the answer uses. */
static double shared_words(struct str known, struct str answer)
{
    size_t words = 0, shared = 0;
    while (known.size > 0) {
        struct str word = str_cut(&known, ' ');
        if (utf8_length(word) < 3)
            continue;
        words++;
        shared += has_word(answer, word);
    }
    return words == 0 ? 0 : (double)shared / (double)words;
}

/* People describe differently: half of the letters may differ, or half of the words be missing. */
static bool text_fits(struct arena *arena, struct str known, struct str answer)
{
    static const double enough = 0.5;
    known = infer_text_normal(arena, known);
    return infer_text_distance(arena, known, answer) <= 1 - enough ||
           shared_words(known, answer) >= enough;
}

bool task_answer_fits(struct arena *arena, struct str task_template, struct str known,
                      struct str answer)
{
    if (str_equal(task_template, S("choose")))
        return str_equal(known, answer);
    answer = infer_text_normal(arena, answer);
    while (known.size > 0)
        if (text_fits(arena, str_cut(&known, '|'), answer))
            return true;
    return false;
}

int64_t task_hourly(int64_t minor, int64_t answers, int64_t worked_us)
{
    static const double hour_us = 3600e6;
    if (answers == 0 || worked_us <= 0)
        return 0;
    return (int64_t)((double)minor * (double)answers * hour_us / (double)worked_us);
}

bool task_may_reject(int64_t rejected, int64_t given, int64_t percent)
{
    return (rejected + 1) * 100 <= given * percent;
}
