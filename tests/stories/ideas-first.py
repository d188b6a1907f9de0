"""ideas-first: from the first start of a server to a closed campaign whose record everyone can check.

Told with a browser that has no scripts, and with programs where the story says so.
"""

import csv
import datetime
import io
import json
import re
import struct
import time
import zlib

from clients import Lost
from manyhands import OWNER, wait_until

PARTICIPANT = ("mira.stein@example.org", "Mira Stein")
MODERATOR = "jonas.weber@example.org"


def png(width, height):
    """A picture in a few colours."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 255 // width, y * 255 // height, 120)[c]
                                  for x in range(width) for c in range(3)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def days_ahead(days, offset_s=0):
    """As a form's field of date and time wants it, UTC."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days, seconds=offset_s)
    return at.strftime("%Y-%m-%dT%H:%M")


def id_in(path, after):
    return re.search(f"/{after}/([0-9a-z]{{13}})", path).group(1)


def tell(story):
    house = story.installation()
    the_first_run(story, house)
    owner = house.browser()
    owner.sign_in(OWNER[0], OWNER[2])
    campaign = a_draft(story, house, owner)
    mira = somebody_signs_up(story, house, campaign)
    idea = an_idea(story, house, campaign, mira)
    votes_within_a_budget(story, house, campaign, mira, idea)
    a_discussion(story, house, campaign, mira, idea)
    moderation(story, house, campaign, owner, mira)
    the_life_of_a_campaign(story, house, campaign, owner, mira, idea)
    the_record(story, house, campaign)
    erasing(story, house, campaign, mira, idea)
    exports(story, house, campaign, owner)
    keys_that_repeat(story, house, owner)
    by_the_clock(story, house, owner)
    broken_files(story, house, owner)
    what_was_promised_to_operators(story, house)


# --- Beginning ------------------------------------------------------------------------------------------


def the_first_run(story, house):
    with story.scene("a first start prints an address with a token, which makes the organisation once"):
        house.start()
        address = re.search(r"http://\S+/setup/\S+", house.console)
        assert address, f"no address on the console: {house.console}"
        visitor = house.browser()
        visitor.get("/")
        visitor.get("/setup/" + "x" * 43, expect=404)
        form = visitor.get(address.group(0)).form("/setup/" + address.group(0).rsplit("/", 1)[1])
        weak = visitor.submit(form.fill(organisation_name="Stadtwerke Linden", display_name=OWNER[1],
                                        email=OWNER[0], password="password12"), expect=422)
        assert "password" in weak.problems, f"a weak password passed: {weak.problems}"
        assert weak.form("/setup/" + address.group(0).rsplit("/", 1)[1]).field("display_name").value == OWNER[1]
        form = weak.forms[-1].fill(colour_1="#0b6e4f", colour_2="#f2b134", password=OWNER[2])
        visitor.submit(form, files={"logo": ("logo.png", png(64, 64))}).says("Stadtwerke Linden")
        house.browser().get(address.group(0), expect=404)

    with story.scene("the owner signs in with a new session, and a wrong password does not"):
        visitor = house.browser()
        form = visitor.get("/sign-in").form("/sign-in")
        page = visitor.submit(form.fill(email=OWNER[0], password="not the password"), expect=422)
        assert not visitor.is_signed_in() and page.form("/sign-in").field("email").value == OWNER[0]
        assert page.form("/sign-in").field("password").value == "", "a password is shown again"
        visitor.sign_in(OWNER[0], OWNER[2])
        first = visitor.cookies["session"]
        visitor.sign_in(OWNER[0], OWNER[2])
        assert visitor.cookies["session"] != first, "the session is the same after signing in again"


def a_draft(story, house, owner):
    with story.scene("a campaign is drafted by form: picture, categories, terms; mistakes stand by their fields"):
        home = owner.get("/")
        desk = owner.get(home.link("Team desk"))
        form = owner.get(desk.link("New campaign")).form("/campaigns")
        form.fill(question="Short", brief="Where should **our** next solar roofs go?", closes_at=days_ahead(-1),
                  votes_per_person="3", categories="Roofs\nStreets\nHouseholds", terms="Ideas may be used freely.")
        refused = owner.submit(form, expect=422)
        assert set(refused.problems) == {"question"}, f"problems: {refused.problems}"
        form = refused.form("/campaigns")
        assert form.field("brief").value == "Where should **our** next solar roofs go?", "what was typed is gone"
        refused = owner.submit(form.fill(question="How do we save energy in Linden?"), expect=422)
        assert set(refused.problems) == {"closes_at"}, f"problems: {refused.problems}"
        form = refused.form("/campaigns").fill(closes_at=days_ahead(14), votes_against=True)
        bad = owner.submit(form, files={"cover": ("cover.png", b"no picture at all")}, expect=422)
        assert "cover" in bad.problems, f"problems: {bad.problems}"
        page = owner.submit(bad.form("/campaigns"), files={"cover": ("cover.png", png(800, 350))})
        page.says("The draft is saved")
        campaign = id_in(page.url, "campaigns")

    with story.scene("the team previews the draft with its picture; nobody else can see that it exists"):
        preview = owner.get(f"/campaigns/{campaign}").says("How do we save energy in Linden?").says("A draft")
        cover = re.search(r'<img src="(/pictures/[0-9a-f]{64})"', preview.source).group(1)
        picture = owner.get(cover)
        assert picture.headers["content-type"] == "image/webp" and picture.body[:4] == b"RIFF"
        assert "immutable" in picture.headers.get("cache-control", "")
        assert "<strong>our</strong>" in preview.source, "Markdown is not shown"
        house.browser().get(f"/campaigns/{campaign}", expect=404)
        house.browser().get(f"/campaigns/{campaign}/record", expect=404)
        house.browser().get("/").says_not("How do we save energy")
        answer = house.api().ask("GET", f"/campaigns/{campaign}")
        assert answer.status == 404, answer
        assert answer.headers["content-type"] == "application/problem+json", answer.headers

    with story.scene("opened, everyone can read it; its rules now stay"):
        manage = owner.get(f"/campaigns/{campaign}/manage")
        owner.submit(manage.form("/open")).says("The campaign is open")
        house.browser().get(f"/campaigns/{campaign}").says("How do we save energy in Linden?")
        house.browser().get("/").says("How do we save energy in Linden?")
        page = owner.get(f"/campaigns/{campaign}/edit").says("How do we save energy in Linden? People have read this")
        page.says("Votes per person 3 People may have voted").says("vote against Yes People may have voted")
        edit = page.form("/edit")
        asked = {f.name for f in edit.fields if f.kind != "hidden"}
        assert asked == {"brief", "cover", "categories", "terms"}, f"asked for: {asked}"
        refused = owner.submit(edit.fill(votes_per_person="5"), expect=422)
        assert "votes_per_person" in refused.problems, f"problems: {refused.problems}"
        edit = refused.form("/edit")
        assert edit.field("votes_per_person").value == "3", "what cannot be typed shows what was sent"
        owner.submit(edit.fill(terms="Ideas may be used freely. Second version.")).says("Saved")
        owner.get(f"/campaigns/{campaign}/terms").says("Second version")
        owner.get(f"/campaigns/{campaign}/terms?version=1").says_not("Second version")
    return campaign


# --- Taking part ------------------------------------------------------------------------------------------


def somebody_signs_up(story, house, campaign):
    with story.scene("a reader signs up by mailed link; both consents are asked for, and neither is ticked"):
        mira = house.browser()
        page = mira.get(f"/campaigns/{campaign}/ideas/new")
        assert page.path() == "/sign-in", f"sent to {page.url}"
        form = mira.get(page.link("Create an account")).form("/sign-up")
        assert not form.field("notices").checked and not form.field("marketing").checked, "a box is ticked"
        page = mira.submit(form.fill(email=PARTICIPANT[0], display_name=PARTICIPANT[1], notices=True))
        assert page.path() == "/mail-sent" and not mira.is_signed_in()
        link = house.mail.link(house.mail_to(PARTICIPANT[0], "Confirm"))
        assert not mira.get(link).says("nearly in") is mira
        assert not mira.is_signed_in(), "opening the link alone signed in"
        mira.submit(mira.get(link).forms[-1]).says("You are signed in")
        house.browser().get(link).says("no longer works")

    with story.scene("what was consented to is kept with its words, and can be taken back"):
        account = mira.get("/account")
        form = account.form("/account/consent")
        assert form.field("notices").checked and not form.field("marketing").checked
        account.says("Tell me by e-mail what happens to what I wrote")
    return mira


def an_idea(story, house, campaign, mira):
    with story.scene("an idea needs the terms' acceptance; what was typed stays"):
        form = mira.get(f"/campaigns/{campaign}/ideas/new").form("/ideas")
        form.fill(title="Solar panels on the roof of the <swimming> hall", text="It is *sunny* there.",
                  category_id="Roofs")
        refused = mira.submit(form, expect=422)
        assert set(refused.problems) == {"accept_terms"}, f"problems: {refused.problems}"
        form = refused.form("/ideas")
        assert form.field("title").value == "Solar panels on the roof of the <swimming> hall"
        page = mira.submit(form.fill(accept_terms=True)).says("Your idea is there")
        idea = id_in(page.url, "ideas")
        assert "<swimming>" not in page.source and "&lt;swimming&gt;" in page.source, "a title is not escaped"

    with story.scene("somebody typing a title alike is shown it; search finds it"):
        somebody = house.api()
        path = f"/campaigns/{campaign}/ideas/similar?title=Panels%20on%20the%20swimming%20h"
        alike = wait_until(lambda: (found := somebody.get(path))["ideas"] and found, what="the idea's vector")
        assert [i["idea_id"] for i in alike["ideas"]] == [idea], alike
        none = somebody.get(f"/campaigns/{campaign}/ideas/similar?title=Bicycles%20for%20everyone")
        assert none["ideas"] == [], none
        house.browser().get(f"/campaigns/{campaign}/ideas/similar?title=solar+panels").says("swimming")
        found = somebody.get(f"/campaigns/{campaign}?q=swimming")
        assert [i["idea_id"] for i in found["ideas"]] == [idea], found

    with story.scene("its author changes the words, and every version stays readable"):
        edit = mira.get(f"/campaigns/{campaign}/ideas/{idea}/edit").form("/edit")
        mira.submit(edit.fill(title="Solar panels on the roof of the swimming hall")).says("Changed")
        history = house.browser().get(f"/campaigns/{campaign}/ideas/{idea}/history")
        history.says("the <swimming> hall").says("the swimming hall")
        assert len(house.api().get(f"/campaigns/{campaign}/ideas/{idea}/history")["versions"]) == 2
        other = house.people([("karl.otto@example.org", "Karl Otto")])[0]
        house.api(other["token"]).post(f"/campaigns/{campaign}/ideas/{idea}/edit",
                                       {"title": "Mine now, all of it", "text": ""}, expect=403)
    return idea


def votes_within_a_budget(story, house, campaign, mira, idea):
    with story.scene("three votes are the budget: a fourth is refused with a reason until one is taken back"):
        authors = house.people(["Nora Lind", "Tom Reiter", "Ayla Demir"])
        ideas = [idea]
        for n, person in enumerate(authors):
            made = house.api(person["token"]).post(
                f"/campaigns/{campaign}/ideas",
                {"title": f"{person['name']} would like a quieter boiler {n}", "text": "", "accept_terms": True},
                expect=201)
            ideas.append(made["idea_id"])
        page = None
        for one in ideas[:3]:
            page = mira.get(f"/campaigns/{campaign}/ideas/{one}")
            page = mira.submit(page.form(f"/subjects/{one}/vote"))
        page.says("0 of your 3 votes left")
        last = mira.get(f"/campaigns/{campaign}/ideas/{ideas[3]}")
        assert not last.has_form(f"/subjects/{ideas[3]}/vote"), "a vote is offered past the budget"
        used = mira.get(f"/campaigns/{campaign}/ideas/{ideas[0]}").form("/vote/withdraw")
        refused = mira.post(f"/campaigns/{campaign}/subjects/{ideas[3]}/vote", used.pairs(), expect=409)
        refused.says("given all your votes")
        mira.submit(used)
        again = mira.get(f"/campaigns/{campaign}/ideas/{ideas[3]}")
        mira.submit(again.form(f"/subjects/{ideas[3]}/vote")).says("0 of your 3 votes left")
        votes = {i["idea_id"]: i["vote"]["up"] for i in house.api().get(f"/campaigns/{campaign}")["ideas"]}
        assert [votes[i] for i in ideas] == [0, 1, 1, 1], votes

    with story.scene("a vote given twice counts once, and turned round it moves"):
        nora = house.api(authors[0]["token"])
        where = f"/campaigns/{campaign}/subjects/{idea}/vote"
        assert nora.post(where, {"direction": "up"})["up"] == 1
        box = nora.post(where, {"direction": "up"})
        assert (box["up"], box["down"], box["my_vote"], box["votes_left"]) == (1, 0, 1, 2), box
        box = nora.post(where, {"direction": "down"})
        assert (box["up"], box["down"], box["my_vote"], box["votes_left"]) == (0, 1, -1, 2), box
        box = nora.post(where + "/withdraw")
        assert (box["up"], box["down"], box["my_vote"], box["votes_left"]) == (0, 0, 0, 3), box


def a_discussion(story, house, campaign, mira, idea):
    with story.scene("comments form threads with Markdown; an answer stands below what it answers"):
        page = mira.get(f"/campaigns/{campaign}/ideas/{idea}")
        form = page.form(f"/subjects/{idea}/comments")
        page = mira.submit(form.fill(text="The roof is **flat**.\n\n<script>alert(1)</script>"))
        assert "<strong>flat</strong>" in page.source and "<script>alert" not in page.source
        first = re.search(r'id="comment-([0-9a-z]{13})"', page.source).group(1)
        tom = house.people([("ida.moor@example.org", "Ida Moor")])[0]
        api = house.api(tom["token"])
        answer = api.post(f"/campaigns/{campaign}/subjects/{idea}/comments",
                          {"text": "But is it strong enough?", "parent_id": first}, expect=201)
        api.post(f"/campaigns/{campaign}/subjects/{idea}/comments", {"text": "A thread of its own."}, expect=201)
        comments = api.get(f"/campaigns/{campaign}/ideas/{idea}")["comments"]
        assert [(c["depth"], c["parent_id"] or None) for c in comments][:2] == [(0, None), (1, first)] or \
            [c["depth"] for c in comments] == [0, 1, 0], comments
        assert comments[1]["comment_id"] == answer["comment_id"], comments

    with story.scene("a program speaks for its owner with a token of hers, and repeats itself by a key"):
        token = house.token_of(mira, scope="participate")
        program = house.api(token)
        if house.kind == "sqlite":  # what is shown once is kept nowhere
            assert not any(token.encode() in file.read_bytes() for file in house.folder.glob("manyhands.db*"))
        body = {"text": "An engineer measured it: **strong** enough."}
        where = f"/campaigns/{campaign}/subjects/{idea}/comments"
        answers = [program.ask("POST", where, body, key="engineer") for _ in range(3)]
        assert [a.status for a in answers] == [201] * 3 and len({a.body for a in answers}) == 1, answers
        assert program.get(f"/campaigns/{campaign}/ideas/{idea}")["idea"]["comment_count"] == 4
        program.post(f"/campaigns/{campaign}/pause", {"reason": "I would rather not."}, expect=403)

    with story.scene("who asked for notices hears of the answer by mail"):
        wait_until(lambda: house.mail.count(PARTICIPANT[0]) >= 2, 20, "the notice of a comment")
        notice = house.mail_to(PARTICIPANT[0])
        assert "comment" in (notice["subject"] + notice["text"]).lower(), notice
        assert f"/ideas/{idea}" in notice["text"], notice["text"]


def moderation(story, house, campaign, owner, mira):
    with story.scene("the owner adds a moderator by mail address, who is told and signs in by that link"):
        desk = owner.get(owner.get("/").link("Team desk"))
        team = owner.get(desk.link("Team")).form("/team")
        page = owner.submit(team.fill(email=MODERATOR, role="moderator"))
        page.says(MODERATOR)
        link = house.mail.link(house.mail_to(MODERATOR))
        jonas = house.browser()
        jonas.submit(jonas.get(link).forms[-1])
        assert jonas.is_signed_in()
        jonas.get(f"/campaigns/{campaign}/manage/ideas").says("swimming hall")
        jonas.get(f"/campaigns/{campaign}/edit", expect=403)

    with story.scene("hiding says by which rule and why: on the page, in the record and in a mail to its author"):
        bad = mira.get(f"/campaigns/{campaign}/ideas/new").form("/ideas")
        page = mira.submit(bad.fill(title="Buy my cheap lamps at lamps.example", text="Cheap lamps."))
        advert = id_in(page.url, "ideas")
        before = house.mail.count(PARTICIPANT[0])
        page = jonas.get(f"/campaigns/{campaign}/ideas/{advert}")
        refused = jonas.submit(page.form("/hide").fill(rule="advertising", reason=""), expect=422)
        assert "reason" in refused.problems, refused.problems
        page = jonas.submit(refused.form("/hide").fill(reason="This sells lamps, it is no idea."))
        page.says("Hidden")
        house.browser().get(f"/campaigns/{campaign}").says_not("cheap lamps")
        house.browser().get(f"/campaigns/{campaign}?q=lamps").says_not("cheap lamps at")
        record = house.browser().get(f"/campaigns/{campaign}/record")
        record.says("Advertising. This sells lamps, it is no idea.")
        entries = house.api().get(f"/campaigns/{campaign}/record")["entries"]
        entry = next(e for e in entries if e["action"] == "idea.hidden")
        assert (entry["rule"], entry["actor"], entry["subject"]) == ("advertising", "moderator", advert), entry
        assert entry["rule_label"] == "Advertising", entry
        wait_until(lambda: house.mail.count(PARTICIPANT[0]) > before, 20, "the mail to the author")
        mail = house.mail_to(PARTICIPANT[0])
        assert "This sells lamps" in mail["text"], mail["text"]

    with story.scene("a hidden comment keeps its place, its words are gone for readers"):
        subject = house.api().get(f"/campaigns/{campaign}")["ideas"][-1]["idea_id"]
        tokens = house.people([("paul.frei@example.org", "Paul Frei")])
        comment = house.api(tokens[0]["token"]).post(
            f"/campaigns/{campaign}/subjects/{subject}/comments", {"text": "You are all fools."}, expect=201)
        where = f"/campaigns/{campaign}/subjects/{subject}/comments/{comment['comment_id']}/hide"
        jonas.submit(jonas.get(where).form("/hide").fill(rule="insult", reason="Please stay kind."))
        house.browser().get(f"/campaigns/{campaign}/ideas/{subject}").says_not("all fools").says("stay kind")


# --- The life of a campaign -----------------------------------------------------------------------------------


def the_life_of_a_campaign(story, house, campaign, owner, mira, idea):
    def manage():
        return owner.get(f"/campaigns/{campaign}/manage")

    with story.scene("paused, everything can be read, and votes are refused with the reason"):
        withdraw = mira.get(f"/campaigns/{campaign}").form("/sign-out")
        owner.submit(manage().form("/pause").fill(reason="We repair the counter.")).says("Paused")
        house.browser().get(f"/campaigns/{campaign}").says("We repair the counter.")
        refused = mira.post(f"/campaigns/{campaign}/subjects/{idea}/vote", withdraw.pairs(), expect=409)
        refused.says("paused")
        manage().says_not("Open the campaign")

    with story.scene("resumed, votes count again; extended, the closing time moves only later"):
        owner.submit(manage().form("/resume")).says("take part again")
        house.browser().get(f"/campaigns/{campaign}").says_not("Nobody can take part")
        before = owner.get(f"/campaigns/{campaign}/edit").form("/edit")
        form = manage().form("/extend").fill(closes_at=days_ahead(2), reason="More time is wanted.")
        refused = owner.submit(form, expect=422)
        assert "closes_at" in refused.problems, refused.problems
        owner.submit(refused.form("/extend").fill(closes_at=days_ahead(21))).says("moved")
        late = owner.submit(before.fill(brief="Where should **our** next roofs go?"), expect=422)
        assert "closes_at" in late.problems, late.problems
        owner.submit(late.form("/edit")).says("Saved")

    with story.scene("closed, it takes nothing more, and stays closed"):
        owner.submit(manage().form("/close").fill(reason="We have enough to begin.")).says("closed")
        page = house.browser().get(f"/campaigns/{campaign}").says("Closed on")
        assert not page.has_form("/vote"), "a closed campaign offers votes"
        token = mira.get(f"/campaigns/{campaign}").form("/sign-out")
        for path in ("open", "pause", "resume", "cancel"):
            pairs = [*owner.get("/").form("/sign-out").pairs(), ("reason", "Once more.")]
            keep = [p for p in pairs if p[0] != "reason" or path in ("pause", "cancel")]
            owner.post(f"/campaigns/{campaign}/{path}", keep, expect=409)
        mira.post(f"/campaigns/{campaign}/subjects/{idea}/vote", token.pairs(), expect=409)


def the_record(story, house, campaign):
    with story.scene("the record tells it all in order, and `manyhands verify` recomputes it"):
        entries = house.api().get(f"/campaigns/{campaign}/record")["entries"]
        told = [e["action"] for e in sorted(entries, key=lambda e: e["seq"])]
        wanted = ["campaign.created", "terms.published", "campaign.opened", "idea.submitted", "idea.changed",
                  "idea.hidden", "comment.hidden", "campaign.paused", "campaign.resumed", "campaign.extended",
                  "campaign.closed"]
        positions = [told.index(action) for action in wanted]
        assert positions == sorted(positions), told
        kept = house.folder / "record.json"
        kept.write_bytes(house.browser().get(f"/campaigns/{campaign}/record.json").body)
        output, _ = house.run("verify", kept)
        assert "holds" in output, output
        exported, _ = house.run("export", "record", campaign)
        assert json.loads(exported) == json.loads(kept.read_text()), "page and command differ"

    with story.scene("a word changed in the record, or an entry left out, is found"):
        record = json.loads(kept.read_text())
        forged = house.folder / "forged.json"
        forged.write_text(kept.read_text().replace("This sells lamps", "This sells candles"))
        _, errors = house.run("verify", forged, expect=1)
        assert "does not hold" in errors, errors
        del record["entries"][4]
        forged.write_text(json.dumps(record))
        house.run("verify", forged, expect=1)
        forged.write_text(kept.read_text().replace("the swimming hall", "the gym hall"))
        house.run("verify", forged, expect=1)


def erasing(story, house, campaign, mira, idea):
    with story.scene("an erased account's words are gone everywhere, and the record still verifies"):
        form = mira.get("/account").form("/account/erase")
        refused = mira.submit(form, expect=422)
        refused.says("Tick the box")
        mira.submit(refused.form("/account/erase").fill(sure=True)).says("erased")
        assert not mira.is_signed_in()
        reader = house.browser()
        wait_until(lambda: "swimming" not in reader.get(f"/campaigns/{campaign}/ideas/{idea}", expect=None).source,
                   20, "the erasure of the words")
        for path in ("", f"/ideas/{idea}/history", "/record", "/record.json", "?q=swimming", "/export.json"):
            page = reader.get(f"/campaigns/{campaign}{path}", expect=None)
            assert "swimming hall" not in page.source and PARTICIPANT[1] not in page.source, f"words left in {path}"
        kept = house.folder / "record-after.json"
        kept.write_bytes(reader.get(f"/campaigns/{campaign}/record.json").body)
        output, _ = house.run("verify", kept)
        assert "holds" in output, output
        output, _ = house.run("rebuild", "--check")
        assert output.startswith("0 tallies, 0 ballots, 0 campaign counts"), output
        data = (house.folder / "manyhands.db")
        if data.exists():
            house.stop()
            content = data.read_bytes()
            for words in (b"mira.stein@", b"the swimming hall", b"roof is **flat**", b"An engineer measured",
                           b"Mira Stein"):
                assert words not in content, f"{words} still stands in the database's file"
            house.start()


def exports(story, house, campaign, owner):
    with story.scene("CSV and JSON say the same, page and command alike"):
        table = owner.get(f"/campaigns/{campaign}/export.csv")
        rows = list(csv.DictReader(io.StringIO(table.body.decode("utf-8-sig"))))
        whole = json.loads(owner.get(f"/campaigns/{campaign}/export.json").body)
        assert len(rows) == len(whole["ideas"]) > 3, (len(rows), len(whole["ideas"]))
        assert house.run("export", "csv", campaign)[0].splitlines() == table.body.decode().splitlines()
        house.browser().get(f"/campaigns/{campaign}/export.csv", expect=None).says("Sign in")


def keys_that_repeat(story, house, owner):
    with story.scene("the same key and body: the same answer, done once; another body: 409"):
        api = house.api(house.token_of(owner))
        organisation = id_in(owner.get("/").link("Team desk"), "organisations")
        body = {"question": "Which street first?", "closes_at": days_ahead(5) + ":00Z", "votes_per_person": 0}
        path = f"/organisations/{organisation}/campaigns"
        first = api.ask("POST", path, body, key="one-street")
        again = api.ask("POST", path, body, key="one-street")
        assert first.status == again.status == 201, (first, again)
        assert first.body == again.body, (first, again)
        other = api.ask("POST", path, {**body, "question": "Which street second?"}, key="one-street")
        assert other.status == 409, other
        assert other.json()["status"] == 409 and other.headers["content-type"] == "application/problem+json"
        drafts = api.get(f"/organisations/{organisation}/manage")["campaigns"]
        assert sum("street" in c["question"] for c in drafts) == 1, drafts
        twice = owner.get(f"/organisations/{organisation}/campaigns/new").form("/campaigns")
        twice.fill(question="A form that was sent twice?", closes_at=days_ahead(9))
        assert owner.submit(twice).url == owner.submit(twice).url, "a double click made two campaigns"


def by_the_clock(story, house, owner):
    with story.scene("a scheduled campaign opens and closes by the clock"):
        form = owner.get(owner.get(owner.get("/").link("Team desk")).link("New campaign")).form("/campaigns")
        page = owner.submit(form.fill(question="When does the market open?", opens_at=days_ahead(2),
                                      closes_at=days_ahead(4)))
        campaign = id_in(page.url, "campaigns")
        owner.submit(page.form("/open")).says("opens by itself")
        assert house.api().get(f"/campaigns/{campaign}")["campaign"]["state"] == "scheduled"
        day = 86400
        house.restart(clock_offset_s=3 * day)
        reader = house.api()
        wait_until(lambda: reader.get(f"/campaigns/{campaign}")["campaign"]["state"] == "open", 20, "the opening")
        writer = house.api(house.people([("lena.voss@example.org", "Lena Voss")])[0]["token"])
        writer.post(f"/campaigns/{campaign}/ideas", {"title": "At eight in the morning"}, expect=201)
        house.restart(clock_offset_s=5 * day)
        writer = house.api(writer.token)
        writer.post(f"/campaigns/{campaign}/ideas", {"title": "At nine in the morning"}, expect=409)
        reader = house.api()
        wait_until(lambda: reader.get(f"/campaigns/{campaign}")["campaign"]["state"] == "closed", 20, "the closing")
        told = [e["action"] for e in reader.get(f"/campaigns/{campaign}/record")["entries"]]
        assert {"campaign.scheduled", "campaign.opened", "campaign.closed"} <= set(told), told
        house.restart(clock_offset_s=0)

    with story.scene("a cancelled campaign says why"):
        form = owner.get(owner.get(owner.get("/").link("Team desk")).link("New campaign")).form("/campaigns")
        page = owner.submit(form.fill(question="Shall we buy the mill?", closes_at=days_ahead(4)))
        campaign = id_in(page.url, "campaigns")
        owner.submit(page.form("/open"))
        page = owner.get(f"/campaigns/{campaign}/manage")
        owner.submit(page.form("/cancel").fill(reason="The mill was sold to somebody else."))
        house.browser().get(f"/campaigns/{campaign}").says("The mill was sold to somebody else.")
        kept = house.folder / "cancelled.json"
        kept.write_bytes(house.browser().get(f"/campaigns/{campaign}/record.json").body)
        house.run("verify", kept)


def broken_files(story, house, owner):
    with story.scene("a broken CSV changes nothing; a good one says of each row what became of it"):
        form = owner.get(owner.get(owner.get("/").link("Team desk")).link("New campaign")).form("/campaigns")
        page = owner.submit(form.fill(question="What did the letters say?", closes_at=days_ahead(4)))
        campaign = id_in(page.url, "campaigns")
        owner.submit(page.form("/open"))

        def take(name, content, expect):
            form = owner.get(f"/campaigns/{campaign}/manage/import").form("/manage/import")
            return owner.submit(form, files={"file": (name, content)}, expect=expect)

        for broken in (b"", b"colour,size\nred,5\n", b'title\n"Never closed\n', b"title\n\xff\xfe bytes\n",
                       b"title\n\0\0\0\n"):
            page = take("broken.csv", broken, None)
            assert page.status in (200, 422), f"{broken!r}: {page.status} {page.text[:300]}"
            made = house.api().get(f"/campaigns/{campaign}")["ideas"]
            assert made == [], f"{broken!r} made {made}"
        rows = "title,text,moderated\nMore benches by the river,So one can rest,1\nx,too short,1\n" \
               "Fewer benches by the river,,-1\n=cmd|' /C calc'!A0 as a title,,1\n"
        page = take("letters.csv", rows.encode(), 200)
        page.says("2 accepted").says("2 refused") if "2 accepted" in page.text else page.says("refused")
        ideas = house.api().get(f"/campaigns/{campaign}")["ideas"]
        assert len(ideas) == 2, ideas
        table = owner.get(f"/campaigns/{campaign}/export.csv").body.decode()
        assert "\n=cmd" not in table and ",=cmd" not in table and '"=cmd' not in table, "a formula is exported"
        broken = house.folder / "broken.csv"
        broken.write_bytes(b"colour\nred\n")
        before = house.api().get("")
        house.run("import", "ideas", broken, expect=1)
        assert house.api().get("") == before, "a refused file changed something"


def what_was_promised_to_operators(story, house):
    with story.scene("health, readiness and metrics are answered; `doctor` finds all well"):
        for path in ("/healthz", "/readyz"):
            house.browser().get(path)
        assert "# TYPE" in house.browser().get("/metrics").source
        status, _, content = house.browser()._ask("GET", "/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
        assert status == 403 and b"manyhands_" not in content, (status, content)
        output, _ = house.run("doctor", expect=None)
        assert "BAD" not in output, output

    with story.scene("a graceful stop finishes what was accepted"):
        voters = house.people([f"Voter Number{n}" for n in range(8)])
        campaign = next(c for c in house.api().get("")["open"])["campaign_id"]
        idea = house.api().get(f"/campaigns/{campaign}")["ideas"][0]["idea_id"]
        before = house.api().get(f"/campaigns/{campaign}/ideas/{idea}")["idea"]["vote"]["up"]
        import threading

        done = []

        def vote(person):
            try:
                done.append(house.api(person["token"]).post(f"/campaigns/{campaign}/subjects/{idea}/vote",
                                                            {"direction": "up"})["up"])
            except Lost:
                pass

        threads = [threading.Thread(target=vote, args=(p,)) for p in voters]
        for t in threads:
            t.start()
        time.sleep(0.002)
        house.stop()
        for t in threads:
            t.join()
        house.start()
        after = house.api().get(f"/campaigns/{campaign}/ideas/{idea}")["idea"]["vote"]["up"]
        assert after >= before + len(done), f"{len(done)} votes were acknowledged, {after - before} are there"
