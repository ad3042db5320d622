"""One-time links: the first account of the house, and new passwords."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from chaguan.communities.models import StaffPost, StaffRole
from chaguan.communities.types import Right
from chaguan.console.models import StartLink
from chaguan.console.start import (
    VALID_FOR,
    LinkSpent,
    has_account,
    issue_start_link,
    link_for,
    redeem_start_link,
)
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 8, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PASSWORD = "a pot of longjing at dawn"


def first_link() -> str:
    return issue_start_link(Actor.system(), now=NOW)


def redeem(secret: str, *, name: str = "operator", now: datetime = LATER) -> User:
    return redeem_start_link(Actor.anonymous(), secret, name=name, password=PASSWORD, now=now)


def test_the_first_account_owns_the_house_with_the_password_she_chose() -> None:
    user = redeem(first_link())

    user.refresh_from_db()
    assert (user.username, user.is_superuser, user.is_active) == ("operator", True, True)
    assert user.check_password(PASSWORD)
    assert has_account()


def test_a_link_opens_once() -> None:
    secret = first_link()
    redeem(secret)

    with pytest.raises(LinkSpent):
        redeem(secret, name="second")

    assert list(User.objects.values_list("username", flat=True)) == ["operator"]


def test_the_secret_is_not_kept() -> None:
    secret = first_link()

    assert secret not in str(StartLink.objects.values().get())


def test_a_link_ends_when_its_time_is_over() -> None:
    secret = first_link()

    link_for(secret, now=NOW + VALID_FOR - timedelta(seconds=1))
    with pytest.raises(LinkSpent):
        redeem(secret, now=NOW + VALID_FOR)

    assert not has_account()


def test_a_newer_link_ends_the_older_one() -> None:
    old = first_link()
    new = first_link()

    with pytest.raises(LinkSpent):
        redeem(old)
    assert redeem(new).username == "operator"


def test_a_first_link_is_worthless_once_somebody_can_log_in() -> None:
    secret = first_link()
    User.objects.create_user("already", password=PASSWORD)

    with pytest.raises(LinkSpent):
        redeem(secret)
    with pytest.raises(LinkSpent):
        first_link()

    assert User.objects.count() == 1


def test_a_guessed_secret_opens_nothing() -> None:
    first_link()

    with pytest.raises(LinkSpent):
        redeem("guessed")

    assert not has_account()


@pytest.mark.parametrize(
    ("name", "password"),
    [("operator", "short"), ("operator", "password123"), ("", PASSWORD), ("two words", PASSWORD)],
)
def test_a_bad_name_or_password_is_refused_and_the_link_still_opens(
    name: str, password: str
) -> None:
    secret = first_link()

    with pytest.raises(Invalid):
        redeem_start_link(Actor.anonymous(), secret, name=name, password=password, now=LATER)

    assert not has_account()
    assert redeem(secret).username == "operator"


def test_a_link_for_a_login_sets_its_password_and_nothing_else() -> None:
    owner = redeem(first_link())
    guest = User.objects.create_user("guest")

    secret = issue_start_link(Actor.staff(owner.pk), now=NOW, user=guest)
    redeem(secret, name="ignored")

    guest.refresh_from_db()
    assert (guest.username, guest.is_superuser) == ("guest", False)
    assert guest.check_password(PASSWORD)


def test_who_does_not_manage_staff_cannot_give_out_links() -> None:
    owner = redeem(first_link())
    stranger = User.objects.create_user("stranger")

    for actor in (Actor.staff(stranger.pk), Actor.anonymous(), Actor.member(1)):
        with pytest.raises(Refused) as refusal:
            issue_start_link(actor, now=NOW, user=owner)
        assert refusal.value.code == "not_allowed"

    assert not StartLink.objects.filter(user=owner).exists()


def test_who_manages_staff_cannot_take_over_the_owner() -> None:
    owner = redeem(first_link())
    leader, guest = User.objects.create_user("leader"), User.objects.create_user("guest")
    role, _new = StaffRole.objects.update_or_create(
        code="leader_in_test", defaults={"name": "Leader", "rights": [Right.MANAGE_STAFF]}
    )
    StaffPost.objects.create(user=leader, role=role)

    assert issue_start_link(Actor.staff(leader.pk), now=NOW, user=guest)
    with pytest.raises(Refused) as refusal:
        issue_start_link(Actor.staff(leader.pk), now=NOW, user=owner)

    assert refusal.value.code == "not_allowed"
    assert not StartLink.objects.filter(user=owner).exists()
