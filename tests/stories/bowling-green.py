"""bowling-green: 896 statements of a town's citizens become a campaign, and real people's votes its order.

The statements and votes are Polis open data (CC BY 4.0) and lie outside the project; where they are
absent the story is skipped.
"""

import concurrent.futures
import csv
import re

from manyhands import wait_until
from story import DATA
from wilson import wilson

FOLDER = DATA / "opinions" / "american-assembly.bowling-green"
VOTERS, VOTES_EACH = 200, 60
SORTS = ("top", "new", "trending", "discussed")


def folded(words):
    return " ".join(words.split())


def tell(story):
    if not FOLDER.is_dir():
        story.skip(f"the data of Bowling Green is not there ({FOLDER})")
    with open(FOLDER / "comments.csv", newline="", encoding="utf-8") as file:
        comments = list(csv.DictReader(file))
    house = story.installation()
    house.set_up("Warren County")

    with story.scene("896 statements come in: 607 accepted, 289 refused because they were moderated"):
        output, _ = house.run("import", "ideas", FOLDER / "comments.csv", "--open",
                              "--question", "What would make Bowling Green a better place to live?")
        lines = output.splitlines()
        assert lines[-1].startswith("607 accepted, 289 refused, campaign "), lines[-1]
        campaign = lines[-1].split()[5]
        refused = [line for line in lines if ": refused: " in line]
        assert len(refused) == 289 and all("moderated" in line for line in refused), refused[:3]
        first_out = next(n for n, c in enumerate(comments) if c["moderated"] == "-1") + 2
        assert refused[0].startswith(f"line {first_out}:"), refused[0]
        house.start()

    ideas = every_page_once(story, house, campaign, comments)
    searching(story, house, campaign)
    tallies = votes(story, house, campaign, comments, ideas)
    order(story, house, campaign, tallies)
    afterwards(story, house, campaign)


def walk(house, campaign, sort):
    """All ideas of a sort, page by page, as a program reads them."""
    reader, found, cursor = house.api(), [], ""
    while True:
        page = reader.get(f"/campaigns/{campaign}?sort={sort}" + (f"&cursor={cursor}" if cursor else ""))
        found += page["ideas"]
        cursor = page["next_cursor"]
        assert page["has_next"] == bool(cursor), (sort, page["has_next"], cursor)
        if not cursor:
            return found


def every_page_once(story, house, campaign, comments):
    with story.scene("by each of the four sorts, paging shows every idea exactly once"):
        wanted = sorted(folded(c["comment-body"]) for c in comments if c["moderated"] != "-1")
        for sort in SORTS:
            ideas = walk(house, campaign, sort)
            assert len(ideas) == 607 and len({i["idea_id"] for i in ideas}) == 607, (sort, len(ideas))
            if sort == "new":
                written = [i["created_at"] for i in ideas]
                assert written == sorted(written, reverse=True), "the newest are not first"
        titles = sorted(i["title"] for i in ideas)
        whole = [t for t in wanted if len(t) <= 160]
        assert set(whole) <= set(titles), sorted(set(whole) - set(titles))[:3]
        shortened = [t for t in titles if t not in set(whole)]
        assert all(t.endswith("…") for t in shortened), shortened[:3]

    with story.scene("so it does for a reader who presses “Show more”"):
        reader, seen = house.browser(), []
        page = reader.get(f"/campaigns/{campaign}")
        for _ in range(100):
            seen += re.findall(r'class="idea-title"><a href="/campaigns/[0-9a-z]{13}/ideas/([0-9a-z]{13})"',
                               page.source)
            more = [href for href, label in page.links if label == "Show more"]
            if not more:
                break
            page = reader.get(more[0])
        assert len(seen) == len(set(seen)) == 607, (len(seen), len(set(seen)))
        reader.get(f"/campaigns/{campaign}/ideas/{seen[300]}").says(next(
            i["title"] for i in ideas if i["idea_id"] == seen[300])[:60])
    return ideas


def searching(story, house, campaign):
    with story.scene("search finds what has all the words, and titles alike are shown first"):
        reader = house.api()
        found = reader.get(f"/campaigns/{campaign}?q=opioid")["ideas"]
        assert found and all("opioid" in (i["title"] + i["summary"]).lower() for i in found), found
        both = reader.get(f"/campaigns/{campaign}?q=sidewalks%20bike")["ideas"]
        assert both and all("sidewalk" in (i["title"] + i["summary"]).lower() for i in both), both
        assert reader.get(f"/campaigns/{campaign}?q=zeppelins")["ideas"] == []
        for odd in ('%22', "a%20OR", "NEAR(", "*", "'", "%3Cscript%3E", "%E2%80%A6", "(", "-", "title:x", "%25"):
            reader.get(f"/campaigns/{campaign}?q={odd}")
            reader.get(f"/campaigns/{campaign}/ideas/similar?title={odd}")
        lanes = f"/campaigns/{campaign}/ideas/similar?title=Smallhouse%20Rd%20needs%20three%20lanes"
        wait_until(lambda: any("Smallhouse" in i["title"] for i in reader.get(lanes)["ideas"][:1]), what="the vectors")
        assert len(reader.get(lanes)["ideas"]) <= 5


def votes(story, house, campaign, comments, ideas):
    with story.scene(f"{VOTERS} people vote as they did: agreeing is for, disagreeing against"):
        by_words = {}
        for idea in ideas:
            by_words.setdefault(idea["title"].rstrip("…"), []).append(idea["idea_id"])
        idea_of = {}
        for comment in comments:
            words = folded(comment["comment-body"])
            found = by_words.get(words) or next(
                (v for k, v in by_words.items() if len(words) > 160 and words.startswith(k)), None)
            if comment["moderated"] != "-1" and found and len(found) == 1:
                idea_of[comment["comment-id"]] = found[0]
        assert len(idea_of) > 590, f"only {len(idea_of)} statements are told apart by their words"

        with open(FOLDER / "participants-votes.csv", newline="", encoding="utf-8") as file:
            rows = [r for r in csv.DictReader(file) if int(r["n-votes"]) > 5]
        chosen = rows[::len(rows) // VOTERS][:VOTERS]
        ballots = []
        for row in chosen:
            given = [(idea_of[n], "up" if row[n] == "1" else "down")
                     for n in idea_of if row.get(n) in ("1", "-1")]
            ballots.append(given[:VOTES_EACH])
        people = house.people([f"Citizen {n}" for n in range(len(ballots))])

        def cast(person, given):
            api = house.api(person["token"])
            for idea, direction in given:
                box = api.post(f"/campaigns/{campaign}/subjects/{idea}/vote", {"direction": direction})
                assert box["my_vote"] == (1 if direction == "up" else -1), box

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(cast, people, ballots))
        tallies = {i["idea_id"]: [0, 0] for i in ideas}
        for given in ballots:
            for idea, direction in given:
                tallies[idea][direction == "down"] += 1
        total = sum(map(len, ballots))
        assert total > 3000, total

    with story.scene("every tally is what was given, and so is the sum"):
        for idea in walk(house, campaign, "top"):
            assert [idea["vote"]["up"], idea["vote"]["down"]] == tallies[idea["idea_id"]], idea
        head = house.api().get(f"/campaigns/{campaign}")["campaign"]
        assert head["vote_count"] == total and head["idea_count"] == 607, head
        assert head["person_count"] == sum(1 for given in ballots if given), head
    return tallies


def order(story, house, campaign, tallies):
    with story.scene("“Top” is the order of Wilson's lower bound, reckoned here by its other formula"):
        ideas = walk(house, campaign, "top")
        scores = [wilson(*tallies[i["idea_id"]]) for i in ideas]
        for one, next_one in zip(scores, scores[1:]):
            assert one >= next_one - 1e-12, (one, next_one)
        assert scores[0] > scores[200] > scores[-1], (scores[0], scores[200], scores[-1])

    with story.scene("in every sort each idea still comes exactly once, now that numbers tie and differ"):
        for sort in SORTS:
            ids = [i["idea_id"] for i in walk(house, campaign, sort)]
            assert len(ids) == len(set(ids)) == 607, (sort, len(ids), len(set(ids)))


def afterwards(story, house, campaign):
    with story.scene("the record with all its commitments verifies; no number differs from its rebuild"):
        kept = house.folder / "record.json"
        kept.write_bytes(house.browser().get(f"/campaigns/{campaign}/record.json").body)
        output, _ = house.run("verify", kept)
        assert "607 commitments opened" in output, output
        for run in (["rebuild", "--check"], ["rebuild"], ["rebuild", "--check"]):
            output, _ = house.run(*run)
            assert output.startswith("0 tallies, 0 ballots, 0 campaign counts"), output
        found = house.api().get(f"/campaigns/{campaign}?q=opioid")["ideas"]
        assert found, "the rebuilt index finds nothing"
        table, _ = house.run("export", "csv", campaign)
        assert len(list(csv.DictReader(table.splitlines(keepends=True)))) == 607
