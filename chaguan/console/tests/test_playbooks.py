from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
    make_stranger,
)
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.models import Playbook, Run

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai


@pytest.fixture(autouse=True)
def _library() -> None:
    load_library(Actor.system(), now=NOW)


def log_in(client: Client, actor: Actor) -> Client:
    client.force_login(get_user_model().objects.get(pk=actor.user_id or 0))
    return client


def everybody_for(actor: Actor, key: str) -> dict[str, str]:
    """A filled form: the acting person takes every role, every text gets its example."""
    from chaguan.playbooks.roles import roles_needed
    from chaguan.playbooks.selectors.library import document_in

    edition = Playbook.objects.get(key=key).current
    assert edition is not None
    document = document_in(edition)
    form = {f"role-{role.value}": f"u-{actor.user_id}" for role in roles_needed(document)}
    return form | {f"value-{name}": v.example or "茶" for name, v in document.variables.items()}


def test_the_library_stands_on_the_shelf(client: Client) -> None:
    body = log_in(client, make_owner()).get("/playbooks/").content.decode()

    for key in ("touch_plan_7d", "newcomer_10d", "daily_routine"):
        assert f"/playbooks/{key}/" in body


def test_every_playbook_opens_as_a_board_with_all_its_steps(client: Client) -> None:
    log_in(client, make_owner())
    for playbook in Playbook.objects.select_related("current"):
        assert playbook.current is not None
        body = client.get(f"/playbooks/{playbook.key}/").content.decode()
        missing = [s.title for s in playbook.current.steps.all() if s.title not in body]
        assert missing == []


def test_looking_sends_and_keeps_nothing(client: Client) -> None:
    community = make_community()
    make_room(community)
    make_member(community)
    with clock.moved_to(NOW):
        response = log_in(client, make_owner()).get(
            "/playbooks/newcomer_10d/start/", {"community": community.pk}
        )

    assert response.status_code == 200
    assert response.context["days"]
    assert Run.objects.count() == 0


def test_starting_leads_to_the_run_with_its_steps(client: Client) -> None:
    community, owner = make_community(), make_owner()
    make_room(community)
    form = everybody_for(owner, "newcomer_10d")
    form |= {"community": str(community.pk), "starts_on": "2026-03-20"}

    with clock.moved_to(NOW):
        response = log_in(client, owner).post("/playbooks/newcomer_10d/start/", form, follow=True)

    run = Run.objects.get()
    assert response.redirect_chain == [(f"/playbooks/runs/{run.pk}/", 302)]
    assert run.starts_on.isoformat() == "2026-03-20"
    board = response.context["columns"]
    assert sum(column.total for column, _words, _look in board) >= run.edition.steps.count()
    with clock.moved_to(NOW):
        steps = client.get(f"/playbooks/runs/{run.pk}/?view=steps").context["lines"]
    assert len(steps) == run.edition.steps.count()


def test_what_is_missing_is_said_and_nothing_starts(client: Client) -> None:
    community = make_community()
    make_room(community)

    with clock.moved_to(NOW):
        response = log_in(client, make_owner()).post(
            "/playbooks/newcomer_10d/start/", {"community": community.pk, "starts_on": "2026-03-20"}
        )

    assert response.context["missing_values"]
    assert Run.objects.count() == 0


def test_a_stranger_finds_no_playbook(client: Client) -> None:
    log_in(client, make_stranger())

    assert client.get("/playbooks/newcomer_10d/").status_code == 404
    assert client.get("/playbooks/newcomer_10d/start/").status_code == 404


def test_a_run_of_another_community_is_not_found(client: Client) -> None:
    community, owner = make_community(), make_owner()
    make_room(community)
    form = everybody_for(owner, "daily_routine") | {"community": str(community.pk)}
    with clock.moved_to(NOW):
        log_in(client, owner).post("/playbooks/daily_routine/start/", form)
    run = Run.objects.get()
    log_in(client, make_staff("community_manager", make_community()))

    assert client.get(f"/playbooks/runs/{run.pk}/").status_code == 404
    refused = client.post(f"/playbooks/runs/{run.pk}/change/", {"act": "stop", "reason": "x"})

    run.refresh_from_db()
    assert (refused.status_code, run.state) == (404, "running")


def test_a_run_is_paused_moved_and_stopped_from_its_page(client: Client) -> None:
    community, owner = make_community(), make_owner()
    make_room(community)
    form = everybody_for(owner, "newcomer_10d")
    form |= {"community": str(community.pk), "starts_on": "2026-03-20"}
    states = []
    with clock.moved_to(NOW):
        log_in(client, owner).post("/playbooks/newcomer_10d/start/", form)
        run = Run.objects.get()
        url = f"/playbooks/runs/{run.pk}/change/"
        for change in (
            {"act": "pause"},
            {"act": "resume"},
            {"act": "shift", "days": "2"},
            {"act": "stop", "reason": "换个日子"},
        ):
            assert client.post(url, change).status_code == 302
            run.refresh_from_db()
            states.append((run.state, run.shifted_days))

    assert states == [("paused", 0), ("running", 0), ("running", 2), ("stopped", 2)]


def test_nonsense_is_refused_in_a_sentence(client: Client) -> None:
    community, owner = make_community(), make_owner()
    make_room(community)
    form = everybody_for(owner, "daily_routine") | {"community": str(community.pk)}
    with clock.moved_to(NOW):
        log_in(client, owner).post("/playbooks/daily_routine/start/", form)
        run = Run.objects.get()
        response = client.post(
            f"/playbooks/runs/{run.pk}/change/", {"act": "shift", "days": "soon"}
        )

    assert response.status_code == 409
    assert response.context["refusal"]
