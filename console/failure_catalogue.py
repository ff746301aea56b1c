"""Reads the shipped failure codes, their rules and the words that customers see. It decides nothing."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from console import paths
from console.models.failure import FailureCatalogue, FailureCode, FailureRule, FailureRules
from console.models.order import CustomerStatus
from console.models.record import Record

R = TypeVar("R", bound=Record)

_UNCHANGED = "unchanged"


def load_customer_statuses(resources: Path | None = None) -> dict[str, CustomerStatus]:
    """Every status that a customer can see, by slug. Raises ValueError that names a faulty entry."""
    rows = _read(resources, "customer_status.toml")
    return {slug: _record(CustomerStatus, {"slug": slug, **words}, slug) for slug, words in rows.items()}


def load_catalogue(resources: Path | None = None) -> FailureCatalogue:
    """The failure codes with their customer words. Raises ValueError that names the faulty code."""
    statuses = load_customer_statuses(resources)
    rows = _read(resources, "failure_codes.toml")
    return FailureCatalogue(_failure_code(code, row, statuses) for code, row in rows.items())


def load_rules(resources: Path | None = None) -> FailureRules:
    """The rules from a system's answer to a code. Raises ValueError for a faulty rule or an unknown code."""
    known = load_catalogue(resources)
    rows = _read(resources, "failure_rules.toml")["rule"]
    rules = tuple(_record(FailureRule, row, f"rule {number}") for number, row in enumerate(rows, start=1))
    if unknown := {rule.code for rule in rules} - set(known):
        raise ValueError(f"failure_rules.toml names codes that do not exist: {sorted(unknown)}")
    return FailureRules(rules=rules)


def _failure_code(code: str, row: Mapping[str, Any], statuses: Mapping[str, CustomerStatus]) -> FailureCode:
    fields = dict(row)
    slug = fields.pop("customer_status", None)
    if slug != _UNCHANGED and slug not in statuses:
        raise ValueError(f"{code}: customer_status {slug!r} is not in customer_status.toml")
    return _record(FailureCode, {**fields, "code": code, "customer": statuses.get(slug)}, code)


def _record(kind: type[R], fields: Mapping[str, Any], name: str) -> R:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise ValueError(f"{name}: {error}") from None


def _read(resources: Path | None, name: str) -> dict[str, Any]:
    folder = paths.resources() if resources is None else resources
    return tomllib.loads((folder / name).read_text(encoding="utf-8"))
