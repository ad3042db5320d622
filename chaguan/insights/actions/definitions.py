"""Changing the windows of a definition: always a new edition, never an edit."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.actions import record
from chaguan.insights.contract import metrics
from chaguan.insights.editions import Edition, editions_of
from chaguan.insights.errors import NothingChanged, UnknownWindow, WindowOutOfRange
from chaguan.insights.events import DefinitionChanged
from chaguan.insights.health import definition
from chaguan.insights.models import DefinitionEdition
from chaguan.insights.policies import may_change_definitions
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError
from chaguan.kernel.policy import require

LONGEST = 3650


class ChangedMeanwhile(ChaguanError):
    """Somebody else made the next edition first."""

    code = "changed_meanwhile"
    message = _("Somebody changed this definition a moment ago. Look at it again.")


def change_windows(
    actor: Actor, code: str, windows: Mapping[str, int], *, note: str, now: datetime
) -> Edition:
    """Make a new edition of a metric's windows (or of "health") that holds from `now` on.

    Windows not named keep their value. Periods that ended before `now` keep the old edition.

    Emits: DefinitionChanged. Raises: Refused; UnknownWindow; WindowOutOfRange; NothingChanged.
    Races: the unique number settles two changes at once; the second gets ChangedMeanwhile.
    """
    require(may_change_definitions(actor))
    version, shipped = _shipped(code)
    known = editions_of(code, version, shipped)
    if not set(windows) <= set(shipped):
        raise UnknownWindow
    if not all(isinstance(w, int) and 1 <= w <= LONGEST for w in windows.values()):
        raise WindowOutOfRange
    wanted = {**known[-1].windows, **windows}
    if wanted == dict(known[-1].windows):
        raise NothingChanged
    label = f"{version}.{len(known)}"
    try:
        with transaction.atomic():
            DefinitionEdition.objects.create(
                code=code,
                number=len(known),
                base_version=version,
                windows=wanted,
                valid_from=now,
                note=note,
                by_id=actor.user_id,
            )
            record(DefinitionChanged(code, label, note), actor=actor, at=now)
    except IntegrityError:
        raise ChangedMeanwhile from None
    return Edition(label, wanted, now, note)


def _shipped(code: str) -> tuple[int, Mapping[str, int]]:
    if code == definition.CODE:
        return definition.VERSION, definition.THRESHOLDS
    metric = metrics.get(code)
    return metric.version, metric.windows
