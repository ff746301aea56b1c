"""Validation-rule formulas: parsed once with a grammar, then evaluated for a record. Changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

_GRAMMAR = r"""
?start: either
?either: both | either "||" both -> or_
?both: comparison | both "&&" comparison -> and_
?comparison: value | value COMPARE value -> compare
?value: STRING -> string
    | NUMBER -> number
    | "!" value -> not_
    | "(" either ")"
    | NAME "(" [either ("," either)*] ")" -> call
    | GLOBAL -> global_name
    | NAME -> name
COMPARE: "<>" | "!=" | "<=" | ">=" | "<" | ">" | "==" | "="
STRING: /"([^"\\]|\\.)*"/ | /'([^'\\]|\\.)*'/
NUMBER: /\d+(\.\d+)?/
NAME: /[A-Za-z]\w*/
GLOBAL: /\$[A-Za-z]+\.\w+/
%ignore /\s+/
"""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Save:
    """A record about to be saved: how it will be, how it was (None when new), and who saves it."""

    record: Mapping[str, Any]
    prior: Mapping[str, Any] | None
    user_id: str
    profile: str
    permissions: frozenset[str]


_Value = Callable[[Save], Any]
_Fields = Callable[[str], _Named | None]


class Formula:
    """One parsed formula."""

    def __init__(self, source: str, fields: _Fields) -> None:
        """Parse `source`; `fields` finds a field by name. Raises ValueError that tells the place."""
        try:
            self._evaluate = _Compiler(fields).transform(_parser().parse(source))
        except UnexpectedInput as error:
            raise ValueError(f"formula not understood at line {error.line}, column {error.column}") from error
        except VisitError as error:
            raise ValueError(str(error.orig_exc)) from error

    def holds(self, save: Save) -> bool:
        """Whether the formula is true for this save."""
        return bool(self._evaluate(save))


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


@v_args(inline=True)
class _Compiler(Transformer[Token, _Value]):
    """Builds one closure per node; a node that compares with the past keeps its field's name."""

    def __init__(self, fields: _Fields) -> None:
        super().__init__()
        self._fields = fields

    def string(self, token: Token) -> _Value:
        value = str(token)[1:-1].replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")
        return lambda _: value

    def number(self, token: Token) -> _Value:
        value = float(token)
        return lambda _: value

    def name(self, token: Token) -> _Value:
        constant = {"true": True, "false": False, "null": None}
        if token.lower() in constant:
            value = constant[token.lower()]
            return lambda _: value
        return _FieldValue(self._field(token))

    def global_name(self, token: Token) -> _Value:
        group, _, key = str(token).partition(".")
        if group.lower() == "$permission":
            return lambda save: key in save.permissions
        known: dict[str, _Value] = {
            "$user.id": lambda save: save.user_id,
            "$profile.name": lambda save: save.profile,
        }
        try:
            return known[token.lower()]
        except KeyError:
            raise ValueError(f"unknown global {token}") from None

    def call(self, token: Token, *arguments: _Value | None) -> _Value:
        given = [one for one in arguments if one is not None]
        function = _FUNCTIONS.get(token.upper())
        if function is None:
            raise ValueError(f"unknown function {token}")
        least, most, build = function
        if not least <= len(given) <= most:
            raise ValueError(f"{token} takes another number of arguments than {len(given)}")
        return build(given)

    def compare(self, left: _Value, token: Token, right: _Value) -> _Value:
        test = _COMPARISONS[str(token)]
        return lambda save: test(left(save), right(save))

    def and_(self, left: _Value, right: _Value) -> _Value:
        return _all_of([left, right])

    def or_(self, left: _Value, right: _Value) -> _Value:
        return _any_of([left, right])

    def not_(self, value: _Value) -> _Value:
        return _not([value])

    def _field(self, name: str) -> str:
        found = self._fields(name)
        if found is None:
            raise ValueError(f"unknown field {name}")
        return found.name


class _FieldValue:
    """The present value of a field."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, save: Save) -> Any:
        return save.record.get(self.name)

    def before(self, save: Save) -> Any:
        """The value before this save; the present one for a new record."""
        return (save.record if save.prior is None else save.prior).get(self.name)


def _field_of(arguments: list[_Value]) -> _FieldValue:
    (argument,) = arguments
    if not isinstance(argument, _FieldValue):
        raise ValueError("ISCHANGED and PRIORVALUE take a field")
    return argument


def _blank(value: Any) -> bool:
    return value is None or value == ""


def _equal(left: Any, right: Any) -> bool:
    return (_blank(left) and _blank(right)) or left == right


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        return not _blank(left) and not _blank(right) and test(left, right)

    return compare


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "==": _equal,
    "<>": lambda left, right: not _equal(left, right),
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda left, right: bool(left < right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
}


def _all_of(parts: list[_Value]) -> _Value:
    return lambda save: all(part(save) for part in parts)


def _any_of(parts: list[_Value]) -> _Value:
    return lambda save: any(part(save) for part in parts)


def _not(parts: list[_Value]) -> _Value:
    (part,) = parts
    return lambda save: not part(save)


def _is_changed(arguments: list[_Value]) -> _Value:
    field = _field_of(arguments)
    return lambda save: not _equal(field(save), field.before(save))


def _prior_value(arguments: list[_Value]) -> _Value:
    return _field_of(arguments).before


def _is_blank(arguments: list[_Value]) -> _Value:
    (value,) = arguments
    return lambda save: _blank(value(save))


def _same(arguments: list[_Value]) -> _Value:
    value, other = arguments
    return lambda save: _equal(value(save), other(save))


def _begins(arguments: list[_Value]) -> _Value:
    value, start = arguments
    return lambda save: (value(save) or "").startswith(start(save) or "")


def _text(arguments: list[_Value]) -> _Value:
    (value,) = arguments
    return lambda save: _shown(value(save))


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _is_new(_: list[_Value]) -> _Value:
    return lambda save: save.prior is None


_MANY = 30
_FUNCTIONS: dict[str, tuple[int, int, Callable[[list[_Value]], _Value]]] = {
    "AND": (1, _MANY, _all_of),
    "OR": (1, _MANY, _any_of),
    "NOT": (1, 1, _not),
    "ISCHANGED": (1, 1, _is_changed),
    "PRIORVALUE": (1, 1, _prior_value),
    "ISNEW": (0, 0, _is_new),
    "ISBLANK": (1, 1, _is_blank),
    "ISNULL": (1, 1, _is_blank),
    "ISPICKVAL": (2, 2, _same),
    "TEXT": (1, 1, _text),
    "BEGINS": (2, 2, _begins),
}
