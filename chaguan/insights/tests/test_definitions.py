"""Definitions are visible with their windows, and a changed window never rewrites the past."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chaguan.channels.events import MessagePosted
from chaguan.communities.testing import make_community, make_owner, make_staff
from chaguan.eventlog.actions import record_many
from chaguan.eventlog.testing import recorded
from chaguan.insights.actions.definitions import change_windows
from chaguan.insights.contract import metrics
from chaguan.insights.editions import metric_editions
from chaguan.insights.errors import NothingChanged, UnknownWindow, WindowOutOfRange
from chaguan.insights.events import DefinitionChanged
from chaguan.insights.models import DefinitionEdition
from chaguan.insights.selectors.answers import catalogue, funnel, series
from chaguan.insights.selectors.health import health_definition
from chaguan.insights.selectors.overview import overview
from chaguan.insights.selectors.questions import Range
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError, Refused

pytestmark = pytest.mark.django_db
CHANGED_AT = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)
DAYS = Range(date(2026, 3, 9), date(2026, 3, 13), timezone="UTC")


def one_post_a_day(community_id: int) -> None:
    """Member n says one thing on the n-th of March, at noon, and never again."""
    facts = [
        (
            MessagePosted(community_id, 1, n, message_id=n, chars=4),
            datetime(2026, 3, n, 12, tzinfo=UTC),
        )
        for n in range(1, 14)
    ]
    record_many(facts, actor=Actor.system())


@pytest.mark.req("ANA-02")
def test_changing_a_window_makes_a_version_and_leaves_history_alone() -> None:
    community, owner = make_community(timezone="UTC"), make_owner()
    one_post_a_day(community.pk)
    before = series(owner, "wau", [community.pk], DAYS)

    edition = change_windows(owner, "wau", {"days": 3}, note="三天一看", now=CHANGED_AT)

    after = series(owner, "wau", [community.pk], DAYS)
    assert [(p.value, p.edition) for p in before.points] == [(7, "1.0")] * 5
    # the 9th and 10th had ended when it was changed; from the 11th on the new window counts
    assert [(p.value, p.edition) for p in after.points] == [(7, "1.0")] * 2 + [(3, "1.1")] * 3
    assert (edition.label, edition.valid_from) == ("1.1", CHANGED_AT)
    assert "7 days" in before.formula
    assert "3 days" in after.formula
    assert recorded(DefinitionChanged.name) == [DefinitionChanged("wau", "1.1", "三天一看")]


@pytest.mark.req("ANA-02")
def test_a_figure_carries_the_formula_with_its_window_for_hovering() -> None:
    community, owner = make_community(timezone="UTC"), make_owner()
    now = CHANGED_AT + timedelta(days=1)
    change_windows(owner, "mau", {"days": 14}, note="", now=CHANGED_AT)

    figures = overview(owner, community.pk, now).figures

    assert figures["mau"].hint == (
        "The number of different members who posted in the 14 days that end with the last day of the"
        " period. (definition 1.1)"
    )
    assert figures["wau"].hint.endswith("(definition 1.0)")
    assert "7 days" in figures["wau"].hint
    assert all(figure.formula and figure.unit for figure in figures.values())


def test_the_funnel_names_its_windows_in_its_steps() -> None:
    community, owner = make_community(timezone="UTC"), make_owner()
    change_windows(owner, "newcomer_funnel", {"first_post_days": 3}, note="", now=CHANGED_AT)

    steps = funnel(owner, [community.pk], Range(date(2026, 3, 1), date(2026, 3, 31)))
    before = funnel(owner, [community.pk], Range(date(2026, 2, 1), date(2026, 2, 28)))

    assert (steps[1].step, before[1].step) == ("posted_within_3d", "posted_within_7d")


def test_health_has_editions_too() -> None:
    owner = make_owner()
    change_windows(owner, "health", {"cooling_percent": 40}, note="", now=CHANGED_AT)

    found = health_definition()

    assert (found.edition, found.windows["cooling_percent"]) == ("1.1", 40)
    assert "40%" in {state: text for state, _label, text in found.conditions}["cooling"]


@pytest.mark.parametrize(
    ("windows", "error"),
    [
        ({"weeks": 3}, UnknownWindow),
        ({"days": 0}, WindowOutOfRange),
        ({"days": 3651}, WindowOutOfRange),
        ({"days": 7}, NothingChanged),
    ],
)
def test_senseless_windows_are_refused(windows: dict[str, int], error: type[ChaguanError]) -> None:
    with pytest.raises(error):
        change_windows(make_owner(), "wau", windows, note="", now=CHANGED_AT)

    assert not DefinitionEdition.objects.exists()
    assert recorded(DefinitionChanged.name) == []


def test_only_those_who_manage_settings_change_definitions() -> None:
    with pytest.raises(Refused) as refusal:
        change_windows(make_staff("community_manager"), "wau", {"days": 3}, note="", now=CHANGED_AT)

    assert refusal.value.code == "no_settings"
    assert not DefinitionEdition.objects.exists()
    assert recorded(DefinitionChanged.name) == []


def test_the_catalogue_tells_everything_about_every_metric() -> None:
    found = {definition.code: definition for definition in catalogue()}

    assert set(found) == {code for code, _metric in metrics}
    assert "%" not in found["newcomer_funnel"].formula
    assert "30 days after" in found["newcomer_funnel"].formula
    assert metric_editions("messages", metrics.get("messages"))[0].label == "1.0"
