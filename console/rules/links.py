"""Whether the facts about one customer's three ids agree, and the name of the break where they do not."""

from console.models.check import Check, Source
from console.models.customer import LinkFacts, LinkHealth, LinkState
from console.rules.evidence import Evidence

_NAME = "three_ids"
# A missing Portal login is no reason to hold an order: the code's customer words say "no change".
_HARMLESS = frozenset({"LNK-06"})


def judge(facts: LinkFacts) -> LinkHealth:
    """The health of a link. Source: architecture.md, "Who owns what"; failure-codes.md LNK-01 to LNK-07.

    What contradicts itself is a conflict, what is missing is partial. A link row that does not exist yet while the
    three facts agree is linked: the row is written at the first live check.
    """
    for problem in (_missing_account, _conflict, _duplicate, _missing_client, _missing_user, _unconfirmed):
        if found := problem(facts):
            return found
    row = "" if facts.rows else "; the link row will be written"
    evidence = f"Customer number {facts.account_customer_number} in both systems{row}."
    return LinkHealth(state=LinkState.LINKED, code=None, evidence=evidence)


def three_ids(evidence: Evidence) -> Check:
    """The three ids agree. While they conflict every change is refused."""
    health = evidence.link
    if health.code is None:
        return evidence.passes(_NAME, health.evidence, Source.PORTAL)
    if health.code in _HARMLESS:
        return evidence.looks(_NAME, health.code, health.evidence, Source.PORTAL)
    return evidence.stops(_NAME, health.code, health.evidence, Source.PORTAL)


def _missing_account(facts: LinkFacts) -> LinkHealth | None:
    if facts.account_id is None:
        return _partial("LNK-02", "No Salesforce account for this customer.")
    if not facts.account_customer_number:
        return _partial("LNK-02", "The Salesforce account has no customer number.")
    return None


def _conflict(facts: LinkFacts) -> LinkHealth | None:
    """LNK-07 where two clients carry one number, else LNK-03 for whatever disagrees."""
    number = facts.account_customer_number
    if number in facts.other_client_customer_numbers:
        return _conflicting("LNK-07", f"Customer number {number} stands on two WHMCS clients.")
    if facts.client_exists and facts.client_customer_number not in ("", number):
        return _conflicting(
            "LNK-03",
            f"Account has {number}, WHMCS client {facts.client_id} has {facts.client_customer_number}.",
        )
    told = facts.account_whmcs_client_id
    if None not in (told, facts.client_id) and told != facts.client_id:
        return _conflicting("LNK-03", f"Account names WHMCS client {told}, not {facts.client_id}.")
    for row in facts.rows:
        pairs = (
            ("account", row.salesforce_account_id, facts.account_id),
            ("WHMCS client", row.whmcs_client_id, told),
        )
        differing = [name for name, linked, known in pairs if known is not None and linked != known]
        if differing:
            return _conflicting("LNK-03", f"The Portal's link names another {' and '.join(differing)} than Salesforce.")
    return None


def _duplicate(facts: LinkFacts) -> LinkHealth | None:
    """LNK-04: one customer number twice, be it on two accounts or behind two Portal logins."""
    number, told = facts.account_customer_number, facts.account_portal_user_id
    if facts.accounts_with_customer_number > 1:
        words = f"Customer number {number} stands on {facts.accounts_with_customer_number} Salesforce accounts."
        return _conflicting("LNK-04", words)
    logins = {row.portal_user_id for row in facts.rows} | ({told} if told else set())
    if len(logins) > 1:
        return _conflicting("LNK-04", f"Customer number {number} has {len(logins)} Portal logins.")
    return None


def _missing_client(facts: LinkFacts) -> LinkHealth | None:
    if facts.client_id is None:
        return _partial("LNK-01", "No WHMCS client is linked.")
    if not facts.client_exists:
        return _partial("LNK-01", f"WHMCS has no client {facts.client_id}.")
    if not facts.client_open:
        return _partial("LNK-05", f"WHMCS client {facts.client_id} is closed or inactive.")
    if not facts.client_customer_number:
        return _partial("LNK-03", f"WHMCS client {facts.client_id} has no customer number.")
    return None


def _missing_user(facts: LinkFacts) -> LinkHealth | None:
    if not facts.portal_user_exists:
        return _partial("LNK-06", "Account and client agree; no Portal login yet.")
    return None


def _unconfirmed(facts: LinkFacts) -> LinkHealth | None:
    """LNK-03: the Portal's link stands alone where the account does not name the client or the login itself."""
    told = (("WHMCS client", facts.account_whmcs_client_id), ("Portal login", facts.account_portal_user_id))
    unnamed = [name for name, named in told if named is None]
    if unnamed:
        return _partial("LNK-03", f"The Salesforce account does not name its {' and '.join(unnamed)}.")
    return None


def _partial(code: str, evidence: str) -> LinkHealth:
    return LinkHealth(state=LinkState.PARTIAL, code=code, evidence=evidence)


def _conflicting(code: str, evidence: str) -> LinkHealth:
    return LinkHealth(state=LinkState.CONFLICT, code=code, evidence=evidence)
