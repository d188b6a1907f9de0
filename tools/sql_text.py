"""Reading the project's .sql files: marked blocks, named queries, parameters.

The formats are described in docs/architecture.md, section SQL. Everything here works on text
alone; sql_check.py asks SQLite what the text means.
"""

import dataclasses
import pathlib
import re


class Mistake(Exception):
    """Something a person has to change in a file; shown as FILE:LINE: message."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")


TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")*")'
    r"|(?P<remark>--[^\n]*)"
    r"|/\*(?P<store>sqlite|postgres)\b(?P<block>.*?)\*/"
    r"|(?P<comment>/\*.*?\*/)"
    r"|(?P<cast>::)"
    r"|:(?P<param>[A-Za-z_]\w*)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


def newlines(text):
    return "\n" * text.count("\n")


def for_store(text, store):
    """The text as `store` sees it: its blocks opened, all comments gone, lines kept."""

    def replace(match):
        if match["store"]:
            return for_store(match["block"], store) if match["store"] == store else newlines(match[0])
        if match["remark"] is not None or match["comment"] is not None:
            return " " + newlines(match[0])
        return match[0]

    return TOKEN.sub(replace, text)


def placeholders(text, sign, numbers):
    """One line of SQL with :name replaced by sign + number; new names are added to `numbers`
    (name -> (number, offset of first use))."""
    out = []
    for match in TOKEN.finditer(text):
        if match["param"]:
            name = match["param"]
            if name not in numbers:
                numbers[name] = (len(numbers) + 1, match.start())
            out.append(f"{sign}{numbers[name][0]}")
        elif match["space"]:
            out.append(" ")
        else:
            out.append(match[0])
    return "".join(out).strip()


@dataclasses.dataclass
class Query:
    name: str
    kind: str  # one, many, exec, send
    path: pathlib.Path
    line: int
    remarks: list
    types: dict  # name -> (type, line)
    sqlite: str = ""
    postgres: str = ""
    params: dict = dataclasses.field(default_factory=dict)  # name -> line
    columns: list = dataclasses.field(default_factory=list)  # (name, type), by sql_check


HEAD = re.compile(r"--\s*query:\s*(.*)")
HEAD_RIGHT = re.compile(r"([a-z]\w*)\s+(one|many|exec|send)\s*$")
TYPES = re.compile(r"--\s*types:\s*(.*)")
CLOCK = re.compile(r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|RANDOM|NOW|DATETIME|JULIANDAY"
                   r"|STRFTIME|UNIXEPOCH|CLOCK_TIMESTAMP)\b(?=\s*\(|\s|$)", re.IGNORECASE)


# What PostgreSQL reserves; SQLite would take most of them as names.
RESERVED = set("""all analyse analyze and any array as asc asymmetric both case cast check collate column
    constraint create current_catalog current_date current_role current_time current_timestamp
    current_user default deferrable desc distinct do else end except false fetch for foreign from
    grant group having in initially intersect into lateral leading limit localtime localtimestamp
    not null offset on only or order placing primary references returning select session_user some
    symmetric table then to trailing true union unique user using variadic when where window
    with""".split())


def read_queries(path):
    """All queries of one .sql file, with both stores' texts and the parameters' lines."""
    found = []
    body = []  # lines of the query being read
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        head = HEAD.match(line.strip())
        if head:
            finish(found, body)
            body = []
            right = HEAD_RIGHT.match(head[1])
            if not right:
                raise Mistake(path, number, "write `-- query: NAME one|many|exec|send`")
            found.append(Query(right[1], right[2], path, number, [], {}))
        elif not found:
            if line.strip() and not line.strip().startswith("--"):
                raise Mistake(path, number, "SQL before the first `-- query: NAME one|many|exec|send`")
        else:
            body.append((number, read_remark(found[-1], body, number, line)))
    finish(found, body)
    return found


def read_remark(query, body, number, line):
    """Takes `-- types:` and the comment under the head; returns what is SQL."""
    text = line.strip()
    types = TYPES.match(text)
    if types:
        words = types[1].replace(",", " ").split()
        if len(words) % 2 != 0:
            raise Mistake(query.path, number, "write `-- types: NAME TYPE NAME TYPE …`")
        for name, kind in zip(words[::2], words[1::2]):
            query.types[name] = (kind, number)
        return ""
    if text.startswith("--") and not any(sql.strip() for _, sql in body):
        query.remarks.append(text[2:].strip())
        return ""
    return line


def finish(found, body):
    if not found:
        return
    query = found[-1]
    text = "\n".join(line for _, line in body)
    numbers = {}
    for store, sign in (("sqlite", "?"), ("postgres", "$")):
        seen = for_store(text, store)
        before = set(numbers)
        one = placeholders(seen, sign, numbers)
        for name in numbers.keys() - before:
            line = body[0][0] + seen.count("\n", 0, numbers[name][1])
            query.params[name] = line
        setattr(query, store, check_statement(query, store, one))
    query.params = {name: query.params[name] for name in numbers}


def check_statement(query, store, text):
    """One statement, without its semicolon, that asks neither for the clock nor for chance."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", text)
    if not bare.strip(" ;"):
        raise Mistake(query.path, query.line, f"query {query.name} has no SQL for {store}")
    if ";" in bare.rstrip(" ;"):
        raise Mistake(query.path, query.line, f"query {query.name} has more than one statement")
    for name in re.findall(r"\bAS\s+([a-z_]+)\b", bare, re.IGNORECASE):
        if name.lower() in RESERVED - {"not"}:  # AS NOT MATERIALIZED
            raise Mistake(query.path, query.line, f"query {query.name}: the name {name} is reserved "
                          "in PostgreSQL")
    clock = CLOCK.search(bare)
    if clock:
        raise Mistake(query.path, query.line, f"query {query.name} uses {clock[0]}: times and "
                      "chance are parameters (:now)")
    adds = re.match(r"\s*INSERT\b", bare, re.IGNORECASE)  # gives back no more than was given
    if query.kind == "many" and not adds and not re.search(r"\bLIMIT\b", bare, re.IGNORECASE):
        raise Mistake(query.path, query.line, f"query {query.name} is `many` without a LIMIT")
    return text.rstrip(" ;")
