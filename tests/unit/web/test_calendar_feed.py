"""One's own meetings and reviews in one's own calendar, by a private address that can be taken back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from engine.commands import calendar_feeds, restrictions
from engine.errors import NotFound
from engine.signing_in import TooManyTries
from engine.store.sign_in_tries import MOST_OF_AN_ADDRESS
from engine.store.tables import people, record, worklists


def _furnished(service) -> UUID:
    """Return a case that Amara leads, with a meeting on a summer's day at ten and a review."""
    case_id = service.start_case("Sam")
    own = {"authority_id": service.authority_id, "case_id": case_id}
    lead = {"practitioner_id": service.ids["Amara Osei"], "from_on": date(2026, 1, 5)}
    meeting = {"planned_on": date(2026, 7, 6), "starts_at": time(10), "venue": "Northcombe School"}
    review = {"due_on": date(2026, 9, 7), "first_due_on": date(2026, 9, 7)}
    asked = {"practitioner_id": service.ids["Dele Martins"], "invited_on": date(2026, 3, 2)}
    meeting_id = service.engine.ids.new()
    rows = (
        (record.lead_professionals, {"id": service.engine.ids.new(), **lead}),
        (record.tac_meetings, {"id": meeting_id, **meeting}),
        (record.reviews, {"id": service.engine.ids.new(), **review}),
        (record.case_members, {"id": service.engine.ids.new(), "role": "member", **_member(service)}),
        (record.invitations, {"id": service.engine.ids.new(), "meeting_id": meeting_id, **asked}),
    )
    for table, row in rows:
        _write(service, sa.insert(table).values(**own, **row))
    return case_id


def _member(service) -> dict[str, object]:
    return {"practitioner_id": service.ids["Dele Martins"], "from_on": date(2026, 1, 5)}


def _write(service, statement: sa.Executable) -> None:
    with service.engine.sessions.act() as connection:
        connection.execute(statement)


def _address(visitor) -> str:
    visitor.get("/account/calendar")
    visitor.post("/account/calendar")
    return re.search(r"/calendar/[\w-]+\.ics", visitor.page).group()


def _events(service, address: str) -> dict[str, object]:
    answer = service.visitor().client.get(address)
    assert answer.mimetype == "text/calendar" and "no-store" in answer.headers["Cache-Control"]
    assert not any(word in answer.text for word in ("Sam", "Whitlock", "Amara"))
    return {str(each["summary"]).split(",")[0]: each for each in Calendar.from_ical(answer.text).walk("VEVENT")}


def test_a_calendar_holds_ones_meetings_and_reviews_and_names_no_child(service):
    _furnished(service)
    found = _events(service, _address(service.signed_in("amara")))
    assert found["TAC meeting"]["dtstart"].dt == datetime(2026, 7, 6, 9, tzinfo=UTC), "ten o'clock in summer"
    assert str(found["TAC meeting"]["location"]) == "Northcombe School"
    assert found["Review due"]["dtstart"].dt == date(2026, 9, 7)
    assert set(_events(service, _address(service.signed_in("dele")))) == {"TAC meeting"}, "asked to it, leads nothing"
    assert not _events(service, _address(service.signed_in("olu")))


def test_an_address_ends_when_it_is_taken_back_or_made_anew_or_its_owner_has_gone(service):
    _furnished(service)
    amara = service.signed_in("amara")
    first = _address(amara)
    second = _address(amara)
    get = service.visitor().client.get
    assert (get(first).status_code, get(second).status_code) == (404, 200)
    amara.get("/account/calendar")
    assert amara.says("A calendar last read it") and second not in amara.page, "shown once"
    amara.post("/account/calendar/revoke")
    assert amara.says("The address is taken back") and get(second).status_code == 404
    third = _address(amara)
    own = people.accounts.c.practitioner_id == service.ids["Amara Osei"]
    _write(service, sa.update(people.accounts).where(own).values(disabled_at=service.clock.now()))
    assert get(third).status_code == 404
    with service.engine.sessions.read() as connection:
        kept = connection.execute(sa.select(worklists.calendar_feeds.c.token_hash)).scalars().all()
    assert len(kept) == 3 and not any(address.split("/")[-1][:-4] in kept for address in (first, second, third))


def test_what_is_no_longer_to_be_read_leaves_the_calendar(service):
    case_id = _furnished(service)
    dele = _address(service.signed_in("dele"))
    assert _events(service, dele)
    restrictions.restrict(service.engine, actor=service.actor("ines"), case_id=case_id, reason="known to staff")
    ended = sa.update(record.case_members).values(to_on=service.clock.now().date() - timedelta(days=1))
    _write(service, ended.where(record.case_members.c.practitioner_id == service.ids["Dele Martins"]))
    assert not _events(service, dele)


def test_guessing_an_address_is_stopped(service):
    def guess() -> None:
        calendar_feeds.open_feed(service.engine, token="guess", address="192.0.2.7")

    for _ in range(MOST_OF_AN_ADDRESS):
        with pytest.raises(NotFound):
            guess()
    with pytest.raises(TooManyTries):
        guess()
