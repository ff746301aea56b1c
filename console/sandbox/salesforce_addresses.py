"""The countries and states of an org that has picklists for them. Source: salesforce-api.md 3.1."""

from collections.abc import Mapping
from typing import Any

from console.sandbox.metadata import ObjectType
from console.sandbox.salesforce_errors import SalesforceError

_STATE_NAMES = """
    Hokkaido Aomori Iwate Miyagi Akita Yamagata Fukushima Ibaraki Tochigi Gunma Saitama Chiba Tokyo Kanagawa Niigata
    Toyama Ishikawa Fukui Yamanashi Nagano Gifu Shizuoka Aichi Mie Shiga Kyoto Osaka Hyogo Nara Wakayama Tottori
    Shimane Okayama Hiroshima Yamaguchi Tokushima Kagawa Ehime Kochi Fukuoka Saga Nagasaki Kumamoto Oita Miyazaki
    Kagoshima Okinawa
    北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県
    石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県
    岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
_LISTS = {"country": frozenset({"Japan"}), "state": frozenset(_STATE_NAMES.split())}


def refuse_unlisted(described: ObjectType, values: Mapping[str, Any]) -> None:
    """Refuse a country or a state that is not in the org's list. Raises FIELD_INTEGRITY_EXCEPTION."""
    kinds = {part: key for field in described.fields.values() for key, part in field.parts if key in _LISTS}
    for name, value in values.items():
        kind = kinds.get(name)
        if kind and value is not None and value not in _LISTS[kind]:
            message = (
                f"There's a problem with this {kind}, even though it may appear correct. Please select one that is"
            )
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"{message} in the list of valid ones.", [name])
