#!/usr/bin/python3
"""Named queries of all rooms' .sql files, compiled to typed C functions.

    sqlgen.py outputs [--set NAME] ROOM_FOLDER …            the names of the files it will write
    sqlgen.py make    [--set NAME] --out FOLDER --depfile FILE [--root FOLDER]
                      [--migrations FOLDER] [--first-number N] ROOM_FOLDER …

Room folders hold NAME_schema.sql and NAME.sql, in the order the schema is made. Formats and rules:
docs/architecture.md, section SQL. `--set NAME` makes a second, separate set (tests' own rooms):
its names begin with NAME instead of `sql`, its query numbers start at --first-number.
"""

import argparse
import pathlib
import re
import sys

import sql_check
import sql_text
from sql_text import Mistake

C_TYPES = {"int": "int64_t", "time": "int64_t", "bool": "bool", "real": "double",
           "text": "struct str", "bytes": "struct str"}
SQL_TYPES = {"int": "SQL_INT", "time": "SQL_INT", "bool": "SQL_BOOL", "real": "SQL_REAL",
             "text": "SQL_TEXT", "bytes": "SQL_BYTES"}


def c_type(kind):
    return C_TYPES.get(kind) or f"struct {kind}"


def c_text(text):
    """A C string literal, one piece per line of the text."""
    def escape(piece):
        piece = piece.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return re.sub(r"\?(?=\?)", "?\\\\", piece)  # no trigraphs
    pieces = text.splitlines(keepends=True) or [""]
    return "\n    ".join(f'"{escape(piece)}"' for piece in pieces)


# --- What is read ----------------------------------------------------------------------------


def schema_files(folders):
    return [path for folder in folders for path in sorted(folder.glob("*_schema.sql"))]


def query_files(folders):
    found = [path for folder in folders for path in sorted(folder.glob("*.sql"))
             if not path.name.endswith("_schema.sql")]
    names = [path.name for path in found]
    for path in found:
        if names.count(path.name) > 1:
            raise Mistake(path, 1, "another room has a file of this name")
    return found


def read_migrations(folder):
    """[(number, name, text)] in order, without gaps."""
    found = []
    for path in sorted(folder.glob("*.sql")) if folder else []:
        match = re.fullmatch(r"(\d{4})_[a-z0-9_]+", path.stem)
        if not match:
            raise Mistake(path, 1, "name a migration NNNN_what_it_does.sql")
        if int(match[1]) != len(found) + 1:
            raise Mistake(path, 1, f"migrations are numbered without gaps; expected "
                          f"{len(found) + 1:04}_….sql")
        found.append((int(match[1]), path.stem, path.read_text(encoding="utf-8")))
    return found


def read_all(folders):
    """The schema, and {path: queries} with every query checked."""
    schema = sql_check.Schema()
    for path in schema_files(folders):
        schema.load(path)
    schema.settle()
    rooms, seen = {}, {}
    for path in query_files(folders):
        rooms[path] = sql_text.read_queries(path)
        for query in rooms[path]:
            if query.name in seen or query.name in schema.ids:
                where = seen.get(query.name, "the id type of that name")
                raise Mistake(path, query.line, f"the name {query.name} is taken: {where}")
            seen[query.name] = f"{path}:{query.line}"
            schema.check(query)
    return schema, rooms


# --- What is written -------------------------------------------------------------------------


def struct(name, fields):
    lines = [f"    {c_type(kind)} {field};" for field, kind in fields]
    return f"struct {name} {{\n" + "\n".join(lines) + "\n};\n"


def prototype(query):
    params = f", struct {query.name} params" if query.params else ""
    if query.kind in ("exec", "send"):
        return f"{'int64_t' if query.kind == 'exec' else 'void'} {query.name}(struct sql *db{params})"
    if query.kind == "one":
        return f"bool {query.name}(struct sql *db{params}, struct {query.name}_row *row)"
    return f"size_t {query.name}(struct sql *db{params}, struct {query.name}_row **rows)"


def header(source, ids, queries):
    out = [f"/* Made by tools/sqlgen.py from {source}: do not edit. */\n#pragma once\n"
           f'#include "{ids}"\n#include "platform/sql/sql.h"\n']
    for query in queries:
        remark = "\n   ".join(query.remarks).replace("*/", "* /") or query.name
        parts = [f"/* {remark} */\n"]
        if query.params:
            parts.append(struct(query.name, query.params.items()))
        if query.columns:
            parts.append(struct(query.name + "_row", query.columns))
        out.append("".join(parts) + prototype(query) + ";\n")
    return "\n".join(out)


def fields_table(name, owner, fields):
    rows = [f'    {{ .name = "{field}", .type = {SQL_TYPES.get(kind, "SQL_INT")}, '
            f".offset = offsetof(struct {owner}, {field}) }}," for field, kind in fields]
    return f"static const struct sql_field {name}[] = {{\n" + "\n".join(rows) + "\n};\n"


def query_code(query, number):
    out = []
    parts = [f'.name = "{query.name}"', f".sqlite = {c_text(query.sqlite)}",
             f".postgres = {c_text(query.postgres)}", f".number = {number}"]
    if query.params:
        out.append(fields_table(f"{query.name}_params", query.name, query.params.items()))
        parts += [f".params = {query.name}_params", f".param_count = {len(query.params)}"]
    if query.columns:
        out.append(fields_table(f"{query.name}_columns", f"{query.name}_row", query.columns))
        parts += [f".columns = {query.name}_columns", f".column_count = {len(query.columns)}",
                  f".row_size = sizeof(struct {query.name}_row)"]
    body = ",\n    ".join(parts)
    out.append(f"extern const struct sql_query {query.name}_query;\n"
               f"const struct sql_query {query.name}_query = {{\n    {body},\n}};\n")
    given = "&params" if query.params else "NULL"
    call = {"exec": f"return sql_exec(db, &{query.name}_query, {given})",
            "send": f"sql_send(db, &{query.name}_query, {given})",
            "one": f"return sql_one(db, &{query.name}_query, {given}, row)",
            "many": f"return sql_many(db, &{query.name}_query, {given}, (void **)rows)"}[query.kind]
    out.append(f"{prototype(query)}\n{{\n    {call};\n}}\n")
    return "\n".join(out)


def source_code(source, room, queries, first):
    out = [f"/* Made by tools/sqlgen.py from {source}: do not edit. */\n#include \"{room}.sql.h\"\n"]
    out += [query_code(query, first + i) for i, query in enumerate(queries)]
    return "\n".join(out)


def ids_header(schema):
    out = ["/* Made by tools/sqlgen.py from the schemas: one type for each table's id. */\n"
           "#pragma once\n#include <stdint.h>\n"]
    out += [f"struct {name} {{\n    int64_t value;\n}};" for name in sorted(schema.ids)]
    return "\n".join(out) + "\n"


def all_code(prefix, rooms, schema_text, migrations):
    queries = [query for found in rooms.values() for query in found]
    out = ["/* Made by tools/sqlgen.py: all queries, migrations and the schema. */\n"
           '#include "platform/sql/sql.h"\n']
    if prefix != "sql":
        out.append(f"extern const unsigned {prefix}_query_count, {prefix}_migration_count;\n"
                   f"extern const struct sql_query *const {prefix}_queries[];\n"
                   f"extern const struct sql_migration {prefix}_migrations[];\n"
                   f"extern const char {prefix}_schema_text[];\n")
    out += [f"extern const struct sql_query {query.name}_query;" for query in queries]
    listed = "".join(f"    &{query.name}_query,\n" for query in queries)
    out.append(f"\nconst unsigned {prefix}_query_count = {len(queries)};\n"
               f"const struct sql_query *const {prefix}_queries[] = {{\n{listed}    NULL,\n}};\n")
    steps = "".join(f'    {{ .number = {number}, .name = "{name}",\n'
                    f"      .text = {c_text(text)} }},\n" for number, name, text in migrations)
    out.append(f"const unsigned {prefix}_migration_count = {len(migrations)};\n"
               f"const struct sql_migration {prefix}_migrations[] = {{\n{steps}    {{ 0 }},\n}};\n")
    out.append(f"const char {prefix}_schema_text[] =\n    {c_text(schema_text)};\n")
    return "\n".join(out)


def write_changed(path, text):
    """Leaves an unchanged file alone, so that nothing is compiled again for nothing."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def output_names(prefix, paths):
    start = "" if prefix == "sql" else prefix + "_"
    names = [f"{start}ids.h", f"{prefix}_all.c"]
    for path in paths:
        names += [f"{path.stem}.sql.h", f"{path.stem}.sql.c"]
    return names


def make(options, folders):
    schema, rooms = read_all(folders)
    prefix = options.set
    names = output_names(prefix, rooms)
    files = {names[0]: ids_header(schema)}
    number = options.first_number
    for path, queries in rooms.items():
        source = path.relative_to(options.root) if path.is_relative_to(options.root) else path
        files[f"{path.stem}.sql.h"] = header(source, names[0], queries)
        files[f"{path.stem}.sql.c"] = source_code(source, path.stem, queries, number)
        number += len(queries)
    text = "\n".join(path.read_text(encoding="utf-8") for path in schema_files(folders))
    files[names[1]] = all_code(prefix, rooms, text, read_migrations(options.migrations))
    if options.expect and set(options.expect.split(",")) != set(names):
        raise SystemExit("sqlgen: .sql files came or went; run `meson setup --reconfigure BUILD`")
    for name, content in files.items():
        write_changed(options.out / name, content)
    if options.depfile:
        write_depfile(options, names[0], folders)


def write_depfile(options, target, folders):
    """What was read; folders too, so that a new file in one is noticed."""
    tools = pathlib.Path(__file__).resolve().parent
    read = [*folders, *schema_files(folders), *query_files(folders), *sorted(tools.glob("sql*.py"))]
    if options.migrations and options.migrations.is_dir():
        read += [options.migrations, *sorted(options.migrations.glob("*.sql"))]
    paths = " \\\n  ".join(str(path.resolve()).replace(" ", "\\ ") for path in read)
    options.depfile.write_text(f"{options.out / target}: \\\n  {paths}\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["outputs", "make"])
    parser.add_argument("--set", default="sql")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--depfile", type=pathlib.Path)
    parser.add_argument("--migrations", type=pathlib.Path)
    parser.add_argument("--first-number", type=int, default=0)
    parser.add_argument("--expect", help="the outputs the build system knows of")
    parser.add_argument("rooms", nargs="*")
    options = parser.parse_intermixed_args()
    folders = [options.root / room for room in options.rooms]
    try:
        if options.what == "outputs":
            print("\n".join(output_names(options.set, query_files(folders))))
        else:
            make(options, folders)
    except Mistake as mistake:
        sys.exit(str(mistake))


if __name__ == "__main__":
    main()
