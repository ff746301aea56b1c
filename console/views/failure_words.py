"""What a failure's code means for people at the desk: who fixes it, what to do, and the one next button."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from console.models.failure import Fixer, Retry
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.notices import NoticeKind
from console.views.theme import Tone
from console.views.words import in_language, tr

if TYPE_CHECKING:
    from console.models.failure import FailureCatalogue, FailureCode

OUTAGES = {"whmcs": "PRV-02", "salesforce": "SYN-05"}
"""The codes of which all orders are one incident, by the system that is down."""

ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})

_FIXERS = {
    Fixer.CUSTOMER: "customer",
    Fixer.BANK: "bank",
    Fixer.SUPPORT: "support",
    Fixer.BACK_OFFICE: "back office",
    Fixer.SUPERVISOR: "supervisor",
    Fixer.OTHER_SUPERVISOR: "another supervisor",
    Fixer.REVIEWER: "reviewer",
    Fixer.STAFF: "you",
    Fixer.CATALOGUE_ADMIN: "catalogue admin",
    Fixer.PROVISIONING: "provisioning team",
    Fixer.IT: "IT",
    Fixer.ON_CALL: "on call",
    Fixer.SYSTEM: "system",
    Fixer.NOBODY: "nobody",
}
_ONE = {
    Retry.SOON: "Retry now",
    Retry.SPACED: "Retry now",
    Retry.ON_EVENT: "Check again",
    Retry.SETTLE_FIRST: "Check outcome now",
    Retry.PERSON: "Retry",
    Retry.NONE: "Retry",
}
_MANY = {
    Retry.SOON: "Retry all…",
    Retry.SPACED: "Retry all…",
    Retry.ON_EVENT: "Check all again…",
    Retry.SETTLE_FIRST: "Check all outcomes…",
    Retry.PERSON: "Retry all…",
    Retry.NONE: "Retry all…",
}
_DO = {
    Retry.SOON: "Retry now; this usually passes by itself.",
    Retry.SPACED: "Wait until the system answers again, then retry.",
    Retry.ON_EVENT: "{action}. When that is done, check again.",
    Retry.SETTLE_FIRST: "Check the outcome: what happened is read before anything is sent again.",
    Retry.PERSON: "{action}. When that is done, retry.",
    Retry.NONE: "Nothing; retry to bring the status up to date.",
}
_NOTICES = {
    ProvisionOutcome.ACTIVATED: (NoticeKind.DONE, "Order {number} is activated."),
    ProvisionOutcome.ALREADY_ACTIVE: (NoticeKind.DONE, "Order {number} was active already; its case is closed."),
    ProvisionOutcome.PAUSED: (NoticeKind.CAREFUL, "Order {number} is still stuck: {title}."),
    ProvisionOutcome.REFUSED: (NoticeKind.FAILED, "Order {number} was not tried again: {title}."),
    ProvisionOutcome.WAITING: (NoticeKind.CAREFUL, "Order {number} waits: {title}."),
    ProvisionOutcome.CLAIMED: (NoticeKind.CAREFUL, "Somebody else works on order {number} at this moment. {who}"),
    ProvisionOutcome.UNKNOWN: (
        NoticeKind.CAREFUL,
        "No answer came for order {number}. What became of it is looked for; nothing is sent twice.",
    ),
}
_FIRST = {
    ProvisionOutcome.ACTIVATED: "Order {number} is active.",
    ProvisionOutcome.ALREADY_ACTIVE: "Order {number} was active already.",
    ProvisionOutcome.PAUSED: "Order {number} is paused: {title}.",
    ProvisionOutcome.REFUSED: "Order {number} was not provisioned: {title}.",
}
_AFTER = {
    ProvisionOutcome.ACTIVATED: ("Activated just now", Tone.GOOD),
    ProvisionOutcome.ALREADY_ACTIVE: ("Active already", Tone.GOOD),
    ProvisionOutcome.PAUSED: ("still stuck", Tone.LOOK),
    ProvisionOutcome.REFUSED: ("not tried", Tone.STOP),
    ProvisionOutcome.WAITING: ("waits", Tone.LOOK),
    ProvisionOutcome.CLAIMED: ("in use elsewhere", Tone.LOOK),
    ProvisionOutcome.UNKNOWN: ("no answer", Tone.LOOK),
}
_RESULTS = {
    ProvisionOutcome.ACTIVATED: "active",
    ProvisionOutcome.ALREADY_ACTIVE: "active already",
    ProvisionOutcome.PAUSED: "paused",
    ProvisionOutcome.REFUSED: "not provisioned",
    ProvisionOutcome.WAITING: "waits",
    ProvisionOutcome.CLAIMED: "in use elsewhere",
    ProvisionOutcome.UNKNOWN: "no answer",
}
_FOR_PEOPLE = frozenset({Retry.PERSON, Retry.NONE})


class Next(StrEnum):
    """What the one next button of a code does."""

    RETRY = "retry"
    ORDER = "order"
    CUSTOMER = "customer"


def next_of(code: "FailureCode", *, may_retry: bool) -> Next:
    """What helps next: approval is settled on the order, links on the customer, all else by trying again."""
    if code.code.startswith("LNK-"):
        return Next.CUSTOMER
    return Next.ORDER if code.code.startswith("APR-") or not may_retry else Next.RETRY


def next_words(code: "FailureCode", what: Next, *, many: bool = False) -> str:
    """The words of the next button; a retry is called by what it does for this code."""
    if what is Next.RETRY:
        return tr((_MANY if many else _ONE)[code.retry])
    return tr("Open order") if what is Next.ORDER else tr("Open customer")


def do_words(code: "FailureCode") -> str:
    """What somebody has to do so that the order goes on."""
    if code.code.startswith("APR-"):
        return tr("Open the order; it is settled there.")
    return tr(_DO[code.retry], action=in_language(code.next_action).rstrip("."))


def fixers_words(fixers: Iterable[Fixer]) -> str:
    """Who can remove the cause."""
    return tr(" or ").join(tr(_FIXERS[fixer]) for fixer in fixers)


def code_tone(code: "FailureCode") -> Tone:
    """Whether a person has to act, or the machine or the customer settles it."""
    return Tone.STOP if code.retry in _FOR_PEOPLE else Tone.LOOK


def notice_of(
    result: ProvisionResult, number: str, catalogue: "FailureCatalogue", *, again: bool
) -> tuple[NoticeKind, str]:
    """What to tell after provisioning; `again` where the order was stuck before."""
    kind, text = _NOTICES[result.outcome]
    if not again:
        text = _FIRST.get(result.outcome, text)
    code = catalogue.get(result.code or "")
    title = in_language(code.title) if code else tr("see the details")
    return kind, tr(text, number=number, title=title, who=result.message).rstrip()


def after_tag(outcome: ProvisionOutcome) -> tuple[str, Tone]:
    """What a row says of the retry that ended just now."""
    words, tone = _AFTER[outcome]
    return tr(words), tone


def result_words(outcome: ProvisionOutcome) -> str:
    """What provisioning came to, in a word or two."""
    return tr(_RESULTS[outcome])
