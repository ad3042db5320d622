from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.channels.models import Message
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
    make_stranger,
)
from chaguan.console.testing import HTMX, browser_of
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
TABS = ["", "rooms/", "rules/"]


def names(response: object) -> list[str]:
    return [line.community.name for line in response.context["lines"]]  # type: ignore[attr-defined]


@pytest.mark.req("TYPE-02")
def test_the_map_places_each_community_and_a_cell_filters() -> None:
    make_community(name="甲", type="camp", target_stages=["acquainted"])
    make_community(name="乙", type="camp", target_stages=["bought", "bought_again"])
    make_community(name="丙", type="loyal_fan", target_stages=["bought_again"])
    browser = browser_of(make_owner())

    page = browser.get("/communities/")
    cell = browser.get("/communities/", {"type": "camp", "band": "paying"})

    cells = {
        (cell.type, cell.band): cell.amount
        for _words, _kind, row in page.context["map"]
        for cell in row
        if cell.amount
    }
    assert cells == {("camp", "new"): 1, ("camp", "paying"): 1, ("loyal_fan", "paying"): 1}
    assert set(names(page)) == {"甲", "乙", "丙"}
    assert names(cell) == ["乙"]


def test_closed_ones_are_shown_when_asked_for() -> None:
    make_community(name="甲", phase="closed")
    browser = browser_of(make_owner())

    assert names(browser.get("/communities/")) == []
    assert names(browser.get("/communities/", {"phase": "closed"})) == ["甲"]


def test_a_community_shows_only_to_its_own_staff() -> None:
    mine, other = make_community(), make_community()
    browser = browser_of(make_staff("community_manager", mine))

    assert names(browser.get("/communities/")) == [mine.name]
    for tab in TABS:
        assert browser.get(f"/communities/{mine.slug}/{tab}").status_code == 200
        assert browser.get(f"/communities/{other.slug}/{tab}").status_code == 404
        assert browser_of(make_stranger()).get(f"/communities/{mine.slug}/{tab}").status_code == 404


def test_the_story_has_five_sentences_and_numbers_need_the_right() -> None:
    community = make_community()
    make_member(community)

    owner, editor = browser_of(make_owner()), browser_of(make_staff("content_editor"))
    url = f"/communities/{community.slug}/"

    page = owner.get(url).content.decode()
    told = owner.get(f"{url}numbers/", headers=HTMX)
    whole = owner.get(f"{url}numbers/")

    assert 'hx-trigger="load"' in page
    assert len(told.context["story"]) == 5
    assert "<html" not in told.content.decode()
    assert "<html" in whole.content.decode()
    assert editor.get(url).status_code == 200
    assert editor.get(f"{url}numbers/").status_code == 404


def test_a_room_is_read_page_by_page_with_the_newest_at_the_foot() -> None:
    community = make_community()
    room = make_room(community)
    member = make_member(community, name="阿青", role="steward")
    Message.objects.bulk_create(
        Message(
            room=room,
            member=member,
            external_id=str(n),
            at=EPOCH + timedelta(minutes=n),
            text=f"第{n}句",
        )
        for n in range(60)
    )
    browser = browser_of(make_owner())
    url = f"/communities/{community.slug}/rooms/{room.pk}/"

    talk = browser.get(url).context["talk"]
    older = browser.get(url, {"before": talk.older}, headers=HTMX)

    assert [line.text for line in talk.lines] == [f"第{n}句" for n in range(10, 60)]
    assert [line.text for line in older.context["talk"].lines] == [f"第{n}句" for n in range(10)]
    assert "<html" not in older.content.decode()


def test_a_room_of_another_community_is_not_there() -> None:
    community, other = make_community(), make_community()
    room = make_room(other)

    answer = browser_of(make_owner()).get(f"/communities/{community.slug}/rooms/{room.pk}/")

    assert answer.status_code == 404


def test_as_many_queries_for_three_communities_as_for_one() -> None:
    browser = browser_of(make_owner())
    make_community()
    browser.get("/communities/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/communities/")
    make_community()
    make_community()

    with CaptureQueriesContext(connection) as three:
        browser.get("/communities/")

    assert len(three) == len(one)
    assert len(one) <= 30


def test_search_finds_names_of_what_one_may_see() -> None:
    mine = make_community(name="老客茶友群")
    make_member(mine, name="老周")
    make_community(name="老街坊")
    browser = browser_of(make_staff("community_manager", mine))

    found = browser.get("/search/", {"q": "老"})

    assert [one.name for one in found.context["communities"]] == ["老客茶友群"]
    assert [one.name for one in found.context["members"]] == ["老周"]
