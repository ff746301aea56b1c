"""What a SIM order needs: the eSIM's number, and for a number transfer exactly what the old carrier has."""

import re
import unicodedata

from console.models.catalogue import ProductKind
from console.models.check import Check, Source
from console.models.order import SimType, Transfer
from console.models.record import Sentence
from console.rules.evidence import Evidence
from console.rules.items import kinds

_ESIM, _TRANSFER = "esim", "number_transfer"
_EID_DIGITS = 32
_REQUIRED = {
    "number": Sentence(en="phone number", ja="電話番号"),
    "reservation_number": Sentence(en="reservation number", ja="予約番号"),
    "reserved_until": Sentence(en="expiry", ja="有効期限"),
    "holder_name": Sentence(en="contract holder", ja="契約者名"),
    "holder_reading": Sentence(en="reading of the name", ja="契約者名のフリガナ"),
    "holder_birth_date": Sentence(en="birth date", ja="生年月日"),
    "holder_gender": Sentence(en="gender", ja="性別"),
}
_NO_ESIM = Sentence(en="No eSIM ordered.", ja="eSIMの注文ではありません。")
_NO_SIM = Sentence(en="Not a SIM order.", ja="SIMの注文ではありません。")
_NEW_NUMBER = Sentence(en="A new number, no transfer.", ja="新しい番号です（番号の移行なし）。")


def esim(evidence: Evidence) -> Check:
    """An eSIM needs its EID: 32 digits. Source: product.md; SIM-01."""
    order = evidence.order
    if ProductKind.SIM not in kinds(order) or order.sim_type is not SimType.ESIM:
        return evidence.not_applicable(_ESIM, _NO_ESIM)
    if not re.fullmatch(rf"[0-9]{{{_EID_DIGITS}}}", order.esim_eid):
        wrong = Sentence(
            en=f"The EID has {len(order.esim_eid)} characters, not 32 digits.",
            ja=f"EIDが32桁の数字ではありません（{len(order.esim_eid)}文字）。",
        )
        return evidence.stops(_ESIM, "SIM-01", wrong, Source.SALESFORCE)
    last = order.esim_eid[-4:]
    return evidence.passes(_ESIM, Sentence(en=f"EID ending {last}.", ja=f"EID 末尾{last}"), Source.SALESFORCE)


def number_transfer(evidence: Evidence) -> Check:
    """A transfer has every detail, a valid number with days left, and the name that the old carrier has.

    Source: product.md, "number transfer (MNP) needs …"; MNP-01 to MNP-04.
    """
    transfer = evidence.order.transfer
    if ProductKind.SIM not in kinds(evidence.order):
        return evidence.not_applicable(_TRANSFER, _NO_SIM)
    if transfer is None:
        return evidence.not_applicable(_TRANSFER, _NEW_NUMBER)
    if wrong := _wrong_detail(transfer):
        code, words = wrong
        return evidence.stops(_TRANSFER, code, words, Source.SALESFORCE)
    return _days_left(evidence, transfer)


def _wrong_detail(transfer: Transfer) -> tuple[str, Sentence] | None:
    """The code and the words of what is missing or wrong in a transfer, None where nothing is."""
    missing = [words for field, words in _REQUIRED.items() if not getattr(transfer, field)]
    if missing:
        named = ", ".join(one.en for one in missing), "、".join(one.ja for one in missing)
        return "MNP-04", Sentence(en=f"Missing: {named[0]}.", ja=f"不足：{named[1]}")
    number = transfer.reservation_number
    if not re.fullmatch(r"[0-9]{10}", number):
        return "MNP-03", Sentence(
            en=f"Reservation number {number} is not 10 digits.", ja=f"予約番号 {number} は10桁の数字ではありません。"
        )
    if _name_differs(transfer):
        return "MNP-02", Sentence(
            en=f"Order says {transfer.holder_name}, old carrier says {transfer.donor_holder_name}.",
            ja=f"注文では{transfer.holder_name}、移行元では{transfer.donor_holder_name}です。",
        )
    return None


def _days_left(evidence: Evidence, transfer: Transfer) -> Check:
    until = transfer.reserved_until
    days = (until - evidence.now.date()).days if until else -1
    if days < 0:
        over = Sentence(en=f"The transfer number expired on {until}.", ja=f"予約番号は{until}に期限が切れました。")
        return evidence.stops(_TRANSFER, "MNP-01", over, Source.SALESFORCE)
    words = Sentence(
        en=f"{transfer.number} from {transfer.donor or 'the old carrier'}, valid to {until} ({days} days left).",
        ja=f"{transfer.number}、移行元 {transfer.donor or '不明'}、有効期限 {until}（残り{days}日）",
    )
    if days < evidence.limits.mnp_min_days_left:
        return evidence.stops(_TRANSFER, "MNP-01", words, Source.SALESFORCE)
    if days < evidence.limits.mnp_look_days:
        return evidence.looks(_TRANSFER, "MNP-01", words, Source.SALESFORCE)
    return evidence.passes(_TRANSFER, words, Source.SALESFORCE)


def _name_differs(transfer: Transfer) -> bool:
    """Names must match exactly, but for the width of the letters and of the space, which no carrier distinguishes."""
    known = _plain(transfer.donor_holder_name)
    return bool(known) and known != _plain(transfer.holder_name)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())
