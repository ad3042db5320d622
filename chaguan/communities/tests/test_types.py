from datetime import timedelta

import pytest
from django.utils import translation

from chaguan.communities.actions.communities import create_community, edit_community
from chaguan.communities.errors import NameTaken
from chaguan.communities.events import CommunityChanged
from chaguan.communities.kinds import preset_of
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_owner, make_staff
from chaguan.communities.types import CommunityType
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db


@pytest.mark.req("TYPE-01")
def test_community_of_each_type_starts_filled_in() -> None:
    owner = make_owner()

    made = [create_community(owner, f"群 {k}", kind=k.value, now=EPOCH) for k in CommunityType]

    assert len(made) == 6
    assert len({community.purpose for community in made}) == 6
    for community in made:
        kept = Community.objects.get(pk=community.pk)
        preset = preset_of(kept.type)
        assert kept.phase == "draft"
        assert kept.purpose == preset.purpose["zh"]
        assert kept.audience
        assert kept.expected_effect
        assert kept.target_stages == list(preset.target_stages) != []
        assert kept.is_screened == preset.is_screened
        assert kept.settings["intensity"] in ("none", "light", "full", "self_run")
        assert kept.settings["allowed"] == list(preset.allowed) != []
        assert kept.settings["metrics"] == list(preset.metrics) != []
        assert kept.settings["playbooks"] == list(preset.playbooks) != []
        assert preset.forbidden or preset.limits
    lifetimes = {c.type: c.settings["lifetime_hours"] for c in made}
    assert lifetimes == {
        "traffic": 48,
        "newcomer": 240,
        "camp": 720,
        "delivery": 672,
        "loyal_fan": None,
        "regional": None,
    }
    assert preset_of("loyal_fan").review_every == timedelta(days=30)


def test_purpose_is_in_the_readers_language() -> None:
    with translation.override("en"):
        community = create_community(make_owner(), "Tea", kind="traffic", now=EPOCH)

    assert community.purpose == preset_of("traffic").purpose["en"]


def test_new_type_brings_its_settings_and_keeps_the_rest() -> None:
    community = make_community(settings={"rules": ["不发广告"]})

    edit_community(make_owner(), community.pk, {"type": "delivery"}, now=EPOCH)
    edit_community(make_owner(), community.pk, {"type": "delivery"}, now=EPOCH)

    kept = Community.objects.get()
    assert kept.settings["rules"] == ["不发广告"]
    assert kept.settings["intensity"] == "full"
    assert recorded() == [CommunityChanged(community.pk, "settings, type")]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"name": "长" * 81},
        {"type": "party"},
        {"timezone": "Mars/Base"},
        {"target_stages": ["rich"]},
        {"phase": "running"},
        {"id": 7},
    ],
)
def test_nonsense_is_refused_and_nothing_changes(changes: dict[str, object]) -> None:
    community = make_community()

    with pytest.raises(Invalid):
        edit_community(make_owner(), community.pk, changes, now=EPOCH)

    assert Community.objects.get() == community
    assert recorded() == []


def test_names_are_taken_once_and_strangers_create_nothing() -> None:
    create_community(make_owner(), "茶友会", now=EPOCH)

    with pytest.raises(NameTaken):
        create_community(make_owner(), " 茶友会 ", now=EPOCH)
    with pytest.raises(Refused):
        create_community(make_staff("data_analyst"), "另一个", now=EPOCH)
    with pytest.raises(Missing):
        edit_community(make_owner(), 999, {"name": "x"}, now=EPOCH)

    assert Community.objects.count() == 1
