#!/usr/bin/python3
"""Tests of the generator of routes: what it refuses, and what C, OpenAPI and lists it makes."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))

import declarations   # noqa: E402
import openapi        # noqa: E402
import routegen       # noqa: E402

PAGE = """
[page.{0}]
path = "{1}"
permission = "read"
help = "Shows “it”, or \\"nothing\\"."
"""
COMMAND = """
[command.{0}]
path = "{1}"
permission = "participate"
help = "Does it."
"""


def load(text):
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder) / "thing"
        room.mkdir()
        (room / "thing_routes.toml").write_text(text)
        return declarations.load([room])


def made(text):
    return routegen.outputs(load(text))


def document(text):
    rooms = load(text)
    return openapi.openapi_document(rooms, list(rooms.routes.values()))


class Routes(unittest.TestCase):
    def test_two_routes_of_one_shape_stop_the_build(self):
        rooms = load(PAGE.format("a", "/a/{a_id}/x") + PAGE.format("b", "/a/{b_id}/x"))
        with self.assertRaisesRegex(declarations.DeclarationError, "b.*answered by a already"):
            routegen.check_shapes(rooms)

    def test_a_page_and_a_command_share_a_path(self):
        routegen.check_shapes(load(PAGE.format("a", "/a") + COMMAND.format("b", "/a")))

    def test_words_stand_before_placeholders(self):
        text = (PAGE.format("any", "/a/{a_id}") + PAGE.format("new", "/a/new") + PAGE.format("home", "/"))
        pointers = [line.strip() for line in made(text)["routes_all.c"].splitlines() if "_route," in line]
        self.assertEqual(pointers, ["&home_route,", "&new_route,", "&any_route,"])

    def test_help_and_labels_survive_as_c(self):
        self.assertIn('"Shows “it”, or \\"nothing\\"."', made(PAGE.format("a", "/a"))["thing_routes.c"])

    def test_a_choice_that_may_be_left_out_has_none_first(self):
        text = COMMAND.format("thing_do", "/do") + """[command.thing_do.in]
kind = { type = "choice", values = ["x", "y"], optional = true }
rank = { type = "choice", values = ["low", "high"], default = "high" }"""
        header = made(text)["thing_routes.h"]
        self.assertIn("enum thing_do_kind { THING_DO_KIND_NONE, THING_DO_KIND_X, THING_DO_KIND_Y };", header)
        self.assertIn("enum thing_do_rank { THING_DO_RANK_LOW, THING_DO_RANK_HIGH };", header)
        self.assertIn(".rank = THING_DO_RANK_HIGH", made(text)["thing_routes.c"])

    def test_a_choice_of_several_routes_is_made_once(self):
        text = '[choice.fruit]\napple = "An apple"\nfig = "A fig"\n' + "".join(
            COMMAND.format(name, f"/{name}") + f'[command.{name}.in]\nwhich = {{ type = "choice", is = "fruit" }}\n'
            for name in ("eat", "sell"))
        files = made(text)
        self.assertIn("enum fruit { FRUIT_APPLE, FRUIT_FIG };", files["views.h"])
        self.assertEqual(files["thing_routes.h"].count("    enum fruit which;"), 2)
        self.assertEqual(files["thing_routes.c"].count(".choices = fruit_names, .choice_labels = fruit_labels"), 2)
        everything = "".join(text for name, text in files.items() if name.endswith(".c"))
        self.assertEqual(everything.count('"A fig"'), 1, "the label stands in two places")
        schema = document(text)["paths"]["/eat"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        self.assertEqual(schema["properties"]["which"]["enum"], ["apple", "fig"])

    def test_a_default_that_c_cannot_hold_is_refused(self):
        text = COMMAND.format("act", "/act") + '[command.act.in]\nat = { type = "time", default = "x" }'
        with self.assertRaisesRegex(declarations.DeclarationError, "a time has no default"):
            made(text)


class Views(unittest.TestCase):
    TEXT = PAGE.format("box", "/boxes/{box_id}") + """
[view.box]
box_id = "box_id"
title = "text"
words = "html"
link = "url"
things = "list:thing"
[view.thing]
at = "time"
"""

    def test_json_leaves_out_what_is_for_pages(self):
        writer = made(self.TEXT)["views.c"]
        self.assertIn('S(",\\"title\\":")', writer)
        self.assertNotIn("words", writer)
        self.assertNotIn("link", writer)

    def test_the_url_of_a_route_prints_its_id(self):
        self.assertIn("url_box(struct arena *arena, struct box_id box_id)", made(self.TEXT)["urls.h"])

    def test_openapi_knows_the_views_that_are_answered(self):
        result = document(self.TEXT + '[view.unused]\na = "text"')
        schemas = result["components"]["schemas"]
        self.assertEqual(sorted(schemas), ["Problem", "box", "thing"])
        self.assertEqual(list(schemas["box"]["properties"]), ["box_id", "title", "things"])
        self.assertEqual(result["paths"]["/boxes/{box_id}"]["get"]["operationId"], "box")


class OpenApi(unittest.TestCase):
    TEXT = COMMAND.format("add", "/things") + """creates = true
[command.add.in]
title = { type = "line", min = 5, max = 120 }
count = { type = "int", min = 1, max = 9, optional = true }"""

    def test_inputs_have_their_limits(self):
        operation = document(self.TEXT)["paths"]["/things"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        self.assertEqual(schema["required"], ["title"])
        self.assertFalse(schema["additionalProperties"])
        self.assertEqual(schema["properties"]["title"]["minLength"], 5)
        self.assertEqual(schema["properties"]["title"]["maxLength"], 120)
        self.assertEqual(schema["properties"]["count"]["maximum"], 9)

    def test_commands_say_what_may_go_wrong(self):
        operation = document(self.TEXT)["paths"]["/things"]["post"]
        self.assertEqual(sorted(operation["responses"]),
                         ["201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503"])
        self.assertIn({"$ref": "#/components/parameters/IdempotencyKey"}, operation["parameters"])

    def test_what_is_not_in_the_api_is_not_described(self):
        self.assertEqual(document(self.TEXT.replace("creates", "api = false\ncreates"))["paths"], {})


if __name__ == "__main__":
    unittest.main()
