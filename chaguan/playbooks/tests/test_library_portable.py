"""The library of a fresh installation: it is listed, goes out as plain files and comes back equal."""

from datetime import timedelta

import pytest
import yaml

from chaguan.communities.testing import make_owner, make_staff, make_stranger
from chaguan.kernel.errors import Missing, Refused
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.actions.portability import export_edition, import_playbook, remove_playbook
from chaguan.playbooks.models import Edition, Playbook, Step
from chaguan.playbooks.selectors.library import edition_board, playbooks_visible_to
from chaguan.playbooks.testing import MONDAY, SYSTEM
from chaguan.playbooks.tests.places import make_place
from chaguan.playbooks.tests.shipped import FILES, document_in, published

pytestmark = pytest.mark.django_db
TYPES = ("traffic", "newcomer", "camp", "delivery", "loyal_fan", "regional")
ROUTINES = {
    "daily_routine",
    "weekly_routine",
    "event_standard",
    "formal_session",
    "crisis_response",
}


@pytest.mark.req("SOP-16")
def test_a_fresh_installation_lists_the_library_and_takes_each_template_back_equal() -> None:
    load_library(SYSTEM, now=MONDAY)
    owner = make_owner()
    listed = {row.key: row for row in playbooks_visible_to(owner)}
    for_each_type = {kind: {p.key for p in playbooks_visible_to(owner, kind)} for kind in TYPES}

    assert set(listed) == {file.stem for file in FILES}
    assert all(for_each_type[kind] & set(preset) for kind, preset in PRESETS.items())
    assert set(listed) >= ROUTINES

    for file in FILES:
        playbook = listed[file.stem]
        assert playbook.current is not None
        before, board = playbook.current, shown(playbook.current)
        written = export_edition(owner, before.pk)
        head = list(yaml.safe_load_all(written))[-1]
        assert (head["version"], head["licence"]) == (before.version, "Apache-2.0")

        assert remove_playbook(owner, playbook.pk) is True
        assert not Playbook.objects.filter(key=file.stem).exists()
        assert not Step.objects.filter(edition_id=before.pk).exists()
        again = import_playbook(owner, written, now=MONDAY + timedelta(days=1))

        assert (again.content_hash, again.document) == (before.content_hash, before.document)
        assert (again.version, again.source.strip()) == (before.version, before.source.strip())
        assert shown(again) == board

    assert {row.key for row in playbooks_visible_to(owner)} == {file.stem for file in FILES}


PRESETS = {
    "traffic": {"traffic_screenshot_48h", "traffic_assist_48h"},
    "newcomer": {"newcomer_10d"},
    "camp": {"camp_7d"},
    "delivery": {"delivery_28d"},
    "loyal_fan": {"loyal_fan_launch_30d"},
    "regional": {"chapter_replication_90d"},
}


def shown(edition: Edition) -> list[tuple[str, str, str, str, str]]:
    """What the board shows of it."""
    return sorted(
        (card.row.code, card.time, card.row.title, card.row.actor, card.row.purpose)
        for lane in edition_board(edition).lanes
        for cell in lane.cells
        for card in cell
    )


def test_whoever_may_not_edit_takes_nothing_in_or_away() -> None:
    file = next(file for file in FILES if file.stem == "touch_plan_7d")
    edition = published(file)
    steward = make_staff("community_manager", make_place())
    written = export_edition(make_owner(), edition.pk)

    with pytest.raises(Missing):
        export_edition(make_stranger(), edition.pk)
    with pytest.raises(Refused):
        remove_playbook(make_stranger(), edition.playbook_id)
    with pytest.raises(Refused):
        import_playbook(make_stranger(), written, now=MONDAY)

    assert export_edition(steward, edition.pk) == written
    assert Playbook.objects.get().current_id == edition.pk
    assert document_in(file).licence in written
