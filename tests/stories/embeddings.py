"""embeddings: a service reads sentences in other languages, once an owner agrees; nobody waits for it, and it may fail.

The service is a stand-in (tests/lib/embedder.py): real ones need a model that cannot be fetched.
"""

import time

from embedder import Embedder
from manyhands import OWNER, days_ahead, wait_until

IDEAS = [("Ein Rad am Bahnhof sicher abstellen", ""), ("Velos beim Zug sicher unterbringen", ""),
         ("Schatten auf dem Marktplatz", ""), ("Bücher tauschen in der alten Post", "")]
MARKER = "Kaulquappe"


def pass_two_looks():
    """Nothing tells that nothing is sent: the server looks every two seconds, and has looked twice then."""
    time.sleep(5)


class World:
    def __init__(self, house, browser, service):
        self.house, self.browser, self.service = house, browser, service
        self.owner = house.api(house.token_of(browser))
        ann, = house.people(["Ann Lee"])
        self.ann = house.api(ann["token"])
        self.ann_person = ann
        self.organisation = self.owner.get("/")["organisation_id"]
        self.comparing = f"/organisations/{self.organisation}/comparing"

    def campaign(self, question):
        made = self.owner.post(f"/organisations/{self.organisation}/campaigns",
                               {"question": question, "closes_at": days_ahead(30), "votes_per_person": 5}, expect=201)
        self.owner.post(f"/campaigns/{made['campaign_id']}/open", {})
        return f"/campaigns/{made['campaign_id']}"

    def add(self, campaign, title, text=""):
        return self.ann.post(f"{campaign}/ideas", {"title": title, "text": text, "anyway": True}, expect=201)["idea_id"]

    def alike(self, campaign, idea):
        return {i["title"]: i["score"] for i in self.owner.get(f"{campaign}/ideas/{idea}/alike")["ideas"]}

    def found(self, idea, title):
        """Waits until another idea is said to be like this one; all that are."""
        def look():
            found = self.alike(self.german, idea)
            return found if found.get(title, 0) >= 0.5 else None
        return wait_until(look, 30, f"“{title}” found alike")

    def waiting(self):
        return self.owner.get(self.comparing)["texts_waiting"]

    def all_read(self):
        wait_until(lambda: self.waiting() == 0, 60, "all texts to be read")

    def agree(self, host=None):
        self.owner.post(self.comparing, {"sends_texts": True, "host": host or self.service.host})

    def again(self, **settings):
        self.house.settings |= settings
        self.house.stop()
        self.again_after_stop()

    def again_after_stop(self):
        self.house.start()
        self.ann.line.close()
        self.owner.line.close()


def tell(story):
    service = Embedder()
    house = story.installation(
        with_mail=False, MANYHANDS_EMBEDDINGS_URL=f"http://{service.host}/v1/embeddings", MANYHANDS_EMBEDDINGS_MODEL="concepts-1",
        MANYHANDS_EMBEDDINGS_KEY="very-secret-key")
    house.set_up()
    house.start()
    world = World(house, house.owner(), service)
    try:
        first(story, world)
        agreed(story, world)
        failing(story, world)
        elsewhere(story, world)
        the_end(story, world)
    finally:
        service.stop()


def first(story, world):
    with story.scene("nothing is sent before an owner agrees, and the page says what agreeing means"):
        world.german = world.campaign("Was braucht unsere Stadt im nächsten Jahr am meisten?")
        world.ids = {title: world.add(world.german, title, text) for title, text in IDEAS}
        pass_two_looks()
        assert world.service.asked == []
        page = world.browser.get(world.comparing)
        page.says("Participants’ words leave this server").says(world.service.host).says("concepts-1")
        assert "very-secret-key" not in page.source
        assert IDEAS[1][0] not in world.alike(world.german, world.ids[IDEAS[0][0]])
        world.browser.get(f"{world.german}/ideas/new").says_not("Read by a service")

    with story.scene("only an owner may agree, and only to the service the page showed"):
        assert world.ann.get(world.comparing, expect=403)
        world.ann.post(world.comparing, {"sends_texts": True, "host": world.service.host}, expect=403)
        refused = world.owner.post(world.comparing, {"sends_texts": True, "host": "elsewhere.example"}, expect=422)
        assert "Look again" in str(refused), refused
        pass_two_looks()
        assert world.service.asked == []


def agreed(story, world):
    service = world.service
    with story.scene("after it, titles and summaries are read, those that are there and those to come, and nothing else is sent"):
        form = world.browser.get(world.comparing).form("/comparing").fill(sends_texts=True)
        world.browser.submit(form).says("Texts are sent from now on")
        wait_until(lambda: {title for title, _ in IDEAS} <= set(service.texts()), 60, "the texts to be asked for")
        world.all_read()
        sent = str(service.asked)
        assert all(q["model"] == "concepts-1" and set(q) == {"model", "input"} for q in service.asked), service.asked
        assert "Ann" not in sent and OWNER[0] not in sent
        assert all(h["authorization"] == "Bearer very-secret-key" for h in service.headers)
        world.browser.get(world.comparing).says("No text waits to be read")
        world.browser.get(f"{world.german}/ideas/new").says("Read by a service").says(service.host)

    with story.scene("ideas that mean the same in other words are found alike, others are not"):
        found = world.found(world.ids["Ein Rad am Bahnhof sicher abstellen"], "Velos beim Zug sicher unterbringen")
        assert "Bücher tauschen in der alten Post" not in found, found

    with story.scene("a text that was changed is read again, and nothing twice"):
        before = len(service.texts())
        world.ann.post(f"{world.german}/ideas/{world.ids['Schatten auf dem Marktplatz']}/edit",
                       {"title": "Schaukel und Rutsche im Park", "text": ""})
        wait_until(lambda: "Schaukel und Rutsche im Park" in service.texts(), 60, "the new words")
        idea = world.add(world.german, "Spielplatz für Kinder im Park")
        wait_until(lambda: "Spielplatz für Kinder im Park" in service.texts(), 60, "the new idea")
        world.all_read()
        assert len(service.texts()) == before + 2, service.texts()[before:]
        world.found(idea, "Schaukel und Rutsche im Park")

    with story.scene("English campaigns stay on this server where it reads English itself"):
        english = world.campaign("What should our town do for its children next year?")
        world.add(english, "A slide and a swing for small people", MARKER)
        pass_two_looks()
        has_encoder = world.owner.get(world.comparing)["has_encoder"]
        assert ("A slide and a swing" in str(service.texts())) == (not has_encoder)


def failing(story, world):
    service = world.service
    with story.scene("nobody waits for a service that hangs"):
        service.how = "nothing"
        world.add(world.german, "Bänke am großen Fluss")
        wait_until(lambda: service.hanging > 0, 30, "the service to be asked")
        begun = time.monotonic()
        idea = world.add(world.german, "Ausruhen am großen Fluss")
        world.owner.get(f"{world.german}/ideas/{idea}/alike")
        world.owner.get(f"{world.german}/ideas/similar?title=Sitzen+am+Fluss")
        assert time.monotonic() - begun < 5 and service.hanging > 0
        begun = time.monotonic()
        world.house.stop()
        assert time.monotonic() - begun < 15, "the server waits for the service when it stops"
        service.how = "openai"
        world.again_after_stop()
        world.all_read()
        world.found(idea, "Bänke am großen Fluss")

    for how, words in (("busy", "503"), ("garbage", "no JSON"), ("short", "leaves texts out"), ("longer", "769 numbers")):
        with story.scene(f"an answer that is {how} is told, kept nowhere, and asked again later"):
            service.how = how
            title = f"Ein Garten für alle, {how}"
            world.add(world.german, title)
            view = wait_until(lambda: (lambda v: v if v["trouble"] else None)(world.owner.get(world.comparing)), 30, "the trouble")
            assert words in view["trouble"] and view["texts_waiting"] >= 1, view
            world.browser.get(world.comparing).says("The last try failed").says("Until then words are compared")
            said = world.house.run("doctor", expect=1)[0]
            assert "BAD  the embeddings service" in said, said
            service.how = "ollama"
            world.all_read()
            view = world.owner.get(world.comparing)
            assert view["trouble"] == "" and service.texts().count(title) >= 2, view
            assert "ok   the embeddings service" in world.house.run("doctor", expect=None)[0]
            service.how = "openai"

    with story.scene("a text the service does not take holds up no other"):
        service.refuses = MARKER
        world.add(world.german, f"Die {MARKER} im Teich schützen")
        world.add(world.german, "Ein Wehr für die Fische")
        wait_until(lambda: "Ein Wehr für die Fische" in service.texts() and MARKER in str(service.texts()), 30, "both to be asked for")
        world.all_read()
        assert world.owner.get(world.comparing)["trouble"] == ""
        service.refuses = None


def elsewhere(story, world):
    with story.scene("when the configuration names another host, nothing is sent there until an owner agrees again"):
        other = Embedder()
        try:
            world.again(MANYHANDS_EMBEDDINGS_URL=f"http://{other.host}/api/embed", MANYHANDS_EMBEDDINGS_DIMENSIONS="512")
            before = len(world.service.asked)
            world.add(world.german, "Ein Chor für alle")
            pass_two_looks()
            assert other.asked == [] and len(world.service.asked) == before
            world.browser.get(world.comparing).says("nothing is sent until an owner agrees again")
            other.how = "ollama"
            world.agree(other.host)
            wait_until(lambda: "Ein Chor für alle" in other.texts(), 60, "the other service to be asked")
            world.all_read()
            assert set(title for title, _ in IDEAS[:2]) <= set(other.texts()), "what was read before is not asked again"
            assert all(q["dimensions"] == 512 for q in other.asked)
            world.found(world.ids["Ein Rad am Bahnhof sicher abstellen"], "Velos beim Zug sicher unterbringen")
        finally:
            other.stop()

    with story.scene("what is kept is as it should be"):
        world.house.run("rebuild", "--check")


def the_end(story, world):
    with story.scene("when the configuration names none any more, the page says so, and the consent can be taken back"):
        kept = {name: world.house.settings.pop(name) for name in list(world.house.settings) if "EMBEDDINGS" in name}
        world.again()
        page = world.browser.get(world.comparing)
        page.says("names no service any more")
        world.browser.submit(page.form("/comparing")).says("Nothing is sent any more").says("names none")
        world.again(**kept)
        world.agree(kept["MANYHANDS_EMBEDDINGS_URL"].split("/")[2])
        wait_until(lambda: world.waiting() > 0, 30, "all to be read anew")

    with story.scene("taken back, nothing is sent any more, and words are compared again"):
        page = world.browser.get(world.comparing)
        world.browser.submit(page.form("/comparing").fill(sends_texts=False)).says("Nothing is sent any more")
        wait_until(lambda: IDEAS[1][0] not in world.alike(world.german, world.ids[IDEAS[0][0]]), 30, "words to be compared")
        before = len(world.service.asked)
        world.add(world.german, "Noch eine Idee für den Fluss")
        pass_two_looks()
        assert len(world.service.asked) == before
        world.browser.get(f"{world.german}/ideas/new").says_not("Read by a service")

    with story.scene("an address without a model is refused at the start"):
        world.house.stop()
        said = str(world.house.run("doctor", expect=None, MANYHANDS_EMBEDDINGS_MODEL=""))
        assert "needs a model" in said, said
        world.house.start()
