"""Why playbooks decline: a code, a sentence, and for documents the place in the text."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import ChaguanError, Invalid


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a document: where (`steps › TCH-03 › offset`) and one sentence."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class BadDocument(Invalid):
    """The playbook's or the script's text cannot be taken as it is. `problems` lists every place."""

    code = "bad_document"
    message = _("The playbook cannot be saved like this.")

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class MissingRoles(ChaguanError):
    """A run cannot start: steps name roles that nobody holds. `roles` lists them in order."""

    code = "missing_roles"
    http_status = 422

    def __init__(self, roles: list[str], sentence: str | Promise) -> None:
        self.roles = roles
        super().__init__(sentence)


class MissingValues(Invalid):
    """A run cannot start: its texts need values that nobody gave. `names` lists them."""

    code = "missing_values"

    def __init__(self, names: list[str], sentence: str | Promise) -> None:
        self.names = names
        super().__init__(sentence)


class RunIsOver(ChaguanError):
    """The run was stopped or has ended."""

    code = "run_is_over"
    message = _("This run is over, so it cannot be changed any more.")


class NoteMissing(Invalid):
    """A step that must stay human is completed with a note about the talk."""

    code = "note_missing"
    message = _("Please write a short note about the talk before you tick this off.")


class ProofMissing(Invalid):
    """The step asks for a proof."""

    code = "proof_missing"
    message = _(
        "This step asks for a proof: a link, a picture, or a sentence that says where it can be seen."
    )


class AlreadyDecided(ChaguanError):
    """Somebody was faster, or the step is past."""

    code = "already_decided"
    message = _("This step has already been dealt with.")


class SecondPersonNeeded(Invalid):
    """Who started the run cannot also let its sensitive messages go."""

    code = "same_person"
    message = _("You started this, so a colleague has to read it and decide.")


class NoSecondPerson(Invalid):
    """Nobody but the author could say yes, so what promotes could never go out."""

    code = "no_second_person"
    message = _(
        "A promotion needs a colleague's yes, and nobody else may decide about these communities. Ask the"
        " owner to invite a colleague or to give one the right to run playbooks here; or leave out what"
        " promotes."
    )


class AnsweredTooLate(ChaguanError):
    """The time until which somebody could agree is over."""

    code = "answered_too_late"
    message = _("Nobody agreed in time, so it does not go out. Write it anew with a later time.")


class DraftMoved(ChaguanError):
    """Somebody else changed the draft since this person saw it. `by` is who, `version` what it is now."""

    code = "draft_moved"
    message = _("Somebody else changed this draft meanwhile. What you wrote is still on this page.")

    def __init__(self, by: str, version: int) -> None:
        self.by = by
        self.version = version
        super().__init__()
