"""task-pictures: a ZIP archive of pictures becomes items; hostile ones change nothing; ALT texts come out.

The archives are made here: with Python's zipfile, and where that would not do it, by changing its bytes.
"""

import csv
import io
import json
import random
import shutil
import struct
import subprocess
import threading
import time
import urllib.request
import zipfile
import zlib

from clients import Line
from manyhands import ROOT, days_ahead, wait_until

DESCRIBE = {"template": "describe", "ask": "Describe the picture.", "price": "0.05", "answers_least": 2,
            "answers_most": 2, "accept_hours": 0, "control_every": 0, "quality_least": 0}
MB = 1000 * 1000


def png(width, height, seed=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(((x * 5 + seed * 37) % 256, (y * 3 + seed) % 256, seed * 91 % 256)[c]
                                  for x in range(width) for c in range(3)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture_bomb():
    """100,000 × 100,000 pixels, in a few bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100000, 100000, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(100000))) + chunk(b"IEND", b""))


def gif():
    """One black pixel."""
    return (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00"
            b"\x02\x02D\x01\x00;")


def packed(*entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def with_lock(archive):
    """Sets the flag of encryption in every header, as if a password had been used."""
    changed = bytearray(archive)
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + at] |= 1
            place = changed.find(mark, place + 4)
    return bytes(changed)


def with_link(name, target, *others):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo(name)
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, target)
        for other, content in others:
            archive.writestr(other, content)
    return out.getvalue()


def tell(story):
    house = story.installation(with_mail=False)
    house.set_up()
    staff = house.people(["Worker One", "Worker Two"])
    house.start()
    browser = house.owner()
    owner = house.api(house.token_of(browser))
    campaign = owner.post(f"/organisations/{owner.get('/')['organisation_id']}/campaigns", {
        "question": "What is on these pictures?", "kind": "task", "closes_at": days_ahead(30)}, expect=201)["campaign_id"]
    owner.post(f"/campaigns/{campaign}/tasks/describe", DESCRIBE)
    place = Place(house, browser, owner, campaign)
    hostile(story, place)
    too_large(story, place)
    wrong_tables(story, place)
    pictures(story, place, staff)
    many(story, place)


class Place:
    def __init__(self, house, browser, owner, campaign):
        self.house, self.browser, self.owner, self.campaign = house, browser, owner, campaign

    def send(self, archive, expect=200, name="pictures.zip"):
        """As the form on the desk does."""
        desk = self.browser.get(f"/campaigns/{self.campaign}/tasks/desk")
        return self.browser.submit(desk.form(f"/campaigns/{self.campaign}/tasks/items"), {"file": (name, archive)}, expect)

    def items(self):
        return self.owner.get(f"/campaigns/{self.campaign}/tasks/items")["items"]

    def files(self):
        """What lies in the store, unfinished uploads included."""
        return sorted(str(p) for p in (self.house.folder / "files").rglob("*") if p.is_file())

    def refused(self, archive, *words):
        before = self.files()
        page = self.send(archive, expect=422)
        for word in words:
            page.says(word)
        assert not self.items(), "something was added"
        assert self.files() == before, "something was left in the store"


def hostile(story, place):
    good = ("good.png", png(40, 30))
    with story.scene("a ZIP bomb is refused, by its name and before it is unpacked"):
        started = time.monotonic()
        place.refused(packed(good, ("bomb.png", bytes(24 * MB))), "bomb.png", "more than a hundred times its size")
        place.refused(packed(good, ("giant.png", bytes(26 * MB))), "giant.png", "larger than 25 MB")
        assert time.monotonic() - started < 20, time.monotonic() - started
    with story.scene("so are an archive of more than 20,000 files, and one that unpacks to more than 1 GB"):
        place.refused(packed(*((f"{n}.png", b"") for n in range(20001))), "more than 20,000 files")
        padded = random.Random(1).randbytes(400000) + bytes(23600000)
        place.refused(packed(*((f"{n}.png", padded) for n in range(42))), "more than 1 GB")
    with story.scene("a picture bomb, a drawing with a script, an archive within, a text: each is told by name"):
        place.refused(packed(good, ("wide.png", picture_bomb())), "wide.png", "more than 40 megapixels")
        place.refused(packed(good, ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")),
                      "logo.svg", "SVG drawings are not accepted")
        place.refused(packed(good, ("more.zip", packed(good))), "more.zip", "This is an archive")
        place.refused(packed(good, ("notes.txt", b"hello")), "notes.txt", "not a PNG, JPEG, WebP or GIF")
        place.refused(packed(good, ("half.png", good[1][:60])), "half.png", "is damaged")
        place.refused(packed(("../../../../etc/cron.d/evil", b"* * * * * root true")), "evil", "not a PNG")
    with story.scene("what is locked, cut off, spoiled or empty is refused"):
        place.refused(with_lock(packed(good)), "good.png", "locked with a password")
        whole = packed(good, ("other.png", png(40, 31)))
        place.refused(whole[:-60], "damaged, or was not sent whole")
        spoiled = bytearray(whole)
        spoiled[45] ^= 0xFF
        place.refused(bytes(spoiled), "good.png", "damaged")
        place.refused(packed(), "no picture in the archive")
    with story.scene("of thirty wrong entries the first ten are told"):
        page = place.send(packed(*((f"wrong{n:02}.png", b"no picture") for n in range(30))), expect=422)
        assert "wrong09.png" in page.text and "wrong10.png" not in page.text and "There may be more." in page.text
        assert not place.items()


def wrong_tables(story, place):
    pair = [("a.png", png(20, 20)), ("b/b.png", png(21, 20))]
    with story.scene("a table that fits ill is told by line and column, and nothing is added"):
        place.refused(packed(*pair, ("list.csv", "file,text\na.png,A\nc.png,C\n")), "Line 3", "column “file”", "c.png")
        place.refused(packed(*pair, ("list.csv", "file,text\na.png,A\na.png,B\n")), "Line 3", "an earlier row")
        place.refused(packed(*pair, ("list.csv", "name,text\na.png,A\n")), "has no column “file”")
        place.refused(packed(*pair, ("x.csv", "file\na.png\n"), ("y.csv", "file\na.png\n")), "one CSV file")
        place.refused(packed(*pair, ("list.csv", "file,text\na.png\n")), "line 2")
        place.refused(packed(pair[0], ("b/a.png", png(9, 9))), "two items would be called “a”")


def too_large(story, place):
    target = f"/campaigns/{place.campaign}/tasks/items"
    with story.scene("200 MB and one byte are refused without being held in memory; much more, at the request's head"):
        with Memory(place.house) as memory:
            page = place.send(b"PK\3\4" + bytes(200 * MB - 3), expect=422)
        assert "at most 200.0 MB" in page.text, page.text[:400]
        grown = memory.most_mb - memory.before_mb
        print(f"          the server's own memory grew by {grown:.0f} MB while it took in 200 MB")
        assert grown < 60, grown
        line = Line(place.house.port)
        status, _, said = line.ask("POST", "/api/v1" + target, b"", {
            "Content-Length": str(220 * MB), "Expect": "100-continue", "Authorization": "Bearer " + place.owner.token,
            "Content-Type": "multipart/form-data; boundary=x"})
        assert status == 413 and b"at most 200 MB" in said, (status, said)
        line.close()
        status, _, said = line.ask("POST", "/api/v1" + target, b"", {
            "Content-Length": str(40 * MB), "Expect": "100-continue", "Authorization": "Bearer " + place.owner.token,
            "Content-Type": "application/json"})
        assert status == 413, (status, said)
        line.close()
        assert not place.items() and not [f for f in place.files() if "incoming" in f]


class Memory:
    """How much memory of its own the server holds while something happens; pages of files are the system's."""

    def __init__(self, house):
        self.path = f"/proc/{house.process.pid}/status"
        self.before_mb = self.most_mb = self.now_mb()
        self.over = threading.Event()
        self.watch = threading.Thread(target=self.look)

    def now_mb(self):
        with open(self.path, encoding="ascii", errors="replace") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1000

    def look(self):
        while not self.over.wait(0.01):
            self.most_mb = max(self.most_mb, self.now_mb())

    def __enter__(self):
        self.watch.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.watch.join()


def located():
    """A JPEG that says where it was taken."""
    return (ROOT / "src/platform/blobs/test_data/located.jpg").read_bytes()


def fetched(house, path):
    with urllib.request.urlopen(house.url + path, timeout=30) as answer:
        return answer.headers["content-type"], answer.read()


def pictures(story, place, staff):
    house, owner, campaign = place.house, place.owner, place.campaign
    jpeg = located()
    assert b"GPS" in jpeg or b"Exif" in jpeg
    table = ("file,text,known,why,shelf\n"
             "rex.jpg,Rex in the garden,,,A 1\nb b/tom.png,,A cat,It has whiskers.,\"B \"\"2\"\"\"\n")
    archive = with_link("link.png", "/etc/passwd", ("photos/rex.jpg", jpeg), ("photos/b b/tom.png", png(2000, 40)),
                        ("photos/../../../climb.png", png(33, 22)), ("photos/really.jpg", gif()),
                        ("photos/.DS_Store", b"x"), ("__MACOSX/photos/._rex.jpg", b"x"), ("photos/list.csv", table))
    with story.scene("pictures become items, named after their files, with the words of the table"):
        before = len(place.files())
        place.send(archive)
        items = {i["item_key"]: i for i in place.items()}
        assert set(items) == {"rex", "tom", "climb", "really"}, set(items)
        assert items["rex"]["shown"] == "Rex in the garden" and items["climb"]["shown"] == ""
        assert items["tom"]["is_control"] and items["tom"]["answer"] == "A cat"
        assert len(place.files()) == before + 4 and not [f for f in place.files() if "incoming" in f]
    with story.scene("they are WebP, scaled down, and say nothing of where they were taken"):
        for item in items.values():
            kind, content = fetched(house, item["image"])
            assert kind == "image/webp" and content[:4] == b"RIFF" and content[8:12] == b"WEBP", (kind, content[:12])
            for mark in (b"EXIF", b"Exif", b"GPS", b"XMP ", b"Ann Secret"):
                assert mark not in content, (item["item_key"], mark)
        assert exif_of(fetched(house, items["rex"]["image"])[1]) == {}, "exiftool finds something"
    with story.scene("the same archive once more adds nothing"):
        page = place.send(archive)
        assert "0 items added" in page.text and len(place.items()) == 4, page.text[:300]
    with story.scene("nor does it when a program sends it as a form does, without base 64"):
        answer = owner.post_file(f"/campaigns/{campaign}/tasks/items", "file", "p.zip", archive)
        assert answer == {"added": 0, "coming": 0, "controls": 0, "practice": 0, "known_before": 4}, answer
    with story.scene("people describe them, and the texts come out by file"):
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "50", "reason": "Pictures"})
        owner.post(f"/campaigns/{campaign}/open")
        for person in staff:
            work = house.api(person["token"])
            at_hand = work.post(f"/campaigns/{campaign}/tasks/take", {"count": 10})["items"]
            assert all(i["has_picture"] for i in at_hand) and at_hand, at_hand
            for item in at_hand:
                work.post(f"/campaigns/{campaign}/tasks/{item['task_item_id']}/give", {
                    "fence": item["fence"], "count": 0, "answer": 'A "brown" dog & <b>a ball</b>'})
        settled(owner, campaign)
        rows = list(csv.DictReader(io.StringIO(owner.get(f"/campaigns/{campaign}/tasks/alt.csv").body.decode())))
        texts = {row["file"]: row["alt"] for row in rows}
        assert texts["rex.jpg"] == 'A "brown" dog & <b>a ball</b>' and texts["b b/tom.png"] == "A cat", texts
        page = owner.get(f"/campaigns/{campaign}/tasks/alt.html")
        assert "attachment" in page.headers["content-disposition"], page.headers
        lines = page.body.decode().splitlines()
        assert '<img src="rex.jpg" alt="A &quot;brown&quot; dog &amp; &lt;b&gt;a ball&lt;/b&gt;">' in lines, lines
        assert '<img src="b%20b/tom.png" alt="A cat">' in lines, lines
    with story.scene("Label Studio's JSON has every answer, by a pseudonym, and the known one as the truth"):
        tasks = json.loads(owner.ask("GET", f"/campaigns/{campaign}/tasks/label-studio.json").body)
        by_item = {t["data"]["item"]: t for t in tasks}
        rex, tom = by_item["rex"], by_item["tom"]
        assert rex["data"]["image"].startswith(house.url) and rex["data"]["row"] == {
            "file": "rex.jpg", "text": "Rex in the garden", "known": "", "why": "", "shelf": "A 1"}, rex["data"]
        assert len(rex["annotations"]) == 2 and not any(a["ground_truth"] for a in rex["annotations"])
        result = rex["annotations"][0]["result"][0]
        assert result["type"] == "textarea" and result["from_name"] == "answer" and result["to_name"] == "item"
        assert result["value"] == {"text": ['A "brown" dog & <b>a ball</b>']}, result
        assert len({a["result"][0]["meta"]["worker"] for a in rex["annotations"]}) == 2
        assert "completed_by" not in rex["annotations"][0]
        assert tom["annotations"][0]["ground_truth"] is True
        assert rex["predictions"][0]["model_version"] == "manyhands" and 0 < rex["predictions"][0]["score"] <= 1
        ids = [r["id"] for t in tasks for a in t["annotations"] + t.get("predictions", []) for r in a["result"]]
        assert len(ids) == len(set(ids)), "Label Studio wants ids that differ"


def settled(owner, campaign):
    wait_until(lambda: owner.get(f"/campaigns/{campaign}/tasks/desk")["settled"] == 3, 30, "three settled items")


def exif_of(content):
    """What exiftool finds beside the picture itself; {} where there is no exiftool."""
    if shutil.which("exiftool") is None:
        return {}
    done = subprocess.run(["exiftool", "-j", "-EXIF:all", "-XMP:all", "-IPTC:all", "-GPS:all", "-"], input=content,
                          capture_output=True, timeout=60, check=True)
    return {k: v for k, v in json.loads(done.stdout)[0].items() if k != "SourceFile"}


def many(story, place):
    count = 5000 if story.is_long else 1000
    drawings = [png(72 + n % 56, 72 + n % 50, n) for n in range(100)]
    archive = packed(*((f"emoji/{n:04}.png", drawings[n % 100]) for n in range(count)))
    owner = place.owner
    campaign = owner.post(f"/organisations/{owner.get('/')['organisation_id']}/campaigns", {
        "question": "And on these?", "kind": "task", "closes_at": days_ahead(30)}, expect=201)["campaign_id"]
    owner.post(f"/campaigns/{campaign}/tasks/describe", DESCRIBE)
    there = Place(place.house, place.browser, owner, campaign)
    with story.scene(f"{count} small pictures are items in one go"):
        started = time.monotonic()
        page = there.send(archive)
        seconds = time.monotonic() - started
        assert f"{count} items added" in page.text.replace(",", ""), page.text[:300]
        print(f"          {len(archive) / 1e6:.1f} MB in {seconds:.1f} s: {count / seconds:.0f} entries a second")
