"""From what a system said to a failure that staff understand: the one place where faults get their code."""

from console.errors import AccessRefused, ConsoleError, NotFound, SystemFault
from console.models.failure import Failure, FailureCatalogue, FailureRules
from console.models.page import BlockState
from console.models.problem import Problem
from console.models.record import Words
from console.rules.failures import classify, matches, report_of
from console.workflows.sign_in import OtherKind

_NOT_FOUND = Words(en="Not found", ja="見つかりません")
# The failure table has no row for it: no vendor stands behind it, and no order waits for it alone.
_NO_PORTAL = Words(en="Portal database unavailable", ja="ポータルのデータベースを利用できません")
_NO_PORTAL_MEANS = Words(
    en="The Portal database cannot be read now; see whether it runs and its disk has room. Nothing else is affected.",
    ja="ポータルのデータベースを読み込めません。動作しているか、ディスクに空きがあるかを確認してください。ほかに影響はありません。",
)
_NOT_DONE = Words(en="That did not work", ja="実行できませんでした")


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

    def explain(self, error: ConsoleError) -> Problem:
        """An error in the words of a page. What a system said is in `raw` only."""
        if not isinstance(error, SystemFault):
            title = _NOT_FOUND if isinstance(error, NotFound) else _NOT_DONE
            said = error.said if isinstance(error, OtherKind) else Words(en=str(error), ja=str(error))
            return Problem(state=BlockState.FAILED, code=None, title=title, meaning=said, raw="")
        entry = self._catalogue[classify(report_of(error), self._rules)]
        is_ours = error.system == "portal"
        return Problem(
            state=BlockState.REFUSED if isinstance(error, AccessRefused) else BlockState.FAILED,
            code=entry.code,
            title=_NO_PORTAL if is_ours else entry.title,
            meaning=_NO_PORTAL_MEANS if is_ours else entry.meaning,
            raw=str(error),
        )

    def knows_text(self, fault: SystemFault) -> bool:
        """Whether the table has a row for just this text, so that what the refusal means is documented."""
        report = report_of(fault)
        rule = next((rule for rule in self._rules.rules if matches(rule, report)), None)
        return rule is not None and bool(rule.starts or rule.contains)
