import csv
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from chaguan.channels.events import MessagePosted
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.eventlog.actions import record_many
from chaguan.eventlog.testing import recorded
from chaguan.insights.events import DefinitionChanged
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)


def log_in(client: Client, actor: Actor) -> Client:
    client.force_login(get_user_model().objects.get(pk=actor.user_id or 0))
    return client


def talk(community: Community, name: str = "阿青") -> int:
    """One member says three things on the 10th of March."""
    member = make_member(community, name=name)
    said = [
        (
            MessagePosted(community.pk, 1, member.pk, message_id=n, chars=3),
            datetime(2026, 3, 10, 4, n, tzinfo=UTC),
        )
        for n in range(3)
    ]
    record_many(said, actor=Actor.system())
    return member.pk


def ask(client: Client, url: str, **query: str | int) -> object:
    with clock.moved_to(NOW):
        return client.get(url, query)


@pytest.mark.parametrize("view", ["activity", "people", "retention", "weight"])
def test_every_view_answers_with_talk_and_without(client: Client, view: str) -> None:
    lively, silent = make_community(), make_community()
    talk(lively)
    log_in(client, make_owner())

    for community in (lively, silent):
        response = ask(client, "/insights/", community=community.pk, view=view)
        assert response.status_code == 200  # type: ignore[attr-defined] # test client
        assert response.context["refusal"] == ""  # type: ignore[attr-defined]


@pytest.mark.req("ANA-02")
def test_hovering_a_figure_shows_its_formula_and_a_new_window_makes_a_new_edition(
    client: Client,
) -> None:
    talk(make_community())
    log_in(client, make_owner())
    client.cookies.load({"chaguan_language": "en"})

    page = ask(client, "/insights/", view="people").content.decode()  # type: ignore[attr-defined]
    with clock.moved_to(NOW):
        change = {"code": "newcomer_funnel", "window-first_post_days": "3", "note": "三天就够"}
        answer = client.post("/insights/definitions/", change)

    assert 'id="block-newcomer_funnel" title="Newcomers are members' in page
    assert answer.status_code == 302
    assert recorded(DefinitionChanged.name) == [
        DefinitionChanged("newcomer_funnel", "1.1", "三天就够")
    ]


def test_a_window_of_nonsense_is_refused_and_changes_nothing(client: Client) -> None:
    log_in(client, make_owner())
    change = {"code": "wau", "window-days": "many", "note": "x"}

    answer = client.post("/insights/definitions/", change)

    assert answer.status_code == 422
    assert recorded(DefinitionChanged.name) == []


def test_the_people_behind_a_number_are_one_click_away(client: Client) -> None:
    community = make_community()
    talk(community, "阿青")
    make_member(community, name="老周")
    log_in(client, make_owner())

    response = ask(
        client, "/insights/active_members/members/", community=community.pk, key="2026-03-10"
    )

    names = [line.member.name for line in response.context["lines"]]  # type: ignore[attr-defined]
    assert names == ["阿青"]


def test_the_csv_has_every_day_and_its_zeros(client: Client) -> None:
    community = make_community()
    talk(community)
    log_in(client, make_owner())

    response = ask(
        client, "/insights/messages/csv/", community=community.pk, span="own",
        since="2026-03-09", until="2026-03-11", every="day",
    )  # fmt: skip

    text = response.content.decode("utf-8-sig")  # type: ignore[attr-defined]
    assert list(csv.reader(text.splitlines())) == [
        ["period", "value"],
        ["2026-03-09", "0"],
        ["2026-03-10", "3"],
        ["2026-03-11", "0"],
    ]


def test_reports_of_another_community_are_not_found(client: Client) -> None:
    mine, other = make_community(), make_community()
    talk(other)
    log_in(client, make_staff("data_analyst", mine))

    for url in ("/insights/", "/insights/messages/csv/", "/insights/messages/members/"):
        response = ask(client, url, community=other.pk, key="2026-03-10")
        assert response.status_code == 404  # type: ignore[attr-defined]


def test_the_definitions_name_every_metric(client: Client) -> None:
    from chaguan.insights.contract import metrics

    log_in(client, make_owner())
    body = client.get("/insights/definitions/").content.decode()

    with translation.override("zh-hans"):
        assert [code for code, _m in metrics if f'id="{code}"' not in body] == []
