"""Background tasks are named, held, told when they fail, and ended in order."""

import asyncio
import logging

import pytest

from console.tasks import Tasks


def test_a_task_is_held_named_and_gives_its_result() -> None:
    async def work() -> int:
        tasks = Tasks()
        task = tasks.spawn(asyncio.sleep(0, 7), "seven")
        assert task.get_name() == "seven"
        return await task

    assert asyncio.run(work()) == 7


def test_a_failure_that_nobody_awaits_is_logged_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("no")

    async def work() -> None:
        tasks = Tasks()
        task = tasks.spawn(fail(), "the sync")
        await asyncio.wait([task])
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        asyncio.run(work())
    assert "the sync" in caplog.text


def test_a_failure_that_somebody_takes_is_told_there_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Exception] = []

    async def fail() -> None:
        raise ValueError("no")

    async def work() -> None:
        with pytest.raises(ValueError, match="no"):
            await Tasks().spawn(fail(), "the sync", told.append)

    asyncio.run(work())
    assert [str(error) for error in told] == ["no"]
    assert caplog.text == ""


def test_a_task_that_is_cancelled_has_not_failed(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Exception] = []

    async def work() -> None:
        tasks = Tasks()
        tasks.spawn(asyncio.Event().wait(), "for ever", told.append)
        await asyncio.sleep(0)
        await tasks.aclose()

    asyncio.run(work())
    assert (told, caplog.text) == ([], "")


def test_closing_ends_the_newest_first_and_waits_for_each() -> None:
    ended: list[str] = []

    async def until_cancelled(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    async def work() -> None:
        tasks = Tasks()
        for name in ("first", "second", "third"):
            tasks.spawn(until_cancelled(name), name)
        await asyncio.sleep(0)
        await tasks.aclose()

    asyncio.run(work())
    assert ended == ["third", "second", "first"]


def test_a_task_that_fails_at_its_end_keeps_no_other_from_ending(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[str] = []

    async def until_cancelled(name: str, *, fails: bool = False) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)
            if fails:
                raise ValueError(name)

    async def work() -> None:
        tasks = Tasks()
        tasks.spawn(until_cancelled("first"), "first")
        tasks.spawn(until_cancelled("second", fails=True), "second")
        await asyncio.sleep(0)
        await tasks.aclose()

    asyncio.run(work())
    assert ended == ["second", "first"]
    assert "task second failed" in caplog.text


def test_closing_can_be_cancelled_itself() -> None:
    release = asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await release.wait()

    async def work() -> None:
        tasks = Tasks()
        task = tasks.spawn(slow_to_end(), "slow")
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(tasks.aclose(), 0.01)
        release.set()
        await asyncio.wait([task])

    asyncio.run(work())


def test_a_task_that_has_failed_does_not_disturb_the_closing() -> None:
    async def fail() -> None:
        raise ValueError("no")

    async def work() -> None:
        tasks = Tasks()
        tasks.spawn(fail(), "fails")
        await tasks.aclose()

    asyncio.run(work())


def test_waiting_for_the_end_also_waits_for_what_an_end_has_begun() -> None:
    ended: list[str] = []

    async def work() -> None:
        tasks = Tasks()

        async def second() -> None:
            await asyncio.sleep(0)
            ended.append("second")

        async def first() -> None:
            await asyncio.sleep(0)
            ended.append("first")
            tasks.spawn(second(), "second")

        tasks.spawn(first(), "first")
        assert await tasks.ended(60)

    asyncio.run(work())
    assert ended == ["first", "second"]


def test_waiting_for_the_end_has_an_end_itself() -> None:
    async def work() -> None:
        tasks = Tasks()
        tasks.spawn(asyncio.Event().wait(), "for ever")
        assert not await tasks.ended(0.01)
        await tasks.aclose()

    asyncio.run(work())
