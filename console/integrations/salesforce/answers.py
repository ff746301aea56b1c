"""What Salesforce's answers hold. Whatever comes instead is one of our errors, and never passes for an answer."""

import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from console.integrations.salesforce.faults import no_answer

T = TypeVar("T")

# The path below which every resource is.
DATA = "/services/data/"


class Page(NamedTuple):
    """The records of one page of a query, and where the next page is."""

    rows: list[dict[str, Any]]
    following: str | None


def records(answer: Any) -> list[dict[str, Any]]:
    """The records in the answer to a query. Raises `Unavailable` for what is no answer to one."""
    found = answer.get("records") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise no_answer("query", "an answer that is not a page of records", mutating=False, sent=True)
    return list(found)


def page(answer: Any) -> Page:
    """The page that a query's answer is. Raises `Unavailable` for what is not a page."""
    rows = records(answer)
    done, following = answer.get("done"), answer.get("nextRecordsUrl")
    if done is True:
        return Page(rows, None)
    # An answer that does not say that it is the last may be cut short: half a list would pass for the whole.
    if done is not False or not isinstance(following, str) or not following.startswith(DATA):
        raise no_answer("query", "a page that does not say what follows", mutating=False, sent=True)
    return Page(rows, following)


def parts(text: str, *, names: Collection[str], mutating: bool) -> dict[str, tuple[int, Any]]:
    """Status and body of each sub-request by its name. Raises where one of them is not answered."""
    try:
        told = _json(text, parse_float=Decimal)["compositeResponse"]
        found = {part["referenceId"]: (part["httpStatusCode"], part["body"]) for part in told}
        if any(type(found[name][0]) is not int for name in names):
            raise ValueError("a status that is no number")
    except (ValueError, LookupError, TypeError) as error:
        raise no_answer("composite", "unreadable answer", mutating=mutating, sent=True) from error
    return found


def polled(text: str) -> Page:
    """As `page`, from the text of the answer."""
    return page(parsed(text, parse_float=Decimal))


def counted(text: str) -> int:
    """How many records a count found. Raises `Unavailable` for what is no answer to one."""
    found = document(text, "query", dict).get("totalSize")
    if type(found) is not int:
        raise no_answer("query", "an answer that is not a number of records", mutating=False, sent=True)
    return found


def hits(text: str) -> list[dict[str, Any]]:
    """The records that a search found. Raises `Unavailable` for what is no answer to one."""
    found = document(text, "search", dict).get("searchRecords")
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise no_answer("search", "an answer that is not a list of records", mutating=False, sent=True)
    return found


def document(text: str, action: str, kind: type[T]) -> T:
    """The JSON of a read's answer. Raises `Unavailable` where it is something else, as a proxy's page is."""
    found = parsed(text)
    if not isinstance(found, kind):
        raise no_answer(action, "an answer that is not what was asked for", mutating=False, sent=True)
    return found


def parsed(text: str, **options: Any) -> Any:
    """JSON, or the text itself where it is none; `options` are those of `json.loads`."""
    try:
        return _json(text, **options)
    except ValueError:
        return text


def _json(text: str, **options: Any) -> Any:
    """Parsed JSON. ValueError also for what is nested without end."""
    try:
        return json.loads(text, **options)
    except RecursionError:
        raise ValueError("nested without end") from None
