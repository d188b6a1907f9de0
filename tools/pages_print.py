"""Printing: how a value is written at the position where it stands in the document."""
from jinja2 import nodes

import pages_values as values
from pages_c import escape
from pages_values import TemplateError, Value


class Printing:
    """The part of a page's compiler that writes values."""

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
            self.out.open("if (csrf.size > 0)")   # without a session there is nothing to forge
            self.out.literal('<input type="hidden" name="csrf" value="')
            self.out.line("html_attribute(out, csrf);")
            self.out.literal('">')
            self.out.close()
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
            self.out.line(f"html_int(out, {c});")
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
