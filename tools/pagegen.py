#!/usr/bin/python3
"""Compiles the rooms' templates to C (see docs/architecture.md, "Templates").

    pagegen.py OUT DEPFILE WEB_FOLDER ROOM_FOLDER...

writes into OUT: pages.h (prototypes) and for each room ROOM_pages.c with one function for each template.
Jinja2's own parser reads the templates; from its tree this program emits C in one pass. What an
expression is and which C computes it is pages_values.py's, where in the document a value stands and so
how it is escaped pages_html.py's. Files are written only when they change.
"""
import re
import sys
from pathlib import Path

import jinja2
from jinja2 import nodes

import assetgen
import declarations
import pages_values as values
from pages_html import HtmlError, Position
from pages_values import TemplateError, Value, constant

DEPTH_MAX = 24   # macros and includes inside each other; more is a circle
OPERATORS = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*"}

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
              for name in declarations.INPUT_TYPES)


class Located(Exception):
    """A mistake with its place: file:line, and through which files it was reached."""


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


class Template:
    """A parsed file: its tree, its blocks, and the scope of its top level."""

    def __init__(self, path, tree, scope):
        self.path, self.tree, self.scope = path, tree, scope
        self.library = False   # imported for its macros
        self.blocks = {b.name: b for b in tree.find_all(nodes.Block)}
        extends = [n for n in tree.body if isinstance(n, nodes.Extends)]
        self.extends = extends[0] if extends else None


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


class Site:
    """What all pages share: declarations, files, assets, icons."""

    def __init__(self, web, folders):
        self.web = Path(web)
        self.declarations = declarations.load(folders)
        self.assets = assetgen.load(self.web / "static")
        self.icons = self.web / "icons"
        self.used = set()
        self.trees = {}
        self.environment = jinja2.Environment(lstrip_blocks=True)

    def parse(self, path):
        if path not in self.trees:
            self.used.add(path)
            try:
                self.trees[path] = self.environment.parse(path.read_text(encoding="utf-8"))
            except jinja2.TemplateSyntaxError as error:
                raise Located(f"{path}:{error.lineno}: {error.message}") from None
        return self.trees[path]


class Page:
    """Compiles one template to one C function."""

    def __init__(self, site, room, path, functions):
        self.site, self.room = site, room
        self.functions = functions   # {key: Function} of macros, shared by the room's pages
        self.name = path.stem
        self.out = Writer()
        self.position = Position()
        self.chain = []          # (template, line) of macros and includes being expanded
        self.number = 0
        self.uses_csrf = False
        self.block_chain = {}    # name: [(block, template)] from the child upwards
        library = Scope()        # what macros of other files see: not the page's view
        library.names = {
            "frame": Value("view", "frame", target="frame", pointer=True),
            "to": Value("routes"),
            **{n: Value("builtin", target=n) for n in ("asset", "icon", "csrf", "range")}}
        self.library = library
        self.globals = Scope(library)
        self.globals.names["view"] = Value("view", "view", target=self.name, pointer=True)
        self.template = self.load(path)

    # --- Files and places ---------------------------------------------------------------------

    def load(self, path, library=False):
        return Template(path, self.site.parse(path), Scope(self.library if library else self.globals))

    def find_file(self, node):
        if not isinstance(node, nodes.Const) or not isinstance(node.value, str):
            raise TemplateError("the name of a template must be a literal")
        for folder in (self.room.pages, self.site.web):
            if (folder / node.value).exists():
                return folder / node.value
        raise TemplateError(f"there is no template {node.value!r} in {self.room.pages} or {self.site.web}")

    def located(self, error, template, line):
        via = "".join(f"\n    used at {t.path}:{n}" for t, n in reversed(self.chain))
        return Located(f"{template.path}:{line}: {error}{via}")

    def fresh(self, name):
        self.number += 1
        return f"{re.sub(r'[^a-z0-9_]', '_', name.lower())}_{self.number}"

    # --- The whole function -------------------------------------------------------------------

    def compile(self):
        template = self.template
        while True:
            for name, block in template.blocks.items():
                self.block_chain.setdefault(name, []).append((block, template))
            if template.extends is None:
                break
            child = template
            template = self.guarded(child, child.extends, self.begin_child, child)
            for name, block in child.blocks.items():
                if name not in template.blocks and not self.is_inside(child, block):
                    raise self.located(TemplateError(
                        f"{template.path.name} has no block {name!r}; it has "
                        f"{', '.join(template.blocks)}"), child, block.lineno)
        self.statements(template.tree.body, template.scope, template)
        self.end_document(template)
        return self.function()

    def is_inside(self, template, block):
        """A block within another block of the same file need not be in the parent."""
        return any(block is not b and block in b.find_all(nodes.Block) for b in template.blocks.values())

    def begin_child(self, child):
        """Everything a template that extends does outside its blocks: set, import, macro."""
        for node in child.tree.body:
            if isinstance(node, (nodes.Extends, nodes.Block)):
                continue
            if isinstance(node, nodes.Output) and all(
                    isinstance(n, nodes.TemplateData) and not n.data.strip() for n in node.nodes):
                continue
            if not isinstance(node, (nodes.Assign, nodes.FromImport, nodes.Macro)):
                raise self.located(TemplateError("what stands outside a block is never shown"), child,
                                   node.lineno)
            self.statement(node, child.scope, child)
        return self.load(self.find_file(child.extends.template))

    def guarded(self, template, node, function, *arguments):
        try:
            return function(*arguments)
        except (TemplateError, HtmlError) as error:
            raise self.located(error, template, node.lineno) from None

    def end_document(self, template):
        if self.position.mode != "text" or self.position.raw:
            raise Located(f"{template.path}: the page ends {self.position.describe()}")
        self.out.flush()

    def function(self):
        view = f"    const struct {self.name}_view *view = data;\n"
        csrf = "    const struct str csrf = web_csrf(r);\n" if self.uses_csrf else ""
        size = self.out.static_size + 4096
        unused = "".join(f"    (void){n};\n" for n in ("r", "frame", "view"))
        return (f"void {self.name}_html(struct buf *out, struct request *r, const struct frame_view *frame,\n"
                f"    const void *data)\n{{\n{view}{csrf}{unused}    buf_reserve(out, {size});\n"
                + "\n".join(self.out.lines) + "\n}\n")

    # --- Statements ---------------------------------------------------------------------------

    def statements(self, body, scope, template):
        for node in body:
            self.statement(node, scope, template)

    def statement(self, node, scope, template):
        method = getattr(self, "do_" + type(node).__name__.lower(), None)
        if method is None:
            raise self.located(TemplateError(f"{type(node).__name__} is not supported"), template,
                               node.lineno)
        self.guarded(template, node, method, node, scope, template)

    def do_extends(self, node, scope, template):
        raise TemplateError("only a page's template may extend another")

    def do_output(self, node, scope, template):
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData):
                self.literal(part, template)
            else:
                self.guarded(template, part, self.put_node, part, scope, template)

    def literal(self, part, template):
        line = part.lineno
        for piece in re.split(r"(?<=\n)", part.data):
            try:
                self.out.literal(self.position.feed(piece))
            except HtmlError as error:
                raise self.located(error, template, line) from None
            line += 1

    def do_if(self, node, scope, template):
        cases = [(node.test, node.body)] + [(e.test, e.body) for e in node.elif_]
        branches, always = [], None
        for test, body in cases:
            value = values.truth(self.expression(test, scope))
            if value.is_const and value.const:
                always = body
                break
            if not value.is_const:
                branches.append((value.c, body))
        last = always if always is not None else node.else_
        self.branch([(c, lambda b=body: self.statements(b, Scope(scope), template))
                     for c, body in branches],
                    lambda: self.statements(last, Scope(scope), template), bool(last), "if")

    def branch(self, cases, last, has_last, what):
        """Emits an if chain; `cases` are (C condition, function that emits), `last` is the else."""
        if not cases:
            if has_last:
                last()
            return
        self.position.begin_branch()
        begin, ends = self.position, []
        for number, (c, emit) in enumerate(cases):
            self.out.open(f"if ({bare(c)})" if number == 0 else f"else if ({bare(c)})")
            ends.append(self.emit_branch(begin, emit))
            self.out.close()
        if has_last:
            self.out.open("else")
            ends.append(self.emit_branch(begin, last))
            self.out.close()
        else:
            ends.append(begin)
        joined = begin.copy()
        if not joined.join(ends):
            raise TemplateError(f"the branches of this {what} end at different places: "
                                + ", ".join(dict.fromkeys(e.describe() for e in ends)))
        self.position = joined

    def emit_branch(self, begin, emit):
        self.position = begin.copy()
        emit()
        self.out.flush()
        self.position.begin_branch()
        return self.position

    def do_for(self, node, scope, template):
        if node.test is not None or node.recursive:
            raise TemplateError("for with if, and recursive for, are not supported")
        listed = self.expression(node.iter, scope)
        if listed.kind == "cases":
            self.unroll(node, listed, scope, template)
        elif listed.kind == "builtin":
            self.count_up(node, listed, scope, template)
        else:
            self.walk(node, listed, scope, template)

    def target_name(self, node):
        if not isinstance(node.target, nodes.Name):
            raise TemplateError("several names in a for are only for a literal list of tuples")
        return node.target.name

    def unroll(self, node, listed, scope, template):
        for number, item in enumerate(listed.parts):
            inner = Scope(scope)
            inner.names["loop"] = Value("loop", str(number), target=str(len(listed.parts)))
            if isinstance(node.target, nodes.Tuple):
                if item.kind != "cases" or len(item.parts) != len(node.target.items):
                    raise TemplateError(f"the list must hold tuples of {len(node.target.items)}")
                for name, part in zip(node.target.items, item.parts):
                    inner.names[name.name] = part
            else:
                inner.names[self.target_name(node)] = item
            self.out.open()
            self.statements(node.body, inner, template)
            self.out.close()
        if not listed.parts:
            self.statements(node.else_, Scope(scope), template)

    def count_up(self, node, listed, scope, template):
        first, last = listed.parts
        i = self.fresh(self.target_name(node))
        inner = Scope(scope)
        inner.names[node.target.name] = Value("int", i)
        self.loop_body(f"for (int64_t {i} = {first.c}; {i} < {last.c}; {i}++)", "", node, inner, template)

    def walk(self, node, listed, scope, template):
        item = self.fresh(self.target_name(node))
        value, declaration = values.items(listed, item)
        i, n = self.fresh("i"), values.count(listed)
        inner = Scope(scope)
        inner.names[node.target.name] = value
        inner.names["loop"] = Value("loop", i, target=n)
        head = f"for (size_t {i} = 0; {i} < {n}; {i}++)"
        self.loop_body(head, f"{declaration}[{i}];", node, inner, template,
                       skip=f"{item}->input->in_path" if listed.kind == "fields" else None)
        if node.else_:
            self.branch([(f"{n} == 0", lambda: self.statements(node.else_, Scope(scope), template))],
                        None, False, "else of a for")

    def loop_body(self, head, declaration, node, inner, template, skip=None):
        self.position.begin_branch()
        begin = self.position
        self.out.open(head)
        if declaration:
            self.out.line(declaration)
        if skip:
            self.out.line(f"if ({skip})\n{'    ' * (self.out.depth + 1)}continue;")
        begin.blank = False   # the body is reached from its own end, too
        end = self.emit_branch(begin, lambda: self.statements(node.body, inner, template))
        self.out.close()
        joined = begin.copy()
        if not joined.join([begin, end]):
            raise TemplateError(f"the body of this for begins {begin.describe()} and ends "
                                f"{end.describe()}")
        self.position = joined

    def do_assign(self, node, scope, template):
        if not isinstance(node.target, nodes.Name):
            raise TemplateError("set takes one name")
        name, value = node.target.name, self.expression(node.node, scope)
        held = scope.find(name)
        if isinstance(held, Value) and held.mutable:
            if value.kind == "concat":
                value = Value("text", values.as_text(value))
            if (value.kind, value.target) != (held.kind, held.target):
                raise TemplateError(f"{name} was a {held.describe()} and cannot become a "
                                    f"{value.describe()}")
            self.out.line(f"{held.c} = {value.c};")
            return
        if self.set_count(name, template) > 1:
            scope.names[name] = self.variable(name, value)
            scope.names[name].mutable = True
        else:
            scope.names[name] = self.keep(name, value)

    def set_count(self, name, template):
        return sum(1 for n in template.tree.find_all(nodes.Assign)
                   if isinstance(n.target, nodes.Name) and n.target.name == name)

    def keep(self, name, value):
        """The value under a name, computed once: a C variable unless it is a constant or a plain path."""
        simple = re.fullmatch(r"[\w.\[\]>-]+", value.c) is not None
        if value.is_const or simple or values.c_type(value) is None:
            return value
        return self.variable(name, value)

    def variable(self, name, value):
        if value.kind == "concat":
            value = Value("text", values.as_text(value))
        c_type = values.c_type(value)
        if c_type is None:
            raise TemplateError(f"a {value.describe()} cannot be set more than once")
        c = self.fresh(name)
        self.out.line(f"[[maybe_unused]] {c_type} {c} = {value.c};")
        return Value(value.kind, c, target=value.target)

    def do_block(self, node, scope, template):
        self.emit_block(node.name, 0)

    def emit_block(self, name, level):
        block, template = self.block_chain[name][level]
        inner = Scope(template.scope)
        if level + 1 < len(self.block_chain[name]):
            inner.names["super"] = Value("builtin", f"{level + 1}", target=f"super {name}")
        self.out.open()
        self.statements(block.body, inner, template)
        self.out.close()

    def do_include(self, node, scope, template):
        if not node.with_context:
            raise TemplateError("include without context is not supported")
        included = self.load(self.find_file(node.template))
        self.enter(template, node.lineno)
        self.out.open()
        self.statements(included.tree.body, Scope(scope), included)
        self.out.close()
        self.chain.pop()

    def enter(self, template, line):
        if len(self.chain) >= DEPTH_MAX:
            raise TemplateError("macros or includes call each other in a circle")
        self.chain.append((template, line))

    def do_fromimport(self, node, scope, template):
        imported = self.load(self.find_file(node.template), library=True)
        imported.library = not any(isinstance(n, nodes.Assign) for n in imported.tree.body)
        for child in imported.tree.body:
            if isinstance(child, (nodes.Macro, nodes.FromImport, nodes.Assign)):
                self.statement(child, imported.scope, imported)
        for name in node.names:
            name, alias = name if isinstance(name, tuple) else (name, name)
            macro = imported.scope.names.get(name)
            if macro is None:
                known = [n for n, m in imported.scope.names.items() if isinstance(m, Macro)]
                raise TemplateError(f"{imported.path.name} has no macro {name!r}; it has "
                                    f"{', '.join(known)}")
            scope.names[alias] = macro

    def do_macro(self, node, scope, template):
        scope.names[node.name] = Macro(node.name, node, template, scope, template.library)

    def do_callblock(self, node, scope, template):
        macro = self.macro_of(node.call, scope)
        if macro is None:
            raise TemplateError("call is for a macro")
        self.expand(macro, node.call, scope, template, Macro("caller", node, template, scope))

    # --- Macros -------------------------------------------------------------------------------

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

    # --- Printing -----------------------------------------------------------------------------

    def put_node(self, node, scope, template):
        macro = self.macro_of(node, scope)
        if macro is not None:
            self.expand(macro, node, scope, template)
        elif isinstance(node, nodes.CondExpr):
            test = values.truth(self.expression(node.test, scope))
            yes = (test.c, lambda: self.put_node(node.expr1, scope, template))
            no = (lambda: self.put_node(node.expr2, scope, template)) if node.expr2 else None
            if test.is_const:
                (yes[1] if test.const else no or (lambda: None))()
            else:
                self.branch([yes], no, no is not None, "inline if")
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            self.put_call(node, scope)
        else:
            self.put(self.expression(node, scope))

    def put_call(self, node, scope):
        value = scope.find(node.node.name)
        target = value.target if isinstance(value, Value) and value.kind == "builtin" else ""
        if target.startswith("super "):
            self.emit_block(target[6:], int(value.c))
        elif target == "csrf":
            self.need(self.position.context() == "text", "csrf() stands in text", "")
            self.uses_csrf = True
            self.out.literal('<input type="hidden" name="csrf" value="')
            self.out.line("html_attribute(out, csrf);")
            self.out.literal('">')
            self.position.wrote_value()
        else:
            self.put(self.expression(node, scope))

    def put(self, value):
        """Writes a value where the position is, escaped as it needs there."""
        if value.kind == "concat":
            for part in value.parts:
                self.put(part)
            return
        context = self.position.context()
        if value.is_const:
            self.put_constant(value, context)
            return
        self.put_value(value, context)
        self.position.wrote_value()

    def put_constant(self, value, context):
        if value.kind == "bool":
            if context != "attribute":
                raise TemplateError("true and false are not shown; use {% if %}")
            self.out.literal(str(value.const).lower())
        elif value.kind == "html":
            self.need(context == "text", "markup stands in text only", context)
            self.out.literal(value.const)
            self.position.wrote_value()
        else:
            text = str(value.const)
            quoted = context not in ("text", "raw_text")
            self.out.literal(escape(text, quoted))
            if text:
                self.position.feed_literal_value(text)

    def need(self, condition, message, context):
        if not condition:
            raise TemplateError(f"{message}; this is {'an attribute' if context != 'raw_text' else 'plain text'}")

    def put_value(self, value, context):
        kind, c = value.kind, value.c
        if context == "url":
            if kind != "url":
                raise TemplateError(
                    f"a {value.describe()} cannot begin the URL in {self.position.attribute}: use a url "
                    "field, to.ROUTE() or asset()")
            self.out.line(f"html_url(out, {c});")
        elif kind == "int":
            self.out.line(f"buf_int(out, {c});")
        elif kind == "id":
            self.out.line(f"page_id(out, {c}.value);")
        elif context == "url_number":
            raise TemplateError(f"a {value.describe()} cannot follow the first / of a URL: were it empty, "
                                "the next / would begin another host")
        elif context == "url_part":
            self.out.line(f"html_url_part(out, {values.as_text(value)});")
        elif kind == "html":
            self.need(context == "text", "markup stands in text only", context)
            self.out.line(f"buf_add(out, {c}.markup);")
        elif kind == "bool":
            self.need(context == "attribute", "true and false are not shown; use {% if %}", context)
            self.out.line(f'buf_add(out, {c} ? S("true") : S("false"));')
        elif kind == "real":
            self.out.line(f'buf_printf(out, "%.6g", {c});')
        elif kind == "time":
            raise TemplateError("a time is shown by a filter: date, datetime, iso, local_input, ago, left")
        elif kind in ("text", "url", "input_type"):
            function = "html_attribute" if context == "attribute" else "html_text"
            self.out.line(f"{function}(out, {values.as_text(value)});")
        else:
            raise TemplateError(f"a {value.describe()} cannot be shown")

    # --- Expressions --------------------------------------------------------------------------

    def expression(self, node, scope):
        method = getattr(self, "eval_" + type(node).__name__.lower(), None)
        if method is not None:
            return method(node, scope)
        if type(node) in OPERATORS:
            return values.calculate(self.expression(node.left, scope), OPERATORS[type(node)],
                                    self.expression(node.right, scope))
        raise TemplateError(f"{type(node).__name__} is not supported in an expression")

    def eval_const(self, node, scope):
        return constant(node.value)

    def eval_templatedata(self, node, scope):
        return constant(node.data)

    def eval_name(self, node, scope):
        value = scope.find(node.name)
        if value is None:
            raise TemplateError(f"there is no {node.name!r} here")
        if isinstance(value, Macro):
            raise TemplateError(f"{node.name}() is a macro: it writes, and is no value")
        return value

    def eval_getattr(self, node, scope):
        value = self.expression(node.node, scope)
        if value.kind == "view" and value.target not in self.site.declarations.views:
            raise TemplateError(f"there is no [view.{value.target}]")
        return values.attribute(value, node.attr, self.site.declarations)

    def eval_list(self, node, scope):
        return Value("cases", parts=[self.expression(n, scope) for n in node.items])

    eval_tuple = eval_list

    def eval_concat(self, node, scope):
        return values.concat([self.expression(n, scope) for n in node.nodes])

    def eval_compare(self, node, scope):
        result, left = None, self.expression(node.expr, scope)
        for operand in node.ops:
            right = self.expression(operand.expr, scope)
            step = values.compare(left, operand.op, right)
            result = step if result is None else values.both(result, step)
            left = right
        return result

    def eval_and(self, node, scope):
        return values.both(self.expression(node.left, scope), self.expression(node.right, scope))

    def eval_or(self, node, scope):
        return values.either(self.expression(node.left, scope), self.expression(node.right, scope))

    def eval_not(self, node, scope):
        return values.negate(self.expression(node.node, scope))

    def eval_neg(self, node, scope):
        return values.calculate(constant(0), "-", self.expression(node.node, scope))

    def eval_condexpr(self, node, scope):
        other = self.expression(node.expr2, scope) if node.expr2 else constant("")
        return values.choose(self.expression(node.test, scope), self.expression(node.expr1, scope), other)

    def eval_filter(self, node, scope):
        if node.kwargs or node.dyn_args or node.dyn_kwargs or node.node is None:
            raise TemplateError(f"|{node.name} is not used like this")
        return values.apply_filter(node.name, self.expression(node.node, scope),
                                   [self.expression(a, scope) for a in node.args])

    def eval_test(self, node, scope):
        if node.name != "defined" or node.args:
            raise TemplateError(f"there is no test {node.name!r}; there is `is defined`")
        if isinstance(node.node, nodes.Name):
            return constant(scope.find(node.node.name) is not None)
        if isinstance(node.node, nodes.Getattr):
            owner = self.expression(node.node.node, scope)
            if owner.kind == "view":
                return constant(node.node.attr in self.site.declarations.views[owner.target].fields)
        raise TemplateError("`is defined` is for names and fields of views")

    def eval_call(self, node, scope):
        if self.macro_of(node, scope) is not None:
            raise TemplateError(f"{node.node.name}() is a macro: it writes, and is no value")
        function = self.expression(node.node, scope)
        if function.kind == "route":
            return self.url_of(function.target, node, scope)
        if function.kind != "builtin" or node.kwargs:
            raise TemplateError(f"a {function.describe()} cannot be called like this")
        arguments = [self.expression(a, scope) for a in node.args]
        if function.target == "range":
            return self.range_of(arguments)
        if function.target in ("asset", "icon"):
            if len(arguments) != 1 or arguments[0].kind != "text" or not arguments[0].is_const:
                raise TemplateError(f'{function.target}() takes one literal name')
            return getattr(self, function.target)(arguments[0].const)
        raise TemplateError(f"{function.target.split()[0]}() writes, and is no value")

    def range_of(self, arguments):
        if not 1 <= len(arguments) <= 2 or any(a.kind != "int" for a in arguments):
            raise TemplateError("range() takes one or two whole numbers")
        return Value("builtin", target="range", parts=([constant(0)] + arguments)[-2:])

    def asset(self, name):
        if name not in self.site.assets:
            raise TemplateError(f"there is no file {name!r} in {self.site.web / 'static'}; there are "
                                f"{', '.join(self.site.assets)}")
        path = self.site.assets[name].path
        return Value("url", f"(struct url){{ S({values.c_string(path)}) }}")

    def icon(self, name):
        path = self.site.icons / f"{name}.svg"
        if not path.exists():
            known = sorted(p.stem for p in self.site.icons.glob("*.svg"))
            raise TemplateError(f"there is no icon {name!r} in {self.site.icons}; there are "
                                f"{', '.join(known)}")
        self.site.used.add(path)
        return Value("html", const=icon_markup(path))

    def url_of(self, name, node, scope):
        """to.ROUTE(ids…)"""
        wanted = self.site.declarations.routes[name].path_inputs
        names = [i.name for i in wanted]
        given = dict(zip(names, node.args)) | {k.key: k.value for k in node.kwargs}
        if len(node.args) + len(node.kwargs) != len(names) or set(given) != set(names):
            raise TemplateError(f"to.{name}() takes {len(names)} arguments"
                                + (f": {', '.join(names)}" if names else ""))
        arguments = []
        for i in wanted:
            value = self.expression(given[i.name], scope)
            kind, target = {"id": ("id", i.id_struct), "int": ("int", "")}.get(i.type, ("text", ""))
            if value.kind == "concat" and kind == "text":
                value = Value("text", values.as_text(value))
            if (value.kind, value.target) != (kind, target):
                raise TemplateError(f"to.{name}(): {i.name} must be a {target or kind}, not a "
                                    f"{value.describe()}")
            arguments.append(value.c)
        return Value("url", f"url_{name}({', '.join(['r->arena', *arguments])})")


# What is handed to a macro's function by pointer.
POINTERS = {"view": "{}_view", "form": "form_view", "fields": "form_view", "field": "form_field",
            "options": "form_field", "option": "form_option"}


def can_be_passed(value):
    return value.is_const or value.kind in POINTERS or value.kind == "list" \
        or values.c_type(value) is not None


def argument(value):
    return value.c if value.kind not in POINTERS or value.pointer else f"&{value.c}"


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


def escape(text, quoted):
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;") if quoted else text


def icon_markup(path):
    """The SVG without comments and sizes, hidden from screen readers and named for the style sheet."""
    text = re.sub(r"<!--.*?-->|<\?.*?\?>", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"\s+", " ", text).strip().replace("> <", "><").replace(" />", "/>")
    match = re.fullmatch(r"<svg([^>]*)>(.*)</svg>", text)
    if not match or re.search(r"<script|\son\w+=|javascript:", text, re.I):
        raise TemplateError(f"{path}: no plain SVG")
    attributes = re.sub(r'\s(class|width|height|aria-hidden|focusable)="[^"]*"', "", match[1])
    inner = re.sub(r"></(path|circle|rect|line|polyline|polygon|ellipse)>", "/>", match[2])
    return f'<svg class="icon" aria-hidden="true"{attributes.rstrip()}>{inner}</svg>'


# --- All rooms -----------------------------------------------------------------------------------

def empty_page(name):
    return (f"\nvoid {name}_html(struct buf *out, struct request *r, const struct frame_view *frame,\n"
            "    const void *data)\n{\n}\n")


def room_source(site, room, mistakes):
    """(C of the room's templates, their names); what is wrong is added to `mistakes`."""
    parts = ["/* Made by tools/pagegen.py from the templates; do not edit. */\n#include \"pages.h\"\n"]
    names, functions = set(), {}
    for path in sorted(room.pages.glob("*.html")) if room.pages.exists() else []:
        view = site.declarations.views.get(path.stem)
        if view is None or view.room is not room:   # included by others
            continue
        names.add(path.stem)
        try:
            parts.append("\n" + Page(site, room, path, functions).compile())
        except Located as error:
            mistakes.append(str(error))
            parts.append(empty_page(path.stem))
    for route in room.routes:
        if route.kind == "page" and route.html and route.answer and route.name not in names:
            names.add(route.name)
            parts.append(empty_page(route.name))
            mistakes.append(f"{room.file}: [page.{route.name}]: there is no "
                            f"{room.pages / (route.name + '.html')}")
    parts[1:1] = ["\n" + f.text for key, f in functions.items() if key[0] == "text"]
    return "".join(parts), sorted(names)


def report(mistakes, unfinished):
    text = "\n".join(dict.fromkeys(mistakes))
    if text and not unfinished:
        sys.exit(text)
    if text:
        print(text, file=sys.stderr)


def main(*arguments):
    unfinished = arguments[0] == "--unfinished"   # empty pages instead of those with mistakes
    out, depfile, web, *folders = arguments[1:] if unfinished else arguments
    out = Path(out)
    try:
        site, mistakes, files, names = Site(web, folders), [], {}, []
        for room in site.declarations.rooms:
            files[f"{room.name}_pages.c"], found = room_source(site, room, mistakes)
            names += found
        report(mistakes, unfinished)
    except (declarations.DeclarationError, assetgen.AssetError) as error:
        sys.exit(str(error))
    files["pages.h"] = HEADER + "".join(
        f"void {name}_html(struct buf *out, struct request *r, const struct frame_view *frame,\n"
        f"    const void *data);\n" for name in names)
    for name, text in files.items():
        if not (out / name).exists() or (out / name).read_text(encoding="utf-8") != text:
            (out / name).write_text(text, encoding="utf-8")
    write_depfile(Path(depfile), out / "pages.h", site)


def write_depfile(path, target, site):
    used = {str(p) for p in site.used} | {str(site.web / "static"), str(site.icons)}
    used |= {str(p) for p in (site.web / "static").glob("*")}
    for room in site.declarations.rooms:
        used |= {str(p) for p in (room.folder, room.file, room.pages) if p.exists()}
    path.write_text(f"{target}: {' '.join(sorted(used))}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
