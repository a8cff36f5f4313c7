"""On the case page: how an action of the plan is going, and that nothing typed about it is lost."""

import re

import pytest

from tests.unit.web.player import Play


@pytest.fixture
def play(service):
    return Play(service)


def form_of(visitor, case_id):
    """Return the address and key of the action's form, as the page shows them."""
    page = visitor.get(f"/cases/{case_id}")
    found = re.search(rf'(/cases/{case_id}/actions/[0-9a-f-]+)".*?name="request_key" value="([^"]+)"', page, re.S)
    assert found, page
    return found.group(1), found.group(2)


def test_who_comes_second_learns_who_finished_it_and_keeps_the_words(play):
    case_id = play.planned()
    amara, dele = play.service.signed_in("amara"), play.service.signed_in("dele")
    (path, key), (_, deles) = form_of(amara, case_id), form_of(dele, case_id)
    dele.post(path, progress="Done on Friday", done="yes", request_key=deles)
    assert dele.says("Everyone in the team can see it")
    amara.post(path, progress="She waits at the gate now", request_key=key)
    assert amara.status == 409
    assert amara.says("There is a problem", "already closed: Dele Martins finished it", "She waits at the gate now")
    assert amara.says("It is not saved", "Done on Friday")


def test_a_report_that_says_nothing_is_asked_for_again(play):
    case_id = play.planned()
    amara = play.service.signed_in("amara")
    path, key = form_of(amara, case_id)
    amara.post(path, progress=" ", request_key=key)
    assert amara.status == 422
    assert amara.says("There is a problem", "Say what has been done")
    field = f"progress-{path.rpartition('/')[2]}"
    assert f'href="#{field}"' in amara.page and f'id="{field}"' in amara.page
    assert '<details class="govuk-details" id="stuck">' in amara.page


def test_the_page_sent_twice_is_kept_once_and_with_other_words_not_at_all(play):
    case_id = play.planned()
    amara = play.service.signed_in("amara")
    path, key = form_of(amara, case_id)
    for _ in range(2):
        amara.post(path, progress="Begun", request_key=key)
        assert amara.says("Everyone in the team can see it")
    amara.post(path, progress="Nearly there", request_key=key)
    assert (amara.status, amara.says("You sent this page before", "Nearly there")) == (409, True)
    amara.post(path, progress="Nearly there", request_key=form_of(amara, case_id)[1])
    assert amara.says("Everyone in the team can see it", "Nearly there")


def test_an_action_is_of_its_own_case(play):
    case_id, other = play.planned(), play.service.start_case("Lena")
    amara = play.service.signed_in("amara")
    path, key = form_of(amara, case_id)
    amara.post(path.replace(str(case_id), str(other)), progress="Begun", request_key=key)
    assert amara.status == 404
