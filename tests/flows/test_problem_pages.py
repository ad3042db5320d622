"""What people see when something is wrong."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from chaguan.config.urls import handler404, handler500, urlpatterns

__all__ = ["handler404", "handler500"]


def explode(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug")


urlpatterns = [path("explode/", explode), *urlpatterns]
pytestmark = pytest.mark.django_db


def test_a_bug_shows_a_sentence_and_a_reference_and_nothing_else() -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = Client(raise_request_exception=False).get("/explode/")

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "RuntimeError" not in page
    assert "Traceback" not in page
    assert "查询编号" in page


def test_a_page_that_is_not_there_says_so_with_the_way_back() -> None:
    answer = Client().get("/nowhere/")

    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


def test_for_a_swap_it_is_a_piece() -> None:
    page = Client().get("/nowhere/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in page
    assert 'role="alert"' in page


def test_an_old_form_is_told_that_nothing_was_saved() -> None:
    answer = Client(enforce_csrf_checks=True).post("/preferences/", {"theme": "dark"})

    assert answer.status_code == 403
    assert "没有保存" in answer.content.decode()


def test_pages_carry_a_strict_policy_and_no_inline_script() -> None:
    answer = Client().get("/login/")

    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "<script>" not in answer.content.decode()


def test_where_to_go_next_never_leaves_the_house() -> None:
    answer = Client().post("/preferences/", {"theme": "dark", "next": "//example.org/"})

    assert answer["Location"] == "/"
