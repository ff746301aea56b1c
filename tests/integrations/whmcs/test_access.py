"""Who keeps us out, and the words for who can change it."""

import pytest

from console.errors import AccessRefused
from console.integrations.whmcs.access import AccessCause, access_problem, is_access, what_to_do


def refusal(message: str, status: int = 403, action: str = "GetModuleQueue") -> AccessRefused:
    return AccessRefused("whmcs", action, message, status=status)


@pytest.mark.parametrize(
    ("message", "cause", "subject"),
    [
        ("Invalid IP 192.0.2.7", AccessCause.ADDRESS, "192.0.2.7"),
        ("INVALID IP 2001:db8::7", AccessCause.ADDRESS, "2001:db8::7"),
        ("Invalid IP", AccessCause.ADDRESS, ""),
        ("Invalid IP <script>", AccessCause.ADDRESS, ""),
        ("Authentication Failed", AccessCause.CREDENTIAL, ""),
        ('Invalid Permissions: API action "getmodulequeue" is not allowed', AccessCause.ACTION, "GetModuleQueue"),
        ("API Command Restricted to Internal API", AccessCause.INTERNAL, "GetModuleQueue"),
        ("Administrator Account Disabled", AccessCause.ADMIN, ""),
        ("Two-factor required", AccessCause.OTHER, ""),
    ],
)
def test_the_cause_and_its_subject_are_told_by_the_text(message: str, cause: AccessCause, subject: str) -> None:
    assert access_problem(refusal(message)) == (cause, subject)


def test_a_redirect_is_told_by_its_status() -> None:
    assert access_problem(refusal("moved", 308)).cause is AccessCause.REDIRECT


@pytest.mark.parametrize("cause", AccessCause)
def test_only_an_action_that_is_refused_leaves_others_possible(cause: AccessCause) -> None:
    about_one = cause in (AccessCause.ACTION, AccessCause.INTERNAL)
    assert access_problem(refusal(_TEXT_OF[cause], _STATUS_OF.get(cause, 403))).is_about_one_action == about_one


@pytest.mark.parametrize("cause", AccessCause)
def test_every_cause_says_what_to_do_in_whole_sentences(cause: AccessCause) -> None:
    told = what_to_do(refusal(_TEXT_OF[cause], _STATUS_OF.get(cause, 403))).en

    assert told.endswith(".")
    assert told[0].isupper()


_STATUS_OF = {AccessCause.REDIRECT: 301}
_TEXT_OF = {
    AccessCause.ADDRESS: "Invalid IP 192.0.2.7",
    AccessCause.CREDENTIAL: "Authentication Failed",
    AccessCause.ADMIN: "Access Denied",
    AccessCause.ACTION: "Invalid Permissions: API action",
    AccessCause.INTERNAL: "API Command Restricted to Internal API",
    AccessCause.REDIRECT: "moved",
    AccessCause.OTHER: "something",
}


def test_an_ipv6_address_is_said_to_need_its_own_entry() -> None:
    assert "IPv6" in what_to_do(refusal("Invalid IP 2001:db8::7")).en
    assert "IPv6" not in what_to_do(refusal("Invalid IP 192.0.2.7")).en


def test_an_address_that_was_not_told_is_not_invented() -> None:
    assert what_to_do(refusal("Invalid IP")).en.startswith("Our address is not on the list")


def test_words_of_the_business_are_no_access_errors() -> None:
    assert not is_access("Client Not Found")
    assert is_access("  access denied")
