"""Compiles one template to one C function, in one pass over Jinja2's tree.

What an expression is stands in pages_expressions.py, how values are written in pages_print.py, macros
in pages_macros.py; here stand files, blocks and statements.
"""
import re

from jinja2 import nodes

import pages_values as values
from pages_c import Writer, bare
from pages_expressions import Expressions
from pages_html import HtmlError, Position
from pages_macros import DEPTH_MAX, Macro, Macros, Scope
from pages_print import Printing
from pages_values import TemplateError, Value


class Located(Exception):
    """A mistake with its place: file:line, and through which files it was reached."""


class Template:
    """A parsed file: its tree, its blocks, and the scope of its top level."""

    def __init__(self, path, tree, scope):
        self.path, self.tree, self.scope = path, tree, scope
        self.library = False   # imported for its macros
        self.blocks = {b.name: b for b in tree.find_all(nodes.Block)}
        extends = [n for n in tree.body if isinstance(n, nodes.Extends)]
        self.extends = extends[0] if extends else None


class Page(Macros, Printing, Expressions):
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
        place = template.path if line is None else f"{template.path}:{line}"
        return Located(f"{place}: {error}{via}")

    def fresh(self, name):
        self.number += 1
        return f"{re.sub(r'[^a-z0-9_]', '_', name.lower())}_{self.number}"

    # --- The whole function -------------------------------------------------------------------

    def compile(self):
        template, chain = self.template, []
        while True:
            for name, block in template.blocks.items():
                self.block_chain.setdefault(name, []).append((block, template))
            if template.extends is None:
                break
            chain.append(template)
            if len(chain) > DEPTH_MAX:
                raise Located(f"{self.template.path}: templates extend each other in a circle")
            template = self.guarded(template, template.extends, self.begin_child, template)
        self.check_blocks(chain, template)
        self.statements(template.tree.body, template.scope, template)
        self.end_document(template)
        return self.function()

    def check_blocks(self, children, parent):
        """Each block of a child fills one of a parent's, or stands within a block of the same file."""
        for number, child in enumerate(children):
            known = [name for t in [*children[number + 1:], parent] for name in t.blocks]
            inner = {b.name for outer in child.blocks.values() for b in outer.find_all(nodes.Block)}
            for name, block in child.blocks.items():
                if name not in known and name not in inner:
                    raise self.located(TemplateError(
                        f"{parent.path.name} has no block {name!r}; it has {', '.join(known)}"),
                        child, block.lineno)

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
        begin, ends, sizes = self.position, [], []
        self.out.flush()
        size = self.out.static_size   # of the branches only the largest counts
        for number, (c, emit) in enumerate(cases):
            self.out.open(f"if ({bare(c)})" if number == 0 else f"else if ({bare(c)})")
            ends.append(self.emit_branch(begin, emit))
            self.out.close()
            sizes.append(self.out.static_size)
            self.out.static_size = size
        if has_last:
            self.out.open("else")
            ends.append(self.emit_branch(begin, last))
            self.out.close()
            sizes.append(self.out.static_size)
        else:
            ends.append(begin)
        self.out.static_size = max(sizes)
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
        room = self.out.reserve_line()
        before = self.out.static_size
        self.loop_body(head, f"{declaration}[{i}];", node, inner, template,
                       skip=f"{item}->input->in_path" if listed.kind == "fields" else None)
        self.out.fill_reserve(room, n, self.out.static_size - before)
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
