"""kill-votes: the server is killed at random moments while people vote; what was acknowledged is there.

Sixteen people vote, turn votes round and take them back, each on ideas of a small campaign, while
SIGKILL strikes the server again and again. Each remembers the last thing the server acknowledged. A
request that was cut off may have been done or not; asking again settles it.
"""

import random
import threading
import time

from clients import Lost
from manyhands import wait_until

VOTERS, IDEAS = 16, 40


class Voter(threading.Thread):
    """Votes until told to stop. `known` holds, for each idea, the votes that may be true now: one after
    an answer, two while nobody can know."""

    def __init__(self, house, campaign, ideas, person, seed):
        super().__init__(daemon=True)
        self.house, self.campaign, self.ideas, self.person = house, campaign, ideas, person
        self.chance = random.Random(seed)
        self.known = {idea: {0} for idea in ideas}
        self.acknowledged = self.cut_off = 0
        self.halt = threading.Event()
        self.trouble = None

    def run(self):
        try:
            while not self.halt.is_set():
                self.act(self.chance.choice(self.ideas), self.chance.choice([1, 1, 1, -1, 0]))
        except Exception as trouble:  # shown by the story
            self.trouble = trouble

    def act(self, idea, wish):
        api = self.house.api(self.person["token"])
        path = f"/campaigns/{self.campaign}/subjects/{idea}/vote" + ("" if wish else "/withdraw")
        body = {"direction": "up" if wish > 0 else "down"} if wish else {}
        while not self.halt.is_set():
            try:
                answer = api.ask("POST", path, body)
            except Lost:
                self.known[idea] |= {wish}
                self.cut_off += 1
                time.sleep(0.02)
                continue
            if answer.status == 503:
                time.sleep(0.02)
                continue
            assert answer.status == 200, f"{path}: {answer}"
            assert answer.json()["my_vote"] == wish, answer
            self.known[idea] = {wish}
            self.acknowledged += 1
            return


def tell(story):
    kills = 200 if story.is_long else 50
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    cluster = story.cluster() if story.kind == "postgresql" else None  # others' is not ours to crash
    house = story.installation(with_mail=False, cluster=cluster and cluster.url)
    house.set_up()

    with story.scene("a campaign with forty ideas is open"):
        rows = "title\n" + "".join(f"Idea number {n} of the town\n" for n in range(IDEAS))
        output, _ = house.run("import", "ideas", "-", "--open", "--question", "What does the town need?",
                              stdin=rows.encode())
        campaign = output.split()[-2]
        people = house.people([f"Voter Number{n}" for n in range(VOTERS)])
        house.start()
        ideas = [i["idea_id"] for i in house.api().get(f"/campaigns/{campaign}?sort=new")["ideas"]]
        cursor = house.api().get(f"/campaigns/{campaign}?sort=new")["next_cursor"]
        while cursor:
            page = house.api().get(f"/campaigns/{campaign}?sort=new&cursor={cursor}")
            ideas += [i["idea_id"] for i in page["ideas"]]
            cursor = page["next_cursor"]
        assert len(ideas) == IDEAS, len(ideas)

    voters = [Voter(house, campaign, ideas, p, seed + n) for n, p in enumerate(people)]
    with story.scene(f"it is killed {kills} times while {VOTERS} people vote (chance began with {seed})"):
        for voter in voters:
            voter.start()
        for _ in range(kills):
            before = sum(v.acknowledged for v in voters)
            wait_until(lambda: sum(v.acknowledged for v in voters) > before + 5 or any(v.trouble for v in voters),
                       60, "some votes")
            time.sleep(chance.uniform(0, 0.6))
            house.kill()
            house.start()
        time.sleep(0.3)
        for voter in voters:
            voter.halt.set()
        for voter in voters:
            voter.join(90)
            assert not voter.is_alive(), "a voter hangs"
            if voter.trouble:
                raise voter.trouble
        acknowledged, cut_off = sum(v.acknowledged for v in voters), sum(v.cut_off for v in voters)
        print(f"          {acknowledged} votes acknowledged, {cut_off} requests cut off")
        assert acknowledged > kills * 5 and cut_off > 0, (acknowledged, cut_off)

    holds(story, house, campaign, voters, "every acknowledged vote is there, by the API")

    if cluster:
        the_database_dies(story, house, cluster, campaign, people, ideas, chance, 20 if story.is_long else 5)


def holds(story, house, campaign, voters, title):
    with story.scene(title):
        true_votes = {}
        for voter in voters:
            api = house.api(voter.person["token"])
            for idea in voter.ideas:
                box = api.get(f"/campaigns/{campaign}/ideas/{idea}")["idea"]["vote"]
                assert box["my_vote"] in voter.known[idea], \
                    f"{voter.person['name']} on {idea}: {box['my_vote']}, but {voter.known[idea]} was acknowledged"
                true_votes[voter.person["name"], idea] = box["my_vote"]
                voter.known[idea] = {box["my_vote"]}

    with story.scene("the tallies are the votes; `rebuild --check` finds no difference; the record verifies"):
        for idea in voters[0].ideas:
            box = house.api().get(f"/campaigns/{campaign}/ideas/{idea}")["idea"]["vote"]
            mine = [v for (_, where), v in true_votes.items() if where == idea]
            assert (box["up"], box["down"]) == (mine.count(1), mine.count(-1)), (idea, box, mine)
        head = house.api().get(f"/campaigns/{campaign}")["campaign"]
        assert head["vote_count"] == sum(v != 0 for v in true_votes.values()), head
        output, _ = house.run("rebuild", "--check", expect=None)
        assert output.startswith("0 tallies, 0 ballots, 0 campaign counts, 0 opinion maps differed"), output
        wait_until(lambda: "; 0 likenesses" in house.run("rebuild", "--check", expect=None)[0], 90,
                   "every idea is read, however often the server was killed before")
        kept = house.folder / "record.json"
        kept.write_bytes(house.browser().get(f"/campaigns/{campaign}/record.json").body)
        house.run("verify", kept)


def the_database_dies(story, house, cluster, campaign, people, ideas, chance, times):
    """PostgreSQL itself is stopped as a crash would stop it; the server stays and finds it again."""
    for event in ("request.unavailable", "job.failed", "cannot reach the database"):
        story.provokes(event)
    voters = [Voter(house, campaign, ideas, p, n) for n, p in enumerate(people)]
    for voter in voters:
        api = house.api(voter.person["token"])
        for idea in ideas:
            voter.known[idea] = {api.get(f"/campaigns/{campaign}/ideas/{idea}")["idea"]["vote"]["my_vote"]}
    with story.scene(f"PostgreSQL crashes {times} times; the server answers 503 meanwhile and goes on afterwards"):
        for voter in voters:
            voter.start()
        for _ in range(times):
            before = sum(v.acknowledged for v in voters)
            wait_until(lambda: sum(v.acknowledged for v in voters) > before + 5 or any(v.trouble for v in voters),
                       60, "some votes")
            time.sleep(chance.uniform(0, 0.5))
            cluster.crash()
        before = sum(v.acknowledged for v in voters)
        wait_until(lambda: sum(v.acknowledged for v in voters) > before + 5 or any(v.trouble for v in voters),
                   60, "votes after the last crash")
        for voter in voters:
            voter.halt.set()
        for voter in voters:
            voter.join(90)
            assert not voter.is_alive(), "a voter hangs"
            if voter.trouble:
                raise voter.trouble
    holds(story, house, campaign, voters, "every acknowledged vote outlived the crashes")
