"""Writes the seeds of dbt_project_example: `python make_shop_seeds.py FOLDER`.

The same files on every machine. Names are invented; e-mail addresses are at example.com and phone
numbers come from the ranges that regulators keep free for fiction (Ofcom, ARCEP, ACMA, ComReg, NANPA,
Bundesnetzagentur, PTS), so that nobody real can be reached.
"""

from __future__ import annotations

import csv
import sys
import unicodedata
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

Row = dict[str, object]

CUSTOMERS = 300
ORDERS = 900
FIRST_DAY = datetime(2024, 1, 8, 2)  # noqa: DTZ001 -- the shop's clock is UTC throughout
NIGHT = FIRST_DAY + timedelta(days=601)

FIRST_NAMES = """
    Ada Amir Anaïs Beatriz Callum Chloé Clara Daniel Dmitri Elif Emil Eoin Fatima Freya Georg Grace
    Hanna Hugo Imani Ines Jonas Jürgen Kofi Lars Leila Lucía Maeve Malik Marta Mei Nadia Niamh Noah
    Oskar Priya Ravi Rosa Saoirse Sven Tariq Théo Uma Viktor Wanda Xavier Yuki Zoë Åsa
""".split()  # noqa: SIM905 -- names read better without their quotes
LAST_NAMES = """
    Abara Baptiste Bergström Brennan Castillo Chaudhry Dubois Eklund Farouk Fischer Fontaine
    Gallagher Hartmann Huang Ibrahim Jansson Kaya Keller Kowalski Lefèvre Lindqvist MacLeod
    Marchetti Mensah Moreau Nakamura Novak O'Brien Okafor Olsen Pereira Quinn Rahman Reyes Rossi
    Schäfer Silva Tanaka Thompson Varga Walsh Weber Whitfield Yılmaz Zieliński
""".split()  # noqa: SIM905 -- names read better without their quotes
PLACES = {
    "US": ("Portland", "Austin", "Chicago", "Santa Fe"),
    "GB": ("Leeds", "Glasgow", "Bristol", "Cardiff"),
    "IE": ("Cork", "Dublin", "Galway"),
    "FR": ("Lyon", "Nantes", "Strasbourg"),
    "DE": ("Köln", "Leipzig", "München"),
    "SE": ("Göteborg", "Malmö", "Umeå"),
    "AU": ("Adelaide", "Hobart", "Perth"),
}
PRODUCTS = (
    ("Filter coffee 250 g", "coffee", 9.5),
    ("Espresso beans 1 kg", "coffee", 27.0),
    ("Decaf beans 250 g", "coffee", 10.25),
    ("Assam 100 g", "tea", 7.9),
    ("Sencha 100 g", "tea", 11.4),
    ("Rooibos 100 g", "tea", 6.2),
    ("Hand grinder", "equipment", 64.0),
    ("Gooseneck kettle", "equipment", 89.9),
    ("Paper filters", "equipment", 4.75),
    ("Stoneware mug", "tableware", 16.0),
    ("Tea pot", "tableware", 38.5),
    ("Tasting set", "gifts", 29.0),
)


def phone(random: Random, country: str) -> str:
    """A number of the country that is reserved for fiction, in E.164."""
    two = f"{random.randrange(100):02d}"
    return {
        "US": f"+1{random.choice(('503', '512', '312', '505'))}55501{two}",
        "GB": f"+447700900{random.randrange(1000):03d}",
        "IE": f"+353209{random.randrange(100000, 200000)}",
        "FR": f"+336399801{two}",
        "DE": f"+493023125{random.randrange(1000):03d}",
        "SE": f"+467017406{random.randrange(5, 100):02d}",
        "AU": f"+61491570{random.randrange(156, 160)}",
    }[country]


def mailbox(first: str, last: str, number: int) -> str:
    """A unique address for a name, in plain ASCII."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".replace("ı", "i").replace("ł", "l"))
    letters = "".join(character for character in plain.lower() if character.isascii() and character != "'")
    return f"{letters}.{number}@example.com"


def customer(random: Random, number: int) -> Row:
    """One person as the shop's own database knows them."""
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    country = random.choice(("US", "US", "GB", "GB", *PLACES))
    signed_up = FIRST_DAY + timedelta(hours=number * 40 + random.randrange(40), minutes=random.randrange(60))
    born = date(1950, 1, 1) + timedelta(days=random.randrange(20_000))
    return {
        "customer_id": number,
        "first_name": first,
        "last_name": last,
        "email": mailbox(first, last, number),
        "phone": phone(random, country) if random.random() < 0.8 else "",
        "birth_date": born.isoformat() if random.random() < 0.7 else "",
        "city": random.choice(PLACES[country]),
        "country_code": country,
        "plan": random.choice(("free", "free", "free", "plus", "plus", "family")),
        "newsletter_opt_in": str(random.random() < 0.6).lower(),
        "is_test_account": str(number % 50 == 0).lower(),
        "created_at": f"{signed_up:%Y-%m-%d %H:%M:%S}",
    }


def order(random: Random, number: int, buyer: int, ordered_at: datetime) -> Row:
    """One line of one basket."""
    return {
        "order_id": number,
        "customer_id": buyer,
        "product_id": random.randrange(1, len(PRODUCTS) + 1),
        "quantity": random.choice((1, 1, 1, 2, 3)),
        "status": random.choice(("completed",) * 9 + ("returned",)),
        "ordered_at": f"{ordered_at:%Y-%m-%d %H:%M:%S}",
    }


def orders(random: Random, customers: list[Row]) -> list[Row]:
    """The orders of day one; a fifth of the customers never bought anything."""
    buyers = [row for row in customers if random.random() < 0.8]
    rows = []
    for number in range(1, ORDERS + 1):
        buyer = random.choice(buyers)
        since = datetime.fromisoformat(str(buyer["created_at"]))
        moment = since + timedelta(minutes=random.randrange(int((NIGHT - since).total_seconds()) // 60))
        rows.append(order(random, number, int(str(buyer["customer_id"])), moment))
    return rows


def day_two_customers(random: Random, customers: list[Row]) -> list[Row]:
    """What the shop's database says differently the next morning, as whole rows."""
    real = [row for row in customers if row["is_test_account"] == "false"]
    reader = [row for row in real if row["newsletter_opt_in"] == "true"]
    other = [row for row in real if row["newsletter_opt_in"] == "false"]
    married = next(row for row in reader if row["last_name"] != "Okafor")
    moved = next(row for row in reader[4:] if row["country_code"] == "US" and row["city"] != "Santa Fe")
    upgrades = [row for row in reader[10:] if row["plan"] == "free"][:2]
    no_phone = next(row for row in reader[40:] if row["phone"])
    no_birthday = next(row for row in other[20:] if not row["birth_date"])
    gone = {"closed_account": "true"}
    changed = [
        married | {"last_name": "Okafor"},
        moved | {"city": "Santa Fe"},
        *(row | {"plan": "plus"} for row in upgrades),
        no_phone | {"phone": ""},
        no_birthday | {"birth_date": "1988-02-29"},
        other[30] | {"newsletter_opt_in": "true"},
        reader[60] | {"newsletter_opt_in": "false"},
        reader[70] | gone,
        other[40] | gone,
        *(
            customer(random, CUSTOMERS + place) | {"created_at": f"{NIGHT:%Y-%m-%d %H:%M:%S}"}
            for place in (1, 2, 3)
        ),
    ]
    return [row | {"closed_account": row.get("closed_account", "false")} for row in changed]


def write(path: Path, rows: list[Row]) -> None:
    """One CSV file, UTF-8, with a header and newlines as on Unix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder: Path) -> None:
    """Writes every seed below `folder`."""
    random = Random(20240108)  # noqa: S311 -- the same shop everywhere, not a secret
    customers = [customer(random, number) for number in range(1, CUSTOMERS + 1)]
    placed = orders(random, customers)
    changed = day_two_customers(random, customers)
    products = [
        {"product_id": number, "name": name, "category": category, "price": f"{price:.2f}"}
        for number, (name, category, price) in enumerate(PRODUCTS, start=1)
    ]
    write(folder / "raw_customers.csv", customers)
    write(folder / "raw_orders.csv", placed)
    write(folder / "raw_products.csv", products)
    write(folder / "day_two" / "day_two_customers.csv", changed)
    write(
        folder / "day_two" / "day_two_orders.csv",
        [
            order(random, ORDERS + place, buyer, NIGHT + timedelta(minutes=47 * place))
            | {"status": "completed"}
            for place, buyer in enumerate((33, 87, CUSTOMERS + 1), start=1)
        ],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
