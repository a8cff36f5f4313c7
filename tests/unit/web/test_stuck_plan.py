"""On the case page: “the plan is stuck”, and the line manager is asked."""

from tests.unit.web.player import Play


def say(visitor, case_id, **said):
    visitor.get(f"/cases/{case_id}")
    visitor.post(f"/cases/{case_id}/stuck", request_key=visitor.hidden("request_key"), **said)


def test_the_line_manager_gets_the_task_and_the_page_says_so(service):
    case_id = Play(service).planned()
    visitor = service.signed_in("amara")
    say(visitor, case_id, reason="not_progressing", why="School does not answer")
    assert visitor.says("The line manager is asked", "With the line manager, Ruth Adeyemi, since")
    assert visitor.says("It was said that the plan is not progressing (School does not answer).")
    ruth = service.signed_in("ruth")
    ruth.get("/tasks")
    assert ruth.says("Discuss what is in the way")


def test_what_is_missing_is_said_and_what_was_typed_is_kept(service):
    case_id = Play(service).planned()
    visitor = service.signed_in("amara")
    say(visitor, case_id, reason="team_not_working", why=" ")
    assert visitor.status == 422
    assert visitor.says("There is a problem", "Say in a sentence why")
    assert 'value="team_not_working" checked' in visitor.page
    say(visitor, case_id, reason="", why="School does not answer")
    assert visitor.says("Choose what is wrong", "School does not answer")


def test_without_a_plan_nothing_is_stuck(service):
    case_id = Play(service).led()
    assert "Say that the plan is stuck" not in Play(service).at("amara", f"/cases/{case_id}").page


def test_who_neither_leads_nor_manages_is_not_offered_it(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    visitor.get(f"/cases/{case_id}")
    assert not visitor.says("Say that the plan is stuck")
    visitor.post(f"/cases/{case_id}/stuck", reason="not_progressing", why="x", request_key="12345678")
    assert visitor.status == 403
