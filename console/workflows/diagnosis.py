"""From what a system said to a failure that staff understand: the one place where faults get their code."""

from console.errors import SystemFault
from console.models.failure import Failure, FailureCatalogue, FailureRules
from console.rules.failures import classify, matches, report_of


class Diagnosis:
    """Asks the failure table."""

    def __init__(self, rules: FailureRules, catalogue: FailureCatalogue) -> None:
        """`rules` is the table of resources/failure_rules.toml; `catalogue` has the words of each code."""
        self._rules = rules
        self._catalogue = catalogue

    def failure(self, fault: SystemFault) -> Failure:
        """The failure of a fault, UNK-00 where the table has no row for it.

        The words are the code's own, with what the system said where it refused our data; its raw text is kept apart.
        """
        code = classify(report_of(fault), self._rules)
        said = f" It said: {fault.message}" if fault.outcome in ("rejected", "access") else ""
        return Failure(code=code, detail=f"{self._catalogue[code].meaning.en}{said}", raw=str(fault))

    def knows_text(self, fault: SystemFault) -> bool:
        """Whether the table has a row for just this text, so that what the refusal means is documented."""
        report = report_of(fault)
        rule = next((rule for rule in self._rules.rules if matches(rule, report)), None)
        return rule is not None and bool(rule.starts or rule.contains)
