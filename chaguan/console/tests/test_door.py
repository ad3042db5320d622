"""Coming in and going out."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from chaguan.communities.testing import make_owner
from chaguan.console.start import issue_start_link
from chaguan.console.testing import HTMX, browser_of
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.ui.models import Preference

pytestmark = pytest.mark.django_db
PASSWORD = "a pot of longjing at dawn"


def make_login(name: str = "lin") -> User:
    return User.objects.create_user(name, password=PASSWORD)


def test_a_page_sends_nobody_to_the_log_in_and_back(client: Client) -> None:
    answer = client.get("/outbox/?state=held")

    assert answer.status_code == 302
    assert answer["Location"] == "/login/?next=%2Foutbox%2F%3Fstate%3Dheld"


def test_an_expired_session_leaves_with_the_whole_page(client: Client) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/outbox/?state=held"}

    answer = client.get("/outbox/?state=held&community=1", headers=headers)

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login/?next=%2Foutbox%2F%3Fstate%3Dheld"
    assert answer.content == b""


def test_name_and_password_open_the_page_that_was_asked_for(client: Client) -> None:
    make_login()

    answer = client.post("/login/", {"username": "lin", "password": PASSWORD, "next": "/settings/"})

    assert answer["Location"] == "/settings/"


def test_another_house_is_never_where_we_go_next(client: Client) -> None:
    make_login()
    typed = {"username": "lin", "password": PASSWORD, "next": "https://example.org/"}

    assert client.post("/login/", typed)["Location"] == "/"


def test_wrong_passwords_lock_the_door_for_that_name(client: Client) -> None:
    make_login()
    typed = {"username": "lin", "password": "wrong"}

    first = client.post("/login/", typed)
    for _ in range(6):
        client.post("/login/", typed)
    last = client.post("/login/", typed)
    right = client.post("/login/", {"username": "lin", "password": PASSWORD})

    assert first.status_code == 422
    assert (last.status_code, right.status_code) == (429, 429)
    assert "_auth_user_id" not in client.session


def test_choices_come_along_with_the_login(client: Client) -> None:
    login = make_login()
    Preference.objects.create(user=login, theme="dark", density="compact")

    answer = client.post("/login/", {"username": "lin", "password": PASSWORD})

    assert answer.cookies["chaguan_theme"].value == "dark"
    assert answer.cookies["chaguan_density"].value == "compact"


def test_logging_out_needs_a_form(client: Client) -> None:
    client.force_login(make_login(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_the_first_link_makes_the_owner_and_comes_in(client: Client) -> None:
    secret = issue_start_link(Actor.system("test"), now=clock.now())
    page = client.get(f"/start/{secret}/")
    typed = {"name": "lin", "password": PASSWORD, "again": PASSWORD}

    answer = client.post(f"/start/{secret}/", typed)

    assert (page.status_code, answer["Location"]) == (200, "/")
    assert User.objects.get().is_superuser
    assert client.get("/").status_code == 200
    assert client.get(f"/start/{secret}/").status_code == 410


def test_two_different_passwords_are_told_and_the_link_stays(client: Client) -> None:
    secret = issue_start_link(Actor.system("test"), now=clock.now())

    answer = client.post(
        f"/start/{secret}/", {"name": "lin", "password": PASSWORD, "again": "another"}
    )

    assert answer.status_code == 422
    assert not User.objects.exists()
    assert client.get(f"/start/{secret}/").status_code == 200


def test_a_new_password_keeps_this_session(client: Client) -> None:
    client.force_login(make_login(), backend="django.contrib.auth.backends.ModelBackend")
    new = "white tea keeps for years"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    assert client.post("/password/", typed).status_code == 302
    assert client.get("/").status_code == 200
    assert User.objects.get().check_password(new)


def test_a_closed_login_is_out_at_once() -> None:
    actor = make_owner()
    browser = browser_of(actor)
    User.objects.filter(pk=actor.user_id or 0).update(is_active=False)

    assert browser.get("/").status_code == 302
