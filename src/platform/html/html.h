/* HTML and URLs made safely.
 *
 * Templates (files in the "pages" folder of a room, Jinja2 syntax) are compiled to C by
 * tools/pagegen.py; the compiler knows by position whether a value stands in text, in an attribute
 * or in a URL and calls the matching function below. Raw output exists only for `struct html`,
 * which only this room makes.
 */
#pragma once
#include "base/buf.h"

/* Markup that is safe to print as it is. Made only in this room. */
struct html {
    struct str markup;
};

/* A URL that is safe in href, src and action: starts with "/" (not "//"), "#", "?", or
   http:, https:, mailto:. */
struct url {
    struct str text;
};

void html_text(struct buf *out, struct str s);      /* & < > escaped */
void html_attribute(struct buf *out, struct str s); /* and both quotes */
void html_url(struct buf *out, struct url u);       /* attribute-escaped */
void html_int(struct buf *out, int64_t n);          /* in decimal, as it is */
/* Percent-encoded component; only what RFC 3986 calls unreserved stays. */
void html_url_part(struct buf *out, struct str s);
/* A picture for another site's pages: <img src="…" alt="…">. The path is relative, as its owner
   knows it; each part of it is percent-encoded. */
void html_picture(struct buf *out, struct str path, struct str alt);

/* Any text as a url; "#" when the scheme is not on the list. */
struct url url_from_text(struct str s);
/* A path of our own, printf-like: only for literals, ids and numbers. Starts with "/". */
struct url url_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Participants' Markdown (md4c, CommonMark without raw HTML; links http, https and mailto, with
   rel="nofollow ugc"; images become links; headings start at h3). Linear time; `source` valid
   UTF-8. */
struct html markdown_html(struct arena *arena, struct str source);
/* The same as plain text, clipped to `points` code points at a word's end with "…". */
struct str markdown_plain(struct arena *arena, struct str source, size_t points);

/* Filters used by templates. Times are microseconds UTC; the time 0 means "none" and gives "". */
struct str text_number(struct arena *arena, int64_t n);            /* 12,345 */
struct str text_date(struct arena *arena, int64_t at);             /* 21 November 2026 */
struct str text_datetime(struct arena *arena, int64_t at);         /* 21 November 2026, 19:22 UTC */
struct str text_iso(struct arena *arena, int64_t at);              /* 2026-11-21T19:22:03Z */
struct str text_local_input(struct arena *arena, int64_t at);      /* 2026-11-21T19:22, "" for 0 */
struct str text_ago(struct arena *arena, int64_t at, int64_t now); /* 3 hours ago */
struct str text_left(struct arena *arena, int64_t at, int64_t now); /* 4 days left, or "ended" */
/* A cell of a CSV file, quoted; one that a spreadsheet would take for a formula begins with an
   apostrophe. */
void text_csv_cell(struct buf *out, struct str s);
struct str text_upper(struct arena *arena, struct str s); /* ASCII letters only */
/* "1 vote", "1,234 votes" */
struct str text_plural(struct arena *arena, int64_t n, struct str one, struct str many);
int64_t number_percent_of(int64_t n, int64_t total); /* 0..100, whole; of nothing it is 0 */
