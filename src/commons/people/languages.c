#include "commons/people/languages.h"

#include "base/buf.h"

struct language {
    const char *code, *name;
};

/* In alphabetical order of codes. */
static const struct language known[] = {
    { "ar", "Arabic" },    { "az", "Azerbaijani" }, { "bg", "Bulgarian" },  { "bn", "Bengali" },
    { "bs", "Bosnian" },   { "ca", "Catalan" },     { "cs", "Czech" },      { "cy", "Welsh" },
    { "da", "Danish" },    { "de", "German" },      { "el", "Greek" },      { "en", "English" },
    { "es", "Spanish" },   { "et", "Estonian" },    { "eu", "Basque" },     { "fa", "Persian" },
    { "fi", "Finnish" },   { "fr", "French" },      { "ga", "Irish" },      { "gl", "Galician" },
    { "gu", "Gujarati" },  { "he", "Hebrew" },      { "hi", "Hindi" },      { "hr", "Croatian" },
    { "hu", "Hungarian" }, { "hy", "Armenian" },    { "id", "Indonesian" }, { "is", "Icelandic" },
    { "it", "Italian" },   { "ja", "Japanese" },    { "ka", "Georgian" },   { "kk", "Kazakh" },
    { "km", "Khmer" },     { "ko", "Korean" },      { "ku", "Kurdish" },    { "lt", "Lithuanian" },
    { "lv", "Latvian" },   { "mk", "Macedonian" },  { "ml", "Malayalam" },  { "mr", "Marathi" },
    { "ms", "Malay" },     { "mt", "Maltese" },     { "my", "Burmese" },    { "nb", "Norwegian" },
    { "ne", "Nepali" },    { "nl", "Dutch" },       { "pa", "Punjabi" },    { "pl", "Polish" },
    { "ps", "Pashto" },    { "pt", "Portuguese" },  { "ro", "Romanian" },   { "ru", "Russian" },
    { "si", "Sinhala" },   { "sk", "Slovak" },      { "sl", "Slovenian" },  { "so", "Somali" },
    { "sq", "Albanian" },  { "sr", "Serbian" },     { "sv", "Swedish" },    { "sw", "Swahili" },
    { "ta", "Tamil" },     { "te", "Telugu" },      { "th", "Thai" },       { "ti", "Tigrinya" },
    { "tl", "Tagalog" },   { "tr", "Turkish" },     { "uk", "Ukrainian" },  { "ur", "Urdu" },
    { "uz", "Uzbek" },     { "vi", "Vietnamese" },  { "yo", "Yoruba" },     { "zh", "Chinese" },
};
enum { KNOWN = sizeof known / sizeof known[0] };

static size_t find(struct str word)
{
    size_t i = 0;
    while (i < KNOWN && !str_equal_nocase(word, str_from(known[i].code)) &&
           !str_equal_nocase(word, str_from(known[i].name)))
        i++;
    return i;
}

/* Cuts the next word off: up to a comma, a semicolon or the end of a line. */
static struct str cut(struct str *typed)
{
    size_t end = 0;
    while (end < typed->size && typed->data[end] != ',' && typed->data[end] != ';' &&
           typed->data[end] != '\n')
        end++;
    struct str word = str_trim(str_slice(*typed, 0, end));
    *typed = str_slice(*typed, end < typed->size ? end + 1 : end, typed->size);
    return word;
}

bool languages_read(struct arena *arena, struct str typed, struct str *list, struct str *problem)
{
    bool chosen[KNOWN] = { false };
    struct buf out = { .arena = arena };
    int count = 0;
    while (typed.size > 0) {
        struct str word = cut(&typed);
        size_t at = find(word);
        if (word.size == 0)
            continue;
        if (at == KNOWN) {
            *problem =
                str_printf(arena,
                           "“%.*s” is not a language we know. Write its English name, or its "
                           "two letters; a comma between two.",
                           STR_ARG(utf8_clip(word, 40)));
            return false;
        }
        count += !chosen[at];
        chosen[at] = true;
    }
    if (count > LANGUAGES_MAX) {
        *problem = S("At most 20 languages can be named.");
        return false;
    }
    for (size_t i = 0; i < KNOWN; i++)
        if (chosen[i])
            buf_printf(&out, "%s%s", out.size > 0 ? " " : "", known[i].code);
    *list = buf_str(&out);
    return true;
}

struct str languages_text(struct arena *arena, struct str list, struct str between)
{
    struct buf out = { .arena = arena };
    while (list.size > 0) {
        struct str code = str_cut(&list, ' ');
        size_t at = find(code);
        if (out.size > 0)
            buf_add(&out, between);
        buf_add(&out, at < KNOWN ? str_from(known[at].name) : code);
    }
    return buf_str(&out);
}
