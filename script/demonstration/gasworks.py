"""A campaign that ended in spring: what the old gasworks should become."""

from town import closes_in

CAMPAIGN = {
    "question": "What should the old gasworks become?",
    "closes_at": lambda: closes_in(-44),
    "votes_per_person": 5,
    "votes_against": False,
    "categories": "Culture\nHousing\nGreen space\nWork",
    "brief": """The gasworks on the harbour has stood empty since 1998. The ground is cleaned, the brick hall and the round
gasholder are listed and stay. Around them there are **two hectares** to be planned.

The council decides in autumn about the frame of the plan. Your ideas go to the three offices that draw it.""",
    "terms": """Ideas stay yours; the town and Linden Energy may use them without payment and show your name with them.
Be kind, and leave out other people's names.""",
}

IDEAS = [
    {"day": 0, "by": "Elsa Nyberg", "category": "Culture", "liked": 0.6, "disliked": 0,
     "title": "A stage inside the gasholder",
     "text": "Thirty metres across, round, with an echo of nine seconds. Choirs would come from far for that."},
    {"day": 0, "by": "Marco Rossi", "category": "Work", "liked": 0.42, "disliked": 0,
     "title": "Workshops for those who still make things",
     "text": "Joiners, potters, a bicycle maker. Rents in the centre have driven them out one after the other."},
    {"day": 0, "by": "Nadia Petrova", "category": "Housing", "liked": 0.45, "disliked": 0,
     "title": "Flats for people who work shifts in the hospital",
     "text": "The hospital is six minutes away and cannot find nurses, because they cannot find flats."},
    {"day": 1, "by": "Anton Hauser", "category": "Green space", "liked": 0.5, "disliked": 0,
     "title": "Leave the birches that came by themselves",
     "text": "In twenty-five years a little wood has grown between the tanks. One only has to let it."},
    {"day": 1, "by": "Sofia Marin", "category": "Green space", "liked": 0.48, "disliked": 0,
     "title": "A way along the water, without a gap",
     "text": "Today the river path ends at a fence and goes round by the ring road. Open the bank and the town has a walk "
             "of five kilometres."},
    {"day": 1, "by": "Noah Schmid", "category": "Culture", "liked": 0.3, "disliked": 0,
     "title": "A museum of how the town got its light",
     "text": "My grandfather lit the lamps in Mill Lane. The old meters and lanterns stand in a cellar of the company."},
    {"day": 2, "by": "Leila Rahimi", "category": "Housing", "liked": 0.33, "disliked": 0,
     "title": "Houses that old and young build together",
     "text": "Our group of eleven households has looked for ground for four years. We would take a small corner."},
    {"day": 2, "by": "Julia Brenner", "category": "Work", "liked": 0.27, "disliked": 0,
     "title": "A market hall that is open in the evening",
     "text": "Who works until six gets nothing at the market. Growers from around, two evenings a week."},
]

DAYS = [
    (70, {"voters": 18, "comments": [
        (IDEAS[0]["title"], "Deniz Aydin", "We sang in there for a bet in 1999, through a hole in the fence. Do it."),
        (IDEAS[2]["title"], "Petra Langer", "Then with good windows, please. The harbour cranes begin at five."),
    ]}),
    (61, {"voters": 20, "comments": [
        (IDEAS[3]["title"], "Selma Berger", "There is a nightingale since two years. I would not have believed it."),
        (IDEAS[1]["title"], "David Osei", "The brick hall is perfect for it, it has a crane of its own."),
    ]}),
    (45, {"voters": 18, "closes": "The three offices begin to draw next week, and your ideas lie before them.", "comments": [
        (IDEAS[4]["title"], "Charlotte Ebert", "My favourite. It costs little and everybody has something of it."),
    ]}),
]
