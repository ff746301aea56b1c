"""An access token that ends is replaced unseen; a refresh token is used by one at a time and never lost in silence."""

import asyncio
import threading
from collections.abc import Callable

import keyring
import pytest
from keyring.errors import KeyringLocked
from pydantic import SecretStr

from console.errors import AccessRefused, ConsoleError, SystemFault, Unavailable
from console.integrations.salesforce import tokens
from console.integrations.salesforce.oauth import Identity, Tokens
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.tokens import SignInStore, StoredRenewal
from console.integrations.salesforce.transport import Step
from console.sandbox.salesforce_store import new_id
from tests.integrations.salesforce.sign_in_bench import SignInBench
from tests.memory_keyring import MemoryKeyring

_ACCOUNTS = "SELECT Id, Name FROM Account ORDER BY Id LIMIT 2"
_WHO = Identity(user_id="005000000000001AAA", organization_id="00D000000000001AAA", username="a@example.com", name="A")


async def ask(desk: Salesforce) -> object:
    return await desk.transport.query(_ACCOUNTS)


def kept(bench: SignInBench) -> str:
    stored = bench.store().load()
    return stored.refresh_token.get_secret_value() if stored else ""


def test_a_desk_comes_with_the_refresh_token_alone(signing: SignInBench) -> None:
    signing.sign_in()
    assert signing.run(ask)
    assert signing.calls("oauth_token") == 2


def test_two_hundred_reads_on_a_token_that_ends_refresh_exactly_once(signing: SignInBench) -> None:
    signing.sign_in()

    async def work(desk: Salesforce) -> None:
        await ask(desk)
        signing.sandbox.sign_ins.expire_access_tokens()
        signing.sandbox.board.calls.clear()
        answers = await asyncio.gather(*[ask(desk) for _ in range(200)])
        assert len(answers) == 200

    signing.run(work)
    assert signing.calls("oauth_token") == 1


def test_a_composite_on_a_token_that_ended_is_done_once(signing: SignInBench) -> None:
    signing.sign_in()
    account = next(iter(signing.sandbox.salesforce.tables["Account"]))
    step = Step(name="a", method="PATCH", path=f"sobjects/Account/{account}", body={"Phone": "03-0000-0000"})

    async def work(desk: Salesforce) -> None:
        await ask(desk)
        signing.sandbox.sign_ins.expire_access_tokens()
        before = signing.sandbox.salesforce.tables["Account"][account]["SystemModstamp"]
        await desk.transport.composite([step])
        assert signing.sandbox.salesforce.tables["Account"][account]["SystemModstamp"] >= before
        assert (await desk.transport.userinfo())["preferred_username"] == signing.username("supervisor")
        signing.sandbox.sign_ins.expire_access_tokens()
        assert (await desk.transport.userinfo())["preferred_username"] == signing.username("supervisor")

    signing.run(work)
    assert signing.calls("composite") == 2
    assert signing.calls("oauth_token") == 4


def test_a_token_that_ends_between_two_pages_is_not_seen(signing: SignInBench) -> None:
    signing.sign_in()
    store = signing.sandbox.salesforce
    store.load("Task", [{"Id": new_id("Task", n), "Subject": f"Call {n}"} for n in range(1, 2002)])

    async def work(desk: Salesforce) -> None:
        signing.break_next("query_more", "invalid_session")
        assert len(await desk.transport.query("SELECT Id FROM Task")) == 2001

    signing.run(work)


def test_the_versions_are_asked_for_without_a_sign_in(signing: SignInBench) -> None:
    async def work(desk: Salesforce) -> object:
        return await desk.transport.reachable()

    assert signing.run(work)
    assert signing.calls("oauth_token") == 0


def test_a_rotated_refresh_token_is_kept_before_the_access_token_is_used(signing: SignInBench) -> None:
    signing.sign_in()
    first = kept(signing)
    signing.run(ask)
    second = kept(signing)
    assert second not in ("", first)
    signing.run(ask)
    assert kept(signing) not in (first, second)


def test_without_rotation_the_refresh_token_stays(signing: SignInBench) -> None:
    signing.switches.rotate = False
    signing.sign_in()
    first = kept(signing)
    signing.run(ask)
    assert kept(signing) == first


@pytest.mark.parametrize("kind", ["status", "html", "html_200", "redirect"])
def test_an_outage_of_the_token_endpoint_is_no_sign_out(signing: SignInBench, kind: str) -> None:
    signing.sign_in()
    signing.break_next("oauth_token", kind)
    with pytest.raises(Unavailable):
        signing.run(ask)
    assert signing.run(ask)


def test_too_many_sign_ins_are_no_sign_out(signing: SignInBench) -> None:
    signing.sign_in()
    signing.break_next("oauth_token", "refuse", error_code="rate_limit_exceeded")
    with pytest.raises(Unavailable) as caught:
        signing.run(ask)
    assert caught.value.error_code == "rate_limit_exceeded"
    assert signing.run(ask)


def dead(bench: SignInBench) -> SystemFault:
    with pytest.raises(AccessRefused) as caught:
        bench.run(ask)
    assert caught.value.error_code == "invalid_grant"
    return caught.value


def test_a_revoked_refresh_token_is_forgotten_and_asked_for_once(signing: SignInBench) -> None:
    signing.sign_in()
    signing.sandbox.sign_ins.end_all()
    dead(signing)
    assert kept(signing) == ""
    asked = signing.calls("oauth_token")
    dead(signing)
    assert signing.calls("oauth_token") == asked


def test_a_refusal_of_the_app_keeps_the_refresh_token(signing: SignInBench) -> None:
    signing.sign_in()
    signing.break_next("oauth_token", "refuse", error_code="inactive_user")
    with pytest.raises(AccessRefused) as caught:
        signing.run(ask)
    assert caught.value.error_code == "inactive_user"
    assert signing.run(ask)


def test_a_renewal_whose_answer_was_lost_is_explained(signing: SignInBench) -> None:
    """The old refresh token has ended, the new one never arrived: only a person can help."""
    signing.sign_in()
    signing.break_next("oauth_token", "commit_then_drop")
    with pytest.raises(Unavailable):
        signing.run(ask)
    assert "cut off" in dead(signing).message
    signing.sign_in()
    assert signing.run(ask)


def test_a_desk_finds_what_another_desk_of_the_person_got(signing: SignInBench) -> None:
    signing.sign_in()

    async def both() -> None:
        one, other = signing.desk(), signing.desk()
        for _ in range(3):
            await asyncio.gather(ask(one), ask(other))
            signing.sandbox.sign_ins.expire_access_tokens()
        await one.aclose()
        await other.aclose()

    asyncio.run(both())
    assert signing.calls("oauth_token") == 7


def test_a_refresh_token_that_was_replaced_meanwhile_is_looked_up_again(signing: SignInBench) -> None:
    """As when something that does not know our lock has put the newer one there."""
    signing.sign_in()
    wire = signing.wire()
    stale, asked = signing.store().load(), wire.by_refresh_token

    def overtaken(refresh_token: SecretStr) -> Tokens:
        wire.by_refresh_token = asked  # type: ignore[method-assign]
        newer = asked(refresh_token)
        assert newer.refresh_token and stale
        signing.store().save(newer.refresh_token, stale.identity)
        raise AccessRefused("salesforce", "oauth_token", "expired", error_code="invalid_grant")

    wire.by_refresh_token = overtaken  # type: ignore[method-assign]
    StoredRenewal(wire, signing.store())()
    assert kept(signing)


def test_a_desk_that_waits_too_long_for_another_one_says_so(
    signing: SignInBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing.sign_in()
    monkeypatch.setattr(tokens, "_WAIT_S", 0.01)
    renewal = StoredRenewal(signing.wire(), signing.store())
    with signing.store().alone(), pytest.raises(Unavailable, match="another window"):
        _on_a_thread(renewal)


def test_a_rotated_token_that_the_store_does_not_take_is_kept_until_it_does(
    signing: SignInBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing.sign_in()
    first = kept(signing)
    renewal = StoredRenewal(signing.wire(), signing.store())

    def locked(*_: str) -> None:
        raise KeyringLocked

    with monkeypatch.context() as patch:
        patch.setattr(keyring, "set_password", locked)
        with pytest.raises(Unavailable, match="locked"):
            renewal()
    assert kept(signing) == first
    asked = signing.calls("oauth_token")
    renewal()
    assert kept(signing) not in ("", first)
    assert signing.calls("oauth_token") == asked
    renewal()


def test_an_unsaved_token_gives_way_to_a_new_sign_in(signing: SignInBench, monkeypatch: pytest.MonkeyPatch) -> None:
    signing.sign_in()
    renewal = StoredRenewal(signing.wire(), signing.store())

    def locked(*_: str) -> None:
        raise KeyringLocked

    with monkeypatch.context() as patch:
        patch.setattr(keyring, "set_password", locked)
        with pytest.raises(Unavailable):
            renewal()
    signing.sign_in("support")
    support = kept(signing)
    renewal()
    assert kept(signing) not in ("", support)


def test_a_refresh_that_answers_for_somebody_else_is_refused(signing: SignInBench) -> None:
    signing.sign_in()
    stored = signing.store().load()
    assert stored
    other = stored.identity.model_copy(update={"user_id": "005000000000001AAA"})
    signing.store().save(stored.refresh_token, other)
    with pytest.raises(AccessRefused) as caught:
        signing.run(ask)
    assert caught.value.error_code == "other_person"


def test_the_address_that_comes_with_a_token_is_used_from_then_on(signing: SignInBench) -> None:
    signing.sign_in()
    moved = signing.info.salesforce_url.replace("127.0.0.1", "localhost")
    signing.switches.instance_url = moved

    async def work(desk: Salesforce) -> str:
        await desk.transport.userinfo()
        assert await ask(desk)
        return desk.session.instance_url

    assert signing.run(work) == moved


def test_a_token_for_an_address_that_is_not_salesforce_is_not_taken(signing: SignInBench) -> None:
    signing.sign_in()
    signing.switches.instance_url = "https://evil.example.com"
    with pytest.raises(Unavailable):
        signing.run(ask)


def test_a_cancelled_read_does_not_break_a_renewal_off(signing: SignInBench) -> None:
    signing.sign_in()
    first = kept(signing)
    signing.sandbox.board.latency_ms["salesforce"] = 100

    async def work(desk: Salesforce) -> None:
        reading = asyncio.ensure_future(ask(desk))
        await asyncio.sleep(0)
        assert "salesforce sign-in" in {thread.name for thread in threading.enumerate()}
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    try:
        signing.run(work)
    finally:
        signing.sandbox.board.latency_ms["salesforce"] = 0
    assert kept(signing) not in ("", first)


def test_each_person_on_one_profile_has_an_entry_of_their_own(signing: SignInBench) -> None:
    signing.store("a@example.com").save(SecretStr("one"), _WHO)
    signing.store("b@example.com").save(SecretStr("two"), _WHO)
    assert [found.refresh_token.get_secret_value() for name in ("A@example.com", "b@example.com")
            if (found := signing.store(name).load())] == ["one", "two"]  # fmt: skip
    signing.store("a@example.com").forget()
    assert signing.store("a@example.com").load() is None
    assert signing.store("b@example.com").load()


@pytest.mark.parametrize("entry", ["", "{", "[]", "null", '{"refresh_token": 5}', '{"refresh_token": "a"}'])
def test_an_entry_that_cannot_be_understood_is_no_sign_in(signing: SignInBench, entry: str) -> None:
    keyring.set_password("Staff Console", "bench/Salesforce sign-in", entry)
    assert signing.store().load() is None


def test_nothing_but_the_password_store_holds_the_refresh_token(signing: SignInBench) -> None:
    signing.sign_in()
    signing.run(ask)
    secret = kept(signing)
    assert secret in str(MemoryKeyring.kept)
    files = [file.read_bytes() for file in signing.folder.iterdir() if file.is_file()]
    assert not [content for content in files if secret.encode() in content]
    desk = signing.desk()
    assert secret not in f"{vars(desk.session)!r}"
    asyncio.run(desk.aclose())


def test_the_lock_is_one_for_each_profile_and_person(signing: SignInBench) -> None:
    one, other = SignInStore("a", "", signing.folder), SignInStore("b", "", signing.folder)
    with one.alone(), other.alone():
        pass


def _on_a_thread(work: Callable[[], object]) -> None:
    """Do `work` on a thread, as the desk does, and raise here what it raises there."""
    raised: list[ConsoleError] = []

    def attempt() -> None:
        try:
            work()
        except ConsoleError as error:
            raised.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
