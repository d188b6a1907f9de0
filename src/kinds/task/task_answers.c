#include "kinds/task/task_answers.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "platform/html/html.h"
#include "platform/json/json.h"
#include "sift/infer/medoid.h"
#include "sift/table/table.h"
#include "task_inner.h"

/* Agreement from which on an item is settled, and from which on it may be when no more are asked.
 */
struct bar {
    double sure, fair;
};
static const struct bar text_bar = { 0.6, 0.35 }, transcript_bar = { 0.95, 0.8 },
                        box_bar = { 0.7, 0.5 }, label_bar = { 0.6, 0.6 };
static const double near_share = 0.75;      /* of ratings, at most one step from the median */
static const double transcript_apart = 0.1; /* letters that may differ from what is known */
static const double box_apart = 0.5;        /* of what either covers */

static bool is_template(const struct task_rules_get_row *rules, const char *name)
{
    return str_equal(rules->task_template, str_from(name));
}

struct task_scheme task_scheme_of(struct arena *arena, const struct task_rules_get_row *rules)
{
    static const char *const names[] = {
        [TASK_CHOOSE] = "choose", [TASK_DESCRIBE] = "describe",     [TASK_WRITE] = "write",
        [TASK_RATE] = "rate",     [TASK_TRANSCRIBE] = "transcribe", [TASK_BOX] = "box",
        [TASK_FORM] = "form",
    };
    struct task_scheme scheme = { .scale = rules->scale };
    struct str trouble;
    while (scheme.template <TASK_FORM && !is_template(rules, names[scheme.template]))
        scheme.template ++;
    if (scheme.template == TASK_CHOOSE)
        scheme.choices = task_split_choices(arena, rules->choices, &scheme.choice_count, &trouble);
    if (scheme.template == TASK_FORM &&
        !task_form_parse(arena, rules->form, &scheme.form, &trouble))
        scheme.form.field_count = 0; /* it was judged when it was kept */
    return scheme;
}

/* --- Boxes ------------------------------------------------------------------------------------ */

static const char *const box_names[] = { "left", "top", "width", "height" };

bool task_box_read(struct str answer, struct task_box *box)
{
    int64_t numbers[4];
    for (int i = 0; i < 4; i++)
        if (!str_to_int64(str_cut(&answer, ' '), &numbers[i]) || numbers[i] < 0 ||
            numbers[i] > 1000)
            return false;
    *box = (struct task_box){ numbers[0], numbers[1], numbers[2], numbers[3] };
    return answer.size == 0 && box->width > 0 && box->height > 0 && box->x + box->width <= 1000 &&
           box->y + box->height <= 1000;
}

static struct str value_named(const struct task_columns *values, const char *name)
{
    const struct task_column *column = task_column_named(values, str_from(name));
    return column == NULL ? S("") : str_trim(column->value);
}

/* Percent, to a tenth of one, as thousandths. */
static bool read_thousandths(struct str text, int64_t *number)
{
    double percent;
    if (!table_number(text, &percent) || percent < 0 || percent > 100)
        return false;
    *number = (int64_t)(percent * 10 + 0.5);
    return true;
}

static struct str judge_box_names(struct arena *arena, const struct task_columns *values)
{
    for (size_t i = 0; i < values->count; i++) {
        struct str name = values->items[i].name;
        bool is_known = str_equal(name, S("absent"));
        for (int n = 0; n < 4; n++)
            is_known |= str_equal(name, str_from(box_names[n]));
        if (!is_known)
            return str_printf(arena, "There is no field “%.*s”.", STR_ARG(utf8_clip(name, 60)));
    }
    return S("");
}

static struct str box_kept(struct arena *arena, struct str sent, struct str *wrong)
{
    struct task_columns values = { 0 };
    int64_t numbers[4] = { 0 };
    if (sent.size > 0)
        task_columns_read(arena, sent, &values);
    *wrong = judge_box_names(arena, &values);
    struct str absent = value_named(&values, "absent");
    if (wrong->size > 0 || str_equal(absent, S("true")) || str_equal(absent, S("1")))
        return S("none");
    for (int i = 0; i < 4 && wrong->size == 0; i++) {
        struct str text = value_named(&values, box_names[i]);
        if (text.size == 0)
            *wrong = S("Draw a box, or say that it is not there.");
        else if (!read_thousandths(text, &numbers[i]))
            *wrong = str_printf(arena, "%s: use a percentage from 0 to 100.", box_names[i]);
    }
    struct str kept = str_printf(arena, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, numbers[0],
                                 numbers[1], numbers[2], numbers[3]);
    struct task_box box;
    if (wrong->size == 0 && !task_box_read(kept, &box))
        *wrong = S("The box must have a size, and lie within the picture.");
    return kept;
}

static double box_distance(struct str a, struct str b)
{
    struct task_box one, other;
    bool is_one = task_box_read(a, &one), is_other = task_box_read(b, &other);
    if (!is_one || !is_other)
        return is_one == is_other ? 0 : 1; /* both say that it is not there */
    return infer_box_distance(
        (struct infer_box){ (double)one.x, (double)one.y, (double)one.width, (double)one.height },
        (struct infer_box){ (double)other.x, (double)other.y, (double)other.width,
                            (double)other.height });
}

/* --- Answers ---------------------------------------------------------------------------------- */

static bool read_rating(struct str answer, int64_t scale, int64_t *rating)
{
    return str_to_int64(answer, rating) && *rating >= 1 && *rating <= scale;
}

/* White space folded, so that lines may be broken elsewhere. */
static struct str folded(struct arena *arena, struct str text)
{
    struct buf out = { .arena = arena };
    bool gap = false;
    for (size_t i = 0; i < text.size; i++) {
        bool is_space = (unsigned char)text.data[i] <= ' ';
        if (!is_space && gap && out.size > 0)
            buf_char(&out, ' ');
        if (!is_space)
            buf_char(&out, text.data[i]);
        gap = is_space;
    }
    return buf_str(&out);
}

static struct str rating_kept(struct arena *arena, int64_t scale, struct str sent,
                              struct str *wrong)
{
    int64_t rating = 0;
    if (sent.size == 0)
        *wrong = S("Please choose one.");
    else if (!read_rating(sent, scale, &rating))
        *wrong = str_printf(arena, "Use a whole number from 1 to %" PRId64 ".", scale);
    return wrong->size > 0 ? sent : str_printf(arena, "%" PRId64, rating);
}

struct str task_answer_kept(struct arena *arena, const struct task_scheme *scheme,
                            struct task_sent sent, const char **field, struct str *wrong)
{
    static const struct str names[] = { S("choose"), S("describe"), S("write") };
    struct str kept;
    *wrong = S("");
    *field = "answer";
    switch (scheme->template) {
    case TASK_RATE:
        return rating_kept(arena, scheme->scale, sent.answer, wrong);
    case TASK_TRANSCRIBE:
        *field = "text";
        if (str_trim(sent.text).size == 0)
            *wrong = S("Please fill this in.");
        return sent.text;
    case TASK_BOX:
        *field = "values";
        return box_kept(arena, sent.values, wrong);
    case TASK_FORM:
        *field = "values";
        task_form_answer(arena, &scheme->form, sent.values, false, &kept, wrong);
        return kept;
    default:
        *wrong = sent.answer.size == 0 ? S("Please fill this in.")
                                       : task_judge_answer(names[scheme->template], sent.answer,
                                                           scheme->choices, scheme->choice_count);
        return sent.answer;
    }
}

struct str task_known_kept(struct arena *arena, const struct task_scheme *scheme, struct str known,
                           struct str *wrong)
{
    const char *field;
    struct task_box box;
    struct str kept;
    *wrong = S("");
    switch (scheme->template) {
    case TASK_FORM:
        task_form_answer(arena, &scheme->form, known, true, &kept, wrong);
        return kept;
    case TASK_BOX:
        if (!task_box_read(known, &box) && !str_equal(known, S("none")))
            *wrong = S("A box is four whole numbers, left, top, width and height in thousandths, "
                       "such as “120 80 300 400”; or “none”.");
        return known;
    case TASK_CHOOSE:
        if (task_label(arena, scheme, known) == UINT16_MAX)
            *wrong = str_printf(arena, "“%.*s” is none of those to choose from.",
                                STR_ARG(utf8_clip(known, 100)));
        return known;
    case TASK_RATE:
        return task_answer_kept(arena, scheme, (struct task_sent){ .answer = known }, &field,
                                wrong);
    default:
        return known;
    }
}

bool task_answer_matches(struct arena *arena, const struct task_scheme *scheme, struct str known,
                         struct str answer)
{
    int64_t right, given;
    switch (scheme->template) {
    case TASK_RATE:
        return read_rating(known, scheme->scale, &right) &&
               read_rating(answer, scheme->scale, &given) && llabs(right - given) <= 1;
    case TASK_TRANSCRIBE:
        return infer_text_distance(arena, folded(arena, known), folded(arena, answer)) <=
               transcript_apart;
    case TASK_BOX:
        return box_distance(known, answer) <= box_apart;
    case TASK_FORM:
        return task_form_fits(arena, &scheme->form, known, answer);
    case TASK_CHOOSE:
        return task_answer_fits(arena, S("choose"), known, answer);
    default:
        return task_answer_fits(arena, S("write"), known, answer);
    }
}

static struct str percent(struct arena *arena, int64_t thousandths)
{
    return thousandths % 10 == 0
               ? str_printf(arena, "%" PRId64, thousandths / 10)
               : str_printf(arena, "%" PRId64 ".%" PRId64, thousandths / 10, thousandths % 10);
}

struct str task_answer_words(struct arena *arena, const struct task_scheme *scheme,
                             struct str answer)
{
    struct task_box box;
    if (answer.size == 0)
        return answer;
    if (scheme->template == TASK_RATE)
        return str_printf(arena, "%.*s of %" PRId64, STR_ARG(answer), scheme->scale);
    if (scheme->template == TASK_FORM)
        return task_form_words(arena, &scheme->form, answer);
    if (scheme->template != TASK_BOX)
        return answer;
    if (!task_box_read(answer, &box))
        return S("It is not there");
    return str_printf(arena, "%.*s %% from the left, %.*s %% from the top, %.*s by %.*s %%",
                      STR_ARG(percent(arena, box.x)), STR_ARG(percent(arena, box.y)),
                      STR_ARG(percent(arena, box.width)), STR_ARG(percent(arena, box.height)));
}

/* --- In files --------------------------------------------------------------------------------- */

void task_columns_heading(struct buf *out, const struct task_scheme *scheme)
{
    for (int i = 0; scheme->template == TASK_BOX && i < 4; i++)
        buf_printf(out, ",%s", box_names[i]);
    for (size_t i = 0; i < scheme->form.field_count; i++)
        buf_printf(out, ",answer.%.*s", STR_ARG(scheme->form.fields[i].name));
}

void task_columns_cells(struct arena *arena, struct buf *out, const struct task_scheme *scheme,
                        struct str answer)
{
    struct task_box box;
    bool is_box = scheme->template == TASK_BOX && task_box_read(answer, &box);
    const int64_t *numbers[] = { &box.x, &box.y, &box.width, &box.height };
    for (int i = 0; scheme->template == TASK_BOX && i < 4; i++)
        buf_printf(out, ",%.*s", STR_ARG(is_box ? percent(arena, *numbers[i]) : S("")));
    for (size_t i = 0; i < scheme->form.field_count; i++) {
        const struct task_field *field = &scheme->form.fields[i];
        struct str value = task_form_value(arena, answer, field->name);
        buf_char(out, ',');
        if (field->kind == TASK_FIELD_NUMBER || field->kind == TASK_FIELD_TICK)
            buf_add(out, value); /* as it is: -5 is no formula */
        else
            text_csv_cell(out, value);
    }
}

void task_answer_json(struct buf *out, const struct task_scheme *scheme, struct str answer)
{
    struct task_box box;
    int64_t rating;
    if (scheme->template == TASK_FORM && answer.size > 0)
        buf_add(out, answer);
    else if (scheme->template == TASK_RATE && str_to_int64(answer, &rating))
        buf_int(out, rating);
    else if (scheme->template == TASK_BOX && task_box_read(answer, &box))
        buf_printf(out, "{\"left\":%.*s,\"top\":%.*s,\"width\":%.*s,\"height\":%.*s}",
                   STR_ARG(percent(out->arena, box.x)), STR_ARG(percent(out->arena, box.y)),
                   STR_ARG(percent(out->arena, box.width)),
                   STR_ARG(percent(out->arena, box.height)));
    else
        json_text(out, answer);
}

/* --- Comparing -------------------------------------------------------------------------------- */

uint32_t task_label_count(const struct task_scheme *scheme)
{
    if (scheme->template == TASK_CHOOSE)
        return (uint32_t)scheme->choice_count;
    return scheme->template == TASK_FORM ? task_form_label_count(&scheme->form) : 0;
}

uint16_t task_label(struct arena *arena, const struct task_scheme *scheme, struct str answer)
{
    if (scheme->template == TASK_FORM)
        return task_form_label(arena, &scheme->form, answer);
    for (size_t i = 0; i < scheme->choice_count; i++)
        if (str_equal(scheme->choices[i], answer))
            return (uint16_t)i;
    return UINT16_MAX;
}

uint16_t task_known_label(struct arena *arena, const struct task_scheme *scheme, struct str known)
{
    return scheme->template == TASK_FORM ? task_form_known_label(arena, &scheme->form, known)
                                         : task_label(arena, scheme, known);
}

bool task_agrees(const struct task_scheme *scheme)
{
    return scheme->template >= TASK_RATE && task_label_count(scheme) == 0;
}

/* --- Ratings ---------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The greatest k for which the median lies between the k-th smallest and the k-th largest of so
   many answers in 95 of 100 cases; 0: none. Fewer than k lie below it as often as fewer than k of
   so many coins show heads. */
static size_t median_rank(size_t count)
{
    double chance = 1;
    for (size_t i = 0; i < count; i++)
        chance /= 2;
    size_t rank = 0;
    double sum = chance;
    while (sum <= 0.025) {
        rank++;
        chance *= (double)(count - rank + 1) / (double)rank;
        sum += chance;
    }
    return rank;
}

struct task_ratings task_ratings(struct arena *arena, int64_t scale,
                                 const struct task_answers_weighed_row *rows, size_t count)
{
    int64_t *sorted = arena_new(arena, int64_t, count), sum = 0;
    size_t known = 0, near = 0;
    for (size_t i = 0; i < count; i++)
        if (read_rating(rows[i].answer, scale, &sorted[known]))
            sum += sorted[known++];
    struct task_ratings ratings = { .low = 1, .high = scale };
    if (known == 0)
        return ratings;
    qsort(sorted, known, sizeof *sorted, by_size);
    ratings.median = sorted[(known - 1) / 2];
    ratings.mean = (double)sum / (double)known;
    for (size_t i = 0; i < known; i++)
        near += llabs(sorted[i] - ratings.median) <= 1;
    ratings.near = (double)near / (double)known;
    size_t rank = median_rank(known);
    if (rank > 0) {
        ratings.low = sorted[rank - 1];
        ratings.high = sorted[known - rank];
    }
    return ratings;
}

static struct task_agreed agree_on_rating(struct arena *arena, const struct task_scheme *scheme,
                                          const struct task_answers_weighed_row *rows, size_t count)
{
    struct task_ratings ratings = task_ratings(arena, scheme->scale, rows, count);
    struct str median = str_printf(arena, "%" PRId64, ratings.median);
    struct task_agreed agreed = { .agreement = ratings.near,
                                  .sure = count > 1 && ratings.near >= near_share };
    while (agreed.chosen + 1 < count && !str_equal(rows[agreed.chosen].answer, median))
        agreed.chosen++;
    return agreed;
}

/* --- The answer in the middle ----------------------------------------------------------------- */

struct compared {
    struct arena *arena;
    enum task_template template;
    bool by_label;
    struct str *texts;
};

static double distance(size_t a, size_t b, void *context)
{
    const struct compared *c = context;
    if (str_equal(c->texts[a], c->texts[b]))
        return 0;
    if (c->by_label)
        return 1;
    return c->template == TASK_BOX ? box_distance(c->texts[a], c->texts[b])
                                   : infer_text_distance(c->arena, c->texts[a], c->texts[b]);
}

/* Characters of each of so many answers that are compared. Each is compared with each, which takes
   the product of their lengths: of long ones their beginning must do, or a few people who paste
   whole books would keep everybody waiting. */
static size_t compared_most(size_t count)
{
    enum { ALWAYS = 3000, TOGETHER = 20000 };
    return count * ALWAYS <= TOGETHER ? ALWAYS : TOGETHER / count;
}

/* What of an answer is compared. */
static struct str compared_text(struct arena *arena, const struct task_scheme *scheme,
                                struct str answer, bool by_label)
{
    if (scheme->template == TASK_TRANSCRIBE)
        return folded(arena, answer);
    if (scheme->template != TASK_FORM)
        return answer;
    return by_label ? task_form_counted(arena, &scheme->form, answer)
                    : infer_text_normal(arena, task_form_texts(arena, &scheme->form, answer));
}

static const struct bar *bar_of(enum task_template template, bool by_label)
{
    if (by_label)
        return &label_bar;
    return template == TASK_TRANSCRIBE ? &transcript_bar
           : template == TASK_BOX      ? &box_bar
                                       : &text_bar;
}

struct task_agreed task_agree(struct arena *arena, const struct task_scheme *scheme,
                              const struct task_answers_weighed_row *rows, size_t count)
{
    if (scheme->template == TASK_RATE)
        return agree_on_rating(arena, scheme, rows, count);
    struct compared compared = {
        .arena = arena,
        .template = scheme->template,
        .by_label = scheme->template == TASK_FORM && task_form_is_counted(&scheme->form),
        .texts = arena_new(arena, struct str, count),
    };
    uint32_t *item = arena_new(arena, uint32_t, count), *worker = arena_new(arena, uint32_t, count);
    for (size_t i = 0; i < count; i++) {
        worker[i] = (uint32_t)i;
        compared.texts[i] = compared_text(arena, scheme, rows[i].answer, compared.by_label);
        if (!compared.by_label)
            compared.texts[i] = utf8_clip(compared.texts[i], compared_most(count));
    }
    struct infer_medoids found =
        infer_medoids(arena, count, item, worker, 1, (uint32_t)count, distance, &compared);
    const struct bar *bar = bar_of(scheme->template, compared.by_label);
    double agreement = count > 1 ? found.agreement[0] : 0;
    return (struct task_agreed){ .chosen = found.chosen[0],
                                 .agreement = agreement,
                                 .sure = agreement >= bar->sure,
                                 .fair = agreement >= bar->fair };
}
