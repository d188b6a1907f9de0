#!/usr/bin/env python3
"""Makes C of the declared routes and views (see docs/architecture.md, "Routes and views").

    routegen.py OUT [--copy-to DIR] ROOM_FOLDER...

writes into OUT: views.h, views.c, urls.h, routes_all.c, openapi.json, routes.json, and for each room
ROOM_routes.h and ROOM_routes.c. A file is touched only when its content changes. With --copy-to,
routes.json and openapi.json are also put there, for tests and documentation.
"""
import json
import sys
from pathlib import Path

import declarations
from declarations import path_segments
from openapi import openapi_document

GENERATED = "/* Made by tools/routegen.py from the *_routes.toml files; do not edit. */\n"


def main(arguments):
    copy_to = None
    if "--copy-to" in arguments:
        at = arguments.index("--copy-to")
        copy_to = Path(arguments[at + 1])
        del arguments[at:at + 2]
    out, folders = Path(arguments[0]), arguments[1:]
    try:
        all_rooms = declarations.load(folders)
        check_shapes(all_rooms)
    except declarations.DeclarationError as error:
        sys.exit(f"{error}")
    for name, text in outputs(all_rooms).items():
        write(out / name, text)
        if copy_to and name.endswith(".json"):
            write(copy_to / name, text)


def write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def outputs(all_rooms):
    routes = sorted(all_rooms.routes.values(), key=specificity)
    numbers = {route.name: number for number, route in enumerate(routes)}
    document = json.dumps(openapi_document(all_rooms, routes), indent=1, ensure_ascii=False) + "\n"
    files = {
        "views.h": views_header(all_rooms.choices.values(), all_rooms.views.values()),
        "views.c": views_source(all_rooms.choices.values(), all_rooms.views.values()),
        "urls.h": urls_header(routes),
        "routes_all.c": routes_all_source(all_rooms.rooms, routes, document),
        "openapi.json": document,
        "routes.json": json.dumps([listed(r) for r in routes], indent=1, ensure_ascii=False) + "\n",
    }
    for room in all_rooms.rooms:
        files[f"{room.name}_routes.h"] = room_header(room)
        files[f"{room.name}_routes.c"] = room_source(room, numbers)
    return files


def specificity(route):
    """Words before placeholders, so that /ideas/new stands before /ideas/{idea_id}."""
    return [(s.startswith("{"), s) for s in path_segments(route.path)], route.kind, route.name


def check_shapes(all_rooms):
    """Two routes that would answer the same request stop the build."""
    taken = {}
    for route in all_rooms.routes.values():
        shape = tuple("{}" if s.startswith("{") else s for s in path_segments(route.path))
        other = taken.setdefault((route.method, shape), route)
        if other is not route:
            raise declarations.DeclarationError(
                f"{route.room.file}: [{route.kind}.{route.name}]: {route.method} {route.path} is "
                f"answered by {other.name} already ({other.room.file})")


def c_text(text):
    """A C string literal, or NULL."""
    if text is None:
        return "NULL"
    escaped = []
    for char in text:
        if char in '"\\':
            escaped.append("\\" + char)
        elif char == "\n":
            escaped.append("\\n")
        elif char == "?":
            escaped.append("\\?")
        elif ord(char) < 32:
            escaped.append(f"\\{ord(char):03o}")
        else:
            escaped.append(char)
    return '"' + "".join(escaped) + '"'


# --- views.h, views.c ----------------------------------------------------------------------------

def views_header(choices, views):
    parts = [GENERATED, "/* What pages show and the API answers: one struct for each [view.*]; and what\n"
             "   several routes let one choose from. */\n"
             '#pragma once\n#include "ids.h"\n#include "platform/web/web.h"\n\n']
    for choice in choices:
        parts.append(choice_enum(choice.name, choice.values) +
                     f"extern const char *const {choice.name}_labels[];\n"
                     "/* As people read it; a text that is no name of these is returned as it is. */\n"
                     f"struct str {choice.name}_label(struct str name);\n\n")
    for view in views:
        parts.append(f"struct {view.name}_list {{\n    struct {view.name}_view *items;\n"
                     "    size_t count;\n};\n")
    for view in views:
        parts.append(f"\nstruct {view.name}_view {{\n")
        parts += [f"    {f.c_type()} {f.name};\n" for f in view.fields.values()]
        parts.append("};\n")
        parts.append(f"void {view.name}_json(struct buf *out, const void *view);\n")
    return "".join(parts)


JSON_WRITERS = {"text": "json_text(out, v->{0})", "int": "buf_int(out, v->{0})",
                "time": "json_time(out, v->{0})", "real": "json_number(out, v->{0})",
                "id": "json_id(out, v->{0}.value)",
                "bool": 'buf_add(out, v->{0} ? S("true") : S("false"))'}


def views_source(choices, views):
    parts = [GENERATED, '#include "views.h"\n#include "platform/json/json.h"\n']
    for choice in choices:
        name = choice.name
        parts.append("\n" + choice_tables(name, choice.values, "") +
                     f"struct str {name}_label(struct str name)\n{{\n"
                     f"    for (size_t i = 0; {name}_names[i] != NULL; i++)\n"
                     f"        if (str_equal(name, str_from({name}_names[i])))\n"
                     f"            return str_from({name}_labels[i]);\n"
                     "    return name;\n}\n")
    for view in views:
        fields = [f for f in view.fields.values() if f.kind not in ("html", "url", "form")]
        parts.append(f"\nvoid {view.name}_json(struct buf *out, const void *view)\n{{\n")
        if fields:
            parts.append(f"    const struct {view.name}_view *v = view;\n")
        opening = "{"
        for f in fields:
            parts.append(f"    buf_add(out, S({c_text(opening + chr(34) + f.name + chr(34) + ':')}));\n")
            parts.append(json_field(f))
            opening = ","
        parts.append(f"    buf_add(out, S({c_text('{}' if not fields else '}')}));\n}}\n")
    return "".join(parts)


def json_field(field):
    if field.kind == "view":
        return f"    {field.target}_json(out, &v->{field.name});\n"
    if field.kind == "list":
        return (f"    buf_char(out, '[');\n"
                f"    for (size_t i = 0; i < v->{field.name}.count; i++) {{\n"
                f"        if (i > 0)\n            buf_char(out, ',');\n"
                f"        {field.target}_json(out, &v->{field.name}.items[i]);\n    }}\n"
                f"    buf_char(out, ']');\n")
    return f"    {JSON_WRITERS[field.kind].format(field.name)};\n"


# --- urls.h --------------------------------------------------------------------------------------

def urls_header(routes):
    parts = [GENERATED, "/* The URL of each route. Texts in a path are percent-encoded. */\n"
             '#pragma once\n#include "base/id.h"\n#include "ids.h"\n'
             '#include "platform/html/html.h"\n']
    parts += [url_builder(route) for route in routes]
    return "".join(parts)


def url_type(i):
    """A choice stands in a URL as its text, so that this header needs no room's enums."""
    return {"id": f"struct {i.id_struct}", "int": "int64_t"}.get(i.type, "struct str")


def url_builder(route):
    parameters = "".join(f", {url_type(i)} {i.name}" for i in route.path_inputs)
    head = f"\nstatic inline struct url url_{route.name}(struct arena *arena{parameters})\n{{\n"
    if not route.path_inputs:
        return f"{head}    return (struct url){{ S({c_text(route.path)}) }};\n}}\n"
    lines, literal = ["    struct buf out = { .arena = arena };\n"], ""
    for segment in path_segments(route.path):
        literal += "/"
        if not segment.startswith("{"):
            literal += segment
            continue
        i = route.input(segment[1:-1])
        lines.append(f"    buf_add(&out, S({c_text(literal)}));\n{url_part(i)}")
        literal = ""
    if literal:
        lines.append(f"    buf_add(&out, S({c_text(literal)}));\n")
    room = len(route.path) + 16 * len(route.path_inputs)
    lines.insert(1, f"    buf_reserve(&out, {room});\n")
    return f"{head}{''.join(lines)}    return (struct url){{ buf_str(&out) }};\n}}\n"


def url_part(i):
    if i.type == "id":
        return (f"    buf_reserve(&out, ID_TEXT_SIZE + 1);\n"
                f"    id_print({i.name}.value, out.data + out.size);\n"
                f"    out.size += ID_TEXT_SIZE;\n")
    if i.type == "int":
        return f"    buf_int(&out, {i.name});\n"
    return f"    html_url_part(&out, {i.name});\n"


# --- ROOM_routes.h -------------------------------------------------------------------------------

def room_header(room):
    parts = [GENERATED, '#pragma once\n#include "urls.h"\n#include "views.h"\n']
    for route in room.routes:
        parts.append(f"\n/* {route.method} {route.path}\n   {route.help} */\n")
        parts += [choice_enum(i.choice_name(route), choices(i)) for i in own_choices(route)]
        parts.append(input_struct(route))
        parts.append(field_enum(route))
        parts += route_prototypes(route)
    return "".join(parts)


def choices(i):
    """(name, label) pairs; the first stands for "none" where nothing need be chosen."""
    if i.required or i.default is not None or i.in_path:
        return i.values
    return [("", "None")] + i.values


def own_choices(route):
    return [i for i in route.inputs if i.type == "choice" and i.choice is None]


def choice_enum(name, values):
    names = ", ".join(f"{name}_{value or 'none'}".upper() for value, _ in values)
    return (f"enum {name} {{ {names} }};\n"
            f"extern const char *const {name}_names[]; /* as in URLs and JSON */\n")


def input_struct(route):
    members = "".join(f"    {i.c_type(route)} {i.name};\n" for i in route.inputs)
    return f"struct {route.name}_in {{\n{members or '    char nothing;' + chr(10)}}};\n"


def field_enum(route):
    if not route.inputs:
        return ""
    names = ", ".join(f"{route.name}_field_{i.name}".upper() for i in route.inputs)
    return f"enum {route.name}_field_name {{ {names} }};\n"


def route_prototypes(route):
    name = route.name
    yield f"extern const struct route {name}_route;\n"
    yield f"struct reply {name}(struct request *r, const struct {name}_in *in);\n"
    if route.prepare:
        yield f"bool {name}_prepare(struct request *r, const struct {name}_in *in);\n"
    if route.kind == "page":
        if route.answer:
            yield f"struct reply {name}_show(struct request *r, const struct {name}_view *view);\n"
        return
    view = f", const struct {route.answer}_view *view" if route.answer else ""
    yield (f"struct reply {name}_done(struct request *r, struct url location, const char *notice"
           f"{view});\n")
    yield f"struct {name}_in {name}_defaults(void); /* the declared defaults */\n"
    yield f"struct form_view {name}_form(struct request *r, struct {name}_in defaults);\n"
    if route.inputs:
        yield (f"struct form_field *{name}_field(struct form_view *form, "
               f"enum {name}_field_name field);\n")


# --- ROOM_routes.c -------------------------------------------------------------------------------

def room_source(room, numbers):
    parts = [GENERATED, f'#include "{room.name}_routes.h"\n']
    for route in room.routes:
        parts.append(f"\n/* --- {route.name} --- */\n")
        parts += [choice_tables(i.choice_name(route), choices(i), "static ") for i in own_choices(route)]
        parts.append(input_table(route))
        parts += thunks(route)
        parts.append(route_table(route, numbers[route.name]))
        parts += page_functions(route) if route.kind == "page" else command_functions(route)
    return "".join(parts)


def choice_tables(name, values, labels_are):
    names = ", ".join(c_text(value) for value, _ in values)
    labels = ", ".join(c_text(label) for _, label in values)
    return (f"const char *const {name}_names[] = {{ {names}, NULL }};\n"
            f"{labels_are}const char *const {name}_labels[] = {{ {labels}, NULL }};\n")


def input_table(route):
    if not route.inputs:
        return ""
    rows = ",\n".join(input_row(route, i) for i in route.inputs)
    return f"static const struct input {route.name}_inputs[] = {{\n{rows},\n}};\n"


def input_row(route, i):
    parts = [f".name = {c_text(i.name)}", f".type = INPUT_{i.type.upper()}"]
    if i.in_path:
        parts.append(".in_path = true")
    if i.required:
        parts.append(".required = true")
    parts += [f".min = {i.min}", f".max = {i.max}", f".label = {c_text(i.label)}"]
    if i.hint:
        parts.append(f".hint = {c_text(i.hint)}")
    if i.type == "choice":
        parts.append(f".choices = {i.choice_name(route)}_names")
        parts.append(f".choice_labels = {i.choice_name(route)}_labels")
    if i.default is not None:
        parts.append(f".fallback = {c_text(i.default)}")
    if i.autocomplete:
        parts.append(f".autocomplete = {c_text(i.autocomplete)}")
    if i.rows:
        parts.append(f".rows = {i.rows}")
    parts.append(f".offset = offsetof(struct {route.name}_in, {i.name})")
    return "    { " + ", ".join(parts) + " }"


def thunks(route):
    yield (f"static struct reply {route.name}_any(struct request *r, const void *in)\n{{\n"
           f"    return {route.name}(r, in);\n}}\n")
    if route.prepare:
        yield (f"static bool {route.name}_prepare_any(struct request *r, const void *in)\n{{\n"
               f"    return {route.name}_prepare(r, in);\n}}\n")


def flags(route):
    return [name for name, is_set in (("COMMAND", route.kind == "command"), ("API", route.api),
                                      ("PAGE", route.html), ("CREATES", route.creates),
                                      ("SLOW", route.slow), ("GUARDED", route.guarded)) if is_set]


def route_table(route, number):
    rows = [f".name = {c_text(route.name)}", f".path = {c_text(route.path)}",
            f".permission = {c_text(route.permission)}", f".scope = {c_text(route.scope)}",
            f".help = {c_text(route.help)}"]
    if route.campaigns and "{campaign_id}" in route.path:
        rows.append(f".campaigns = {c_text(route.campaigns)}")
    if route.event:
        rows.append(f".event = {c_text(route.event)}")
    if route.form:
        rows.append(f".form = {c_text(route.form)}")
    rows.append(".flags = " + " | ".join(f"ROUTE_{f}" for f in flags(route)))
    if route.rate[0]:
        rows.append(f".rate_count = {route.rate[0]}, .rate_seconds = {route.rate[1]}")
    if route.inputs:
        rows.append(f".inputs = {route.name}_inputs, .input_count = {len(route.inputs)}")
    rows.append(f".input_size = sizeof(struct {route.name}_in)")
    if route.prepare:
        rows.append(f".prepare = {route.name}_prepare_any")
    rows += [f".handle = {route.name}_any", f".number = {number}"]
    body = ",\n".join(f"    {row}" for row in rows)
    return f"const struct route {route.name}_route = {{\n{body},\n}};\n"


def page_functions(route):
    if not route.answer:
        return
    name = route.name
    html, writer = "NULL", f"{name}_json" if route.api else "NULL"
    if route.html:
        html = f"{name}_html"
        yield (f"void {name}_html(struct buf *out, struct request *r, const struct frame_view *frame,"
               f" const void *view);\n")
    yield (f"struct reply {name}_show(struct request *r, const struct {name}_view *view)\n{{\n"
           f"    return web_show(r, {html}, {writer}, view);\n}}\n")


def command_functions(route):
    name = route.name
    view = f", const struct {route.answer}_view *view" if route.answer else ""
    arguments = f"{route.answer}_json, view" if route.answer else "NULL, NULL"
    yield (f"struct reply {name}_done(struct request *r, struct url location, const char *notice"
           f"{view})\n{{\n    return web_done(r, location, notice, {arguments});\n}}\n")
    values = [f".{i.name} = {default_value(route, i)}" for i in route.inputs if i.default is not None]
    yield (f"struct {name}_in {name}_defaults(void)\n{{\n"
           f"    return (struct {name}_in){{ {', '.join(values)} }};\n}}\n")
    yield (f"struct form_view {name}_form(struct request *r, struct {name}_in defaults)\n{{\n"
           f"    return form_make(r, &{name}_route, &defaults);\n}}\n")
    if route.inputs:
        yield (f"struct form_field *{name}_field(struct form_view *form, "
               f"enum {name}_field_name field)\n{{\n    return &form->fields[field];\n}}\n")


def default_value(route, i):
    if i.type == "choice":
        return f"{i.choice_name(route)}_{i.default}".upper()
    if i.type in ("int", "bool"):
        return i.default
    if i.type in ("time", "id", "file", "fields"):
        raise declarations.DeclarationError(
            f"{route.room.file}: {route.name} in.{i.name}: a {i.type} has no default")
    return f"S({c_text(i.default)})"


# --- routes_all.c, routes.json -------------------------------------------------------------------

def routes_all_source(rooms, routes, document):
    includes = "".join(f'#include "{room.name}_routes.h"\n' for room in rooms)
    pointers = "".join(f"    &{route.name}_route,\n" for route in routes) or "    NULL,\n"
    lines = "\n".join(f"    {c_text(line)}" for line in document.splitlines(keepends=True))
    return (GENERATED + (includes or '#include "platform/web/web.h"\n') +
            f"\nconst struct route *const routes[] = {{\n{pointers}}};\n"
            f"const unsigned route_count = {len(routes)};\n\n"
            '#pragma GCC diagnostic ignored "-Woverlength-strings"\n'
            f"static const char document[] =\n{lines};\n"
            "const struct str openapi_document = { document, sizeof document - 1 };\n")


def listed(route):
    """A route as tests and tools read it."""
    return {
        "name": route.name, "kind": route.kind, "method": route.method, "path": route.path,
        "room": route.room.name, "permission": route.permission, "scope": route.scope,
        "campaigns": route.campaigns,
        "help": route.help, "event": route.event, "form": route.form, "answer": route.answer,
        "html": route.html, "api": route.api, "creates": route.creates, "prepare": route.prepare,
        "rate": {"count": route.rate[0], "seconds": route.rate[1]} if route.rate[0] else None,
        "inputs": [{"name": i.name, "type": i.type, "in_path": i.in_path, "required": i.required,
                    "min": i.min, "max": i.max, "label": i.label, "id": i.id_struct,
                    "values": [name for name, _ in i.values], "default": i.default}
                   for i in route.inputs],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
