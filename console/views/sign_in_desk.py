"""Signing in at the window: a page before the desk opens, and one quiet bar when a sign-in ends while one works."""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from console.errors import ConsoleError
from console.notices import NoticeKind
from console.tasks import Tasks
from console.views.confirm import ConfirmDialog, Question
from console.views.widgets import Button, Text, row
from console.views.words import in_language, tr

if TYPE_CHECKING:
    from console.views.main_window import MainWindow
    from console.workflows.sign_in import SignIn, SignInStatus


class SignInBar(QWidget):
    """Stands above the page; what is shown below it stays, and what waits for the sign-in goes on after it."""

    def __init__(self) -> None:
        """Hidden until a sign-in is needed."""
        super().__init__()
        self.setObjectName("stale")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.words = Text("", wrapped=True)
        self.sign_in = Button(tr("Sign in"), look="primary")
        self.cancel = Button(tr("Cancel"), look="link")
        line = row((16, 6, 16, 6), 10)
        line.addWidget(self.words, 1)
        line.addWidget(self.cancel)
        line.addWidget(self.sign_in)
        self.setLayout(line)
        self.hide()

    def show_status(self, status: "SignInStatus") -> None:
        """Ask for a sign-in, say that it goes on in the browser, or go."""
        in_browser = status.state.value == "in_browser"
        said = tr("Finish signing in in your browser.")
        if not in_browser:
            ended = tr("Your sign-in to Salesforce has ended. What is under way waits for you to sign in.")
            said = " ".join(filter(None, (ended, in_language(status.problem))))
        self.words.say(said)
        self.setAccessibleName(said)
        self.sign_in.setVisible(not in_browser)
        self.cancel.setVisible(in_browser)
        self.setVisible(status.state.value != "signed_in")


class SignInDesk(QObject):
    """Lets the person at the window sign in and out. `sign_in` does it; this asks and shows."""

    def __init__(self, sign_in: "SignIn", window: "MainWindow", tasks: Tasks) -> None:
        """Nothing is asked yet."""
        super().__init__(window)
        self._sign_in, self._window, self._tasks = sign_in, window, tasks
        self._attempt: asyncio.Task[SignInStatus] | None = None
        self.bar = SignInBar()
        self.bar.sign_in.clicked.connect(lambda _checked: self._begin())
        self.bar.cancel.clicked.connect(lambda _checked: self._cancel())

    async def until_signed_in(self) -> None:
        """Show the page that asks for a sign-in until somebody has signed in."""
        self._window.top.show_environment(self._sign_in.status.environment)
        while (status := self._sign_in.status).state.value != "signed_in":
            pressed = asyncio.Event()
            words = f"{status.environment.upper()} · {status.host}"
            sentence = "\n".join(filter(None, (words, in_language(status.problem))))
            self._window.say_state(tr("Sign in to Salesforce"), sentence, tr("Sign in"), pressed.set)
            await pressed.wait()
            attempt = self._begin()
            told = tr("A page of Salesforce has opened there. This window goes on by itself.")
            self._window.say_state(tr("Finish signing in in your browser."), told, tr("Cancel"), self._cancel)
            await asyncio.wait([attempt])

    def watch(self) -> None:
        """From now on the bar tells when a sign-in is needed, and the menu can end it."""
        self._window.add_bar(self.bar)
        self._sign_in.on_change(lambda: self.bar.show_status(self._sign_in.status))
        self.bar.show_status(self._sign_in.status)
        self._window.shell.actions.on("sign_out", self._ask_to_sign_out, when=self._can_sign_out)

    def give_up(self) -> None:
        """The window is closed: nobody will sign in any more, so nothing waits for it."""
        self._cancel()
        self._sign_in.give_up()

    def _begin(self) -> "asyncio.Task[SignInStatus]":
        """One attempt at a time; a second press means the one that goes on."""
        if self._attempt is None or self._attempt.done():
            self._attempt = self._tasks.spawn(self._sign_in.sign_in(), "signing in", self._failed)
        return self._attempt

    def _cancel(self) -> None:
        if self._attempt:
            self._attempt.cancel()

    def _can_sign_out(self) -> bool:
        status = self._sign_in.status
        return status.can_sign_in and status.state.value == "signed_in"

    def _ask_to_sign_out(self) -> None:
        if self._can_sign_out():
            self._tasks.spawn(self._signed_out(), "signing out", self._failed)

    async def _signed_out(self) -> None:
        who = self._sign_in.status.name or tr("You")
        lines = (tr("{who} is signed out on this machine, and the desk closes.", who=who),)
        question = Question(tr("Sign out of Salesforce?"), lines, tr("Sign out"))
        if await ConfirmDialog(question, self._window).asked() is not None:
            await self._sign_in.sign_out()
            self._window.close()

    def _failed(self, error: Exception) -> None:
        """A no is said by the status; where somebody signed out it is a notice. What is none of these is a defect."""
        if not isinstance(error, ConsoleError):
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "signing in failed", "exception": error})
        elif self._sign_in.status.state.value == "signed_in":
            self._window.notices.tell(NoticeKind.FAILED, tr("The sign-out did not work."), str(error))
