"""Refusing plans that do not fit a type of community: asked when one is published and when one starts."""

from chaguan.kernel.errors import Invalid
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.errors import BadDocument, Problem
from chaguan.playbooks.fitting import unfit_for, unfit_pushes, unfit_to_publish


def require_types_allow(document: Playbook) -> None:
    """Everything the playbook says it is for. Raises BadDocument with each reason at its step."""
    problems = [
        Problem(f"steps › {fault.step}" if fault.step else "for", fault.sentence)
        for fault in unfit_to_publish(document)
        if not fault.is_warning
    ]
    if problems:
        raise BadDocument(problems)


def require_type_allows(document: Playbook, kind: str, content_kind: str) -> None:
    """The community it is to start on. Raises Invalid (`type_guard`, `type_limit`, `push_guard`)."""
    for fault in unfit_for(document, kind) if kind else ():
        if not fault.is_warning:
            raise Invalid(fault.sentence, code=fault.verdict.code)
    for fault in unfit_pushes(document, content_kind):
        raise Invalid(fault.sentence, code=fault.verdict.code)
