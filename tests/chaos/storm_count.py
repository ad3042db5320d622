"""After the storm: the operator's list, the members' timelines, the counters and the channels' records, compared."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.contrib.auth import get_user_model

from chaguan.communities.models import Membership
from chaguan.eventlog.models import LoggedEvent
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.people.selectors.timeline import timeline
from chaguan.playbooks.models import Enrolment, Outcome, Run, Tally, Timer, Wait
from chaguan.playbooks.selectors.runs import run_board
from tests.chaos.storm_house import BRANCHES, CHAIN, ROOMS

LOOKED_AT = 200  # members whose timelines are read through the product's own selector
DOUBT = timedelta(seconds=60)  # within it a call that was cut off must be called unknown
SENT = "channels.message_sent"


def compare(runs: Sequence[Run], folder: Path) -> dict[str, int]:
    """Everything that must agree, as numbers; `wrong_…` must be 0."""
    seen = {name: Counter(_lines(folder / f"{name}.seen")) for name in ("shout", "cup")}
    rows = list(OutboxRow.objects.filter(connector__in=seen))
    members = sum(Membership.objects.filter(community=r.community_id).count() for r in runs)
    unknown = [row for row in rows if row.state == "unknown"]
    return {
        "members": members,
        "expected_rows": members * (CHAIN + BRANCHES) + ROOMS * len(runs),
        "rows": len(rows),
        "sent": sum(row.state == "sent" for row in rows),
        "unknown": len(unknown),
        "unknown_late": sum(not _in_time(row) for row in unknown),
        "unknown_at_the_idempotent": sum(row.connector == "cup" for row in unknown),
        "other": sum(row.state not in ("sent", "unknown") for row in rows),
        "double": sum(times > 1 for times in seen["shout"].values()),
        "cup_asked_again": sum(times > 1 for times in seen["cup"].values()),
        **_waiting(),
        "wrong_rows": _wrong_rows(rows, seen),
        "wrong_board": sum(_wrong_board(run, rows) for run in runs),
        "wrong_counters": _wrong_counters(rows, runs),
        "wrong_timelines": _wrong_timelines(rows),
        **_sign_ins(folder),
    }


def _lines(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


def _in_time(row: OutboxRow) -> bool:
    begun, told = row.called_at, row.finished_at
    return begun is not None and told is not None and told - begun <= DOUBT


def _waiting() -> dict[str, int]:
    """Nobody may be left in the middle."""
    return {
        "timers_left": Timer.objects.count(),
        "waits_left": Wait.objects.count(),
        "passes_left": Enrolment.objects.exclude(state=Enrolment.State.DONE).count(),
    }


def _wrong_rows(rows: Sequence[OutboxRow], seen: dict[str, Counter[str]]) -> int:
    """Rows we call sent that no channel saw, and lines at a channel that we neither call sent nor unknown."""
    states = {row.key: row.state for row in rows}
    never_seen = sum(row.state == "sent" and not seen[row.connector][row.key] for row in rows)
    unclaimed = sum(
        states.get(key) not in ("sent", "unknown") for record in seen.values() for key in record
    )
    return never_seen + unclaimed


def _wrong_board(run: Run, rows: Sequence[OutboxRow]) -> int:
    """Steps whose counts on the operator's page differ from the rows."""
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        head, code = row.key.split("/")[:2]
        if head == f"run:{run.pk}":
            counted[(code, row.state)] += 1
    shown = {
        (line.step.code, state): count
        for line in run_board(run).lines
        for state, count in line.messages.items()
    }
    return sum(shown.get(key, 0) != counted[key] for key in {*shown, *counted})


def _wrong_counters(rows: Sequence[OutboxRow], runs: Sequence[Run]) -> int:
    """The tally of each personal step, and one fact for each message that went out."""
    wrong = 0
    facts = Counter(LoggedEvent.objects.filter(name=SENT).values_list("data__outbox_id", flat=True))
    wrong += sum(facts[row.pk] != (row.state == "sent") for row in rows)
    for run in runs:
        members = Membership.objects.filter(community=run.community_id).count()
        tally = dict(Tally.objects.filter(run=run).values_list("step__code", "due"))
        ended = Outcome.objects.filter(enrolment_id__in=run.enrolments.values("pk")).count()
        wrong += ended != members
        wrong += tally.get("P") != members * CHAIN
        wrong += tally.get("YES", 0) + tally.get("NO", 0) != members
    return wrong


def _wrong_timelines(rows: Sequence[OutboxRow]) -> int:
    """Members whose story tells of more or fewer messages than went out to them."""
    boss = Actor.staff(get_user_model().objects.get(username="boss").pk)
    sent = Counter(row.member_id for row in rows if row.state == "sent" and row.member_id)
    wrong = 0
    for member_id in random.sample(sorted(sent), min(LOOKED_AT, len(sent))):
        told = [entry for entry in timeline(boss, member_id, limit=200) if entry.kind == SENT]
        wrong += len(told) != sent[member_id]
    return wrong


def _sign_ins(folder: Path) -> dict[str, int]:
    """What the web process acknowledged must be there, once; and it decides the branch."""
    acknowledged = {int(number) for number in _lines(folder / "signed_in")}
    facts = Counter(
        LoggedEvent.objects.filter(name="engagement.signed_in").values_list("member_id", flat=True)
    )
    acted = set(
        Enrolment.objects.filter(
            pk__in=Outcome.objects.filter(result=Outcome.Result.ACT).values("enrolment_id")
        ).values_list("member_id", flat=True)
    )
    return {
        "acknowledged": len(acknowledged),
        "acted": len(acted),
        "wrong_sign_ins": sum(facts[pk] != 1 for pk in acknowledged | set(facts)),
        "wrong_branches": len(acted - set(facts)),
    }
