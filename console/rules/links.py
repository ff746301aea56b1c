"""Whether the facts about one customer's three ids agree, and the name of the break where they do not."""

from collections.abc import Sequence

from console.models.check import Check, Source
from console.models.customer import LinkFacts, LinkHealth, LinkState
from console.models.record import Sentence
from console.rules.evidence import Evidence

_NAME = "three_ids"
# A missing Portal login is no reason to hold an order: the code's customer words say "no change".
_HARMLESS = frozenset({"LNK-06"})
_ACCOUNT = Sentence(en="account", ja="取引先")
_CLIENT = Sentence(en="WHMCS client", ja="WHMCSの顧客")
_LOGIN = Sentence(en="Portal login", ja="ポータルのログイン")


def judge(facts: LinkFacts) -> LinkHealth:
    """The health of a link. Source: architecture.md, "Who owns what"; failure-codes.md LNK-01 to LNK-07.

    What contradicts itself is a conflict, what is missing is partial. A link row that does not exist yet while the
    three facts agree is linked: the row is written at the first live check.
    """
    for problem in (_missing_account, _conflict, _duplicate, _missing_client, _missing_user, _unconfirmed):
        if found := problem(facts):
            return found
    number = facts.account_customer_number
    row, to_write = ("", "") if facts.rows else ("; the link row will be written", "連携情報はこれから書き込まれます。")
    said = Sentence(
        en=f"Customer number {number} in both systems{row}.", ja=f"お客様番号 {number} は両システムで一致。{to_write}"
    )
    return LinkHealth(state=LinkState.LINKED, code=None, evidence=said)


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
        return _partial("LNK-02", "No Salesforce account for this customer.", "Salesforceの取引先がありません。")
    if not facts.account_customer_number:
        return _partial(
            "LNK-02", "The Salesforce account has no customer number.", "Salesforceの取引先にお客様番号がありません。"
        )
    return None


def _conflict(facts: LinkFacts) -> LinkHealth | None:
    """LNK-07 where two clients carry one number, else LNK-03 for whatever disagrees."""
    number = facts.account_customer_number
    if number in facts.other_client_customer_numbers:
        return _conflicting(
            "LNK-07",
            f"Customer number {number} stands on two WHMCS clients.",
            f"お客様番号 {number} がWHMCSの2つの顧客に登録されています。",
        )
    if facts.client_exists and facts.client_customer_number not in ("", number):
        return _conflicting(
            "LNK-03",
            f"Account has {number}, WHMCS client {facts.client_id} has {facts.client_customer_number}.",
            f"取引先は {number}、WHMCSの顧客 {facts.client_id} は {facts.client_customer_number} です。",
        )
    told = facts.account_whmcs_client_id
    if None not in (told, facts.client_id) and told != facts.client_id:
        return _conflicting(
            "LNK-03",
            f"Account names WHMCS client {told}, not {facts.client_id}.",
            f"取引先が示すWHMCSの顧客は {facts.client_id} ではなく {told} です。",
        )
    return _other_row(facts)


def _other_row(facts: LinkFacts) -> LinkHealth | None:
    for row in facts.rows:
        pairs = (
            (_ACCOUNT, row.salesforce_account_id, facts.account_id),
            (_CLIENT, row.whmcs_client_id, facts.account_whmcs_client_id),
        )
        differing = [name for name, linked, known in pairs if known is not None and linked != known]
        if differing:
            return _conflicting(
                "LNK-03",
                f"The Portal's link names another {_and(differing).en} than Salesforce.",
                f"ポータルの連携先の{_and(differing).ja}がSalesforceと異なります。",
            )
    return None


def _duplicate(facts: LinkFacts) -> LinkHealth | None:
    """LNK-04: one customer number twice, be it on two accounts or behind two Portal logins."""
    number, told = facts.account_customer_number, facts.account_portal_user_id
    if facts.accounts_with_customer_number > 1:
        count = facts.accounts_with_customer_number
        return _conflicting(
            "LNK-04",
            f"Customer number {number} stands on {count} Salesforce accounts.",
            f"お客様番号 {number} がSalesforceの{count}件の取引先に登録されています。",
        )
    logins = {row.portal_user_id for row in facts.rows} | ({told} if told else set())
    if len(logins) > 1:
        return _conflicting(
            "LNK-04",
            f"Customer number {number} has {len(logins)} Portal logins.",
            f"お客様番号 {number} にポータルのログインが{len(logins)}件あります。",
        )
    return None


def _missing_client(facts: LinkFacts) -> LinkHealth | None:
    client = facts.client_id
    if client is None:
        return _partial("LNK-01", "No WHMCS client is linked.", "WHMCSの顧客が連携されていません。")
    if not facts.client_exists:
        return _partial("LNK-01", f"WHMCS has no client {client}.", f"WHMCSに顧客 {client} がありません。")
    if not facts.client_open:
        return _partial(
            "LNK-05", f"WHMCS client {client} is closed or inactive.", f"WHMCSの顧客 {client} は閉鎖または停止中です。"
        )
    if not facts.client_customer_number:
        return _partial(
            "LNK-03",
            f"WHMCS client {client} has no customer number.",
            f"WHMCSの顧客 {client} にお客様番号がありません。",
        )
    return None


def _missing_user(facts: LinkFacts) -> LinkHealth | None:
    if not facts.portal_user_exists:
        return _partial(
            "LNK-06",
            "Account and client agree; no Portal login yet.",
            "取引先と顧客は一致していますが、ポータルのログインがまだありません。",
        )
    return None


def _unconfirmed(facts: LinkFacts) -> LinkHealth | None:
    """LNK-03: the Portal's link stands alone where the account does not name the client or the login itself."""
    told = ((_CLIENT, facts.account_whmcs_client_id), (_LOGIN, facts.account_portal_user_id))
    unnamed = [name for name, named in told if named is None]
    if unnamed:
        return _partial(
            "LNK-03",
            f"The Salesforce account does not name its {_and(unnamed).en}.",
            f"Salesforceの取引先に{_and(unnamed).ja}が登録されていません。",
        )
    return None


def _and(names: Sequence[Sentence]) -> Sentence:
    return Sentence(en=" and ".join(one.en for one in names), ja="と".join(one.ja for one in names))


def _partial(code: str, en: str, ja: str) -> LinkHealth:
    return LinkHealth(state=LinkState.PARTIAL, code=code, evidence=Sentence(en=en, ja=ja))


def _conflicting(code: str, en: str, ja: str) -> LinkHealth:
    return LinkHealth(state=LinkState.CONFLICT, code=code, evidence=Sentence(en=en, ja=ja))
