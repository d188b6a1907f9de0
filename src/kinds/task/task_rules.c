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
    return S("");
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

bool task_answer_fits(struct arena *arena, struct str task_template, struct str known,
                      struct str answer)
{
    static const double near = 0.5; /* of its letters may differ: people describe differently */
    if (str_equal(task_template, S("choose")))
        return str_equal(known, answer);
    return infer_text_distance(arena, infer_text_normal(arena, known),
                               infer_text_normal(arena, answer)) <= near;
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
