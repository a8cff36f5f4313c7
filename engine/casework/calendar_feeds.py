"""Somebody's own meetings and reviews as a calendar that programs read again and again; no child is named. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from engine.casework.calendar_invitations import LASTS

ASK_AGAIN: Final = "PT6H"
"""How long a calendar is asked to wait before it reads the feed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A meeting, or a review's day, of one's own: `at` is local time in `zone`, None for the whole day.

    `title` names the case by its reference alone.
    """

    id_: UUID
    title: str
    place: str
    on: date
    at: time | None
    zone: ZoneInfo


def feed(occasions: Iterable[Occasion], *, name: str, written_at: datetime) -> str:
    """Return the text of a calendar file with every occasion; instants are in UTC. `name` is the calendar's."""
    calendar = Calendar()
    calendar.add("prodid", "-//caf-engine//feed//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", ASK_AGAIN)
    for each in occasions:
        calendar.add_component(_event(each, written_at))
    return bytes(calendar.to_ical()).decode()


def _event(each: Occasion, written_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{each.id_}@caf-engine")
    event.add("dtstamp", written_at.astimezone(UTC))
    event.add("summary", each.title)
    event.add("class", "PRIVATE")
    if each.place:
        event.add("location", each.place)
    if each.at is None:
        event.add("dtstart", each.on)
        event.add("transp", "TRANSPARENT")
    else:
        starts = datetime.combine(each.on, each.at, tzinfo=each.zone).astimezone(UTC)
        event.add("dtstart", starts)
        event.add("dtend", starts + LASTS)
    return event
