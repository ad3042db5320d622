"""Closing a run (复盘、收尾): facts, causes, changes; the accepted ones become the next edition."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.playbooks.actions.library import publish_playbook
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.errors import AlreadyDecided, BadDocument
from chaguan.playbooks.events import RunClosed
from chaguan.playbooks.models import Edition, EditionCause, Review, ReviewChange, Run
from chaguan.playbooks.policies import may_edit_playbooks, may_run_playbooks
from chaguan.playbooks.reading import dump
from chaguan.playbooks.selectors.reviews import OVER, changes_of, next_edition

Field, Decision = ReviewChange.Field, ReviewChange.Decision


@transaction.atomic
def save_review(
    actor: Actor,
    run_id: int,
    *,
    now: datetime,
    facts: str,
    causes: str,
    no_changes_because: str = "",
) -> Review:
    """Keep what is written so far; it may still be incomplete.

    Raises: Missing, Invalid while the run goes on, AlreadyDecided when it is closed.
    """
    run = _run(actor, run_id)
    values = {
        "facts": facts.strip(),
        "causes": causes.strip(),
        "no_changes_because": no_changes_because.strip()[:200],
        "updated_at": now,
        "by": actor.reference,
    }
    review, _new = Review.objects.update_or_create(run=run, defaults=values)
    return review


@transaction.atomic
def propose_change(
    actor: Actor, run_id: int, *, now: datetime, step: str, field: str, value: str = "", what: str
) -> ReviewChange:
    """Add a change: what, at which step, and what it becomes. It waits for a decision.

    Raises: Missing, AlreadyDecided, Invalid without a reason or a value, or for a step that is not there.
    """
    run = _run(actor, run_id)
    if field not in Field.values:
        raise Invalid(_("Choose what changes."), code="field")
    if not what.strip():
        raise Invalid(_("Say in a few words what changes and why."), code="what_missing")
    if field not in (Field.DROP, Field.OTHER) and not value.strip():
        raise Invalid(_("Say what it becomes."), code="value_missing")
    codes = {one.id for one in document_of(run.edition_id).steps}
    if step not in codes and not (field == Field.OTHER and not step):
        raise Invalid(_("Choose the step that changes."), code="step")
    defaults = {"updated_at": now, "by": actor.reference}
    review, _new = Review.objects.get_or_create(run=run, defaults=defaults)
    return review.changes.create(
        step=step,
        field=field,
        value=value.strip(),
        what=what.strip()[:200],
        by=actor.reference,
        at=now,
    )


@transaction.atomic
def decide_change(
    actor: Actor, run_id: int, change_id: int, *, now: datetime, is_accepted: bool
) -> ReviewChange:
    """Accept or decline a change. Until the run is closed the answer may be another.

    Raises: Missing, AlreadyDecided, Refused for those who may not edit playbooks; BadDocument for a change
    that cannot be worked into the current edition: it stays as it was.
    """
    run = _run(actor, run_id)
    change = ReviewChange.objects.filter(pk=change_id, review__run=run).first()
    if change is None:
        raise Missing
    require(may_edit_playbooks(actor))
    change.decision = Decision.ACCEPTED if is_accepted else Decision.DECLINED
    change.decided_by, change.decided_at = actor.reference, now
    change.save(update_fields=["decision", "decided_by", "decided_at"])
    found = next_edition(run) if is_accepted else None
    if found is not None and found.problems:
        raise BadDocument(list(found.problems))
    return change


@transaction.atomic
def close_run(actor: Actor, run_id: int, *, now: datetime) -> Edition | None:
    """Close a run whose review is whole; its accepted changes are published as the next edition.

    Returns that edition, which names the run. Emits: RunClosed; EditionPublished for a new edition.
    Raises: Missing, AlreadyDecided; Invalid while facts, causes or changes are missing or undecided;
    Refused where who accepted changes may no longer edit playbooks; BadDocument.
    """
    run = _run(actor, run_id)
    review = Review.objects.select_for_update().filter(run=run).first()
    _require_whole(review)
    assert review is not None
    edition = _publish(actor, run, now)
    review.closed_at, review.closed_by, review.edition = now, actor.reference, edition
    review.save(update_fields=["closed_at", "closed_by", "edition"])
    fact = RunClosed(run.community_id, run.pk, edition.pk if edition else None)
    record(fact, actor=actor, at=now)
    return edition


def _require_whole(review: Review | None) -> None:
    if review is None or not review.facts or not review.causes:
        raise Invalid(
            _("A run is closed with a review: write the facts and the causes first."),
            code="review_missing",
        )
    changes = list(review.changes.values_list("decision", flat=True))
    if Decision.OPEN in changes:
        raise Invalid(_("Decide about every change first."), code="undecided")
    if not changes and not review.no_changes_because:
        raise Invalid(
            _("Write down at least one change, or say why everything stays as it is."),
            code="changes_missing",
        )


def _publish(actor: Actor, run: Run, now: datetime) -> Edition | None:
    """The next edition with the accepted changes, tied to the run. None where nothing can be worked in."""
    found = next_edition(run)
    if found is None:
        return None
    if found.document is None:
        raise BadDocument(list(found.problems))
    note = _("From the review of a run of %(day)s in %(community)s") % {
        "day": run.starts_on.isoformat(),
        "community": run.community.name,
    }
    publisher = _publisher(actor, run)
    edition = publish_playbook(publisher, dump(found.document), now=now, note=note[:200])
    EditionCause.objects.get_or_create(edition=edition, defaults={"run": run})
    return edition


def _publisher(actor: Actor, run: Run) -> Actor:
    """In whose name: the one who closes where she may edit playbooks, else who accepted the changes."""
    if may_edit_playbooks(actor):
        return actor
    accepted = changes_of(run).filter(decision=Decision.ACCEPTED).order_by("-decided_at")
    by = accepted.values_list("decided_by", flat=True).first() or ""
    kind, _colon, number = by.partition(":")
    return Actor.staff(int(number)) if kind == "staff" else actor


def _run(actor: Actor, run_id: int) -> Run:
    rows = Run.objects.select_related("edition__playbook__current", "community")
    run = rows.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None or not may_run_playbooks(actor, run.community_id):
        raise Missing
    if run.state not in OVER:
        raise Invalid(_("The run still goes on. It is reviewed when it is over."), code="goes_on")
    if Review.objects.filter(run=run, closed_at__isnull=False).exists():
        raise AlreadyDecided(_("This run is closed."))
    return run
