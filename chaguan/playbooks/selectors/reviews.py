"""Reviews (复盘): who owes one, what one says, and what its accepted changes would make of the playbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.playbooks.diff import diff, sentence
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.errors import BadDocument, Problem
from chaguan.playbooks.models import Edition, EditionCause, Review, ReviewChange, Run
from chaguan.playbooks.revising import MECHANICAL, Wanted, revised
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.playbooks.types import RunState

OVER = (RunState.FINISHED, RunState.STOPPED)


@dataclass(frozen=True)
class NextEdition:
    """What the accepted changes make of the current edition. `problems` where they do not fit together."""

    base: Edition
    document: Playbook | None
    changes: Sequence[str]  # in words
    problems: Sequence[Problem]


def reviews_owed(actor: Actor, *, until: datetime) -> QuerySet[Run]:
    """Runs that were over at `until` and are not closed, of communities where the actor runs playbooks;
    the longest over first."""
    rows = runs_visible_to(actor, Right.RUN_PLAYBOOKS).filter(state__in=OVER, ended_at__lte=until)
    return rows.exclude(review__closed_at__isnull=False).order_by("ended_at", "pk")


def review_of(run: Run) -> Review | None:
    """The review as it stands. The caller got `run` from `runs_visible_to`."""
    return Review.objects.select_related("edition").filter(run=run).first()


def changes_of(run: Run) -> QuerySet[ReviewChange]:
    """What the review proposes, in the order it was written."""
    return ReviewChange.objects.filter(review__run=run).order_by("pk")


def next_edition(run: Run) -> NextEdition | None:
    """What closing would publish: the accepted changes on the current edition. None without any.

    Runs end while the playbook goes on: the base is the current edition, not the run's own.
    """
    accepted = changes_of(run).filter(decision=ReviewChange.Decision.ACCEPTED, field__in=MECHANICAL)
    wanted = [Wanted(one.step, one.field, one.value) for one in accepted]
    current = run.edition.playbook.current
    if not wanted or current is None:
        return None
    old = document_of(current.pk)
    try:
        new = revised(old, wanted)
    except BadDocument as wrong:
        return NextEdition(current, None, (), wrong.problems)
    return NextEdition(current, new, [sentence(one) for one in diff(old, new)], ())


def cause_of(edition: Edition) -> Run | None:
    """The run whose review led to this edition."""
    cause = EditionCause.objects.select_related("run__community").filter(edition=edition).first()
    return cause.run if cause else None


def editions_caused_by(run: Run) -> QuerySet[Edition]:
    """Editions that came of this run's review, the newest first."""
    return Edition.objects.filter(cause__run=run).order_by(F("number").desc())


def before(edition: Edition) -> Edition | None:
    """The edition that this one followed."""
    earlier = Edition.objects.filter(playbook_id=edition.playbook_id, number__lt=edition.number)
    return earlier.order_by("-number").first()


def changes_between(old: Edition, new: Edition) -> list[str]:
    """What the newer edition changed, in words."""
    return [sentence(one) for one in diff(document_of(old.pk), document_of(new.pk))]
