"""What SQLite says about the schema and the queries: tables, columns, types.

The queries are prepared, never run, with the same library the program uses (through ctypes, for
Python's own sqlite3 module cannot prepare without running).
"""

import ctypes
import re

from sql_text import RESERVED, Mistake, for_store

COLUMN_TYPES = {"BIGINT": "int", "INTEGER": "bool", "TEXT": "text", "BYTEA": "bytes",
                "DOUBLE PRECISION": "real"}
PLAIN_TYPES = {"int", "bool", "real", "text", "bytes", "time"}
PARAMS_MAX = 64  # as in src/platform/sql/postgres_query.c
KNOWN_PARAMS = {"limit": "int", "offset": "int", "now": "time"}
C_WORDS = set("auto break case char const continue default do double else enum extern float for "
              "goto if inline int long register restrict return short signed sizeof static struct "
              "switch typedef union unsigned void volatile while bool true false".split())


class Sqlite:
    """The few calls of SQLite's C interface that are needed, on a database in memory."""

    def __init__(self):
        try:
            self.lib = ctypes.CDLL("libsqlite3.so.0")
        except OSError as error:
            raise SystemExit(f"sqlgen: SQLite's library is missing (libsqlite3-0): {error}")
        for name in ("errmsg", "column_name", "column_decltype", "column_text",
                     "column_origin_name"):
            getattr(self.lib, "sqlite3_" + name).restype = ctypes.c_char_p
        self.db = ctypes.c_void_p()
        self.lib.sqlite3_open(b":memory:", ctypes.byref(self.db))

    def error(self):
        return self.lib.sqlite3_errmsg(self.db).decode()

    def prepare(self, text):
        """(statement, offset behind it); (None, …) for white space; raises ValueError."""
        statement, tail = ctypes.c_void_p(), ctypes.c_char_p()
        raw = ctypes.create_string_buffer(text.encode())
        result = self.lib.sqlite3_prepare_v2(self.db, raw, -1, ctypes.byref(statement),
                                             ctypes.byref(tail))
        if result != 0:
            raise ValueError(self.error())
        rest = len(tail.value or b"")
        return (statement if statement.value else None), len(raw.value) - rest

    def columns(self, statement):
        """(name, declared type, name in its table) of each result column."""
        answer = []
        for i in range(self.lib.sqlite3_column_count(statement)):
            values = [getattr(self.lib, "sqlite3_" + what)(statement, i)
                      for what in ("column_name", "column_decltype", "column_origin_name")]
            answer.append(tuple(v.decode() if v else "" for v in values))
        return answer

    def run(self, text):
        """Runs one statement; the rows as lists of texts, and the offset behind the statement."""
        statement, end = self.prepare(text)
        rows = []
        if statement is not None:
            while (result := self.lib.sqlite3_step(statement)) == 100:
                count = self.lib.sqlite3_column_count(statement)
                rows.append([(self.lib.sqlite3_column_text(statement, i) or b"").decode()
                             for i in range(count)])
            message = self.error()
            self.lib.sqlite3_finalize(statement)
            if result != 101:
                raise ValueError(message)
        return rows, end


class Schema:
    """All rooms' tables; what each column name means."""

    def __init__(self):
        self.sqlite = Sqlite()
        self.types = {}  # column name -> (type, path, line)
        self.ids = set()
        self.tables = {}  # name -> (path, text of its file)
        self.columns = []  # (table, column, declared type, path, line, the id it is)

    def load(self, path):
        text = path.read_text(encoding="utf-8")
        plain = for_store(text, "sqlite")
        late = re.search(r"\bDEFERR(ABLE|ED)\b", plain, re.IGNORECASE)
        if late:  # it would fail at COMMIT, where it takes its neighbours along
            raise Mistake(path, 1 + plain.count("\n", 0, late.start()),
                          "a constraint may not be DEFERRABLE")
        raw, at = plain.encode(), 0
        while raw[at:].strip():
            line = 1 + plain.count("\n", 0, len(raw[:at].decode()))
            line += len(re.match(r"\s*", raw[at:].decode())[0].split("\n")) - 1
            try:
                _, end = self.sqlite.run(raw[at:].decode())
            except ValueError as error:
                raise Mistake(path, line, str(error)) from None
            at += end
        self.read_tables(path, text)

    def read_tables(self, path, text):
        rows, _ = self.sqlite.run("SELECT name FROM pragma_table_list WHERE type = 'table' "
                                  "AND name NOT LIKE 'sqlite_%' ORDER BY name")
        for (table,) in rows:
            if table in self.tables:
                continue
            self.tables[table] = path
            begin = re.search(rf"CREATE\s+TABLE\s+\"?{table}\b", text, re.IGNORECASE)
            first = text.count("\n", 0, begin.start()) + 1 if begin else 1
            lines = text.splitlines()
            info, _ = self.sqlite.run(f"PRAGMA table_info(\"{table}\")")
            for _, column, kind, not_null, _, key in info:
                line = first
                while line < len(lines) and not re.search(rf"\b{column}\s+[A-Z]", lines[line - 1]):
                    line += 1
                note = re.search(r"--.*\bis (\w+_id)\b", lines[line - 1])
                if not_null != "1" and key == "0":
                    raise Mistake(path, line, f"{table}.{column} must be NOT NULL; "
                                  "absence is 0 or ''")
                self.columns.append((table, column, kind, path, line, note and note[1]))

    def settle(self):
        """Gives each column name its type, once all rooms are loaded."""
        self.ids = {column for table, column, kind, *_ in self.columns
                    if kind == "BIGINT" and column == table + "_id"}
        for table, column, kind, path, line, note in self.columns:
            mine = self.column_type(table, column, kind, path, line, note)
            known = self.types.setdefault(column, (mine, path, line))
            if known[0] != mine:
                raise Mistake(path, line, f"{table}.{column} is {mine}, but {column} is {known[0]} "
                              f"in {known[1]}:{known[2]}; columns of one name have one type")

    def column_type(self, table, column, kind, path, line, note):
        if column in C_WORDS:
            raise Mistake(path, line, f"{table}.{column} is a word of C; name it otherwise")
        for name in {table, column} & RESERVED:
            raise Mistake(path, line, f"{table}.{column}: the name {name} is reserved in PostgreSQL")
        if kind not in COLUMN_TYPES:
            raise Mistake(path, line, f"{table}.{column} has type {kind or 'none'}; use "
                          + ", ".join(COLUMN_TYPES))
        if kind != "BIGINT":
            return COLUMN_TYPES[kind]
        if note or column.endswith("_id"):
            return self.id_type(note or column, path, line, f"{table}.{column}")
        return "time" if column.endswith("_at") else "int"

    def id_type(self, name, path, line, what):
        if name not in self.ids:
            raise Mistake(path, line, f"{what}: there is no table {name[:-3]} with a column {name} "
                          "BIGINT; if it holds another id, say so behind it: -- is person_id")
        return name

    # --- queries ---------------------------------------------------------------------------

    def check(self, query):
        """Prepares the query; fills types of its parameters and columns."""
        try:
            statement, _ = self.sqlite.prepare(query.sqlite)
        except ValueError as error:
            raise Mistake(query.path, query.line, f"query {query.name}: {error}") from None
        if len(query.params) > PARAMS_MAX:
            raise Mistake(query.path, query.line, f"query {query.name} has more than {PARAMS_MAX} "
                          "parameters")
        columns = self.sqlite.columns(statement)
        self.sqlite.lib.sqlite3_finalize(statement)
        gives_rows = query.kind in ("one", "many")
        if columns and not gives_rows:
            raise Mistake(query.path, query.line, f"query {query.name} gives rows; it is `one` or "
                          f"`many`, not `{query.kind}`")
        if gives_rows and not columns:
            raise Mistake(query.path, query.line, f"query {query.name} gives no rows; it is `exec`")
        unused = set(query.types) - set(query.params) - {name for name, *_ in columns}
        for name in unused:
            raise Mistake(query.path, query.types[name][1], f"types: {name} is neither a parameter "
                          f"nor a column of {query.name}")
        for name, line in query.params.items():
            query.params[name] = self.param_type(query, name, line)
        query.columns = [(name, self.result_type(query, name, declared, origin))
                         for name, declared, origin in columns]
        names = [name for name, _ in query.columns]
        for name in {n for n in names if names.count(n) > 1}:
            raise Mistake(query.path, query.line, f"query {query.name} gives two columns {name}; "
                          "rename one with AS")

    def named_type(self, query, name):
        """The type that `-- types:` or the schema gives to the name, or None."""
        if name in query.types:
            kind, line = query.types[name]
            if kind in PLAIN_TYPES:
                return kind
            if not kind.endswith("_id"):
                raise Mistake(query.path, line, f"types: {kind} is no type; use "
                              + ", ".join(sorted(PLAIN_TYPES)) + " or an id as person_id")
            return self.id_type(kind, query.path, line, f"types: {name}")
        return self.types[name][0] if name in self.types else None

    def param_type(self, query, name, line):
        if name in C_WORDS:
            raise Mistake(query.path, line, f":{name} is a word of C; name it otherwise")
        kind = self.named_type(query, name) or KNOWN_PARAMS.get(name)
        if kind is None and name in self.ids:
            kind = name
        if kind is None and name.endswith("_at"):
            kind = "time"
        if kind is None:
            raise Mistake(query.path, line, f"query {query.name}: no column is named {name}; give "
                          f"the parameter its type: -- types: {name} "
                          "int|bool|real|text|bytes|time|X_id")
        return kind

    def result_type(self, query, name, declared, origin):
        if not re.fullmatch(r"[a-z]\w*", name) or name in C_WORDS:
            raise Mistake(query.path, query.line, f"query {query.name}: name the column {name!r} "
                          "with AS (lower case, no word of C)")
        kind = self.named_type(query, name)
        source = self.types.get(origin, (None,))[0] if declared else None
        if kind is None:
            kind = source
        if kind is None:
            raise Mistake(query.path, query.line, f"query {query.name}: no column of a table is "
                          f"named {name}; give its type: -- types: {name} "
                          "int|bool|real|text|bytes|time|X_id")
        if source is not None and name not in query.types and source != kind:
            raise Mistake(query.path, query.line, f"query {query.name}: column {name} is {kind} in "
                          f"the schema, but here it holds {origin}, which is {source}")
        return kind
