"""Macros of templates: expanded where they are called, or made C functions that pages share."""
from jinja2 import nodes

import pages_values as values
from pages_c import Writer
from pages_values import TemplateError, Value

DEPTH_MAX = 24   # macros and includes inside each other; more is a circle


class Scope:
    def __init__(self, parent=None):
        self.parent = parent
        self.names = {}

    def find(self, name):
        scope = self
        while scope:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


class Macro:
    """A {% macro %}, or the body of a {% call %}: nodes that are expanded where they are called."""

    def __init__(self, name, node, template, scope, library=False):
        self.name, self.node, self.template, self.scope = name, node, template, scope
        self.library = library   # of an imported file


class Function:
    """The C function of a macro: where it leaves the document, and whether it prints csrf()."""

    def __init__(self, name, end, uses_csrf):
        self.name, self.end, self.uses_csrf = name, end, uses_csrf
        self.text = ""
        self.static_size = 0


# What is handed to a macro's function by pointer.
POINTERS = {"view": "{}_view", "form": "form_view", "fields": "form_view", "field": "form_field",
            "options": "form_field", "option": "form_option"}


def can_be_passed(value):
    return value.is_const or value.kind in POINTERS or value.kind == "list" \
        or values.c_type(value) is not None


def argument(value):
    return value.c if value.kind not in POINTERS or value.pointer else f"&{value.c}"


class Macros:
    """The part of a page's compiler that deals with macros."""

    def macro_of(self, node, scope):
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            found = scope.find(node.node.name)
            return found if isinstance(found, Macro) else None
        return None

    def expand(self, macro, call, scope, template, caller=None):
        bound = self.bind(macro, call, scope)
        self.enter(template, call.lineno)
        if caller is None and macro.library and all(map(can_be_passed, bound.values())):
            self.call_function(macro, bound)
        else:
            self.expand_in_place(macro, bound, caller)
        self.chain.pop()

    def expand_in_place(self, macro, bound, caller):
        inner = Scope(macro.scope)
        self.out.open()
        for name, value in bound.items():
            inner.names[name] = self.keep(name, value)
        if caller is not None:
            inner.names["caller"] = caller
        self.statements(macro.node.body, inner, macro.template)
        self.out.close()

    def call_function(self, macro, bound):
        """A macro of another file becomes a C function for each combination of types and constants it is
        called with at a kind of position: what twenty fields of a form share is there once."""
        self.out.flush()
        self.position.blank = False
        key = (id(macro.node), tuple(sorted(vars(self.position).items(), key=str)),
               tuple((v.kind, v.target, repr(v.const) if v.is_const else None) for v in bound.values()))
        if key not in self.functions:
            self.functions[key] = self.compile_function(macro, bound)
        function = self.functions[key]
        self.uses_csrf = self.uses_csrf or function.uses_csrf
        self.out.static_size += function.static_size
        self.position = function.end.copy()
        arguments = ["out", "r", "frame"] + ["csrf"] * function.uses_csrf
        arguments += [argument(v) for v in bound.values() if not v.is_const]
        self.out.line(f"{function.name}({', '.join(arguments)});")

    def compile_function(self, macro, bound):
        held = self.out, self.position, self.uses_csrf
        self.out, self.position, self.uses_csrf = Writer(), self.position.copy(), False
        inner, parameters = Scope(macro.scope), []
        for name, value in bound.items():
            inner.names[name] = value if value.is_const else self.parameter(name, value, parameters)
        self.statements(macro.node.body, inner, macro.template)
        self.out.flush()
        result = Function(f"{macro.name}_macro_{len(self.functions) + 1}", self.position, self.uses_csrf)
        result.static_size = self.out.static_size
        fixed = ["struct buf *out", "struct request *r", "const struct frame_view *frame"]
        fixed += ["struct str csrf"] * result.uses_csrf
        result.text = (f"[[maybe_unused]] static void {result.name}({', '.join(fixed + parameters)})\n{{\n"
                       + "\n".join(self.out.lines) + "\n}\n")
        self.functions["text", result.name] = result   # after those that it calls
        self.out, self.position, self.uses_csrf = held
        return result

    def parameter(self, name, value, parameters):
        c, c_type = self.fresh(name), POINTERS.get(value.kind)
        if c_type is not None:
            parameters.append(f"const struct {c_type.format(value.target)} *{c}")
            return Value(value.kind, c, target=value.target, pointer=True)
        c_type = f"struct {value.target}_list" if value.kind == "list" else values.c_type(value)
        parameters.append(f"{c_type} {c}")
        return Value(value.kind, c, target=value.target)

    def bind(self, macro, call, scope):
        """{parameter: Value} of a call."""
        if call.dyn_args is not None or call.dyn_kwargs is not None:
            raise TemplateError("* and ** are not supported")
        names = [a.name for a in macro.node.args]
        if len(call.args) > len(names):
            raise TemplateError(f"{macro.name}() takes {len(names)} arguments: {', '.join(names)}")
        bound = dict(zip(names, call.args))
        for keyword in call.kwargs:
            if keyword.key not in names or keyword.key in bound:
                raise TemplateError(f"{macro.name}() takes {', '.join(names)}; not {keyword.key} "
                                    + ("twice" if keyword.key in bound else ""))
            bound[keyword.key] = keyword.value
        result = {name: self.expression(node, scope) for name, node in bound.items()}
        defaults = dict(zip(names[len(names) - len(macro.node.defaults):], macro.node.defaults))
        for name in names:
            if name not in result:
                if name not in defaults:
                    raise TemplateError(f"{macro.name}() needs {name}")
                result[name] = self.expression(defaults[name], macro.scope)
        return {name: result[name] for name in names}
