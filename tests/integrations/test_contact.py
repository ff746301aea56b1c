"""What is noted of a system's answers: the last one, its time, and since when there is none."""

import gc
import threading
import weakref
from datetime import UTC, datetime

import pytest

from console.errors import AccessRefused, Conflict, OutcomeUnknown, SystemFault, Unavailable
from console.integrations.contact import Contact, Seen


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def call(contact: Contact, clock: Clock, takes_s: float = 0.0, fault: SystemFault | None = None) -> None:
    try:
        with contact.watched():
            clock.now += takes_s
            if fault:
                raise fault
    except SystemFault as raised:
        assert raised is fault


def test_nothing_is_known_before_the_first_call() -> None:
    contact = Contact(Clock())
    assert contact.seen == Seen()
    assert not contact.is_fresh(30)


@pytest.mark.parametrize("fault", [None, Conflict("portal", "database", "taken")])
def test_an_answer_ends_an_outage_also_a_no(fault: SystemFault | None) -> None:
    clock = Clock()
    contact = Contact(clock)
    call(contact, clock, fault=Unavailable("portal", "database", "gone"))
    call(contact, clock, 0.25, fault)
    assert (contact.seen.took_ms, contact.seen.down_since, contact.seen.fault) == (250, None, None)


@pytest.mark.parametrize("kind", [Unavailable, OutcomeUnknown])
def test_an_outage_began_with_its_first_failure_and_keeps_the_last_answer(kind: type[SystemFault]) -> None:
    clock = Clock()
    contact = Contact(clock)
    call(contact, clock, 0.1)
    answered = contact.seen.answered_at
    call(contact, clock, fault=kind("whmcs", "GetClients", "first"))
    began = contact.seen.down_since
    call(contact, clock, fault=kind("whmcs", "GetClients", "second"))
    assert began
    assert (contact.seen.answered_at, contact.seen.took_ms, contact.seen.down_since) == (answered, 100, began)
    assert contact.seen.fault
    assert contact.seen.fault.message == "second"


def test_a_refusal_is_an_answer_that_is_remembered_until_the_next() -> None:
    clock = Clock()
    contact = Contact(clock)
    call(contact, clock, fault=AccessRefused("whmcs", "GetClients", "no"))
    assert (contact.seen.down_since, type(contact.seen.fault)) == (None, AccessRefused)
    call(contact, clock)
    assert contact.seen.fault is None


def test_an_answer_stays_fresh_for_a_while_and_a_failure_ends_it() -> None:
    clock = Clock()
    contact = Contact(clock)
    call(contact, clock)
    clock.now += 30
    assert contact.is_fresh(30)
    clock.now += 1
    assert not contact.is_fresh(30)
    call(contact, clock)
    call(contact, clock, fault=Unavailable("portal", "database", "gone"))
    assert not contact.is_fresh(30)


def test_a_remembered_fault_keeps_no_answer_in_memory() -> None:
    class Answer:
        """Something large that a frame of the call holds."""

    def broken(contact: Contact) -> weakref.ref[Answer]:
        answer = Answer()
        try:
            with contact.watched():
                raise Unavailable("whmcs", "GetClients", "gone")
        except Unavailable:
            return weakref.ref(answer)

    contact = Contact()
    held = broken(contact)
    gc.collect()
    assert contact.seen.fault
    assert held() is None


def test_calls_on_many_threads_are_all_noted() -> None:
    contact = Contact()

    def many() -> None:
        for _ in range(200):
            with contact.watched():
                pass

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert contact.is_fresh(30)


def test_a_system_that_is_spared_is_told_with_since_when_until_it_answers() -> None:
    clock = Clock()
    contact = Contact(clock)
    since = datetime(2026, 11, 23, 3, tzinfo=UTC)
    call(contact, clock, fault=Unavailable("whmcs", "GetClients", "gone"))
    contact.hold(since)
    assert contact.seen.held_since == since
    call(contact, clock, fault=Unavailable("whmcs", "GetClients", "gone"))
    assert contact.seen.held_since == since
    call(contact, clock)
    assert contact.seen.held_since is None
