"""Values of templates: their types, and the C that computes them.

An expression of a template becomes a Value: a kind (text, int, id, view …) and a C expression without
side effects, or a constant known while compiling. Printing is pagegen.py's, position pages_html.py's.
"""
from dataclasses import dataclass, field

from declarations import INPUT_TYPES

UNKNOWN = object()   # not a constant
NUMBERS = ("int", "real")


class TemplateError(Exception):
    """A mistake in a template; `message` is completed with file and line by the compiler."""


@dataclass
class Value:
    kind: str          # text int real bool time id html url view list form fields field options option
                       # input_type concat loop routes route builtin macro cases
    c: str = ""
    const: object = UNKNOWN
    target: str = ""   # id: "idea_id"; view, list: the view; form: the command; route, builtin: the name
    parts: list = field(default_factory=list)   # concat, cases (items): Values
    pointer: bool = False                       # view, form, field, option: c is a pointer
    mutable: bool = False                       # a C variable, because it is set several times

    @property
    def is_const(self):
        return self.const is not UNKNOWN

    def member(self, name):
        return f"{self.c}{'->' if self.pointer else '.'}{name}"

    def describe(self):
        if self.kind in ("view", "list"):
            return f"{self.kind}:{self.target}"
        if self.kind == "id":
            return self.target
        return {"fields": "list of form fields", "field": "form field", "options": "list of options",
                "input_type": "type of an input", "cases": "list"}.get(self.kind, self.kind)


def c_string(text):
    """A C string literal on one line or several."""
    escaped = []
    for char in text:
        if char in '"\\':
            escaped.append("\\" + char)
        elif char == "\n":
            escaped.append("\\n")
        elif ord(char) < 32 or ord(char) == 127:
            escaped.append(f"\\{ord(char):03o}")
        else:
            escaped.append(char)
    return '"' + "".join(escaped) + '"'


def constant(value):
    if isinstance(value, bool):
        return Value("bool", "true" if value else "false", value)
    if isinstance(value, int):
        return Value("int", f"INT64_C({value})", value)
    if isinstance(value, float):
        return Value("real", repr(value), value)
    if isinstance(value, str):
        return Value("text", f"S({c_string(value)})", value)
    if value is None:
        return constant("")
    raise TemplateError(f"{value!r} is no value here")


def truth(value):
    """A bool Value: whether the value counts as true."""
    if value.is_const:
        return constant(bool(value.const))
    forms = {"bool": "{}", "int": "({} != 0)", "time": "({} != 0)", "real": "({} != 0)",
             "text": "({}.size > 0)", "html": "({}.markup.size > 0)", "url": "({}.text.size > 0)",
             "id": "({}.value != 0)"}
    if value.kind in forms:
        return Value("bool", forms[value.kind].format(value.c))
    if value.kind in ("list", "fields", "options", "cases"):
        return Value("bool", f"({count(value)} > 0)")
    raise TemplateError(f"a {value.describe()} is neither true nor false")


def count(value):
    """C for the number of items of a list."""
    return {"list": f"{value.c}.count", "fields": value.member("field_count"),
            "options": value.member("option_count"), "cases": str(len(value.parts))}[value.kind]


def as_text(value):
    """C of type struct str for whatever has words."""
    if value.kind == "text":
        return value.c
    if value.kind == "input_type":
        return f"page_input_type({value.c})"
    if value.kind == "int":
        return f"page_int_text(r->arena, {value.c})"
    if value.kind == "id":
        return f"id_text(r->arena, {value.c}.value)"
    if value.kind == "url":
        return f"{value.c}.text"
    if value.kind == "concat":
        text = as_text(value.parts[0])
        for part in value.parts[1:]:
            text = f"str_join(r->arena, {text}, {as_text(part)})"
        return text
    raise TemplateError(f"a {value.describe()} is no text")


def concat(values):
    """`a ~ b`: flat, and neighbours that are constant text become one."""
    parts = []
    for value in values:
        if value.kind not in ("text", "int", "id", "url", "html", "concat", "input_type"):
            raise TemplateError(f"a {value.describe()} cannot be joined with ~")
        for part in value.parts if value.kind == "concat" else [value]:
            if part.is_const:
                part = constant(str(part.const))
                if parts and parts[-1].is_const:
                    part = constant(parts.pop().const + part.const)
            parts.append(part)
    return parts[0] if len(parts) == 1 else Value("concat", parts=parts)


# --- Attributes ----------------------------------------------------------------------------------

FORM = {"action": ("url", "action"), "problem": ("text", "problem"),
        "problem_count": ("int", "problem_count"), "has_file": ("bool", "has_file"),
        "idempotency_key": ("text", "idempotency_key")}
FIELD = {"name": ("text", "str_from({}->name)"), "label": ("text", "str_from({}->label)"),
         "hint": ("text", "str_from({}->hint)"), "autocomplete": ("text", "str_from({}->autocomplete)"),
         "type": ("input_type", "{}->type"), "required": ("bool", "{}->required"),
         "min": ("int", "{}->min"), "max": ("int", "{}->max"), "rows": ("int", "page_rows({})")}
FIELD_STATE = {"value": "text", "problem": "text", "checked": "bool"}
OPTION = {"value": "text", "label": "text", "chosen": "bool"}


def attribute(value, name, declarations):
    """`value.name`"""
    by_kind = {"view": _of_view, "form": _of_form, "field": _of_field, "option": _of_option,
               "loop": _of_loop, "routes": _of_routes, "form_fields": _of_form_fields}
    if value.kind not in by_kind:
        raise TemplateError(f"a {value.describe()} has no .{name}")
    return by_kind[value.kind](value, name, declarations)


def _unknown(what, name, names):
    return TemplateError(f"{what} has no {name!r}; it has {', '.join(names)}")


def _of_view(value, name, declarations):
    fields = declarations.views[value.target].fields
    if name not in fields:
        raise _unknown(f"view.{value.target}", name, fields)
    kind, target = fields[name].kind, fields[name].target or ""
    return Value(kind, value.member(name), target=target)


def _of_form(value, name, declarations):
    if name in FORM:
        kind, member = FORM[name]
        c = value.member(member)
        return Value(kind, f"(int64_t){c}" if kind == "int" else c)
    if name == "fields":
        return Value("fields", value.c, target=value.target, pointer=value.pointer)
    if name == "field":   # for inputs whose names are taken by the form itself
        return Value("form_fields", value.c, target=value.target, pointer=value.pointer)
    return _of_form_fields(value, name, declarations)


def _of_form_fields(value, name, declarations):
    inputs = [i.name for i in declarations.routes[value.target].inputs]
    if name not in inputs:
        raise _unknown(f"form:{value.target}", name, [*FORM, "fields", "field", *inputs])
    return Value("field", f"{value.member('fields')}[{inputs.index(name)}]")


def _of_field(value, name, declarations):
    if name in FIELD:
        kind, form = FIELD[name]
        return Value(kind, form.format(value.member("input")))
    if name in FIELD_STATE:
        return Value(FIELD_STATE[name], value.member(name))
    if name == "options":
        return Value("options", value.c, pointer=value.pointer)
    if name == "id":
        return concat([constant("f-"), Value("text", f"str_from({value.member('input')}->name)")])
    raise _unknown("a form field", name, ["id", *FIELD, *FIELD_STATE, "options"])


def _of_option(value, name, declarations):
    if name not in OPTION:
        raise _unknown("an option", name, OPTION)
    return Value(OPTION[name], value.member(name))


def _of_loop(value, name, declarations):
    """`c` is the index, `target` the C count; both may be numbers when the loop was unrolled."""
    i, n = value.c, value.target
    if i.isdigit():
        i, n = int(i), int(n)
        known = {"index": i + 1, "index0": i, "length": n, "first": i == 0, "last": i + 1 == n}
        if name in known:
            return constant(known[name])
    known = {"index": ("int", f"(int64_t)({i} + 1)"), "index0": ("int", f"(int64_t){i}"),
             "length": ("int", f"(int64_t)({n})"), "first": ("bool", f"({i} == 0)"),
             "last": ("bool", f"({i} + 1 == {n})")}
    if name not in known:
        raise _unknown("loop", name, known)
    return Value(known[name][0], known[name][1])


def _of_routes(value, name, declarations):
    if name not in declarations.routes:
        near = [r for r in declarations.routes if r.split("_")[0] == name.split("_")[0]]
        raise TemplateError(f"there is no route {name!r}" + (f"; there are {', '.join(near)}" if near
                                                             else ""))
    return Value("route", target=name)


def items(value, item):
    """(kind of the items as a Value for the C pointer `item`, C declaration of that pointer)."""
    if value.kind == "list":
        return (Value("view", item, target=value.target, pointer=True),
                f"const struct {value.target}_view *{item} = &{value.c}.items")
    if value.kind == "fields":
        return (Value("field", item, pointer=True),
                f"const struct form_field *{item} = &{value.member('fields')}")
    if value.kind == "options":
        return (Value("option", item, pointer=True),
                f"const struct form_option *{item} = &{value.member('options')}")
    raise TemplateError(f"a {value.describe()} cannot be walked through with for")


C_TYPES = {"text": "struct str", "int": "int64_t", "time": "int64_t", "real": "double", "bool": "bool",
           "html": "struct html", "url": "struct url", "input_type": "enum input_type"}


def c_type(value):
    """The C type of a scalar, None for what cannot be kept in a variable."""
    return f"struct {value.target}" if value.kind == "id" else C_TYPES.get(value.kind)


# --- Operators -----------------------------------------------------------------------------------

def compare(a, op, b):
    """`a op b` as a bool Value."""
    negative = op in ("ne", "notin")
    if op in ("in", "notin"):
        if b.kind != "cases":
            raise TemplateError("what stands behind `in` must be a list: x in (\"a\", \"b\")")
        result = constant(False)
        for part in b.parts:
            result = either(result, compare(a, "eq", part))
        return negate(result) if negative else result
    if op in ("eq", "ne"):
        result = _equal(a, b)
        return negate(result) if negative else result
    symbol = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}[op]
    if not (a.kind in NUMBERS and b.kind in NUMBERS or {a.kind, b.kind} <= {"time", "int"}):
        raise TemplateError(f"cannot compare a {a.describe()} with a {b.describe()} by {symbol}")
    if a.is_const and b.is_const:
        return constant({"<": a.const < b.const, "<=": a.const <= b.const, ">": a.const > b.const,
                         ">=": a.const >= b.const}[symbol])
    return Value("bool", f"({a.c} {symbol} {b.c})")


def _equal(a, b):
    if a.is_const and b.is_const:
        return constant(a.const == b.const)
    if b.kind == "input_type":
        a, b = b, a
    if a.kind == "input_type" and b.is_const:
        if b.const not in INPUT_TYPES:
            raise TemplateError(f"there is no input of type {b.const!r}; there are "
                                f"{', '.join(INPUT_TYPES)}")
        return Value("bool", f"({a.c} == INPUT_{b.const.upper()})")
    if a.kind == "id" and b.kind == "id" and a.target == b.target:
        return Value("bool", f"({a.c}.value == {b.c}.value)")
    words = ("text", "concat", "url", "input_type")
    if a.kind in words and b.kind in words:
        if "" in (a.const, b.const):
            return negate(truth(b if a.const == "" else a))
        return Value("bool", f"str_equal({as_text(a)}, {as_text(b)})")
    same = a.kind == b.kind == "bool" or {a.kind, b.kind} <= {"int", "real", "time"}
    if not same:
        raise TemplateError(f"a {a.describe()} never equals a {b.describe()}")
    return Value("bool", f"({a.c} == {b.c})")


def negate(a):
    a = truth(a)
    return constant(not a.const) if a.is_const else Value("bool", f"!{a.c}")


def either(a, b):
    """`a or b`: the value itself where both have words of one kind, else whether one is true."""
    if a.is_const:
        return a if a.const else b
    if a.kind == b.kind and a.kind != "bool" and c_type(a) and a.target == b.target:
        return Value(a.kind, f"({truth(a).c} ? {a.c} : {b.c})", target=a.target)
    a, b = truth(a), truth(b)
    if b.is_const:
        return b if b.const else a
    return Value("bool", f"({a.c} || {b.c})")


def both(a, b):
    a, b = truth(a), truth(b)
    if a.is_const:
        return b if a.const else a
    if b.is_const:
        return a if b.const else b
    return Value("bool", f"({a.c} && {b.c})")


def choose(test, a, b):
    """`a if test else b`"""
    test = truth(test)
    if test.is_const:
        return a if test.const else b
    if a.kind == "concat":
        a = Value("text", as_text(a))
    if b.kind == "concat":
        b = Value("text", as_text(b))
    if a.kind != b.kind or a.target != b.target or c_type(a) is None:
        raise TemplateError(f"one branch is a {a.describe()}, the other a {b.describe()}: "
                            "print them with {% if %}")
    return Value(a.kind, f"({test.c} ? {a.c} : {b.c})", target=a.target)


def calculate(a, symbol, b):
    if a.kind not in NUMBERS + ("time",) or b.kind not in NUMBERS + ("time",):
        raise TemplateError(f"cannot calculate {a.describe()} {symbol} {b.describe()}")
    if a.is_const and b.is_const:
        return constant({"+": a.const + b.const, "-": a.const - b.const, "*": a.const * b.const}[symbol])
    kind = "real" if "real" in (a.kind, b.kind) else "time" if (a.kind, b.kind) == ("time", "int") \
        else "int"
    return Value(kind, f"({a.c} {symbol} {b.c})")


# --- Filters -------------------------------------------------------------------------------------

TIMES = {"date": "text_date(r->arena, {})", "datetime": "text_datetime(r->arena, {})",
         "iso": "text_iso(r->arena, {})", "local_input": "text_local_input(r->arena, {})",
         "ago": "text_ago(r->arena, {}, r->now)", "left": "text_left(r->arena, {}, r->now)"}
FILTERS = [*TIMES, "number", "plural", "percent_of", "length", "upper", "default"]


def apply_filter(name, value, arguments):
    """`value|name(arguments)`"""
    if name in ("safe", "e", "escape", "forceescape"):
        raise TemplateError(f"no |{name}: escaping follows from the position, and markup comes only from "
                            "html fields")
    if name not in FILTERS:
        raise TemplateError(f"there is no filter {name!r}; there are {', '.join(FILTERS)}")
    wanted = {"plural": 2, "percent_of": 1, "default": 1}.get(name, 0)
    if len(arguments) != wanted:
        raise TemplateError(f"|{name} takes {wanted} argument{'' if wanted == 1 else 's'}")
    if name in TIMES:
        return Value("text", TIMES[name].format(_need(value, "time", name).c))
    return {"number": _number, "plural": _plural, "percent_of": _percent_of, "length": _length,
            "upper": _upper, "default": _default}[name](value, *arguments)


def _need(value, kind, name):
    if value.kind != kind:
        raise TemplateError(f"|{name} is for a {kind}, not for a {value.describe()}")
    return value


def _number(value):
    return Value("text", f"text_number(r->arena, {_need(value, 'int', 'number').c})")


def _plural(value, one, many):
    words = f"{as_text(one)}, {as_text(many)}"
    return Value("text", f"text_plural(r->arena, {_need(value, 'int', 'plural').c}, {words})")


def _percent_of(value, total):
    both_ints = _need(value, "int", "percent_of"), _need(total, "int", "percent_of")
    return Value("int", "number_percent_of({}, {})".format(*(v.c for v in both_ints)))


def _length(value):
    if value.kind == "cases":
        return constant(len(value.parts))
    if value.kind in ("list", "options"):
        return Value("int", f"(int64_t){count(value)}")
    if value.is_const and value.kind == "text":
        return constant(len(value.const))
    return Value("int", f"(int64_t)utf8_length({as_text(value)})")


def _upper(value):
    return Value("text", f"text_upper(r->arena, {as_text(value)})")


def _default(value, other):
    if value.kind not in ("text", "concat"):
        raise TemplateError(f"|default is for text, not for a {value.describe()}")
    return either(Value("text", as_text(value), value.const), other)
