"""Whatever the OAuth endpoints answer: tokens that are whole, or one of our errors without a secret in it."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.errors import AccessRefused, SystemFault, Unavailable
from console.integrations.salesforce.oauth import ClientApp, OAuthWire, Tokens, same_id, tokens_from
from console.sandbox.clock import Clock
from console.sandbox.loopback import serving
from tests.integrations.salesforce.sign_in_bench import SignInBench

_GOOD: dict[str, Any] = {
    "access_token": "00D000000000001!AQ.secret",
    "refresh_token": "5Aep861.secret",
    "instance_url": "https://shop.my.salesforce.com",
    "id": "https://login.salesforce.com/id/00D000000000001AAA/005000000000001AAA",
}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def test_a_whole_answer_is_read_and_does_not_show() -> None:
    tokens = tokens_from(_GOOD, "production")
    assert tokens.access_token.get_secret_value() == _GOOD["access_token"]
    assert tokens.refresh_token and tokens.refresh_token.get_secret_value() == _GOOD["refresh_token"]
    assert (tokens.organization_id, tokens.user_id) == ("00D000000000001AAA", "005000000000001AAA")
    assert "secret" not in repr(tokens)


def test_without_rotation_there_is_no_refresh_token() -> None:
    assert tokens_from({**_GOOD, "refresh_token": None}, "production").refresh_token is None


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": ""},
        {"access_token": None},
        {"access_token": 5},
        {"access_token": "a b"},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "a" * 65_537},
        {"refresh_token": ["a"]},
        {"refresh_token": ""},
        {"id": None},
        {"id": "https://login.salesforce.com/id/00D1/005"},
        {"instance_url": None},
        {"instance_url": "http://shop.my.salesforce.com"},
        {"instance_url": "https://shop.my.salesforce.com.evil.example.com"},
        {"instance_url": "https://evil.example.com/.my.salesforce.com"},
        {"instance_url": "https://shop.my.salesforce.com@evil.example.com"},
        {"instance_url": "https://shop.my.salesforce.com:8443"},
        {"instance_url": "https://shop--uat.sandbox.my.salesforce.com"},
        {"instance_url": "https://["},
    ],
)
def test_an_answer_that_is_not_whole_or_not_of_this_org_is_not_taken(changes: dict[str, Any]) -> None:
    with pytest.raises(Unavailable) as caught:
        tokens_from({**_GOOD, **changes}, "production")
    assert "secret" not in str(caught.value)


@given(st.one_of(_JSON, st.dictionaries(st.sampled_from(sorted(_GOOD)), _JSON)))
def test_no_document_breaks_the_reader(found: Any) -> None:
    with pytest.raises(Unavailable):
        tokens_from(found, "production")


@given(st.sampled_from(sorted(_GOOD)), _JSON)
def test_one_wrong_value_is_never_a_success_with_something_else(name: str, value: Any) -> None:
    try:
        tokens = tokens_from({**_GOOD, name: value}, "production")
    except Unavailable:
        return
    assert isinstance(tokens, Tokens)
    assert tokens.instance_url.endswith(".my.salesforce.com")


@given(
    status=st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 420, 429, 500, 502, 503]),
    content=st.one_of(
        st.binary(max_size=200),
        _JSON.map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries({"error": _JSON, "error_description": _JSON}).map(lambda one: json.dumps(one).encode()),
        st.just(json.dumps(_GOOD).encode()[:-20]),
    ),
)
@example(status=200, content=b"[" * 100_000)
@example(status=200, content=b" " * 300_000)
@example(status=400, content=b'{"error": "' + b"a" * 100_000 + b'"}')
def test_no_answer_breaks_the_wire(status: int, content: bytes) -> None:
    wire = wire_to(lambda _: httpx.Response(status, content=content))
    for call in (
        lambda: wire.by_refresh_token(SecretStr("sent-secret")),
        lambda: wire.by_assertion(SecretStr("sent-secret")),
        lambda: wire.revoke(SecretStr("sent-secret")),
        lambda: wire.identity(_tokens()),
    ):
        try:
            found = call()
        except SystemFault as fault:
            assert isinstance(fault, AccessRefused | Unavailable)
            assert "sent-secret" not in str(fault)
        else:
            assert found is None and status == 200


def _tokens() -> Tokens:
    return Tokens(
        access_token=SecretStr("sent-secret"),
        refresh_token=None,
        instance_url="http://127.0.0.1:1",
        organization_id="00D000000000001",
        user_id="005000000000001",
    )


def wire_to(answer: Callable[[httpx.Request], httpx.Response]) -> OAuthWire:
    """A wire whose every request gets this answer, without a socket."""
    app = ClientApp(client_id="app", login_url="http://127.0.0.1:1", environment="practice")
    return OAuthWire(app, transport=httpx.MockTransport(answer))


def test_a_server_that_is_not_there_is_no_refusal() -> None:
    with serving([(Starlette(), 0)], Clock()) as (port,):
        pass
    wire = OAuthWire(ClientApp(client_id="app", login_url=f"http://127.0.0.1:{port}", environment="practice"))
    with pytest.raises(Unavailable):
        wire.by_refresh_token(SecretStr("secret"))


def test_an_answer_without_an_end_is_given_up() -> None:
    async def endless(_: Request) -> Response:
        return Response(b"x" * 1_000_000)

    app = Starlette(routes=[Route("/services/oauth2/token", endless, methods=["POST"])])
    with serving([(app, 0)], Clock()) as (port,):
        wire = OAuthWire(ClientApp(client_id="app", login_url=f"http://127.0.0.1:{port}", environment="practice"))
        with pytest.raises(Unavailable):
            wire.by_refresh_token(SecretStr("secret"))


def test_a_password_is_never_sent(signing: SignInBench) -> None:
    """There is no call for it, and the org would not take it."""
    form = {"grant_type": "password", "username": "a", "password": "b", "client_id": signing.info.salesforce_client_id}
    answer = httpx.post(f"{signing.info.salesforce_url}/services/oauth2/token", data=form, trust_env=False)
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_token_that_is_not_known_any_more_is_revoked_enough(signing: SignInBench) -> None:
    signing.wire().revoke(SecretStr("unknown"))
    signing.break_next("oauth_revoke", "refuse", error_code="invalid_client")
    with pytest.raises(AccessRefused):
        signing.wire().revoke(SecretStr("unknown"))


def test_a_token_that_is_not_taken_has_no_identity(signing: SignInBench) -> None:
    tokens = _tokens().model_copy(update={"instance_url": signing.info.salesforce_url})
    with pytest.raises(AccessRefused) as caught:
        signing.wire().identity(tokens)
    assert caught.value.message == "Bad_OAuth_Token"


def test_ids_of_both_lengths_are_one_record() -> None:
    assert same_id("005000000000001", "005000000000001AAA")
    assert not same_id("005000000000001", "005000000000002AAA")
