"""Builders for tests: accounts, and channels that fail in every way."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chaguan.channels.contract import DeliveryError, Limits, Outgoing
from chaguan.channels.models import Account

BEGIN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def make_account(connector: str = "echo", **over: Any) -> Account:
    """An account of a channel; the sandbox unless told otherwise."""
    values: dict[str, Any] = {"label": f"{connector} 测试", "created_at": BEGIN, **over}
    return Account.objects.create(connector=connector, **values)


class Scripted:
    """A channel that answers from a script: an id, an exception, and so on; then only ids."""

    label = "Scripted"
    reaches = frozenset({"say", "touch"})

    def __init__(
        self,
        *answers: str | Exception,
        is_idempotent: bool = False,
        found: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.answers = list(answers)
        self.is_idempotent = is_idempotent
        self.found = found
        self.limits = limits or Limits(per_minute=10_000, burst=5_000)
        self.got: list[Outgoing] = []

    def send(self, message: Outgoing) -> str:
        """Take the next answer of the script."""
        answer = self.answers.pop(0) if self.answers else f"id-{len(self.got) + 1}"
        if isinstance(answer, Exception):
            raise answer
        self.got.append(message)
        return answer

    def find(self, message: Outgoing) -> str | None:
        """What the look-back knows."""
        return self.found


class ScriptedMany(Scripted):
    """The same for channels that take many at once; `crash` is raised by the first such call."""

    def __init__(self, *answers: str | Exception, crash: Exception | None = None) -> None:
        super().__init__(*answers, is_idempotent=True)
        self.crash = crash
        self.calls: list[int] = []

    def send_many(self, messages: Sequence[Outgoing]) -> list[str | DeliveryError]:
        """One answer of the script for each."""
        self.calls.append(len(messages))
        if self.crash is not None:
            crash, self.crash = self.crash, None
            raise crash
        return [self._answer(message) for message in messages]

    def _answer(self, message: Outgoing) -> str | DeliveryError:
        try:
            return self.send(message)
        except DeliveryError as error:
            return error


BUSY = DeliveryError("busy", retry=True, after_s=7)
NO_SUCH_ROOM = DeliveryError("no such room", retry=False)
