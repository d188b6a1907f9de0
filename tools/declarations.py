"""Reads and checks what the rooms declare in their *_routes.toml: pages, commands, choices and views.

    declarations = load([Path("src/kinds/idea"), ...])

Every generator that needs routes or views imports this module, so that all of them agree on defaults
and a mistake is reported once, with the file and the key. The format is described in
docs/architecture.md, "Routes and views".
"""
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

INPUT_TYPES = ("line", "text", "markdown", "email", "password", "int", "bool", "choice", "time", "id",
               "token", "colour", "file", "fields")
SCOPES = ("read", "participate", "moderate", "manage")
RESERVED_INPUTS = ("csrf", "idempotency_key")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
# Types whose size a person decides must say how much they take; the others have a natural bound.
NEEDS_MAX = ("line", "text", "markdown", "file", "fields")
LIMITS = {"email": (0, 254), "password": (0, 200), "token": (0, 200), "colour": (7, 7),
          "int": (0, 2 ** 53 - 1)}
C_WORDS = set("""auto bool break case char const continue default do double else enum extern false
    float for goto if inline int long register restrict return short signed sizeof static struct
    switch true typedef union unsigned void volatile while asm typeof""".split())
SCALARS = {"text": "struct str", "int": "int64_t", "time": "int64_t", "bool": "bool",
           "real": "double", "html": "struct html", "url": "struct url"}


class DeclarationError(Exception):
    """A mistake in a declaration: `file: [table] key: what is wrong`."""


@dataclass
class Input:
    name: str
    type: str                    # one of INPUT_TYPES
    label: str
    hint: str = ""
    min: int = 0
    max: int = 0
    required: bool = True
    in_path: bool = False
    values: list = field(default_factory=list)   # choice: (name, label)
    choice: str | None = None    # choice: the [choice.*] that lends its values
    default: str | None = None   # as text
    autocomplete: str | None = None
    rows: int = 0                # 0: the form decides
    id_struct: str | None = None # id: "category_id" of struct category_id

    def c_type(self, route):
        """The C type of the member in `struct ROUTE_in`."""
        if self.type == "id":
            return f"struct {self.id_struct}"
        if self.type == "choice":
            return f"enum {self.choice_name(route)}"
        return {"int": "int64_t", "time": "int64_t", "bool": "bool",
                "file": "struct http_upload"}.get(self.type, "struct str")

    def choice_name(self, route):
        """What a choice's enum, names and labels are called."""
        return self.choice or f"{route.name}_{self.name}"


@dataclass
class Route:
    name: str
    kind: str                    # "page" or "command"
    room: "Room"
    path: str
    permission: str
    scope: str
    help: str
    html: bool                   # shown as a page (or taken from a form)
    api: bool                    # under /api/v1
    event: str | None = None
    form: str | None = None      # the page shown again with problems
    answer: str | None = None    # the view in the API's answer; of a page: the page's own view
    produces: str | None = None  # content type of a page without a view: a file
    rate: tuple = (0, 0)         # count, seconds; (0, 0): the site's default
    guarded: bool = False        # command: see sql_command.guarded
    campaigns: str | None = None # only for campaigns of this kind; None: for any
    prepare: bool = False
    slow: bool = False           # a page that takes milliseconds
    creates: bool = False
    inputs: list = field(default_factory=list)   # path inputs in the path's order, then `in`'s

    @property
    def path_inputs(self):
        return [i for i in self.inputs if i.in_path]

    @property
    def method(self):
        return "GET" if self.kind == "page" else "POST"

    def input(self, name):
        return next((i for i in self.inputs if i.name == name), None)


@dataclass
class Choice:
    """One that several routes offer, or that is shown apart from a form."""
    name: str
    room: "Room"
    values: list                 # (name, label)


@dataclass
class Field:
    name: str
    kind: str                    # id text int time bool real html url view list form
    target: str | None = None    # id: "idea_id"; view and list: the view; form: the command

    def c_type(self):
        """The C type of the member in `struct VIEW_view`."""
        if self.kind == "id":
            return f"struct {self.target}"
        if self.kind == "view":
            return f"struct {self.target}_view"
        if self.kind == "list":
            return f"struct {self.target}_list"
        return "struct form_view" if self.kind == "form" else SCALARS[self.kind]


@dataclass
class View:
    name: str
    room: "Room"
    fields: dict                 # name: Field, in the order of the file


@dataclass
class Room:
    name: str                    # "idea"
    folder: Path                 # src/kinds/idea
    file: Path                   # src/kinds/idea/idea_routes.toml; need not exist
    routes: list = field(default_factory=list)
    views: list = field(default_factory=list)

    @property
    def pages(self):
        return self.folder / "pages"


@dataclass
class Declarations:
    rooms: list
    routes: dict                 # name: Route
    choices: dict                # name: Choice
    views: dict                  # name: View, each after those it holds by value


def load(folders):
    """All rooms' declarations, checked alone and against each other."""
    rooms, routes, choices, views = [], {}, {}, {}
    for folder in map(Path, folders):
        room = Room(folder.name, folder, folder / f"{folder.name}_routes.toml")
        rooms.append(room)
        if room.file.exists():
            _read_room(room, routes, choices, views)
    for view in views.values():
        _check_view(view, views, routes)
    for route in routes.values():
        _check_route(route, views, routes)
        _settle_choices(route, choices)
    return Declarations(rooms, routes, choices, _ordered(views))


def _fail(room, key, message):
    raise DeclarationError(f"{room.file}: {key}: {message}")


def _read_room(room, routes, choices, views):
    try:
        data = tomllib.loads(room.file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{room.file}: {error}") from None
    campaigns = data.pop("campaigns", None)
    if campaigns is not None and not isinstance(campaigns, str):
        _fail(room, "campaigns", "must be the name of a kind")
    for kind in data:
        if kind not in ("page", "command", "choice", "view"):
            _fail(room, f"[{kind}]", "unknown table; there are [page.*], [command.*], [choice.*] and [view.*]")
    for kind in ("page", "command"):
        for name, table in data.get(kind, {}).items():
            route = _read_route(room, kind, name, table, campaigns)
            if name in routes:
                _fail(room, f"[{kind}.{name}]", f"declared in {routes[name].room.file} too")
            routes[name] = route
            room.routes.append(route)
    for name, table in data.get("choice", {}).items():
        key = f"[choice.{name}]"
        _check_name(room, key, name)
        if not isinstance(table, dict) or not table:
            _fail(room, key, "must be a table with at least one value")
        if name in choices:
            _fail(room, key, f"declared in {choices[name].room.file} too")
        choices[name] = Choice(name, room, _read_values(room, key, table))
    for name, table in data.get("view", {}).items():
        view = _read_view(room, name, table)
        if name in views:
            _fail(room, f"[view.{name}]", f"declared in {views[name].room.file} too")
        views[name] = view
        room.views.append(view)


def _check_name(room, key, name):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in C_WORDS:
        _fail(room, key, f"{name!r} is no name: lower-case letters, digits and _, and no word of C")


class _Table:
    """A TOML table whose keys are taken one by one; what is left over at the end is unknown."""

    def __init__(self, room, key, table):
        if not isinstance(table, dict):
            _fail(room, key, "must be a table")
        self.room, self.key, self.rest = room, key, dict(table)
        self.known = []

    def take(self, name, kind, default=None, required=False):
        self.known.append(name)
        if name not in self.rest:
            if required:
                _fail(self.room, self.key, f"{name} is missing")
            return default
        value = self.rest.pop(name)
        is_bool = isinstance(value, bool)
        if not isinstance(value, kind) or (is_bool and kind is int):
            _fail(self.room, self.key, f"{name} must be {_kind_name(kind)}, not {value!r}")
        return value

    def end(self):
        for name in self.rest:
            _fail(self.room, self.key, f"unknown key {name!r}; there are {', '.join(self.known)}")


def _kind_name(kind):
    return {str: "text", int: "a whole number", bool: "true or false", dict: "a table"}.get(
        kind, "a table or a list")


def _read_route(room, kind, name, table, campaigns):
    key = f"[{kind}.{name}]"
    _check_name(room, key, name)
    t = _Table(room, key, table)
    route = Route(
        name=name, kind=kind, room=room,
        path=t.take("path", str, required=True),
        permission=t.take("permission", str, required=True),
        scope=t.take("scope", str, "read" if kind == "page" else "participate"),
        help=t.take("help", str, required=True),
        html=t.take("html", bool, True),
        api=t.take("api", bool))          # None: decided when the views are known
    if route.scope not in SCOPES:
        _fail(room, key, f"scope must be one of {', '.join(SCOPES)}")
    route.rate = _read_rate(room, key, t.take("rate", str))
    route.campaigns = t.take("campaigns", str, campaigns)
    if route.campaigns == "any":
        route.campaigns = None
    inputs = t.take("in", dict, {})
    if kind == "page":
        route.produces = t.take("produces", str)
        route.slow = t.take("slow", bool, False)
    if kind == "command":
        route.event = t.take("event", str)
        route.form = t.take("form", str)
        route.answer = t.take("answer", str)
        route.prepare = t.take("prepare", bool, False)
        route.creates = t.take("creates", bool, False)
        route.guarded = t.take("guarded", bool, False)
    t.end()
    route.inputs = _read_inputs(room, key, route.path, inputs)
    return route


def _read_rate(room, key, text):
    if text is None:
        return (0, 0)
    match = re.fullmatch(r"(\d+)/(?:(\d+)s|(second|minute|hour|day))", text)
    if not match or int(match[1]) == 0:
        _fail(room, key, f'rate {text!r} must look like "30/hour", "5/minute" or "10/10s"')
    return (int(match[1]), int(match[2]) if match[2] else SECONDS[match[3]])


def path_segments(path):
    """("/a/{b_id}") → ["a", "{b_id}"]; "/" → []."""
    return [s for s in path.split("/") if s]


def _read_inputs(room, key, path, tables):
    segment = r"(?:[A-Za-z0-9._-]+|\{[a-z][a-z0-9_]*\})"
    if not re.fullmatch(rf"/|(?:/{segment})+", path):
        _fail(room, key, f"path {path!r} must be /-separated words and {{placeholders}}")
    in_path = [s[1:-1] for s in path_segments(path) if s.startswith("{")]
    if len(set(in_path)) != len(in_path):
        _fail(room, key, f"path {path!r} names a placeholder twice")
    inputs = {}
    for name in in_path:
        if name in tables:
            inputs[name] = _read_input(room, f"{key} in.{name}", name, tables[name])
        elif name.endswith("_id"):
            inputs[name] = Input(name, "id", _label(name), id_struct=name)
        else:
            _fail(room, key, f"{{{name}}} in the path is no id: declare its type in [….in]")
        if inputs[name].type not in ("id", "token", "line", "int", "choice"):
            _fail(room, f"{key} in.{name}", f"a {inputs[name].type} cannot stand in the path")
        inputs[name].in_path = True
        inputs[name].required = True
    for name, table in tables.items():
        if name not in inputs:
            inputs[name] = _read_input(room, f"{key} in.{name}", name, table)
    return list(inputs.values())


def _label(name):
    words = name.removesuffix("_id").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _read_input(room, key, name, table):
    _check_name(room, key, name)
    if name in RESERVED_INPUTS:
        _fail(room, key, f"{name} is the platform's own")
    t = _Table(room, key, table)
    kind = t.take("type", str, required=True)
    if kind not in INPUT_TYPES:
        _fail(room, key, f"unknown type {kind!r}; there are {', '.join(INPUT_TYPES)}")
    least, most = LIMITS.get(kind, (0, 0))
    result = Input(
        name=name, type=kind,
        label=t.take("label", str, _label(name)), hint=t.take("hint", str, ""),
        min=t.take("min", int, least),
        max=t.take("max", int, most, required=kind in NEEDS_MAX),
        required=not t.take("optional", bool, False) and kind != "bool",
        values=_read_values(room, key, t.take("values", (dict, list))),
        autocomplete=t.take("autocomplete", str), rows=t.take("rows", int, 0))
    if result.min > result.max:
        _fail(room, key, f"min {result.min} is over max {result.max}")
    what = t.take("is", str)
    if kind == "choice":
        result.choice = what
    else:
        result.id_struct = what or (name if kind == "id" else None)
    if kind == "id" and not result.id_struct.endswith("_id"):
        _fail(room, key, 'an id not named …_id says what it is: is = "person_id"')
    if (kind == "choice") != bool(result.values or result.choice):
        _fail(room, key, 'values = { name = "label", … } or is = "CHOICE" belongs to a choice, and a choice needs it')
    if result.values and result.choice:
        _fail(room, key, f"the values are those of [choice.{result.choice}]")
    default = t.take("default", (str, int, bool))
    if default is not None:
        result.default = _read_default(room, key, result, default)
    t.end()
    return result


def _read_values(room, key, values):
    pairs = list(values.items()) if isinstance(values, dict) else [(v, _label(str(v))) for v in
                                                                   values or []]
    for name, label in pairs:
        if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            _fail(room, key, f"the value {name!r} must be lower-case letters, digits and _")
        if not isinstance(label, str):
            _fail(room, key, f"the label of {name!r} must be text")
    return pairs


def _read_default(room, key, result, default):
    kind = type(default)
    wanted = {"int": int, "bool": bool}.get(result.type, str)
    if kind is not wanted:
        _fail(room, key, f"default must be {_kind_name(wanted)}, not {default!r}")
    if result.type == "int" and not result.min <= default <= result.max:
        _fail(room, key, f"default {default} is not within {result.min} … {result.max}")
    result.required = False
    return str(default).lower() if kind is bool else str(default)


def _read_view(room, name, table):
    key = f"[view.{name}]"
    _check_name(room, key, name)
    if not isinstance(table, dict) or not table:
        _fail(room, key, "must be a table with at least one field")
    fields = {}
    for field_name, kind in table.items():
        _check_name(room, f"{key} {field_name}", field_name)
        fields[field_name] = _read_field(room, f"{key} {field_name}", field_name, kind)
    return View(name, room, fields)


def _read_field(room, key, name, kind):
    if isinstance(kind, str):
        if kind in SCALARS:
            return Field(name, kind)
        if re.fullmatch(r"[a-z][a-z0-9_]*_id", kind):
            return Field(name, "id", kind)
        match = re.fullmatch(r"(view|list|form):([a-z][a-z0-9_]*)", kind)
        if match:
            return Field(name, match[1], match[2])
    _fail(room, key, f"unknown type {kind!r}; there are {', '.join(SCALARS)}, THING_id, view:VIEW, "
                     "list:VIEW and form:COMMAND")


def _check_view(view, views, routes):
    for f in view.fields.values():
        key = f"[view.{view.name}] {f.name}"
        if f.kind in ("view", "list") and f.target not in views:
            _fail(view.room, key, f"there is no [view.{f.target}]")
        if f.kind == "form" and (f.target not in routes or routes[f.target].kind != "command"):
            _fail(view.room, key, f"there is no [command.{f.target}]")


def _check_route(route, views, routes):
    key = f"[{route.kind}.{route.name}]"
    if route.kind == "page":
        route.answer = route.name if route.name in views else None
        if route.produces is not None and route.answer is not None:
            _fail(route.room, key, "produces belongs to a page without a view")
        has_answer = route.answer is not None or route.produces is not None
        if route.api is None:
            route.api = has_answer
        elif route.api and not has_answer:
            _fail(route.room, key, f"api = true needs [view.{route.name}], or produces = a content type")
    else:
        route.api = True if route.api is None else route.api
        if route.answer is not None and route.answer not in views:
            _fail(route.room, key, f"answer: there is no [view.{route.answer}]")
        if route.form is not None:
            _check_form(route, key, routes)
    if not route.html and not route.api:
        _fail(route.room, key, "neither html nor api: nobody could reach it")


def _settle_choices(route, choices):
    """Gives inputs the values of the choice they name, and looks for each default among its values."""
    for i in (i for i in route.inputs if i.type == "choice"):
        key = f"[{route.kind}.{route.name}] in.{i.name}"
        if i.choice is not None:
            if i.choice not in choices:
                _fail(route.room, key, f"is: there is no [choice.{i.choice}]")
            if not i.required and i.default is None:
                _fail(route.room, key, "a choice that may be left out has values of its own")
            i.values = choices[i.choice].values
        if i.default is not None and i.default not in [name for name, _ in i.values]:
            _fail(route.room, key, f"default {i.default!r} is none of the values")


def _check_form(route, key, routes):
    page = routes.get(route.form)
    if page is None or page.kind != "page" or not page.html:
        _fail(route.room, key, f"form: there is no [page.{route.form}] with html")
    for i, own in form_path(route, page):
        if own is None:
            _fail(route.room, key, f"form: page {page.name} needs {i.name} in its path, "
                                   f"and {route.name} has no such input")


def form_path(command, page):
    """(input of the page's path, input of the command that fills it or None). By name; an id that the
    command names otherwise (subject_id for idea_id) is the one at the same place in its path."""
    pairs = []
    for place, i in enumerate(page.path_inputs):
        own = command.input(i.name)
        if own is None and i.type == "id" and place < len(command.path_inputs):
            own = command.path_inputs[place]
        pairs.append((i, own if own is not None and own.type == i.type else None))
    return pairs


def _ordered(views):
    """Views sorted so that each stands after those it holds by value; C needs it so."""
    done, order = {}, {}

    def visit(view, chain):
        if done.get(view.name):
            return
        if view.name in chain:
            _fail(view.room, f"[view.{view.name}]",
                  f"holds itself by value ({' > '.join(chain + [view.name])}); use list:")
        for f in view.fields.values():
            if f.kind == "view":
                visit(views[f.target], chain + [view.name])
        done[view.name] = True
        order[view.name] = view

    for view in views.values():
        visit(view, [])
    return order
