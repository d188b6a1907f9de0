"""What is derived can be made anew from the facts: after any sequence of acts, rebuilt equals kept.

Random but seeded: people submit, vote, turn and withdraw votes, comment, answer and withdraw, and the
team hides and shows, from several threads at once. Then every tally, ballot and count is recomputed,
and the public record as well.
"""

import concurrent.futures
import os
import random

from manyhands import wait_until

PEOPLE, ACTS_EACH = 12, 60


class Crowd:
    """What the acts may choose from; lists only grow, so that threads can share them."""

    def __init__(self, campaign):
        self.campaign = campaign
        self.ideas, self.comments = [], []

    def subject(self, dice):
        return dice.choice(self.ideas)


def act_of_participant(api, crowd, dice):
    base = f"/campaigns/{crowd.campaign}"
    kind = dice.choices(["idea", "vote", "withdraw", "comment", "answer", "take_back", "withdraw_idea"],
                        [2, 12, 5, 4, 3, 2, 0.3])[0]
    if kind == "idea" or not crowd.ideas:
        answer = api.ask("POST", f"{base}/ideas", {"title": f"Idea number {dice.random()}", "text": "Because."})
        assert answer.status == 201, answer
        crowd.ideas.append(answer.json()["idea_id"])
        return
    subject = crowd.subject(dice)
    if kind == "vote":
        answer = api.ask("POST", f"{base}/subjects/{subject}/vote", {"direction": dice.choice(["up", "up", "down"])})
    elif kind == "withdraw":
        answer = api.ask("POST", f"{base}/subjects/{subject}/vote/withdraw", {})
    elif kind == "comment":
        answer = api.ask("POST", f"{base}/subjects/{subject}/comments", {"text": "I think so too."})
        if answer.status == 201:
            crowd.comments.append((subject, answer.json()["comment_id"]))
    elif kind == "withdraw_idea":
        answer = api.ask("POST", f"{base}/ideas/{subject}/withdraw", {})
    elif not crowd.comments:
        return
    else:
        subject, comment = dice.choice(crowd.comments)
        if kind == "answer":
            answer = api.ask("POST", f"{base}/subjects/{subject}/comments",
                             {"text": "That is so.", "parent_id": comment})
            if answer.status == 201:
                crowd.comments.append((subject, answer.json()["comment_id"]))
        else:
            answer = api.ask("POST", f"{base}/subjects/{subject}/comments/{comment}/withdraw", {})
    assert answer.status in (200, 201, 403, 404, 409, 422), (kind, answer)


def act_of_team(api, crowd, dice):
    base = f"/campaigns/{crowd.campaign}"
    reason = {"rule": dice.choice(["off_topic", "duplicate", "insult"]), "reason": "It does not belong here."}
    if not crowd.ideas:
        return
    kind = dice.choice(["hide", "show", "hide_comment", "show_comment"])
    if kind == "hide":
        answer = api.ask("POST", f"{base}/ideas/{crowd.subject(dice)}/hide", reason)
    elif kind == "show":
        answer = api.ask("POST", f"{base}/ideas/{crowd.subject(dice)}/show", {})
    elif not crowd.comments:
        return
    else:
        subject, comment = dice.choice(crowd.comments)
        verb, body = ("hide", reason) if kind == "hide_comment" else ("show", {})
        answer = api.ask("POST", f"{base}/subjects/{subject}/comments/{comment}/{verb}", body)
    assert answer.status in (200, 404), (kind, answer)


def live(api, crowd, act, seed):
    dice = random.Random(seed)
    for _ in range(ACTS_EACH):
        act(api, crowd, dice)


def tell(story):
    house = story.installation(with_mail=False)
    house.set_up()
    house.start()
    seed = int(os.environ.get("MANYHANDS_SEED", "20261121"))
    owner = house.api(house.token_of(house.owner()))
    organisation = owner.get("")["organisation_id"]
    campaign = owner.post(f"/organisations/{organisation}/campaigns", {
        "question": "What should we do next year?", "closes_at": "2030-01-01T00:00:00Z",
        "votes_per_person": 9, "votes_against": True}, expect=201)["campaign_id"]
    owner.post(f"/campaigns/{campaign}/open", {})
    crowd = Crowd(campaign)

    with story.scene(f"{PEOPLE} people and the team act {(PEOPLE + 1) * ACTS_EACH} times at once (seed {seed})"):
        tokens = [person["token"] for person in house.people([f"Person {i}" for i in range(PEOPLE)])]
        with concurrent.futures.ThreadPoolExecutor(PEOPLE + 1) as pool:
            lives = [pool.submit(live, house.api(token), crowd, act_of_participant, seed + i)
                     for i, token in enumerate(tokens)]
            lives.append(pool.submit(live, owner, crowd, act_of_team, seed - 1))
            for one in lives:
                one.result()

    with story.scene("nobody has spent more than their budget, and every number equals its rebuild"):
        check = house.run("rebuild", "--check", expect=None)[0]
        assert "0 tallies, 0 ballots, 0 campaign counts differed" in check, check
        wait_until(lambda: "; 0 likenesses" in house.run("rebuild", "--check", expect=None)[0], 90,
                   "every idea's likeness made")
        idea = owner.get(f"/campaigns/{campaign}")["ideas"][0]["idea_id"]
        for token in tokens:
            box = house.api(token).post(f"/campaigns/{campaign}/subjects/{idea}/vote/withdraw")
            assert 0 <= box["votes_left"] <= 9, box

    with story.scene("the record of all of it holds"):
        record = house.folder / "record.json"
        record.write_text(house.run("export", "record", campaign)[0])
        assert " holds: " in house.run("verify", record)[0]

    with story.scene("numbers that were tampered with are found and mended"):
        house.stop()
        house.database.tamper("UPDATE subject SET up = up + 1; UPDATE ballot SET spent = spent + 1; "
                              "UPDATE campaign_count SET vote_count = vote_count + 5 WHERE slot = 3")
        assert house.run("rebuild", "--check", expect=1)[0].split()[0] != "0"
        house.run("rebuild")
        assert "0 tallies, 0 ballots, 0 campaign counts differed" in house.run("rebuild", "--check")[0]

