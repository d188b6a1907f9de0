"""Those who talk to the server: a browser without scripts, and a program with a bearer token."""

import base64
import http.client
import json
import secrets
import urllib.parse

from pages import Page

PATIENCE_S = 60
FILE_PATIENCE_S = 600  # thousands of pictures are decoded before the answer


class Lost(Exception):
    """The connection broke before an answer came; whether the request was done is unknown."""


class Line:
    """One kept-alive connection."""

    def __init__(self, port):
        self.port, self.connection, self.patience_s = port, None, PATIENCE_S

    def ask(self, method, target, body=None, headers=None, again=True):
        """(status, headers by lower-case name, body). A line the server closed while nothing was
        asked is opened anew, once."""
        fresh = self.connection is None
        if fresh:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience_s)
        try:
            self.connection.request(method, target, body, headers or {})
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as trouble:
            self.close()
            if not fresh and again and method in ("GET", "HEAD"):
                return self.ask(method, target, body, headers, again=False)
            raise Lost(f"{method} {target}: {trouble!r}") from trouble
        if answer.will_close:
            self.close()
        names = {}
        for name, value in answer.getheaders():
            name = name.lower()
            names[name] = names[name] + "\n" + value if name in names else value
        return answer.status, names, content

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Browser:
    """Keeps cookies, follows redirects, sends forms with whatever they carry unseen."""

    def __init__(self, server):
        self.server, self.line, self.cookies = server, Line(server.port), {}

    def _ask(self, method, target, body=None, headers=None):
        headers = dict(headers or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        status, names, content = self.line.ask(method, target, body, headers)
        for cookie in names.get("set-cookie", "").split("\n"):
            if not cookie:
                continue
            pair, *attributes = cookie.split(";")
            name, _, value = pair.partition("=")
            if any(a.strip().lower() == "max-age=0" for a in attributes):
                self.cookies.pop(name.strip(), None)
            else:
                self.cookies[name.strip()] = value.strip()
        return status, names, content

    def _follow(self, target, answer):
        for _ in range(5):
            status, names, content = answer
            if status not in (301, 302, 303, 307, 308):
                return Page(target, status, names, content)
            target = urllib.parse.urljoin(target, names["location"])
            split = urllib.parse.urlsplit(target)
            assert split.netloc in ("", urllib.parse.urlsplit(self.server.url).netloc), \
                f"sent elsewhere: {target}"
            target = split.path + ("?" + split.query if split.query else "")
            answer = self._ask("GET", target)
        raise AssertionError(f"redirected round and round at {target}")

    def get(self, target, expect=200):
        target = target.removeprefix(self.server.url)
        page = self._follow(target, self._ask("GET", target))
        assert expect is None or page.status == expect, \
            f"GET {target}: {page.status}, not {expect}: {page.text[:600]}"
        return page

    def post(self, target, pairs, files=None, is_multipart=False, expect=None):
        """Sends pairs of name and value (text or bytes); files: {name: (filename, bytes)}."""
        headers = {"Origin": self.server.url}
        if is_multipart or files:
            mark = "----" + secrets.token_hex(16)
            parts = []
            for name, value in pairs:
                value = value if isinstance(value, bytes) else value.encode()
                parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
                             + value + b"\r\n")
            for name, (filename, content) in (files or {}).items():
                parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; '
                             f'filename="{filename}"\r\n'
                             f"Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
            body = b"".join(parts) + f"--{mark}--\r\n".encode()
            headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
        else:
            body = urllib.parse.urlencode(pairs).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        page = self._follow(target, self._ask("POST", target, body, headers))
        assert expect is None or page.status == expect, \
            f"POST {target}: {page.status}, not {expect}: {page.text[:600]} {page.problems}"
        return page

    def submit(self, form, files=None, expect=200):
        """Presses the form's button; files: {field: (filename, bytes)}."""
        pairs = [(name, value) for name, value in form.pairs()
                 if not any(f.name == name and f.kind == "file" for f in form.fields)]
        if form.method == "get":
            return self.get(form.action.split("?")[0] + "?" + urllib.parse.urlencode(pairs), expect)
        chosen = dict(files or {})
        if form.is_multipart:
            for f in form.fields:
                if f.kind == "file" and f.name not in chosen:
                    chosen[f.name] = ("", b"")
        return self.post(form.action, pairs, chosen, form.is_multipart, expect)

    def sign_in(self, email, password):
        form = self.get("/sign-in").form("/sign-in")
        page = self.submit(form.fill(email=email, password=password))
        assert self.is_signed_in(), f"{email} could not sign in: {page.text[:300]}"
        return page

    def is_signed_in(self):
        return "session" in self.cookies


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:600].decode('utf-8', 'replace')}"


class Api:
    """A program under /api/v1. Paths are given without that prefix."""

    def __init__(self, server, token=""):
        self.token, self.line = token, Line(server.port)

    def ask(self, method, path, body=None, key=None, headers=None):
        sent = {"Accept": "application/json"}
        if self.token:
            sent["Authorization"] = "Bearer " + self.token
        if key:
            sent["Idempotency-Key"] = key
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        return Answer(*self.line.ask(method, "/api/v1" + path, body, sent))

    def get(self, path, expect=200):
        answer = self.ask("GET", path)
        assert expect is None or answer.status == expect, f"GET {path}: {answer}"
        return answer.json() if answer.body and "json" in answer.headers.get("content-type", "") else answer

    def post(self, path, body=None, expect=200, key=None):
        answer = self.ask("POST", path, {} if body is None else body, key)
        wanted = expect if isinstance(expect, tuple) else (expect,)
        assert expect is None or answer.status in wanted, f"POST {path}: {answer}"
        return answer.json() if answer.body else None

    def post_file(self, path, name, filename, content, expect=200):
        """Sends a file as a form does, without base 64: for what is too large for JSON."""
        mark = secrets.token_hex(16)
        body = (f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'.encode()
                + content + f"\r\n--{mark}--\r\n".encode())
        self.line.close()
        self.line.patience_s = FILE_PATIENCE_S
        answer = self.ask("POST", path, body, headers={"Content-Type": f"multipart/form-data; boundary={mark}"})
        assert answer.status == expect, f"POST {path}: {answer}"
        return answer.json()


def upload(filename, content):
    """A file in a JSON body."""
    return {"filename": filename, "base64": base64.b64encode(content).decode()}
