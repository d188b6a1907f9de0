"""Ideas for a town, made up: as many as are wanted, the same for the same seed, with planted duplicates.

An idea is a thing, a place and, every second one, a reason; its words come from a sentence pattern and from one of
several wordings for each of the three: 12 words on average. A duplicate is the same idea in another pattern and other wordings, some with a slip of
the finger. So it is known which texts are the same idea: `Text.idea` is equal. Texts of different ideas often
share the thing or the place, as in a real campaign. Plain English; nothing here comes from elsewhere.

    tests/lib/ideas.py 100000 >ideas.csv        # columns id, text, idea; a tenth are duplicates
"""

import csv
import random
import sys
from typing import NamedTuple

THINGS = (
    ("benches", "places to sit", "seats"), ("bike lanes", "cycle lanes", "lanes for bicycles"),
    ("drinking fountains", "fountains with drinking water"), ("street lamps", "street lights", "street lighting"),
    ("litter bins", "rubbish bins", "bins for litter"), ("flower beds", "beds of flowers"),
    ("trees", "shady trees"), ("playgrounds", "play areas for children"), ("public toilets", "toilets for everybody"),
    ("bus shelters", "shelters at the bus stops"), ("zebra crossings", "pedestrian crossings"),
    ("speed bumps", "bumps against speeding"), ("parking spaces for bicycles", "bike racks", "bicycle stands"),
    ("charging points for electric cars", "electric car chargers"), ("picnic tables", "tables for picnics"),
    ("book exchange shelves", "shelves for swapping books"), ("table tennis tables", "ping-pong tables"),
    ("basketball hoops", "basketball baskets"), ("community gardens", "shared gardens"),
    ("recycling containers", "containers for recycling"), ("ramps for wheelchairs", "wheelchair ramps"),
    ("insect hotels", "nesting boxes for insects"), ("noise barriers", "walls against noise"),
    ("open-air cinema evenings", "film evenings outdoors"), ("weekly farmers' markets", "markets for local farmers"),
    ("repair cafés", "cafés where things are repaired"), ("dog parks", "fenced areas for dogs"),
    ("climbing walls", "walls to climb on"), ("murals by local artists", "wall paintings by local artists"),
    ("free wireless internet", "free wifi", "wifi without charge"), ("first-aid kits", "boxes for first aid"),
    ("information boards", "boards with information"), ("swings", "swing sets"), ("rain gardens", "beds that hold rain water"),
    ("lockers for parcels", "parcel lockers"), ("swimming lessons", "lessons in swimming"),
    ("language courses", "courses in languages"), ("car sharing stations", "stations for shared cars"),
    ("solar panels", "photovoltaic panels"), ("bird feeders", "feeding places for birds"),
)
NAME_BEGINNINGS = (
    "Apple", "Black", "Blue", "Castle", "Cherry", "Church", "Cold", "Copper", "Deep", "Eagle", "East", "Fair", "Fox",
    "Garden", "Gold", "Green", "High", "Iron", "King", "Lake", "Lion", "Little", "Long", "Low", "Market", "North",
    "Old", "Orange", "Prince", "Queen", "Red", "River", "Rose", "Silver", "South", "Summer", "Sun", "West", "White", "Winter",
)
NAME_ENDINGS = ("Bridge", "Brook", "Corner", "Court", "Farm", "Field", "Gate", "Green", "Hill", "House", "Island",
                "Lane", "Mill", "Oak", "Port", "Rock", "Spring", "Tower", "Well", "Wood")
NAMES = tuple(f"{beginning} {ending}" for beginning in NAME_BEGINNINGS for ending in NAME_ENDINGS)
PLACES = (
    ("on {} Street", "along {} Street"), ("in {} Park", "inside {} Park"),
    ("near {} School", "close to {} School", "by {} School"), ("at {} Station", "around {} Station"),
    ("on {} Square", "in the middle of {} Square"),
)
PEOPLE = (
    ("older people", "the elderly", "senior citizens"), ("children", "kids"), ("families", "parents with children"),
    ("young people", "teenagers"), ("visitors", "tourists"), ("neighbours", "people who live there"),
    ("commuters", "people on their way to work"), ("cyclists", "people on bikes"),
    ("people with little money", "poorer households"), ("dog owners", "people with dogs"),
    ("newcomers", "people who have just moved here"), ("shopkeepers", "owners of small shops"),
)
GAINS = (
    ("feel safer after dark", "feel less afraid at night"), ("meet each other more often", "get to know one another"),
    ("rest on hot days", "take a break in the heat"), ("leave the car at home", "do without their car"),
    ("spend more time outdoors", "be outside more"), ("save money", "spend less"),
    ("stay healthy", "keep fit"), ("learn something new", "pick up new skills"),
    ("find their way more easily", "get around without trouble"), ("enjoy the evening", "have a nice evening"),
)
REASONS = tuple((people, gains) for people in PEOPLE for gains in GAINS)
REASON_PATTERNS = ("so that {people} can {gain}", "because {people} want to {gain}", "it would help {people} to {gain}")
PATTERNS = (
    "We need more {thing} {place}{reason}.", "Please put {thing} {place}{reason}.",
    "It would be good to have {thing} {place}{reason}!", "More {thing} {place}{reason}",
    "I suggest {thing} {place}{reason}.", "Could the town provide {thing} {place}{reason}?",
    "My idea: {thing} {place}{reason}.", "There should be {thing} {place}{reason}.",
)


class Text(NamedTuple):
    text: str
    idea: int
    thing: int
    place: int


def slipped(dice, text):
    """One letter left out, doubled, or two swapped, inside a word."""
    at = dice.choice([i for i in range(1, len(text) - 2) if text[i - 1:i + 2].isalpha()])
    return text[:at] + dice.choice(("", text[at] * 2, text[at + 1] + text[at])) + text[at + 1:]


def worded(dice, thing, place, reason, seen=None):
    """A wording; with `seen`, one that is no word for word repetition of it. `reason` may be None."""
    name, why = NAMES[place % len(NAMES)], ""
    while True:
        if reason is not None:
            people, gains = REASONS[reason]
            why = ", " + dice.choice(REASON_PATTERNS).format(people=dice.choice(people), gain=dice.choice(gains))
        where = dice.choice(PLACES[place // len(NAMES)]).format(name)
        text = dice.choice(PATTERNS).format(thing=dice.choice(THINGS[thing]), place=where, reason=why)
        if text != seen:
            return text


def ideas(count, seed=1, duplicates=.1):
    """`count` texts, of which that share are further wordings of an idea before them."""
    dice = random.Random(seed)
    places = len(PLACES) * len(NAMES)
    all_ideas = len(THINGS) * places
    fresh = count - round(count * duplicates)
    assert fresh <= all_ideas, f"there are {all_ideas} ideas"
    chosen = dice.sample(range(all_ideas), fresh)
    texts, reasons, next_fresh = [], [], 0
    is_copy = [False] * fresh + [True] * (count - fresh)
    dice.shuffle(is_copy)
    is_copy[is_copy.index(False)], is_copy[0] = is_copy[0], False
    for copy in is_copy:
        if copy:
            first = texts[dice.randrange(len(texts))]
            text = worded(dice, first.thing, first.place, reasons[first.idea], first.text)
            texts.append(first._replace(text=slipped(dice, text) if dice.random() < .3 else text))
            continue
        thing, place = divmod(chosen[next_fresh], places)
        reasons.append(dice.randrange(len(REASONS)) if dice.random() < .5 else None)
        texts.append(Text(worded(dice, thing, place, reasons[-1]), next_fresh, thing, place))
        next_fresh += 1
    return texts


def main():
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("id", "text", "idea"))
    for number, text in enumerate(ideas(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1), 1):
        rows.writerow((number, text.text, text.idea))


if __name__ == "__main__":
    main()
