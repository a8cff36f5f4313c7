"""Guidance on the pages: found, opened from a task, kept by the authority, ordered on paper."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import sqlalchemy as sa

from engine.store.tables.keeping import outbox
from tests.unit.web.service import Service

OWN = "# How we do it here\n\n## Ring the hub {#hub}\nRing <b>the hub</b> first.\n"


def messages(service: Service) -> dict[str, str]:
    """Return what waits in the outbox: subject -> body."""
    with service.engine.sessions.read() as connection:
        return {row.subject: row.body for row in connection.execute(sa.select(outbox.c.subject, outbox.c.body))}


def test_the_contents_lead_to_each_part_and_a_search_finds_it(service):
    amara = service.signed_in("amara")
    amara.get("/guidance")
    assert amara.says("The lead professional", "Who leads", "For practitioners and managers")
    amara.get("/guidance/lead")
    assert amara.says("What the family wishes.", "This may be out of date.", "Sources: ")
    amara.get("/guidance?q=WEIGHED+wishes")
    assert amara.says("1 place.", "Who leads")
    amara.get("/guidance?q=zebra")
    assert amara.says("No guide says all of these words")
    amara.get("/guidance/nowhere")
    assert amara.status == 404
    amara.get("/guidance/whole")
    assert amara.says("All guidance", "The five duties", "Finding a lead")


def test_a_task_opens_the_guidance_at_its_place_with_the_authoritys_own_beside(service):
    ines = service.signed_in("ines")
    ines.post("/guidance/add", title="", text=OWN, beside="sharing")
    service.start_case("Sam")
    amara = service.signed_in("amara")
    address = re.search(r"/tasks/[0-9a-f-]{36}", amara.get("/tasks"))
    assert address
    amara.get(address.group())
    assert amara.says("Ask for the family's consent", "What consent is", "Read more in “Consent and sharing”")
    assert 'href="/guidance/sharing#consent"' in amara.page and 'href="/guidance/own-how-we-do-it-here"' in amara.page


def test_a_guide_of_the_authority_is_kept_changed_and_withdrawn(service):
    ines, amara = service.signed_in("ines"), service.signed_in("amara")
    ines.post("/guidance/add", title="", text="")
    assert ines.status == 422 and ines.says("This text says nothing")
    ines.post("/guidance/add", title="", text=OWN, beside="")
    assert ines.says("How we do it here", "version 1", "Ring <b>the hub</b> first.") and "<b>the hub" not in ines.page
    ines.post("/guidance/own-how-we-do-it-here/change", title="", text=OWN.replace("first", "now"), beside="")
    assert ines.says("version 2", "now.")
    amara.get("/guidance/own-how-we-do-it-here/versions/1")
    assert amara.says("This version is no longer in force", "first.")
    assert "change" not in amara.get("/guidance/own-how-we-do-it-here")
    amara.post("/guidance/own-how-we-do-it-here/withdraw")
    assert amara.status == 403
    ines.get("/guidance")
    ines.post("/guidance/own-how-we-do-it-here/withdraw")
    amara.get("/guidance/own-how-we-do-it-here")
    assert amara.status == 404
    assert "How we do it here" not in amara.get("/guidance")


def test_a_file_is_taken_when_it_is_text_and_refused_when_it_is_not(service):
    ines = service.signed_in("ines")
    token = re.search(r'name="csrf_token" value="([^"]+)"', ines.get("/guidance/add"))
    assert token
    for body, status in ((b"MZ\x90\x00\xff\xfe", 422), (b"", 422), ("# Über alles\nWörter".encode(), 200)):
        sent = {"csrf_token": token[1], "title": "", "text": "", "beside": "", "file": (io.BytesIO(body), "rules.md")}
        answer = ines.client.post("/guidance/add", data=sent, follow_redirects=True)
        assert answer.status_code == status
    assert "Über alles" in ines.get("/guidance")


def kept(visitor, body, name, **typed):
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/guidance/add"))
    sent = {"csrf_token": token[1], "title": "", "text": "", "beside": "", **typed, "file": (io.BytesIO(body), name)}
    answer = visitor.client.post("/guidance/add", data=sent, follow_redirects=True)
    visitor.page, visitor.status = answer.get_data(as_text=True), answer.status_code
    return visitor


def test_pdf_and_word_guidance_is_kept_as_it_is_and_found_by_its_title_and_line(service):
    ines, amara = service.signed_in("ines"), service.signed_in("amara")
    assert kept(ines, b"%PDF-1.7 words %%EOF", "hub.pdf").status == 422 and ines.says("Give the file a title")
    kept(ines, b"%PDF-1.7 words %%EOF", "hub.pdf", title="The hub", about="Whom to ring at night", beside="lead")
    assert ines.says("The file is kept.", "Whom to ring at night", "PDF, 1 KB, added")
    kept(ines, b"PK\x03\x04 word/document.xml", "pay.docx", title="Pay")
    assert ines.says("Word, 1 KB, added")
    assert kept(ines, b"PK\x03\x04 evil.exe", "x.docx", title="Bad").status == 422 and ines.says("Choose a PDF or Word")
    assert kept(ines, b"MZ\x90\x00\xff", "x.pdf", title="Bad").status == 422
    amara.get("/guidance?q=NIGHT")
    assert amara.says("The hub", "Files of your authority") and not amara.says("No guide says", "Pay")
    (path,) = re.findall(r'href="(/guidance/files/[0-9a-f-]+)"', amara.page)
    taken = amara.client.get(path)
    assert taken.data == b"%PDF-1.7 words %%EOF" and "attachment" in taken.headers["Content-Disposition"]
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    amara.get("/guidance/lead")
    assert amara.says("Files of your authority on this: The hub (PDF)")
    amara.post(f"{path}/withdraw")
    assert amara.status == 403
    ines.post(f"{path}/withdraw")
    assert ines.says("The file is withdrawn.") and amara.client.get(path).status_code == 404


def test_printed_copies_are_asked_for_and_sent_and_both_are_told(service):
    amara, ines = service.signed_in("amara"), service.signed_in("ines")
    amara.get("/guidance/lead")
    amara.post("/guidance/lead/copies", copies="none", send_to="")
    assert amara.status == 422 and amara.says("Enter a number of copies from 1 to 200")
    amara.post("/guidance/lead/copies", copies="3", send_to="")
    assert amara.says("Enter where the copies are to be sent")
    amara.post("/guidance/lead/copies", copies="3", send_to="Amara Osei\nThe school")
    assert amara.says("You are told when they are sent", "You asked for 3 copies", "not sent yet")
    assert not amara.says("Printed copies that were asked for") and ines.get("/tasks")
    assert ines.says("1 request for printed copies of guidance waits")
    told = messages(service)["Printed guidance was asked for"]
    assert "3 printed copies of “The lead professional”" in told and "The school" not in told
    assert amara.get("/guidance/copies") and amara.status == 403
    ines.get("/guidance/copies")
    assert ines.says("3 copies of The lead professional", "The school", "Amara Osei asked")
    path = re.search(r'action="(/guidance/copies/[^"]+/sent)"', ines.page)
    assert path
    ines.post(path[1])
    assert ines.says("Marked as sent", "Sent Monday")
    assert ines.get("/tasks") and not ines.says("printed copies of guidance")
    assert amara.get("/guidance/lead") and amara.says("You asked for 3 copies", "sent Monday 2 March")
    ines.post(path[1])
    assert ines.says("Somebody has marked these copies as sent before you")
    assert {"Printed guidance was asked for", "Your printed guidance was sent"} <= set(messages(service))


def test_who_asked_for_printed_copies_takes_the_request_back_until_they_are_sent(service):
    amara, dele, ines = (service.signed_in(who) for who in ("amara", "dele", "ines"))
    for number in ("3", "5"):
        amara.get("/guidance/lead")
        amara.post("/guidance/lead/copies", copies=number, send_to="The school")
        service.clock.advance(timedelta(minutes=1))
    paths = re.findall(r'action="(/guidance/copies/[^"]+/withdraw)"', amara.page)
    assert len(paths) == 2 and dele.post(paths[0]) and dele.status == 404
    amara.post(paths[0])
    assert amara.says("Your request is taken back", "You asked for 3 copies") and not amara.says("5 copies")
    told = messages(service)["Printed guidance is not wanted"]
    assert "needs no printed copies of “The lead professional” any more" in told
    assert ines.get("/guidance/copies") and not ines.says("5 copies")
    sent = re.search(r'action="(/guidance/copies/[^"]+/sent)"', ines.page)
    ines.post(sent[1])
    amara.post(paths[1])
    assert amara.says("These copies were sent before you took the request back")


def test_training_is_recorded_by_oneself_or_the_manager_and_seen_among_the_people(service):
    amara, ruth, dele = (service.signed_in(who) for who in ("amara", "ruth", "dele"))
    day = {"trained_on-day": "2", "trained_on-month": "2", "trained_on-year": "2026"}
    amara.post("/account/trainings", training="", **day)
    assert amara.status == 422 and amara.says("Enter what the training was called")
    amara.post("/account/trainings", training="Leading a team", **{**day, "trained_on-year": "2031"})
    assert amara.says("Enter a day that is not in the future")
    for _ in range(2):
        amara.post("/account/trainings", training="Leading a team", **day)
    assert amara.says("The training is recorded") and amara.page.count("Leading a team, 2 February 2026") == 1
    ruth.get("/people")
    assert ruth.says("Training: Leading a team (2 February 2026)")
    person = f"/people/{service.ids['Amara Osei']}"
    ruth.post(f"{person}/trainings", training="Sharing well", **day)
    assert ruth.says("Sharing well, 2 February 2026")
    dele.get("/account")
    dele.post(f"{person}/trainings", training="Sharing well", **day)
    assert dele.status == 403
    path = re.search(rf'action="({person}/trainings/[^"]+/remove)"', ruth.get(person))
    assert path
    dele.post(path[1].replace(f"{person}/trainings", "/account/trainings"))
    assert dele.status == 403, "nobody takes another's training off"
    ruth.post(path[1])
    assert ruth.says("The training is taken off")
