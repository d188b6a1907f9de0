"""The demonstration's work: what customers wrote is sorted by people who are paid for it, while the campaign is open."""

import csv
import datetime
import io

CAMPAIGN = {
    "question": "What is this letter about?",
    "brief": "In the cellar we found the letters that people sent us when the gasworks was closed. The town archive would "
             "like to have them sorted. For each letter you read, we pay **8 cents**.",
    "kind": "task",
}
CHOICES = ["A bill", "Warmth and light", "Work and wages", "Thanks", "Something else"]
WORK = {
    "template": "choose", "ask": "What is this letter from ${year} about?", "choices": "\n".join(CHOICES), "price": "0.08",
    "instructions": "**Good:** “The lamp in our lane has been out since Tuesday” is *Warmth and light*.\n\n"
                    "**Not so good:** a letter that complains about the price of coke is *A bill*, not *Warmth and light*.\n\n"
                    "Not sure? Skip it; somebody else will know.",
    "answers_least": 2, "answers_most": 5, "accept_hours": 48, "control_every": 6, "quality_least": 50,
}
# The letter, its year, what it is about; then whether its answer is known (with why), or it is to practise on.
LETTERS = [
    ("The lamp in our lane has been out since Tuesday, and my wife fell over a bucket.", 1911, 1, "", "A lamp is light."),
    ("I have paid for forty hundredweight of coke and was brought thirty-six.", 1913, 0, "", ""),
    ("For thirty years I stoked your ovens. What will I live on in spring?", 1958, 2, "", "It asks about wages."),
    ("My late husband would have liked to see the new street lamps. They are beautiful.", 1926, 3, "", ""),
    ("Is it true that gas makes geraniums die? Mine did.", 1931, 4, "", "Geraniums are none of the others."),
    ("The stove will not get warm before nine in the morning.", 1929, 1, "", ""),
    ("Your man read the meter upside down. Please look at it again before we pay.", 1934, 0, "", ""),
    ("We thank the night shift for keeping the school warm in February.", 1947, 3, "", ""),
    ("My son is fourteen and strong. Does the works take apprentices?", 1925, 2, "", ""),
    ("Why has the bill doubled since we moved to the third floor?", 1955, 0, "", ""),
    ("The children would like to see how gas is made. May our class come?", 1952, 4, "", ""),
    ("There is no light in the church, and the organist plays from memory.", 1919, 1, "", ""),
    ("Overtime of March is still owed to the men of shed two.", 1949, 2, "", ""),
    ("I return the lamp key of my father, who lit your lamps for forty years.", 1957, 4, "", ""),
    ("The reminder came, the bill never did.", 1938, 0, "", ""),
    ("Never was our kitchen as warm as with the new stove. Many thanks!", 1933, 3, "", ""),
    ("The flame is yellow and the pot is black.", 1930, 1, "", ""),
    ("Would you consider paying the men weekly, as the mill does?", 1922, 2, "", ""),
    ("Please send somebody about the smell. Do not bring a lantern.", 1916, 4, "", ""),
    ("We are charged for a meter that was taken away in 1940.", 1946, 0, "", ""),
    ("Half of the market was dark on Saturday, and the eggs were sold by touch.", 1921, 1, "", ""),
    ("With your coke, the hospital had hot water all winter. God bless you.", 1948, 3, "", ""),
    ("My lease ends when the works does. Will there be work at the new plant?", 1959, 2, "", ""),
    ("A pigeon has built its nest in your gas lamp at the bridge.", 1951, 4, "", ""),
]
KNOWN, PRACTICE = {0, 4}, {2}
# Who read how many of them, and how many of a hundred answers are right.
READERS = [(14, 95), (9, 90), (16, 97), (6, 55), (11, 92), (8, 88)]


def items():
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["id", "text", "year", "known", "why", "practice"])
    for n, (text, year, about, _, why) in enumerate(LETTERS):
        is_told = n in KNOWN or n in PRACTICE
        rows.writerow([f"L{n + 1:02}", text, year, CHOICES[about] if is_told else "", why if is_told else "",
                       "yes" if n in PRACTICE else ""])
    return out.getvalue().encode()


def closes_at():
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
