"""Invented people and places: Japanese names in all their forms, foreign names, addresses in both scripts."""

import random
import uuid
from dataclasses import dataclass

from faker import Faker

_FAMILIES = (
    ("佐藤", "サトウ", "Sato"), ("鈴木", "スズキ", "Suzuki"), ("高橋", "タカハシ", "Takahashi"),
    ("田中", "タナカ", "Tanaka"), ("渡辺", "ワタナベ", "Watanabe"), ("伊藤", "イトウ", "Ito"),
    ("山本", "ヤマモト", "Yamamoto"), ("中村", "ナカムラ", "Nakamura"), ("小林", "コバヤシ", "Kobayashi"),
    ("加藤", "カトウ", "Kato"), ("安部", "アベ", "Abe"), ("森", "モリ", "Mori"), ("林", "ハヤシ", "Hayashi"),
    ("岡田", "オカダ", "Okada"), ("木村", "キムラ", "Kimura"), ("小野", "オノ", "Ono"), ("原", "ハラ", "Hara"),
    ("西村", "ニシムラ", "Nishimura"), ("北川", "キタガワ", "Kitagawa"), ("白石", "シライシ", "Shiraishi"),
)  # fmt: skip
_GIVEN = (
    ("健二", "ケンジ", "Kenji"), ("花子", "ハナコ", "Hanako"), ("翔", "ショウ", "Sho"), ("美咲", "ミサキ", "Misaki"),
    ("一郎", "イチロウ", "Ichiro"), ("愛", "アイ", "Ai"), ("春香", "ハルカ", "Haruka"), ("里奈", "リナ", "Rina"),
    ("大輔", "ダイスケ", "Daisuke"), ("結衣", "ユイ", "Yui"), ("直樹", "ナオキ", "Naoki"), ("恵", "メグミ", "Megumi"),
    ("誠", "マコト", "Makoto"), ("葵", "アオイ", "Aoi"), ("拓也", "タクヤ", "Takuya"), ("桜", "サクラ", "Sakura"),
)  # fmt: skip
_PLACES = (
    ("東京都", "架空市", "緑町", "Tokyo", "Kaku-shi", "Midoricho", "190"),
    ("大阪府", "見本市", "栄町", "Osaka", "Mihon-shi", "Sakaecho", "599"),
    ("北海道", "例示市", "北町", "Hokkaido", "Reiji-shi", "Kitamachi", "099"),
    ("福岡県", "仮名市", "港町", "Fukuoka", "Kana-shi", "Minatomachi", "839"),
)
_FOREIGN_SHARE, _COMPANY_SHARE = 0.25, 0.1
_DOMAINS = ("example.com", "example.jp", "example.net")


@dataclass(frozen=True)
class Place:
    """One address in both scripts."""

    street_ja: str
    city_ja: str
    state_ja: str
    street: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True)
class Person:
    """Somebody who orders. `name` is as Salesforce has it, `first` and `last` as WHMCS has them."""

    name: str
    reading: str
    first: str
    last: str
    company: str
    email: str
    phone: str
    birth_date: str
    gender: str
    portal_user_id: str
    place: Place


class People:
    """Makes people one after the other; the same seed makes the same people."""

    def __init__(self, seed: int) -> None:
        """Prepare the pools of foreign names and companies."""
        self._rng = random.Random(f"people {seed}")
        faker = Faker("en_US")
        faker.seed_instance(seed)
        self._foreign = [(faker.first_name(), faker.last_name()) for _ in range(200)]
        self._companies = [f"{faker.last_name()} Works" for _ in range(40)]
        self._count = 0

    def person(self) -> Person:
        """The next person."""
        self._count += 1
        rng = self._rng
        if rng.random() < _FOREIGN_SHARE:
            first, last = rng.choice(self._foreign)
            name, reading = f"{first} {last}", ""
        else:
            family, given = rng.choice(_FAMILIES), rng.choice(_GIVEN)
            name, reading = f"{family[0]} {given[0]}", f"{family[1]} {given[1]}"
            first, last = given[2], family[2]
        return Person(
            name=name,
            reading=reading,
            first=first,
            last=last,
            company=rng.choice(self._companies) if rng.random() < _COMPANY_SHARE else "",
            email=f"{first}.{last}{self._count}@{rng.choice(_DOMAINS)}".lower().replace(" ", ""),
            phone=f"0{rng.choice('789')}0-{rng.randrange(10000):04d}-{rng.randrange(10000):04d}",
            birth_date=f"{rng.randrange(1950, 2005)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
            gender=rng.choice(("Female", "Male", "Other")),
            portal_user_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            place=self.place(),
        )

    def place(self) -> Place:
        """An address that does not exist."""
        rng = self._rng
        state_ja, city_ja, town_ja, state, city, town, zone = rng.choice(_PLACES)
        block = (rng.randrange(1, 9), rng.randrange(1, 30), rng.randrange(1, 30))
        room = f" {rng.randrange(101, 909)}" if rng.random() < 0.5 else ""  # noqa: PLR2004 - half live in flats
        room_ja = f" {room.strip()}号室" if room else ""
        return Place(
            street_ja=f"{town_ja}{block[0]}丁目{block[1]}番{block[2]}号{room_ja}",
            city_ja=city_ja,
            state_ja=state_ja,
            street=f"{town} {block[0]}-{block[1]}-{block[2]}{room}",
            city=city,
            state=state,
            postal_code=f"{zone}-{rng.randrange(10000):04d}",
        )
