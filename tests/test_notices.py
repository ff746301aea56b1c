"""Notices wait for somebody who listens, and are told once."""

from console.notices import Notice, NoticeKind, Notices


def test_what_was_told_before_anybody_listened_is_told_first_and_in_order() -> None:
    notices, heard = Notices(), list[Notice]()
    notices.tell(NoticeKind.DONE, "one")
    notices.tell(NoticeKind.FAILED, "two", "more")
    notices.listen(heard.append)
    notices.tell(NoticeKind.CAREFUL, "three")
    assert heard == [
        Notice(NoticeKind.DONE, "one"),
        Notice(NoticeKind.FAILED, "two", "more"),
        Notice(NoticeKind.CAREFUL, "three"),
    ]


def test_the_latest_listener_hears_and_nothing_is_told_twice() -> None:
    notices, first, second = Notices(), list[Notice](), list[Notice]()
    notices.tell(NoticeKind.DONE, "one")
    notices.listen(first.append)
    notices.listen(second.append)
    notices.tell(NoticeKind.DONE, "two")
    assert [notice.text for notice in first] == ["one"]
    assert [notice.text for notice in second] == ["two"]
