"""The profiles that come with the service, and the files that authorities bring."""

from __future__ import annotations

import json

import pytest

from engine.authorities import read_profile, read_shipped, shipped
from engine.casework.profiles import check_profile, contacts, groups
from engine.casework.terms import term_of
from engine.errors import Invalid


@pytest.mark.parametrize("name", shipped())
def test_each_shipped_profile_is_whole(name: str) -> None:
    described = read_shipped(name)
    assert described.name and described.nation
    check_profile(described.profile)


def test_barnet_is_reached_as_its_support_team_says() -> None:
    described = read_shipped("barnet")
    reached = contacts(described.name, described.profile)
    assert (described.name, described.nation, term_of(described.profile)) == (
        "London Borough of Barnet", "england-and-wales", "TAC",
    )  # fmt: skip
    assert reached.lines == (
        "Multi Agency Support Team",
        "London Borough of Barnet",
        "North London Business Park",
        "Oakleigh Road South",
        "N11 1NP",
        "Phone 020 8359 4405",
        "Fax 0871 911 6184",
    )
    known = groups(described.profile)
    assert len(known) > 1 and all(group.area for group in known)


def test_a_team_that_nobody_can_reach_has_no_lines() -> None:
    assert contacts("Hillshire", {"team": "Early help", "website": "https://example.org"}).lines == ()
    assert contacts("Hillshire", {"team": "Early help", "phone": "1"}).lines == ("Early help", "Hillshire", "Phone 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "a JSON object"),
        (json.dumps({"name": 3}), "name and nation are texts"),
        (json.dumps({"nation": "france"}), "nation is one of"),
        (json.dumps({"mags": [{"name": "North", "area": 3}]}), "mags"),
        (json.dumps({"phone": 3}), "phone"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_with_its_name(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_profile(text, file="own.json")
    assert said in refused.value.message and "own.json" in refused.value.message


def test_a_name_that_no_profile_has_lists_those_there_are() -> None:
    with pytest.raises(Invalid, match="barnet"):
        read_shipped("nowhere")
