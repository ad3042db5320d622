"""Permission as a value: policies return a Verdict, actions `require` it, templates ask it."""

from dataclasses import dataclass

from django.utils.functional import Promise

from chaguan.kernel.errors import Refused


@dataclass(frozen=True)
class Verdict:
    """The answer of a policy. Truthy when allowed; otherwise `code` for programs, `sentence` for people."""

    code: str = ""
    sentence: str | Promise = ""

    def __bool__(self) -> bool:
        return not self.code


ALLOWED = Verdict()


def require(verdict: Verdict) -> None:
    """Raise Refused with the verdict's code and sentence unless it allows."""
    if not verdict:
        raise Refused(verdict.sentence, code=verdict.code)
