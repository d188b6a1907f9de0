"""A town's energy company asks its people. Who takes part, what they say, and when."""

import datetime

OWNER = ("anna@example.org", "Anna Berg", "sunny-rooftops-of-linden")
MODERATOR = ("jonas@example.org", "Jonas Weber", "sunny-rooftops-of-linden")
PARTICIPANT = ("mira@example.org", "Mira Stein", "sunny-rooftops-of-linden")

PEOPLE = [
    "Ayla Demir", "Tom Reiter", "Nora Lindqvist", "Paul Frei", "Ida Moor", "Karl Otto", "Lena Voss", "Samir Haddad",
    "Greta Holm", "Bruno Keller", "Zofia Nowak", "Henrik Dahl", "Maya Okafor", "Emil Sander", "Rosa Pinto",
    "Viktor Baum", "Ines Duarte", "Otto Brandt", "Fatima El-Amin", "Jakob Winter", "Clara Neumann", "Dmitri Orlov",
    "Hanna Krause", "Luis Ferrer", "Amelie Roth", "Stefan Vogel", "Thuy Nguyen", "Marta Kowalska", "Felix Arndt",
    "Johanna Beck", "Ruben Castro", "Svenja Peters", "Anton Hauser", "Leila Rahimi", "Theo Lang", "Birgit Hansen",
    "Marco Rossi", "Eva Lorenz", "Noah Schmid", "Katrin Engel", "Yusuf Kaya", "Elsa Nyberg", "Peter Hartmann",
    "Sofia Marin", "Georg Huber", "Nadia Petrova", "Simon Albrecht", "Wanda Fuchs", "Oskar Lind", "Julia Brenner",
    "Matteo Conti", "Ruth Sommer", "Deniz Aydin", "Agnes Thiel", "Milan Horvat", "Charlotte Ebert", "Bela Szabo",
    "Frieda Maurer", "Konrad Jahn", "Selma Berger", "Ivo Marek", "Petra Langer", "David Osei", "Magda Simon",
]


def closes_in(days):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return at.strftime("%Y-%m-%dT18:00:00Z")


CAMPAIGN = {
    "question": "What should our town do next to use less energy?",
    "cover": "town.webp",
    "closes_at": lambda: closes_in(9),
    "votes_per_person": 10,
    "votes_against": True,
    "categories": "Homes\nPublic buildings\nStreets and travel\nHeat and power\nNeighbours",
    "brief": """Linden used **212 GWh** of electricity and gas last year, nine per cent less than five years ago. The
easy part is done. For the next step the town council has set aside **1.4 million** from the concession fee, and it
should go where people notice it.

Tell us what you would do with it. One sentence is enough to begin; a number or an example from your street helps.

- We read every idea, and our engineers answer the twenty with the most support in public.
- What is decided, and why, stands in the public record of this page.
- Three ideas at least will be begun before next winter.

Questions? Come to the customer centre in Mill Lane, Tuesdays until seven, or write to Anna Berg.""",
    "terms": """1. Ideas stay yours. You allow Linden Energy and the town to use them without payment, and to show your
name with them unless you withdraw them.
2. Be kind, stay with the question, and leave out other people's names and addresses.
3. The team may hide a contribution that breaks these rules. It says by which rule and why.
4. Support from many people obliges nobody to build something; an answer is promised, a yes is not.""",
}

HIDDEN_IDEA = "The house at Mill Lane 14 heats with the windows open"

IDEAS = [
    {"day": 0, "by": "Ayla Demir", "category": "Public buildings", "liked": 0.62, "disliked": 0.05,
     "title": "Put solar panels on the roof of the swimming hall",
     "text": "The roof is flat, faces south and is big: about 1,100 square metres by the town's own map. The pool needs "
             "power all day, also in summer when the panels give most. So nearly everything would be used on the spot."},
    {"day": 0, "by": "Tom Reiter", "category": "Streets and travel", "liked": 0.40, "disliked": 0.26,
     "title": "Switch off every second street lamp after midnight",
     "text": "In Erlenfeld they have done so since 2022. It saves a third of the lamps' power and nobody I know there "
             "wants it back. Crossings and the station should stay lit."},
    {"day": 0, "by": "Nora Lindqvist", "category": "Homes", "liked": 0.58, "disliked": 0.04,
     "title": "Lend out thermal cameras on cold evenings",
     "text": "Most of us do not know where our houses lose heat. A camera costs 400 euros; five of them, to borrow like a "
             "library book, with an evening course on how to read the pictures."},
    {"day": 0, "by": "Paul Frei", "category": "Heat and power", "liked": 0.49, "disliked": 0.17,
     "title": "Warm the old town with water from the river",
     "text": "A large heat pump at the weir could feed the pipes under the old town. Houses there are listed, they will "
             "never get thick walls. **Mannheim does it with the Rhine**, ours is smaller but so are we."},
    {"day": 1, "by": "Ida Moor", "category": "Neighbours", "liked": 0.44, "disliked": 0.08,
     "title": "One heating visit for every street",
     "text": "Somebody who knows boilers goes from door to door, one street a week, and sets the heating curve right. My "
             "uncle did that for us: twenty minutes, eleven per cent less gas over the winter."},
    {"day": 1, "by": "Samir Haddad", "category": "Homes", "liked": 0.52, "disliked": 0.09,
     "title": "A balcony panel for everyone who rents",
     "text": "Tenants pay the same prices as owners but have no roof. Buy a thousand small sets together and let people "
             "pay them off with the bill, six euros a month. After five years they are theirs."},
    {"day": 1, "by": "Greta Holm", "category": "Public buildings", "liked": 0.47, "disliked": 0.06,
     "title": "Turn the school heating down during the holidays, really",
     "text": "I clean at the primary school. In the Christmas weeks the radiators are on in every room. It is not bad will, "
             "the caretaker looks after three schools and the controls are from 1994."},
    {"day": 2, "by": "Viktor Baum", "category": "Streets and travel", "liked": 0.28, "disliked": 0.41,
     "title": "Free buses on Saturdays",
     "text": "People would leave the car at home and go to the market. Two years as a trial, then count."},
    {"day": 2, "by": "Zofia Nowak", "category": "Neighbours", "liked": 0.55, "disliked": 0.03,
     "title": "A repair evening each month in the fire station",
     "text": "Toasters, lamps, radios. My neighbour and I would bring our tools. Every thing that lives longer is energy "
             "that nobody has to spend on a new one, and one meets people."},
    {"day": 2, "by": "Otto Brandt", "category": "Heat and power", "liked": 0.30, "disliked": 0.33,
     "title": "Two wind turbines on the Kapellenberg",
     "text": "We talk of saving; making our own belongs to it. The wind map says 6.8 metres a second at 140 metres up "
             "there. With shares from 250 euros, so that those who see them also earn from them."},
    {"day": 3, "by": "Mira Stein", "category": "Homes", "liked": 0.50, "disliked": 0.05,
     "title": "Show the use of my house next to houses like mine",
     "text": "On the bill I see a number and last year's number. I cannot tell whether it is much. Put the middle value of "
             "similar flats beside it, without names of course."},
    {"day": 3, "by": "Henrik Dahl", "category": "Public buildings", "liked": 0.36, "disliked": 0.12,
     "title": "Doors instead of air curtains at the town hall",
     "text": "The hot air curtain at the main entrance runs from October to April. A second pair of doors would pay for "
             "itself in three winters, I reckoned it for my shop."},
    {"day": 3, "by": "Maya Okafor", "category": "Streets and travel", "liked": 0.51, "disliked": 0.14,
     "title": "A safe bicycle road from Nordend to the station",
     "text": "It is 3.2 km and flat. I drive it, because the ring road has no path and I have two children on the bike. "
             "Paint is not enough there, it needs a kerb."},
    {"day": 4, "by": "Bruno Keller", "category": "Homes", "liked": 0.33, "disliked": 0.10,
     "title": "Insulate pipes in cellars with school leavers",
     "text": "A summer job for the sixteen-year-olds: bare heating pipes are everywhere and wrapping them is learnt in a "
             "morning. My guild would train them and look it over."},
    {"day": 4, "by": "Rosa Pinto", "category": "Neighbours", "liked": 0.41, "disliked": 0.05,
     "title": "Warm rooms for those who save at the wrong end",
     "text": "I visit old people for the parish. Some sit at 15 degrees because they fear the bill. An open, warm room in "
             "each quarter with coffee, and somebody who helps with the forms for support."},
    {"day": 4, "by": "Felix Arndt", "category": "Neighbours", "liked": 0.05, "disliked": 0.40, "is_hidden": True,
     "title": HIDDEN_IDEA,
     "text": "Everybody in our street sees it, all winter long. Somebody should tell the family who lives there."},
    {"day": 5, "by": "Emil Sander", "category": "Heat and power", "liked": 0.38, "disliked": 0.11,
     "title": "A battery for the quarter at the old substation",
     "text": "At noon in June we send power away, at seven in the evening we buy it back for four times as much. The old "
             "substation in Hafenstrasse is empty and has the cables."},
    {"day": 5, "by": "Fatima El-Amin", "category": "Homes", "liked": 0.57, "disliked": 0.06,
     "title": "Exchange old fridges for those with little money",
     "text": "A fridge of fifteen years takes 350 kWh, a new one 100. Who lives on benefits cannot buy one for 500 euros. "
             "Bring the old, get a new one, pay a tenth. The welfare office knows who."},
    {"day": 6, "by": "Jakob Winter", "category": "Public buildings", "liked": 0.34, "disliked": 0.20,
     "title": "Nineteen degrees in all offices of the town",
     "text": "If the town asks us to save, it may wear a jumper as well. Kindergartens and the nursing home left out."},
    {"day": 6, "by": "Thuy Nguyen", "category": "Public buildings", "liked": 0.45, "disliked": 0.04,
     "title": "Use the warmth of the ice rink for the sports hall",
     "text": "The rink blows warm air out of the back wall and the hall next door burns gas. I skate there on Mondays and "
             "warm my hands at that grille."},
    {"day": 7, "by": "Clara Neumann", "category": "Streets and travel", "liked": 0.35, "disliked": 0.15,
     "title": "Lamps that wake when somebody walks by",
     "text": "On the river path hardly anyone walks after ten. With sensors the lamps could rest at a tenth and wake ahead "
             "of you. It is kinder to the bats, too."},
    {"day": 7, "by": "Luis Ferrer", "category": "Homes", "liked": 0.31, "disliked": 0.07,
     "title": "A tenants' evening on radiators that never get warm",
     "text": "Half of our house heats with the kitchen oven because the pipes are not balanced. What can a tenant demand, "
             "and from whom? An hour with a lawyer and a plumber would help forty households."},
    {"day": 8, "by": "Amelie Roth", "category": "Neighbours", "liked": 0.29, "disliked": 0.08,
     "title": "A prize for the street that saves most",
     "text": "Measured against its own last year, so that old houses have a chance. The prize is a long table for a summer "
             "feast and the company pays for the sausages."},
    {"day": 8, "by": "Dmitri Orlov", "category": "Heat and power", "liked": 0.26, "disliked": 0.19,
     "title": "Cheaper power when the sun shines",
     "text": "A tariff with three prices a day. Washing at noon costs nothing to arrange and takes the peak from the "
             "evening. Needs the new meters, which we get anyway."},
    {"day": 9, "by": "Hanna Krause", "category": "Public buildings", "liked": 0.30, "disliked": 0.05,
     "title": "Hang a big number at the town hall: what we use today",
     "text": "A board like at the petrol station. Children will ask, grown-ups will bet on it."},
    {"day": 9, "by": "Stefan Vogel", "category": "Streets and travel", "liked": 0.22, "disliked": 0.30,
     "title": "Thirty in the whole town",
     "text": "Less speed, less fuel, less noise. The state allows it since the summer if the council wants it."},
]

SOLAR, LAMPS, CAMERA = IDEAS[0]["title"], IDEAS[1]["title"], IDEAS[2]["title"]
RIVER, VISIT, BALCONY = IDEAS[3]["title"], IDEAS[4]["title"], IDEAS[5]["title"]
SCHOOL, BUSES, REPAIR, WIND = IDEAS[6]["title"], IDEAS[7]["title"], IDEAS[8]["title"], IDEAS[9]["title"]
COMPARE, DOORS, BICYCLE = IDEAS[10]["title"], IDEAS[11]["title"], IDEAS[12]["title"]
WARM_ROOMS, BATTERY, FRIDGE = IDEAS[14]["title"], IDEAS[16]["title"], IDEAS[17]["title"]
NINETEEN, RINK = IDEAS[18]["title"], IDEAS[19]["title"]

# (idea, who says it, what, to whose comment it is an answer)
DAYS = [
    (12.2, {"voters": 17, "comments": [
        (SOLAR, "Otto Brandt", "Has anybody asked an engineer whether that roof carries them? It was built in 1971."),
        (LAMPS, "Wanda Fuchs", "I come home from the late shift at half past one. Please not on Gartenstrasse, it is dark "
                               "enough as it is."),
    ]}),
    (11.1, {"voters": 26, "comments": [
        (SOLAR, "Ayla Demir", "Good question. The hall got a new roof in 2016 and the papers from then say *prepared for "
                              "photovoltaics*. They are on the town's website.", "Otto Brandt"),
        (LAMPS, "Tom Reiter", "That is fair. In Erlenfeld each street could say no, and four of ninety did.", "Wanda Fuchs"),
        (CAMERA, "Simon Albrecht", "The library in Neustadt lends two. The waiting list was eleven weeks in January."),
    ]}),
    (9.9, {"voters": 30, "comments": [
        (SOLAR, "Anna Berg", "We have looked: the structure carries 15 kg a square metre, panels with their frames weigh 12. "
                             "So it is possible. What we do not know yet is the wind load at the north edge.", "Ayla Demir"),
        (RIVER, "Clara Neumann", "What does that do to the fish? The river is low in August as it is."),
        (BUSES, "Jakob Winter", "Nice, but I would walk to the market anyway. It moves people from their feet to the bus."),
        (BUSES, "Maya Okafor", "You live in the centre. From Nordend it is an hour on foot, with bags.", "Jakob Winter"),
    ]}),
    (8.8, {"voters": 28, "comments": [
        (RIVER, "Paul Frei", "It takes heat out, so the water gets cooler by less than half a degree. For the fish in August "
                             "that is rather a help. A study should say how much in winter.", "Clara Neumann"),
        (WIND, "Ruth Sommer", "I can see the Kapellenberg from my kitchen and I love it as it is. There are other hills."),
        (WIND, "Otto Brandt", "I live below it as well. In 1910 there stood a windmill, it is on the postcards.", "Ruth Sommer"),
        (WIND, "Ruth Sommer", "It was 18 metres high, not 200.", "Otto Brandt"),
    ]}),
    (7.6, {"voters": 34, "hides": [
        (HIDDEN_IDEA, "personal", "It points at one household by its address. The thought behind it, talking to neighbours "
                                  "about airing, is welcome without it."),
    ], "comments": [
        (BALCONY, "Eva Lorenz", "My landlord says no to everything on the balcony, even flowers. Does this change that?"),
        (BALCONY, "Samir Haddad", "He can no longer refuse without a reason, the law changed last year. The set must be "
                                  "fixed properly, that is all.", "Eva Lorenz"),
        (VISIT, "Peter Hartmann", "Would the visitor have to come in? My mother opens to nobody."),
        (COMPARE, "Theo Lang", "Compare me with whom? We are five in an old house and I do not want to be the red one."),
    ]}),
    (6.4, {"voters": 32, "comments": [
        (VISIT, "Ida Moor", "Only where people want it. A card in the letterbox a week before, with a photo and a number to "
                            "call.", "Peter Hartmann"),
        (COMPARE, "Mira Stein", "That is why I would like groups: same number of people, same decade, same kind of heating. "
                                "And no colours.", "Theo Lang"),
        (BICYCLE, "Konrad Jahn", "We have discussed this road since 2009. The owners of the strip along the nursery will not "
                                 "sell."),
        (SCHOOL, "Jonas Weber", "I have passed this on to the school office. They confirm the controls are from 1994 and say "
                                "a renewal is planned for 2028; we will ask whether it can come sooner."),
    ]}),
    (5.1, {"voters": 30, "comments": [
        (BICYCLE, "Maya Okafor", "Then go round the nursery by Weidenweg, it is 200 metres more. Better than another fifteen "
                                 "years.", "Konrad Jahn"),
        (FRIDGE, "Birgit Hansen", "Who checks that the old one is really gone? Else it cools beer in the cellar."),
        (FRIDGE, "Fatima El-Amin", "The driver takes it along when the new one comes. Without an old one there is no new one.",
         "Birgit Hansen"),
        (NINETEEN, "Katrin Engel", "I work in the registry office and sit for eight hours. At nineteen my fingers get stiff. "
                                   "Give us at least a warm corner."),
    ]}),
    (3.7, {"voters": 28, "comments": [
        (RINK, "Anna Berg", "The chillers give about 300 kW of heat at 28 degrees, too low for the old radiators but right "
                            "for the showers and an air heater. We will ask for an offer."),
        (RINK, "Thuy Nguyen", "That was quicker than I hoped. Thank you.", "Anna Berg"),
        (REPAIR, "Milan Horvat", "The fire brigade is happy to give the hall on the first Thursday, I asked my captain."),
        (REPAIR, "Zofia Nowak", "Wonderful. Then we start on the first Thursday in any case, with or without the money.",
         "Milan Horvat"),
    ]}),
    (2.3, {"voters": 26, "comments": [
        (BATTERY, "Ivo Marek", "What about fire? There is a kindergarten across the street."),
        (BATTERY, "Emil Sander", "The kind I mean uses iron phosphate, which does not burn through. And the building has "
                                 "walls for a transformer. But yes, the fire brigade must have the last word.", "Ivo Marek"),
        (WARM_ROOMS, "Magda Simon", "Our library would take part. We are warm anyway and empty on weekday mornings."),
    ]}),
    (0.9, {"voters": 22, "comments": [
        (SOLAR, "Georg Huber", "If the wind at the edge is the question: leave out the outer two rows and begin."),
        (DOORS, "Agnes Thiel", "And who pushes the second door with a pram?"),
        (DOORS, "Henrik Dahl", "They would open by themselves, one after the other, as at the hospital.", "Agnes Thiel"),
    ]}),
    (0.1, {"voters": 11, "comments": [
        (LAMPS, "Wanda Fuchs", "If each street may say no, I can live with it.", "Tom Reiter"),
    ]}),
]
