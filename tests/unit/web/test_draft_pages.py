"""Drafts that save themselves, earlier ones, and two people's brought together."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

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
