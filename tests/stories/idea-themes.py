"""idea-themes: what hundreds of ideas are about, what the team decides about it, and a shortlist with its reasons.

The ideas are made up (tests/lib/ideas.py); where the real statements of Bowling Green are, they are looked at too.
"""

import collections
import csv
import io

from ideas import ideas
from manyhands import wait_until
from story import DATA

COUNT = 400
GRAINS = ("broadest", "broad", "middle", "fine", "finest")
FOLDER = DATA / "opinions" / "american-assembly.bowling-green"


def file_of(texts):
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["title"])
    writer.writerows([t.text[:160]] for t in texts)
    return rows.getvalue().encode()


def brought_in(house, texts, question):
    """A campaign with these ideas."""
    output, _ = house.run("import", "ideas", "-", "--open", "--question", question, stdin=file_of(texts))
    return output.splitlines()[-1].split()[5]


class Desk:
    """A manager at one campaign's themes."""

    def __init__(self, api, campaign):
        self.api, self.base, self.campaign = api, f"/campaigns/{campaign}/manage/themes", campaign

    def list(self, grain="middle"):
        return self.api.get(f"{self.base}?grain={grain}")

    def page(self, subject, grain="middle"):
        """A theme with all its ideas."""
        page = self.api.get(f"{self.base}/{subject}?grain={grain}")
        more = page
        while more["has_next"]:
            more = self.api.get(f"{self.base}/{subject}?grain={grain}&from={more['next_from']}")
            page["ideas"] += more["ideas"]
        return page

    def ideas(self, subject, grain="middle"):
        return {i["subject_id"] for i in self.page(subject, grain)["ideas"]}

    def act(self, subject, what, **fields):
        return self.api.post(f"{self.base}/{subject}/{what}", fields)

    def read(self, count):
        """Waits until that many ideas are compared."""
        return wait_until(lambda: (lambda l: l if l["idea_count"] == count else None)(self.list()), 120,
                          f"that {count} ideas are compared")


def tell(story):
    house = story.installation(with_mail=False)
    house.set_up()
    texts = ideas(COUNT + 40, seed=7)
    campaign = brought_in(house, texts[:COUNT], "What does our town need?")
    house.start()
    desk = Desk(house.api(house.token_of(house.owner())), campaign)
    found(story, desk, texts)


def found(story, desk, texts):
    with story.scene(f"{COUNT} ideas fall into themes, the greatest first, each with a quotation of its own"):
        view = desk.read(COUNT)
        sizes = [t["idea_count"] for t in view["themes"]]
        assert 10 <= view["theme_count"] <= 80 and sizes == sorted(sizes, reverse=True), sizes
        assert sum(sizes) + view["alone_count"] == COUNT and view["waiting_count"] == 0, view["alone_count"]
        assert view["themes"][0]["percent"] == 100
        for theme in view["themes"]:
            assert theme["label"] and theme["quote"] and theme["theme_id"] is None, theme

    with story.scene("an idea's theme is mostly about the same thing"):
        kinds = {t.text[:160]: t.thing for t in texts}
        alike = 0
        for theme in view["themes"]:
            page = desk.page(theme["subject_id"])
            assert len(page["ideas"]) == theme["idea_count"], theme
            assert theme["quote_id"] in {i["subject_id"] for i in page["ideas"]}
            sure = [i["is_sure"] for i in page["ideas"]]
            assert sure == sorted(sure, reverse=True) and sum(sure) == page["sure_count"]
            things = collections.Counter(kinds[i["title"]] for i in page["ideas"])
            alike += things.most_common(1)[0][1]
        assert alike >= .6 * COUNT, alike

    with story.scene("finer grains give more themes"):
        counts = [desk.list(g)["theme_count"] for g in GRAINS]
        assert counts == sorted(counts) and counts[0] < counts[-1], counts
