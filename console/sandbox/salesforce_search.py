"""Search over names, e-mail addresses and telephone numbers, in both of Salesforce's forms: SOSL and parameters.

Source: salesforce-api.md 2.3.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from console.sandbox.metadata import ObjectType
from console.sandbox.salesforce_calls import OK, Answer, Call
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_query import QueryRunner
from console.sandbox.salesforce_standard import SEARCHABLE
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.salesforce_switches import OrgSwitches
from console.sandbox.salesforce_times import wire_datetime

_MOST_ROWS, _LONGEST, _LONGEST_WITH_OPERATORS, _SHORTEST = 2000, 10_000, 4_000, 2
_TOKENS = re.compile(r'"(?P<phrase>(?:\\.|[^"\\])+)"|(?:\\.|[^\s\\"])+|\S')
_STATEMENT = re.compile(
    r"\s*FIND\s*\{(?P<find>(?:\\.|[^\\{}])*)\}\s*"
    r"(?:IN\s+(?P<scope>ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\s*)?"
    r"(?:RETURNING\s+(?P<returning>.+?)\s*)?(?:LIMIT\s+(?P<limit>\d{1,4})\s*)?",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT = re.compile(r"\s*(?P<name>\w+)\s*(?:\((?P<inside>[^()]*(?:\([^()]*\)[^()]*)*)\))?\s*(?:,|$)")
_LIMIT = re.compile(r"\s+LIMIT\s+(?P<rows>\d{1,4})\s*$", re.IGNORECASE)
_CLAUSE = re.compile(r"\s+(?=WHERE\s|ORDER\s+BY\s)", re.IGNORECASE)
_RESERVED = frozenset("?&|!{}[]()^~*:\\\"'+-")
_SEARCHED: dict[str, Callable[[FieldType], bool]] = {
    "ALL": lambda field: field.type in ("string", "email", "phone"),
    "SIDEBAR": lambda field: field.type in ("string", "email", "phone"),
    "NAME": lambda field: field.name == "Name",
    "EMAIL": lambda field: field.type == "email",
    "PHONE": lambda field: field.type == "phone",
}


@dataclass(frozen=True)
class _Wanted:
    """One object of RETURNING: its fields and the clauses behind them, as SOQL writes them."""

    name: str
    fields: str
    clauses: str = ""
    limit: int = _MOST_ROWS


class Search:
    """Handlers of `search` and `parameterizedSearch`."""

    def __init__(self, store: SalesforceStore, switches: OrgSwitches) -> None:
        """Search the records of `store` as the index has them, which lags behind as `switches` say."""
        self._store = store
        self._switches = switches

    def sosl(self, call: Call) -> Answer:
        """GET `search?q=FIND {…} IN … FIELDS RETURNING …`. Raises MALFORMED_SEARCH."""
        found = _STATEMENT.fullmatch(call.params.get("q", ""))
        if found is None:
            raise _malformed("unexpected token in the search")
        wanted = _returning(found["returning"]) if found["returning"] else _usual(self._store, call)
        limit = int(found["limit"]) if found["limit"] else _MOST_ROWS
        return self._answer(call, _matcher(found["find"]), (found["scope"] or "ALL").upper(), wanted, limit)

    def by_parameters(self, call: Call) -> Answer:
        """GET or POST `parameterizedSearch`: plain text in `q`, the rest beside it. Raises MALFORMED_SEARCH."""
        asked = call.record_body() if call.method == "POST" else _from_params(call)
        text, scope = asked.get("q"), str(asked.get("in") or "ALL").upper()
        if not isinstance(text, str) or scope not in _SEARCHED:
            raise _malformed("q and in have to be texts that a search knows")
        fields = _fields(asked, "Id")
        wanted = [_parameter(one, fields) for one in _list(asked, "sobjects")] or _usual(self._store, call)
        matches = _matcher(_escaped(text), operators=False)
        return self._answer(call, matches, scope, wanted, _rows_of(asked, "overallLimit"))

    def _answer(self, call: Call, matches: "_Matches", scope: str, wanted: Sequence[_Wanted], limit: int) -> Answer:
        rows: list[dict[str, Any]] = []
        for one in wanted:
            rows += self._rows(call, one, scope, matches)
        return Answer(OK, {"searchRecords": rows[: min(limit, _MOST_ROWS)]})

    def _rows(self, call: Call, wanted: _Wanted, scope: str, matches: "_Matches") -> list[dict[str, Any]]:
        runner = QueryRunner(self._store, call.access, call.data_path)
        found = runner.run(f"SELECT {wanted.fields} FROM {wanted.name} {wanted.clauses}")
        described = self._store.schema.object(wanted.name)
        assert described is not None  # the query would not have run
        texts = _texts(described, scope)
        indexed_until = wire_datetime(self._store.clock.now() - timedelta(seconds=self._switches.index_lag_s))
        rows = [one for one in found.records if one["SystemModstamp"] <= indexed_until and matches(texts(one))]
        return [found.render(record) for record in rows[: wanted.limit]]


def _texts(described: ObjectType, scope: str) -> Callable[[Record], list[str]]:
    names = [field.name for field in described.fields.values() if _SEARCHED[scope](field)]
    return lambda record: [str(record[name]) for name in names if record[name]]


_Matches = Callable[[Iterable[str]], bool]


@dataclass(frozen=True)
class _Term:
    """A word or a phrase that has to be there, or not."""

    pattern: re.Pattern[str]
    negated: bool

    def holds(self, texts: Iterable[str]) -> bool:
        return any(self.pattern.search(text) for text in texts) != self.negated


def _matcher(find: str, *, operators: bool = True) -> _Matches:
    """Whether the words of the search begin words of the texts; `*` stands for letters, `?` for one.

    All of them have to, but for AND, OR and AND NOT between them. Raises MALFORMED_SEARCH for less than two letters,
    a leading star, or a reserved character that is not escaped.
    """
    if len(find) > _LONGEST:
        return lambda _: False
    alternatives: list[list[_Term]] = [[]]
    negated = False
    for token in _TOKENS.finditer(find):
        operator = token[0].upper() if operators else ""
        if operator == "OR":
            alternatives.append([])
        elif operator == "NOT":
            negated = True
        elif operator != "AND":
            alternatives[-1].append(_Term(_pattern(token["phrase"] or token[0]), negated))
            negated = False
    if len(find) > _LONGEST_WITH_OPERATORS:
        alternatives = [[term] for terms in alternatives for term in terms]
    if negated or not all(alternatives) or len(re.sub(r"[\\\s]", "", find)) < _SHORTEST:
        raise _malformed("search term must be longer than one character")

    def matches(texts: Iterable[str]) -> bool:
        kept = list(texts)
        return any(all(term.holds(kept) for term in terms) for terms in alternatives)

    return matches


def _pattern(term: str) -> re.Pattern[str]:
    """A word or phrase as a regular expression."""
    if term.startswith("*"):
        raise _malformed("a wildcard may not begin a search term")
    expression, escaped = "", False
    for char in term:
        if escaped or char not in _RESERVED:
            expression += re.escape(char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in "*?":
            expression += r"\w*" if char == "*" else r"\w"
        else:
            raise _malformed(f"unexpected token: '{char}'")
    return re.compile(rf"(?<!\w){expression}" if expression[0].isalnum() else expression, re.IGNORECASE)


def _escaped(text: str) -> str:
    """Plain text as SOSL writes it."""
    return "".join(f"\\{char}" if char in _RESERVED else char for char in text)


def _returning(text: str) -> list[_Wanted]:
    wanted, at = [], 0
    while at < len(text):
        found = _OBJECT.match(text, at)
        if found is None:
            raise _malformed(f"unexpected token in RETURNING: '{text[at : at + 20]}'")
        wanted.append(_object(found["name"], found["inside"] or "Id"))
        at = found.end()
    return wanted


def _object(name: str, inside: str) -> _Wanted:
    limit = _LIMIT.search(inside)
    fields, *clauses = _CLAUSE.split(_LIMIT.sub("", inside), maxsplit=1)
    return _Wanted(name, fields.strip(), " ".join(clauses), int(limit["rows"]) if limit else _MOST_ROWS)


def _parameter(given: Any, fields: str) -> _Wanted:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise _malformed("each of sobjects needs a name")
    where = f"WHERE {given['where']}" if given.get("where") else ""
    return _Wanted(given["name"], _fields(given, fields), where, _rows_of(given, "limit"))


def _fields(given: dict[str, Any], usual: str) -> str:
    return ", ".join(map(str, _list(given, "fields"))) or usual


def _list(given: dict[str, Any], name: str) -> list[Any]:
    found = given.get(name) or []
    if not isinstance(found, list):
        raise _malformed(f"{name} has to be a list")
    return found


def _rows_of(given: dict[str, Any], name: str) -> int:
    """How many rows are asked for, in a body as a number and in a query as a text."""
    found = str(given.get(name) or _MOST_ROWS)
    if not found.isdecimal():
        raise _malformed(f"{name} has to be a number")
    return int(found)


def _from_params(call: Call) -> dict[str, Any]:
    names = [name for name in call.params.get("sobject", "").split(",") if name]
    fields = [name for name in call.params.get("fields", "").split(",") if name]
    return {
        "q": call.params.get("q"),
        "in": call.params.get("in"),
        "fields": fields,
        "overallLimit": call.params.get("overallLimit"),
        "sobjects": [{"name": name} for name in names],
    }


def _usual(store: SalesforceStore, call: Call) -> list[_Wanted]:
    """What a search without RETURNING looks through: the ids of what the person may see."""
    return [
        _Wanted(name, "Id") for name in SEARCHABLE if name in store.schema.objects and call.access.may("read", name)
    ]


def _malformed(message: str) -> SalesforceError:
    return SalesforceError("MALFORMED_SEARCH", message)
