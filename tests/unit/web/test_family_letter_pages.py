"""Letters on the pages and in the API, private pages for answers; the checklist of a meeting that an authority sets."""

from __future__ import annotations

import io
import re
import sys
import types
import zlib

import pytest
import sqlalchemy as sa
from docx import Document

from engine.store.tables.people import accounts
from tests.unit.web.player import NO_ACTIONS, Play
from tests.unit.web.test_json_api import Program
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


@pytest.fixture
def case_id(play):
    """A meeting for today is arranged; the mother, who has no e-mail address, is asked to it."""
    id_ = play.asked("Sam")
    play.consents(whose="young_person", competence="Amara: he understands", second_judgement="Dele thinks so too")
    play.assesses()
    play.leads()
    mother = {"name": "Tess Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{id_}/family", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    return id_


def test_a_letter_is_printed_and_handed_over(service, play, case_id):
    amara = service.signed_in("amara")
    amara.get(f"/cases/{case_id}")
    assert amara.says("Tess Whitlock", "asked, no answer yet", "Letters to the family")
    amara.get(f"/cases/{case_id}/letters")
    letter = re.search(rf"/cases/{case_id}/letters/[0-9a-f-]{{36}}", amara.page).group()
    amara.get(letter)
    assert amara.says("Dear Tess Whitlock,", "Hill Road School", "You may bring somebody you trust")
    assert amara.says("No address of Tess Whitlock is kept", "Enter where they live", "I have handed it over")
    assert not amara.says("I have posted it")
    amara.post(f"{letter}/sent")
    assert amara.status == 422
    amara.get(letter)
    amara.post(f"{letter}/sent", how="hand")
    amara.get(f"/cases/{case_id}/letters")
    assert amara.says("Handed over")


def test_who_records_the_family_s_answers_finds_the_letters_from_the_task(play, case_id):
    amara = play.at("amara", "/tasks")
    row = re.search(r'href="(/tasks/[0-9a-f-]+)">Record what the family answers</a>', amara.page)
    amara.get(row.group(1))
    assert f'href="/cases/{case_id}/letters"' in amara.page
    amara.get(f"/cases/{case_id}/letters")
    assert amara.says("Which letters are written, and which are sent?", "Tess Whitlock", "Written ")


def test_a_meeting_cannot_end_without_a_next_date(play, case_id):
    amara = play.of("amara")
    held = {"family_came": "yes", "attended": [play.ids["dele"]], "notes": "Sam spoke first", **NO_ACTIONS}
    with pytest.raises(AssertionError):
        amara.does("Hold the TAC meeting", **held, **day("held_on", play.today))
    assert play.has_task("amara", "Hold the TAC meeting")


def test_programs_read_letters_and_mark_them_sent(service, case_id):
    amara, dele = Program(service, "amara"), Program(service, "dele")
    (letter,) = amara("GET", f"/cases/{case_id}/letters").json["items"]
    assert (letter["addressee"], letter["sent_by"], letter["waits"]) == ("Tess Whitlock", "", True)
    sent = f"/cases/{case_id}/letters/{letter['letter_id']}/sent"
    assert amara("POST", sent, json={"how": "pigeon"}).status_code == 422
    assert dele("POST", sent, json={"how": "post"}).status_code in (403, 404)
    assert amara("POST", sent, json={"how": "post"}).status_code == 204
    (letter,) = amara("GET", f"/cases/{case_id}/letters").json["items"]
    assert (letter["sent_by"], letter["waits"]) == ("post", False)


def test_the_checklist_is_the_authority_s_own_on_the_forms_and_kept_with_the_meeting(service, play):
    olu = service.signed_in("olu")
    olu.get("/authority")
    assert olu.says("The checklist of a TAC meeting", "Everybody is invited in writing")
    settings = {"name": "Northcombe Borough", "nation": "england-and-wales", "meeting_term": "TAC"}
    olu.post("/authority", **settings, checklist_before="The room has toys\nThe room has toys")
    assert olu.status == 422 and olu.says("The same line stands there twice")
    olu.get("/authority")
    olu.post("/authority", **settings, checklist_before="The room has toys\nThe bus goes there")
    assert "The room has toys\nThe bus goes there" in olu.page
    id_ = play.led("Sam")
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="School", invited=[play.ids["dele"]],
        before=["The room has toys"], **day("planned_on", play.today),
    )  # fmt: skip
    play.reads("amara", id_, "The room has toys: done", "The bus goes there: not ticked")


@pytest.fixture
def letter(play, case_id):
    """The address of the mother's invitation, which waits to be sent."""
    page = play.at("amara", f"/cases/{case_id}/letters").page
    return re.search(rf"/cases/{case_id}/letters/[0-9a-f-]{{36}}", page).group()


def words_of(content):
    """Return every word of a Word file."""
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def inflated(pdf):
    """Return a PDF with its compressed parts laid open."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(zlib.decompressobj().decompress(part) for part in parts if part.startswith(b"x\xda"))


def change(visitor, letter, **typed):
    visitor.get(f"{letter}/change")
    return visitor.post(f"{letter}/change", draft_base=visitor.hidden("draft_base"), **typed)


def test_a_letter_is_changed_kept_and_found_again(service, play, letter):
    amara = service.signed_in("amara")
    change(amara, letter, subject="Come and talk", body="Dear Tess,\n\nthe kettle is on.")
    amara.get(letter)
    assert amara.says("Come and talk", "the kettle is on.")
    change(amara, letter, subject="x" * 201, body="Dear Tess")
    assert amara.status == 422 and amara.says("Use at most 200 characters")
    amara.get(f"{letter}/change")
    assert 'value="Come and talk"' in amara.page


def test_a_letter_saves_itself_and_says_when_somebody_else_changed_it(service, letter):
    amara = service.signed_in("amara")
    amara.get(f"{letter}/change")
    base, token = amara.hidden("draft_base"), amara.hidden("csrf_token")
    typed = {"subject": "Come", "body": "One", "csrf_token": token}
    kept = amara.client.post(f"{letter}/draft", data={**typed, "draft_base": base})
    assert kept.status_code == 200 and kept.json["base"] == "1" and kept.json["hidden"] == []
    late = amara.client.post(f"{letter}/draft", data={**typed, "body": "Two", "draft_base": base})
    assert late.status_code == 409 and "a moment ago" in late.json["closed"]
    assert "token" in amara.client.get(f"{letter}/draft").json
    amara.get(letter)
    assert amara.says("One") and "What it said before" not in amara.page
    ruth = service.signed_in("ruth")
    both = {"subject": "Come soon", "body": "Two", "draft_base": base}
    ruth.get(f"{letter}/change")
    ruth.post(f"{letter}/change", **both)
    assert ruth.status == 409
    assert ruth.says("a moment ago", "The letter as it is kept now, changed by Amara", "One", "Two")
    ruth.post(f"{letter}/change", **both | {"draft_base": ruth.hidden("draft_base")})
    amara.get(letter)
    assert amara.says("Two", "What it said before Ruth", "One")


def test_a_letter_is_taken_away_as_word_and_as_a_tagged_pdf(service, letter):
    client = service.signed_in("amara").client
    word, pdf = client.get(f"{letter}/letter.docx"), client.get(f"{letter}/letter.pdf")
    assert "Dear Tess Whitlock," in words_of(word.data) and "/reply/" in words_of(word.data)
    assert pdf.data.startswith(b"%PDF-")
    assert all(sign in inflated(pdf.data) for sign in (b"/StructTreeRoot", b"/Lang (en-GB)", b"pdfuaid"))
    for answer in (word, pdf):
        assert "Tess" not in answer.headers["Content-Disposition"] + answer.headers["Content-Type"]
        named = re.search(r'filename="(.+)"', answer.headers["Content-Disposition"]).group(1)
        assert re.fullmatch(rf"invitation-CAF-[A-Z0-9-]+-2026-\d\d-\d\d-{letter[-4:]}\.(pdf|docx)", named)


def test_without_the_system_s_libraries_a_letter_is_still_printed(service, letter, monkeypatch):
    # What importing the package does where a library of the system is missing.
    monkeypatch.setitem(sys.modules, "weasyprint", Missing("weasyprint"))
    amara = service.signed_in("amara")
    amara.get(f"{letter}/letter.pdf")
    assert amara.status == 503 and amara.says("A PDF cannot be made on this computer", "libpango-1.0-0")
    assert amara.says("Dear Tess Whitlock,")


class Missing(types.ModuleType):
    """A module whose libraries are not there."""

    def __getattr__(self, name):
        raise OSError("cannot load library 'libpango-1.0-0'")


@pytest.mark.parametrize("way", ["page", "letter.pdf", "letter.docx", "e-mail"])
def test_nobody_s_address_that_is_kept_secret_leaves_in_another_s_letter(service, play, case_id, letter, way):
    refuge = {"address": "7 Hidden Lane\nN9 9ZZ", "address_secret": "yes", "email": "gran@example.org"}
    told = {"told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", name="Gran Hill", relationship="Grandmother", **refuge, **told)
    amara = service.signed_in("amara")
    change(amara, letter, subject="Come", body="Gran lives at 7 hidden lane now.")
    if way == "page":
        amara.get(letter)
        assert amara.says("Do not send this letter", "Gran Hill, which is kept secret")
        assert '<article class="caf-letter caf-no-print">' in amara.page
        assert f"{letter}/letter.pdf" not in amara.page
        assert play.at("amara", f"/cases/{case_id}/letters").says("Held: do not send it")
    elif way == "e-mail":
        amara.get(letter)
        amara.post(f"{letter}/sent", how="email")
        assert amara.status == 422 and amara.says("kept secret")
    else:
        answer = amara.client.get(f"{letter}/{way}")
        assert answer.status_code == 422 and answer.mimetype == "text/html"


def test_a_warning_that_is_wrong_is_overruled_on_the_page_with_a_reason_and_the_letter_goes(
    service, play, case_id, letter
):
    refuge = {"address": "7 Hidden Lane\nN9 9ZZ", "address_secret": "yes", "email": "gran@example.org"}
    told = {"told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", name="Gran Hill", relationship="Grandmother", **refuge, **told)
    amara = service.signed_in("amara")
    change(amara, letter, subject="Come", body="We meet at Hidden Lane School.")
    amara.get(letter)
    assert amara.says("This may tell the address of Gran Hill", "If it is another place: which, and how do you know?")
    amara.post(f"{letter}/overrule", why=" ")
    assert amara.status == 422 and amara.says("Say what place it is, and how you know")
    amara.post(f"{letter}/overrule", why="The school is two miles from her")
    assert amara.says("Kept, with your reason", "overruled it", "“The school is two miles from her”")
    amara.post(f"{letter}/sent", how="hand")
    assert amara.says("Kept: the letter is with them")
    assert play.at("amara", f"/cases/{case_id}/history").says("was overruled", "The school is two miles from her")


def test_an_address_that_is_there_for_certain_is_overruled_by_nobody(service, play, case_id, letter):
    refuge = {"address": "7 Hidden Lane\nN9 9ZZ", "address_secret": "yes", "email": "gran@example.org"}
    told = {"told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", name="Gran Hill", relationship="Grandmother", **refuge, **told)
    amara = service.signed_in("amara")
    change(amara, letter, subject="Come", body="Post it to N9 9ZZ.")
    amara.get(letter)
    assert amara.says("Do not send this letter", "This holds the address") and 'name="why"' not in amara.page
    amara.post(f"{letter}/overrule", why="It is not")
    assert amara.status == 422
    manager = service.signed_in("ruth")
    for page in (f"/cases/{case_id}/letters", letter, f"{letter}/change"):
        manager.get(page)
        assert manager.status == 200 and "9ZZ" not in manager.page and 'name="body"' not in manager.page
    manager.get(letter)
    assert manager.says("This letter tells an address that is kept secret") and "Send it, or" not in manager.page
    for way in ("letter.pdf", "letter.docx"):
        manager.get(f"{letter}/{way}")
        assert manager.status == 422 and "9ZZ" not in manager.page


def test_my_work_and_the_case_say_how_many_letters_wait(service, play, case_id, letter):
    assert play.at("amara", "/tasks").says("1 letter is written and to be sent or handed over", "Sam Whitlock")
    play.reads("amara", case_id, "1 to be sent or handed over")
    amara = play.at("amara", letter)
    amara.post(f"{letter}/sent", how="hand")
    assert amara.says("Kept: the letter is with them.")
    play.reads("amara", case_id, "all are sent or need not be")
    assert not play.at("amara", "/tasks").says("to be sent or handed over")
    assert play.at("amara", letter).says("Handed over", "by Amara Osei")


def test_somebody_without_an_account_answers_on_their_private_page(service, play, case_id, letter):
    page = re.search(r"/reply/[\w-]{48}", play.at("amara", letter).page).group()
    stranger = service.visitor()
    stranger.get(page)
    assert stranger.status == 200 and stranger.says("Will you come to the meeting?", "Hill Road School")
    assert not any(stranger.says(secret) for secret in ("Tess", "Sam", "Amara", "Whitlock"))
    assert stranger.client.get(page).headers["X-Robots-Tag"].startswith("noindex")
    stranger.post(page)
    assert stranger.status == 422 and stranger.says("Choose whether you will come")
    stranger.get(page)
    stranger.post(page, reply="coming", needs="An interpreter for Welsh", brings="My sister")
    assert stranger.says("Your answer is kept")
    play.reads("amara", case_id, "is coming. Brings: My sister. Needs: An interpreter for Welsh")
    stranger.get(page)
    assert stranger.says("You have answered already") and not stranger.says("An interpreter for Welsh")
    amara = play.at("amara", letter)
    amara.post(f"{letter}/close-page")
    stranger.get(page)
    assert stranger.status == 404 and stranger.says("not there, or not any more") and not stranger.says("Hill Road")


def test_programs_change_letters_and_send_them(service, play, case_id):
    amara, dele = Program(service, "amara"), Program(service, "dele")
    (letter,) = amara("GET", f"/cases/{case_id}/letters").json["items"]
    one = f"/cases/{case_id}/letters/{letter['letter_id']}"
    assert amara("GET", one).json == letter and "/reply/" in letter["page"]
    words = {"subject": "Come and talk", "body": "Dear Tess", "revision": 0}
    assert dele("PUT", one, json=words).status_code in (403, 404)
    assert amara("PUT", one, json={**words, "subject": "x" * 201}).status_code == 422
    assert amara("PUT", one, json=words).json["revision"] == 1
    assert amara("PUT", one, json=words | {"body": "Dear Ms Whitlock"}).status_code == 409, "of the revision before"
    assert amara("GET", one).json["body"] == "Dear Tess"
    refused = amara("POST", f"{one}/send")
    assert refused.status_code == 422 and "no e-mail address" in refused.text
    play.at("amara", f"/cases/{case_id}/letters").post(f"/cases/{case_id}/letters/practitioners")
    letters = amara("GET", f"/cases/{case_id}/letters").json["items"]
    (to_dele,) = [each for each in letters if each["practitioner"]]
    sent = amara("POST", f"/cases/{case_id}/letters/{to_dele['letter_id']}/send")
    assert (sent.status_code, sent.json["recipient"]) == (200, to_dele["email"])
    assert amara("PUT", f"/cases/{case_id}/letters/{to_dele['letter_id']}", json=words).status_code == 409


def test_who_is_asked_without_an_account_gets_a_page_that_is_printed(service, play, case_id):
    amara = play.at("amara", f"/cases/{case_id}/letters")
    assert not amara.says("without an account here"), "Dele has one"
    with service.engine.sessions.act() as connection:
        theirs = sa.update(accounts).where(accounts.c.username == "dele")
        connection.execute(theirs.values(disabled_at=service.clock.now()))
    amara.get(f"/cases/{case_id}/letters")
    assert amara.says("without an account here", "Dele", "No letter is written yet")
    amara.post(f"/cases/{case_id}/letters/practitioners")
    letter = re.search(r'href="([^"]+)">Print the letter', amara.page).group(1)
    amara.get(letter)
    assert amara.says("E-mail is not private", "our reference", "point the camera of a phone at it")
    assert "<svg" in amara.page and "QR code of the address above" in amara.page
    pdf = amara.client.get(f"{letter}/letter.pdf")
    assert pdf.data.startswith(b"%PDF-")
    amara.get(letter)
    amara.post(f"{letter}/close-page")
    assert "<svg" not in play.at("amara", letter).page.partition("<article")[2].partition("</article>")[0]


def test_practitioners_have_letters_when_they_are_asked_for(service, play, case_id):
    amara = play.at("amara", f"/cases/{case_id}/letters")
    amara.post(f"/cases/{case_id}/letters/practitioners")
    assert amara.says("1 letter is written", "Dele")
    amara.post(f"/cases/{case_id}/letters/practitioners")
    assert amara.says("has a letter already")


def test_an_authority_words_its_own_letters(service, play):
    olu = service.signed_in("olu")
    olu.get("/authority/letters")
    assert olu.says("Invitation to the family", "The usual wording")
    path = "/authority/letters/family_invitation"
    olu.get(path)
    assert olu.says("Dear Robin Example,", "for a family that is invented")
    wrong = "Subject: Come\n\nDear {{ nmae }},"
    olu.post(path, act="keep", version=olu.hidden("version"), text=wrong)
    assert olu.status == 422 and olu.says("Line 3: there is no merge field", "Did you mean {{ name }}")
    own = "Subject: Tea and a talk\n\nDear {{ name }},\n\nthere is tea at {{ where }}, {{ when }}."
    olu.get(path)
    olu.post(path, act="look", version=olu.hidden("version"), text=own)
    assert olu.says("there is tea at Northcombe Community Centre, Room 2")
    olu.post(path, act="keep", version=olu.hidden("version"), text=own)
    assert olu.says("The wording is saved")
    assert olu.client.get(f"{path}/file").text == own
    case_id = play.led("Robin")
    mother = {"name": "Tess Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    assert play.at("amara", f"/cases/{case_id}/letters").says("Invitation to a meeting")
    first = re.search(rf"/cases/{case_id}/letters/[0-9a-f-]{{36}}", play.at("amara", f"/cases/{case_id}/letters").page)
    assert play.at("amara", first.group()).says("Tea and a talk", "there is tea at Hill Road School")
    olu.get(path)
    olu.post(path, act="usual", version=olu.hidden("version"))
    assert olu.says("The usual wording is back", "You may bring somebody you trust")
