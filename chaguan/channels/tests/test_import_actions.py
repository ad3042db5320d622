"""Taking files in, confirming, carrying out by the worker, stopping and carrying on; and who may."""

import io
import json
from pathlib import Path

import pytest

from chaguan.channels.actions.imports import (
    Plan,
    cancel_import,
    confirm_import,
    imports_folder,
    retry_import,
    stage_upload,
)
from chaguan.channels.errors import ImportNotReady, UnknownZone, Unreadable
from chaguan.channels.ingest import running
from chaguan.channels.models import ImportRun, Message
from chaguan.channels.selectors.imports import imports_visible_to, preview, status_of
from chaguan.channels.tests.import_files import line
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_owner, make_staff
from chaguan.jobs.models import Job
from chaguan.jobs.worker import run_ready_jobs
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused

pytestmark = pytest.mark.django_db


def upload(actor: Actor, lines: int = 5, name: str = "talk.jsonl") -> ImportRun:
    content = "".join(json.dumps(line(n)) + "\n" for n in range(lines))
    return stage_upload(actor, io.BytesIO(content.encode() + b"{\n"), name, now=clock.now())


def kept_files() -> list[Path]:
    return list(imports_folder().iterdir())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined] # pytest-django's wrapper


def test_an_upload_waits_with_its_format_and_a_look_inside() -> None:
    operator = make_owner()

    run = upload(operator, name="../../etc/talk.jsonl")

    assert (run.state, run.format, run.file_name) == ("uploaded", "chaguan", "talk.jsonl")
    assert (run.by_id, run.size_bytes) == (operator.user_id, Path(run.path).stat().st_size)
    assert kept_files() == [Path(run.path)]
    look = preview(run)
    assert ([record.external_id for record in look.records], look.rooms) == (
        ["m0", "m1", "m2", "m3", "m4"],
        ["茶室"],
    )
    assert [problem.line for problem in look.problems] == [6]
    assert not Message.objects.exists()


def test_confirmed_uploads_are_imported_by_the_worker_and_then_deleted() -> None:
    operator, community = make_owner(), make_community()
    run = upload(operator)

    confirm_import(operator, run.pk, Plan(community.pk, timezone="UTC"), now=clock.now())
    assert run_ready_jobs() == 1

    run.refresh_from_db()
    status = status_of(run)
    assert (status.state, status.share, status.counts["messages"]) == ("done", 1.0, 5)
    assert (run.path, kept_files()) == ("", [])
    job = Job.objects.get()
    assert (job.state, job.progress_done, job.progress_total) == (
        "done",
        run.size_bytes,
        run.size_bytes,
    )


def test_a_new_community_is_made_once_for_its_name() -> None:
    operator = make_owner()

    for _each in range(2):
        run = upload(operator)
        confirm_import(operator, run.pk, Plan(" 新 茶友会 "), now=clock.now())
    run_ready_jobs()

    assert [c.name for c in Community.objects.all()] == ["新 茶友会"]
    assert Message.objects.count() == 5


def test_confirming_twice_and_nonsense_are_refused_and_nothing_is_queued() -> None:
    operator, community = make_owner(), make_community()
    run = upload(operator)
    for plan, refusal in (
        (Plan(community.pk, timezone="Mars/Olympus"), UnknownZone),
        (Plan(community.pk, options={"colour": "red"}), Invalid),
        (Plan("   "), Invalid),
    ):
        with pytest.raises(refusal):
            confirm_import(operator, run.pk, plan, now=clock.now())
    with pytest.raises(Missing):
        confirm_import(operator, run.pk + 1, Plan(community.pk), now=clock.now())
    assert not Job.objects.exists()

    confirm_import(operator, run.pk, Plan(community.pk), now=clock.now())
    with pytest.raises(ImportNotReady):
        confirm_import(operator, run.pk, Plan(community.pk), now=clock.now())
    assert Job.objects.count() == 1


def test_a_cancelled_import_keeps_what_it_has_and_can_be_carried_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    operator, community = make_owner(), make_community()
    run = upload(operator, lines=9)
    confirm_import(operator, run.pk, Plan(community.pk), now=clock.now())
    stop_at = iter([False, True, False])
    commit = running.Ingest._commit

    def commit_then_cancel(self: running.Ingest, run_id: int, batch: list, size: int) -> None:  # type: ignore[type-arg]
        commit(self, run_id, batch, size)
        if next(stop_at, False):
            cancel_import(operator, run_id, now=clock.now())

    monkeypatch.setattr(running.Ingest, "_commit", commit_then_cancel)
    run_ready_jobs()

    run.refresh_from_db()
    assert (run.state, run.records_done, Message.objects.count()) == ("cancelled", 4, 4)
    assert Job.objects.get().state == "cancelled"

    retry_import(operator, run.pk, now=clock.now())
    run_ready_jobs()
    run.refresh_from_db()
    assert (run.state, run.records_done, Message.objects.count()) == ("done", 10, 9)
    assert run.counts == {"messages": 9, "bad": 1, "members": 1}
    with pytest.raises(ImportNotReady):
        retry_import(operator, run.pk, now=clock.now())


def test_files_that_cannot_be_imported_are_not_kept(settings: object) -> None:
    operator = make_owner()
    with pytest.raises(Unreadable) as refusal:
        stage_upload(operator, io.BytesIO(b"tea"), "tea.txt", now=clock.now())
    assert refusal.value.code == "unknown_format"

    settings.IMPORT_MAX_BYTES = 100  # type: ignore[attr-defined] # pytest-django's wrapper
    with pytest.raises(Unreadable) as refusal:
        upload(operator)
    assert refusal.value.code == "too_large"

    assert kept_files() == []
    assert not ImportRun.objects.exists()


def test_each_sees_and_decides_the_imports_of_own_communities_only() -> None:
    mine, other = make_community(), make_community()
    operator, stranger = (
        make_staff("planning_lead", mine),
        make_staff("planning_lead", other),
    )
    run = upload(operator)
    assert list(imports_visible_to(operator)) == [run]
    assert list(imports_visible_to(stranger)) == []

    with pytest.raises(Refused):
        confirm_import(stranger, run.pk, Plan(other.pk), now=clock.now())
    for plan in (Plan(other.pk), Plan("新茶友会"), Plan(other.name)):
        with pytest.raises(Refused):
            confirm_import(operator, run.pk, plan, now=clock.now())
    confirm_import(operator, run.pk, Plan(mine.pk), now=clock.now())
    with pytest.raises(Refused):
        cancel_import(stranger, run.pk, now=clock.now())

    assert list(imports_visible_to(stranger)) == []
    assert list(imports_visible_to(Actor.anonymous())) == []
    assert list(imports_visible_to(make_owner())) == [run]
    assert Community.objects.count() == 2


@pytest.mark.parametrize("actor", [Actor.anonymous(), Actor.member(1)])
def test_nobody_uploads_without_the_right(actor: Actor) -> None:
    with pytest.raises(Refused):
        upload(actor)

    assert kept_files() == []


def test_a_dead_job_shows_as_a_failed_import() -> None:
    operator, community = make_owner(), make_community()
    run = upload(operator)
    run = confirm_import(operator, run.pk, Plan(community.pk), now=clock.now())
    Job.objects.update(state="dead", last_error="disk full")

    assert (status_of(run).state, status_of(run).error) == ("failed", "disk full")


def test_a_waiting_file_can_be_discarded_by_who_handed_it_in() -> None:
    operator = make_staff("planning_lead", make_community())
    run = upload(operator)

    cancel_import(operator, run.pk, now=clock.now())

    assert kept_files() == []
    assert ImportRun.objects.get().state == "cancelled"
    with pytest.raises(Refused):
        retry_import(operator, run.pk, now=clock.now())
