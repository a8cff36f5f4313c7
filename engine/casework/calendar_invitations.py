"""A meeting as an entry for somebody's calendar: one person's, with nothing of the child in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

LASTS: Final = timedelta(hours=1)
"""How long a meeting is taken to last: invitations say only when it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A meeting in a calendar: `at` is local time in `zone`, None for the whole day; `moved` counts its new days.

    `off` takes it back. `title` and `place` are all that it says; `organiser` and `to` are e-mail addresses.
    """

    meeting_id: UUID
    title: str
    place: str
    on: date
    at: time | None
    zone: ZoneInfo
    organiser: str
    to: str
    moved: int
    written_at: datetime
    off: bool = False


def invitation(entry: Entry) -> str:
    """Return the text of a calendar file that asks `to` to the meeting, or takes that back; instants are in UTC.

    A calendar takes what has the greater sequence: the meeting as moved, after that it is off, after as it was.
    """
    event = Event()
    event.add("uid", f"{entry.meeting_id}@caf-engine")
    event.add("sequence", 2 * entry.moved + entry.off)
    if entry.off:
        event.add("status", "CANCELLED")
    event.add("dtstamp", entry.written_at.astimezone(UTC))
    event.add("summary", entry.title)
    if entry.place:
        event.add("location", entry.place)
    if entry.at is None:
        event.add("dtstart", entry.on)
    else:
        starts = datetime.combine(entry.on, entry.at, tzinfo=entry.zone).astimezone(UTC)
        event.add("dtstart", starts)
        event.add("dtend", starts + LASTS)
    if entry.organiser:
        event["organizer"] = vCalAddress(f"mailto:{entry.organiser}")
    attendee = vCalAddress(f"mailto:{entry.to}")
    if not entry.off:
        attendee.params["RSVP"] = "TRUE"
    event.add("attendee", attendee, encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//caf-engine//meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if entry.off else "REQUEST")
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()
