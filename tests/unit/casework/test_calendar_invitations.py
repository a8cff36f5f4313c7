"""A meeting as an entry for a calendar, and the tokens of private pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from engine.casework import reply_tokens
from engine.casework.calendar_invitations import Entry, invitation

ID = UUID(int=7)


def entry(**more: object) -> Entry:
    known = {
        "meeting_id": ID, "title": "You are invited to a meeting", "place": "Hill Road School, room 2; side door",
        "on": date(2026, 7, 14), "at": time(16), "zone": ZoneInfo("Europe/London"), "organiser": "hana@example.org",
        "to": "ada@example.org", "moved": 2, "written_at": datetime(2026, 7, 1, 9, tzinfo=UTC),
    }  # fmt: skip
    return Entry(**{**known, **more})  # type: ignore[arg-type]


def test_a_meeting_in_summer_stands_in_the_calendar_in_utc() -> None:
    (event,) = Calendar.from_ical(invitation(entry())).walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2026, 7, 14, 15, tzinfo=UTC)
    assert event.decoded("dtend") == datetime(2026, 7, 14, 16, tzinfo=UTC)
    assert (str(event["location"]), event["sequence"]) == ("Hill Road School, room 2; side door", 4)
    assert event["attendee"] == "mailto:ada@example.org" and event["attendee"].params["RSVP"] == "TRUE"
    assert "VTIMEZONE" not in invitation(entry())


def test_a_meeting_without_a_time_is_the_whole_day() -> None:
    (event,) = Calendar.from_ical(invitation(entry(at=None))).walk("VEVENT")
    assert event.decoded("dtstart") == date(2026, 7, 14)


def test_a_moved_meeting_is_the_same_entry() -> None:
    first, moved = (Calendar.from_ical(invitation(entry(moved=number))).walk("VEVENT")[0] for number in (0, 1))
    assert first["uid"] == moved["uid"] and first["sequence"] < moved["sequence"]


def test_a_meeting_called_off_is_later_than_as_it_was_and_earlier_than_as_it_is_moved() -> None:
    read = [Calendar.from_ical(invitation(entry(moved=moved, off=off))) for moved, off in ((0, 0), (0, 1), (1, 0))]
    assert [str(each["method"]) for each in read] == ["REQUEST", "CANCEL", "REQUEST"]
    events = [each.walk("VEVENT")[0] for each in read]
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert [str(event.get("status", "")) for event in events] == ["", "CANCELLED", ""]


@pytest.mark.parametrize(("secret", "link"), [("another secret", ID), ("a secret", UUID(int=8))])
def test_a_token_hangs_on_the_secret_and_the_link(secret: str, link: UUID) -> None:
    token = reply_tokens.token("a secret", ID)
    assert len(token) == 48 and token == reply_tokens.token("a secret", ID)
    assert reply_tokens.token(secret, link) != token
    assert reply_tokens.link_of("a secret", token) == ID
    assert reply_tokens.link_of("another secret", token) is None


@pytest.mark.parametrize("given", ["", "x", "é", "A" * 48, "A" * 47 + "!", "../../etc/passwd", "A" * 5000])
def test_what_is_no_token_is_of_no_link(given: str) -> None:
    assert reply_tokens.link_of("a secret", given) is None


def test_a_queued_letter_holds_no_token_until_it_leaves() -> None:
    queued = reply_tokens.queued(f"Answer here: {reply_tokens.MARK}.", ID, "https://here.example/reply/")
    token = reply_tokens.token("a secret", ID)
    assert token not in queued
    assert reply_tokens.told(queued, "a secret") == f"Answer here: https://here.example/reply/{token}."
