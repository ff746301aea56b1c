"""From what a system said to a failure that staff understand: the one place where faults get their code."""

from console.errors import SystemFault
from console.models.failure import Failure, FailureRules
from console.rules.failures import classify, matches, report_of


class Diagnosis:
    """Asks the failure table."""

    def __init__(self, rules: FailureRules) -> None:
        """`rules` is the table of resources/failure_rules.toml."""
        self._rules = rules

    def failure(self, fault: SystemFault) -> Failure:
        """The failure of a fault, UNK-00 where the table has no row for it, with the vendor's text kept apart."""
        return Failure(code=classify(report_of(fault), self._rules), detail=str(fault), raw=fault.message)

    def knows_text(self, fault: SystemFault) -> bool:
        """Whether the table has a row for just this text, so that what the refusal means is documented."""
        report = report_of(fault)
        rule = next((rule for rule in self._rules.rules if matches(rule, report)), None)
        return rule is not None and bool(rule.starts or rule.contains)
