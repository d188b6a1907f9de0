"""similar-ideas: ideas that say the same in other words are offered before another one is added.

With the sentence encoder English ideas are found by what they mean; without it, and in other
languages, by words, stems and letters. What is hidden or withdrawn is not offered, what differs in a
number or a negation is marked, and nothing is refused for being alike.
"""

import pathlib
import time
import urllib.parse

from manyhands import PROGRAM, wait_until

ENGLISH = [
    ("More trees in the city centre", "Shade on hot days, and a place for birds."),
    ("Open the library on Sundays", "Families have time then."),
    ("Two lanes for bicycles on Station Road", ""),
    ("Benches that face the water", "Old people could rest on the way to the market."),
    ("A repair café where broken things get mended", "Once a month in the old depot."),
]
GERMAN = [
    ("Nachtbus am Wochenende", "Damit junge Leute sicher nach Hause kommen."),
    ("Mehr Bänke am Fluss", "Alte Leute könnten sich dort ausruhen."),
    ("Solaranlage auf dem Dach der Schwimmhalle", "Der Strom heizt das Becken."),
]


def make_campaign(house, owner, question, ideas):
    organisation = owner.get("")["organisation_id"]
    campaign = owner.post(f"/organisations/{organisation}/campaigns", {
        "question": question, "closes_at": "2030-01-01T00:00:00Z", "votes_per_person": 9,
        "votes_against": False}, expect=201)["campaign_id"]
    owner.post(f"/campaigns/{campaign}/open", {})
    ids = {}
    for title, text in ideas:
        answer = owner.post(f"/campaigns/{campaign}/ideas", {"title": title, "text": text}, expect=201)
        ids[title] = answer["idea_id"]
    return campaign, ids


def alike(api, campaign, title, text=""):
    query = urllib.parse.urlencode({"title": title, "text": text})
    return api.get(f"/campaigns/{campaign}/ideas/similar?{query}")["ideas"]


def offered(api, campaign, title, wanted):
    """Waits until the idea `wanted` is offered to who types `title`; the row it stands in."""
    def look():
        return next((i for i in alike(api, campaign, title) if i["title"] == wanted), None)
    return wait_until(look, 30, f"“{wanted}” offered for “{title}”")


def not_offered(api, campaign, title, unwanted):
    wait_until(lambda: all(i["title"] != unwanted for i in alike(api, campaign, title)), 30,
               f"“{unwanted}” no longer offered")


def by_meaning(house, owner, campaign):
    anna = house.api()
    row = offered(anna, campaign, "Plant trees downtown", "More trees in the city centre")
    assert 0.4 <= row["score"] < 1 and row["differs"] == "", row
    offered(anna, campaign, "Workshop to fix broken household items together",
            "A repair café where broken things get mended")
    assert alike(anna, campaign, "A museum of meteorites and of stars") == []
    rows = [i for title, _ in ENGLISH for i in alike(anna, campaign, title)[:1]]
    assert [i["title"] for i in rows] == [title for title, _ in ENGLISH], rows


def asked_once(campaign, browser):
    """Somebody else's near-duplicate is offered once; submitting again adds the idea."""
    form = browser.get(f"/campaigns/{campaign}/ideas/new").form("/ideas")
    form.fill(title="The library should open on Sundays too", text="My own words, with ünïcode & <signs>.")
    page = browser.submit(form, expect=422)
    page.says("This sounds like").says("The library opens on Sundays too")
    page.says_not("Open the library on Sundays")  # the owner's own
    again = page.form("/ideas")
    assert again.field("title").value == "The library should open on Sundays too"
    assert again.field("text").value == "My own words, with ünïcode & <signs>."
    assert page.has_form("/vote"), "the page offers no way to support the other idea"
    browser.submit(again).says("Your idea is there")


def tell(story):
    encoder = pathlib.Path(PROGRAM).resolve().parent / "encoder-en.bin"
    if not encoder.exists():
        story.skip("the sentence encoder's file is not there (script/encoder makes it)")
    house = story.installation(with_mail=False)
    house.set_up()
    house.start()
    browser = house.owner()
    owner = house.api(house.token_of(browser))
    anna = house.people(["Anna Example"])[0]
    anna_api = house.api(anna["token"])
    api = house.api()

    with story.scene("ideas that say the same in other words are offered while a title is typed"):
        campaign, ids = make_campaign(house, owner, "What should our town do next year?", ENGLISH)
        by_meaning(house, owner, campaign)
        page = house.browser().get(f"/campaigns/{campaign}/ideas/similar?title=Plant+trees+downtown")
        page.says("1 idea sounds like this").says("More trees in the city centre")

    with story.scene("a number that differs is said, and nobody is asked about it"):
        row = offered(api, campaign, "Three lanes for bicycles on Station Road",
                      "Two lanes for bicycles on Station Road")
        assert "differ" in row["differs"] and row["score"] >= 0.7, row

    with story.scene("in German they are found by words, stems and letters"):
        german, _ = make_campaign(house, owner, "Was braucht unsere Stadt im nächsten Jahr am meisten?", GERMAN)
        offered(api, german, "Am Wochenende soll nachts ein Bus fahren", "Nachtbus am Wochenende")
        offered(api, german, "Bänke am Flussufer aufstellen", "Mehr Bänke am Fluss")
        row = offered(api, german, "Nachtbus am Wochenende nicht einführen", "Nachtbus am Wochenende")
        assert "nicht" in row["differs"], row

    with story.scene("who submits what is there already is asked once; nothing typed is lost"):
        owner.post(f"/campaigns/{campaign}/ideas", {"title": "Swings for the playground"}, expect=201)
        anna_api.post(f"/campaigns/{campaign}/ideas", {"title": "The library opens on Sundays too"}, expect=201)
        offered(api, campaign, "The library opens on Sundays too", "The library opens on Sundays too")
        asked_once(campaign, browser)

    with story.scene("one's own idea and a program's are never asked about"):
        own = browser.get(f"/campaigns/{campaign}/ideas/new").form("/ideas")
        own.fill(title="Swings for the playgrounds", text="")
        browser.submit(own).says("Your idea is there")
        anna_api.post(f"/campaigns/{campaign}/ideas", {"title": "Swings for the playground"}, expect=201)

    with story.scene("what is hidden, changed or withdrawn is no longer offered, what is shown again is"):
        title = "Benches that face the water"
        offered(api, campaign, "Benches facing the water", title)
        owner.post(f"/campaigns/{campaign}/ideas/{ids[title]}/hide",
                   {"rule": "off_topic", "reason": "It does not belong here."})
        not_offered(api, campaign, "Benches facing the water", title)
        owner.post(f"/campaigns/{campaign}/ideas/{ids[title]}/show", {})
        offered(api, campaign, "Benches facing the water", title)
        owner.post(f"/campaigns/{campaign}/ideas/{ids[title]}/edit", {"title": "A fountain for the castle yard"})
        offered(api, campaign, "Fountain in the castle yard", "A fountain for the castle yard")
        assert alike(api, campaign, "Seats by the river") == []
        owner.post(f"/campaigns/{campaign}/ideas/{ids[title]}/withdraw", {})
        not_offered(api, campaign, "Fountain in the castle yard", "A fountain for the castle yard")

    with story.scene("the team sees what is like an idea; others do not"):
        idea = ids["Open the library on Sundays"]
        found = owner.get(f"/campaigns/{campaign}/ideas/{idea}/alike")["ideas"]
        assert found[0]["title"].startswith("The library") and found[0]["percent"] >= 70, found
        browser.get(f"/campaigns/{campaign}/ideas/{idea}/alike").says("Ideas like this one")
        assert anna_api.ask("GET", f"/campaigns/{campaign}/ideas/{idea}/alike").status == 403

    with story.scene("the team's table says what looks like another idea, unless something speaks against it"):
        owner.post(f"/campaigns/{campaign}/ideas", {"title": "Four lanes for bicycles on Station Road"}, expect=201)
        offered(api, campaign, "Four lanes for bicycles on Station Road", "Four lanes for bicycles on Station Road")
        cards = {i["title"]: i["looks_like"] for i in owner.get(f"/campaigns/{campaign}/manage/ideas")["ideas"]}
        assert cards["Open the library on Sundays"].startswith("The library"), cards
        assert cards["Swings for the playgrounds"] == "Swings for the playground", cards
        assert cards["Four lanes for bicycles on Station Road"] == cards["More trees in the city centre"] == "", cards
        page = browser.get(f"/campaigns/{campaign}/manage/ideas")
        page.says("looks like “The library")
        assert f"/ideas/{ids['Open the library on Sundays']}/alike" in page.source, "no link to what is like it"
        assert all(i["looks_like"] == "" for i in api.get(f"/campaigns/{campaign}")["ideas"]), "for the team only"
        hidden = owner.get(f"/campaigns/{campaign}/manage/ideas?state=withdrawn")["ideas"]
        assert hidden and all(i["looks_like"] == "" for i in hidden)

    with story.scene("an imported file's ideas are offered, in a server that was not there when it was read"):
        rows = "title,text\nA night bus on weekends,Young people get home safely.\nFree drinking water,At the market.\n"
        house.run("import", "ideas", "-", "--campaign", campaign, stdin=rows.encode())
        offered(api, campaign, "Night buses at the weekend", "A night bus on weekends")
        house.restart()
        offered(api, campaign, "Night buses at the weekend", "A night bus on weekends")

    with story.scene("a server killed right after it took an idea still comes to look at it"):
        for n, title in enumerate(["Paint the old bridge in bright colours", "Herbs and flowers on every roof",
                                   "A skating rink in the winter months"]):
            house.api(anna["token"]).post(f"/campaigns/{campaign}/ideas", {"title": title}, expect=201)
            time.sleep(0.4 * n)
            house.kill()
            house.start()
            offered(house.api(), campaign, title, title)
        owner, api = house.api(owner.token), house.api()

    with story.scene("rebuilt equals kept; what was tampered with is mended"):
        house.stop()
        assert "; 0 likenesses" in house.run("rebuild", "--check")[0]
        house.database.tamper("UPDATE likeness SET language = 'fr' WHERE language = 'en'")
        assert "; 0 likenesses" not in house.run("rebuild", "--check", expect=1)[0]
        house.run("rebuild")
        assert "; 0 likenesses" in house.run("rebuild", "--check")[0]
        house.database.tamper("DELETE FROM likeness")
        house.run("rebuild")
        assert "; 0 likenesses" in house.run("rebuild", "--check")[0]

    with story.scene("without the encoder it works by words, says so once, and later makes up for it"):
        house.start(MANYHANDS_SIFT_ENCODER=str(house.folder / "nowhere.bin"))
        owner.post(f"/campaigns/{campaign}/ideas", {"title": "Let kids ride the bus without paying"}, expect=201)
        offered(api, campaign, "Let kids ride the bus", "Let kids ride the bus without paying")
        assert house.log().count('"encoder.missing"') == 1
        house.restart()
        row = wait_until(lambda: next((i for i in alike(api, campaign, "Children should ride buses without paying")
                                       if i["score"] > 0.5), None), 30, "the text read by the encoder")
        assert row["title"].startswith("Let kids"), row

    if story.kind == "postgresql":
        with story.scene("two servers on one database see each other's new ideas"):
            second = story.installation(with_mail=False, MANYHANDS_DATABASE_URL=house.database.url,
                                        MANYHANDS_CLUSTER_NODE="1")
            second.start()
            token = house.token_of(house.owner(), label="Second")
            for here, there, title in ((house, second, "Chess tables in the castle park"),
                                       (second, house, "Lights along the footpath to the mill"),
                                       (house, second, "A choir for people who cannot sing")):
                offered(there.api(), campaign, "Open the library on Sundays", "Open the library on Sundays")
                here.api(token).post(f"/campaigns/{campaign}/ideas", {"title": title}, expect=201)
                offered(there.api(), campaign, title, title)
