"""who-may: every route is asked by everybody, and answers as it is declared.

Generated from routes.json and the permission table: a route added later is asked without a change here.
A refused parameter makes a command answer 422 to whoever may use it, before it does anything; so even
the commands that would end something can be asked by all.
"""

import datetime
import re
import urllib.parse
import zlib

import declared
from declared import MARKUP, ROLES, SCOPES
from clients import upload
from manyhands import OWNER, wait_until
from pages import Page
from panel_links import link

TABLES = ("organisation", "team_member", "person", "consent", "session", "access_token", "campaign", "category",
          "terms", "terms_acceptance", "subject", "idea", "idea_version", "comment", "vote", "ballot",
          "opinion", "opinion_map", "theme_act", "moderation",
          "ledger", "ledger_entry", "ledger_transfer", "ledger_balance", "payout", "payout_details", "payer", "payout_batch",
          "payout_line", "payout_approval", "task_rules", "task_item", "task_answer", "task_worker",
          "task_practice", "task_try", "task_house", "task_admission", "task_test", "task_test_answer",
          "task_correction", "task_news", "task_letter", "task_skill", "task_skill_held", "person_languages",
          "webhook_endpoint", "webhook_delivery", "panel", "panel_worker", "panel_visit",
          "mail")
OF_ITS_AUTHOR = {"idea_edit", "task_appealing"}  # a page for who wrote the idea, here the owner; to others it is not there
# Once the campaign has opened, most of its fields are shown, not asked; and the other one has its ledger.
OF_A_DRAFT = {"campaign_change", "money_open", "task_describe"}
# Fields that people do not type into where they stand here; the form's summary speaks for them.
UNSEEN = {("theme_name", "grain"), ("theme_join", "grain"), ("theme_move", "grain"), ("theme_move", "idea_ids"),
          ("idea_submit", "accept_terms"), ("ideas_hide", "idea_ids"), ("comment_add", "parent_id"),
          ("task_give", "fence"), ("task_give", "count"), ("task_give", "text"), ("task_give", "task_answer_id"), ("task_skip", "fence"), ("task_skip", "count"),
          ("task_practise", "text"), ("task_test_give", "text"),
          ("moderation_fine", "keys"), ("moderation_hide", "keys")}
MAILED = {"participant": "pia@example.org", "moderator": "mo@example.org", "manager": "max@example.org",
          "stranger": "olga@example.org"}


def tell(story):
    house = story.installation(MANYHANDS_EMBEDDINGS_URL="http://127.0.0.1:1024/v1/embeddings", MANYHANDS_EMBEDDINGS_MODEL="nobody-answers")
    house.set_up()
    house.start()
    world = World(house)
    with story.scene("a participant, a moderator, a manager, an owner and another organisation's owner sign in"):
        world.people_arrive()
        world.things_exist()
    by_page(story, world)
    by_api(story, world)
    by_scope(story, world)
    drafts(story, world)
    strangers_ids(story, world)
    forged(story, world)
    fields_of_forms(story, world)
    fields_of_the_api(story, world)
    queries(story, world)
    rates(story, world)


class World:
    def __init__(self, house):
        self.house, self.ids, self.draft_ids = house, {}, {}
        self.browsers, self.tokens = {}, {}
        self.routes, self.permissions = declared.routes(), declared.permissions(house)

    def people_arrive(self):
        house = self.house
        owner = house.owner()
        self.browsers = {"nobody": house.browser(), "owner": owner}
        self.organisation = re.search("/organisations/([0-9a-z]{13})", owner.get("/").link("Team desk")).group(1)
        team = f"/organisations/{self.organisation}/team"
        for role in ("moderator", "manager"):
            owner.submit(owner.get(team).form("/team").fill(email=MAILED[role], role=role))
        for role, email in MAILED.items():
            browser = self.browsers[role] = house.browser()
            browser.submit(browser.get("/sign-up").form("/sign-up").fill(email=email, display_name=f"{role} P"))
        for role, email in MAILED.items():
            mail = house.mail_to(email)
            browser = self.browsers[role]
            browser.submit(browser.get(house.mail.link(mail)).forms[-1])
            assert browser.is_signed_in(), role
        self.another_organisation()
        for role, browser in self.browsers.items():
            if role != "nobody":
                self.tokens[role] = house.token_of(browser)

    def another_organisation(self):
        """The schema holds several organisations, but no command makes a second one; it is put there by hand."""
        ask = self.house.database.ask
        [[person]] = ask("SELECT person_id FROM person WHERE email = 'olga@example.org'")
        ask("INSERT INTO organisation (organisation_id, name, logo_blob, colour_1, colour_2, created_at) "
            f"VALUES ({int(person) + 7}, 'Another house', '', '#112233', '#445566', 1)")
        ask("INSERT INTO team_member (organisation_id, person_id, role, created_at) "
            f"VALUES ({int(person) + 7}, {person}, 'owner', 1)")

    def things_exist(self):
        api = self.house.api(self.tokens["owner"])
        closes = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=9)).strftime("%FT%TZ")

        def campaign(question, is_open):
            made = api.post(f"/organisations/{self.organisation}/campaigns",
                            {"question": question, "closes_at": closes, "votes_per_person": 0,
                             "votes_against": True, "maps_opinions": True, "categories": "One\nTwo"}, expect=201)["campaign_id"]
            if is_open:
                api.post(f"/campaigns/{made}/open")
            return made

        def contents(of):
            idea = api.post(f"/campaigns/{of}/ideas", {"title": "An idea of the owner"}, expect=201)["idea_id"]
            comment = api.post(f"/campaigns/{of}/subjects/{idea}/comments", {"text": "First."}, expect=201)
            return {"campaign_id": of, "idea_id": idea, "subject_id": idea, "comment_id": comment["comment_id"]}

        self.ids = contents(campaign("What is missing here?", True))
        self.other_ids = contents(campaign("What is too much here?", True))
        upload = self.browsers["owner"].get(f"/campaigns/{self.ids['campaign_id']}/manage/import").form("/import")
        report = self.browsers["owner"].submit(upload, files={"file": ("a.csv", b"title\nFrom a letter\n")})
        themes = f"/campaigns/{self.ids['campaign_id']}/manage/themes"
        named = f"{themes}/{self.ids['subject_id']}"
        wait_until(lambda: api.ask("GET", named).status == 200, 60, "that the idea is compared")
        act = api.post(f"{named}/name", {"name": "First things"})["theme_act_id"]
        account = api.get("/account")
        people = api.get(f"/organisations/{self.organisation}/team")["members"]
        self.ids |= {"organisation_id": self.organisation, "token": "x" * 43,
                     "theme_act_id": act, "idea_import_id": report.path().rsplit("/", 1)[1],
                     "access_token_id": account["tokens"][0]["access_token_id"],
                     "person_id": next(p["person_id"] for p in people if p["role"] == "moderator"),
                     "name": self.a_picture(api)} | self.money_is_there(api) | self.a_webhook(api)
        self.draft_ids = {**self.ids, "campaign_id": campaign("A draft of the team?", False)}
        self.of_tasks = self.work_is_there(api, closes)
        self.ids |= self.a_guest_comes(api)

    def work_is_there(self, api, closes):
        """Campaigns of tasks: one with an answer of the owner's and an item that the owner has now, another, a draft."""
        def campaign(question, *items, tested=False):
            made = api.post(f"/organisations/{self.organisation}/campaigns",
                            {"question": question, "closes_at": closes, "kind": "task"}, expect=201)["campaign_id"]
            if items:
                tasks = f"/campaigns/{made}/tasks"
                api.post(f"{tasks}/describe", {"template": "describe", "ask": "What is on the picture?", "price": "0.10",
                                               "accept_hours": 24, "control_every": 0})
                rows = "text,known,practice\n" + "".join(f"{item},,\n" for item in items) + "zero,Nothing,yes\n"
                api.post(f"{tasks}/items", {"file": upload("items.csv", rows.encode())})
                if tested:
                    api.post(f"{tasks}/items", {"file": upload("controls.csv", b"text,known\nfive,Five\n")})
                    api.post(f"{tasks}/admit", {"test_items": 1, "test_tries": 1})
                api.post(f"/campaigns/{made}/money/deposit", {"amount": "50", "reason": "Invoice 8"})
                api.post(f"/campaigns/{made}/open")
            return made

        made = campaign("What do these show?", "one", "two", "three")
        tasks = f"/campaigns/{made}/tasks"
        first, second = api.post(f"{tasks}/take", {"count": 2})["items"]
        api.post(f"{tasks}/{first['task_item_id']}/give", {"fence": first["fence"], "answer": "A tram", "count": 1})
        answer = api.get(f"{tasks}/mine")["answers"][0]["task_answer_id"]
        practice = api.post(f"{tasks}/practice")["task_practice_id"]
        house = f"/organisations/{self.organisation}"
        api.post(f"{house}/skills", {"name": "Knows the town"})
        self.ids["task_skill_id"] = api.get(f"{house}/work")["skills"][0]["task_skill_id"]
        with_test = campaign("Who can tell?", "six", tested=True)
        asked = api.post(f"/campaigns/{with_test}/tasks/test")["task_item_id"]
        return {"ids": {"campaign_id": made, "task_item_id": second["task_item_id"], "task_answer_id": answer,
                        "task_practice_id": practice},
                "test_ids": {"campaign_id": with_test, "task_item_id": asked},
                "other_ids": {"campaign_id": campaign("What do those show?", "four")},
                "draft_ids": {"campaign_id": campaign("What will these show?")}}

    def ids_of(self, route, which="ids"):
        """What stands in a route's path: things of a campaign of its kind."""
        ids = {**self.ids, **getattr(self, which)}
        if route["campaigns"] == "task":
            ids |= self.of_tasks["ids"] | self.of_tasks[which]
            if "/tasks/test" in route["path"] and which == "ids":
                ids |= self.of_tasks["test_ids"]
        return ids

    def money_is_there(self, api):
        """A ledger with a request for a payout, and a batch that two people have approved."""
        campaign, house = f"/campaigns/{self.ids['campaign_id']}", f"/organisations/{self.organisation}"
        pia = self.house.api(self.tokens["participant"])
        payer = {"holder": "The payer", "iban": "DE89370400440532013000"}
        api.post(f"{campaign}/money/open", {"currency": "EUR"})
        api.post(f"{campaign}/money/deposit", {"amount": "50", "reason": "Invoice 7"})
        api.post(f"{house}/payer", payer)
        pia.post("/account/payout-details", payer)
        asked = []
        for _ in range(2):
            api.post(f"{campaign}/money/bonus", {"email": MAILED["participant"], "amount": "5", "reason": "Well done"})
            asked.append(pia.post(f"{campaign}/payouts", expect=201)["payout_id"])
            if len(asked) == 1:
                batch = api.post(f"{house}/payouts/batches", {"currency": "EUR"}, expect=201)["payout_batch_id"]
        for role in ("manager", "owner"):
            self.house.api(self.tokens[role]).post(f"{house}/payouts/batches/{batch}/approve")
        return {"ledger_entry_id": api.get(f"{campaign}/money")["transfers"][-1]["ledger_entry_id"],
                "payout_id": asked[1], "payout_batch_id": batch}

    def a_guest_comes(self, api):
        """Through a panel, by browser and by program, into the campaign of tasks."""
        made = api.post(f"/organisations/{self.organisation}/panels", {"name": "Acme Panel", "pays": "panel"}, expect=201)
        panel, work = made["panel"]["panel_id"], self.of_tasks["ids"]["campaign_id"]
        guest = self.browsers["guest"] = self.house.browser()
        guest.submit(guest.get(link(made["secret"], panel, work, "W-1")).form("/enter"))
        guest.form_page = f"/campaigns/{work}/panel"
        own = api.post(f"/organisations/{self.organisation}/panels/{panel}/token")["token"]
        self.tokens["guest"] = self.house.api(own).post(f"/panels/{panel}/workers", {"campaign": work, "worker": "W-1"}, expect=201)["token"]
        return {"panel_id": panel}

    def a_webhook(self, api):
        """One that hears nothing but a test, at an address that nobody has."""
        house = f"/organisations/{self.organisation}/webhooks"
        made = api.post(house, {"address": "https://nobody.invalid/hook", "kinds": "campaign.cancelled"}, expect=201)
        endpoint = made["endpoint"]["webhook_endpoint_id"]
        api.post(f"{house}/{endpoint}/test")
        delivery = api.get(f"{house}/{endpoint}")["deliveries"][0]["webhook_delivery_id"]
        return {"webhook_endpoint_id": endpoint, "webhook_delivery_id": delivery}

    def a_picture(self, api):
        from clients import upload
        import struct

        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        self.png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
                    + chunk(b"IDAT", zlib.compress((b"\0" + b"\x40\x80\xc0" * 8) * 8)) + chunk(b"IEND", b""))
        api.post(f"/organisations/{self.organisation}/edit",
                 {"name": "Stadtwerke Linden", "colour_1": "#0b6e4f", "colour_2": "#f2b134",
                  "logo": upload("logo.png", self.png)})
        return re.search("/pictures/([0-9a-f]{64})", self.browsers["nobody"].get("/").source).group(1)

    def actors(self):
        """(name, browser or None, the role that the table of permissions knows it by)"""
        return [(role, role) for role in (*ROLES, "guest")] + [("stranger", "participant")]

    def may(self, route, role):
        """A guest works in one campaign of tasks only; that with a test is another."""
        elsewhere = route["permission"] == "participate" and (route["campaigns"] != "task" or "/tasks/test" in route["path"])
        return self.permissions[route["permission"]][role] and not (role == "guest" and elsewhere)

    def rows(self):
        union = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM {t}" for t in TABLES)
        return {t: int(n) for t, n in self.house.database.ask(union)}


def is_first_run(route):
    return route["permission"] == "first_run"  # answered with 404 once there is an organisation


def check_all(complaints):
    assert not complaints, f"{len(complaints)} answers differ from the declaration:\n" + "\n".join(complaints[:40])


# --- Who ------------------------------------------------------------------------------------------------------


def form_token(browser):
    page = browser.get(getattr(browser, "form_page", "/"))
    return page.form("/sign-out").pairs() if page.has_form("/sign-out") else []


def by_page(story, world):
    with story.scene("every page and form answers each of them as declared"):
        complaints, asked = [], 0
        for name, role in world.actors():
            browser = world.browsers[name]
            token = form_token(browser)
            for route in (r for r in world.routes if r["html"]):
                path = declared.path_of(route, world.ids_of(route))
                if route["kind"] == "page":
                    page, good = browser.get(path, expect=None), 200
                else:
                    page, good = browser.post(path, [*token, ("undeclared", "1")]), 422
                at_sign_in = page.path() == "/sign-in" and path != "/sign-in"
                if is_first_run(route):
                    wanted = page.status == 404
                elif world.may(route, role) and route["name"] in OF_ITS_AUTHOR and name != "owner":
                    wanted = page.status == 404
                elif world.may(route, role):
                    wanted = page.status == good and not at_sign_in
                elif role == "nobody":
                    wanted = at_sign_in or page.status == 401
                else:
                    wanted = page.status == 403
                asked += 1
                if not wanted:
                    complaints.append(f"{route['name']} ({route['permission']}) to {name}: {page.status} {page.url} "
                                      f"{page.text[:120]}")
        check_all(complaints)
        print(f"          {asked} requests")


def by_api(story, world):
    with story.scene("the API answers each of them as declared, in problem details"):
        complaints, asked = [], 0
        for name, role in world.actors():
            api = world.house.api(world.tokens.get(name, ""))
            for route in world.routes:
                path = declared.path_of(route, world.ids_of(route))
                path = "" if path == "/" else path
                if route["kind"] == "page":
                    answer, good = api.ask("GET", path), 200
                else:
                    answer, good = api.ask("POST", path, {"undeclared": 1}), 422
                asked += 1
                if not route["api"]:
                    wanted = answer.status in (404, 405)
                elif world.may(route, role):
                    wanted = answer.status == good
                else:
                    wanted = answer.status == (401 if role == "nobody" else 403)
                if answer.status >= 400:
                    problem = answer.json()
                    wanted &= answer.headers["content-type"] == "application/problem+json" \
                        and problem["status"] == answer.status and bool(problem["title"])
                if not wanted:
                    complaints.append(f"{route['name']} ({route['permission']}) to {name}: {answer}")
        check_all(complaints)
        print(f"          {asked} requests")


def by_scope(story, world):
    with story.scene("an owner's token may what its scope names, and no more; an invented one nothing"):
        complaints = []
        for scope in SCOPES:
            api = world.house.api(world.house.token_of(world.browsers["owner"], scope=scope, label=scope))
            for route in (r for r in world.routes if r["api"]):
                path = declared.path_of(route, world.ids_of(route))
                path = "" if path == "/" else path
                is_page = route["kind"] == "page"
                answer = api.ask("GET", path) if is_page else api.ask("POST", path, {"undeclared": 1})
                enough = SCOPES.index(scope) >= SCOPES.index(route["scope"]) and world.may(route, "owner")
                if answer.status != ((200 if is_page else 422) if enough else 403):
                    complaints.append(f"{route['name']} ({route['scope']}) with {scope}: {answer}")
        check_all(complaints)
        for token in ("x", "A" * 43, world.tokens["owner"][:-1], world.tokens["owner"] + "x"):
            answer = world.house.api(token).ask("GET", "")
            assert answer.status == 401, (token, answer)

    with story.scene("a revoked token ends at once"):
        browser = world.browsers["participant"]
        api = world.house.api(world.house.token_of(browser, scope="participate", label="Short"))
        tokens = api.get("/account")["tokens"]
        short = next(t for t in tokens if t["label"] == "Short")
        assert "token" not in short or short["token"] == "", "a token is shown twice"
        api.post(f"/account/tokens/{short['access_token_id']}/revoke")
        assert api.ask("GET", "/account").status == 401


def drafts(story, world):
    with story.scene("a draft is not there for anybody but the team, by any route"):
        complaints = []
        for name, role in world.actors():
            if role in ("moderator", "manager", "owner"):
                continue
            api, browser = world.house.api(world.tokens.get(name, "")), world.browsers[name]
            token = form_token(browser)
            for route in (r for r in world.routes if "{campaign_id}" in r["path"]):
                path = declared.path_of(route, world.ids_of(route, "draft_ids"))
                is_page = route["kind"] == "page"
                if route["api"]:
                    answer = api.ask("GET", path) if is_page else api.ask("POST", path, {"undeclared": 1})
                    if answer.status != 404:
                        complaints.append(f"{route['name']} by API to {name}: {answer}")
                if route["html"]:
                    page = browser.get(path, expect=None) if is_page else browser.post(path, [*token, ("u", "1")])
                    if page.status != 404:
                        complaints.append(f"{route['name']} to {name}: {page.status} {page.url}")
        check_all(complaints)


def strangers_ids(story, world):
    with story.scene("what belongs to one campaign is not found through another"):
        complaints = []
        for route in world.routes:
            inner = [i["name"] for i in route["inputs"] if i["in_path"] and i["name"] != "campaign_id"]
            if not route["api"] or "{campaign_id}" not in route["path"] or not inner:
                continue
            body = {f["name"]: int(declared.good(f)) if f["type"] == "int" else declared.good(f) for f in declared.fields_of(route)
                    if declared.good(f) is not None and f["required"]}
            api = world.house.api(world.tokens["owner"])
            path = declared.path_of(route, {**world.ids_of(route), "campaign_id": world.ids_of(route, "other_ids")["campaign_id"]})
            before = world.rows()
            answer = api.ask("GET", path) if route["kind"] == "page" else api.ask("POST", path, body)
            if answer.status != 404:
                complaints.append(f"{route['name']} ({path}): {answer}")
            if world.rows() != before:
                complaints.append(f"{route['name']}: something was stored")
        check_all(complaints)

    with story.scene("ids that are none, or of nothing, lead nowhere"):
        complaints = []
        for route in world.routes:
            names = [i["name"] for i in route["inputs"] if i["in_path"] and i["type"] == "id"]
            for name in names:
                for odd in ("0000000000001", "zzzzzzzzzzzzz", "x", "%00", "%ff", "..%2f..", "0" * 300, "'--"):
                    path = declared.path_of(route, {**world.ids_of(route), name: odd})
                    page = world.browsers["owner"].get(path, expect=None) if route["kind"] == "page" \
                        else world.browsers["owner"].post(path, form_token_cached(world))
                    if page.status not in (404, 400, 405, 422) and not page.status == 409:
                        complaints.append(f"{route['name']} with {name}={odd}: {page.status} {page.url}")
        check_all(complaints)


def form_token_cached(world):
    if not hasattr(world, "owner_form"):
        world.owner_form = form_token(world.browsers["owner"])
    return world.owner_form


def forged(story, world):
    with story.scene("a form without its token, or of another's session, is refused, whatever it wants"):
        complaints = []
        owner = world.browsers["owner"]
        for route in (r for r in world.routes if r["html"] and r["kind"] == "command"):
            path = declared.path_of(route, world.ids_of(route))
            for what, pairs in (("no token", []), ("an empty one", [("csrf", "")]),
                                ("another's", form_of(world, "manager"))):
                page = owner.post(path, [*pairs, ("undeclared", "1")])
                if page.status != 403:
                    complaints.append(f"{route['name']} with {what}: {page.status}")
        check_all(complaints)
        visitor = world.house.browser()
        status, _, _ = visitor._ask("POST", "/sign-in/link", b"email=a%40example.org",
                                    {"Origin": "https://elsewhere.example",
                                     "Content-Type": "application/x-www-form-urlencoded"})
        assert status == 403, f"a form of another site: {status}"

    with story.scene("a form that was open too long is shown again as it was filled in; sent once more, it holds"):
        campaign = world.ids["campaign_id"]
        late = world.browsers["participant"].get(f"/campaigns/{campaign}/ideas/new").form("/ideas")
        late.fill(title="An idea that took a whole evening", text="It was typed before somebody else signed in.")
        page = world.browsers["owner"].submit(late, expect=403)
        page.says("This page was open too long. Nothing was changed.")
        form = page.form("/ideas")
        assert form.field("text").value == "It was typed before somebody else signed in.", "what was typed is gone"
        world.browsers["owner"].submit(form).says("Your idea is there")


def form_of(world, role):
    if not hasattr(world, "forms"):
        world.forms = {}
    if role not in world.forms:
        world.forms[role] = form_token(world.browsers[role])
    return world.forms[role]


# --- Fields ---------------------------------------------------------------------------------------------------


def commands_with_fields(world):
    for route in world.routes:
        if route["kind"] == "command" and declared.fields_of(route) and not is_first_run(route) and world.may(route, "owner"):
            yield route


def kept(page, path, field, typed):
    """Whether what was typed stands in the form shown again; "" or what is wrong."""
    forms = [f for f in page.forms if f.action.split("?")[0] == path]
    shown = [f for form in forms for f in form.fields if f.name == field["name"]]
    if not shown:
        return "the form is not shown again"
    if field["type"] == "password":
        return "" if all(f.value == "" for f in shown) else "a password is shown again"
    if field["type"] in ("line", "text", "markdown", "email", "time", "int") and isinstance(typed, str) \
            and not any(ord(c) < 32 for c in typed):
        return "" if any((f.value or "").split() == typed.split() for f in shown) else \
            f"typed {typed[:60]!r}, shown {[(f.value or '')[:60] for f in shown]}"
    return ""


def fields_of_forms(story, world):
    with story.scene("each field of each form that is wrong: a message beside it, words kept and escaped, "
                     "nothing stored"):
        complaints, asked = [], 0
        browser, visitor = world.browsers["owner"], world.house.browser()
        token = form_token(browser)
        visitor.submit(visitor.get("/sign-in").form("/sign-in/link").fill(email=OWNER[0]))
        link = world.house.mail.link(world.house.mail_to(OWNER[0], "Sign in"))
        world.ids["token"] = link.rsplit("/", 1)[1]
        for route in commands_with_fields(world):
            if not route["html"]:
                continue
            who, pairs = (visitor, []) if route["permission"] == "anyone" else (browser, token)
            path = declared.path_of(route, world.ids_of(route, "draft_ids" if route["name"] in OF_A_DRAFT else "ids"))
            fields = declared.fields_of(route)
            before = world.rows()
            for field in fields:
                for what, value in declared.bad_in_form(field):
                    sent = [(f["name"], declared.good(f)) for f in fields
                            if f["name"] != field["name"] and declared.good(f) is not None]
                    sent += [(field["name"], value)] if value is not None else []
                    page = who.post(path, [*pairs, *sent], is_multipart=any(f["type"] == "file" for f in fields))
                    asked += 1
                    at = f"{route['name']}.{field['name']}, {what}"
                    if page.status != 422:
                        complaints.append(f"{at}: {page.status} {page.text[:160]}")
                        continue
                    unseen = field["name"] == "next" or (route["name"], field["name"]) in UNSEEN
                    if unseen and route["form"] and field["name"] != "next":
                        page.says("to put right").says(field["label"])
                    elif route["form"] and not unseen and field["name"] not in page.problems:
                        complaints.append(f"{at}: no message beside it, only {page.problems} {page.text[:300]}")
                    if "<script>alert" in page.source:
                        complaints.append(f"{at}: not escaped")
                    trouble = kept(page, path, field, value) if route["form"] and value is not None and \
                        not unseen else ""
                    if trouble:
                        complaints.append(f"{at}: {trouble}")
            if world.rows() != before:
                complaints.append(f"{route['name']}: something was stored: {before} {world.rows()}")
        check_all(complaints)
        print(f"          {asked} requests")

    with story.scene("files that are too large, of another kind, or missing are refused beside their field"):
        complaints = []
        for route in commands_with_fields(world):
            if not route["html"] or route["permission"] == "anyone":
                continue
            fields = declared.fields_of(route)
            for field in (f for f in fields if f["type"] == "file"):
                before = world.rows()
                cases = [("too large", b"\x89PNG\r\n\x1a\n" + b"x" * (field["max"] + 1))]
                if "csv" not in field["label"].lower():
                    cases += [("no picture", b"<svg onload=alert(1)>"), ("half a picture", world.png[:60]),
                              ("HTML", MARKUP.encode())]
                if field["required"]:
                    cases.append(("missing", None))
                for what, content in cases:
                    sent = [(f["name"], declared.good(f)) for f in fields if declared.good(f) is not None]
                    files = {field["name"]: ("a.png", content)} if content is not None else {}
                    page = browser.post(declared.path_of(route, world.ids_of(route)), [*token, *sent], files, True)
                    if page.status == 413 and what == "too large":
                        continue
                    if page.status != 422 or field["name"] not in page.problems:
                        complaints.append(f"{route['name']}.{field['name']}, {what}: {page.status} {page.problems}")
                if world.rows() != before:
                    complaints.append(f"{route['name']}: something was stored")
        check_all(complaints)


def fields_of_the_api(story, world):
    with story.scene("the API names each wrong field in its problems, and stores nothing"):
        complaints, asked = [], 0
        api = world.house.api(world.tokens["owner"])
        for route in commands_with_fields(world):
            if not route["api"]:
                continue
            path, fields, before = declared.path_of(route, world.ids_of(route)), declared.fields_of(route), world.rows()
            for field in fields:
                for what, value in declared.bad_in_json(field):
                    body = {f["name"]: int(v) if f["type"] == "int" else v for f in fields
                            if f["name"] != field["name"] and (v := declared.good(f)) is not None}
                    if value is not None:
                        body[field["name"]] = value
                    answer = api.ask("POST", path, body)
                    asked += 1
                    named = [p["field"] for p in answer.json().get("problems", [])]
                    if answer.status != 422 or not any(n.split(".")[0] == field["name"] for n in named):
                        complaints.append(f"{route['name']}.{field['name']}, {what}: {answer}")
            for what, raw in (("no JSON", b"{"), ("a list", b"[]"), ("invalid UTF-8", b'{"a":"\xff"}'),
                              ("a zero byte", b'{"reason":"zero \\u0000 byte"}'),
                              ("a field twice", b'{"reason":"one","reason":"two"}'), ("too deep", b"[" * 5000)):
                answer = api.ask("POST", path, raw)
                if answer.status not in (400, 422):
                    complaints.append(f"{route['name']}, {what}: {answer}")
            answer = api.ask("POST", path, b"<a/>", headers={"Content-Type": "text/xml"})
            if answer.status != 415:
                complaints.append(f"{route['name']}, XML: {answer}")
            if world.rows() != before:
                complaints.append(f"{route['name']}: something was stored: {before} {world.rows()}")
        check_all(complaints)
        print(f"          {asked} requests")


def queries(story, world):
    with story.scene("whatever stands in an address, pages answer without failing"):
        complaints = []
        odd = ("", "x" * 400, "%00", "%ff%fe", "%3Cscript%3Ealert(1)%3C/script%3E", "'%22--", "-1", "99999999999999999999",
               "0000000000000000_zzzzzzzzzzzzz", "7ff0000000000000_0000000000001", "fff8000000000000_0000000000001")
        for route in (r for r in world.routes if r["kind"] == "page"):
            for field in declared.fields_of(route):
                for value in odd:
                    target = f"{declared.path_of(route, world.ids_of(route))}?{field['name']}={value}"
                    page = world.browsers["owner"].get(target, expect=None)
                    if page.status >= 500 or "<script>alert" in page.source:
                        complaints.append(f"{route['name']} ?{field['name']}={value}: {page.status}")
                    if route["api"]:
                        answer = world.house.api(world.tokens["owner"]).ask("GET", target.replace("/?", "?"))
                        if answer.status >= 500:
                            complaints.append(f"API {target}: {answer}")
        check_all(complaints)


def rates(story, world):
    house = world.house
    house.settings |= {"MANYHANDS_SERVER_RATE_LIMITS": "yes", "MANYHANDS_SERVER_BEHIND_PROXY": "yes"}
    house.restart()

    def post(browser, path, computer, **fields):
        """Sends a form from a computer of this number, as the proxy names it."""
        headers = {"Origin": house.url, "Content-Type": "application/x-www-form-urlencoded",
                   "X-Forwarded-For": f"203.0.113.{computer}"}
        return browser._ask("POST", path, urllib.parse.urlencode(fields).encode(), headers)

    with story.scene("what is asked too often is answered with 429 and the time to wait"):
        visitor = house.browser()
        limit = next(r["rate"]["count"] for r in world.routes if r["name"] == "sign_in_link")
        answers = [post(visitor, "/sign-in/link", 1, email=f"a{n}@example.org") for n in range(limit + 1)]
        statuses = [a[0] for a in answers]
        assert set(statuses[:-1]) == {303} and statuses[-1] == 429, statuses
        assert int(answers[-1][1]["retry-after"]) > 0, answers[-1][1]

    def told(answer, email):
        """What is said, without what differs from one page to the next."""
        page = Page("/sign-in", answer[0], answer[1], answer[2])
        return page, page.text.replace(email, "")

    with story.scene("from however many computers, a mailbox gets five links an hour; nobody learns whose it is"):
        said = []
        for known, email in ((True, MAILED["manager"]), (False, "not.there@example.org")):
            before = house.mail.count(email)
            typed = [email, email.upper().replace("EXAMPLE.ORG", "example.org")] * 3
            answers = [post(house.browser(), "/sign-in/link", 2 + n, email=e) for n, e in enumerate(typed)]
            assert [a[0] for a in answers] == [303] * 5 + [429], [a[0] for a in answers]
            assert int(answers[-1][1]["retry-after"]) > 0, answers[-1][1]
            page, text = told(answers[-1], typed[-1])
            page.says("Several links have just been asked for this address")
            assert page.form("/sign-in/link").field("email").value == typed[-1], "what was typed is gone"
            said.append(text)
            assert post(house.browser(), "/sign-up", 9, email=email, display_name="Somebody")[0] == 429
            if known:
                wait_until(lambda: house.mail.count(email) == before + 3, 20, "the mails")
                assert house.mail.count(typed[1]) == 2, house.mail.count(typed[1])
        assert said[0] == said[1], "an address with an account is told apart"

    with story.scene("after ten wrong passwords from ten computers only the mailed link signs in; right ones are free"):
        for n in range(12):
            answer = post(house.browser(), "/sign-in", 20 + n, email=OWNER[0], password=OWNER[2])
            assert answer[0] == 303, answer
        said = []
        for email in (OWNER[0], "not.there.either@example.org"):
            wrong = [post(house.browser(), "/sign-in", 40 + n, email=email, password=f"guess number {n}")
                     for n in range(11)]
            assert [a[0] for a in wrong] == [422] * 10 + [429], [a[0] for a in wrong]
            page, text = told(wrong[-1], email)
            page.says("only a link by e-mail signs you in")
            said.append(text)
        assert said[0] == said[1], "an address with an account is told apart"
        visitor = house.browser()
        status, _, _ = post(visitor, "/sign-in", 60, email=OWNER[0].upper().replace("EXAMPLE.ORG", "example.org"),
                            password=OWNER[2])
        assert status == 429 and not visitor.is_signed_in(), status
        assert post(visitor, "/sign-in/link", 60, email=OWNER[0])[0] == 303
        link = wait_until(lambda: newer_link(house, OWNER[0], world.ids["token"]), 20, "the link")
        visitor.submit(visitor.get(link).forms[-1]).says("You are signed in")


def newer_link(house, email, than):
    link = house.mail.link(house.mail_to(email, "Sign in"))
    return link if not link.endswith(than) else None
