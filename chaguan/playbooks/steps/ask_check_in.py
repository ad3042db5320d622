"""Step: ask people to check in (打卡提醒): a prompt that members answer on their page, and a word about it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.communities.selectors.audiences import people_inside
from chaguan.engagement.actions.check_in import NewAsk, ask_check_ins
from chaguan.engagement.selectors.check_in import answers_to, newest_asks
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.contract import Fields, StepKind, Targets, steps
from chaguan.playbooks.document import SpanText, seconds_of
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.engine.messages import plan_messages
from chaguan.playbooks.models import Run
from chaguan.playbooks.rendering import texts_of
from chaguan.playbooks.schedule import from_seconds

CLOCK = Actor.system("clock")


class CheckInFields(Fields):
    """`only_missing`: no new prompt, a reminder for those who have not answered the run's newest one.

    `open_for`: how long the prompt can be answered.
    """

    only_missing: bool = False
    open_for: SpanText = "24h"


class AskCheckIn(StepKind):
    """Opens a prompt for the community, once a day of the run, and says so to the room or to single people."""

    label = gettext_lazy("Ask to check in")
    fields = CheckInFields
    speaks = "audience"

    def faults(self, step: Any, fields: CheckInFields) -> Iterator[tuple[str, str]]:
        if step.mode == "human":
            yield "mode", _("The reminder is a ready text; use kind: assign for a talk.")
        elif not (step.script or step.text):
            yield "text", _("Write a script or a text.")

    def run(self, targets: Targets) -> int:
        reminders = {due.step_id for due in targets.due if due.fields.only_missing}
        if len(reminders) < len(targets.due):
            _open_prompts(targets, reminders)
        return plan_messages(_without_answered(targets, reminders) if reminders else targets)


def prefix_of(run_id: int) -> str:
    """How the keys of a run's prompts begin."""
    return f"run:{run_id}/ask/"


def _open_prompts(targets: Targets, reminders: set[int]) -> None:
    """One prompt a run, step and local day; their number does not grow with the people."""
    moments: dict[tuple[int, int], set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT t.run_id, t.step_id, t.due_s FROM ({targets.sql}) AS t",
            targets.params,
        )
        for run_id, step_id, due_s in cursor.fetchall():
            if step_id not in reminders:
                moments.setdefault((run_id, step_id), set()).add(due_s)
    runs = Run.objects.select_related("community").in_bulk({run_id for run_id, _step in moments})
    asks: dict[str, NewAsk] = {}
    for (run_id, step_id), seconds in sorted(moments.items()):
        for due_s in sorted(seconds):
            ask = _ask(runs[run_id], step_id, due_s, targets)
            asks.setdefault(ask.key, ask)
    if asks:
        ask_check_ins(CLOCK, list(asks.values()), now=targets.now)


def _ask(run: Run, step_id: int, due_s: int, targets: Targets) -> NewAsk:
    known = known_step(step_id)
    at: datetime = from_seconds(due_s)
    day = at.astimezone(ZoneInfo(run.zone)).date()
    open_for = timedelta(seconds=seconds_of(known.due.fields.open_for))
    row = OutboxRow(
        pk=step_id,
        key=f"run:{run.pk}",
        payload={
            "run": run.pk,
            "step": step_id,
            "version": known.row.script.current_id if known.row.script else None,
            "due": due_s,
        },
    )
    # A text for one person names her; the prompt stands for all, so it falls back on the title.
    prompt = texts_of([row], {run.pk: run}).get(step_id) or known.row.title
    return NewAsk(
        key=f"{prefix_of(run.pk)}{known.row.code}/{day.isoformat()}",
        community_id=run.community_id,
        prompt=prompt,
        opens_at=min(at, targets.now),
        closes_at=max(at, targets.now) + open_for,
    )


def _without_answered(targets: Targets, reminders: set[int]) -> Targets:
    """Reminders leave out who has answered the run's newest prompt, and rooms where nobody is missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT t.run_id, t.community_id FROM ({targets.sql}) AS t", targets.params
        )
        runs = sorted(cursor.fetchall())
    newest = newest_asks([prefix_of(run_id) for run_id, _community in runs])
    where: list[str] = []
    given: list[Any] = []
    steps_in = ", ".join(str(int(step_id)) for step_id in sorted(reminders))
    for run_id, community_id in runs:
        if (ask_id := newest.get(prefix_of(run_id))) is None:
            continue  # nothing was asked yet, so nobody has answered
        answered = answers_to(ask_id).order_by().values("member_id")
        sql, params = answered.query.sql_with_params()
        missing = people_inside().filter(community_id=community_id).exclude(member_id__in=answered)
        rooms = "" if missing.exists() else " OR t.room_id IS NOT NULL"
        where.append(
            f"NOT (t.run_id = {int(run_id)} AND t.step_id IN ({steps_in})"
            f" AND (t.member_id IN ({sql}){rooms}))"
        )
        given += params
    if not where:
        return targets
    # A room has no member: NULL IN (…) is unknown and leaves it in.
    body = " AND ".join(f"coalesce({one}, true)" for one in where)
    sql = f"SELECT t.* FROM ({targets.sql}) AS t WHERE {body}"
    return Targets(sql, (*targets.params, *given), targets.due, targets.now)


steps.add("ask_check_in")(AskCheckIn())
