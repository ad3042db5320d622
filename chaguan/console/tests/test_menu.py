import pytest
from django.urls import reverse

from chaguan.communities.testing import make_community, make_owner, make_staff, make_stranger
from chaguan.console.menu import MENU, MenuEntry, menu_for
from chaguan.console.testing import browser_of
from chaguan.ui.icons import ICONS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.code)
def test_every_entry_leads_to_a_page_that_works(entry: MenuEntry) -> None:
    make_community()

    response = browser_of(make_owner()).get(reverse(entry.url_name))

    assert response.status_code == 200
    assert 'aria-current="page"' in response.content.decode()


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.code)
def test_every_entry_works_in_an_empty_house(entry: MenuEntry) -> None:
    assert browser_of(make_owner()).get(reverse(entry.url_name)).status_code == 200


def test_a_stranger_sees_only_what_needs_no_right() -> None:
    shown = [shown.entry.code for shown in menu_for(make_stranger())]

    assert shown == [entry.code for entry in MENU if entry.right is None]


def test_an_analyst_is_not_shown_imports() -> None:
    shown = {shown.entry.code for shown in menu_for(make_staff("data_analyst"))}

    assert "community" in shown
    assert "import" not in shown


def test_letters_and_icons_are_there_once() -> None:
    keys = [entry.key for entry in MENU]

    assert len(set(keys)) == len(keys)
    assert {entry.code for entry in MENU} <= set(ICONS)
