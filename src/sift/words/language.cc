#include "sift/words/language.h"

#include <stdio.h> /* which the next header forgets */

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

/* Exported by the library, but declared only in headers that are not meant for others. */
namespace CLD2
{
Language GetLanguageFromName(const char *source);
}

const char *language_guess(const char *text, int size_bytes, const char *likely, bool *reliable)
{
    const CLD2::CLDHints hints = { likely, nullptr, CLD2::UNKNOWN_ENCODING,
                                   likely == nullptr ? CLD2::UNKNOWN_LANGUAGE
                                                     : CLD2::GetLanguageFromName(likely) };
    CLD2::Language three[3];
    int percent[3], seen_bytes, valid_bytes;
    double score[3];
    const CLD2::Language found = CLD2::ExtDetectLanguageSummaryCheckUTF8(
        text, size_bytes, true, &hints, CLD2::kCLDFlagBestEffort, three, percent, score, nullptr,
        &seen_bytes, reliable, &valid_bytes);
    return CLD2::LanguageCode(found);
}
