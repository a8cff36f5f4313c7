"""A newer original is offered for a file that was changed here: element by element, whole, or kept away for good."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.commands import deployments
from engine.queries import model_drafts, upgrades
from tests.unit.web.service import Service, model_files

FILE = "review_interval.dmn"
CAME = model_files()[FILE]


def offered(service: Service) -> frozenset[str]:
    return upgrades.offered(service.engine, actor=service.actor("tomas"))


@pytest.fixture
def upgraded(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The service with a row of its own, after the service brought another text for two rows."""
    own = CAME.replace(b"</description>", b", as agreed here</description>", 1)
    deployments.deploy(service.engine, authority_id=service.authority_id, files={FILE: own}, note="Ours")
    assert not offered(service)
    newer = b"</description>".join(
        part + (b" (newer)" if number in (0, 1) else b"") for number, part in enumerate(CAME.split(b"</description>"))
    )
    # What comes with the service is fixed in a build: only another version of it has another text.
    texts: Mapping[str, bytes] = {**model_files(), FILE: newer}
    monkeypatch.setattr(upgrades, "originals", lambda: texts)
    monkeypatch.setattr("engine.commands.upgrades.originals", lambda: texts)
    return service


def test_what_is_ticked_of_an_upgrade_goes_into_a_draft_and_the_copy_counts_as_brought_up(upgraded: Service) -> None:
    assert offered(upgraded) == {FILE}
    visitor = upgraded.signed_in("tomas")
    visitor.get("/definitions")
    assert visitor.says("An upgrade is offered")
    visitor.get(f"/studio/adapt?file={FILE}")
    assert visitor.says("What of the upgrade do you take?", "(newer)", "as agreed here")
    found = upgrades.read(upgraded.engine, actor=upgraded.actor("tomas"), file=FILE)
    clean = [each.choice.key for each in found.offers if each.takeable and each.choice.clean]
    visitor.post(f"/studio/adapt?file={FILE}", act="take", draft="")
    assert visitor.status == 422
    visitor.post(f"/studio/adapt?file={FILE}", act="take", draft="", take=clean[0])
    assert visitor.says("Taken into a draft", "(newer)")
    draft = model_drafts.draft(upgraded.engine, actor=upgraded.actor("tomas"), file=FILE)
    assert draft is not None and b"as agreed here" in draft.content and draft.content.count(b"(newer)") == 1
    assert offered(upgraded) == {FILE}
    visitor.post("/definitions/drafts/deploy", file=FILE, note="Part of the upgrade")
    assert not offered(upgraded)


def test_an_upgrade_that_is_not_wanted_is_not_offered_again(upgraded: Service) -> None:
    visitor = upgraded.signed_in("tomas")
    visitor.post(f"/studio/adapt?file={FILE}", act="keep", why="")
    assert visitor.status == 422 and offered(upgraded)
    visitor.post(f"/studio/adapt?file={FILE}", act="keep", why="Ours says more")
    assert visitor.says("stays as it is here") and not offered(upgraded)
    visitor.get(f"/studio/adapt?file={FILE}")
    assert visitor.status == 404
