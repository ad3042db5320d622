"""The library page: in order, searched, taken along and in as files, put away and brought back."""

from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from chaguan.communities.testing import make_owner, make_stranger
from chaguan.console import urls
from chaguan.console.testing import browser_of
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.document_faults import RESERVED_KEYS
from chaguan.playbooks.models import Playbook
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    make_document,
    make_edition,
    make_run,
    make_step,
)

pytestmark = pytest.mark.django_db


def shown(browser: Any, **query: str) -> dict[str, list[str]]:
    page = browser.get("/playbooks/", query)
    return {shelf.key: [book.row.key for book in shelf.books] for shelf in page.context["shelves"]}


def test_the_shipped_library_stands_in_sections_and_is_searched() -> None:
    load_library(SYSTEM, now=MONDAY)
    browser = browser_of(make_owner())

    everything = shown(browser)

    assert list(everything) == ["people", "camps", "fans", "routines", "events", "cases", "phases"]
    keys = sorted(key for keys in everything.values() for key in keys)
    assert keys == sorted(Playbook.objects.values_list("key", flat=True))
    assert {"camp_21d", "delivery_28d"} <= set(everything["camps"])
    assert {"crisis_response", "moderation_case"} <= set(everything["cases"])
    assert {"stage_bought", "newcomer_onboarding"} <= set(everything["people"])
    assert {"event_standard", "formal_session"} <= set(everything["events"])
    assert {"daily_routine", "weekly_routine", "daily_loyal_fan"} <= set(everything["routines"])
    assert shown(browser, q="camp_21d") == {"camps": ["camp_21d"]}
    assert shown(browser, q="二十一日") == {"camps": ["camp_21d"]}
    assert shown(browser, q="这样的词没有") == {}


def test_a_card_names_the_steps_that_wait_for_features() -> None:
    waits = make_step(id="B", title="看板", offset="D2 11:00", needs="分会看板")
    make_edition(make_step(id="A", offset="D2 10:00"), waits)

    page = browser_of(make_owner()).get("/playbooks/")

    (shelf,) = page.context["shelves"]
    assert shelf.books[0].waiting == [("看板", "分会看板")]
    assert "分会看板" in page.content.decode()


def test_a_file_goes_out_and_comes_back_and_faults_keep_the_text() -> None:
    edition = make_edition(make_step(id="A", offset="D2 10:00"))
    key, browser = edition.playbook.key, browser_of(make_owner())
    text = browser.get(f"/playbooks/{key}/yaml/").content.decode()

    assert browser.post(f"/playbooks/{key}/remove/").status_code == 302
    assert not Playbook.objects.filter(key=key).exists()
    broken = browser.post("/playbooks/import/", {"text": text.replace("D2 10:00", "D2 99:00")})
    assert broken.status_code == 422
    assert "D2 99:00" in broken.content.decode()
    assert broken.context["problems"]
    assert browser.post("/playbooks/import/", {"text": ""}).status_code == 422
    binary = SimpleUploadedFile("a.yaml", b"\xff\xfe\x00")
    assert browser.post("/playbooks/import/", {"file": binary}).status_code == 422
    assert not Playbook.objects.exists()
    file = SimpleUploadedFile("a.yaml", text.encode())
    assert browser.post("/playbooks/import/", {"file": file})["Location"] == f"/playbooks/{key}/"
    assert Playbook.objects.get(key=key).current is not None


def test_what_runs_used_is_put_away_and_brought_back() -> None:
    run, browser = make_run(make_step(id="A", offset="D2 10:00")), browser_of(make_owner())
    playbook = run.edition.playbook

    browser.post(f"/playbooks/{playbook.key}/remove/")

    assert shown(browser) == {}
    assert list(browser.get("/playbooks/").context["put_away"]) == [playbook]
    assert browser.get(f"/playbooks/runs/{run.pk}/").status_code == 200
    assert browser.post(f"/playbooks/away/{playbook.pk}/").status_code == 302
    playbook.refresh_from_db()
    assert (playbook.current, playbook.is_archived) == (run.edition, False)
    assert browser.post(f"/playbooks/away/{playbook.pk}/").status_code == 404


def test_a_stranger_neither_takes_in_nor_removes() -> None:
    edition = make_edition(make_step(id="A", offset="D2 10:00"))
    stranger, key = browser_of(make_stranger()), edition.playbook.key

    assert stranger.get("/playbooks/import/").status_code == 404
    assert stranger.post(f"/playbooks/{key}/remove/").status_code == 404
    assert stranger.post(f"/playbooks/away/{edition.playbook.pk}/").status_code == 404
    assert Playbook.objects.get(key=key).current == edition


def test_no_playbook_takes_an_address_of_the_console() -> None:
    """Else it could be saved and never be opened: the longer address wins."""
    routes = [str(pattern.pattern) for pattern in urls.urlpatterns]
    heads = {route.split("/")[1] for route in routes if route.startswith("playbooks/")}
    assert {head for head in heads if head and "<" not in head} == RESERVED_KEYS

    browser = browser_of(make_owner())
    text = yaml.safe_dump(make_document(key="runs"), allow_unicode=True, sort_keys=False)
    refused = browser.post("/playbooks/import/", {"text": text})
    make_edition()
    copied = browser.post("/playbooks/small/copy/", {"key": "planning", "title": "抄一份"})

    for answer, key in ((refused, "runs"), (copied, "planning")):
        assert answer.status_code == 422
        assert f"“{key}”" in answer.content.decode()
    assert set(Playbook.objects.values_list("key", flat=True)) == {"small"}
