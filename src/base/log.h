/* The log: one JSON object a line on stderr, each with time, level, event and its fields.
 *
 *     log_event(LOG_WARN, "mail.refused", LOG_TEXT("code", reply), LOG_INT("tries", n), LOG_END);
 *
 * Never log passwords, tokens, cookies, e-mail addresses or participants' words.
 */
#pragma once
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *name; /* NULL ends the list */
    bool is_text;
    struct str text;
    int64_t number;
};
#define LOG_TEXT(field, value)                                                                     \
    ((struct log_field){ .name = (field), .is_text = true, .text = (value) })
#define LOG_INT(field, value) ((struct log_field){ .name = (field), .number = (value) })
#define LOG_END ((struct log_field){ 0 })

void log_set_level(enum log_level least);                     /* default LOG_INFO */
void log_event(enum log_level level, const char *event, ...); /* struct log_field …, LOG_END */
