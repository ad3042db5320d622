import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chaguan.channels.actions.imports import carry_out
from chaguan.channels.models import ImportRun
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_owner, make_staff
from chaguan.console.testing import HTMX, browser_of
from chaguan.kernel import clock

pytestmark = pytest.mark.django_db
TALK = [
    {"id": "1", "ts": "2026-03-01T09:00:00Z", "community": "茶室", "user": "阿青", "kind": "join"},
    {"id": "2", "ts": "2026-03-01T09:01:00Z", "community": "茶室", "user": "阿青", "kind": "message", "text": "早，水开了"},
    {"id": "3", "ts": "2026-03-01T09:02:00Z", "community": "茶室", "user": "老周", "kind": "message", "text": "来一杯"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined] # pytest-django's settings


def history(text: str | None = None) -> SimpleUploadedFile:
    lines = text if text is not None else "\n".join(json.dumps(one) for one in TALK)
    return SimpleUploadedFile("tea.jsonl", lines.encode())


def test_a_file_is_recognised_and_nothing_is_stored_before_a_yes() -> None:
    browser = browser_of(make_owner())

    answer = browser.post("/imports/", {"file": history()})
    page = browser.get(answer["Location"])

    assert page.context["form"].initial == {}
    assert [record.text for record in page.context["sample"]] == ["", "早，水开了", "来一杯"]
    assert ImportRun.objects.get().state == "uploaded"
    assert not Community.objects.exists()


def test_a_file_that_nobody_can_read_is_refused_in_one_sentence() -> None:
    answer = browser_of(make_owner()).post("/imports/", {"file": history("…")}, headers=HTMX)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_from_the_file_to_the_result() -> None:
    browser = browser_of(make_owner())
    browser.post("/imports/", {"file": history()})
    run = ImportRun.objects.get()
    plan = {"format": "chaguan", "timezone": "Asia/Shanghai", "new_community": "老茶客"}

    started = browser.post(f"/imports/{run.pk}/confirm/", plan, headers=HTMX)
    running = browser.get(f"/imports/{run.pk}/progress/", headers=HTMX).content.decode()
    carry_out(run.pk, now=clock.now(), report=lambda _bytes, _records: None)
    ended = browser.get(f"/imports/{run.pk}/progress/", headers=HTMX).content.decode()

    community = Community.objects.get()
    assert started["HX-Redirect"] == f"/imports/{run.pk}/"
    assert community.name == "老茶客"
    assert 'hx-trigger="every 1s"' in running
    assert "hx-trigger" not in ended
    assert reverse("console:community", args=[community.slug]) in ended


def test_a_community_or_a_name_is_needed() -> None:
    browser = browser_of(make_owner())
    browser.post("/imports/", {"file": history()})
    run = ImportRun.objects.get()

    answer = browser.post(
        f"/imports/{run.pk}/confirm/", {"format": "chaguan", "timezone": "UTC"}, headers=HTMX
    )

    assert answer.status_code == 422
    run.refresh_from_db()
    assert run.state == "uploaded"


def test_another_zone_shows_the_sample_again() -> None:
    browser = browser_of(make_owner())
    browser.post("/imports/", {"file": history()})
    run = ImportRun.objects.get()

    answer = browser.get(
        f"/imports/{run.pk}/", {"format": "chaguan", "timezone": "UTC"}, headers=HTMX
    )

    assert answer.content.decode().strip().startswith('<form id="import-part"')


def test_who_may_not_import_gets_neither_the_form_nor_another_ones_file() -> None:
    browser_of(make_owner()).post("/imports/", {"file": history()})
    run = ImportRun.objects.get()
    analyst = browser_of(make_staff("data_analyst", make_community()))

    page = analyst.get("/imports/")
    answer = analyst.post("/imports/", {"file": history()})

    assert 'id="drop"' not in page.content.decode()
    assert answer.status_code == 403
    assert analyst.get(f"/imports/{run.pk}/").status_code == 404
    assert ImportRun.objects.count() == 1


def test_stopping_and_carrying_on() -> None:
    browser = browser_of(make_owner())
    browser.post("/imports/", {"file": history()})
    run = ImportRun.objects.get()
    plan = {"format": "chaguan", "timezone": "UTC", "new_community": "老茶客"}
    browser.post(f"/imports/{run.pk}/confirm/", plan)

    browser.post(f"/imports/{run.pk}/steer/", {"step": "stop"})
    run.refresh_from_db()
    stopped = run.state
    browser.post(f"/imports/{run.pk}/steer/", {"step": "go_on"})
    run.refresh_from_db()

    assert (stopped, run.state) == ("cancelled", "running")
