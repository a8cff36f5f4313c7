"""Who sits on which multi-agency group: the page, and the API."""

import pytest
import sqlalchemy as sa

from engine.store.tables.people import authorities
from tests.unit.web.test_json_api import Program


@pytest.fixture
def two_groups(service):
    with service.engine.sessions.act() as connection:
        profile = {"mags": ["North", {"name": "South", "meetings": []}]}
        connection.execute(sa.update(authorities).values(profile=profile, version=authorities.c.version + 1))
    return service


def test_where_one_group_is_known_nothing_is_asked(service):
    ines = service.signed_in("ines")
    ines.get("/mag")
    assert ines.says("Who sits on which group")
    ines.get("/mag/members")
    assert ines.says("Only one group is known here")


def test_a_coordinator_seats_a_member(two_groups):
    ines = two_groups.signed_in("ines")
    path = f"/mag/members/{two_groups.ids['Ines Ferreira']}"
    assert "checked" not in ines.get("/mag/members")
    ines.post(path, mags="South")
    assert ines.says("Kept.", "A member sees what waits for their own groups")
    assert ines.page.count("checked") == 1
    ines.post(path, mags="East")
    assert ines.status == 422 and ines.says("There is a problem", "Choose groups from the list")


@pytest.mark.parametrize(("username", "status"), [("ines", 200), ("olu", 200), ("amara", 403), ("tomas", 403)])
def test_who_may_open_it(service, username, status):
    assert service.signed_in(username).client.get("/mag/members").status_code == status
    assert Program(service, username)("GET", "/mag/members").status_code == status


def test_the_api_lists_and_seats(two_groups):
    ines = Program(two_groups, "ines")
    assert ines("GET", "/mag/queue").json == []
    assert ines("PUT", f"/mag/members/{two_groups.ids['Ines Ferreira']}", json={"mags": ["North"]}).status_code == 204
    found = ines("GET", "/mag/members").json
    assert found["mags"] == ["North", "South"]
    assert [(each["name"], each["mags"]) for each in found["members"]] == [("Ines Ferreira", ["North"])]
    wrong = ines("PUT", f"/mag/members/{two_groups.ids['Ines Ferreira']}", json={"mags": ["East"]})
    assert wrong.status_code == 422 and set(wrong.json["errors"]) == {"mags"}
    assert ines("PUT", f"/mag/members/{two_groups.ids['Amara Osei']}", json={"mags": []}).status_code == 422
    assert Program(two_groups, "amara")("GET", "/mag/queue").status_code == 403
