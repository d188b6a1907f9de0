/* Participants' Markdown.
 *
 * md4c parses; what is printed is decided here, because md4c's own printer lets "javascript:" and
 * "data:" through. Every text is escaped, every link passes url_from_text after its entities are
 * decoded, and nothing else of the source reaches the markup. Two things could make much out of
 * little: a link definition used many times, so that links stop once their addresses together
 * outgrow the source; and nesting, which is flattened below NESTING_MAX.
 */
#include <md4c.h>

#include "base/arena.h"
#include "base/check.h"
#include "platform/html/entity.h"
#include "platform/html/html.h"

enum { NESTING_MAX = 12, HEADINGS_MAX = 6, HEADING_FIRST = 3, HEADING_LAST = 6 };

struct writer {
    struct buf out;
    unsigned blocks, spans; /* depth of quotes and lists; of emphasis */
    unsigned
        headings[HEADINGS_MAX]; /* levels, as the author counts, of the headings one stands under */
    unsigned heading_count;
    unsigned links; /* depth of links and pictures: only the outermost becomes a link */
    bool link_open;
    size_t link_from;     /* where the words of the open link begin */
    size_t address_bytes; /* printed so far */
    size_t address_max;
};

static void add(struct writer *w, const char *markup)
{
    buf_add(&w->out, str_from(markup));
}

/* An attribute of md4c as text, its entities decoded. */
static struct str attribute_text(struct arena *arena, const MD_ATTRIBUTE *a)
{
    struct buf text = { .arena = arena };
    for (unsigned i = 0; a->size > 0 && a->substr_offsets[i] < a->size; i++) {
        struct str part = { a->text + a->substr_offsets[i],
                            a->substr_offsets[i + 1] - a->substr_offsets[i] };
        if (a->substr_types[i] == MD_TEXT_ENTITY)
            entity_decode(&text, part);
        else if (a->substr_types[i] == MD_TEXT_NULLCHAR)
            buf_add(&text, S("\xEF\xBF\xBD"));
        else
            buf_add(&text, part);
    }
    return buf_str(&text);
}

/* Only places outside this site: a participant's "/sign-out" is no link. */
static bool is_outside(struct url u)
{
    return u.text.data[0] != '/' && u.text.data[0] != '#' && u.text.data[0] != '?';
}

static void open_link(struct writer *w, const MD_ATTRIBUTE *address)
{
    if (w->links++ > 0)
        return;
    struct url url = url_from_text(attribute_text(w->out.arena, address));
    w->address_bytes += url.text.size;
    w->link_open = is_outside(url) && w->address_bytes <= w->address_max;
    if (w->link_open) {
        add(w, "<a rel=\"nofollow ugc\" href=\"");
        html_url(&w->out, url);
        add(w, "\">");
    }
    w->link_from = w->out.size;
}

static void close_link(struct writer *w)
{
    if (--w->links > 0)
        return;
    if (w->out.size == w->link_from) /* a picture without a description */
        add(w, "link");
    if (w->link_open)
        add(w, "</a>");
    w->link_open = false;
}

static void open_list(struct writer *w, const MD_BLOCK_OL_DETAIL *ordered)
{
    if (++w->blocks > NESTING_MAX)
        return;
    if (ordered == NULL)
        add(w, "<ul>\n");
    else if (ordered->start == 1)
        add(w, "<ol>\n");
    else
        buf_printf(&w->out, "<ol start=\"%u\">\n", ordered->start);
}

static void close_container(struct writer *w, const char *tag)
{
    if (w->blocks-- <= NESTING_MAX)
        add(w, tag);
}

/* Whatever level an author begins with and leaves out, none is skipped on the page. */
static void note_heading(struct writer *w, const MD_BLOCK_H_DETAIL *detail)
{
    while (w->heading_count > 0 && w->headings[w->heading_count - 1] >= detail->level)
        w->heading_count--;
    check(w->heading_count < HEADINGS_MAX); /* md4c knows six levels, and they only rise here */
    w->headings[w->heading_count++] = detail->level;
}

static unsigned heading_level(const struct writer *w)
{
    unsigned level = HEADING_FIRST + w->heading_count - 1;
    return level < HEADING_LAST ? level : HEADING_LAST;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct writer *w = data;
    switch (type) {
    case MD_BLOCK_QUOTE:
        if (++w->blocks <= NESTING_MAX)
            add(w, "<blockquote>\n");
        break;
    case MD_BLOCK_UL:
        open_list(w, NULL);
        break;
    case MD_BLOCK_OL:
        open_list(w, detail);
        break;
    case MD_BLOCK_LI:
        if (w->blocks <= NESTING_MAX)
            add(w, "<li>");
        break;
    case MD_BLOCK_HR:
        add(w, "<hr>\n");
        break;
    case MD_BLOCK_H:
        note_heading(w, detail);
        buf_printf(&w->out, "<h%u>", heading_level(w));
        break;
    case MD_BLOCK_CODE:
        add(w, "<pre><code>");
        break;
    case MD_BLOCK_P:
        add(w, "<p>");
        break;
    default: /* the document; raw HTML and tables are switched off */
        break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct writer *w = data;
    switch (type) {
    case MD_BLOCK_QUOTE:
        close_container(w, "</blockquote>\n");
        break;
    case MD_BLOCK_UL:
        close_container(w, "</ul>\n");
        break;
    case MD_BLOCK_OL:
        close_container(w, "</ol>\n");
        break;
    case MD_BLOCK_LI:
        if (w->blocks <= NESTING_MAX)
            add(w, "</li>\n");
        break;
    case MD_BLOCK_H:
        buf_printf(&w->out, "</h%u>\n", heading_level(w));
        break;
    case MD_BLOCK_CODE:
        add(w, "</code></pre>\n");
        break;
    case MD_BLOCK_P:
        add(w, "</p>\n");
        break;
    default:
        break;
    }
    return 0;
}

static const char *span_tag(MD_SPANTYPE type, bool closing)
{
    switch (type) {
    case MD_SPAN_EM:
        return closing ? "</em>" : "<em>";
    case MD_SPAN_STRONG:
        return closing ? "</strong>" : "<strong>";
    case MD_SPAN_CODE:
        return closing ? "</code>" : "<code>";
    case MD_SPAN_DEL:
        return closing ? "</del>" : "<del>";
    default:
        return "";
    }
}

static int enter_span(MD_SPANTYPE type, void *detail, void *data)
{
    struct writer *w = data;
    if (type == MD_SPAN_A)
        open_link(w, &((const MD_SPAN_A_DETAIL *)detail)->href);
    else if (type == MD_SPAN_IMG)
        open_link(w, &((const MD_SPAN_IMG_DETAIL *)detail)->src);
    else if (++w->spans <= NESTING_MAX)
        add(w, span_tag(type, false));
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *data)
{
    struct writer *w = data;
    if (type == MD_SPAN_A || type == MD_SPAN_IMG)
        close_link(w);
    else if (w->spans-- <= NESTING_MAX)
        add(w, span_tag(type, true));
    return 0;
}

static int write_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *data)
{
    struct writer *w = data;
    struct str s = { text, size };
    struct buf decoded = { .arena = w->out.arena };
    switch (type) {
    case MD_TEXT_BR:
        add(w, "<br>\n");
        break;
    case MD_TEXT_SOFTBR:
        add(w, "\n");
        break;
    case MD_TEXT_NULLCHAR:
        add(w, "\xEF\xBF\xBD");
        break;
    case MD_TEXT_ENTITY:
        entity_decode(&decoded, s);
        html_text(&w->out, buf_str(&decoded));
        break;
    default:
        html_text(&w->out, s);
        break;
    }
    return 0;
}

struct html markdown_html(struct arena *arena, struct str source)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_STRIKETHROUGH |
                 MD_FLAG_PERMISSIVEURLAUTOLINKS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = write_text,
    };
    struct writer w = { .out.arena = arena, .address_max = 2 * source.size };
    buf_reserve(&w.out, source.size + source.size / 4 + 64);
    /* It fails only when it cannot have memory; the words are shown all the same. */
    if (md_parse(source.data, (MD_SIZE)source.size, &parser, &w) != 0) {
        w.out.size = 0;
        add(&w, "<p>");
        html_text(&w.out, source);
        add(&w, "</p>\n");
    }
    return (struct html){ buf_str(&w.out) };
}

/* --- As plain text ---------------------------------------------------------------------------- */

struct plain {
    struct buf out;
    size_t bytes_enough; /* past this nothing more can be shown */
    bool gap;            /* white space is due before the next word */
};

/* Adds words with single blanks between them. */
static int add_words(struct plain *p, struct str s)
{
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c <= ' ') {
            p->gap = true;
            continue;
        }
        if (p->gap && p->out.size > 0)
            buf_char(&p->out, ' ');
        p->gap = false;
        buf_char(&p->out, (char)c);
    }
    return p->out.size > p->bytes_enough ? 1 : 0; /* 1 ends the parse */
}

static int plain_block(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct plain *p = data;
    p->gap = true;
    return 0;
}

static int plain_span(MD_SPANTYPE type, void *detail, void *data)
{
    return 0;
}

static int plain_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *data)
{
    struct plain *p = data;
    struct buf decoded = { .arena = p->out.arena };
    switch (type) {
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR:
        p->gap = true;
        return 0;
    case MD_TEXT_NULLCHAR:
        return add_words(p, S("\xEF\xBF\xBD"));
    case MD_TEXT_ENTITY:
        entity_decode(&decoded, (struct str){ text, size });
        return add_words(p, buf_str(&decoded));
    default:
        return add_words(p, (struct str){ text, size });
    }
}

/* The text up to `points`, cut after a whole word where there is one, with "…" if it was longer. */
static struct str clip(struct arena *arena, struct str s, size_t points)
{
    if (utf8_length(s) <= points)
        return s;
    struct str kept = utf8_clip(s, points > 0 ? points - 1 : 0);
    size_t end = kept.size;
    if (s.data[end] != ' ')
        while (end > 0 && kept.data[end - 1] != ' ')
            end--;
    while (end > 0 && kept.data[end - 1] == ' ')
        end--;
    if (end > 0)
        kept.size = end;
    return str_join(arena, kept, S("…"));
}

struct str markdown_plain(struct arena *arena, struct str source, size_t points)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_STRIKETHROUGH,
        .enter_block = plain_block,
        .leave_block = plain_block,
        .enter_span = plain_span,
        .leave_span = plain_span,
        .text = plain_text,
    };
    enum { UTF8_BYTES_MAX = 4 };
    struct plain p = { .out.arena = arena,
                       .bytes_enough =
                           points < source.size ? points * UTF8_BYTES_MAX : source.size };
    (void)!md_parse(source.data, (MD_SIZE)source.size, &parser, &p);
    return clip(arena, buf_str(&p.out), points);
}
