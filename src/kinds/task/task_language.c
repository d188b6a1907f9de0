/* Whether a text is in a language that its campaign asks for. It is only ever said: what was
 * written is taken whatever it is in, for names, quotations and mistakes of the guess are common.
 */
#include "task_inner.h"

#include "commons/people/people.h"
#include "sift/words/words.h"

enum { SHORTEST = 24 }; /* characters: shorter texts often look like another language */

struct str task_language_surely(struct str text)
{
    /* A guess that is not sure follows the hint: two hints, and it must withstand both. */
    const char *one = words_language(text, "en"), *other = words_language(text, "de");
    bool sure = strcmp(one, other) == 0 && strcmp(one, "und") != 0;
    return sure ? str_from(one) : S("");
}

struct str task_language_other(struct arena *arena, struct str expected, struct str text)
{
    const char *guess = NULL;
    if (expected.size == 0 || utf8_length(text) < SHORTEST)
        return S("");
    while (expected.size > 0) {
        struct str code = str_cut(&expected, ' ');
        guess = words_language(text, str_c(arena, code));
        if (str_equal(str_from(guess), code))
            return S("");
    }
    return strcmp(guess, "und") == 0 ? S("") : str_copy(arena, str_from(guess));
}

/* What texts are to be in: the languages that are asked of people, else that of the task itself. */
static struct str expected_in(struct request *r, const struct task_rules_get_row *rules)
{
    struct task_admission_get_row admission = { 0 };
    task_admission_get(r->db, (struct task_admission_get){ scope_of(r)->campaign_id }, &admission);
    if (admission.languages.size > 0)
        return admission.languages;
    return task_language_surely(str_printf(r->arena, "%.*s %.*s %.*s",
                                           STR_ARG(scope_of(r)->campaign.question),
                                           STR_ARG(rules->ask), STR_ARG(rules->instructions)));
}

/* A language's name; "" where we have none. */
static struct str name_of(struct arena *arena, struct str code)
{
    struct str list, wrong;
    if (code.size == 0 || !languages_read(arena, code, &list, &wrong))
        return S("");
    return languages_text(arena, list, S(" or "));
}

struct reply task_look(struct request *r, const struct task_look_in *in)
{
    struct task_rules_get_row rules;
    if (!task_rules_of(r, &rules))
        return reply_not_found(r);
    struct str expected = expected_in(r, &rules);
    struct task_look_view view = { .language = task_language_other(r->arena, expected, in->text) };
    struct str name = name_of(r->arena, view.language);
    if (view.language.size > 0)
        view.note = str_printf(r->arena,
                               "This reads like %.*s, and texts here are to be in %.*s. If that is "
                               "meant so, leave it.",
                               STR_ARG(name.size > 0 ? name : S("another language")),
                               STR_ARG(languages_text(r->arena, expected, S(" or "))));
    return task_look_show(r, &view);
}
