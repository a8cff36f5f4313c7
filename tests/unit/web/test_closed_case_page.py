"""A case that has closed: what was not finished is no longer late, and nobody is asked to stand in."""

import sqlalchemy as sa

from engine.store.tables import record


def give_an_overdue_action(service, case_id):
    today = service.clock.now().date()
    ids, common = service.engine.ids, {"authority_id": service.authority_id, "case_id": case_id}
    plan, amara = ids.new(), service.ids["Amara Osei"]
    rows = {
        record.action_plans: {"id": plan, "agreed_on": today.replace(month=1)},
        record.plan_actions: {
            "id": ids.new(), "plan_id": plan, "action": "A bedtime", "owner_id": amara,
            "due_on": today.replace(month=2), "first_due_on": today.replace(month=2),
        },
        record.lead_professionals: {"id": ids.new(), "practitioner_id": amara, "from_on": today.replace(month=1)},
    }  # fmt: skip
    with service.engine.sessions.act() as connection:
        for table, row in rows.items():
            connection.execute(sa.insert(table).values(**common, **row))


def close(service, case_id):
    today = service.clock.now().date()
    closing = sa.update(record.cases).where(record.cases.c.id == case_id)
    with service.engine.sessions.act() as connection:
        connection.execute(closing.values(closed_on=today, closure_reason="needs_met"))


def test_an_action_that_was_not_finished_is_late_until_the_case_closes_and_then_not(service):
    case_id = service.start_case()
    give_an_overdue_action(service, case_id)
    visitor = service.signed_in("amara")
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("A bedtime", "Was due Monday 2 February")
    close(service, case_id)
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("A bedtime", "Not finished when the case closed", "No progress noted")
    assert not visitor.says("Was due")


def test_nobody_is_asked_to_stand_in_on_a_closed_case(service):
    case_id = service.start_case()
    give_an_overdue_action(service, case_id)
    close(service, case_id)
    visitor = service.signed_in("amara")
    page = f"/cases/{case_id}/interim-lead"
    for look in (
        lambda: visitor.get(page),
        lambda: visitor.post(page, practitioner_id=str(service.ids["Dele Martins"])),
    ):
        look()
        assert visitor.status == 409
        assert visitor.says(
            "Nobody leads a closed case", "closed on Monday 2 March", "no interim lead can be appointed"
        )
        assert "Choose a person" not in visitor.page


def test_a_review_that_was_still_to_come_comes_no_more_once_the_case_is_closed(service):
    case_id = service.start_case()
    today = service.clock.now().date()
    row = {"id": service.engine.ids.new(), "authority_id": service.authority_id, "case_id": case_id}
    with service.engine.sessions.act() as connection:
        connection.execute(sa.insert(record.reviews).values(**row, due_on=today, first_due_on=today))
    visitor = service.signed_in("amara")
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("What is next Review", "Review Due")
    close(service, case_id)
    visitor.get(f"/cases/{case_id}")
    assert not visitor.says("What is next Review")
    assert not visitor.says("Review Due")
