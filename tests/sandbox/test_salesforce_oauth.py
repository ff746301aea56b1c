"""Codes, access and refresh tokens live, rotate and end as salesforce-api.md 1.2 and 1.4 say."""

import pytest

from console.sandbox.clock import Clock
from console.sandbox.salesforce_access import StaffUser
from console.sandbox.salesforce_oauth import CLIENT_ID, Challenge, Issued, OAuthError, SignIns, s256
from tests.sandbox.salesforce_bench import user_id

_VERIFIER = "v" * 43
_BACK = "http://localhost:47431/staff-console/sign-in"
_AKI = StaffUser(user_id("support"), "Aki Example", "aki@example.com", "aki@example.com", "support", "fixed-token")
_SCOPES = frozenset({"api", "refresh_token"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sign_ins(clock: Clock) -> SignIns:
    return SignIns([_AKI], clock)


def code(sign_ins: SignIns, challenge: str = s256(_VERIFIER)) -> str:
    return sign_ins.new_code(_AKI, Challenge(CLIENT_ID, _BACK, _SCOPES, challenge))


def redeemed(sign_ins: SignIns) -> Issued:
    return sign_ins.redeem(code(sign_ins), CLIENT_ID, _BACK, _VERIFIER)


def refusal(sign_ins: SignIns, refresh_token: str | None) -> str:
    with pytest.raises(OAuthError) as caught:
        sign_ins.refresh(refresh_token or "", CLIENT_ID)
    return f"{caught.value.error}: {caught.value.description}"


def test_a_fixed_token_does_not_end(sign_ins: SignIns, clock: Clock) -> None:
    clock.advance(1_000_000)
    assert sign_ins.user_of("fixed-token") is _AKI
    assert sign_ins.user_of("unknown") is None


def test_an_access_token_ends_when_it_was_not_used_for_its_life(sign_ins: SignIns, clock: Clock) -> None:
    token = redeemed(sign_ins).access_token
    for _ in range(3):
        clock.advance(7000)
        assert sign_ins.user_of(token) is _AKI
    clock.advance(7201)
    assert sign_ins.user_of(token) is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "unknown"}, "invalid_grant"),
        ({"client_id": "other"}, "invalid_client_id"),
        ({"redirect_uri": f"{_BACK}/"}, "redirect_uri_mismatch"),
        ({"verifier": "w" * 43}, "invalid_request"),
        ({"verifier": ""}, "invalid_grant"),
    ],
)
def test_a_code_is_redeemed_with_everything_that_belongs_to_it(
    sign_ins: SignIns, changes: dict[str, str], error: str
) -> None:
    right = {"code": code(sign_ins), "client_id": CLIENT_ID, "redirect_uri": _BACK, "verifier": _VERIFIER}
    with pytest.raises(OAuthError) as caught:
        sign_ins.redeem(**{**right, **changes})
    assert caught.value.error == error


def test_a_code_works_once_and_coming_with_it_again_ends_what_it_gave(sign_ins: SignIns) -> None:
    once = code(sign_ins)
    token = sign_ins.redeem(once, CLIENT_ID, _BACK, _VERIFIER).access_token
    with pytest.raises(OAuthError, match="expired authorization code"):
        sign_ins.redeem(once, CLIENT_ID, _BACK, _VERIFIER)
    assert sign_ins.user_of(token) is None


def test_a_code_ends_after_a_while(sign_ins: SignIns, clock: Clock) -> None:
    late = code(sign_ins)
    clock.advance(901)
    with pytest.raises(OAuthError, match="expired authorization code"):
        sign_ins.redeem(late, CLIENT_ID, _BACK, _VERIFIER)


def test_a_rotated_token_that_comes_again_ends_the_whole_sign_in(sign_ins: SignIns) -> None:
    first = redeemed(sign_ins)
    second = sign_ins.refresh(first.refresh_token or "", CLIENT_ID)
    assert second.refresh_token not in (None, first.refresh_token)
    assert "expired access/refresh token" in refusal(sign_ins, first.refresh_token)
    assert refusal(sign_ins, second.refresh_token).startswith("invalid_grant")
    assert sign_ins.user_of(second.access_token) is None


def test_without_rotation_a_refresh_token_works_again_and_again(sign_ins: SignIns) -> None:
    sign_ins.switches.rotate = False
    token = redeemed(sign_ins).refresh_token or ""
    assert [sign_ins.refresh(token, CLIENT_ID).refresh_token for _ in range(3)] == [None, None, None]


def test_a_refresh_token_is_its_apps_alone(sign_ins: SignIns) -> None:
    with pytest.raises(OAuthError, match="invalid_client_id"):
        sign_ins.refresh(redeemed(sign_ins).refresh_token or "", "other")


def test_the_sixth_sign_in_ends_the_first(sign_ins: SignIns) -> None:
    tokens = [redeemed(sign_ins).refresh_token or "" for _ in range(6)]
    assert refusal(sign_ins, tokens[0]).startswith("invalid_grant")
    for token in tokens[1:]:
        assert sign_ins.refresh(token, CLIENT_ID)


def test_revoking_a_refresh_token_takes_its_access_tokens_along(sign_ins: SignIns) -> None:
    issued = redeemed(sign_ins)
    assert sign_ins.revoke(issued.refresh_token or "")
    assert sign_ins.user_of(issued.access_token) is None
    assert not sign_ins.revoke(issued.refresh_token or "")


def test_revoking_an_access_token_leaves_the_refresh_token(sign_ins: SignIns) -> None:
    issued = redeemed(sign_ins)
    assert sign_ins.revoke(issued.access_token)
    assert sign_ins.refresh(issued.refresh_token or "", CLIENT_ID)


def test_everything_can_be_ended_but_fixed_tokens(sign_ins: SignIns) -> None:
    issued = redeemed(sign_ins)
    sign_ins.expire_access_tokens()
    assert sign_ins.user_of(issued.access_token) is None
    again = sign_ins.refresh(issued.refresh_token or "", CLIENT_ID)
    sign_ins.end_all()
    assert refusal(sign_ins, again.refresh_token).startswith("invalid_grant")
    assert sign_ins.user_of("fixed-token") is _AKI


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    challenge = s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
