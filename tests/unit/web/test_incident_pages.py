import csv
import io
from datetime import timedelta

import openpyxl
import sqlalchemy as sa

from engine.commands import restrictions
from engine.store import outbox as messages
from engine.store.tables.keeping import history, outbox
from engine.store.tables.record import cases
from engine.store.tables.running import incidents


def stops(service, kind, *, case_id=None, **more):
    """Let something of a kind stop."""
    row = {"authority_id": service.authority_id, "kind": kind, "message": "could not", "opened_at": service.clock.now()}
    id_ = service.engine.ids.new()
    with service.engine.sessions.act() as connection:
        connection.execute(sa.insert(incidents).values(id=id_, case_id=case_id, **row, **more))
    return id_


def still_open(service):
    with service.engine.sessions.read() as connection:
        return set(connection.execute(sa.select(incidents.c.id).where(incidents.c.resolved_at.is_(None))).scalars())


def test_everything_of_one_kind_is_tried_again_and_the_rest_stays(service):
    case_id = service.start_case("Sam")
    again = service.clock.now() + timedelta(hours=1)
    letters = [stops(service, "outbox"), stops(service, "outbox", case_id=case_id)]
    timer = stops(service, "timer", case_id=case_id, tries=3, next_try_at=again)
    ines = service.signed_in("ines")
    ines.get("/incidents")
    assert ines.says("Try all 2 again", "Tried 3 times; by itself again", "10:00")
    ines.post("/incidents/retry", kind="outbox")
    assert ines.says("2 incidents are being tried again")
    assert still_open(service) == {timer}
    with service.engine.sessions.read() as connection:
        told = connection.execute(sa.select(history.c.subject_id).where(history.c.kind == "incident_retried"))
        assert set(told.scalars()) == set(letters)
    ines.post("/incidents/retry", kind="outbox")
    assert ines.says("Nothing of this kind is open any more")
    ines.post("/incidents/retry", kind="whatever")
    assert ines.says("There is no such kind of incident")


def test_an_administrator_retries_a_kind_but_none_of_a_restricted_case(service):
    case_id = service.start_case("Sam")
    stops(service, "outbox")
    hidden = stops(service, "outbox", case_id=case_id)
    restrictions.restrict(service.engine, actor=service.actor("ines"), case_id=case_id, reason="A parent works here")
    olu = service.signed_in("olu")
    olu.get("/incidents")
    olu.post("/incidents/retry", kind="outbox")
    assert olu.says("1 incident is being tried again")
    assert still_open(service) == {hidden}


def test_a_message_that_could_not_be_sent_says_for_whom(service):
    service.start_case("Sam")
    first = {"from_on-day": "2", "from_on-month": "3", "from_on-year": "2026", "reason": "unplanned"}
    page, dele = f"/workload/people/{service.ids['Amara Osei']}/absence", service.ids["Dele Martins"]
    service.signed_in("ruth").post(page, **first, covered_by=str(dele))
    with service.engine.sessions.read() as connection:
        told = connection.execute(sa.select(outbox.c.id).where(outbox.c.practitioner_id == dele)).scalars().first()
        office = connection.execute(sa.select(cases.c.id).where(cases.c.child_id.is_(None))).scalars().first()
    ines = service.signed_in("ines")
    ines.get("/incidents")
    assert ines.says("Nothing has stopped") and not ines.says("could not be sent when tried last")
    with service.engine.sessions.act() as connection:
        message = messages.claim(connection, now=service.clock.now())
        messages.mark_failed(connection, message, at=service.clock.now(), problem="no answer")
    ines.get("/incidents")
    assert ines.says("1 message could not be sent when tried last", "Nothing else has stopped")
    stops(service, "outbox", outbox_id=told)
    stops(service, "timer", case_id=office)
    ines.get("/incidents")
    assert ines.says("Messages that could not be sent", ", for Dele Martins")
    file = ines.get("/incidents.csv")
    assert ",Dele Martins" in file and "ADMINISTRATION" not in file, "no case that the page does not show"


def test_times_in_a_file_are_of_the_authority_s_zone_and_its_heading_says_so(service):
    service.clock.advance(timedelta(days=120))
    instant = service.clock.now()
    stops(service, "timer", tries=3, next_try_at=instant + timedelta(hours=1))
    ines = service.signed_in("ines")
    (row,) = csv.DictReader(io.StringIO(ines.get("/incidents.csv").lstrip("\ufeff")))
    assert instant.hour == 9, "so ten in summer"
    assert row["Since (London time)"] == f"{instant:%Y-%m-%d} 10:00"
    assert row["By itself again (London time)"] == f"{instant:%Y-%m-%d} 11:00"
    book = openpyxl.load_workbook(io.BytesIO(ines.client.get("/incidents.xlsx").data))
    head, cells = book.active.iter_rows()
    since = dict(zip((each.value for each in head), cells, strict=True))["Since (London time)"]
    assert since.is_date and since.value == instant.replace(hour=10, tzinfo=None)
    assert since.number_format == "dd/mm/yyyy hh:mm"
