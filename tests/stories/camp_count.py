"""What the camp came to: counted in the database, against what the preview promised."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from chaguan.channels.models import Message
from chaguan.communities.models import Community, Membership
from chaguan.engagement.models import SignIn
from chaguan.eventlog.models import LoggedEvent
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.preview import Preview
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.models import (
    Assignment,
    DayReport,
    Enrolment,
    Handover,
    Occurrence,
    Run,
    SkippedStep,
    Tally,
    Timer,
)

OPEN = Q(state__in=["planned", "claimed", "unknown"])


def numbers(run: Run, now: datetime, preview: Preview) -> dict[str, Any]:
    """Everything that goes into the closing note."""
    community: Community = run.community
    rows = OutboxRow.objects.filter(key__startswith=f"run:{run.pk}/")
    house = OutboxRow.objects.filter(community_id=community.pk)
    dated = Occurrence.objects.filter(run=run)
    enrolled = Enrolment.objects.filter(run=run)
    handed = Handover.objects.filter(run=run)
    reports = DayReport.objects.filter(community=community)
    span = reports.aggregate(first=Min("day"), last=Max("day"))
    return {
        "run": {"state": run.state, "ended_at": str(run.ended_at), "shifted_days": run.shifted_days},
        "members": Membership.objects.filter(community=community).count(),
        "members_in": Membership.objects.filter(community=community, left_at=None).count(),
        "dated_steps": dict(Counter(dated.values_list("state", flat=True))),
        "dated_reasons": _reasons(dated.exclude(state="done")),
        "skipped": dict(SkippedStep.objects.filter(run=run).values_list("step__code", "reason")),
        "personal_due": sum(Tally.objects.filter(run=run).values_list("due", flat=True)),
        "personal_late": sum(Tally.objects.filter(run=run).values_list("late", flat=True)),
        "waiting_timers": Timer.objects.filter(enrolment_id__in=enrolled.values("pk")).count(),
        "enrolments": dict(Counter(Enrolment.State(s).name for s in enrolled.values_list("state", flat=True))),
        "assignments": dict(Counter(Assignment.objects.filter(run=run).values_list("state", flat=True))),
        "messages_of_run": dict(Counter(f"{kind} {state}" for kind, state in rows.values_list("kind", "state"))),
        "message_reasons": _reasons(rows.exclude(state="sent")),
        "double_keys": _doubles(house.values("key")),
        "double_texts": _doubles(
            house.filter(state="sent").exclude(text="").values("room_id", "member_id", "text")
        ),
        "preview": promised(preview),
        "preview_vs_run": compared(run, preview),
        "steps_without_outcome": without_outcome(run),
        "sign_ins": SignIn.objects.filter(community=community).count(),
        "said_by_members": Message.objects.filter(room__community=community, member__isnull=False).count(),
        "people_in": enrolled.values("member_id").distinct().count(),
        "handed_over": handed.values("member_id").distinct().count(),
        "handed_to": dict(Counter(f"{p or '–'} {s} {r}".strip() for p, s, r in handed.values_list("playbook", "state", "reason"))),
        "not_handed_over": list(
            enrolled.exclude(member_id__in=handed.values("member_id")).values_list("member__name", flat=True)[:10]
        ),
        "daily_reports": {"community": reports.filter(user=None).count(), "all": reports.count(), **{k: str(v) for k, v in span.items()}},
        "now": str(now),
    }  # fmt: skip


def promised(preview: Preview) -> dict[str, int]:
    """What the preview said, by kind of outcome."""
    found: Counter[str] = Counter()
    for line in preview.lines:
        found[line.state] += 1
    return dict(found)


def compared(run: Run, preview: Preview) -> dict[str, list[int]]:
    """Step by step: messages promised, messages sent; only where they differ."""
    rows = OutboxRow.objects.filter(key__startswith=f"run:{run.pk}/", state="sent")
    sent = Counter(key.split("/")[1] for key in rows.values_list("key", flat=True))
    told: Counter[str] = Counter()
    for line in preview.planned:
        if line.state in ("sent", "awaiting_person"):
            told[line.step] += 1
    codes = sorted({*told, *sent})
    return {code: [told[code], sent[code]] for code in codes if told[code] != sent[code]}


def without_outcome(run: Run) -> list[str]:
    """Steps of the playbook that left no trace at all: no moment, nobody due, no line, no reason."""
    document = document_of(run.edition_id)
    seen = set(Occurrence.objects.filter(run=run).values_list("step__code", flat=True))
    seen |= set(Tally.objects.filter(run=run).values_list("step__code", flat=True))
    seen |= set(SkippedStep.objects.filter(run=run).values_list("step__code", flat=True))
    return [step.id for step in document.steps if step.id not in seen and not step.needs]


def _doubles(rows: Any) -> int:
    return int(rows.annotate(n=Count("pk")).filter(n__gt=1).count())


def _reasons(rows: Any) -> dict[str, int]:
    found = Counter(f"{state}: {reason}" for state, reason in rows.values_list("state", "reason"))
    return dict(found.most_common(20))


def signature() -> tuple[int, int, int, int]:
    """What changes while the worker works."""
    last = LoggedEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    busy = OutboxRow.objects.filter(state__in=["planned", "claimed"]).count()
    waiting = Occurrence.objects.filter(state="waiting").count()
    return last, busy, waiting, Assignment.objects.count()


def is_behind(community_id: int, now: datetime) -> bool:
    """Whether something of the camp is due and not looked at: its worker was killed and is not back yet."""
    rows = OutboxRow.objects.filter(community_id=community_id, due_at__lte=now, reason="")
    steps = Occurrence.objects.filter(
        run__community=community_id, run__state="running", state="waiting", due_at__lte=now
    )
    return rows.filter(state__in=["planned", "claimed"]).exists() or steps.exists()
