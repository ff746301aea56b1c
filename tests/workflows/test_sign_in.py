"""Signing in at the desk: what it shows, and that work in hand waits quietly and carries on afterwards."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import keyring
import pytest
from joserfc.jwk import RSAKey
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring
from pydantic import SecretStr

from console.errors import AccessRefused, ConsoleError, InvalidInput, SettingsError, Unavailable
from console.integrations.keyring_store import write_secret
from console.integrations.salesforce.jwt_bearer import KEY_ENTRY
from console.integrations.salesforce.redirect import PATH
from console.models.salesforce_access import Organization
from console.models.staff import Role, StaffMember
from console.sandbox.salesforce_oauth import OAuthSwitches
from console.services import Services, open_services
from console.settings import Environment, Profile
from console.workflows.sign_in import OtherKind, SignInState, refuse_approver, refuse_other_kind
from tests.integrations.salesforce.person import Person, free_ports
from tests.memory_keyring import MemoryKeyring
from tests.workflows.desk_bench import Bench


@pytest.fixture
def profile(bench: Bench) -> Iterator[Profile]:
    """The practice systems, signed in to by people."""
    ports = free_ports()
    addresses = tuple(f"http://localhost:{port}{PATH}" for port in ports)
    bench.sandbox.sign_ins.end_all()
    bench.sandbox.sign_ins.switches = OAuthSwitches(redirect_uris=addresses)
    bench.sandbox.board.remove()
    bench.sandbox.board.calls.clear()
    yield with_salesforce(bench, sign_in="browser", redirect_ports=ports)


def with_salesforce(bench: Bench, **changes: Any) -> Profile:
    salesforce = bench.profile.salesforce.model_copy(update=changes)
    return bench.profile.model_copy(update={"salesforce": salesforce})


def name(bench: Bench, role: str) -> str:
    return next(user.name for user in bench.sandbox.world.staff if user.role == role)


def username(bench: Bench, role: str) -> str:
    return next(user.username for user in bench.sandbox.world.staff if user.role == role)


def opened(
    bench: Bench,
    profile: Profile,
    work: Callable[[Services], Awaitable[None]],
    person: Callable[[str], bool] | None = None,
    signed_in_as: str = "",
) -> None:
    async def attempt() -> None:
        browser = person or Person(name(bench, "supervisor"))
        async with open_services(profile, bench.folder, signed_in_as, browser) as desk:
            await work(desk)

    asyncio.run(attempt())


async def needed(desk: Services) -> None:
    """Until the bar asks to sign in."""
    shown = asyncio.Event()
    end = desk.sign_in.on_change(shown.set)
    await asyncio.wait_for(shown.wait(), 5)
    end()


def test_at_first_a_sign_in_is_needed_then_the_person_is_known(bench: Bench, profile: Profile) -> None:
    async def work(desk: Services) -> None:
        seen: list[SignInState] = []
        desk.sign_in.on_change(lambda: seen.append(desk.sign_in.status.state))
        before = desk.sign_in.status
        assert (before.state, before.name, before.problem.en) == (SignInState.NEEDED, "", "")
        assert before.environment == "practice" and before.host.startswith("127.0.0.1:")
        status = await desk.sign_in.sign_in()
        assert (status.state, status.name) == (SignInState.SIGNED_IN, name(bench, "supervisor"))
        assert seen == [SignInState.IN_BROWSER, SignInState.IN_BROWSER, SignInState.SIGNED_IN]
        assert (await desk.me()).username == status.username

    opened(bench, profile, work)


def test_the_next_day_nobody_is_asked(bench: Bench, profile: Profile) -> None:
    async def first(desk: Services) -> None:
        await desk.sign_in.sign_in()

    async def next_day(desk: Services) -> None:
        assert desk.sign_in.status.state is SignInState.SIGNED_IN
        assert desk.sign_in.status.name == name(bench, "supervisor")
        assert (await desk.me()).username == username(bench, "supervisor")

    person = Person(name(bench, "supervisor"))
    opened(bench, profile, first, person)
    opened(bench, profile, next_day, person)
    assert len(person.opened) == 1


def test_work_in_hand_waits_and_carries_on_after_the_sign_in(bench: Bench, profile: Profile) -> None:
    async def work(desk: Services) -> None:
        await desk.sign_in.sign_in()
        me = await desk.me()
        bench.sandbox.sign_ins.end_all()
        reading = [asyncio.ensure_future(desk.me()) for _ in range(5)]
        await needed(desk)
        status = desk.sign_in.status
        assert (status.state, status.problem.en) == (SignInState.NEEDED, "The sign-in has ended. Sign in again.")
        assert not any(one.done() for one in reading)
        await desk.sign_in.sign_in()
        assert await asyncio.gather(*reading) == [me] * 5
        assert desk.sign_in.status.state is SignInState.SIGNED_IN

    opened(bench, profile, work)


def test_work_that_nobody_signs_in_for_ends_with_the_reason(bench: Bench, profile: Profile) -> None:
    async def work(desk: Services) -> None:
        reading = asyncio.ensure_future(desk.me())
        await needed(desk)
        desk.sign_in.give_up()
        with pytest.raises(AccessRefused) as caught:
            await reading
        assert desk.diagnosis.failure(caught.value).code == "SYN-03"
        waiting = asyncio.ensure_future(desk.me())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    opened(bench, profile, work)


def test_closing_the_desk_ends_what_waits(bench: Bench, profile: Profile) -> None:
    waiting: list[asyncio.Future[StaffMember]] = []

    async def attempt() -> None:
        async with open_services(profile, bench.folder, "", lambda _: False) as desk:
            waiting.append(asyncio.ensure_future(desk.me()))
            await needed(desk)
        with pytest.raises(AccessRefused):
            await waiting[0]

    asyncio.run(attempt())


def test_where_nobody_sits_at_a_browser_work_fails_at_once(bench: Bench, profile: Profile) -> None:
    async def attempt() -> None:
        async with open_services(profile, bench.folder) as desk:
            with pytest.raises(AccessRefused):
                await desk.me()

    asyncio.run(attempt())


def test_another_person_cannot_carry_on_the_work(bench: Bench, profile: Profile) -> None:
    people = Person(name(bench, "supervisor"), name(bench, "support"))

    async def work(desk: Services) -> None:
        await desk.sign_in.sign_in()
        bench.sandbox.sign_ins.end_all()
        desk.salesforce.session.forget()
        with pytest.raises(AccessRefused):
            await desk.sign_in.sign_in()
        assert desk.sign_in.status.problem.en.startswith("That is another person.")
        assert desk.sign_in.status.name == name(bench, "supervisor")
        await desk.sign_in.sign_out()
        assert desk.sign_in.status.state is SignInState.SIGNED_OUT

    opened(bench, profile, work, people)


def test_after_a_sign_out_another_person_may_sign_in(bench: Bench, profile: Profile) -> None:
    people = Person(name(bench, "supervisor"), name(bench, "support"))

    async def work(desk: Services) -> None:
        await desk.sign_in.sign_in()
        status = await desk.sign_in.sign_out()
        assert (status.state, status.name, status.problem.en) == (SignInState.SIGNED_OUT, "", "")
        assert MemoryKeyring.kept == {}
        await desk.sign_in.sign_in()
        assert (await desk.me()).username == username(bench, "support")

    opened(bench, profile, work, people)


def test_a_sign_out_that_salesforce_does_not_hear_of_says_so(bench: Bench, profile: Profile) -> None:
    async def work(desk: Services) -> None:
        await desk.sign_in.sign_in()
        bench.break_with("drop", "oauth_revoke", "salesforce")
        status = await desk.sign_in.sign_out()
        assert "could not be told" in status.problem.en
        assert MemoryKeyring.kept == {}

    opened(bench, profile, work)


def test_a_username_on_the_command_line_is_the_one_who_has_to_sign_in(bench: Bench, profile: Profile) -> None:
    async def refused(desk: Services) -> None:
        with pytest.raises(AccessRefused):
            await desk.sign_in.sign_in()

    async def taken(desk: Services) -> None:
        assert (await desk.sign_in.sign_in()).username == username(bench, "supervisor")

    opened(bench, profile, refused, signed_in_as="somebody.else@staff.example.com")
    opened(bench, profile, taken, signed_in_as=username(bench, "supervisor"))


def test_an_org_that_is_not_the_profiles_is_refused(bench: Bench, profile: Profile) -> None:
    pinned = profile.salesforce.model_copy(update={"organization_id": "00D000000000009"})

    async def work(desk: Services) -> None:
        with pytest.raises(AccessRefused):
            await desk.sign_in.sign_in()
        assert "another Salesforce org" in desk.sign_in.status.problem.en

    opened(bench, profile.model_copy(update={"salesforce": pinned}), work)


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("status", {}, "did not answer"),
        ("refuse", {"error_code": "inactive_user"}, "not active"),
        ("refuse", {"error_code": "invalid_client_id"}, "client_id"),
        ("refuse", {"error_code": "something_new"}, "refused"),
    ],
)
def test_each_failure_is_told_in_plain_words(
    bench: Bench, profile: Profile, kind: str, options: dict[str, str], says: str
) -> None:
    async def work(desk: Services) -> None:
        bench.break_with(kind, "oauth_token", "salesforce", **options)
        with pytest.raises(ConsoleError):
            await desk.sign_in.sign_in()
        status = desk.sign_in.status
        assert status.state is SignInState.NEEDED
        assert says in status.problem.en
        assert status.problem.ja != status.problem.en

    opened(bench, profile, work)


def test_a_sign_in_that_holds_is_used_and_an_outage_opens_no_browser(bench: Bench, profile: Profile) -> None:
    person = Person(name(bench, "supervisor"))

    async def work(desk: Services) -> None:
        await desk.sign_in.sign_in()
        await desk.sign_in.sign_in()
        bench.break_with("status", "oauth_token", "salesforce")
        with pytest.raises(Unavailable):
            await desk.sign_in.sign_in()
        assert "did not answer" in desk.sign_in.status.problem.en

    opened(bench, profile, work, person)
    assert len(person.opened) == 1


def test_one_sign_in_at_a_time_and_it_can_be_cancelled(bench: Bench, profile: Profile) -> None:
    async def work(desk: Services) -> None:
        signing_in = asyncio.ensure_future(desk.sign_in.sign_in())
        while not desk.sign_in.status.address:
            await needed(desk)
        assert desk.sign_in.status.address.startswith("http://127.0.0.1:")
        with pytest.raises(InvalidInput):
            await desk.sign_in.sign_in()
        signing_in.cancel()
        with pytest.raises(asyncio.CancelledError):
            await signing_in
        assert desk.sign_in.status.state is SignInState.NEEDED
        assert desk.sign_in.status.address == ""

    opened(bench, profile, work, lambda _: False)


def test_with_given_tokens_nobody_signs_in_or_out(bench: Bench) -> None:
    async def work(desk: Services) -> None:
        status = desk.sign_in.status
        assert (status.state, status.can_sign_in) == (SignInState.SIGNED_IN, False)
        for act in (desk.sign_in.sign_in, desk.sign_in.sign_out):
            with pytest.raises(SettingsError):
                await act()

    opened(bench, bench.profile, work)


def test_a_profile_without_an_app_or_a_worker_without_a_user_is_told_what_is_missing(bench: Bench) -> None:
    async def nothing(_: Services) -> None:
        raise AssertionError("it must not open")

    for changes, missing in (
        ({"sign_in": "browser", "client_id": ""}, "client_id"),
        ({"sign_in": "key", "username": ""}, "username"),
    ):
        with pytest.raises(SettingsError, match=missing):
            opened(bench, with_salesforce(bench, **changes), nothing)


def test_a_worker_comes_with_its_key(bench: Bench) -> None:
    key = RSAKey.generate_key(2048)
    public = key.as_pem(private=False).decode()
    bench.sandbox.sign_ins.switches = OAuthSwitches(jwt_public_key=public, jwt_roles=("worker", "supervisor"))
    write_secret(bench.profile.id, KEY_ENTRY, SecretStr(key.as_pem(private=True).decode()))

    async def works(desk: Services) -> None:
        assert (await desk.me()).roles == {Role.WORKER}
        bench.sandbox.sign_ins.expire_access_tokens()
        assert await desk.me()
        assert not desk.sign_in.status.can_sign_in

    async def may_approve(desk: Services) -> None:
        with pytest.raises(SettingsError, match="may approve"):
            await desk.me()

    worker = with_salesforce(bench, sign_in="key", username=username(bench, "worker"))
    opened(bench, worker, works)
    supervisor = with_salesforce(bench, sign_in="key", username=username(bench, "supervisor"))
    opened(bench, supervisor, may_approve)


def test_nobody_works_in_an_org_of_another_kind_than_the_profile_says(bench: Bench) -> None:
    async def work(desk: Services) -> None:
        with pytest.raises(OtherKind, match=r"says production, but .* is a sandbox") as refused:
            await desk.me()
        assert "environmentを直してください" in refused.value.said.ja

    opened(bench, bench.profile.model_copy(update={"environment": "production"}), work)
    for environment, is_sandbox in (("production", False), ("sandbox", True), ("practice", True)):
        refuse_other_kind(Organization(name="Minato", is_sandbox=is_sandbox), cast(Environment, environment))
    with pytest.raises(OtherKind, match="The profile says sandbox, but Minato is the production org"):
        refuse_other_kind(Organization(name="Minato", is_sandbox=False), "sandbox")


def test_machines_never_approve() -> None:
    refuse_approver(StaffMember(user_id="1", name="W", username="w@example.com", roles=frozenset({Role.WORKER})))
    with pytest.raises(SettingsError):
        refuse_approver(
            StaffMember(user_id="1", name="W", username="w@example.com", roles=frozenset({Role.SUPERVISOR}))
        )


def test_a_machine_without_a_password_store_is_refused_plainly(
    bench: Bench, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_store: KeyringBackend = Keyring()  # type: ignore[no-untyped-call]  # its library has no types there
    monkeypatch.setattr(keyring, "get_password", no_store.get_password)

    async def nothing(_: Services) -> None:
        raise AssertionError("it must not open")

    with pytest.raises(SettingsError, match="no password store"):
        opened(bench, profile, nothing)


def test_no_file_and_no_log_line_of_a_desk_holds_a_token(
    bench: Bench, profile: Profile, clean_environment: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: list[str] = []

    async def work(desk: Services) -> None:
        await desk.sign_in.sign_in()
        await desk.sync.run()
        bench.break_with("invalid_session", "query", "salesforce")
        await desk.me()
        access = desk.salesforce.session.access.token
        secrets.append(access.get_secret_value() if access else "")
        secrets.extend(json.loads(entry)["refresh_token"] for entry in MemoryKeyring.kept.values())

    opened(bench, profile, work)
    assert all(secrets)
    files = [file for folder in (bench.folder, clean_environment) for file in folder.rglob("*") if file.is_file()]
    assert files
    for secret in secrets:
        assert not [file for file in files if secret.encode() in file.read_bytes()]
        assert secret not in caplog.text
