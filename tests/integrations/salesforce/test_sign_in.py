"""A person signs in through a browser, over real connections: who may, what is kept, and every way it can fail."""

import asyncio
import logging
import socket
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import AccessRefused, ConsoleError, SettingsError, Unavailable
from console.integrations.salesforce.oauth import Identity, Tokens
from console.integrations.salesforce.sign_in import Wanted, system_browser
from tests.integrations.salesforce.person import Person
from tests.integrations.salesforce.sign_in_bench import SignInBench
from tests.memory_keyring import MemoryKeyring


def sign_in(
    bench: SignInBench, open_browser: Person | None = None, wanted: Wanted | None = None, within_s: float = 10
) -> tuple[Tokens, Identity]:
    browser = bench.browser(open_browser)
    return asyncio.run(browser.sign_in(wanted or Wanted(), lambda _: None, within_s))


def failure(bench: SignInBench, open_browser: Person | None = None, wanted: Wanted | None = None) -> ConsoleError:
    with pytest.raises(ConsoleError) as caught:
        sign_in(bench, open_browser, wanted, within_s=1)
    return caught.value


def test_a_person_signs_in_and_the_refresh_token_is_in_the_password_store(signing: SignInBench) -> None:
    person = Person(signing.person("supervisor"))
    tokens, who = sign_in(signing, person)
    assert who.username == signing.username("supervisor")
    assert "go back to Staff Console" in person.last_page
    stored = signing.store().load()
    assert stored
    assert stored.refresh_token == tokens.refresh_token
    assert stored.identity == who
    assert tokens.access_token.get_secret_value() not in str(MemoryKeyring.kept)


def test_the_address_has_a_state_and_a_challenge_and_no_secret(signing: SignInBench) -> None:
    person = Person(signing.person("supervisor"))
    sign_in(signing, person, Wanted(username=signing.username("supervisor")))
    asked = parse_qs(urlsplit(person.opened[0]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 32
    assert asked["login_hint"] == [signing.username("supervisor")]
    assert asked["redirect_uri"][0] == f"http://localhost:{signing.ports[0]}/staff-console/sign-in"
    assert "client_secret" not in asked


def test_every_sign_in_has_a_state_and_a_challenge_of_its_own(signing: SignInBench) -> None:
    person = Person(signing.person("supervisor"))
    sign_in(signing, person)
    sign_in(signing, person)
    once, again = (parse_qs(urlsplit(address).query) for address in person.opened)
    assert once["state"] != again["state"]
    assert once["code_challenge"] != again["code_challenge"]


def test_a_decline_is_told_and_keeps_nothing(signing: SignInBench) -> None:
    person = Person(None)
    refused = failure(signing, person)
    assert isinstance(refused, AccessRefused)
    assert refused.error_code == "access_denied"
    assert "not signed in" in person.last_page
    assert MemoryKeyring.kept == {}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(username="somebody.else@staff.example.com"), "other_person"),
        (Wanted(user_id="005000000000001AAA"), "other_person"),
        (Wanted(organization_id="00D000000000001"), "other_org"),
    ],
)
def test_whoever_is_not_wanted_here_is_signed_out_again(signing: SignInBench, wanted: Wanted, code: str) -> None:
    refused = failure(signing, wanted=wanted)
    assert isinstance(refused, AccessRefused)
    assert refused.error_code == code
    assert MemoryKeyring.kept == {}
    assert signing.calls("oauth_revoke") == 1


def test_the_one_who_is_wanted_is_known_by_short_ids_and_any_spelling(signing: SignInBench) -> None:
    _, who = sign_in(signing)
    wanted = Wanted(username=who.username.upper(), user_id=who.user_id[:15], organization_id=who.organization_id[:15])
    assert sign_in(signing, wanted=wanted)[1] == who


def test_a_browser_that_never_comes_back_is_given_up(signing: SignInBench) -> None:
    async def attempt() -> None:
        with pytest.raises(Unavailable):
            await signing.browser(lambda _: False).sign_in(Wanted(), lambda _: None, within_s=0.05)

    asyncio.run(attempt())


def test_a_sign_in_can_be_cancelled_and_its_port_is_free_again(signing: SignInBench) -> None:
    async def attempt() -> None:
        told = asyncio.Event()
        browser = signing.browser(lambda _: True)
        waiting = asyncio.ensure_future(browser.sign_in(Wanted(), lambda _: told.set()))
        await told.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(attempt())
    sign_in(signing)


def test_a_taken_port_is_passed_over_and_three_taken_ports_are_told(signing: SignInBench) -> None:
    person = Person(signing.person("supervisor"))
    taken = [socket.create_server(("127.0.0.1", port)) for port in signing.ports[:2]]
    try:
        sign_in(signing, person)
        assert f"localhost%3A{signing.ports[2]}" in person.opened[0]
        taken.append(socket.create_server(("127.0.0.1", signing.ports[2])))
        refused = failure(signing)
    finally:
        for one in taken:
            one.close()
    assert isinstance(refused, SettingsError)
    assert str(signing.ports[0]) in str(refused)


def test_a_foreign_state_does_not_end_the_wait(signing: SignInBench) -> None:
    class Interrupted(Person):
        def __call__(self, address: str) -> bool:
            with httpx.Client(trust_env=False) as http:
                back = self.press(http, address)
                forged = back.replace("state=", "state=x")
                assert http.get(forged).status_code == 400
                assert http.get(back.partition("?")[0] + "?error=access_denied&state=x").status_code == 400
                assert http.get(f"http://localhost:{signing.ports[0]}/favicon.ico").status_code == 404
                assert http.get(back, headers={"Host": "evil.example.com"}).status_code == 400
                assert http.get(back).status_code == 200
            return True

    _, who = sign_in(signing, Interrupted(signing.person("supervisor")))
    assert who.username == signing.username("supervisor")


@pytest.mark.parametrize("kind", ["drop", "html", "html_200", "truncated", "empty", "status", "redirect"])
def test_an_endpoint_that_does_not_answer_is_no_refusal(signing: SignInBench, kind: str) -> None:
    signing.break_next("oauth_token", kind)
    assert isinstance(failure(signing), Unavailable)
    assert MemoryKeyring.kept == {}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_grant", AccessRefused),
        ("invalid_client_id", AccessRefused),
        ("inactive_user", AccessRefused),
        ("inactive_org", AccessRefused),
        ("unauthorized_client", AccessRefused),
        ("redirect_uri_mismatch", AccessRefused),
        ("unsupported_grant_type", AccessRefused),
        ("rate_limit_exceeded", Unavailable),
    ],
)
def test_every_error_of_the_token_endpoint_has_its_class(
    signing: SignInBench, code: str, kind: type[ConsoleError]
) -> None:
    signing.break_next("oauth_token", "refuse", error_code=code, message="because")
    refused = failure(signing)
    assert isinstance(refused, kind)
    assert getattr(refused, "error_code", None) == code


def test_an_app_without_the_refresh_scope_is_explained(signing: SignInBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.integrations.salesforce.sign_in._SCOPES", "api openid")
    assert "refresh_token" in str(failure(signing))


def test_signing_out_ends_it_here_and_there(signing: SignInBench) -> None:
    tokens, _ = sign_in(signing)
    assert signing.browser().sign_out()
    assert MemoryKeyring.kept == {}
    assert signing.sandbox.sign_ins.user_of(tokens.access_token.get_secret_value()) is None
    assert signing.browser().sign_out()


def test_signing_out_forgets_also_where_salesforce_cannot_be_told(signing: SignInBench) -> None:
    sign_in(signing)
    signing.break_next("oauth_revoke", "drop")
    assert not signing.browser().sign_out()
    assert MemoryKeyring.kept == {}


def test_no_secret_is_logged_or_shown(signing: SignInBench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "console")
    tokens, _ = sign_in(signing)
    signing.break_next("oauth_token", "truncated")
    refused = failure(signing)
    assert tokens.refresh_token
    secrets = [tokens.access_token.get_secret_value(), tokens.refresh_token.get_secret_value()]
    shown = f"{tokens!r} {refused!r} {refused.__cause__!r} {signing.store().load()!r} {caplog.text}"
    assert not [secret for secret in secrets if secret in shown]


@given(address=st.one_of(st.text(), st.sampled_from(["http://shop.example.com", "file:///etc/passwd", "javascript:1"])))
def test_only_safe_addresses_are_given_to_the_browser(address: str) -> None:
    if not address.startswith("https://"):
        assert not system_browser(address)
