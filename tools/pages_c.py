"""How the C of a page is put down: lines, literal output, and the header that all pages include."""
import pages_values as values
from declarations import INPUT_TYPES

HEADER = '''/* Made by tools/pagegen.py from the templates; do not edit. */
#pragma once
#include <inttypes.h>

#include "base/arena.h"
#include "base/id.h"
#include "platform/html/html.h"
#include "platform/web/web.h"
#include "urls.h"
#include "views.h"

/* An id as it is shown. */
static inline void page_id(struct buf *out, int64_t id)
{
    buf_reserve(out, ID_TEXT_SIZE + 1);
    id_print(id, out->data + out->size);
    out->size += ID_TEXT_SIZE;
}

static inline struct str page_int_text(struct arena *arena, int64_t n)
{
    return str_printf(arena, "%%" PRId64, n);
}

/* A type of input under the name that declarations and templates use. */
static inline struct str page_input_type(enum input_type type)
{
    switch (type) {
%s    }
    return S("line");
}

/* Lines of a text area: as declared, or what its size suggests. */
static inline int64_t page_rows(const struct input *input)
{
    if (input->rows > 0)
        return input->rows;
    return input->type == INPUT_MARKDOWN ? 8 : 4;
}

''' % "".join(f'    case INPUT_{name.upper()}:\n        return S("{name}");\n'
              for name in INPUT_TYPES)


ROW_VALUES = 256   # bytes that the values of a row usually take


class Writer:
    """C lines; neighbouring literal output becomes one call."""

    def __init__(self):
        self.lines = []
        self.depth = 1
        self.pending = ""
        self.static_size = 0

    def literal(self, text):
        self.pending += text

    def line(self, text):
        self.flush()
        self.lines.append("    " * self.depth + text)

    def reserve_line(self):
        """A line to be filled when it is known how much a loop writes."""
        self.line("")
        return len(self.lines) - 1

    def fill_reserve(self, place, count, size_each):
        """Room for all rows at once: doubling a large page again and again would cost more than the page.
        The literal text of a row tells its size well enough."""
        self.lines[place] = f"{'    ' * self.depth}buf_reserve(out, {count} * {size_each + ROW_VALUES});"

    def open(self, text=""):
        self.line(f"{text} {{" if text else "{")
        self.depth += 1

    def close(self):
        self.flush()
        self.depth -= 1
        self.lines.append("    " * self.depth + "}")

    def flush(self):
        text, self.pending = self.pending, ""
        if text:
            self.static_size += len(text.encode())
            pad = "\n" + "    " * (self.depth + 1)
            pieces = [text[i:i + 88] for i in range(0, len(text), 88)]
            self.line(f"buf_add(out, S({pad.join(values.c_string(p) for p in pieces)}));")


def escape(text, quoted):
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;") if quoted else text


def bare(c):
    """A condition without the parentheses around the whole of it."""
    if c.startswith("(") and c.endswith(")"):
        depth = 0
        for i, char in enumerate(c):
            depth += (char == "(") - (char == ")")
            if depth == 0 and i + 1 < len(c):
                return c
        return c[1:-1]
    return c
