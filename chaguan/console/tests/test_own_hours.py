"""Hours a week: one's own in the settings, a colleague's on the staff page."""

import pytest

from chaguan.communities.testing import make_owner, make_staff
from chaguan.console.testing import browser_of
from chaguan.playbooks.models import Capacity

pytestmark = pytest.mark.django_db


def hours() -> dict[int | None, int]:
    return dict(Capacity.objects.values_list("user_id", "minutes_per_week"))


def test_everybody_says_her_own_hours_and_takes_them_back() -> None:
    colleague = make_staff()
    browser = browser_of(colleague)

    assert browser.post("/settings/", {"hours": "7,5"}).status_code == 302
    assert hours() == {colleague.user_id: 450}
    assert "你每周有 7.5 小时" in browser.get("/settings/").content.decode()
    for wrong in ("很多", "169", "-1", "nan"):
        assert browser.post("/settings/", {"hours": wrong}).status_code == 422
    assert hours() == {colleague.user_id: 450}
    assert browser.post("/settings/", {"hours": ""}).status_code == 302
    assert hours() == {}


def test_who_looks_after_staff_writes_down_a_colleagues_hours() -> None:
    owner, colleague = make_owner(), make_staff()
    browser = browser_of(owner)
    url = f"/settings/staff/{colleague.user_id}/"

    assert browser.post(url, {"step": "hours", "hours": "12"}).status_code == 302
    assert "每周有 12 小时" in browser.get("/settings/staff/").content.decode()
    assert browser.post(url, {"step": "hours", "hours": "x"}).status_code == 422
    assert (
        browser_of(colleague)
        .post(f"/settings/staff/{owner.user_id}/", {"step": "hours", "hours": "1"})
        .status_code
        == 404
    )
    assert hours() == {colleague.user_id: 720}
