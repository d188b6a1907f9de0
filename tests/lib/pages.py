"""What a browser without scripts sees of a page: its text, links, forms and their fields."""

import html.parser
import urllib.parse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
BLOCKS = {"p", "div", "li", "h1", "h2", "h3", "h4", "tr", "td", "th", "dt", "dd", "section", "form",
          "label", "button", "option", "legend", "article", "header", "footer", "nav", "pre", "br"}


class Field:
    def __init__(self, name, kind, value="", checked=False):
        self.name, self.kind, self.value, self.checked = name, kind, value, checked
        self.options = []  # of a select: (value, label)

    def sent(self):
        """The values a browser would send for it."""
        if self.kind in ("checkbox", "radio"):
            return [self.value] if self.checked else []
        return [self.value]


class Form:
    def __init__(self, page, attributes):
        self.page = page
        self.action = attributes.get("action") or page.url
        self.method = (attributes.get("method") or "get").lower()
        self.is_multipart = attributes.get("enctype") == "multipart/form-data"
        self.fields = []
        self.buttons = []
        self.pressed = []  # what the button adds that sends it

    def named(self, name):
        found = [f for f in self.fields if f.name == name]
        assert found, f"the form {self.action} has no field {name}, only {[f.name for f in self.fields]}"
        return found

    def field(self, name):
        return self.named(name)[0]

    def fill(self, **values):
        """Types into fields, ticks boxes (True, False), chooses options. Returns the form."""
        for name, value in values.items():
            fields = self.named(name)
            if fields[0].kind == "checkbox":
                fields[0].checked = bool(value)
            elif fields[0].kind == "radio":
                assert value in [f.value for f in fields], f"{name} offers no {value}"
                for f in fields:
                    f.checked = f.value == value
            else:
                if fields[0].kind == "select":
                    by_label = {label: v for v, label in fields[0].options}
                    value = by_label.get(value, value)
                    assert value in [v for v, _ in fields[0].options], f"{name} offers no {value}"
                fields[0].value = value
        return self

    def pairs(self):
        return [(f.name, value) for f in self.fields for value in f.sent() if f.name] + self.pressed

    def sent_elsewhere(self, action):
        """The same form, sent by a button with an action of its own."""
        other = Form(self.page, {"action": action, "method": self.method})
        other.is_multipart, other.fields = self.is_multipart, self.fields
        return other


class Page(html.parser.HTMLParser):
    """A parsed answer; `status`, `url`, `headers` and `source` are as they came."""

    def __init__(self, url, status, headers, body):
        super().__init__(convert_charrefs=True)
        self.url, self.status, self.headers, self.body = url, status, headers, body
        self.source = body.decode("utf-8", "replace")
        self.forms, self.links, self.problems, self.ids, self.title = [], [], {}, set(), ""
        self._words, self._open, self._form, self._select, self._area = [], [], None, None, None
        self._link, self._problem, self._plain_buttons = None, None, 0
        if "html" in headers.get("content-type", "html"):
            self.feed(self.source)
            self.close()
        self.text = " ".join("".join(self._words).split())

    # --- Reading -----------------------------------------------------------------------------------

    def handle_starttag(self, tag, attrs):
        a = {k: v if v is not None else "" for k, v in attrs}
        if "id" in a:
            self.ids.add(a["id"])
        if tag not in VOID:
            self._open.append(tag)
        if tag in BLOCKS:
            self._words.append(" ")
        if tag == "form":
            self._form, self._plain_buttons = Form(self, a), 0
            self.forms.append(self._form)
        elif tag == "a" and "href" in a:
            self._link = [a["href"], []]
        elif tag == "p" and a.get("id", "").endswith("-problem"):
            self._problem = (a["id"].removesuffix("-problem").rsplit("-", 1)[-1], [])
        if self._form is not None:
            self._form_part(tag, a)

    def _form_part(self, tag, a):
        name, fields = a.get("name", ""), self._form.fields
        if tag == "input":
            kind = a.get("type", "text")
            if kind not in ("submit", "button"):
                value = a.get("value", "on" if kind in ("checkbox", "radio") else "")
                fields.append(Field(name, kind, value, "checked" in a))
        elif tag == "textarea":
            self._area = Field(name, "textarea")
            fields.append(self._area)
        elif tag == "select":
            self._select = Field(name, "select", None)
            fields.append(self._select)
        elif tag == "option" and self._select is not None:
            self._select.options.append((a.get("value", ""), ""))
            if "selected" in a or self._select.value is None:
                self._select.value = a.get("value", "")
        elif tag == "button":
            self._button(a)

    def _button(self, a):
        pressed = [(a["name"], a.get("value", ""))] if "name" in a else []
        if "formaction" in a:
            other = self._form.sent_elsewhere(a["formaction"])
            other.pressed = pressed
            self.forms.append(other)
        else:
            if self._plain_buttons == 0:
                self._form.pressed = pressed
            self._plain_buttons += 1
        self._form.buttons.append("")

    def handle_endtag(self, tag):
        if tag in BLOCKS:
            self._words.append(" ")
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "form" and self._form is not None:
            if self._form.buttons and self._plain_buttons == 0:
                self.forms.remove(self._form)  # each of its buttons leads elsewhere
            self._form = None
        elif tag == "textarea" and self._area is not None:
            self._area.value = self._area.value.removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "a" and self._link is not None:
            self.links.append((self._link[0], " ".join("".join(self._link[1]).split())))
            self._link = None
        elif tag == "p" and self._problem is not None:
            self.problems[self._problem[0]] = " ".join("".join(self._problem[1]).split())
            self._problem = None

    def handle_data(self, data):
        if self._area is not None:
            self._area.value += data
            return
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data
        if any(tag in ("script", "style") for tag in self._open):
            return
        if self._link is not None:
            self._link[1].append(data)
        if self._problem is not None:
            self._problem[1].append(data)
        if self._form is not None:
            if self._open and self._open[-1] == "option" and self._select is not None:
                value, label = self._select.options[-1]
                self._select.options[-1] = (value, (label + data).strip())
            elif "button" in self._open and self._form.buttons:
                self._form.buttons[-1] = (self._form.buttons[-1] + data).strip()
        self._words.append(data)

    # --- Asking -------------------------------------------------------------------------------------

    def form(self, ending, which=0):
        """The form whose action ends so."""
        found = [f for f in self.forms if f.action.split("?")[0].endswith(ending)]
        assert len(found) > which, \
            f"{self.url} ({self.status}) has no form …{ending}, only {[f.action for f in self.forms]}"
        return found[which]

    def has_form(self, ending):
        return any(f.action.split("?")[0].endswith(ending) for f in self.forms)

    def link(self, label):
        """Where the first link leads that has these words, or else contains them."""
        for fits in (str.__eq__, str.__contains__):
            for href, text in self.links:
                if fits(text.lower(), label.lower()):
                    return href
        raise AssertionError(f"{self.url} has no link “{label}”, only {[t for _, t in self.links]}")

    def says(self, words):
        assert words.lower() in self.text.lower(), \
            f"{self.url} ({self.status}) does not say “{words}” but: {self.text[:1500]}"
        return self

    def says_not(self, words):
        assert words.lower() not in self.text.lower(), f"{self.url} ({self.status}) says “{words}”"
        return self

    def path(self):
        return urllib.parse.urlsplit(self.url).path
