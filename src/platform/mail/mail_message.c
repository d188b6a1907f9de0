#include "platform/mail/mail.h"

#include "base/buf.h"
#include "platform/mail/mail_inner.h"

#include <time.h>

enum {
    PLAIN_SUBJECT_SIZE_MAX = 66, /* "Subject: " before it, and 76 columns are not passed */
    WORD_BYTES_MAX = 39,         /* 52 base 64 digits, 12 around them, a header's name before */
    BODY_COLUMNS_MAX = 76,       /* RFC 2045, 6.7 */
};

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7F;
}

/* --- Headers ---------------------------------------------------------------------------------- */

static void add_base64(struct buf *out, struct str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t given = bytes.size - i < 3 ? bytes.size - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < given ? (unsigned char)bytes.data[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_char(out, k <= given ? digits[group >> (18 - 6 * k) & 63] : '=');
    }
}

/* Encoded words (RFC 2047), each of whole characters, folded one to a line. */
static void add_encoded_words(struct buf *out, struct str text)
{
    for (bool first = true; text.size > 0; first = false) {
        size_t size = text.size < WORD_BYTES_MAX ? text.size : WORD_BYTES_MAX;
        while (size > 0 && size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80)
            size--;
        if (size == 0) /* no UTF-8, which the platform does not let in: any cut will do */
            size = WORD_BYTES_MAX;
        buf_add(out, first ? S("=?utf-8?B?") : S("\r\n =?utf-8?B?"));
        add_base64(out, str_slice(text, 0, size));
        buf_add(out, S("?="));
        text = str_slice(text, size, text.size);
    }
}

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (is_control(text.data[i]) || (unsigned char)text.data[i] >= 0x80)
            return false;
    return str_find(text, S("=?")) == SIZE_MAX;
}

static void add_text(struct buf *out, struct str text)
{
    if (is_plain(text) && text.size <= PLAIN_SUBJECT_SIZE_MAX)
        buf_add(out, text);
    else
        add_encoded_words(out, text);
}

/* A quoted string where it is plain, else encoded words (which may not stand in quotes). */
static void add_name(struct buf *out, struct str name)
{
    if (!is_plain(name) || name.size > PLAIN_SUBJECT_SIZE_MAX) {
        add_encoded_words(out, name);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\')
            buf_char(out, '\\');
        buf_char(out, name.data[i]);
    }
    buf_char(out, '"');
}

struct str mail_from_address(struct str from)
{
    size_t open = str_find(from, S("<"));
    if (open == SIZE_MAX)
        return str_trim(from);
    struct str rest = str_slice(from, open + 1, from.size);
    return str_trim(str_cut(&rest, '>'));
}

static void add_from(struct buf *out, struct str from)
{
    struct str rest = from, name = str_trim(str_cut(&rest, '<'));
    buf_add(out, S("From: "));
    if (name.size > 0 && name.size < str_trim(from).size) {
        if (name.size >= 2 && str_starts(name, S("\"")) && str_ends(name, S("\"")))
            name = str_slice(name, 1, name.size - 1);
        add_name(out, name);
        buf_add(out, S("\r\n "));
    }
    buf_char(out, '<');
    buf_add(out, mail_from_address(from));
    buf_add(out, S(">\r\n"));
}

static void add_date(struct buf *out, int64_t now)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = now / 1000000;
    struct tm t;
    gmtime_r(&seconds, &t);
    buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[t.tm_wday], t.tm_mday,
               months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* One-click unsubscription (RFC 8058). A URL that could end the header is left out. */
static void add_unsubscribe(struct buf *out, struct str url)
{
    bool is_web = str_starts(url, S("https://")) || str_starts(url, S("http://"));
    if (!is_web || !is_plain(url) || str_find(url, S(">")) != SIZE_MAX ||
        str_find(url, S(" ")) != SIZE_MAX)
        return;
    buf_add(out, S("List-Unsubscribe: <"));
    buf_add(out, url);
    buf_add(out, S(">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

/* --- Body ------------------------------------------------------------------------------------- */

/* One line in quoted-printable (RFC 2045, 6.7), broken softly before it grows too wide. */
static void add_quoted_line(struct buf *out, struct str line)
{
    size_t column = 0;
    for (size_t i = 0; i < line.size; i++) {
        char c = line.data[i];
        bool is_last = i + 1 == line.size;
        bool is_blank = (c == ' ' || c == '\t') && !is_last;
        /* A dot that begins a line ends a mail where a relay is careless. */
        bool is_literal = is_blank || (c > ' ' && c < 0x7F && c != '=' && (c != '.' || column > 0));
        size_t width = is_literal ? 1 : 3;
        if (column + width > BODY_COLUMNS_MAX - (is_last ? 0 : 1)) {
            buf_add(out, S("=\r\n"));
            column = 0;
        }
        if (is_literal)
            buf_char(out, c);
        else
            buf_printf(out, "=%02X", (unsigned char)c);
        column += width;
    }
    buf_add(out, S("\r\n"));
}

static void add_body(struct buf *out, struct str text)
{
    while (text.size > 0) {
        struct str line = str_cut(&text, '\n');
        if (str_ends(line, S("\r")))
            line.size--;
        add_quoted_line(out, line);
    }
}

struct str mail_message(struct arena *arena, const struct mail *mail, struct str from,
                        struct str message_id, int64_t now)
{
    struct buf out = { .arena = arena };
    add_date(&out, now);
    add_from(&out, from);
    buf_printf(&out, "To: <%.*s>\r\nSubject: ", STR_ARG(mail->to));
    add_text(&out, mail->subject);
    buf_printf(&out, "\r\nMessage-ID: <%.*s>\r\n", STR_ARG(message_id));
    add_unsubscribe(&out, mail->unsubscribe_url);
    buf_add(&out, S("MIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n"
                    "Auto-Submitted: auto-generated\r\n"
                    "\r\n"));
    add_body(&out, mail->text);
    return buf_str(&out);
}
