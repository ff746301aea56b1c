"""The rows of Failures: open cases grouped by code, filtered, an outage apart; and how each row reads."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from console.views.ages import since_words
from console.views.failure_words import OUTAGES, Next, code_tone, fixers_words, next_of, next_words
from console.views.order_words import kind_words, number_words
from console.views.theme import Tone
from console.views.words import in_language, tr, trn

if TYPE_CHECKING:
    from console.models.connection import Connection
    from console.models.failure import FailureCode
    from console.workflows.failures import ListedCase

Mark = tuple[str, Tone]


@dataclass(frozen=True)
class GroupRow:
    """All cases of one code, oldest first. `mark` says what is done with the only one."""

    code: "FailureCode"
    cases: "tuple[ListedCase, ...]"
    expanded: bool
    mark: Mark | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Tells rows apart."""
        return ("group", self.code.code)


@dataclass(frozen=True)
class CaseRow:
    """One case, below its group or in the flat list. `mark` says what is done with it at this moment."""

    listed: "ListedCase"
    in_group: bool
    mark: Mark | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Tells rows apart: an order has at most one open case."""
        return ("case", self.listed.case.order_id)


FailureRow = GroupRow | CaseRow


@dataclass(frozen=True)
class Outage:
    """A system that is down, or was: its orders are one incident. `since` is None where nothing tells."""

    system: str
    since: datetime | None
    is_down: bool
    cases: "tuple[ListedCase, ...]"


@dataclass(frozen=True)
class Choice:
    """What is listed and how: `opened` holds the codes of the groups that are expanded."""

    by_code: bool
    opened: frozenset[str]
    text: str
    with_outages: bool


class RowLook(NamedTuple):
    """How a row reads from left to right: code or number, two lines, tag, age over who, and the next button.

    `is_off` where the button can do nothing now.
    """

    lead: str
    title: str
    second: str
    tag: str
    tone: Tone
    age: str
    who: str
    button: str
    is_off: bool = False

    def spoken(self) -> str:
        """The row as a screen reader says it."""
        return ", ".join(part for part in self[:-2] if part and not isinstance(part, Tone))


def rows_of(cases: "Iterable[ListedCase]", choice: Choice, marks: Mapping[str, Mark]) -> list[FailureRow]:
    """The rows for these cases, oldest first; `marks` are by order id."""
    shown = [
        one
        for one in cases
        if (choice.with_outages or one.code.code not in OUTAGES.values()) and _fits(one, choice.text)
    ]
    if not choice.by_code:
        return [CaseRow(one, in_group=False, mark=marks.get(one.case.order_id)) for one in shown]
    groups: dict[str, list[ListedCase]] = {}
    for one in shown:
        groups.setdefault(one.code.code, []).append(one)
    rows: list[FailureRow] = []
    for code, members in groups.items():
        expanded = code in choice.opened or bool(choice.text)
        rows.append(GroupRow(members[0].code, tuple(members), expanded, _mark_of(members, marks)))
        if expanded:
            rows += [CaseRow(one, in_group=True, mark=marks.get(one.case.order_id)) for one in members]
    return rows


def outages_of(cases: "Sequence[ListedCase]", connections: "Iterable[Connection]") -> list[Outage]:
    """One incident for each system that is down or whose orders wait, whatever their number."""
    down: dict[str, datetime] = {one.system: one.down_since for one in connections if one.down_since}
    found = []
    for system, code in OUTAGES.items():
        waiting = tuple(one for one in cases if one.code.code == code)
        if waiting or system in down:
            since = down.get(system) or min((one.since for one in waiting), default=None)
            found.append(Outage(system, since, system in down, waiting))
    return found


def look_of(row: FailureRow, *, may_retry: bool, busy: Collection[str], off: bool = False) -> RowLook:
    """How a row reads now; `busy` holds the orders that cannot be retried; `off` where nothing can be retried now."""
    if isinstance(row, GroupRow):
        return _group_look(row, may_retry=may_retry, busy=busy, off=off)
    listed, case = row.listed, row.listed.case
    what = next_of(listed.code, may_retry=may_retry)
    tag, tone = row.mark or ("", Tone.NEUTRAL)
    if not row.in_group and not tag:
        tag, tone = listed.code.code, code_tone(listed.code)
    return RowLook(
        lead=number_words(case.order_number),
        title=" · ".join([listed.customer or tr("Customer not read yet"), *_kind(listed)]),
        second=_sees(listed) if row.in_group else in_language(listed.code.title),
        tag=tag,
        tone=tone,
        age=since_words(listed.since),
        who=trn("tried %n times", case.attempts) if case.attempts else tr("not tried here"),
        button="" if case.order_id in busy else next_words(listed.code, what),
        is_off=off and what is Next.RETRY,
    )


def _group_look(row: GroupRow, *, may_retry: bool, busy: Collection[str], off: bool) -> RowLook:
    what = next_of(row.code, may_retry=may_retry)
    many = len(row.cases) > 1
    all_busy = all(one.case.order_id in busy for one in row.cases)
    # One button cannot open several orders: these have buttons of their own.
    offered = not all_busy and (not many or what is Next.RETRY)
    age = since_words(row.cases[0].since)
    tag, tone = row.mark or (trn("%n orders", len(row.cases)), code_tone(row.code))
    return RowLook(
        lead=row.code.code,
        title=in_language(row.code.title),
        second=in_language(row.code.meaning),
        tag=tag,
        tone=tone,
        age=tr("oldest {age}", age=age) if many else age,
        who=fixers_words(row.code.who_fixes),
        button=next_words(row.code, what, many=many) if offered else "",
        is_off=off and what is Next.RETRY,
    )


def _mark_of(members: "Sequence[ListedCase]", marks: Mapping[str, Mark]) -> Mark | None:
    return marks.get(members[0].case.order_id) if len(members) == 1 else None


def _kind(listed: "ListedCase") -> list[str]:
    return [kind_words(listed.kind)] if listed.kind else []


def _sees(listed: "ListedCase") -> str:
    sees = listed.customer_sees
    return tr("customer sees “{words}”", words=in_language(sees)) if sees else tr("customer sees the same as before")


def _fits(listed: "ListedCase", text: str) -> bool:
    """Whether every typed word is in what a row says."""
    code = listed.code
    said = [listed.customer, listed.case.order_number, code.code, in_language(code.title), *_kind(listed)]
    spoken = " ".join(said).casefold()
    return all(word in spoken for word in text.casefold().split())
