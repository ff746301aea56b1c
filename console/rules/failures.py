"""Which failure code stands for what a system said. The mapping is data passed in; nothing is read."""

from fnmatch import fnmatchcase

from console.errors import SystemFault
from console.models.failure import UNCLASSIFIED, FailureRule, FailureRules, SystemReport


def classify(report: SystemReport, rules: FailureRules) -> str:
    """The failure code of `report`: the first rule that matches, else UNK-00. Source: failure-codes.md."""
    return next((rule.code for rule in rules.rules if matches(rule, report)), UNCLASSIFIED)


def matches(rule: FailureRule, report: SystemReport) -> bool:
    """Whether every condition that `rule` gives holds for `report`."""
    text = report.message.strip().casefold()
    return (
        rule.system == report.system
        and rule.mutating in (None, report.mutating)
        and (not rule.outcome or report.outcome in rule.outcome)
        and (not rule.status or report.status in rule.status)
        and (not rule.error_code or _like_any(report.error_code, rule.error_code))
        and (not rule.action or _like_any(report.action, rule.action))
        and (not rule.starts or text.startswith(tuple(start.casefold() for start in rule.starts)))
        and (not rule.contains or any(part.casefold() in text for part in rule.contains))
    )


def report_of(fault: SystemFault) -> SystemReport:
    """The report of a fault that an adapter raised."""
    return SystemReport(
        system=fault.system,
        outcome=fault.outcome,
        status=fault.status,
        error_code=fault.error_code,
        message=fault.message,
        action=fault.action,
        mutating=fault.mutating,
    )


def _like_any(value: str | None, patterns: tuple[str, ...]) -> bool:
    folded = (value or "").casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)
