"""Where in an HTML document a template stands: the position decides how a value is escaped.

A Position reads a template's literal text character by character and knows whether the next value
would stand in text, in an attribute's value, in a URL, or where none may stand. It is not a parser of
documents, only of positions; it also makes the literal text smaller on its way through.
"""
import copy
import re

URL_ATTRIBUTES = {"href", "src", "action", "formaction", "poster", "cite", "data", "manifest",
                  "background", "srcset", "imagesrcset", "ping", "longdesc", "xlink:href", "data-url",
                  "data-src", "data-href", "data-action"}
FORBIDDEN = {"style": "the content security policy forbids it; use a class",
             "srcdoc": "a document inside an attribute cannot be escaped by position",
             "http-equiv": "headers are set by the server"}
RAW = {"script", "style"}           # nothing is escaped in them: no values, and no content of ours
RAW_TEXT = {"textarea", "title"}    # only references are read in them
SAFE = "\0"                         # stands in `url` for a beginning that is known to be safe


class HtmlError(Exception):
    pass


class Position:
    def __init__(self):
        self.mode = "text"   # text open tag gap space name after_name equals value bare comment declaration
        self.raw = None      # the element of RAW or RAW_TEXT whose content is read
        self.pre = 0         # depth of <pre>
        self.tag = ""        # of the tag being read, with "/" in front when it closes
        self.attribute = ""
        self.quote = ""
        self.url = ""        # what the URL attribute's value holds so far
        self.blank = False   # the last character written was white space
        self.fresh = False   # just behind <textarea>, where a line break would not count
        self.held = ""       # the beginning of "<!--" or "</title" seen so far

    def copy(self):
        return copy.copy(self)

    # --- Literal text ---------------------------------------------------------------------------

    def feed(self, text):
        """Reads literal text; returns what is to be written of it."""
        out = []
        for char in text:
            self._step(char, out)
        return "".join(out)

    def _step(self, char, out):
        getattr(self, "_in_" + self.mode)(char, out)

    def _write(self, char, out):
        blank = char in " \t\r\n"
        keep = self.pre or self.raw or self.mode == "value"
        if blank and not keep:
            if self.blank:
                return
            char = "\n" if char == "\n" and self.mode == "text" else " "
        self.blank = blank
        out.append(char)

    def _in_text(self, char, out):
        if self.raw:
            self._in_raw(char, out)
        elif char == "<":
            self.mode, self.tag, self.held = "open", "", "<"
        else:
            self._write(char, out)

    def _in_raw(self, char, out):
        fresh, self.fresh = self.fresh, False
        if fresh and char == "\n":
            return
        if self.raw in RAW and char not in " \t\r\n<" and not self.held:
            raise HtmlError(f"<{self.raw}> must be empty: the content security policy forbids inline "
                            "code; make it a file in web/static")
        end = f"</{self.raw}"
        self.held += char
        if not end.startswith(self.held.lower()):
            out.append(self.held)
            self.held, self.blank = "", False
        elif self.held.lower() == end:
            out.append(end)
            self.mode, self.tag, self.raw, self.held = "tag", "/" + self.raw, None, ""
            self.blank = False

    def _in_open(self, char, out):
        held = self.held + char
        if held == "<!":
            self.held = held
        elif held.startswith("<!"):
            self._in_markup_declaration(held, out)
        elif char == "/" and held == "</":
            self.held = held
        elif char.isascii() and char.isalpha():
            self.mode, self.tag = "tag", ("/" if held[1] == "/" else "") + char.lower()
            self.held, self.blank = "", False
            out.append(held)
        else:
            raise HtmlError('"<" begins no tag here; write &lt;')

    def _in_markup_declaration(self, held, out):
        if "<!--".startswith(held):
            self.held = held
            if held == "<!--":
                self.mode, self.held = "comment", ""
        else:
            out.append(held)
            self.mode, self.held = "declaration", ""

    def _in_comment(self, char, out):
        self.held = (self.held + char)[-3:]
        if self.held == "-->":
            self.mode, self.held = "text", ""

    def _in_declaration(self, char, out):
        out.append(char)
        if char == ">":
            self.mode = "text"

    def _in_tag(self, char, out):
        if char in " \t\r\n/>":
            self._after_part(char, out)
        else:
            self.tag += char.lower()
            out.append(char)

    def _in_gap(self, char, out):
        """Behind a quoted value, or where a name met a {% %}: the next part needs a space before it."""
        if char not in " \t\r\n/>":
            raise HtmlError(f"a space is needed before {char!r}: names and attributes cannot be put "
                            "together across {% %} or a closing quote")
        self._after_part(char, out)

    def _in_space(self, char, out):
        if char in " \t\r\n/>":
            self._after_part(char, out)
        else:
            if char in "\"'<=`":
                raise HtmlError(f"{char!r} cannot begin an attribute")
            self.mode, self.attribute, self.blank = "name", char.lower(), False
            out.append(char)

    def _after_part(self, char, out):
        if char == ">":
            self._end_tag(out)
        else:
            self.mode = "space"
            self._write(char, out)

    def _end_tag(self, out):
        if self.blank and out and out[-1] == " ":
            out.pop()
        out.append(">")
        self.blank = False
        self.mode = "text"
        name = self.tag.lstrip("/")
        if name == "pre":
            self.pre += -1 if self.tag.startswith("/") else 1
        elif name in RAW | RAW_TEXT and not self.tag.startswith("/"):
            self.raw = name
        if self.raw == "textarea":   # so that a value which begins with a line break keeps it
            out.append("\n")
            self.fresh = True
        self.tag = self.attribute = self.quote = self.url = ""

    def _in_name(self, char, out):
        if char == "=":
            self._check_attribute()
            self.mode = "equals"
            out.append(char)
        elif char in " \t\r\n/>":
            self._check_attribute()
            if char in "/>":
                self._after_part(char, out)
            else:
                self.mode = "after_name"
                self._write(char, out)
        elif char in "\"'<`":
            raise HtmlError(f"{char!r} cannot stand in the name of an attribute")
        else:
            self.attribute += char.lower()
            out.append(char)

    def _check_attribute(self):
        if re.fullmatch(r"on[a-z]+", self.attribute):
            raise HtmlError(f"{self.attribute}= is forbidden by the content security policy; "
                            "listen for the event in web/static/app.js")
        if self.attribute in FORBIDDEN:
            raise HtmlError(f"{self.attribute}= is forbidden: {FORBIDDEN[self.attribute]}")

    def _in_after_name(self, char, out):
        if char == "=":
            raise HtmlError("no space before = of an attribute, please")
        self.mode = "space"
        self._in_space(char, out)

    def _in_equals(self, char, out):
        if char in " \t\r\n>":
            raise HtmlError(f"{self.attribute}= has no value")
        self.url = ""
        out.append(char)
        if char in "\"'":
            self.mode, self.quote, self.blank = "value", char, False
        else:
            self.mode, self.url = "bare", char

    def _in_value(self, char, out):
        if char == self.quote:
            self._check_whole_url()
            out.append(char)
            self.mode, self.blank = "gap", False
        elif self.attribute == "class" and char in " \t\r\n":
            if not self.blank:
                out.append(" ")
            self.blank = True
        else:
            self.blank = False
            if self.url != SAFE:
                self.url += char
            out.append(char)

    def _in_bare(self, char, out):
        if char in " \t\r\n>":
            self._check_whole_url()
            self._after_part(char, out)
        elif char in "\"'<=`":
            raise HtmlError(f"{char!r} in an attribute without quotes")
        else:
            self.url += char
            out.append(char)

    def _check_whole_url(self):
        if self._is_url() and re.match(r"\s*(javascript|vbscript|data)\s*:", self.url, re.I):
            raise HtmlError(f"{self.attribute} must not be a {self.url.split(':')[0].strip()}: URL")

    # --- Values ---------------------------------------------------------------------------------

    def _is_url(self):
        return self.attribute in URL_ATTRIBUTES

    def context(self):
        """How a value must be written here: "text", "raw_text", "attribute", "url" (nothing of the
        URL is there yet), "url_number" (only what is never empty may follow) or "url_part"."""
        if self.mode == "text" and self.raw in RAW:
            raise HtmlError(f"no value may stand in <{self.raw}>")
        if self.mode == "text" and not self.held:
            return "raw_text" if self.raw else "text"
        if self.mode == "value":
            return self._url_context() if self._is_url() else "attribute"
        if self.mode in ("equals", "bare"):
            raise HtmlError(f'put quotes around the value: {self.attribute}="{{{{ … }}}}"')
        raise HtmlError(f"no value may stand {self.describe()}")

    def _url_context(self):
        if self.url == "":
            return "url"
        if self.url == "/":
            return "url_number"
        if self.url == SAFE or re.match(r"[?#]|/[^/\\]|https?://[^/?#\s]+[/?#]|mailto:", self.url):
            return "url_part"
        raise HtmlError(f"a value cannot follow {self.url!r} in {self.attribute}: a URL begins with a "
                        'url value, "/path", "?", "#", "https://host/" or "mailto:"')

    def wrote_value(self):
        """A value was written here."""
        self.blank = self.fresh = False
        if self.mode == "value" and self._is_url():
            self.url = SAFE

    def feed_literal_value(self, text):
        """An author's literal text was written as a value: it may begin a URL like literal text."""
        self.blank = self.fresh = False
        if self.mode == "value" and self.url != SAFE:
            self.url += text

    # --- Branches -------------------------------------------------------------------------------

    def begin_branch(self):
        """An {% if %} or {% for %} begins or ends here."""
        if self.mode in ("tag", "name"):
            if self.mode == "name":
                self._check_attribute()
            self.mode = "gap"
        elif self.mode == "after_name":
            self.mode = "space"
        elif self.mode in ("open", "equals", "bare", "declaration", "comment") or self.held:
            raise HtmlError(f"no {{% %}} may stand {self.describe()}")

    def _key(self):
        url = self.url if self.mode == "value" and self._is_url() else ""
        if url:
            try:
                url = SAFE if self._url_context() == "url_part" else url
            except HtmlError:
                pass
        in_tag = self.mode in ("gap", "space", "value")
        return (self.raw, self.pre, self.tag if in_tag else "",
                (self.attribute, self.quote, url) if self.mode == "value" else "")

    def join(self, others):
        """The position behind branches that end in the `others`; False when they do not agree."""
        first = others[0]
        modes = {other.mode for other in others}
        if any(other._key() != first._key() for other in others):
            return False
        if modes == {"gap", "space"}:
            mode = "gap"
        elif len(modes) == 1:
            mode = first.mode
        else:
            return False
        blank = all(other.blank for other in others)
        self.__dict__.update(first.__dict__)
        self.mode, self.blank = mode, blank
        if self.mode == "value" and self._is_url():
            self.url = first._key()[3][2]
        return True

    def describe(self):
        tag = f"<{self.tag}>"
        return {"text": f"in <{self.raw}>" if self.raw else "in text", "open": "behind <",
                "tag": f"in the name of {tag}", "gap": f"in {tag} between attributes",
                "space": f"in {tag} between attributes", "after_name": f"in {tag} between attributes",
                "name": f"in the name of an attribute of {tag}",
                "equals": f"in {self.attribute}= without quotes",
                "bare": f"in {self.attribute}= without quotes",
                "value": f"in {self.attribute}={self.quote} of {tag}"
                         + (" with a URL begun" if self._is_url() and self.url else ""),
                "comment": "in a comment", "declaration": "in <!…>"}[self.mode]
