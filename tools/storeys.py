#!/usr/bin/python3
"""The house rules about rooms, checked: who includes whom, and who writes to which table.

* A file includes headers of its own room, or the door (ROOM.h; in base every header) of a room that
  stands earlier in src/storeys.txt.
* What the generators make of all rooms (ids.h, urls.h, views.h, templates.h) is for everybody; what they
  make of one room (ROOM.sql.h, ROOM_routes.h) is for that room, and for those EXCEPTIONS names with a reason.
* Every header can be included first and alone in its order: `#pragma once`.
* A room's queries insert into, update and delete from its own tables only.

Prints FILE:LINE: what is wrong; exits with 1 if anything is.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
FOR_ALL = {"ids.h", "urls.h", "views.h", "templates.h"}

# (room, header): why it may
EXCEPTIONS = {
    ("app", "campaign.sql.h"): "import and rebuild of the command line go over all campaigns",
    ("app", "event.sql.h"): "doctor counts failed events",
    ("app", "mail.sql.h"): "doctor counts waiting and failed mails",
    ("app", "organisation.sql.h"): "import works in the owner's name",
    ("kinds/idea", "campaign.sql.h"): "campaign.h opens it: a kind adds to the campaign's page",
    ("kinds/idea", "subject.sql.h"): "subject.h opens it: an idea is a subject with words",
}
# (room, table): why its queries may write there
WRITES = {
    ("commons/people", "team_member"): "who is erased leaves all teams in the same transaction, and the room "
                                       "of organisations stands higher",
}
# Doors beside a room's main one: {room: {header: what for}}
FURTHER_DOORS = {
    "sift/infer": {"live.h": "inference while answers come in", "medoid.h": "texts and boxes"},
    "sift/rank": {"votes.h": "votes for and against"},
    "platform/html": {"assets.h": "static files by their content's hash; the room web serves them"},
}


def rooms():
    """Rooms in the order they stand in, from the ground up."""
    lines = (SRC / "storeys.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def room_of(path, order):
    """The room a file under src/ lies in; the longest that fits."""
    text = path.relative_to(SRC).as_posix()
    fitting = [room for room in order if text.startswith(room + "/")]
    return max(fitting, key=len) if fitting else None


def generated_of(header, order):
    """The room a generated header is made of, or None."""
    for ending in (".sql.h", "_routes.h"):
        if header.endswith(ending):
            name = header.removesuffix(ending)
            return next((room for room in order if room.rsplit("/", 1)[-1] == name), None)
    return None


def is_test(path):
    return bool(re.search(r"_(test|testing|bench)\b|_test_|_testing|testing/", path.as_posix()))


def opened_by(room):
    """Generated headers that a room's door includes itself: whoever includes the door has them."""
    door = SRC / room / (room.rsplit("/", 1)[-1] + ".h")
    return set(re.findall(r'#include "([^"/]+)"', door.read_text())) if door.exists() else set()


def judge_include(path, header, room, order):
    if "/" not in header:
        maker = generated_of(header, order)
        if maker is None:
            is_own = (path.parent / header).exists() or (SRC / room / header).exists()
            if header in FOR_ALL or is_own or is_test(path):
                return None
            return f'"{header}" is neither of this room nor generated for all; write it from src/'
        if maker == room or (room, header) in EXCEPTIONS or header in opened_by(maker) or is_test(path):
            return None
        return f'"{header}" is {maker}\'s own; go through its door'
    target = SRC / header
    other = room_of(target, order)
    if not target.exists() or other is None:
        return f'"{header}" is not there'
    if other == room:
        return None
    if order.index(other) > order.index(room):
        return f"{other} stands above {room} in storeys.txt"
    is_door = other == "base" or header == f"{other}/{other.rsplit('/', 1)[-1]}.h" or \
        target.name in FURTHER_DOORS.get(other, {})
    if is_door or is_test(path):
        return None
    return f'"{header}" is inside {other}; its door is {other.rsplit("/", 1)[-1]}.h'


def check_includes(order):
    for path in sorted([*SRC.rglob("*.c"), *SRC.rglob("*.h")]):
        room = room_of(path, order)
        text = path.read_text()
        if room is None:
            yield path, 1, "lies in no room of storeys.txt"
            continue
        if path.suffix == ".h" and "#pragma once" not in text:
            yield path, 1, "has no #pragma once"
        for number, line in enumerate(text.splitlines(), 1):
            found = re.match(r'\s*#\s*include "([^"]+)"', line)
            trouble = judge_include(path, found.group(1), room, order) if found else None
            if trouble:
                yield path, number, trouble


def check_writes(order):
    made = {}  # table: room
    for schema in SRC.rglob("*_schema.sql"):
        for table in re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", schema.read_text()):
            made[table] = room_of(schema, order)
    for path in sorted(p for p in SRC.rglob("*.sql") if not p.name.endswith("_schema.sql")
                       and "migrations" not in p.parts):
        room = room_of(path, order)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.lstrip().startswith("--"):
                continue
            for table in re.findall(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", line):
                if table.upper() in ("SET", "SKIP"):  # ON CONFLICT … DO UPDATE SET, FOR UPDATE SKIP LOCKED
                    continue
                owner = made.get(table)
                if owner is None:
                    yield path, number, f"writes to {table}, which no schema makes"
                elif owner != room and (room, table) not in WRITES:
                    yield path, number, f"writes to {table}, which is {owner}'s"


def check_picture(order):
    """Yields (path, line, trouble) for rooms that the picture of the architecture leaves out or invents."""
    path = ROOT / "docs/architecture.md"
    lines = path.read_text(encoding="utf-8").splitlines()
    shown = set()
    storey = None  # whose rooms the lines tell, until a line that is no part of the picture's boxes
    for line in lines:
        told = re.match(r"│ (?:src/(\w+)|\s{8})\s+(.*?)(?:\s{3,}|│|$)", line)
        storey = (told[1] or storey) if told else None
        if told and storey not in (None, "base", "app"):
            shown |= {f"{storey}/{room}" for room in told[2].split()}
    wanted = {room for room in order if "/" in room}
    for room in sorted(wanted ^ shown):
        yield path, 1, f"the picture and src/storeys.txt differ about {room}"


def main():
    order = rooms()
    found = [*check_includes(order), *check_writes(order), *check_picture(order)]
    for path, number, trouble in found:
        print(f"{path.relative_to(ROOT)}:{number}: {trouble}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
