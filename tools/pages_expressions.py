"""Expressions of templates: from Jinja2's tree to a Value, by the types of pages_values.py."""
import re

from jinja2 import nodes

import pages_values as values
from pages_macros import Macro
from pages_values import TemplateError, Value, constant

OPERATORS = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*"}


class Expressions:
    """The part of a page's compiler that evaluates."""

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
        sheet = self.site.assets["icons.svg"].path
        return Value("html", const=f'<svg class="icon" aria-hidden="true"><use href="{sheet}#{name}"/></svg>')

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
