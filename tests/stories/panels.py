"""panels: another house sends people to work; here they are numbers, and go back with what became of them."""

import concurrent.futures
import re
import time
import urllib.parse

from clients import upload
from manyhands import days_ahead, wait_until
from panel_links import link, sign

BACK = "https://panel.example/back?study=7"
RIGHT = {"meow": "cat", "woof": "dog", "tweet": "bird", "purr": "cat", "bark": "dog", "chirp": "bird"}


def tell(story):
    house = story.installation(with_mail=False)
    house.set_up()
    house.start()
    browser = house.owner()
    world = World(house, browser, house.api(house.token_of(browser)))
    adding(story, world)
    entering(story, world)
    nowhere_else(story, world)
    working(story, world)
    programs(story, world)
    paid_by_the_house(story, world)
    forgetting(story, world)
    the_end(story, world)


class World:
    def __init__(self, house, browser, owner):
        self.house, self.browser, self.owner = house, browser, owner
        self.organisation = owner.get("/")["organisation_id"]
        self.panels = f"/organisations/{self.organisation}/panels"

    def campaign(self, question, texts, **rules):
        """An open campaign of tasks that accepts at once."""
        made = self.owner.post(f"/organisations/{self.organisation}/campaigns",
                               {"question": question, "kind": "task", "closes_at": days_ahead(20)}, expect=201)["campaign_id"]
        tasks = f"/campaigns/{made}/tasks"
        self.owner.post(f"{tasks}/describe", {"template": "choose", "ask": "Which animal is it?", "choices": "cat\ndog\nbird",
                                              "price": "0.10", "answers_least": 1, "answers_most": 1, "accept_hours": 0,
                                              "control_every": 0, "quality_least": 0} | rules)
        rows = "id,text,known,why\n" if "known" in texts[0] else "text\n"
        self.owner.post(f"{tasks}/items", {"file": upload("i.csv", (rows + "".join(f"{t}\n" for t in texts)).encode())})
        self.owner.post(f"/campaigns/{made}/money/deposit", {"amount": "20", "reason": "Invoice 1"})
        self.owner.post(f"/campaigns/{made}/open")
        return made

    def link(self, worker, campaign=None, panel=None, secret=None, **how):
        return link(secret or self.secret, panel or self.panel, campaign or self.work, worker, **how)

    def enter(self, *arguments, **more):
        """A browser of the worker's own, let in."""
        browser = self.house.browser()
        page = browser.submit(browser.get(self.link(*arguments, **more)).form("/enter"))
        assert browser.is_signed_in(), page.text[:300]
        return browser, page


def name_of(page):
    return re.search(r"Panel worker \d+", page.text).group(0)


def answer(browser, page):
    """Presses the button of the right answer to the item that is shown."""
    shown = min((word for word in RIGHT if word in page.text), key=page.text.index)
    form = page.form("/give")
    form.pressed = [("answer", RIGHT[shown])]
    return browser.submit(form)


def adding(story, world):
    with story.scene("a panel is added on its page, its secret shown once; wrong addresses are named"):
        browser, owner = world.browser, world.owner
        for field in ("done_address", "screened_address", "full_address"):
            refused = owner.post(world.panels, {"name": "Acme", field: "javascript:alert(1)"}, expect=422)
            assert [p["field"] for p in refused["problems"]] == [field], refused
        page = browser.submit(browser.get(world.panels).form("/panels").fill(
            name="Acme Panel", pays="panel", done_address=BACK, full_address="https://panel.example/full"))
        page.says("It is shown only now")
        world.secret = re.search(r"panel_[\w-]{43}", page.source).group(0)
        world.panel = owner.get(world.panels)["panels"][0]["panel_id"]
        world.page = f"{world.panels}/{world.panel}"
        assert world.secret not in browser.get(world.page).source, "a secret is shown twice"
        assert not owner.get(world.page)["secret"]
        world.work = world.campaign("Which animals are these?", ["meow", "woof", "tweet", "purr", "bark", "chirp"])
        world.other = world.campaign("Which are those?", ["meow", "woof"])


def entering(story, world):
    with story.scene("a signed link says what the work is; one button begins it, as a number and nobody else"):
        ann, page = world.enter("ABC")
        page.says("Which animals are these?")
        assert name_of(page) == "Panel worker 1", page.text[:400]
        visitor = world.house.browser()
        shown = visitor.get(world.link("ABC"))
        shown.says("You come from Acme Panel").says("Acme Panel pays you")
        assert not visitor.is_signed_in(), "a look at the link signs in"
        world.ann = ann

    with story.scene("the same worker is the same person each time, another one another"):
        again, page = world.enter("ABC")
        assert name_of(page) == "Panel worker 1"
        _, page = world.enter("ABC-2")
        assert name_of(page) == "Panel worker 2"
        [[people]] = world.house.database.ask("SELECT count(*) FROM panel_worker")
        assert people == "2", people

    with story.scene("pressed on eight computers at once, a new worker is one person"):
        browsers = [world.house.browser() for _ in range(8)]
        forms = [b.get(world.link("ABC-3")).form("/enter") for b in browsers]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(lambda pair: pair[0].submit(pair[1]), zip(browsers, forms)))
        assert {name_of(p) for p in pages} == {"Panel worker 3"}, [p.text[:80] for p in pages]

    with story.scene("a link that ran out, was changed, leads elsewhere or comes from nobody lets nobody in, and says why"):
        draft = world.owner.post(f"/organisations/{world.organisation}/campaigns",
                                 {"question": "What will these be?", "kind": "task", "closes_at": days_ahead(9)}, expect=201)
        ideas = world.owner.post(f"/organisations/{world.organisation}/campaigns",
                                 {"question": "What is missing?", "closes_at": days_ahead(9)}, expect=201)["campaign_id"]
        world.owner.post(f"/campaigns/{ideas}/open")
        world.ideas = ideas
        cases = [(world.link("ABC", seconds=-5), "has run out"), (world.link("ABC", seconds=40 * 86400), "has run out"),
                 (world.link("ABC", changed={"worker": "ABD"}), "was changed"), (world.link("ABC", changed={"until": "9999999999"}), "was changed"),
                 (world.link("ABC", secret="panel_" + "x" * 43), "was changed"), (f"/panels/{world.panel}/enter", "was changed"),
                 (world.link("ann@example.org"), "was changed"),
                 (world.link("ABC", campaign=draft["campaign_id"]), "no such work"), (world.link("ABC", campaign=ideas), "no such work"),
                 (world.link("ABC", campaign="0000000000001"), "no such work")]
        world.house.browser().get(world.link("ABC", panel="0000000000001"), expect=404)
        for address, words in cases:
            browser = world.house.browser()
            page = browser.get(address)
            page.says("This link lets nobody in").says(words)
            assert not page.has_form("/enter"), address
            pairs = urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query)
            if len(pairs) == 4:
                refused = browser.post(urllib.parse.urlsplit(address).path, pairs)
                assert refused.status == 403 and words in refused.text and not browser.is_signed_in(), (address, refused.text[:300])


def nowhere_else(story, world):
    with story.scene("a panel's worker has no account here, and works in no other campaign"):
        ann = world.ann
        for path in ("/account", f"/campaigns/{world.other}/tasks/work", world.panels, f"/campaigns/{world.work}/tasks/desk",
                     f"/campaigns/{world.ideas}/ideas/new"):
            page = ann.get(path, expect=None)
            assert page.status == 403, (path, page.status, page.text[:200])
        ann.get(f"/campaigns/{world.ideas}").says("What is missing?")
        token = ann.get(f"/campaigns/{world.work}/tasks").form("/take").pairs()
        for path in (f"/campaigns/{world.other}/tasks/take", "/account/name", "/account/erase", f"/campaigns/{world.ideas}/ideas"):
            assert ann.post(path, token).status == 403, path

    with story.scene("a session ends after a day"):
        world.house.restart(clock_offset_s=86400 + 60)
        late = ann.get(f"/campaigns/{world.work}/tasks/work", expect=None)
        assert late.path() == "/sign-in", late.url
        world.house.restart(clock_offset_s=0)
        world.owner.line.close()


def working(story, world):
    with story.scene("they work with the usual pages; “I am done” leads back, signed with what became of them"):
        ann, page = world.enter("ABC")
        page = ann.submit(page.form("/take"))
        for _ in range(2):
            page = answer(ann, page)
        done = ann.get(page.link("I am done"))
        done.says("You gave 2 answers").says("Acme Panel pays you")
        back = urllib.parse.urlsplit(done.link("Back to Acme Panel"))
        said = dict(urllib.parse.parse_qsl(back.query))
        assert f"{back.scheme}://{back.netloc}{back.path}" == "https://panel.example/back" and said.pop("study") == "7", back
        signature = said.pop("signature")
        assert list(said) == ["panel", "campaign", "worker", "outcome", "answers", "at"], said
        assert signature == sign(world.secret, "return", *said.values()), said
        assert (said["worker"], said["outcome"], said["answers"]) == ("ABC", "done", "2") and abs(int(said["at"]) - time.time()) < 60, said

    with story.scene("what the answers earned is the panel's; paid by invoice, it is entered once"):
        seen = world.owner.get(world.page)["campaigns"]
        mine = next(c for c in seen if c["campaign_id"] == world.work)
        assert (mine["earned"], mine["paid"], mine["answers"]) == ("0.20 EUR", "0.00 EUR", 2), mine
        ann.get("/account/earnings").says("Nothing earned yet")
        world.owner.post(f"{world.page}/settle", {"campaign": world.work, "reason": "Invoice A-7"})
        refused = world.owner.post(f"{world.page}/settle", {"campaign": world.work, "reason": "Invoice A-7"}, expect=409)
        assert refused["code"] == "nothing_owed", refused
        mine = next(c for c in world.owner.get(world.page)["campaigns"] if c["campaign_id"] == world.work)
        assert (mine["earned"], mine["paid"]) == ("0.00 EUR", "0.20 EUR"), mine
        world.house.run("ledger", "check")


def programs(story, world):
    with story.scene("a program of the panel's gets a token for a worker, and works by the same calls"):
        token = world.owner.post(f"{world.page}/token")["token"]
        panel = world.house.api(token)
        made = panel.post(f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "P:1"}, expect=201)
        assert made["name"] == "Panel worker 4" and made["campaign_id"] == world.work, made
        worker, desk = world.house.api(made["token"]), f"/campaigns/{world.work}/tasks"
        items = worker.post(f"{desk}/take", {"count": 2})["items"]
        worker.post(f"{desk}/{items[0]['task_item_id']}/give",
                    {"fence": items[0]["fence"], "answer": RIGHT[items[0]["shown"]], "count": 0})
        worker.post(f"{desk}/{items[1]['task_item_id']}/skip", {"fence": items[1]["fence"], "reason": "unsure", "count": 0})
        assert len(worker.get(f"{desk}/mine")["answers"]) == 1
        done = worker.get(f"/campaigns/{world.work}/panel")
        assert (done["outcome"], done["answers"], done["is_guest"]) == ("done", 1, True) and "worker=P%3A1" in done["return_address"], done
        twice = panel.post(f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "P:1"}, expect=201)
        assert twice["name"] == made["name"] and twice["token"] != made["token"], twice

    with story.scene("neither token may more than that"):
        for api, method, path, body in ((worker, "POST", f"/campaigns/{world.other}/tasks/take", {"count": 1}),
                                        (worker, "GET", "/account", None), (panel, "GET", "/account", None),
                                        (worker, "POST", f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "X"}),
                                        (panel, "POST", f"{desk}/take", {"count": 1}), (panel, "GET", world.panels, None),
                                        (panel, "POST", "/panels/0000000000001/workers", {"campaign": world.work, "worker": "X"}),
                                        (world.owner, "POST", f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "X"})):
            answer = api.ask(method, path, body)
            assert answer.status == 403, (method, path, answer)
        assert world.house.api().ask("POST", f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "X"}).status == 401
        for body, field in (({"campaign": world.work, "worker": "ann@example.org"}, "worker"),
                            ({"campaign": world.ideas, "worker": "X"}, "campaign")):
            refused = panel.post(f"/panels/{world.panel}/workers", body, expect=422)
            assert [p["field"] for p in refused["problems"]] == [field], refused
        newer = world.owner.post(f"{world.page}/token")["token"]
        assert panel.ask("POST", f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "X"}).status == 401
        world.api = world.house.api(newer)


def paid_by_the_house(story, world):
    with story.scene("of a panel whose people the house pays, each earns for themselves, and asks for it here"):
        made = world.owner.post(world.panels, {"name": "Helping Hands", "pays": "house"}, expect=201)
        more = {"panel": made["panel"]["panel_id"], "secret": made["secret"]}
        cem, page = world.enter("c-1", campaign=world.other, **more)
        page = cem.submit(page.form("/take"))
        answer(cem, page)
        done = cem.get(f"/campaigns/{world.other}/panel")
        done.says("You gave 1 answer")
        assert "Back to" not in done.text, "there is nowhere to go back to"
        earnings = cem.get(done.link("your earnings")).says("0.10 EUR")
        cem.submit(earnings.form("/payout-details").fill(holder="Cem Kaya", iban="DE89370400440532013000"))
        cem.submit(cem.get("/account/earnings").form("/payouts")).says("Asked for")
        seen = world.owner.get(f"{world.panels}/{more['panel']}")["campaigns"][0]
        assert not seen["has_money"] and seen["answers"] == 1, seen
        world.house.run("ledger", "check")

    with story.scene("nothing that the organisation sees or takes away says who they are to the panel"):
        for path in ("results.json", "answers.csv", "results.csv", "workers"):
            body = world.owner.ask("GET", f"/campaigns/{world.work}/tasks/{path}").body.decode()
            assert "ABC" not in body and "P:1" not in body, path
        assert "ABC" not in str(world.owner.get(world.page))


def forgetting(story, world):
    work = world.campaign("What do these say?", ["meow", "woof", "tweet", "purr"], template="write", accept_hours=720,
                          answers_least=3, answers_most=3)
    desk = f"/campaigns/{work}/tasks"

    def gives(worker):
        """A token for the worker, who has written something with its name in it."""
        made = world.api.post(f"/panels/{world.panel}/workers", {"campaign": work, "worker": worker}, expect=201)
        api = world.house.api(made["token"])
        item = api.post(f"{desk}/take", {"count": 1})["items"][0]
        api.post(f"{desk}/{item['task_item_id']}/give", {"fence": item["fence"], "answer": f"written by {worker}", "count": 0})
        assert api.get("/account/earnings")["campaigns"] == [], "what is the panel's waits for a worker"
        assert {"task_answer.answer", "panel_worker.worker_key"} <= set(world.house.database.holding(worker))
        return made["name"], api

    def is_gone(worker):
        wait_until(lambda: world.house.database.holding(worker) == [], 20, f"{worker} is gone")

    with story.scene("a panel's program has a worker erased; the same name is somebody new afterwards"):
        name, worker = gives("zinnober-1")
        world.api.post(f"/panels/{world.panel}/workers/erase", {"worker": "nobody-here"}, expect=404)
        world.owner.post(f"/panels/{world.panel}/workers/erase", {"worker": "zinnober-1"}, expect=403)
        worker.post(f"/panels/{world.panel}/workers/erase", {"worker": "zinnober-1"}, expect=403)
        world.api.post(f"/panels/{world.panel}/workers/erase", {"worker": "zinnober-1"})
        is_gone("zinnober-1")
        assert worker.ask("GET", f"{desk}/mine").status == 401
        assert gives("zinnober-1")[0] != name

    with story.scene("the team erases one the panel names; a worker who wants to go says so on the last page"):
        refused = world.owner.post(f"{world.page}/forget", {"worker": "nobody-here"}, expect=422)
        assert [p["field"] for p in refused["problems"]] == ["worker"], refused
        page = world.browser.get(world.page)
        world.browser.submit(page.form("/forget").fill(worker="zinnober-1")).says("Erased: the worker")
        is_gone("zinnober-1")
        gives("zinnober-2")
        dan, _ = world.enter("zinnober-2", campaign=work)
        page = dan.get(f"/campaigns/{work}/panel").says("Answers that wait for acceptance are erased and not paid")
        dan.submit(page.form("/panel/erase")).says("You and your words are erased here")
        assert not dan.is_signed_in()
        is_gone("zinnober-2")
        world.owner.post(f"/campaigns/{work}/panel/erase", expect=403)
        world.owner.post(f"/campaigns/{work}/close", {"reason": "Enough."})
        wait_until(lambda: world.owner.get(f"{desk}/desk")["held"] == "0.00 EUR", 20, "nothing is held")
        world.house.run("ledger", "check")


def the_end(story, world):
    with story.scene("who found nothing to do, and who is asked no more, go back as that"):
        for name in ("ABC", "last-0", "last-1"):  # the first still has two at hand
            made = world.api.post(f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": name}, expect=201)
            worker, desk = world.house.api(made["token"]), f"/campaigns/{world.work}/tasks"
            for item in worker.post(f"{desk}/take", {"count": 10})["items"]:
                worker.post(f"{desk}/{item['task_item_id']}/give",
                            {"fence": item["fence"], "answer": RIGHT[item["shown"]], "count": 0})
        wait_until(lambda: sum(world.owner.get(f"{desk}/desk")[k] for k in ("settled", "undecided")) == 6, 30, "all is done")
        made = world.api.post(f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "too-late"}, expect=201)
        done = world.house.api(made["token"]).get(f"/campaigns/{world.work}/panel")
        assert done["outcome"] == "full" and done["return_address"].startswith("https://panel.example/full?panel="), done
        world.house.database.tamper("UPDATE task_worker SET worker_state = 'stopped' WHERE person_id IN "
                                    "(SELECT person_id FROM panel_worker WHERE worker_key = 'last-0');")
        made = world.api.post(f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "last-0"}, expect=201)
        done = world.house.api(made["token"]).get(f"/campaigns/{world.work}/panel")
        assert done["outcome"] == "screened" and done["return_address"].startswith(BACK + "&panel="), done

    with story.scene("when the work is over, who was there may look; nobody else comes in"):
        world.owner.post(f"/campaigns/{world.work}/close", {"reason": "All is known."})
        _, page = world.enter("ABC")
        page.says("Which animals are these?")
        world.house.browser().get(world.link("somebody-new")).says("not open now")
        refused = world.api.post(f"/panels/{world.panel}/workers", {"campaign": world.work, "worker": "somebody-new"}, expect=409)
        assert refused["code"] == "not_open", refused

    with story.scene("switched off, or with a new secret, earlier links let nobody in"):
        address = world.link("ABC")
        world.owner.post(f"{world.page}/switch", {})
        world.house.browser().get(address).says("Nobody is let in through this panel")
        world.owner.post(f"{world.page}/switch", {"on": True})
        world.house.browser().get(address).says("You come from Acme Panel")
        secret = world.owner.post(f"{world.page}/secret")["secret"]
        world.house.browser().get(address).says("was changed")
        world.house.browser().get(world.link("ABC", secret=secret)).says("You come from Acme Panel")
        world.house.run("ledger", "check")
