"""What the program declares: its routes with their inputs, its permissions; and values that fit or do not."""

import csv
import io
import json

from manyhands import BUILD

ROLES = ("nobody", "participant", "moderator", "manager", "owner")
SCOPES = ("read", "participate", "moderate", "manage")
MARKUP = """<script>alert(1)</script><b>"it's"</b>&amp; """


def routes():
    return json.loads((BUILD / "routes.json").read_text())


def permissions(house):
    """{permission: {role: whether}}; a guest is somebody who came through a panel."""
    output, _ = house.run("doctor", "--print-permissions")
    return {row["permission"]: {role: row[role] == "1" for role in (*ROLES, "guest")}
            for row in csv.DictReader(io.StringIO(output))}


def path_of(route, ids):
    """The route's path with its ids filled in."""
    path = route["path"]
    for i in route["inputs"]:
        if i["in_path"]:
            path = path.replace("{" + i["name"] + "}", ids[i["name"]])
    return path


def fields_of(route):
    return [i for i in route["inputs"] if not i["in_path"]]


# --- Values ------------------------------------------------------------------------------------------


def good(field):
    """A value as a form sends it; None: left out."""
    kind = field["type"]
    if not field["required"] and kind not in ("line", "text", "markdown"):
        return None
    return {
        "line": "A line of good length"[:field["max"] or None],
        "text": "One\nTwo lines",
        "markdown": "Some *words* of good length",
        "email": "somebody@example.org",
        "password": "copper-violin-77-meadow",
        "int": str(max(field["min"], 1)),
        "choice": (field["values"] or [{"name": ""}])[0] if not isinstance((field["values"] or [""])[0], dict)
        else field["values"][0]["name"],
        "time": "2031-05-06T07:08",
        "colour": "#336699",
        "id": "0000000000001",
        "token": "abc",
        "bool": None,
        "file": None,
    }[kind]


def bad_in_form(field):
    """Values that a form must show again with a message: [(what, value)]; None: left out."""
    kind, low, high = field["type"], field["min"], field["max"]
    wrong = []
    if field["required"] and kind != "file":
        wrong += [("missing", None), ("empty", "")]
    if kind in ("line", "text", "markdown"):
        wrong += [("too long, with HTML", MARKUP + "x" * high), ("invalid UTF-8", b"broken \xff\xfe bytes"),
                  ("half a character", b"caf\xc3"), ("a control character", "bell \x07 bell"),
                  ("a zero byte", b"zero \x00 byte"), ("a surrogate", b"\xed\xa0\x80 surrogate")]
        if low > 1 and field["required"]:
            wrong.append(("too short", "x"))
    elif kind == "email":
        wrong += [("no address", "nobody at all"), ("HTML", MARKUP + "@example.org"),
                  ("too long", "x" * high + "@example.org"), ("invalid UTF-8", b"\xff@example.org"),
                  ("two lines", "a@example.org\r\nBcc: b@example.org")]
    elif kind == "password":
        wrong += [("too long", "x" * (high + 1)), ("invalid UTF-8", b"\xff" * 12)]
    elif kind == "int":
        wrong += [("a word", "many"), ("HTML", MARKUP), ("too low", str(low - 1)), ("too high", str(high + 1)),
                  ("huge", "9" * 40), ("a fraction", "1.5"), ("invalid UTF-8", b"\xff")]
    elif kind == "choice":
        wrong += [("no choice of ours", "nonsense"), ("HTML", MARKUP), ("invalid UTF-8", b"\xff")]
    elif kind == "time":
        wrong += [("a word", "tomorrow"), ("HTML", MARKUP), ("no such day", "2031-02-30T10:00"),
                  ("far away", "99999-01-01T00:00"), ("invalid UTF-8", b"\xff")]
    elif kind == "colour":
        wrong += [("a word", "red"), ("HTML", MARKUP), ("CSS", "#123;}body{"), ("invalid UTF-8", b"\xff")]
    elif kind == "id":
        wrong += [("no id", "!!"), ("HTML", MARKUP), ("invalid UTF-8", b"\xff"), ("too long", "0" * 99)]
    elif kind == "bool":
        wrong += [("neither yes nor no", "perhaps"), ("invalid UTF-8", b"\xff")]
    return wrong


def bad_in_json(field):
    """Values that the API must refuse with the field's name: [(what, value)]; None: left out."""
    kind, high = field["type"], field["max"]
    wrong = [("missing", None)] if field["required"] else []
    other = {"int": "7", "bool": "true"}.get(kind, 7)
    wrong += [("another type", other), ("a list", ["a"]), ("an object", {"a": {"b": [1]}})]
    if kind in ("line", "text", "markdown"):
        wrong += [("too long", "x" * (high + 1)), ("a control character", "bell \x07")]
    elif kind == "int":
        wrong += [("too high", high + 1), ("too low", field["min"] - 1), ("a fraction", 1.5), ("huge", 10 ** 17)]
    elif kind in ("choice", "time", "colour", "id", "email"):
        wrong += [("not of its kind", "nonsense <b>"), ("empty of sense", "\x07")]
    elif kind == "file":
        wrong += [("no base 64", {"filename": "a.png", "base64": "*"}), ("half", {"filename": "a.png"})]
    return wrong
