"""What the commands print: one JSON document each as design/cli.md has it, or plain lines for people."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from console.models.check import Check, Result, Review
from console.models.customer import Person
from console.models.order import Order, OrderSummary
from console.models.provisioning import DecisionResult, OpenOutcome, ProvisionResult
from console.models.sync import SyncReport
from console.workflows.customer_page import CustomerPage
from console.workflows.doctor import DoctorCheck
from console.workflows.failures import ListedCase
from console.workflows.lookup import Hits
from console.workflows.sign_in import SignInStatus

Document = dict[str, Any]

_BEFORE_TELLING_S = 1
_SIGNS = {Result.PASS: "✓", Result.LOOK: "!", Result.STOP: "✕", Result.NOT_APPLICABLE: "–"}


def json_text(document: Document) -> str:
    """The document as one line that any reader accepts."""
    return json.dumps(document, ensure_ascii=False)


def lookup(hits: Hits) -> tuple[Document, list[str]]:
    """What a search found."""
    lines = [_person_line(person) for person in hits.people] or [f"Nobody is known by {hits.query!r}."]
    return hits.model_dump(mode="json"), lines


def customer(page: CustomerPage) -> tuple[Document, list[str]]:
    """A customer page."""
    document = page.model_dump(mode="json")
    lines = [_person_line(page.identity.data)] if page.identity.data else []
    for name, block in document.items():
        held = block["data"]
        count = f", {len(held)} rows" if isinstance(held, list) else ""
        lines.append(f"{name}: {block['state']}{count} ({block['source']}) {block['message']}".rstrip())
    if page.link.data:
        lines.append(f"link: {page.link.data.state.value} {page.link.data.code or ''} {page.link.data.evidence}")
    return document, lines


def orders(rows: Sequence[OrderSummary]) -> tuple[Document, list[str]]:
    """Queue rows."""
    lines = [
        f"{row.order_number}  {row.state.value:10} {row.activation.value:10} {row.kind.value:8} {row.total!s:>12}"
        f"  {row.customer} {row.error_code or ''}".rstrip()
        for row in rows
    ]
    return {"orders": [row.model_dump(mode="json") for row in rows]}, lines or ["No orders."]


def review(order: Order, customer: str, found: Review) -> tuple[Document, list[str]]:
    """A review with all its checks, under the order that it is about."""
    document = found.model_dump(mode="json") | {
        "order_number": order.number,
        "customer": customer,
        "kind": order.kind.value,
        "total": str(order.total),
        "state": order.state.value,
        "activation": order.activation.value,
    }
    lines = [
        f"{order.number}  {customer}  {order.kind.value}  {order.total}  {order.state.value}  {order.activation.value}",
        f"{found.verdict.value}: customer sees {found.customer_sees.en!r}, then {found.customer_will_see.en!r}",
    ]
    return document, lines + [_check_line(check) for check in found.checks]


def decision(
    number: str, result: DecisionResult, provisioned: ProvisionResult | None = None
) -> tuple[Document, list[str]]:
    """An approval or a rejection of the order with this number, with the provisioning that followed it."""
    document = result.model_dump(mode="json") | {"order_number": number}
    lines = [f"{number}: {result.outcome.value} {result.code or ''} {result.message}".rstrip()]
    if provisioned:
        document["provision"] = _provision(provisioned, number)
        lines.append(_provision_line(provisioned, number))
    return document, lines


def provision(results: Sequence[ProvisionResult], numbers: Mapping[str, str]) -> tuple[Document, list[str]]:
    """One result per order; `numbers` are the orders' numbers by their id."""
    document = {"results": [_provision(one, numbers[one.order_id]) for one in results]}
    lines = [_provision_line(one, numbers[one.order_id]) for one in results]
    return document, lines or ["No orders."]


def failures(cases: Sequence[ListedCase]) -> tuple[Document, list[str]]:
    """Open failure cases."""
    lines = [
        f"{one.case.case_id}  {one.code.code}  {one.code.title.en}  order {one.case.order_number}"
        f"  since {one.since:%Y-%m-%d %H:%M}  [{one.code.next_action.en}]"
        for one in cases
    ]
    return {"cases": [_case(one) for one in cases]}, lines or ["Nothing is stuck."]


def sync(report: SyncReport, calls: dict[str, int]) -> tuple[Document, list[str]]:
    """What a sync did, and the calls that it took."""
    document = report.model_dump(mode="json") | {"calls": calls}
    return document, [f"{report.people} people and {report.orders} orders in {report.took_ms} ms; calls: {calls}"]


def sign_in(status: SignInStatus) -> tuple[Document, list[str]]:
    """Who is signed in where, or that nobody is."""
    who = f"{status.name} ({status.username})" if status.name else "nobody"
    lines = [f"{status.environment} {status.host}: {status.state.value.replace('_', ' ')}, {who}", str(status.problem)]
    return status.model_dump(mode="json", exclude={"address"}), [line for line in lines if line]


def doctor(checks: Sequence[DoctorCheck]) -> Document:
    """What works and what to do about the rest."""
    return {"checks": [one.model_dump(mode="json") for one in checks]}


def doctor_lines(check: DoctorCheck) -> list[str]:
    """One check, with what to do where it does not work."""
    sign = "✓" if check.ok else "✕" if check.tried else "–"
    lines = [f"{sign} {check.name}: {check.detail}"]
    if check.tried and check.fix.en:
        lines.append(f"    {f'{check.code}: ' if check.code else ''}{check.fix}")
    return lines


def settlement(seen: OpenOutcome) -> tuple[Document, list[str]]:
    """What is known of an order that a person has to settle."""
    lines = [f"{seen.order_number} wants: {', '.join(seen.wanted)}"]
    if seen.sent_at:
        lines.append(f"Sent {seen.sent_at:%Y-%m-%d %H:%M:%S} UTC by {seen.sent_by}, without an answer; the customer's "
                     f"newest WHMCS order was {seen.watermark or 'none'} then.")  # fmt: skip
    for one in seen.candidates:
        alike = "same products" if one.alike else "other products"
        lines.append(f"WHMCS order {one.billing_order.id}  {one.billing_order.status}  {alike}: "
                     f"{', '.join(one.services)}  {one.why_not}".rstrip())  # fmt: skip
    lines += [f"WHMCS order {number} is cancelled or gone." for number in seen.dead]
    lines.append(f"Now: {', '.join(way.value for way in seen.ways) or 'nothing to decide'}")
    return seen.model_dump(mode="json"), lines


class ProgressLine:
    """One line on a terminal that is written over as the work goes on; nothing where the stream is no terminal."""

    def __init__(self, stream: TextIO | None) -> None:
        """`stream` is standard error; a program without a terminal may have none."""
        self._stream = stream if stream is not None and stream.isatty() else None
        self._text = "Working"
        self._width = 0

    def tell(self, text: str) -> None:
        """Say how far the work is."""
        self._text = text
        self._write(text)

    def clear(self) -> None:
        """Make room for other output."""
        if self._width:
            self._write("")
            self._width = 0

    async def keep_telling(self) -> None:
        """Show how long the work has taken, each second, until cancelled. What is done at once is not announced."""
        seconds = 0
        while self._stream:
            await asyncio.sleep(_BEFORE_TELLING_S)
            seconds += _BEFORE_TELLING_S
            self._write(f"{self._text} … {seconds} s")

    def _write(self, text: str) -> None:
        if self._stream:
            # Blanks rather than control codes: not every terminal of Windows knows those.
            self._stream.write(f"\r{text:<{self._width}}" + ("" if text else "\r"))
            self._stream.flush()
            self._width = max(self._width, len(text))


def _person_line(person: Person) -> str:
    ids = f"{person.portal_user_id or '–'} · {person.whmcs_client_id or '–'} · {person.salesforce_account_id or '–'}"
    return (
        f"{person.customer_number or '–':12} {person.name}  {person.email}  {person.phone}  {ids}  {person.link.value}"
    )


def _check_line(check: Check) -> str:
    return f" {_SIGNS[check.result]} {check.id:20} {check.code or '':7} {check.evidence}  ({check.source.value})"


def _provision(result: ProvisionResult, number: str) -> Document:
    return result.model_dump(mode="json") | {"order_number": number}


def _provision_line(result: ProvisionResult, number: str) -> str:
    billing = f" WHMCS order {result.whmcs_order_id}" if result.whmcs_order_id else ""
    return f"{number}: {result.outcome.value}{billing} {result.code or ''} {result.message}".rstrip()


def _case(one: ListedCase) -> Document:
    return {
        "case_id": one.case.case_id,
        "order_id": one.case.order_id,
        "order_number": one.case.order_number,
        "code": one.code.code,
        "title": one.code.title.en,
        "detail": one.case.detail,
        "since": one.since.isoformat(),
        "owner": one.case.owner,
        "retry": one.code.retry.value,
        "max_tries": one.code.max_tries,
        "next_action": one.code.next_action.en,
        "customer_sees": one.customer_sees.en if one.customer_sees else None,
        "attempts": one.case.attempts,
    }
