"""Signing in to Salesforce and out again: what the desk shows of it, and work in hand that goes on afterwards."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from urllib.parse import urlsplit

from console.errors import AccessRefused, ConsoleError, InvalidInput, SettingsError, Unavailable
from console.integrations.salesforce.oauth import Identity
from console.integrations.salesforce.session import SalesforceSession
from console.integrations.salesforce.sign_in import BrowserSignIn, Wanted
from console.models.record import Record, Sentence
from console.models.salesforce_access import Organization
from console.models.staff import Right, StaffMember
from console.settings import Environment, Profile
from console.workflows import doctor_words

_NOTHING = Sentence(en="", ja="")
_DECLINED = Sentence(
    en="The sign-in was declined in the browser.",
    ja="ブラウザでサインインが拒否されました。",
)
_APP = Sentence(
    en="Salesforce does not take this console's app. Ask your administrator to look at client_id in the profile.",
    ja="Salesforceがこのコンソールのアプリを受け付けません。プロファイルのclient_idの確認を管理者に依頼してください。",
)
_EXPIRED = Sentence(
    en="The sign-in has ended. Sign in again.", ja="サインインの期限が切れました。もう一度サインインしてください。"
)
_PROBLEMS = {
    "access_denied": _DECLINED,
    "invalid_client": _APP,
    "invalid_client_id": _APP,
    "unauthorized_client": _APP,
    "redirect_uri_mismatch": Sentence(
        en="Salesforce does not know this console's address. Ask your administrator to register it.",
        ja="Salesforceにこのコンソールのアドレスが登録されていません。管理者に登録を依頼してください。",
    ),
    "inactive_user": Sentence(
        en="Your Salesforce user is not active. Ask your administrator.",
        ja="Salesforceユーザが有効ではありません。管理者に問い合わせてください。",
    ),
    "inactive_org": Sentence(
        en="The Salesforce org is not active. Ask your administrator.",
        ja="Salesforce組織が有効ではありません。管理者に問い合わせてください。",
    ),
    "other_org": Sentence(
        en="That is another Salesforce org than this desk's. Sign in to the right one.",
        ja="このデスクとは別のSalesforce組織です。正しい組織にサインインしてください。",
    ),
    "other_person": Sentence(
        en="That is another person. Sign in as the one whose work is open here, or close this desk first.",
        ja="別の人のサインインです。ここで作業中の人としてサインインするか、先にこのデスクを閉じてください。",
    ),
    "invalid_grant": _EXPIRED,
}
_NO_ANSWER = Sentence(
    en="Salesforce did not answer, so nobody was signed in. Try again.",
    ja="Salesforceから応答がなく、サインインできませんでした。もう一度お試しください。",
)
_NOT_FINISHED = Sentence(
    en="The sign-in in the browser was not finished. Try again.",
    ja="ブラウザでのサインインが完了していません。もう一度お試しください。",
)
_STILL_OPEN = Sentence(
    en="You are signed out here. Salesforce could not be told; its administrator can end the sign-in there too.",
    ja="ここではサインアウトしました。Salesforceには通知できませんでした。管理者が向こう側でも終了できます。",
)


class OtherKind(SettingsError):
    """The org is not of the kind that the profile says; `said` has it in both languages."""

    def __init__(self, said: Sentence) -> None:
        """Name both kinds and what to do."""
        super().__init__(said.en)
        self.said = said


class SignInState(StrEnum):
    """What the desk shows. NEEDED is the one quiet bar with its button."""

    SIGNED_IN = "signed_in"
    NEEDED = "needed"
    IN_BROWSER = "in_browser"
    SIGNED_OUT = "signed_out"


class SignInStatus(Record):
    """Who is signed in where.

    name, username   the person, empty where nobody was signed in yet
    environment      practice, sandbox or production, which the window tells apart
    host             Salesforce's address without the https://
    address          the page to finish in the browser, only while that is under way
    problem          why the last attempt failed or a sign-in is needed, in plain words; else empty
    can_sign_in      whether a person can sign in and out here; not with given tokens or the worker's key
    """

    state: SignInState
    name: str
    username: str
    environment: Environment
    host: str
    address: str = ""
    problem: Sentence = _NOTHING
    can_sign_in: bool = True


class SignIn:
    """The sign-in of one desk. Runs on the loop that it was made on."""

    def __init__(
        self, profile: Profile, session: SalesforceSession, browser: BrowserSignIn | None = None, person: str = ""
    ) -> None:
        """`browser` signs people in; None where the access token is given or comes with a key.

        `person` is the username of the one who has to sign in, where that is not the profile's.
        """
        self._profile = profile
        self._session = session
        self._browser = browser
        self._person = person or profile.salesforce.username
        self._who: Identity | None = None
        self._state = SignInState.SIGNED_OUT if browser else SignInState.SIGNED_IN
        self._address = ""
        self._problem = _NOTHING
        self._listeners: list[Callable[[], None]] = []
        self._loop = asyncio.get_running_loop()
        session.gate.on_change = self._tell

    @property
    def status(self) -> SignInStatus:
        """What to show now."""
        return SignInStatus(
            state=self._state,
            name=self._who.name if self._who else "",
            username=self._who.username if self._who else "",
            environment=self._profile.environment,
            host=urlsplit(self._session.instance_url).netloc,
            address=self._address,
            problem=self._problem,
            can_sign_in=self._browser is not None,
        )

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` on the loop whenever `status` has changed. Returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def recall(self, who: Identity | None) -> None:
        """Take up the person of whom the password store still has a sign-in, where it is the one wanted here."""
        if who is None or self._wanted().refusal(who) is not None:
            self._show(SignInState.NEEDED)
            return
        self._who = who
        self._show(SignInState.SIGNED_IN)

    async def sign_in(self) -> SignInStatus:
        """Sign a person in; work that waits goes on. A sign-in that still holds is used, and no browser opened.

        Cancelling the task ends the wait for the browser. Raises `ConsoleError` with plain words where it failed;
        `status.problem` says the same.
        """
        browser = self._offered()
        if self._state is SignInState.IN_BROWSER:
            raise InvalidInput("A sign-in is waiting in the browser already.")
        if not await self._still_holds():
            await self._through(browser)
        self._show(SignInState.SIGNED_IN)
        return self.status

    async def sign_out(self) -> SignInStatus:
        """End the sign-in on this desk and at Salesforce. The next person may be another one."""
        told = await asyncio.to_thread(self._offered().sign_out)
        self._session.forget()
        self._who = None
        self._show(SignInState.SIGNED_OUT, _NOTHING if told else _STILL_OPEN)
        return self.status

    def give_up(self) -> None:
        """Nobody will sign in now: work that waits for it ends with SYN-03."""
        self._session.gate.give_up()

    async def _still_holds(self) -> bool:
        """Whether the sign-in in the password store gave a new token; asking the person again would use one up."""
        if self._who is None:
            return False
        try:
            await self._session.renewed_at_once(self._session.access)
        except AccessRefused:
            return False
        except Unavailable as error:
            self._show(SignInState.NEEDED, _NO_ANSWER)
            raise Unavailable(error.system, error.action, _NO_ANSWER.en, status=error.status) from error
        return True

    async def _through(self, browser: BrowserSignIn) -> None:
        self._show(SignInState.IN_BROWSER)
        try:
            tokens, self._who = await browser.sign_in(self._wanted(), self._show_address)
        except ConsoleError as error:
            self._show(SignInState.NEEDED, _words(error))
            raise
        except asyncio.CancelledError:
            self._show(SignInState.NEEDED)
            raise
        self._session.adopt(tokens.access_token, tokens.instance_url)

    def _wanted(self) -> Wanted:
        who = self._who
        return Wanted(
            username=self._person,
            user_id=who.user_id if who else "",
            organization_id=self._profile.salesforce.organization_id or (who.organization_id if who else ""),
        )

    def _offered(self) -> BrowserSignIn:
        if self._browser is None:
            raise SettingsError("With this profile nobody signs in or out: its access is given.")
        return self._browser

    def _tell(self) -> None:
        """The gate changes on any thread."""
        self._loop.call_soon_threadsafe(self._gate_changed)

    def _gate_changed(self) -> None:
        if self._state is SignInState.IN_BROWSER:
            return
        needed = self._session.gate.needed
        if needed:
            self._show(SignInState.NEEDED, _words(needed) if self._who else _NOTHING)
        elif self._session.access.token:
            self._show(SignInState.SIGNED_IN)

    def _show_address(self, address: str) -> None:
        self._show(SignInState.IN_BROWSER, address=address)

    def _show(self, state: SignInState, problem: Sentence = _NOTHING, address: str = "") -> None:
        self._state, self._problem, self._address = state, problem, address
        for listener in list(self._listeners):
            listener()


def refuse_other_kind(org: Organization, environment: Environment) -> None:
    """Raises `OtherKind` where the org is not of the kind that the profile says: nothing is done in it then."""
    if not org.is_of(environment):
        said, remedy = doctor_words.other_kind(environment, org.name, org.is_sandbox), doctor_words.CORRECT_KIND
        raise OtherKind(Sentence(en=f"{said.en} {remedy.en}", ja=f"{said.ja}{remedy.ja}"))


def refuse_approver(worker: StaffMember) -> None:
    """Machines never approve. Raises `SettingsError` where the worker's integration user has that right."""
    if worker.may(Right.APPROVE):
        raise SettingsError(
            f"The worker's Salesforce user {worker.username} may approve orders. "
            "Take the supervisor permission set away from it; a worker needs its own one only."
        )


def _words(error: ConsoleError) -> Sentence:
    """Why it failed, for the person at the desk."""
    if isinstance(error, AccessRefused):
        return _PROBLEMS.get(
            error.error_code or "",
            Sentence(
                en="Salesforce refused the sign-in. Ask your administrator.",
                ja="Salesforceにサインインを拒否されました。管理者に問い合わせてください。",
            ),
        )
    if isinstance(error, Unavailable):
        return _NOT_FINISHED if error.action == "sign_in" else _NO_ANSWER
    return doctor_words.of_this_machine(str(error))
