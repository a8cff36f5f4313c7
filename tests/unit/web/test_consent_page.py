"""Consent withdrawn, said on its page."""


def test_who_withdrew_must_be_said_once_and_then_sharing_stops(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = f"/cases/{case_id}/consent"
    visitor.get(path)
    refused = visitor.post(path, why="", request_key=visitor.hidden("request_key"))
    assert refused.count("There is a problem") == 1
    visitor.post(path, why="Mother, by telephone", request_key=visitor.hidden("request_key"))
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("took back their consent")


def test_only_the_yes_to_the_group_is_taken_back(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = f"/cases/{case_id}/consent"
    assert "Only the Multi-Agency Group" not in visitor.get(path)
    visitor.post(f"{path}/mag", mag_why="Mother", request_key=visitor.hidden("request_key"))
    assert visitor.status == 409
