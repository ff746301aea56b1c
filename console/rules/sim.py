"""What a SIM order needs: the eSIM's number, and for a number transfer exactly what the old carrier has."""

import re
import unicodedata

from console.models.catalogue import ProductKind
from console.models.check import Check, Source
from console.models.order import SimType, Transfer
from console.rules.evidence import Evidence
from console.rules.items import kinds

_ESIM, _TRANSFER = "esim", "number_transfer"
_EID_DIGITS = 32
_REQUIRED = (
    ("number", "phone number"),
    ("reservation_number", "reservation number"),
    ("reserved_until", "expiry"),
    ("holder_name", "contract holder"),
    ("holder_reading", "reading of the name"),
    ("holder_birth_date", "birth date"),
    ("holder_gender", "gender"),
)


def esim(evidence: Evidence) -> Check:
    """An eSIM needs its EID: 32 digits. Source: product.md; SIM-01."""
    order = evidence.order
    if ProductKind.SIM not in kinds(order) or order.sim_type is not SimType.ESIM:
        return evidence.not_applicable(_ESIM, "No eSIM ordered.")
    if not re.fullmatch(rf"[0-9]{{{_EID_DIGITS}}}", order.esim_eid):
        return evidence.stops(
            _ESIM,
            "SIM-01",
            f"The EID has {len(order.esim_eid)} characters, not 32 digits.",
            Source.SALESFORCE,
        )
    return evidence.passes(_ESIM, f"EID ending {order.esim_eid[-4:]}.", Source.SALESFORCE)


def number_transfer(evidence: Evidence) -> Check:
    """A transfer has every detail, a valid number with days left, and the name that the old carrier has.

    Source: product.md, "number transfer (MNP) needs …"; MNP-01 to MNP-04.
    """
    transfer = evidence.order.transfer
    if ProductKind.SIM not in kinds(evidence.order):
        return evidence.not_applicable(_TRANSFER, "Not a SIM order.")
    if transfer is None:
        return evidence.not_applicable(_TRANSFER, "A new number, no transfer.")
    missing = [words for field, words in _REQUIRED if not getattr(transfer, field)]
    if missing:
        return evidence.stops(_TRANSFER, "MNP-04", f"Missing: {', '.join(missing)}.", Source.SALESFORCE)
    if not re.fullmatch(r"[0-9]{10}", transfer.reservation_number):
        words = f"Reservation number {transfer.reservation_number} is not 10 digits."
        return evidence.stops(_TRANSFER, "MNP-03", words, Source.SALESFORCE)
    if _name_differs(transfer):
        words = f"Order says {transfer.holder_name}, old carrier says {transfer.donor_holder_name}."
        return evidence.stops(_TRANSFER, "MNP-02", words, Source.SALESFORCE)
    return _days_left(evidence, transfer)


def _days_left(evidence: Evidence, transfer: Transfer) -> Check:
    until = transfer.reserved_until
    days = (until - evidence.now.date()).days if until else -1
    if days < 0:
        return evidence.stops(_TRANSFER, "MNP-01", f"The transfer number expired on {until}.", Source.SALESFORCE)
    words = f"{transfer.number} from {transfer.donor or 'the old carrier'}, valid to {until} ({days} days left)."
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
