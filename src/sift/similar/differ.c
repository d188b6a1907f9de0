/* What speaks against merging two texts that are alike.
 *
 * Computes: the first difference in numbers, units or negation.
 * Model: the numbers of both must be the same set, whether written in digits or as words; the
 *     digits of "a4" may be met by "4" but not by "a3". Of the same numbers the units must not
 *     differ: the word or sign behind, or the currency before. Either both texts hold a negation,
 *     or neither.
 * Source: made for this room; merging is decided by people, this only keeps quiet when in doubt.
 * Cost: O(numbers² + words).
 * Limits: knows negations in 18 languages and number words in 13 (lexicon.c), numbers above twenty
 *     only in digits. Two negations that cancel each other count as one. Opposites ("more", "less";
 *     "open", "close"), names and dates in words are not looked at.
 */
#include "base/check.h"
#include "sift/similar/similar.h"

#include <math.h>
#include <string.h>

const char *similar_difference_name(enum similar_difference difference)
{
    static const char *const names[] = { [SIMILAR_NO_DIFFERENCE] = "",
                                         [SIMILAR_NUMBERS] = "numbers",
                                         [SIMILAR_UNITS] = "units",
                                         [SIMILAR_NEGATION] = "negation" };
    check(difference < sizeof names / sizeof names[0]);
    return names[difference];
}

/* --- Numbers ---------------------------------------------------------------------------------- */

/* Where the digits of a word like "co2" begin; its size where it has none. */
static size_t digits_from(struct str word)
{
    size_t from = word.size;
    while (from > 0 && word.data[from - 1] >= '0' && word.data[from - 1] <= '9')
        from--;
    return from;
}

static bool is_code(const struct words_token *t)
{
    return t->kind == WORDS_WORD && digits_from(t->word) < t->word.size;
}

static double number_in_code(const struct words_token *t)
{
    double value = 0;
    for (size_t i = digits_from(t->word); i < t->word.size; i++)
        value = value * 10 + (t->word.data[i] - '0');
    return value;
}

static bool same_number(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static bool has_number(const struct words *in, double number)
{
    for (size_t i = 0; i < in->count; i++) {
        const struct words_token *t = &in->items[i];
        if ((t->has_number && same_number(t->number, number)) ||
            (is_code(t) && same_number(number_in_code(t), number)))
            return true;
    }
    return false;
}

/* Whether `in` has the same letters with other digits, and not with the same. */
static const struct words_token *rival_code(const struct words *in, const struct words_token *code)
{
    const struct words_token *rival = NULL;
    struct str letters = str_slice(code->word, 0, digits_from(code->word));
    for (size_t i = 0; i < in->count; i++) {
        const struct words_token *t = &in->items[i];
        if (!is_code(t) || !str_equal(str_slice(t->word, 0, digits_from(t->word)), letters))
            continue;
        if (str_equal(t->word, code->word))
            return NULL;
        rival = t;
    }
    return rival;
}

/* The first number of `in` that `other` does not have. */
static struct str missing_number(const struct words *in, const struct words *other)
{
    for (size_t i = 0; i < in->count; i++) {
        const struct words_token *t = &in->items[i];
        if (t->has_number && !has_number(other, t->number))
            return t->word;
    }
    return (struct str){ 0 };
}

static struct similar_block blocked(enum similar_difference why, struct str in_a, struct str in_b)
{
    return (struct similar_block){ why, in_a, in_b };
}

/* Whether a code of `in` has a rival in `other`, and which they are. */
static bool codes_differ(const struct words *in, const struct words *other, struct str *code,
                         struct str *rival)
{
    for (size_t i = 0; i < in->count; i++) {
        const struct words_token *found =
            is_code(&in->items[i]) ? rival_code(other, &in->items[i]) : NULL;
        if (found == NULL)
            continue;
        *code = in->items[i].word;
        *rival = found->word;
        return true;
    }
    return false;
}

static struct similar_block numbers_differ(const struct words *a, const struct words *b)
{
    struct str in_a = missing_number(a, b), in_b = missing_number(b, a);
    if (in_a.size > 0 || in_b.size > 0)
        return blocked(SIMILAR_NUMBERS, in_a, in_b);
    struct str of_a = { 0 }, of_b = { 0 };
    if (codes_differ(a, b, &of_a, &of_b) || codes_differ(b, a, &of_b, &of_a))
        return blocked(SIMILAR_NUMBERS, of_a, of_b);
    return (struct similar_block){ 0 };
}

/* --- Units ------------------------------------------------------------------------------------ */

/* Each line is one unit. Stems, signs and words as people write them in many languages. */
static const char *const units[] = {
    " % percent prozent procent procento percento ",
    " ‰ promille ",
    " € euro euros eur ",
    " $ dollar dollars dólar dólares usd ",
    " £ pound pounds pfund livre gbp ",
    " ¥ yen yuan ",
    " mm millimetre millimeter millimetres millimeters ",
    " cm centimetre centimeter centimetres centimeters zentimeter ",
    " m metre meter metres meters mètre mètres metro metros metri ",
    " km kilometre kilometer kilometres kilometers kilomètres kilómetros chilometri ",
    " mile miles meile meilen ",
    " ft foot feet ",
    " g gram grams gramme grammes gramm gramos ",
    " kg kilo kilos kilogram kilograms kilogramm ",
    " t tonne tonnes tons tonnen ton ",
    " l litre liter litres liters litro litros litri ",
    " s sec second seconds sekunde sekunden seconde secondes segundos secondi ",
    " min minute minutes minuten minuto minutos minuti ",
    " h hr hour hours stunde stunden heure heures hora horas ora ore uur ",
    " day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen ",
    " week weeks woche wochen semaine semaines semana semanas settimana settimane weken ",
    " month months monat monate monaten mois mes meses mese mesi maand maanden ",
    " year years jahr jahre jahren ans année années año años anno anni ano anos jaar ",
};
enum { UNIT_COUNT = sizeof units / sizeof units[0], PERCENT = 1 };

/* 1 for the first line and so on; 0: none that is known. */
static size_t unit_of(const struct words_token *t)
{
    char wanted[32];
    if (t->word.size == 0 || t->word.size > sizeof wanted - 3)
        return 0;
    wanted[0] = ' ';
    memcpy(wanted + 1, t->word.data, t->word.size);
    wanted[t->word.size + 1] = ' ';
    struct str spaced = { wanted, t->word.size + 2 };
    for (size_t i = 0; i < UNIT_COUNT; i++)
        if (str_find(str_from(units[i]), spaced) != SIZE_MAX)
            return i + 1;
    return 0;
}

struct measure {
    size_t unit;
    struct str word;
};

/* The unit of the number at a place. */
static struct measure measure_of(const struct words *in, size_t at)
{
    const struct words_token *t = in->items;
    if (at + 1 < in->count && unit_of(&t[at + 1]) > 0)
        return (struct measure){ unit_of(&t[at + 1]), t[at + 1].word };
    if (at > 0 && t[at - 1].kind == WORDS_SIGN && unit_of(&t[at - 1]) > 0)
        return (struct measure){ unit_of(&t[at - 1]), t[at - 1].word };
    return (struct measure){ 0, t[at].word };
}

/* Whether `other` has the number with a unit that may be the same; *nearest is the last it has. */
static bool may_be_measured_alike(const struct words *other, double number, struct measure unit,
                                  struct measure *nearest)
{
    for (size_t i = 0; i < other->count; i++) {
        if (!other->items[i].has_number || !same_number(other->items[i].number, number))
            continue;
        *nearest = measure_of(other, i);
        bool unknown = unit.unit == 0 || nearest->unit == 0;
        if (unit.unit == nearest->unit ||
            (unknown && unit.unit != PERCENT && nearest->unit != PERCENT))
            return true;
    }
    return nearest->word.size == 0; /* "4" was met by "a4" */
}

static struct similar_block units_differ(const struct words *a, const struct words *b)
{
    for (size_t i = 0; i < a->count; i++) {
        if (!a->items[i].has_number)
            continue;
        struct measure unit = measure_of(a, i), nearest = { 0 };
        if (!may_be_measured_alike(b, a->items[i].number, unit, &nearest))
            return blocked(SIMILAR_UNITS, unit.word, nearest.word);
    }
    return (struct similar_block){ 0 };
}

/* --- Negation --------------------------------------------------------------------------------- */

static struct str negation_in(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].negation)
            return words->items[i].word;
    return (struct str){ 0 };
}

struct similar_block similar_blocks(const struct words *a, const struct words *b)
{
    struct similar_block found = numbers_differ(a, b);
    if (found.difference == SIMILAR_NO_DIFFERENCE)
        found = units_differ(a, b);
    struct str in_a = negation_in(a), in_b = negation_in(b);
    if (found.difference == SIMILAR_NO_DIFFERENCE && (in_a.size > 0) != (in_b.size > 0))
        found = blocked(SIMILAR_NEGATION, in_a, in_b);
    return found;
}
