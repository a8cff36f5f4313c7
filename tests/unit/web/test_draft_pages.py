"""Drafts that save themselves, earlier ones, and two people's brought together."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import user_tasks as commands
from engine.errors import NotFound
from engine.store.tables.record import case_members, consents, lead_professionals
from engine.store.tables.running import task_drafts, user_tasks


def begun(service, *, by: str = "amara", **typed: str):
    """Return a visitor at the page of the task of a new case, and the address of the task."""
    case_id = service.start_case("Sam")
    with service.engine.sessions.read() as connection:
        query = sa.select(user_tasks.c.id).where(user_tasks.c.case_id == case_id, user_tasks.c.state == "open")
        path = f"/tasks/{connection.execute(query).scalars().one()}"
    visitor = service.signed_in(by)
    visitor.get(path)
    return visitor, path


def save_by_itself(visitor, path: str, base: str, **typed: str) -> dict:
    """Send what the page's script sends; return what it is answered."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.page).group(1)
    answer = visitor.client.post(f"{path}/draft", data={**typed, "draft_base": base, "csrf_token": token})
    visitor.status = answer.status_code
    return answer.json if answer.is_json else {}


def give_to_a_group(service, path: str) -> None:
    """Offer the task to all case workers, so that two may draft it."""
    with service.engine.sessions.act() as connection:
        offered = {"assignee_id": None, "queue": "case_workers", "candidate_groups": ["case_workers"]}
        connection.execute(sa.update(user_tasks).where(user_tasks.c.id == UUID(path[-36:])).values(**offered))


def revisions(service) -> list:
    with service.engine.sessions.read() as connection:
        return list(connection.execute(sa.select(task_drafts).order_by(task_drafts.c.revision)))


def test_what_saves_itself_is_one_revision_while_it_is_young(service):
    amara, path = begun(service)
    base = amara.hidden("draft_base")
    for text in ("T", "Tess", "Tess Whitlock"):
        kept = save_by_itself(amara, path, base, given_by=text)
        assert kept["merge"] == "" and kept["saved"] == "09:00"
        base = kept["base"]
    (only,) = revisions(service)
    assert only.answers["given_by"] == "Tess Whitlock" and only.saves == 3
    service.clock.advance(timedelta(minutes=11))
    save_by_itself(service_page(service, path), path, base, given_by="Tess Whitlock, the mother")
    assert [each.answers["given_by"] for each in revisions(service)] == ["Tess Whitlock", "Tess Whitlock, the mother"]


def service_page(service, path, by="amara"):
    visitor = service.signed_in(by)
    visitor.get(path)
    return visitor


def test_saving_oneself_begins_a_revision_that_nothing_writes_over(service):
    amara, path = begun(service)
    amara.post(path, act="draft", given_by="As saved", draft_base=amara.hidden("draft_base"))
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="As typed after")
    assert [each.answers["given_by"] for each in revisions(service)] == ["As saved", "As typed after"]


def test_the_same_answers_again_are_no_new_revision(service):
    amara, path = begun(service)
    base = save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess")["base"]
    assert save_by_itself(amara, path, base, given_by="Tess")["base"] == base
    assert len(revisions(service)) == 1


def test_saving_by_itself_is_no_reading_of_the_record(service):
    from engine.store.tables.keeping import record_reads

    amara, path = begun(service)
    with service.engine.sessions.read() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(record_reads)).scalar_one()
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess")
    with service.engine.sessions.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(record_reads)).scalar_one() == before


def test_two_peoples_answers_are_brought_together_question_by_question(service):
    amara, path = begun(service)
    give_to_a_group(service, path)
    ruth = service_page(service, path, "ruth")
    amara = service_page(service, path)
    first, second = amara.hidden("draft_base"), ruth.hidden("draft_base")
    save_by_itself(amara, path, first, given_by="Tess Whitlock", consent="given")
    kept = save_by_itself(ruth, path, second, given_by="Tess’s father", consent="given", scope="The school")
    assert kept["merge"] == f"{path}/merge" and kept["base"] == second
    again = save_by_itself(ruth, path, second, given_by="Tess’s father, Joe", consent="given", scope="The school")
    assert again["merge"] and len(revisions(service)) == 2
    assert "Tess Whitlock" in service_page(service, path, "ruth").page, "the draft is still Amara's"
    page = ruth.get(f"{path}/merge")
    assert ruth.says("Which answers are to stay?", "Amara Osei saved this draft", "2 answers differ")
    assert ruth.says("Tess Whitlock", "Tess’s father, Joe", "The school")
    sent = {"base": ruth.hidden("base"), "given_by": "both", "scope": "mine"}
    assert 'name="given_by"' in page and 'name="consent"' not in page
    ruth.post(f"{path}/merge", **sent)
    assert ruth.says("The two are one draft now")
    newest = revisions(service)[-1]
    assert newest.answers["given_by"] == "Tess Whitlock\n\nTess’s father, Joe"
    assert newest.answers["scope"] == "The school" and not any(each.aside for each in revisions(service))


def test_who_finishes_on_top_of_an_older_draft_is_asked_first(service):
    amara, path = begun(service)
    give_to_a_group(service, path)
    amara, ruth = service_page(service, path), service_page(service, path, "ruth")
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess Whitlock")
    sent = {name: ruth.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    ruth.post(path, act="complete", given_by="Joe", consent="given", **sent)
    assert ruth.says("Which answers are to stay?")
    with service.engine.sessions.read() as connection:
        query = sa.select(user_tasks.c.state).where(user_tasks.c.id == UUID(path[-36:]))
        assert connection.execute(query).scalar_one() == "open"


@pytest.mark.parametrize("who", ["amara", "ruth"])
def test_finishing_before_the_page_was_told_of_another_draft_passes_over_nothing(service, who):
    amara, path = begun(service)
    give_to_a_group(service, path)
    amara = service_page(service, path)
    base = save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess")["base"]
    other = service_page(service, path, who)
    save_by_itself(other, path, other.hidden("draft_base"), given_by="Tess, on the phone")
    signed = {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
    sent = {name: amara.hidden(name) for name in ("expected_version", "request_key")}
    amara.post(path, act="complete", draft_base=base, given_by="Tess Whitlock", consent="given", **signed, **sent)
    assert amara.says("Which answers are to stay?", "Tess, on the phone", "Tess Whitlock")


def test_two_pages_of_one_person_are_told_too(service):
    amara, path = begun(service)
    other = service_page(service, path)
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="One")
    assert save_by_itself(other, path, other.hidden("draft_base"), given_by="Two")["merge"]
    other.get(f"{path}/merge")
    assert other.says("you, on another page, saved this draft")


def test_finishing_passes_over_no_merge_that_the_page_was_told_of(service):
    amara, path = begun(service)
    desk_base = save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess")["base"]
    phone = service_page(service, path)
    save_by_itself(phone, path, phone.hidden("draft_base"), given_by="Tess, on the phone")
    told = save_by_itself(amara, path, desk_base, given_by="Tess, at the desk")
    assert told["merge"] and told["base"] == desk_base
    signed = {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
    sent = {name: amara.hidden(name) for name in ("expected_version", "request_key")} | {"draft_base": desk_base}
    for act in ("draft", "complete"):
        amara.post(path, act=act, given_by="Tess, at the desk", consent="given", **signed, **sent)
        assert amara.says("Which answers are to stay?", "Tess, on the phone", "Tess, at the desk")
    amara.post(f"{path}/merge", base=amara.hidden("base"), given_by="both")
    assert amara.says("The two are one draft now")
    assert revisions(service)[-1].answers["given_by"] == "Tess, on the phone\n\nTess, at the desk"


@pytest.mark.parametrize("words", ["Tess", "A sentence that somebody pasted. " * 1516])
def test_what_is_refused_is_kept_as_a_draft(service, words):
    amara, path = begun(service)
    sent = {name: amara.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    page = amara.post(path, act="complete", given_by=words, **sent)
    assert amara.status == 422 and "What you typed is kept though nothing is finished yet. Draft saved 09:00" in page
    assert [each.answers["given_by"] for each in revisions(service)] == [words]
    assert f'value="{words}"' in service_page(service, path).page
    sent["draft_base"] = amara.hidden("draft_base")
    amara.post(path, act="complete", given_by=f"{words}, her mother", **sent)
    assert amara.status == 422 and len(revisions(service)) == 1, "the page goes on from what it kept itself"
    assert save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess Whitlock")["merge"] == ""


def test_earlier_drafts_are_looked_at_and_taken_back(service):
    amara, path = begun(service)
    for text in ("The first words", "Other words"):
        amara.post(path, act="draft", given_by=text, draft_base=amara.hidden("draft_base"))
    page = amara.get(f"{path}/drafts")
    assert amara.says("What was drafted, and when?", "the draft as it is now", "1 answer")
    assert page.index("/drafts/2") < page.index("/drafts/1")
    amara.get(f"{path}/drafts/1")
    assert amara.says("The first words", "By Amara Osei") and not amara.says("Other words")
    amara.post(f"{path}/drafts/1")
    assert amara.says("The draft is as it was then") and 'value="The first words"' in amara.page
    assert len(revisions(service)) == 3
    assert amara.get(f"{path}/drafts/nine") and amara.status == 404


def test_drafts_are_seen_by_who_may_do_the_task_and_nobody_else(service):
    amara, path = begun(service)
    amara.post(path, act="draft", given_by="Tess", draft_base=amara.hidden("draft_base"))
    ruth = service.signed_in("ruth")
    for address in (f"{path}/drafts", f"{path}/drafts/1", f"{path}/merge"):
        ruth.get(address)
        assert ruth.status == 404 or "Tess" not in ruth.page
    assert save_by_itself(service_page(service, "/tasks", "dele"), path, "0", given_by="x") == {}


def test_a_draft_goes_with_the_task_to_somebody_else(service):
    amara, path = begun(service)
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Half a nam")
    amara.post(f"{path}/give", to=str(service.ids["Ruth Adeyemi"]))
    ruth = service.signed_in("ruth")
    assert 'value="Half a nam"' in ruth.get(path) and ruth.says("by Amara Osei")


def test_a_task_that_was_finished_meanwhile_says_so_to_the_page(service):
    amara, path = begun(service)
    other = service_page(service, path)
    signed = {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
    sent = {name: amara.hidden(name) for name in ("expected_version", "request_key")}
    amara.post(path, act="complete", given_by="Tess Whitlock", consent="given", **signed, **sent)
    answer = save_by_itself(other, path, "0", given_by="Too late")
    assert other.status == 409 and answer["closed"] == "Amara Osei completed this task."


def test_who_signed_in_again_is_given_a_new_token_for_the_page(service):
    amara, path = begun(service)
    assert amara.client.get(f"{path}/draft").json["token"]
    assert service.visitor().client.get(f"{path}/draft").status_code == 303


def given_away(service, *, to: str = "Ruth Adeyemi", **typed: str):
    """Return Amara at a page of a task that she has given to somebody on another page, and the task's address."""
    amara, path = begun(service)
    if typed:
        save_by_itself(amara, path, amara.hidden("draft_base"), **typed)
        amara.get(path)
    other = service_page(service, path)
    other.post(f"{path}/give", to=str(service.ids[to]))
    return amara, path


def test_what_is_typed_while_a_task_goes_to_somebody_else_waits_beside_their_draft(service):
    amara, path = given_away(service, given_by="Tess")
    sent = {name: amara.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    ruth = service_page(service, path, "ruth")
    save_by_itself(ruth, path, ruth.hidden("draft_base"), given_by="Joe, the father")
    kept = save_by_itself(amara, path, sent["draft_base"], given_by="Tess Whitlock")
    assert kept["gone"].startswith("Ruth Adeyemi has this task now. What you typed is kept with the task")
    for act in ("draft", "complete"):
        amara.post(path, act=act, given_by="Tess Whitlock, her mother", consent="given", **sent)
        assert amara.status == 403
        assert amara.says("Ruth Adeyemi has this task now", "kept with the task under your name", "What you typed")
        assert amara.says("Who gave the answer?", "Tess Whitlock, her mother", "See the task as it is now")
    assert [(each.answers["given_by"], each.aside) for each in revisions(service)] == [
        ("Tess", False), ("Joe, the father", False), ("Tess Whitlock, her mother", True),
    ]  # fmt: skip
    page = service_page(service, path, "ruth")
    assert page.says("Amara Osei had typed answers when this task came to you") and "Joe, the father" in page.page
    page.get(f"{path}/merge")
    assert page.says("Which answers are to stay?", "As it was saved by you", "As Amara Osei typed it last")
    page.post(f"{path}/merge", base=page.hidden("base"), given_by="both", consent="mine")
    newest = revisions(service)[-1]
    assert newest.answers["given_by"] == "Joe, the father\n\nTess Whitlock, her mother"
    assert newest.answers["consent"] == "given" and not any(each.aside for each in revisions(service))
    assert not service_page(service, path, "ruth").says("had typed answers")


def test_who_finishes_before_they_were_told_what_another_had_typed_is_asked_first(service):
    amara, path = given_away(service)
    ruth = service_page(service, path, "ruth")
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess Whitlock")
    signed = {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
    sent = {name: ruth.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    ruth.post(path, act="complete", given_by="Joe", consent="given", **signed, **sent)
    assert ruth.says("Which answers are to stay?", "Amara Osei had typed answers", "Tess Whitlock", "Joe")
    ruth.get(path)
    sent = {name: ruth.hidden(name) for name in (*sent, "draft_beside")}
    ruth.post(path, act="complete", given_by="Joe", consent="given", **signed, **sent)
    assert ruth.says("is finished"), "told, they choose for themselves"


def test_what_another_had_typed_is_brought_together_with_an_empty_form_too(service):
    amara, path = given_away(service)
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess Whitlock")
    ruth = service_page(service, path, "ruth")
    assert ruth.says("Nothing saved yet", "Amara Osei had typed answers")
    ruth.get(f"{path}/merge")
    assert ruth.says("As the form is filled in", "As Amara Osei typed it last")
    ruth.post(f"{path}/merge", base=ruth.hidden("base"), given_by="mine")
    assert 'value="Tess Whitlock"' in ruth.page


def test_who_never_had_a_task_keeps_nothing_with_it(service):
    _, path = begun(service)
    ruth, dele = service_page(service, "/tasks", "ruth"), service_page(service, "/tasks", "dele")
    assert save_by_itself(ruth, path, "0", given_by="x") == {} and ruth.status == 403
    ruth.post(path, act="draft", given_by="A manager's words")
    assert ruth.status == 403 and ruth.says("Amara Osei has this task now", "was not saved", "A manager's words")
    assert save_by_itself(dele, path, "0", given_by="x") == {} and dele.status == 404
    dele.post(path, act="draft", given_by="A stranger's words")
    assert dele.status == 404 and not dele.says("Amara Osei") and revisions(service) == []


def test_who_may_not_see_a_task_any_more_is_told_nothing_of_it_but_loses_nothing(service):
    amara, path = given_away(service)
    base = amara.hidden("draft_base")
    with service.engine.sessions.act() as connection:
        connection.execute(sa.delete(case_members))
        connection.execute(sa.delete(lead_professionals))
    amara.get(path)
    assert amara.status == 404
    kept = save_by_itself(service_page(service, "/tasks", "amara"), path, base, given_by="Tess Whitlock")
    assert kept["gone"].startswith("This task is not with you any more. What you typed is kept")
    amara.get("/tasks")
    amara.post(path, act="complete", given_by="Tess Whitlock, her mother", draft_base=base)
    assert amara.status == 403 and amara.says("This task is not with you any more", "Tess Whitlock, her mother")
    assert not amara.says("Ruth Adeyemi") and not amara.says("Sam") and not amara.says("See the task as it is now")
    assert revisions(service)[-1].answers["given_by"] == "Tess Whitlock, her mother"
    assert service_page(service, path, "ruth").says("Amara Osei had typed answers")
    for act in ("hand-back", "take-back", "ask", "give", "later"):
        amara.get("/tasks")
        amara.post(f"{path}/{act}")
        assert amara.status == 404, f"{act}: only the page they may be typing into still answers"
    for act in (commands.save_draft, commands.complete):
        with pytest.raises(NotFound):
            act(service.engine, actor=service.actor("amara"), task_id=UUID(path[-36:]), answers={})


def test_a_page_sent_again_is_answered_though_the_task_was_all_that_showed_the_case(service):
    amara, path = begun(service)
    base = amara.hidden("draft_base")
    sent = {name: amara.hidden(name) for name in ("expected_version", "request_key")}
    sent |= {"given_by": "Tess Whitlock", "consent": "given", "act": "complete"}
    sent |= {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
    amara.post(path, **sent)
    with service.engine.sessions.act() as connection:
        connection.execute(sa.delete(case_members))
        connection.execute(sa.delete(lead_professionals))
        connection.execute(sa.update(user_tasks).where(user_tasks.c.state == "open").values(assignee_id=None))
    amara.get(path)
    assert amara.status == 404
    amara.get("/tasks")
    amara.post(path, **sent)
    assert amara.status == 200 and amara.says("My work", "is finished")
    assert save_by_itself(amara, path, base, given_by="Joe")["closed"] == "This task is not open any more."
    for act in ("draft", "complete"):
        amara.get("/tasks")
        amara.post(path, **{**sent, "act": act, "given_by": "Joe, her father", "request_key": f"another {act}"})
        assert amara.status == 403 and amara.says("This task is not open any more", "Joe, her father")
        assert not amara.says("Sam") and not amara.says("See the task as it is now")
    assert [each.answers["given_by"] for each in revisions(service)] == []


def test_who_comes_second_and_saw_a_task_alone_is_told_that_it_is_gone(service):
    amara, path = begun(service)
    give_to_a_group(service, path)
    with service.engine.sessions.act() as connection:
        connection.execute(sa.delete(case_members))
        connection.execute(sa.delete(lead_professionals))
        of = sa.select(user_tasks.c.case_id).where(user_tasks.c.id == UUID(path[-36:])).scalar_subquery()
        agreed = {"id": service.engine.ids.new(), "authority_id": service.authority_id, "case_id": of}
        agreed |= {"purpose": "sharing", "answer": "given", "from_on": date(2026, 1, 5)}
        connection.execute(sa.insert(consents).values(**agreed))
    amara, tomas = service_page(service, path), service_page(service, "/tasks", "tomas")
    assert amara.status == 200
    service_page(service, path, "ruth").post(f"{path}/claim")
    amara.post(f"{path}/claim")
    assert amara.status == 403 and amara.says("This task is not with you any more") and not amara.says("Ruth Adeyemi")
    tomas.post(f"{path}/claim")
    assert tomas.status == 404, "it was never offered to a designer"
    assert revisions(service) == []


def test_the_second_to_take_a_task_is_told_who_took_it(service):
    amara, path = begun(service)
    give_to_a_group(service, path)
    amara, ruth = service_page(service, path), service_page(service, path, "ruth")
    ruth.post(f"{path}/claim")
    amara.post(f"{path}/claim")
    assert amara.status == 403 and amara.says("Ruth Adeyemi has taken this task")
    kept = save_by_itself(service_page(service, "/tasks", "amara"), path, "0", given_by="Tess")
    assert kept["gone"].startswith("Ruth Adeyemi has this task now.")


def test_a_draft_of_an_earlier_day_says_that_the_day_filled_in_is_now_today_s(service):
    amara, path = begun(service)
    day = re.search(r'name="(\w+)-day"[^>]* value="2"', amara.page).group(1)
    typed = {f"{day}-day": "2", f"{day}-month": "3", f"{day}-year": "2026"}
    save_by_itself(amara, path, amara.hidden("draft_base"), given_by="Tess", **typed)
    note = "The day that was filled in for you when this was begun is now today’s"
    assert not service_page(service, path).says(note)
    service.clock.advance(timedelta(days=3))
    again = service_page(service, path)
    assert again.says(note) and re.search(rf'name="{day}-day"[^>]* value="5"', again.page)


def test_a_page_open_over_midnight_asks_once_whether_the_day_it_filled_in_is_right(service):
    amara, path = begun(service)
    typed = {"given_by": "Tess Whitlock", "consent": "given"}
    typed |= {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
    kept = ("expected_version", "request_key", "draft_base", "made_on")
    sent = {name: amara.hidden(name) for name in kept}
    service.clock.advance(timedelta(days=1))
    amara = service_page(service, "/tasks")
    amara.post(path, act="complete", **typed, **sent)
    assert amara.status == 422 and amara.says("This day was filled in when you opened the page, yesterday.")
    sent = {name: amara.hidden(name) for name in kept}
    assert re.search(r'name="signed_on-day"[^>]* value="2"', amara.page), "what was on the page stays"
    amara.post(path, act="complete", **typed, **sent)
    assert amara.says("is finished"), "seen once, it is theirs to say"
