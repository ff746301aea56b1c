"""The sign-in pages over HTTP: who is sent back to the app, who only sees a page, and what errors look like."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from console.sandbox.salesforce_oauth import CLIENT_ID, REDIRECT_URIS, OAuthSwitches, s256
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions

_VERIFIER = "v" * 43
_ASKED = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT_URIS[0],
    "scope": "api refresh_token openid",
    "state": "the state",
    "code_challenge": s256(_VERIFIER),
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Sandbox, SandboxInfo]]:
    """A small world, served."""
    sandbox = Sandbox(SandboxOptions(customers=20, orders=12))
    with sandbox.running() as info:
        yield sandbox, info


@pytest.fixture
def sandbox(running: tuple[Sandbox, SandboxInfo]) -> Sandbox:
    """The world, with nobody signed in."""
    running[0].sign_ins.end_all()
    running[0].sign_ins.switches = OAuthSwitches()
    running[0].board.remove()
    return running[0]


@pytest.fixture
def http(sandbox: Sandbox, running: tuple[Sandbox, SandboxInfo]) -> Iterator[httpx.Client]:
    """A browser or program at Salesforce's address."""
    with httpx.Client(base_url=running[1].salesforce_url, trust_env=False) as http:
        yield http


@pytest.fixture
def control(sandbox: Sandbox, running: tuple[Sandbox, SandboxInfo]) -> Iterator[httpx.Client]:
    """The switchboard."""
    with httpx.Client(base_url=running[1].control_url, trust_env=False) as control:
        yield control


def person(sandbox: Sandbox, role: str = "supervisor") -> Any:
    return next(user for user in sandbox.world.staff if user.role == role)


def sent_back(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(REDIRECT_URIS[0] + "?")
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def pressed(http: httpx.Client, user: str, **changes: str) -> dict[str, str]:
    return sent_back(http.post("/services/oauth2/authorize", data={**_ASKED, **changes, "person": user}))


def token(http: httpx.Client, **form: str) -> httpx.Response:
    return http.post("/services/oauth2/token", data={"client_id": CLIENT_ID, **form})


def signed_in(http: httpx.Client, user: str, **changes: str) -> dict[str, str]:
    code = pressed(http, user, **changes)["code"]
    answer = token(
        http, grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URIS[0], code_verifier=_VERIFIER
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def test_the_page_offers_the_invented_staff(http: httpx.Client, sandbox: Sandbox) -> None:
    hinted = person(sandbox)
    page = http.get("/services/oauth2/authorize", params={**_ASKED, "login_hint": hinted.username})
    assert page.headers["content-type"].startswith("text/html")
    assert all(user.name in page.text for user in sandbox.world.staff)
    assert f'value="{hinted.id}" autofocus' in page.text


def test_what_is_kept_in_the_page_is_escaped(http: httpx.Client) -> None:
    page = http.get("/services/oauth2/authorize", params={**_ASKED, "state": '"><script>'})
    assert "<script>" not in page.text


def test_the_button_goes_back_with_a_code_and_the_state(http: httpx.Client, sandbox: Sandbox) -> None:
    back = pressed(http, person(sandbox).id)
    assert back["state"] == "the state"
    assert back["code"].startswith("aPrx")


def test_nobody_chosen_is_a_decline(http: httpx.Client) -> None:
    back = pressed(http, "")
    assert (back["error"], back["state"]) == ("access_denied", "the state")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "other"}, "invalid_client_id"),
        ({"redirect_uri": "https://evil.example.com/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": f"{REDIRECT_URIS[0]}/"}, "redirect_uri_mismatch"),
    ],
)
def test_an_app_that_cannot_be_trusted_is_never_called_back(
    http: httpx.Client, sandbox: Sandbox, changes: dict[str, str], error: str
) -> None:
    for answer in (
        http.get("/services/oauth2/authorize", params={**_ASKED, **changes}),
        http.post("/services/oauth2/authorize", data={**_ASKED, **changes, "person": person(sandbox).id}),
    ):
        assert answer.status_code == 400
        assert error in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "api everything"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_another_mistake_of_the_app_goes_back_to_it(http: httpx.Client, changes: dict[str, str], error: str) -> None:
    assert sent_back(http.get("/services/oauth2/authorize", params={**_ASKED, **changes}))["error"] == error
    assert pressed(http, "anybody", **changes)["error"] == error


def test_the_method_of_the_challenge_may_be_left_out(http: httpx.Client, sandbox: Sandbox) -> None:
    """As jsforce does it."""
    asked = {name: value for name, value in _ASKED.items() if name != "code_challenge_method"}
    assert sent_back(http.post("/services/oauth2/authorize", data={**asked, "person": person(sandbox).id}))["code"]


def test_tokens_have_the_fields_of_the_reference(http: httpx.Client, sandbox: Sandbox) -> None:
    user = person(sandbox)
    found = signed_in(http, user.id)
    assert found["token_type"] == "Bearer"
    assert found["instance_url"] == str(http.base_url).rstrip("/")
    assert found["id"].endswith(f"/{user.id}")
    assert found["issued_at"].isdecimal()
    assert found["access_token"].startswith("00D")
    assert "expires_in" not in found
    assert {"signature", "refresh_token", "id_token", "scope"} <= found.keys()


def test_without_their_scopes_there_is_no_refresh_token_and_no_id_token(http: httpx.Client, sandbox: Sandbox) -> None:
    assert not {"refresh_token", "id_token"} & signed_in(http, person(sandbox).id, scope="api").keys()


def test_the_token_opens_the_data_and_tells_who_one_is(http: httpx.Client, sandbox: Sandbox) -> None:
    user = person(sandbox, "support")
    headers = {"Authorization": f"Bearer {signed_in(http, user.id)['access_token']}"}
    assert http.get("/services/data/v66.0/limits", headers=headers).status_code == 200
    about = http.get("/services/oauth2/userinfo", headers=headers).json()
    assert about["user_id"] == user.id
    assert http.get(urlsplit(about["sub"]).path, headers=headers).json()["username"] == user.username


def test_a_refresh_answers_with_the_next_refresh_token(http: httpx.Client, sandbox: Sandbox) -> None:
    first = signed_in(http, person(sandbox).id)
    # jsforce sends its verifier here as well.
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "code_verifier": _VERIFIER}
    second = token(http, **form).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["id"] == first["id"]
    assert token(http, **form).json()["error"] == "invalid_grant"


def test_a_body_without_a_length_is_read(http: httpx.Client) -> None:
    """As jsforce sends it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = http.post("/services/oauth2/token", content=iter([b"grant_type=", b"password"]), headers=headers)
    assert answer.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "y"}, "invalid_client"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, "invalid_grant"),
    ],
)
def test_a_refusal_is_400_with_its_error(http: httpx.Client, form: dict[str, str], error: str) -> None:
    answer = token(http, **form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_tokens_are_posted_for(http: httpx.Client) -> None:
    assert http.get("/services/oauth2/token").json()["error"] == "invalid_request"


def test_revoking_answers_with_nothing_and_a_second_time_with_a_refusal(http: httpx.Client, sandbox: Sandbox) -> None:
    found = signed_in(http, person(sandbox).id)
    done = http.post("/services/oauth2/revoke", data={"token": found["refresh_token"]})
    assert (done.status_code, done.text) == (200, "")
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert http.get("/services/oauth2/userinfo", headers=headers).text == "Bad_OAuth_Token"
    again = http.get("/services/oauth2/revoke", params={"token": found["refresh_token"]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")
    assert http.post("/services/oauth2/revoke").json()["error"] == "invalid_request"


def test_the_switchboard_sets_lives_and_ends_sign_ins(
    http: httpx.Client, control: httpx.Client, sandbox: Sandbox
) -> None:
    found = signed_in(http, person(sandbox).id)
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert control.get("/settings").json()["oauth"]["token_life_s"] == 7200
    assert control.post("/settings", json={"oauth": {"token_life_s": 0}}).json()["oauth"]["token_life_s"] == 0
    assert http.get("/services/data/v66.0/limits", headers=headers).status_code == 401
    control.post("/settings", json={"oauth": {"token_life_s": 60}})
    again = token(http, grant_type="refresh_token", refresh_token=found["refresh_token"]).json()
    control.delete("/sign_ins", params={"only": "access"})
    headers = {"Authorization": f"Bearer {again['access_token']}"}
    assert http.get("/services/data/v66.0/limits", headers=headers).status_code == 401
    control.delete("/sign_ins")
    ended = token(http, grant_type="refresh_token", refresh_token=again["refresh_token"])
    assert ended.json()["error"] == "invalid_grant"
    assert control.post("/settings", json={"oauth": {"colour": "red"}}).status_code == 400


def test_faults_know_the_actions(http: httpx.Client, control: httpx.Client) -> None:
    fault = {"system": "salesforce", "action": "oauth_token", "kind": "refuse", "error_code": "inactive_user"}
    control.post("/faults", json=fault)
    assert token(http, grant_type="refresh_token").json()["error"] == "inactive_user"
    control.post("/reset_calls")
    http.get("/services/oauth2/authorize", params=_ASKED)
    http.post("/services/oauth2/revoke")
    assert control.get("/calls").json()["salesforce"] == {"oauth_authorize": 1, "oauth_revoke": 1}
