#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A line is put together on the stack and leaves with one write(2), so that lines of several
   threads never mix. What is too long for it is clipped: a log must not fail. */
enum { LINE_SIZE = 8192, TEXT_SIZE_MAX = 1024 };

struct line {
    char bytes[LINE_SIZE];
    size_t size;
    bool is_full;
};

static _Atomic int least_level = LOG_INFO;

void log_set_level(enum log_level least)
{
    atomic_store(&least_level, (int)least);
}

static void add(struct line *line, const char *bytes, size_t size)
{
    if (size > LINE_SIZE - 2 - line->size) { /* "}\n" always fits behind */
        line->is_full = true;
        return;
    }
    memcpy(line->bytes + line->size, bytes, size);
    line->size += size;
}

static void add_char(struct line *line, char c)
{
    char escape[8];
    if (c == '"' || c == '\\') {
        add(line, (char[]){ '\\', c }, 2);
    } else if ((unsigned char)c < 0x20 || c == 0x7F) {
        snprintf(escape, sizeof escape, "\\u%04x", c);
        add(line, escape, 6);
    } else {
        add(line, &c, 1);
    }
}

/* At most TEXT_SIZE_MAX bytes, not ending in the midst of a code point. */
static struct str clipped(struct str text)
{
    if (text.size <= TEXT_SIZE_MAX)
        return text;
    size_t size = TEXT_SIZE_MAX;
    while (size > 0 && ((unsigned char)text.data[size] & 0xC0) == 0x80)
        size--;
    return str_slice(text, 0, size);
}

static void add_quoted(struct line *line, struct str text)
{
    text = clipped(text);
    bool is_utf8 = utf8_valid(text);
    add(line, "\"", 1);
    for (size_t i = 0; i < text.size; i++)
        add_char(line, (unsigned char)text.data[i] >= 0x80 && !is_utf8 ? '?' : text.data[i]);
    add(line, "\"", 1);
}

/* A field goes in whole or not at all, so that the line stays JSON. */
static void add_field(struct line *line, const struct log_field *field)
{
    size_t size_before = line->size;
    add(line, ",", 1);
    add_quoted(line, str_from(field->name));
    add(line, ":", 1);
    if (field->is_text) {
        add_quoted(line, field->text);
    } else {
        char number[24];
        int size = snprintf(number, sizeof number, "%" PRId64, field->number);
        add(line, number, (size_t)size);
    }
    if (line->is_full)
        line->size = size_before;
    line->is_full = false;
}

static void add_head(struct line *line, enum log_level level, const char *event)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    char head[128];
    size_t size = strftime(head, sizeof head, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &utc);
    add(line, head, size);
    int more = snprintf(head, sizeof head,
                        ".%06ldZ\",\"level\":\"%s\",\"event\":", now.tv_nsec / 1000, names[level]);
    add(line, head, (size_t)more);
    add_quoted(line, str_from(event));
}

void log_event(enum log_level level, const char *event, ...)
{
    if ((int)level < atomic_load(&least_level))
        return;
    struct line line = { .size = 0 };
    add_head(&line, level, event);
    va_list args;
    va_start(args, event);
    for (struct log_field field = va_arg(args, struct log_field); field.name != NULL;
         field = va_arg(args, struct log_field))
        add_field(&line, &field);
    va_end(args);
    memcpy(line.bytes + line.size, "}\n", 2);
    ssize_t written = write(STDERR_FILENO, line.bytes, line.size + 2);
    (void)written; /* nobody is left to tell */
}
