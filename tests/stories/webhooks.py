"""webhooks: an organisation's program hears what happens, once at least, whatever becomes of it and of the server."""

import base64
import hashlib
import hmac
import json
import shutil
import subprocess
import time

from clients import upload
from manyhands import OWNER, ROOT, days_ahead, wait_until
from receiver import Receiver

OPEN = {"MANYHANDS_FETCH_ALLOW_HTTP": "yes", "MANYHANDS_FETCH_ALLOW_PRIVATE": "yes"}


def tell(story):
    house = story.installation()
    house.set_up()
    ann, eva = house.people(["Ann Lee", "Eva Quill"])
    house.start()
    browser = house.owner()
    world = World(house, browser, house.api(house.token_of(browser)), house.api(ann["token"]), eva)
    try:
        addresses(story, world)
        news(story, world)
        others(story, world)
        trouble(story, world)
        crash(story, world)
        tasks(story, world)
        taken_back(story, world)
        the_end(story, world)
    finally:
        world.receiver.stop()


class World:
    def __init__(self, house, browser, owner, ann, eva):
        self.house, self.browser, self.owner, self.ann, self.eva = house, browser, owner, ann, eva
        self.receiver = Receiver()
        self.organisation = owner.get("/")["organisation_id"]
        self.webhooks = f"/organisations/{self.organisation}/webhooks"

    def endpoint(self, path, **more):
        """(address of its page in the API, secret)"""
        made = self.owner.post(self.webhooks, {"address": self.receiver.url + path, **more}, expect=201)
        return f"{self.webhooks}/{made['endpoint']['webhook_endpoint_id']}", made["secret"]

    def campaign(self, **more):
        made = self.owner.post(f"/organisations/{self.organisation}/campaigns",
                               {"question": "What is missing here?", "closes_at": days_ahead(30), **more}, expect=201)
        return f"/campaigns/{made['campaign_id']}"

    def idea(self, title):
        return self.ann.post(f"{self.ideas}/ideas", {"title": title}, expect=201)["idea_id"]

    def again(self, seconds):
        """The server again, so much later."""
        self.house.restart(clock_offset_s=seconds)
        self.ann.line.close()
        self.owner.line.close()


def signed(received, secret):
    """Whether a signature of what came is by this secret: our own reading of the standard."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{received.id}.{received.headers['webhook-timestamp']}.{received.body}"
    mine = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
    return f"v1,{mine}" in received.headers["webhook-signature"].split(" ")


def verifier(questions):
    """What npm's standardwebhooks says; None where it cannot be had."""
    if not shutil.which("node") or subprocess.run([ROOT / "tests/kit/modules"], capture_output=True, timeout=900).returncode:
        return None
    done = subprocess.run(["node", ROOT / "tests/webhooks/verify.mjs"], input=json.dumps(questions).encode(),
                          stdout=subprocess.PIPE, check=True, timeout=60, cwd=ROOT)
    return json.loads(done.stdout)


def addresses(story, world):
    with story.scene("only https addresses out in the world are taken, unless the configuration says otherwise"):
        for address, words in (("http://example.org/hook", "https"), ("https://127.0.0.1/hook", "this machine"),
                               ("https://169.254.169.254/latest", "metadata"), ("https://[::1]/", "this machine"),
                               ("https://10.1.2.3/hook", "private"), ("https://a:b@example.org/", "user name"),
                               ("https://example.org:22/", "port"), ("not an address", "no address")):
            refused = world.owner.post(world.webhooks, {"address": address}, expect=422)
            assert [p["field"] for p in refused["problems"]] == ["address"] and words in str(refused), refused
        refused = world.owner.post(world.webhooks, {"address": "https://example.org/", "kinds": "idea.burnt"}, expect=422)
        assert [p["field"] for p in refused["problems"]] == ["kinds"] and "idea.burnt" in str(refused), refused
        assert world.owner.get(world.webhooks)["endpoints"] == []

    with story.scene("a name that leads into this machine is not asked, and the page says why"):
        made = world.owner.post(world.webhooks, {"address": f"https://localhost:{world.receiver.port}/x"}, expect=201)
        page = f"{world.webhooks}/{made['endpoint']['webhook_endpoint_id']}"
        world.owner.post(f"{page}/test")
        tried = wait_until(lambda: [d for d in world.owner.get(page)["deliveries"] if d["tries"] > 0], 20, "a try")[0]
        assert tried["state"] == "waiting" and tried["status"] == 0 and "is not asked" in tried["answer"], tried
        assert not world.receiver.received
        world.owner.post(f"{page}/remove")
        world.house.settings |= OPEN
        world.again(0)


def news(story, world):
    receiver = world.receiver
    with story.scene("on the page, a webhook is added, its secret shown once, and a test arrives signed"):
        browser = world.browser
        form = browser.get(world.webhooks).form("/webhooks").fill(address=receiver.url + "/page", kinds="idea.*")
        page = browser.submit(form)
        page.says("It is shown only now")
        endpoint = world.owner.get(world.webhooks)["endpoints"][0]["webhook_endpoint_id"]
        secret = page.source.split('class="secret"')[1].split(">")[1].split("<")[0].strip()
        assert secret.startswith("whsec_"), secret
        assert secret not in browser.get(f"{world.webhooks}/{endpoint}").source, "a secret is shown twice"
        assert not world.owner.get(f"{world.webhooks}/{endpoint}")["secret"]
        browser.submit(browser.get(f"{world.webhooks}/{endpoint}").form("/test"))
        came = wait_until(lambda: receiver.of("/page"), 20, "the test")[0]
        assert came.type == "webhook.test" and came.data == {"webhook_endpoint_id": endpoint}, came.news
        assert signed(came, secret) and came.headers["user-agent"].startswith("Manyhands/"), came.headers
        wait_until(lambda: "204" in browser.get(f"{world.webhooks}/{endpoint}").text, 10, "the answer on the page")
        world.first = f"{world.webhooks}/{endpoint}"
        world.secret = secret

    with story.scene("npm's standardwebhooks takes it, and nothing that was changed on the way"):
        question = {"secret": secret, "headers": {k: v for k, v in came.headers.items() if k.startswith("webhook-")},
                    "body": came.body}
        forged = [question | {"body": came.body + " "}, question | {"secret": "whsec_" + base64.b64encode(b"x" * 32).decode()},
                  question | {"headers": question["headers"] | {"webhook-id": "msg_another"}}]
        said = verifier([question, *forged])
        if said is None:
            print("SKIPPED webhooks: npm's standardwebhooks cannot be had (tests/kit/modules says why)")
        else:
            assert said[0] is True and all(one is not True for one in said[1:]), said

    with story.scene("what happens is told within seconds: by ids, without names or words, to whom it concerns"):
        everything, all_secret = world.endpoint("/all")
        world.endpoint("/comments", kinds="comment.added\ncomment.hidden")
        world.ideas = world.campaign()
        world.owner.post(f"{world.ideas}/open")
        idea = world.idea("A bench at the river")
        world.ann.post(f"{world.ideas}/subjects/{idea}/comments", {"text": "With a back, please."}, expect=201)
        world.owner.post(f"{world.ideas}/ideas/{idea}/hide", {"rule": "duplicate", "reason": "It was there before."})
        wait_until(lambda: receiver.of("/all", "idea.hidden"), 20, "the last news")
        assert [r.type for r in receiver.of("/all")][:1] == ["campaign.opened"], receiver.of("/all")
        hidden = receiver.of("/all", "idea.hidden")[0]
        assert hidden.data == {"campaign_id": world.ideas.rsplit("/", 1)[1], "idea_id": idea}, hidden.data
        assert all(signed(r, all_secret) for r in receiver.of("/all"))
        wait_until(lambda: len(receiver.of("/page")) == 3, 20, "ideas only")
        assert {r.type for r in receiver.of("/page")} == {"webhook.test", "idea.submitted", "idea.hidden"}
        assert [r.type for r in wait_until(lambda: receiver.of("/comments"), 20, "a comment")] == ["comment.added"]
        for r in receiver.received:
            assert "Ann" not in r.body and "bench" not in r.body and "@" not in r.body, r.body
        world.everything, world.all_secret = everything, all_secret


def others(story, world):
    receiver = world.receiver
    with story.scene("one that never answers holds nobody else up"):
        receiver.delays["/slow"] = 30
        slow, _ = world.endpoint("/slow")
        for n in range(3):
            world.idea(f"Something to wait for, number {n}")
        wait_until(lambda: receiver.of("/slow"), 20, "the slow one is asked")
        before = len(receiver.of("/all"))
        began = time.monotonic()
        world.idea("A lamp at the corner")
        wait_until(lambda: len(receiver.of("/all")) > before, 10, "others hear of it")
        assert time.monotonic() - began < 8 and len(receiver.of("/slow")) == 1
        tried = wait_until(lambda: [d for d in world.owner.get(slow)["deliveries"] if d["tries"] > 0], 30, "it was too slow")
        assert tried[0]["answer"] == "no answer in time" and tried[0]["status"] == 0, tried
        world.owner.post(f"{slow}/remove")

    with story.scene("with a new secret, both sign for a day"):
        receiver.delays.clear()
        made = world.owner.post(f"{world.everything}/secret")
        assert made["secret"].startswith("whsec_") and made["secret"] != world.all_secret and made["old_secret_until_at"]
        idea = world.idea("A second bench")
        came = wait_until(lambda: [r for r in receiver.of("/all") if r.data.get("idea_id") == idea], 20, "it")[0]
        assert signed(came, made["secret"]) and signed(came, world.all_secret), came.headers
        world.old_secret, world.all_secret = world.all_secret, made["secret"]


def trouble(story, world):
    receiver, owner = world.receiver, world.owner
    with story.scene("what fails is tried again under the same id, and redirects are not followed"):
        receiver.answers["/all"] = 302
        idea = world.idea("A roof for the bicycles")
        about = lambda: [r for r in receiver.of("/all") if r.data.get("idea_id") == idea]  # noqa: E731
        wait_until(about, 20, "the first try")
        row = wait_until(lambda: [d for d in owner.get(world.everything)["deliveries"] if d["tries"] > 0 and
                                  d["state"] == "waiting"], 20, "that it is kept")[0]
        assert row["status"] == 302 and row["answer"] == "As it is", row
        assert owner.get(world.webhooks)["endpoints"][1]["failing_since_at"]
        receiver.answers.clear()
        came = wait_until(lambda: len(about()) > 1 and about(), 20, "the second try")
        assert came[0].id == came[1].id == row["message_id"] and 4 < came[1].at - came[0].at < 15, came
        wait_until(lambda: not owner.get(world.webhooks)["endpoints"][1]["failing_since_at"], 10, "it works again")

    with story.scene("a delivery is sent again when somebody asks for it"):
        row = owner.get(world.everything)["deliveries"][0]
        before = len([r for r in receiver.received if r.id == row["message_id"]])
        owner.post(f"{world.everything}/deliveries/{row['webhook_delivery_id']}/again")
        wait_until(lambda: len([r for r in receiver.received if r.id == row["message_id"]]) > before, 20, "it comes again")

    with story.scene("switched off it hears nothing; what waited before comes when it is on again"):
        receiver.answers["/all"] = 500
        waiting = world.idea("Something that waits")
        wait_until(lambda: [d for d in owner.get(world.everything)["deliveries"] if d["tries"] > 0 and
                            d["state"] == "waiting"], 20, "a try that fails")
        owner.post(f"{world.everything}/switch", {})
        unheard = world.idea("Something unheard of")
        wait_until(lambda: [r for r in receiver.of("/page") if r.data.get("idea_id") == unheard], 20, "others hear of it")
        receiver.answers.clear()
        before = len(receiver.of("/all"))
        owner.post(f"{world.everything}/switch", {"on": True})
        came = wait_until(lambda: receiver.of("/all")[before:], 40, "what waited")
        assert [r.data["idea_id"] for r in came] == [waiting], came
        assert unheard not in [r.data.get("idea_id") for r in receiver.of("/all")]

    with story.scene("one that answers 410 is switched off, and the owner is told by mail"):
        gone, _ = world.endpoint("/gone", description="The old till")
        receiver.answers["/gone"] = 410
        owner.post(f"{gone}/test")
        mail = world.house.mail_to(OWNER[0], "a webhook was switched off")
        assert receiver.url + "/gone" in mail["text"] and "410" in mail["text"], mail
        seen = owner.get(gone)["endpoint"]
        assert not seen["is_on"] and "410" in seen["off_reason"], seen
        world.browser.get(gone).says("it is gone (410)")
        assert "BAD  no failing webhooks" in world.house.run("doctor", expect=1)[0]
        owner.post(f"{gone}/remove")


def crash(story, world):
    receiver = world.receiver
    with story.scene("the server is killed while it delivers: everything arrives, nothing under two ids"):
        receiver.delays["/all"] = 0.2
        ideas = {world.idea(f"An idea in a hurry, number {n}") for n in range(25)}
        told = lambda: [r for r in receiver.of("/all", "idea.submitted") if r.data["idea_id"] in ideas]  # noqa: E731
        wait_until(lambda: len(told()) >= 5, 20, "some are delivered")
        world.house.kill()
        assert len(told()) < 25, "it was too quick to be killed"
        receiver.delays.clear()
        world.house.start(clock_offset_s=60)  # whoever had the endpoint is known to be gone
        world.ann.line.close()
        world.owner.line.close()
        wait_until(lambda: {r.data["idea_id"] for r in told()} == ideas, 60, "all of them")
        ids = {r.data["idea_id"]: set() for r in told()}
        for r in told():
            ids[r.data["idea_id"]].add(r.id)
        assert all(len(one) == 1 for one in ids.values()), ids
        print(f"          25 ideas, {len(told())} requests")

    with story.scene("two servers on one database send each delivery once"):
        twin = story.twin(world.house)
        twin.settings |= OPEN | {"MANYHANDS_CLOCK_OFFSET_S": "60"}
        twin.start()
        ideas = {world.idea(f"An idea for two, number {n}") for n in range(20)}
        wait_until(lambda: {r.data["idea_id"] for r in told()} >= ideas, 60, "all of them")
        time.sleep(1)
        assert len(told()) == 20, f"{len(told())} requests for 20 ideas"
        twin.stop()
        world.again(60)  # what the other had begun is looked at anew

    with story.scene("a receiver that is down for a while misses nothing"):
        receiver.stop()
        missed = {world.idea(f"An idea at night, number {n}") for n in range(5)}
        wait_until(lambda: world.owner.get(world.webhooks)["endpoints"][1]["failing_since_at"], 20, "it is missed")
        back = world.receiver = Receiver(receiver.port)
        wait_until(lambda: {r.data["idea_id"] for r in back.of("/all", "idea.submitted")} >= missed, 60, "all of them")


def tasks(story, world):
    with story.scene("items that are settled are told with key, answer and how sure it is"):
        owner, ann, receiver = world.owner, world.ann, world.receiver
        campaign = world.campaign(kind="task")
        desk = f"{campaign}/tasks"
        owner.post(f"{desk}/describe", {"template": "choose", "ask": "Which animal is it?", "choices": "cat\ndog",
                                        "price": "0.10", "answers_least": 1, "answers_most": 1, "control_every": 0,
                                        "quality_least": 0})
        owner.post(f"{desk}/items", {"file": upload("items.csv", b"id,text\nA1,meow\nA2,woof\nA3,purr\n")})
        owner.post(f"{campaign}/money/deposit", {"amount": "5", "reason": "Invoice 1"})
        owner.post(f"{campaign}/open")
        right = {"meow": "cat", "woof": "dog", "purr": "cat"}
        for item in ann.post(f"{desk}/take", {"count": 3})["items"]:
            ann.post(f"{desk}/{item['task_item_id']}/give",
                     {"fence": item["fence"], "answer": right[item["shown"]], "count": 0})

        def items():
            return {i["item_key"]: i for r in receiver.of("/all", "task.item_settled") for i in r.data["items"]}

        told = wait_until(lambda: len(items()) == 3 and items(), 20, "all items")
        assert {k: v["answer"] for k, v in told.items()} == {"A1": "cat", "A2": "dog", "A3": "cat"}, told
        assert all(v["answers"] == 1 and 0 <= v["confidence"] <= 1 and v["state"] in ("settled", "undecided")
                   for v in told.values()), told
        assert all(r.data["campaign_id"] == campaign.rsplit("/", 1)[1] for r in receiver.of("/all", "task.item_settled"))


def taken_back(story, world):
    with story.scene("words of somebody who erases the account go from news that waits, and from what is kept of it"):
        owner, receiver, house = world.owner, world.receiver, world.house
        eva = house.api(world.eva["token"])
        campaign = world.campaign(kind="task")
        desk = f"{campaign}/tasks"
        owner.post(f"{desk}/describe", {"template": "describe", "ask": "What is to be heard?", "price": "0.10", "answers_least": 1,
                                        "answers_most": 1, "control_every": 0, "quality_least": 0, "accept_hours": 720})
        owner.post(f"{desk}/items", {"file": upload("items.csv", b"id,text\nB1,meow\nB2,woof\n")})
        owner.post(f"{campaign}/money/deposit", {"amount": "5", "reason": "Invoice 2"})
        owner.post(f"{campaign}/open")
        wait_until(lambda: receiver.of("/all", "campaign.opened"), 20, "what was told before")
        receiver.answers["/all"] = 500

        def give(who, words):
            item, = who.post(f"{desk}/take", {"count": 1})["items"]
            who.post(f"{desk}/{item['task_item_id']}/give", {"fence": item["fence"], "answer": words, "caption": f"{words}, again",
                                                             "count": 0})

        def told():
            return {i["answer"] for r in receiver.of("/all", "task.item_settled") for i in r.data["items"]}

        give(eva, 'The "zinnober" is in the yard')
        give(world.ann, "Ochre on the roof")
        wait_until(lambda: "webhook_delivery.news" in house.database.holding("zinnober"), 20, "it is told")
        browser = house.browser()
        browser.submit(browser.get("/sign-in").form("/sign-in/link").fill(email=world.eva["email"]))
        browser.submit(browser.get(house.mail.link(house.mail_to(world.eva["email"], "Sign in"))).forms[-1])
        browser.submit(browser.get("/account").form("/account/erase").fill(sure=True))
        eva.line.close()
        wait_until(lambda: house.database.holding("zinnober") == [], 20, "the words are gone")
        receiver.received.clear()
        receiver.answers.clear()
        wait_until(lambda: told() >= {"", "Ochre on the roof"}, 60, "the news without them")
        assert "zinnober" not in "".join(r.body for r in receiver.of("/all"))


def the_end(story, world):
    with story.scene("one that takes nothing for three days is switched off, and the owner is told; the rest is kept"):
        world.receiver.answers |= {"/all": 500}
        world.owner.post(f"{world.everything}/test")
        wait_until(lambda: world.owner.get(world.everything)["endpoint"]["failing_since_at"], 20, "it fails")
        world.again(3 * 86400 + 3600)
        wait_until(lambda: not world.owner.get(world.everything)["endpoint"]["is_on"], 30, "it is switched off")
        assert "three days" in world.owner.get(world.everything)["endpoint"]["off_reason"]
        wait_until(lambda: "/all" in world.house.mail_to(OWNER[0], "a webhook was switched off")["text"], 20, "the mail")

    with story.scene("the secret before signs no more after a day"):
        world.receiver.answers.clear()
        world.owner.post(f"{world.everything}/switch", {"on": True})
        came = wait_until(lambda: world.receiver.of("/all", "webhook.test")[-1:], 30, "the test")[0]
        wait_until(lambda: signed(world.receiver.of("/all")[-1], world.all_secret), 10, "it is signed")
        came = world.receiver.of("/all")[-1]
        assert not signed(came, world.old_secret) and " " not in came.headers["webhook-signature"], came.headers

    with story.scene("after thirty days deliveries are forgotten; what is removed is gone"):
        world.again(40 * 86400)
        wait_until(lambda: {d["kind"] for d in world.owner.get(world.everything)["deliveries"]} == {"campaign.closed"}, 60,
                   "all but the newest are forgotten")
        world.owner.post(f"{world.everything}/remove")
        world.owner.get(world.everything, expect=404)
