#!/usr/bin/python3
"""Tests of the reader of declarations: defaults, order, and messages that say file, key and what to do."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))

import declarations   # noqa: E402

PAGE = """
[page.thing_page]
path = "/boxes/{box_id}/things/{thing_id}"
permission = "read"
help = "Shows a thing."
"""
COMMAND = """
[command.thing_add]
path = "/boxes/{box_id}/things"
permission = "participate"
help = "Adds a thing."
"""


def load(text):
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder) / "thing"
        room.mkdir()
        (room / "thing_routes.toml").write_text(text)
        return declarations.load([room])


class Defaults(unittest.TestCase):
    def test_inputs_of_the_path_come_first_and_are_ids(self):
        route = load(PAGE + '[page.thing_page.in]\nsort = { type = "token", optional = true }').routes["thing_page"]
        self.assertEqual([(i.name, i.type, i.in_path, i.required) for i in route.inputs],
                         [("box_id", "id", True, True), ("thing_id", "id", True, True),
                          ("sort", "token", False, False)])

    def test_a_page_is_in_the_api_when_it_has_a_view(self):
        self.assertFalse(load(PAGE).routes["thing_page"].api)
        self.assertTrue(load(PAGE + 'produces = "text/csv"').routes["thing_page"].api)
        self.assertTrue(load(PAGE + '[view.thing_page]\nname = "text"').routes["thing_page"].api)

    def test_scopes_and_rates(self):
        route = load(COMMAND + 'rate = "5/minute"').routes["thing_add"]
        self.assertEqual((route.scope, route.rate), ("participate", (5, 60)))
        self.assertEqual(load(COMMAND + 'rate = "10/10s"').routes["thing_add"].rate, (10, 10))

    def test_labels_come_from_names_and_defaults_make_optional(self):
        route = load(COMMAND + '[command.thing_add.in]\nreal_name = { type = "line", max = 9, default = "x" }\n'
                     'kind = { type = "choice", values = ["a", "b_c"] }').routes["thing_add"]
        self.assertEqual((route.input("real_name").label, route.input("real_name").required), ("Real name", False))
        self.assertEqual(route.input("kind").values, [("a", "A"), ("b_c", "B c")])

    def test_views_stand_after_those_they_hold(self):
        views = load('[view.a]\nb = "view:b"\n[view.b]\nall = "list:a"\nid = "b_id"').views
        self.assertEqual(list(views), ["b", "a"])
        self.assertEqual(views["b"].fields["all"].c_type(), "struct a_list")

    def test_a_form_may_name_the_id_of_its_path_otherwise(self):
        other = COMMAND.replace("/things", "/subjects/{subject_id}").replace("thing_add", "other")
        declared = load(PAGE + other + 'form = "thing_page"')
        pairs = declarations.form_path(declared.routes["other"], declared.routes["thing_page"])
        self.assertEqual([own.name for _, own in pairs], ["box_id", "subject_id"])


BAD = [
    ("x = 1", "[x]: unknown table"),
    ("[page.a", "thing_routes.toml: Expected"),
    (PAGE + "colour = 1", "[page.thing_page]: unknown key 'colour'; there are path"),
    (PAGE.replace("help", "halp"), "help is missing"),
    (PAGE.replace('"read"', "1"), "permission must be text, not 1"),
    (PAGE.replace("{box_id}", "{box}"), "{box} in the path is no id"),
    (PAGE.replace("{thing_id}", "{box_id}"), "names a placeholder twice"),
    (PAGE.replace("thing_page", "switch"), "'switch' is no name"),
    (PAGE + "api = true", "api = true needs [view.thing_page], or produces"),
    (PAGE + 'produces = "text/csv"\n[view.thing_page]\na = "text"', "produces belongs to a page without a view"),
    (PAGE + "html = false", "neither html nor api: nobody could reach it"),
    (PAGE + 'rate = "many"', 'must look like "30/hour"'),
    (PAGE + 'scope = "all"', "scope must be one of read"),
    (PAGE + '[page.thing_page.in]\na = { type = "lines" }', "in.a: unknown type 'lines'"),
    (PAGE + '[page.thing_page.in]\na = { type = "line" }', "in.a: max is missing"),
    (PAGE + '[page.thing_page.in]\na = { type = "id" }', 'is = "person_id"'),
    (PAGE + '[page.thing_page.in]\ncsrf = { type = "token" }', "csrf is the platform's own"),
    (PAGE + '[page.thing_page.in]\na = { type = "choice" }', "a choice needs it"),
    (PAGE + '[page.thing_page.in]\na = { type = "choice", values = ["x"], default = "y" }', "is none of the values"),
    (PAGE + '[page.thing_page.in]\na = { type = "choice", is = "b" }', "is: there is no [choice.b]"),
    (PAGE + '[page.thing_page.in]\na = { type = "choice", is = "b", values = ["x"] }', "those of [choice.b]"),
    (PAGE + '[page.thing_page.in]\na = { type = "choice", is = "b", optional = true }\n[choice.b]\nx = "X"',
     "has values of its own"),
    (PAGE + '[page.thing_page.in]\na = { type = "choice", is = "b", default = "y" }\n[choice.b]\nx = "X"',
     "is none of the values"),
    ("[choice.a]", "at least one value"),
    ("[choice.a]\nx = 1", "the label of 'x' must be text"),
    (PAGE + '[page.thing_page.in]\na = { type = "int", max = 3, default = 4 }', "4 is not within 0 … 3"),
    (PAGE + '[page.thing_page.in]\na = { type = "int", max = 3, min = 4 }', "min 4 is over max 3"),
    (COMMAND + 'answer = "thing"', "there is no [view.thing]"),
    (COMMAND + 'form = "thing_page"', "there is no [page.thing_page]"),
    (COMMAND.replace("/boxes/{box_id}", "") + 'form = "thing_page"' + PAGE, "needs box_id in its path"),
    ("[view.a]", "at least one field"),
    ('[view.a]\nb = "texts"', "unknown type 'texts'"),
    ('[view.a]\nb = "list:c"', "there is no [view.c]"),
    ('[view.a]\nb = "form:c"', "there is no [command.c]"),
    ('[view.a]\nb = "view:a"', "holds itself by value (a > a); use list:"),
]


class Mistakes(unittest.TestCase):
    def test_each_stops_with_file_key_and_reason(self):
        for text, message in BAD:
            with self.subTest(message=message), self.assertRaises(declarations.DeclarationError) as caught:
                load(text)
            self.assertIn(message, str(caught.exception))
            self.assertIn("thing_routes.toml: ", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
