"""Why WHMCS keeps us out, told by its words, and what to do about it. Sends nothing. Source: whmcs-api.md 2, 3.2."""

import re
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from console.errors import AccessRefused
from console.models.record import Sentence


class AccessCause(StrEnum):
    """What keeps us out."""

    ADDRESS = "address"
    CREDENTIAL = "credential"
    ADMIN = "admin"
    ACTION = "action"
    INTERNAL = "internal"
    REDIRECT = "redirect"
    OTHER = "other"


# The stable start of each text. They arrive in any case of letters.
_TEXTS = {
    "invalid ip": AccessCause.ADDRESS,
    "authentication failed": AccessCause.CREDENTIAL,
    "invalid or missing credentials": AccessCause.CREDENTIAL,
    "invalid password provided": AccessCause.CREDENTIAL,
    "administrator account disabled": AccessCause.ADMIN,
    "access denied": AccessCause.ADMIN,
    "invalid permissions: api action": AccessCause.ACTION,
    "api command restricted to internal api": AccessCause.INTERNAL,
}
_ABOUT_ONE_ACTION = frozenset({AccessCause.ACTION, AccessCause.INTERNAL})
_SEEN_ADDRESS = re.compile(r"invalid ip\s+(?P<address>[0-9a-f.:]{2,45})", re.IGNORECASE)
_TOLD = {
    AccessCause.CREDENTIAL: Sentence(
        en="WHMCS does not accept our API identifier and secret. Enter them again; if that does not help, make a new "
        "API credential in WHMCS.",
        ja="WHMCSがAPI識別子とシークレットを受け付けません。入力し直し、それでもだめならWHMCSで新しいAPI資格情報を作成してください。",
    ),
    AccessCause.ADMIN: Sentence(
        en="The WHMCS administrator that our API credential belongs to is disabled, or its role lacks 'API Access'. "
        "Correct that administrator in WHMCS.",
        ja="API資格情報の持ち主であるWHMCS管理者が無効か、その役割に「API Access」がありません。"
        "WHMCSで管理者を修正してください。",
    ),
    AccessCause.REDIRECT: Sentence(
        en="The WHMCS address leads on to another. Set the address in the profile to where it leads.",
        ja="WHMCSのアドレスが別のアドレスへ転送されます。プロファイルのアドレスを転送先に直してください。",
    ),
    AccessCause.OTHER: Sentence(
        en="WHMCS refuses us. Check our API credential, its role and the list of addresses in WHMCS.",
        ja="WHMCSに拒否されました。API資格情報、その役割、許可アドレスの一覧をWHMCSで確認してください。",
    ),
}


class AccessProblem(NamedTuple):
    """The cause, and its subject: the address that WHMCS saw, or the action that is not allowed; else empty."""

    cause: AccessCause
    subject: str = ""

    @property
    def is_about_one_action(self) -> bool:
        """Whether other actions may still be allowed."""
        return self.cause in _ABOUT_ONE_ACTION


def is_access(message: str) -> bool:
    """Whether this is one of the texts with which WHMCS keeps a caller out."""
    return message.strip().casefold().startswith(tuple(_TEXTS))


def access_problem(fault: AccessRefused) -> AccessProblem:
    """What a refusal is about, from its text and status."""
    if fault.status is not None and HTTPStatus(300) <= fault.status < HTTPStatus.BAD_REQUEST:
        return AccessProblem(AccessCause.REDIRECT)
    text = fault.message.strip()
    found = (cause for start, cause in _TEXTS.items() if text.casefold().startswith(start))
    cause = next(found, AccessCause.OTHER)
    if cause in _ABOUT_ONE_ACTION:
        return AccessProblem(cause, fault.action)
    seen = _SEEN_ADDRESS.match(text)
    return AccessProblem(cause, seen["address"] if seen else "")


def what_to_do(fault: AccessRefused) -> Sentence:
    """Plain words for the one who looks after WHMCS."""
    cause, subject = access_problem(fault)
    if cause is AccessCause.ADDRESS:
        return _about_address(subject)
    if cause is AccessCause.ACTION:
        return Sentence(
            en=f"The API role of our credential lacks the action {subject}. Add it in WHMCS under API Roles.",
            ja=f"API資格情報の役割に操作{subject}がありません。WHMCSのAPI Rolesで追加してください。",
        )
    if cause is AccessCause.INTERNAL:
        return Sentence(
            en=f"This WHMCS lets nobody from outside use the action {subject}.",
            ja=f"このWHMCSでは操作{subject}を外部から使えません。",
        )
    return _TOLD[cause]


def _about_address(seen: str) -> Sentence:
    kind = "an IPv6 address, which needs an entry of its own" if ":" in seen else "not on its list"
    kind_ja = "IPv6アドレスで、専用の登録が必要です" if ":" in seen else "許可アドレスの一覧にありません"
    en = f"WHMCS saw us as {seen}, {kind}." if seen else "Our address is not on the list of WHMCS."
    ja = f"WHMCSから見た当方のアドレスは{seen}で、{kind_ja}。" if seen else "当方のアドレスが許可一覧にありません。"
    return Sentence(
        en=f"{en} Add it in WHMCS under General Settings > Security, or set an access key.",
        ja=f"{ja}WHMCSのGeneral Settings > Securityで追加するか、アクセスキーを設定してください。",
    )
