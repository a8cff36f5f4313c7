"""The JSON API: a child's family, what is kept about the child, and that a baby is born, as the pages do it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.unit.web.test_json_api import Program

FATHER = {
    "name": "Mark Whitlock", "relationship": "Father", "address": "2 Mill Lane", "address_secret": True,
    "told": "nothing", "decided_by": "court", "reason": "By order",
}  # fmt: skip


@pytest.fixture
def amara(service):
    return Program(service, "amara")


@pytest.fixture
def born(service):
    return f"/cases/{service.start_case('Sam')}"


@pytest.fixture
def unborn(service, amara):
    child = {"family_name": "Whitlock", "expected_on": service.clock.now().date().isoformat(), "address_secret": True,
             "address": "2 Mill Lane", "request_key": str(uuid4())}  # fmt: skip
    return f"/cases/{amara('POST', '/cases', json=child).json['case_id']}"


def keyed(**sent):
    return {**sent, "request_key": str(uuid4())}


def test_somebody_of_the_family_is_kept_and_replaced(amara, born):
    added = amara("POST", f"{born}/family", json=keyed(**FATHER))
    assert added.status_code == 201
    member_id = added.json["member_id"]
    changed = keyed(**FATHER | {"told": "part", "part": "School", "phone": "01632 960123"})
    assert amara("PUT", f"{born}/family/{member_id}", json=changed).json == {"member_id": member_id}
    (father,) = [each for each in amara("GET", born).json["child"]["family"] if each["member_id"] == member_id]
    assert (father["name"], father["address_secret"], father["phone"]) == ("Mark Whitlock", True, "01632 960123")
    assert father["sharing"]["told"] == "part"


def test_what_is_not_said_of_what_somebody_may_be_told_stays_undecided_or_as_it_was(amara, born):
    about = {"name": "Mark Whitlock", "relationship": "Father"}
    member_id = amara("POST", f"{born}/family", json=keyed(**about)).json["member_id"]

    def father():
        return next(each for each in amara("GET", born).json["child"]["family"] if each["member_id"] == member_id)

    assert (father()["told_sentence"], father()["decided_on"]) == ("", None)
    refused = amara("PUT", f"{born}/family/{member_id}", json=keyed(**about, told="everything"))
    assert refused.status_code == 422 and refused.json["errors"] == {"decided_by": "Choose who decided it"}
    amara("PUT", f"{born}/family/{member_id}", json=keyed(**FATHER))
    assert amara("PUT", f"{born}/family/{member_id}", json=keyed(**about, phone="01632 960123")).status_code == 200
    assert father()["sharing"]["told"] == "nothing" and father()["phone"] == "01632 960123"


def test_what_is_missing_about_a_member_is_named(amara, born):
    refused = amara("POST", f"{born}/family", json=keyed(**FATHER | {"name": " ", "reason": ""}))
    assert refused.status_code == 422 and "name" in refused.json["errors"]
    assert amara("PUT", f"{born}/family/{uuid4()}", json=keyed(**FATHER)).status_code == 404


def test_the_childs_own_address_is_kept_secret(amara, born):
    about = keyed(known_as="Sammy", address="3 Mill Lane", address_secret=True)
    assert amara("PUT", f"{born}/child", json=about).status_code == 204
    assert amara("PUT", f"{born}/child", json=about).status_code == 204
    child = amara("GET", born).json["child"]
    assert (child["known_as"], child["address"], child["address_secret"]) == ("Sammy", "3 Mill Lane", True)
    assert amara("PUT", f"{born}/child", json={"address": "4 Mill Lane"}).json["errors"].keys() == {"request_key"}


def test_an_unborn_child_is_expected_on_another_day_and_then_born(service, amara, unborn):
    today = service.clock.now().date()
    child = amara("GET", unborn).json["child"]
    assert (child["address"], child["address_secret"]) == ("2 Mill Lane", True)
    later = keyed(expected_on=(today + timedelta(days=20)).isoformat())
    assert amara("PUT", f"{unborn}/child", json=later).status_code == 204
    assert amara("GET", unborn).json["child"]["expected_on"] == later["expected_on"]
    refused = amara("PUT", f"{unborn}/child", json=keyed())
    assert refused.json["errors"].keys() == {"expected_on"}
    baby = keyed(given_name="Bea", family_name="Whitlock", sex="female", born_on=today.isoformat())
    assert amara("POST", f"{unborn}/birth", json=baby).status_code == 204
    assert amara("GET", unborn).json["child"]["born_on"] == today.isoformat()
    assert amara("POST", f"{unborn}/birth", json=keyed(**baby | {"given_name": "Bee"})).status_code == 409


def test_who_only_helps_keeps_neither_family_nor_child(service, born):
    for path, sent in ((f"{born}/family", FATHER), (f"{born}/birth", {"born_on": "2026-03-01"})):
        assert Program(service, "dele")("POST", path, json=keyed(**sent)).status_code in (403, 404)
    assert Program(service, "dele")("PUT", f"{born}/child", json=keyed()).status_code in (403, 404)
