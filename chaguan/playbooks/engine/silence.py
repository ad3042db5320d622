"""Silence as a trigger: a room in which nobody has spoken for some hours opens a step, once per silence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max

from chaguan.communities.selectors.audiences import people_inside
from chaguan.playbooks.engine.acts import is_inside
from chaguan.playbooks.models import Occurrence, Watch
from chaguan.playbooks.types import RunState


def hear_silence(now: datetime) -> int:
    """Open the steps of rooms that have been silent long enough; returns how many. Two to four statements.

    The silence counts from the last message of a person, or from the run's start if nobody has spoken
    since; inside the watch's local window only.
    """
    watches = list(
        Watch.objects.filter(purpose=Watch.Purpose.SILENCE, run__state=RunState.RUNNING)
        .select_related("run")
        .exclude(run__starts_at__gt=now)
    )
    if not watches:
        return 0
    spoken = dict(
        people_inside()
        .filter(community_id__in={watch.community_id for watch in watches})
        .order_by()
        .values_list("community_id")
        .annotate(last=Max("last_message_at"))
    )
    rows = []
    for watch in watches:
        last = max(spoken.get(watch.community_id) or watch.run.starts_at, watch.run.starts_at)
        due_at = last + timedelta(seconds=watch.silence_s)
        if due_at <= now and is_inside(watch.window, now, ZoneInfo(watch.run.zone)):
            slot = f"silence:{int(last.timestamp())}"
            rows.append(
                Occurrence(run_id=watch.run_id, step_id=watch.step_id or 0, slot=slot, due_at=now)
            )
    known = set(
        Occurrence.objects.filter(
            run__in={row.run_id for row in rows}, slot__in={row.slot for row in rows}
        ).values_list("run", "step", "slot")
    )
    fresh = [row for row in rows if (row.run_id, row.step_id, row.slot) not in known]
    Occurrence.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)
