"""Invented customers by the million: names as often as they are in Japan, so that 佐藤 is very common, and a long tail.

The same number always makes the same people.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from console.models.customer import LinkState, Person

# Kanji, kana, Latin letters, and how many in 10,000 people are called so.
_FAMILIES = """
佐藤 サトウ Sato 147|鈴木 スズキ Suzuki 141|高橋 タカハシ Takahashi 111|田中 タナカ Tanaka 105|伊藤 イトウ Ito 84
渡辺 ワタナベ Watanabe 83|山本 ヤマモト Yamamoto 82|中村 ナカムラ Nakamura 82|小林 コバヤシ Kobayashi 81
加藤 カトウ Kato 70|吉田 ヨシダ Yoshida 65|山田 ヤマダ Yamada 64|佐々木 ササキ Sasaki 53|山口 ヤマグチ Yamaguchi 51
松本 マツモト Matsumoto 49|井上 イノウエ Inoue 48|木村 キムラ Kimura 45|林 ハヤシ Hayashi 43|斎藤 サイトウ Saito 43
清水 シミズ Shimizu 42|山崎 ヤマザキ Yamazaki 38|森 モリ Mori 37|池田 イケダ Ikeda 36|橋本 ハシモト Hashimoto 35
阿部 アベ Abe 34|石川 イシカワ Ishikawa 33|山下 ヤマシタ Yamashita 33|中島 ナカジマ Nakajima 32
石井 イシイ Ishii 31
小川 オガワ Ogawa 30|前田 マエダ Maeda 30|岡田 オカダ Okada 29|長谷川 ハセガワ Hasegawa 29|藤田 フジタ Fujita 29
後藤 ゴトウ Goto 28|近藤 コンドウ Kondo 28|村上 ムラカミ Murakami 27|遠藤 エンドウ Endo 26|青木 アオキ Aoki 25
坂本 サカモト Sakamoto 25|福田 フクダ Fukuda 24|太田 オオタ Ota 24|西村 ニシムラ Nishimura 24|藤井 フジイ Fujii 23
岡本 オカモト Okamoto 22|金子 カネコ Kaneko 22|藤原 フジワラ Fujiwara 22|三浦 ミウラ Miura 21|中野 ナカノ Nakano 21
中川 ナカガワ Nakagawa 21|原田 ハラダ Harada 20|松田 マツダ Matsuda 20|竹内 タケウチ Takeuchi 20|小野 オノ Ono 20
"""
# Two characters make most of the other Japanese family names.
_FIRST = """上 ウエ Ue|下 シタ Shita|大 オオ O|小 コ Ko|高 タカ Taka|長 ナガ Naga|古 フル Furu
新 アラ Ara|黒 クロ Kuro
白 シラ Shira|赤 アカ Aka|青 アオ Ao|金 カネ Kane|石 イシ Ishi|岩 イワ Iwa|水 ミズ Mizu|川 カワ Kawa
山 ヤマ Yama|田 タ Ta|野 ノ No
森 モリ Mori|林 ハヤシ Hayashi|竹 タケ Take|松 マツ Matsu|梅 ウメ Ume|桜 サクラ Sakura|柳 ヤナギ Yanagi
杉 スギ Sugi
北 キタ Kita|南 ミナミ Minami|西 ニシ Nishi|東 ヒガシ Higashi|中 ナカ Naka|内 ウチ Uchi|平 ヒラ Hira|吉 ヨシ Yoshi
福 フク Fuku|富 トミ Tomi|宮 ミヤ Miya|神 カミ Kami|寺 テラ Tera|村 ムラ Mura|浜 ハマ Hama
島 シマ Shima|沢 サワ Sawa"""
_SECOND = """田 タ ta|山 ヤマ yama|川 カワ kawa|村 ムラ mura|本 モト moto|野 ノ no|原 ハラ hara
井 イ i|木 キ ki|崎 サキ saki
島 シマ shima|沢 サワ sawa|口 クチ kuchi|谷 タニ tani|藤 フジ fuji|岡 オカ oka|林 バヤシ bayashi
森 モリ mori|橋 ハシ hashi
部 ベ be|下 シタ shita|上 ウエ ue|内 ウチ uchi|瀬 セ se|尾 オ o|塚 ツカ tsuka|浦 ウラ ura|岸 キシ kishi
松 マツ matsu"""
_GIVEN = """
健二 ケンジ Kenji|花子 ハナコ Hanako|翔 ショウ Sho|美咲 ミサキ Misaki|一郎 イチロウ Ichiro|愛 アイ Ai|葵 アオイ Aoi
陽菜 ヒナ Hina|蓮 レン Ren|大翔 ヒロト Hiroto|結衣 ユイ Yui|さくら サクラ Sakura|誠 マコト Makoto|直樹 ナオキ Naoki
恵子 ケイコ Keiko|和子 カズコ Kazuko|幸子 サチコ Sachiko|洋子 ヨウコ Yoko|久美子 クミコ Kumiko|由美子 ユミコ Yumiko
裕子 ユウコ Yuko|智子 トモコ Tomoko|純子 ジュンコ Junko|真由美 マユミ Mayumi|明美 アケミ Akemi|直美 ナオミ Naomi
達也 タツヤ Tatsuya|拓也 タクヤ Takuya|和也 カズヤ Kazuya|哲也 テツヤ Tetsuya|浩 ヒロシ Hiroshi|修 オサム Osamu
隆 タカシ Takashi|豊 ユタカ Yutaka|学 マナブ Manabu|剛 ツヨシ Tsuyoshi|健太 ケンタ Kenta|翔太 ショウタ Shota
大輔 ダイスケ Daisuke|優斗 ユウト Yuto|悠真 ユウマ Yuma|湊 ミナト Minato|陽翔 ハルト Haruto|凛 リン Rin|詩 ウタ Uta
莉子 リコ Riko|楓 カエデ Kaede|七海 ナナミ Nanami|千尋 チヒロ Chihiro|薫 カオル Kaoru|光 ヒカル Hikaru|梓 アズサ Azusa
"""
_SECOND_OF_GIVEN = """乃 ノ no|香 カ ka|美 ミ mi|奈 ナ na|太郎 タロウ taro|介 スケ suke|平 ヘイ hei
人 ト to|代 ヨ yo|江 エ e|斗 ト to|生 オ o"""
_FOREIGN_FAMILIES = [
    "Nguyen",
    "Smith",
    "Tran",
    "Garcia",
    "Kim",
    "Lee",
    "Brown",
    "Santos",
    "Johnson",
    "Wang",
    "Silva",
    "Müller",
    "Chen",
    "Zhang",
    "Reyes",
    "Sharma",
    "Martin",
    "Khan",
    "Singh",
    "Pham",
    "Cruz",
    "Jones",
    "Williams",
    "Hansen",
    "Novák",
    "O'Neil",
    "Fernández",
    "Rossi",
    "Dubois",
    "Kowalski",
    "Ivanova",
    "Haddad",
    "Okafor",
    "Andersson",
    "Thompson",
    "Anderson",
    "Robinson",
    "Campbell",
    "Mitchell",
    "Gonzalez",
    "Schneider",
    "Bianchi",
    "Moreau",
    "Petrov",
    "Yilmaz",
    "Rahman",
    "Gurung",
    "Thapa",
]
_FOREIGN_GIVEN = [
    "Anna",
    "Maria",
    "John",
    "Linh",
    "David",
    "José",
    "Sara",
    "Lucas",
    "Minh",
    "Emi",
    "Paul",
    "Mia",
    "Priya",
    "Ahmed",
    "Elena",
    "Thomas",
    "Hannah",
    "Wei",
    "Jun",
    "Carlos",
    "Sofia",
    "Michael",
    "Olivia",
    "Daniel",
    "Emma",
    "James",
    "Laura",
    "Peter",
    "Alice",
    "Robert",
    "Chloe",
    "Ivan",
    "Fatima",
    "Diego",
    "Ingrid",
    "Rajesh",
    "Bao",
    "Mei",
    "Noah",
    "Lea",
]
_SYLLABLES = [
    "ba",
    "da",
    "ka",
    "la",
    "ma",
    "na",
    "ra",
    "sa",
    "ta",
    "va",
    "ber",
    "den",
    "ger",
    "hol",
    "kin",
    "lan",
    "mar",
    "nel",
    "ros",
    "sen",
    "tor",
    "vel",
    "win",
    "zan",
    "ford",
    "ham",
    "ley",
    "man",
    "son",
    "ton",
    "well",
    "wood",
]
_COMPANIES = ["商事", "工業", "建設", "物産", "製作所", "運輸", "不動産", "デザイン", "電機", "食品"]
_DOMAINS = ("example.com", "example.jp", "example.net", "mail.example.com", "mobile.example.jp", "example.org")
_IN_THE_LIST, _FOREIGN, _WITH_KANA, _HARDLY_SHARED = 0.32, 0.15, 0.8, 0.3


@dataclass(frozen=True)
class _Name:
    kanji: str
    kana: str
    latin: str


def people(count: int, seed: int = 7) -> Iterator[Person]:
    """So many invented customers."""
    chance = random.Random(seed)
    families = [_name(one) for one in _entries(_FAMILIES)]
    often = list(itertools.accumulate(int(one.split()[3]) for one in _entries(_FAMILIES)))
    firsts, seconds = ([_name(one) for one in _entries(text)] for text in (_FIRST, _SECOND))
    given = [_name(one) for one in _entries(_GIVEN)]
    # A name is used the more seldom the later it stands in the list.
    given_often = list(itertools.accumulate(1 / (place + 3) for place in range(len(given))))

    for number in range(1, count + 1):
        if chance.random() < _FOREIGN:
            one = _foreigner(chance)
        else:
            family = chance.choices(families, cum_weights=often)[0]
            if chance.random() >= _IN_THE_LIST:
                first, second = chance.choice(firsts), chance.choice(seconds)
                family = _Name(*(getattr(first, part) + getattr(second, part) for part in ("kanji", "kana", "latin")))
            called = chance.choices(given, cum_weights=given_often)[0]
            if chance.random() < _HARDLY_SHARED:
                called = _rare(chance, called)
            one = _resident(chance, family, called)
        yield _person(chance, number, *one)


def _rare(chance: random.Random, called: _Name) -> _Name:
    """A given name with something put to it."""
    more = _name(chance.choice(_entries(_SECOND_OF_GIVEN)))
    return _Name(called.kanji[:1] + more.kanji, called.kana[:2] + more.kana, called.latin[:3] + more.latin)


def _entries(text: str) -> list[str]:
    return [one.strip() for one in text.replace("\n", "|").split("|") if one.strip()]


def _name(entry: str) -> _Name:
    kanji, kana, latin = entry.split()[:3]
    return _Name(kanji, kana, latin)


def _resident(chance: random.Random, family: _Name, given: _Name) -> tuple[str, str, str]:
    """Name, reading, and what an e-mail address begins with."""
    latin = f"{given.latin} {family.latin}"
    reading = f"{family.kana} {given.kana}" if chance.random() < _WITH_KANA else latin
    return f"{family.kanji} {given.kanji}", reading, latin


def _foreigner(chance: random.Random) -> tuple[str, str, str]:
    family = chance.choice(_FOREIGN_FAMILIES)
    if chance.random() < _IN_THE_LIST:
        family = "".join(chance.choice(_SYLLABLES) for _ in range(chance.choice((2, 2, 3)))).capitalize()
    name = f"{chance.choice(_FOREIGN_GIVEN)} {family}"
    return name, "", name


def _person(chance: random.Random, number: int, name: str, reading: str, latin: str) -> Person:
    local = ".".join(part for part in latin.lower().split() if part.isascii()).replace("'", "") or "mail"
    digits = f"{chance.choice((70, 80, 90))}{chance.randrange(10**8):08d}"
    linked = chance.random() < 0.9
    return Person(
        portal_user_id=f"{chance.getrandbits(32):08x}-0000-4000-8000-{number:012x}" if linked else None,
        whmcs_client_id=100_000 + number if linked else None,
        salesforce_account_id=f"0015g{number:010d}AAA",
        customer_number=f"C-{number:07d}",
        name=name,
        reading=reading,
        company=f"{name.partition(' ')[0]}{chance.choice(_COMPANIES)}" if chance.random() < 0.05 else "",
        email=f"{local}{chance.randrange(10_000)}@{chance.choice(_DOMAINS)}",
        phone=f"0{digits[:2]}-{digits[2:6]}-{digits[6:]}",
        link=LinkState.LINKED if linked else LinkState.PARTIAL,
    )
