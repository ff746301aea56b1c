"""Reads SOQL text into a tree: a grammar for the subset that the sandbox serves. Knows no objects.

Source: salesforce-api.md 2.2 and 6.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_times import parse_date, parse_datetime, wire_datetime

_GRAMMAR = r"""
start: query
query: SELECT selection FROM NAME [NAME] [where] [group] [order] [limit] [offset] [purpose]
selection: COUNT "(" ")" -> count
    | column ("," column)*
?column: NAME
    | "(" query ")"
    | FIELDS "(" NAME ")" -> fields
    | (COUNT | AGGREGATE) "(" NAME ")" [NAME] -> aggregate
where: WHERE expression
?expression: term
    | term (AND term)+ -> every
    | term (OR term)+ -> some
    | NOT term -> negation
?term: "(" expression ")"
    | NAME COMPARE value -> comparison
    | NAME LIKE STRING -> like
    | NAME [NOT] IN "(" value ("," value)* ")" -> membership
    | NAME [NOT] IN "(" query ")" -> semi_join
value: STRING -> string
    | NUMBER -> number
    | DATETIME -> datetime
    | DATE -> date
    | DAYS -> days
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
group: GROUP_BY NAME ("," NAME)*
order: ORDER_BY sort ("," sort)*
sort: NAME [ASC | DESC] [NULLS_FIRST | NULLS_LAST]
limit: LIMIT COUNTER
offset: OFFSET COUNTER
purpose: FOR (VIEW | REFERENCE) ["," (VIEW | REFERENCE)]

NAME: /[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*/
COMPARE: "<=" | ">=" | "<>" | "!=" | "=" | "<" | ">"
STRING: /'([^'\\]|\\.)*'/s
DATETIME.4: /[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9:.]+(Z|[+-][0-9:]+)?/
DATE.3: /[0-9]{4}-[0-9][0-9]-[0-9][0-9]/
NUMBER.2: /[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)/
COUNTER.2: /[0-9]{1,9}/
DAYS.2: /(today|yesterday|tomorrow|((this|last|next)_(week|month|quarter|year))|((last|next)_90_days))\b/i
    | /((last|next)_n_days|n_days_ago):[0-9]{1,5}/i
SELECT.2: /select\b/i
FROM.2: /from\b/i
WHERE.2: /where\b/i
COUNT.2: /count(?=\s*\()/i
AGGREGATE.2: /(count_distinct|min|max|sum|avg)(?=\s*\()/i
FIELDS.2: /fields(?=\s*\()/i
AND.2: /and\b/i
OR.2: /or\b/i
NOT.2: /not\b/i
IN.2: /in\b/i
LIKE.2: /like\b/i
TRUE.2: /true\b/i
FALSE.2: /false\b/i
NULL.2: /null\b/i
GROUP_BY.2: /group\s+by\b/i
ORDER_BY.2: /order\s+by\b/i
ASC.2: /asc\b/i
DESC.2: /desc\b/i
NULLS_FIRST.2: /nulls\s+first\b/i
NULLS_LAST.2: /nulls\s+last\b/i
LIMIT.2: /limit\b/i
OFFSET.2: /offset\b/i
FOR.2: /for\b/i
VIEW.2: /view\b/i
REFERENCE.2: /reference\b/i
%ignore /\s+/
"""

_MOST_CHARACTERS, _LONGEST_STRING, _MOST_OFFSET = 100_000, 4_000, 2_000
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_PIECE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\(.)|(.)", re.DOTALL)


@dataclass(frozen=True)
class Name:
    """A field, relationship path or object as written, and where."""

    text: str
    line: int
    column: int

    @property
    def path(self) -> list[str]:
        """The hops and the field."""
        return self.text.split(".")


@dataclass(frozen=True)
class Literal:
    """A value. `kind` is string, number, boolean, null, date, datetime or days (a word such as TODAY)."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Comparison:
    """`field operator value`."""

    field: Name
    operator: str
    value: Literal


@dataclass(frozen=True)
class Like:
    """`field LIKE pattern`; the pattern is a regular expression for the whole value."""

    field: Name
    pattern: str


@dataclass(frozen=True)
class Membership:
    """`field IN (values)` or `field IN (query)`."""

    field: Name
    negated: bool
    values: "tuple[Literal, ...] | Query"


@dataclass(frozen=True)
class Junction:
    """Conditions of which all (`every`) or at least one must hold."""

    every: bool
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Negation:
    """A condition that must not hold."""

    part: "Condition"


Condition = Comparison | Like | Membership | Junction | Negation


@dataclass(frozen=True)
class SortKey:
    """One field of ORDER BY."""

    field: Name
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Aggregate:
    """`FUNCTION(field) alias`; the function in upper case."""

    function: str
    field: Name
    alias: str | None


@dataclass(frozen=True)
class AllFields:
    """`FIELDS(ALL)` and the like; `kind` is ALL, CUSTOM or STANDARD."""

    kind: str


Column: TypeAlias = "Name | Query | Aggregate | AllFields"


@dataclass(frozen=True)
class Query:
    """A whole query; `columns` is empty for COUNT()."""

    columns: tuple[Column, ...]
    source: Name
    alias: str | None
    where: Condition | None
    group: tuple[Name, ...]
    order: tuple[SortKey, ...]
    limit: int | None
    offset: int


def parse(text: str) -> Query:
    """The tree of a query. Raises SalesforceError; RecursionError where it is nested too deeply."""
    if len(text) > _MOST_CHARACTERS:
        raise _malformed("SOQL statements cannot be longer than 100000 characters.")
    try:
        query: Query = _Builder().transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise _unexpected(text, error) from error
    except VisitError as error:
        raise error.orig_exc from error
    return query


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


def _malformed(message: str) -> SalesforceError:
    return SalesforceError("MALFORMED_QUERY", message)


def _unexpected(text: str, error: UnexpectedInput) -> SalesforceError:
    line, column = max(error.line, 1), max(error.column, 1)
    lines = text.splitlines() or [""]
    shown = lines[min(line, len(lines)) - 1][:120]
    token = getattr(error, "token", None) or getattr(error, "char", "")
    return _malformed(f"\n{shown}\nERROR at Row:{line}:Column:{column}\nunexpected token: '{token}'")


def _body(token: Token) -> str:
    """What stands between the quotes."""
    if len(token) > _LONGEST_STRING:
        raise _malformed("A string in the query is longer than 4000 characters.")
    return str(token)[1:-1]


def _plain(piece: re.Match[str]) -> str:
    code, escaped, char = piece.groups()
    if code:
        return chr(int(code, 16))
    if escaped:
        return _escape(escaped)
    return str(char)


def _escape(char: str) -> str:
    known = _ESCAPES.get(char.lower())
    if known is None:
        raise _malformed(f"Invalid string literal: illegal character sequence '\\{char}' in string literal")
    return known


def _pattern(piece: re.Match[str]) -> str:
    """A piece of a LIKE string as a regular expression: `%` is any text, `_` any character."""
    _, escaped, char = piece.groups()
    if escaped in ("%", "_"):
        return re.escape(escaped)
    if char in ("%", "_"):
        return ".*" if char == "%" else "."
    return re.escape(_plain(piece))


@v_args(inline=True)
class _Builder(Transformer[Token, Query]):
    """Turns the parser's tree into our own."""

    def start(self, query: Query) -> Query:
        return query

    def query(
        self, _select: Token, columns: Any, _from: Token, source: Token, alias: Token | None, *rest: Any
    ) -> Query:
        where, group, order, limit, offset, _ = rest
        if (offset or 0) > _MOST_OFFSET:
            raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MOST_OFFSET}")
        prefix = str(alias) if alias else None
        return Query(columns, _name(source), prefix, where, group or (), order or (), limit, offset or 0)

    def count(self, _: Token) -> tuple[Column, ...]:
        return ()

    def fields(self, _: Token, kind: Token) -> AllFields:
        if kind.upper() not in ("ALL", "CUSTOM", "STANDARD"):
            raise _malformed(f"unexpected token: '{kind}'")
        return AllFields(kind.upper())

    def aggregate(self, function: Token, field: Token, alias: Token | None) -> Aggregate:
        return Aggregate(function.upper(), _name(field), str(alias) if alias else None)

    def group(self, _: Token, *fields: Token) -> tuple[Name, ...]:
        return tuple(_name(one) for one in fields)

    def selection(self, *columns: Any) -> tuple[Column, ...]:
        return tuple(_name(one) if isinstance(one, Token) else one for one in columns)

    def where(self, _: Token, condition: Condition) -> Condition:
        return condition

    def every(self, *parts: Any) -> Junction:
        return Junction(True, tuple(one for one in parts if not isinstance(one, Token)))

    def some(self, *parts: Any) -> Junction:
        return Junction(False, tuple(one for one in parts if not isinstance(one, Token)))

    def negation(self, _: Token, part: Condition) -> Negation:
        return Negation(part)

    def comparison(self, field: Token, operator: Token, value: Literal) -> Comparison:
        return Comparison(_name(field), "!=" if operator == "<>" else str(operator), value)

    def like(self, field: Token, _: Token, pattern: Token) -> Like:
        return Like(_name(field), _PIECE.sub(_pattern, _body(pattern)))

    def membership(self, field: Token, negated: Token | None, _: Token, *values: Literal) -> Membership:
        return Membership(_name(field), negated is not None, values)

    def semi_join(self, field: Token, negated: Token | None, _: Token, query: Query) -> Membership:
        return Membership(_name(field), negated is not None, query)

    def string(self, token: Token) -> Literal:
        return Literal("string", _PIECE.sub(_plain, _body(token)))

    def number(self, token: Token) -> Literal:
        return Literal("number", float(token))

    def datetime(self, token: Token) -> Literal:
        try:
            return Literal("datetime", wire_datetime(parse_datetime(str(token))))
        except ValueError as error:
            raise _malformed(f"Invalid datetime: {token}") from error

    def date(self, token: Token) -> Literal:
        try:
            return Literal("date", parse_date(str(token)).isoformat())
        except ValueError as error:
            raise _malformed(f"Invalid date: {token}") from error

    def days(self, token: Token) -> Literal:
        return Literal("days", str(token).upper())

    def true(self, _: Token) -> Literal:
        return Literal("boolean", True)

    def false(self, _: Token) -> Literal:
        return Literal("boolean", False)

    def null(self, _: Token) -> Literal:
        return Literal("null", None)

    def order(self, _: Token, *keys: SortKey) -> tuple[SortKey, ...]:
        return keys

    def sort(self, field: Token, direction: Token | None, nulls: Token | None) -> SortKey:
        return SortKey(
            _name(field),
            direction is not None and direction.type == "DESC",
            nulls is not None and nulls.type == "NULLS_LAST",
        )

    def limit(self, _: Token, count: Token) -> int:
        return int(count)

    def offset(self, _: Token, count: Token) -> int:
        return int(count)

    def purpose(self, *_: Token) -> None:
        return None


def _name(token: Token) -> Name:
    return Name(str(token), token.line or 1, token.column or 1)
