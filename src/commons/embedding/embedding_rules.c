/* What is sent to a service, and what is made of its answer. Pure. */
#include "embedding_inner.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "platform/json/json.h"

enum { REST_SECONDS_LEAST = 5, REST_SECONDS_MOST = 600 };

const char *const embedding_references[EMBEDDING_REFERENCES] = {
    "A bench under the old tree.",       "The bus came ten minutes late.",
    "Children learn to swim here.",      "More light in the evening.",
    "She repaired the bicycle herself.", "The soup was too salty.",
    "Prices rise again this year.",      "Who will look after the garden?",
    "Eine Bank unter dem alten Baum.",   "Die Rechnung war nicht richtig.",
    "Am Abend spielt eine Kapelle.",     "Wer gießt im Sommer die Blumen?",
    "Der Laden schließt zu früh.",       "Neue Schuhe für den Winter.",
    "Le train part à sept heures.",      "Un jardin pour tout le quartier.",
    "La réunion a été reportée.",        "Il manque du sel dans le pain.",
    "Qui garde les enfants ce soir ?",   "Une chanson que tout le monde connaît.",
    "El mercado abre los sábados.",      "Hace falta más sombra en la plaza.",
    "La película empieza tarde.",        "Mi hermana vive cerca del mar.",
    "Il negozio vende pane e latte.",    "Una finestra che non si apre.",
    "La partita finisce in pareggio.",   "Wij wachten op de volgende boot.",
    "De school krijgt een nieuw dak.",   "O rio subiu depois da chuva.",
    "Nikt nie zna tej drogi.",           "Biblioteka jest dziś zamknięta.",
};

bool embedding_is_configured(const struct config *config)
{
    return config->embeddings_url.size > 0;
}

struct str embedding_question(struct arena *arena, struct str model, int64_t dimensions,
                              const struct str *texts, size_t count)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("{\"model\":"));
    json_text(&out, model);
    if (dimensions > 0)
        buf_printf(&out, ",\"dimensions\":%lld", (long long)dimensions);
    buf_add(&out, S(",\"input\":["));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(&out, ',');
        json_text(&out, texts[i]);
    }
    buf_add(&out, S("]}"));
    return buf_str(&out);
}

/* --- Answers ---------------------------------------------------------------------------------- */

struct reading {
    struct arena *arena;
    struct embedding_vectors *vectors;
    bool *filled; /* of each text */
    struct str trouble;
};

static bool wrong(struct reading *r, struct str sentence)
{
    r->trouble = sentence;
    return false;
}

/* The first vector says how long all are, unless that is known. */
static bool begin_values(struct reading *r, size_t dimensions)
{
    struct embedding_vectors *v = r->vectors;
    if (dimensions == 0 || dimensions > SIMILAR_FOLD_MOST)
        return wrong(r, str_printf(r->arena, "A vector has %zu numbers; it should be 1 to %d.",
                                   dimensions, SIMILAR_FOLD_MOST));
    v->dimensions = dimensions;
    v->values = arena_new(r->arena, float, v->count *dimensions);
    return true;
}

static bool read_vector(struct reading *r, size_t n, const json_t *numbers)
{
    struct embedding_vectors *v = r->vectors;
    if (n >= v->count || r->filled[n])
        return wrong(r, S("The answer has a vector for a text that was not asked."));
    if (!json_is_array(numbers))
        return wrong(r, S("The answer has something else where a vector should be."));
    size_t dimensions = json_array_size(numbers);
    if (v->values == NULL && !begin_values(r, v->dimensions > 0 ? v->dimensions : dimensions))
        return false;
    if (dimensions != v->dimensions)
        return wrong(r, str_printf(r->arena, "A vector has %zu numbers, the others have %zu.",
                                   dimensions, v->dimensions));
    for (size_t i = 0; i < dimensions; i++) {
        const json_t *number = json_array_get(numbers, i);
        float value = (float)json_number_value(number);
        if (!json_is_number(number) || !isfinite(value))
            return wrong(r, S("A vector holds something that is no number."));
        v->values[n * dimensions + i] = value;
    }
    r->filled[n] = true;
    return true;
}

/* [{"index":0,"embedding":[…]},…]; without "index" they come in order. */
static bool read_data(struct reading *r, const json_t *data)
{
    for (size_t i = 0; i < json_array_size(data); i++) {
        const json_t *entry = json_array_get(data, i), *index = json_object_get(entry, "index");
        json_int_t n = json_is_integer(index) ? json_integer_value(index) : (json_int_t)i;
        if (!read_vector(r, n < 0 ? SIZE_MAX : (size_t)n, json_object_get(entry, "embedding")))
            return false;
    }
    return true;
}

static bool read_all(struct reading *r, const json_t *answer)
{
    const json_t *data = json_object_get(answer, "data"),
                 *rows = json_object_get(answer, "embeddings");
    if (!json_is_array(data) && !json_is_array(rows))
        return wrong(r, S("The answer is not what such a service answers."));
    if (json_is_array(data) && !read_data(r, data))
        return false;
    for (size_t i = 0; !json_is_array(data) && i < json_array_size(rows); i++)
        if (!read_vector(r, i, json_array_get(rows, i)))
            return false;
    for (size_t i = 0; i < r->vectors->count; i++)
        if (!r->filled[i])
            return wrong(r, S("The answer leaves texts out."));
    return true;
}

bool embedding_read_answer(struct arena *arena, struct str body, size_t count, size_t dimensions,
                           struct embedding_vectors *vectors, struct str *trouble)
{
    *vectors = (struct embedding_vectors){ .count = count, .dimensions = dimensions };
    struct reading r = { arena, vectors, arena_new(arena, bool, count), S("") };
    json_error_t error;
    json_t *answer = json_loadb(body.data, body.size, 0, &error);
    bool ok = answer != NULL && read_all(&r, answer);
    if (answer == NULL)
        r.trouble = S("The answer is no JSON.");
    json_decref(answer);
    *trouble = r.trouble;
    return ok;
}

/* --- Vectors ---------------------------------------------------------------------------------- */

static double length_of(const float *values, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)values[i] * values[i];
    return sqrt(squares);
}

struct str embedding_centre(struct arena *arena, const struct embedding_vectors *v)
{
    float *centre = arena_new(arena, float, v->dimensions);
    for (size_t n = 0; n < v->count; n++) {
        const float *values = v->values + n * v->dimensions;
        double length = length_of(values, v->dimensions);
        for (size_t i = 0; i < v->dimensions && length > 0; i++)
            centre[i] += (float)(values[i] / length / (double)v->count);
    }
    return (struct str){ (char *)centre, v->dimensions * sizeof *centre };
}

struct str embedding_sentence(struct arena *arena, struct str centre,
                              const struct embedding_vectors *v, size_t n)
{
    check(centre.size == v->dimensions * sizeof(float));
    const float *values = v->values + n * v->dimensions;
    double length = length_of(values, v->dimensions);
    if (!(length > 0))
        return S("");
    float *from_centre = arena_new(arena, float, v->dimensions), folded[SIMILAR_HALF];
    memcpy(from_centre, centre.data, centre.size);
    for (size_t i = 0; i < v->dimensions; i++)
        from_centre[i] = (float)(values[i] / length) - from_centre[i];
    similar_fold(from_centre, v->dimensions, folded);
    struct similar_vector made = { 0 };
    similar_sentence(&made, folded);
    if (!made.has_sentence)
        return S("");
    return str_copy(arena, (struct str){ (char *)made.sentence, sizeof made.sentence });
}

int64_t embedding_rest_us(int64_t failures)
{
    int64_t seconds = REST_SECONDS_LEAST;
    for (int64_t i = 1; i < failures && seconds < REST_SECONDS_MOST; i++)
        seconds *= 2;
    return (seconds < REST_SECONDS_MOST ? seconds : REST_SECONDS_MOST) * 1000000;
}
