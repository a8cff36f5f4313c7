"""A second factor: set up, asked for, good once, lost; and people for whom their organisation answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from engine import second_factor
from engine.casework.permissions import Actor
from engine.commands import authorities, outside_identities, second_factors
from engine.commands import sessions as acts
from engine.commands.outside_identities import Identity, NotKnown
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import sessions, sign_in_settings
from engine.settings import SingleSignOn
from engine.store import sign_in_tries
from engine.store.tables import access, keeping, people
from tests.worlds import PASSWORD, World, build_world

COUNCIL = SingleSignOn("https://id.northcombe.example", "caf", "a client's secret")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world with people and no models."""
    made = build_world(database_url, models={})
    yield made
    made.close()


def actor_of(world: World, token: str) -> Actor | None:
    return sessions.actor_of(world.engine, token)


def set_up(world: World, who: str = "hana") -> tuple[pyotp.TOTP, list[str]]:
    """Set up somebody's second factor; a step later, so that the next code is another one."""
    app = pyotp.TOTP(second_factors.begin(world.engine, actor=world.actor(who)).secret.replace(" ", ""))
    codes = second_factors.confirm(world.engine, actor=world.actor(who), code=now(world, app))
    world.clock.advance(timedelta(seconds=90))
    return app, codes


def now(world: World, app: pyotp.TOTP, steps: int = 0) -> str:
    return app.at(world.clock.now(), counter_offset=steps)


def password(world: World, who: str = "hana") -> acts.SignedIn:
    return acts.sign_in(world.engine, username=who, password=PASSWORD)


def test_a_right_password_alone_opens_nothing_any_more(world):
    app, _ = set_up(world)
    half = password(world)
    assert half.code_due
    assert actor_of(world, half.token) is None
    whole = acts.give_code(world.engine, token=half.token, code=now(world, app))
    found = actor_of(world, whole.token)
    assert found is not None and found.name == "Hana Verity"
    assert whole.token != half.token
    with pytest.raises(acts.WrongSignIn):
        acts.give_code(world.engine, token=half.token, code=now(world, app, 1))


def test_a_code_is_good_once_and_none_before_it_afterwards(world):
    app, _ = set_up(world)
    code = now(world, app)
    acts.give_code(world.engine, token=password(world).token, code=code)
    for again in (code, now(world, app, -1)):
        with pytest.raises(acts.WrongCode):
            acts.give_code(world.engine, token=password(world).token, code=again)
    assert acts.give_code(world.engine, token=password(world).token, code=now(world, app, 1)).token


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_s_clock_may_be_half_a_minute_off(world, steps, good):
    app, _ = set_up(world)
    half = password(world)
    if good:
        assert acts.give_code(world.engine, token=half.token, code=now(world, app, steps)).token
    else:
        with pytest.raises(acts.WrongCode):
            acts.give_code(world.engine, token=half.token, code=now(world, app, steps))


def test_codes_cannot_be_guessed_by_starting_over(world):
    set_up(world)
    for _ in range(sign_in_tries.MOST_OF_A_NAME):
        with pytest.raises(acts.WrongCode):
            acts.give_code(world.engine, token=password(world).token, code="000000")
    with pytest.raises(acts.TooManyTries):
        password(world)


def test_any_number_of_tries_at_one_moment_are_all_counted(world):
    with ThreadPoolExecutor(4) as pool:
        sent = {"username": "hana", "password": "a wrong one"}
        tries = [pool.submit(acts.sign_in, world.engine, **sent) for _ in range(12)]
    found = [type(each.exception()) for each in tries]
    assert set(found) <= {acts.WrongSignIn, acts.TooManyTries}
    assert found.count(acts.WrongSignIn) <= sign_in_tries.MOST_OF_A_NAME


def test_a_right_password_waits_ten_minutes_for_its_code(world):
    app, _ = set_up(world)
    half = password(world)
    world.clock.advance(timedelta(minutes=10))
    with pytest.raises(acts.WrongSignIn):
        acts.give_code(world.engine, token=half.token, code=now(world, app))


def test_each_recovery_code_is_good_once_however_it_is_typed(world):
    _, codes = set_up(world)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    typed = codes[0].upper().replace("-", " ")
    assert acts.give_code(world.engine, token=password(world).token, code=typed).token
    with pytest.raises(acts.WrongCode):
        acts.give_code(world.engine, token=password(world).token, code=codes[0])
    assert sign_in_settings.factor(world.engine, actor=world.actor("hana")).codes_left == len(codes) - 1
    (told,) = world.rows(sa.select(keeping.outbox))
    assert (told.practitioner_id, told.subject) == (world.ids["hana"], "One of your recovery codes was used")
    assert world.verified().findings == ()


def test_neither_secret_nor_recovery_codes_are_kept_as_they_are(world):
    app, codes = set_up(world)
    kept = str([world.rows(sa.select(table)) for table in (access.second_factors, access.recovery_codes)])
    kept += str(world.rows(sa.select(keeping.history.c.detail)))
    assert app.secret not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_a_secret_sealed_under_another_installation_opens_nothing(world):
    app, _ = set_up(world)
    other = replace(world.engine, settings=replace(world.engine.settings, secret_key="z" * 40))
    with pytest.raises(acts.WrongCode):
        acts.give_code(other, token=password(world).token, code=now(world, app))


def test_setting_up_shows_the_same_secret_until_it_is_confirmed(world):
    hana = world.actor("hana")
    first = second_factors.begin(world.engine, actor=hana)
    assert second_factors.begin(world.engine, actor=hana) == first
    assert first.picture.startswith("<svg") and "style" not in first.picture
    with pytest.raises(Invalid):
        second_factors.confirm(world.engine, actor=hana, code="123456")
    assert not password(world).code_due, "what is only begun is not asked for"
    set_up(world)
    for act in (second_factors.begin, lambda engine, actor: second_factors.confirm(engine, actor=actor, code="1")):
        with pytest.raises(Conflict):
            act(world.engine, actor=hana)


def test_one_s_own_is_taken_away_or_its_recovery_codes_renewed_only_with_a_code(world):
    app, codes = set_up(world)
    hana = world.actor("hana")
    with pytest.raises(Invalid):
        second_factors.remove_own(world.engine, actor=hana, code=codes[0])
    renewed = second_factors.renew_codes(world.engine, actor=hana, code=now(world, app))
    assert not set(renewed) & set(codes)
    second_factors.remove_own(world.engine, actor=hana, code=now(world, app, 1))
    assert not password(world).code_due


def test_an_administrator_takes_a_lost_one_away_and_ends_the_sessions(world):
    app, _ = set_up(world)
    token = acts.give_code(world.engine, token=password(world).token, code=now(world, app)).token
    piet = world.actor("piet")
    for who, whom, error in ((world.actor("cleo"), "hana", NotPermitted), (piet, "piet", NotPermitted),
                             (piet, "noor", NotFound)):  # fmt: skip
        with pytest.raises(error):
            second_factors.remove(world.engine, actor=who, practitioner_id=world.ids[whom])
    second_factors.remove(world.engine, actor=piet, practitioner_id=world.ids["hana"])
    assert actor_of(world, token) is None
    assert not password(world).code_due


def require(world: World, *roles: str) -> None:
    authorities.change(
        world.engine, actor=world.actor("piet"), name="Northcombe Council", nation="england-and-wales",
        profile={"second_factor_roles": list(roles)},
    )  # fmt: skip


def test_the_authority_says_which_roles_need_one(world):
    require(world, "coordinator", "administrator")
    due = {who: actor_of(world, password(world, who).token).factor_due for who in ("hana", "cleo", "piet")}
    assert due == {"hana": False, "cleo": True, "piet": True}
    set_up(world, "cleo")
    half = password(world, "cleo")
    assert half.code_due
    with pytest.raises(Invalid):
        require(world, "chief wizard")


def outside(world: World, subject: str = "s-1", settings: SingleSignOn = COUNCIL, **said) -> acts.SignedIn:
    given = {"email": "Hana@Northcombe.example", "email_verified": True, "name": "Hana V.", **said}
    identity = Identity(issuer=settings.issuer, subject=subject, **given)
    return outside_identities.sign_in(world.engine, identity=identity, settings=settings)


def test_a_verified_address_ties_an_account_to_who_somebody_is_and_then_counts_no_more(world):
    found = actor_of(world, outside(world).token)
    assert found is not None and found.practitioner_id == world.ids["hana"]
    assert actor_of(world, outside(world, email="", email_verified=False).token).name == "Hana Verity"
    with pytest.raises(NotKnown):
        outside(world, subject="whoever has the address now")
    assert world.verified().findings == ()


@pytest.mark.parametrize(
    "said",
    [
        {"email_verified": False},
        {"email": ""},
        {"email": "nobody@northcombe.example"},
        {"email": "%@northcombe.example"},
    ],
)
def test_whoever_is_not_known_is_refused_in_the_same_words_and_gets_no_account(world, said):
    before = len(world.rows(sa.select(people.accounts)))
    with pytest.raises(NotKnown) as refused:
        outside(world, **said)
    assert "no account here goes with that. Ask an administrator of this service" in str(refused.value)
    assert len(world.rows(sa.select(people.accounts))) == before
    assert not world.rows(sa.select(access.outside_identities))


def test_a_closed_account_stays_closed(world):
    outside(world)
    own = people.accounts.c.id == world.accounts["hana"]
    world.write(sa.update(people.accounts).where(own).values(disabled_at=world.clock.now()))
    with pytest.raises(NotKnown):
        outside(world)


def test_two_accounts_of_one_address_are_nobodys_to_choose_from(world):
    same = people.practitioners.c.id == world.ids["idris"]
    world.write(sa.update(people.practitioners).where(same).values(email="hana@northcombe.example"))
    with pytest.raises(NotKnown):
        outside(world)


def test_an_account_is_made_only_when_the_setting_says_so_and_it_has_no_role(world):
    makes = replace(COUNCIL, makes_accounts=True)
    found = actor_of(world, outside(world, settings=makes, email="new@northcombe.example", name="Wren Ash").token)
    assert found is not None and (found.name, found.roles) == ("Wren Ash", frozenset())
    assert world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.practitioner_id == world.ids["piet"]))
    with pytest.raises(NotKnown):
        outside(world, subject="s-2", settings=replace(makes, authority="elsewhere"), email="two@northcombe.example")


def test_whose_organisation_answers_for_them_need_no_second_factor_of_ours(world):
    require(world, "case_worker")
    assert actor_of(world, password(world).token).factor_due
    assert not actor_of(world, outside(world).token).factor_due
