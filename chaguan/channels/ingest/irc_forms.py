"""How IRC programs write their logs: the head of a line, and what may follow it."""

import re
from dataclasses import dataclass

_CLOCK = r"(?P<hour>[0-2]?\d):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
_NICK = r"[@+%&~!]?(?P<nick>[^\s<>:,*]+)"
_HOST = r"(?:\s+[\[(][^\])]*[\])])?"
_REASON = r"(?:\s+[\[(](?P<text>.*)[\])])?"
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAY = r"(?P<month>[A-Z][a-z]{2}) (?P<day>[ 0-3]?\d)(?: \d\d:\d\d(?::\d\d)?)?,? (?P<year>\d{4})"
DAY_LINES = (
    re.compile(rf"^--- (?:Log opened|Log closed|Day changed) [A-Z][a-z]{{2}} {_DAY}"),
    re.compile(rf"^(?:\*{{4}} )?(?:BEGIN|ENDING) LOGGING AT [A-Z][a-z]{{2}} {_DAY}"),
)


@dataclass(frozen=True)
class Form:
    """One program's lines. `events` are tried in order; a `notice` is understood and left out."""

    line: re.Pattern[str]
    events: tuple[tuple[str, re.Pattern[str]], ...]

    def is_telling(self, rest: str) -> bool:
        """True if the rest of a line is in a form of this program."""
        return any(pattern.match(rest) for _kind, pattern in self.events)


def _form(line: str, *events: tuple[str, str]) -> Form:
    return Form(re.compile(line), tuple((kind, re.compile(pattern)) for kind, pattern in events))


_IRSSI = _form(
    rf"^{_CLOCK}(?P<rest>[ \t]+.*)$",
    ("message", rf"^\s+<\s*{_NICK}>(?: (?P<text>.*))?$"),
    ("join", rf"^\s+-!- {_NICK}{_HOST} has joined (?P<room>\S+)"),
    ("leave", rf"^\s+-!- {_NICK}{_HOST} has left (?P<room>\S+){_REASON}"),
    ("leave", rf"^\s+-!- {_NICK}{_HOST} has quit{_REASON}"),
    ("kick", rf"^\s+-!- {_NICK} was kicked from (?P<room>\S+) by \S+{_REASON}"),
    ("rename", rf"^\s+-!- {_NICK} is now known as (?P<new>\S+)"),
    ("notice", r"^\s+-!- "),
    ("action", rf"^\s+\* {_NICK} (?P<text>.*)$"),
    ("notice", r"^\s+-\S+- "),
)
_WEECHAT = _form(
    rf"^(?P<date>\d{{4}}-\d\d-\d\d) {_CLOCK}\t(?P<rest>[^\t]*\t.*)$",
    ("join", rf"^\s*-->\t{_NICK}{_HOST} (?:\([^)]*\) )?has joined (?P<room>\S+)"),
    ("kick", rf"^\s*<--\t\S+ has kicked {_NICK}{_REASON}"),
    ("leave", rf"^\s*<--\t{_NICK}{_HOST} has left (?P<room>\S+){_REASON}"),
    ("leave", rf"^\s*<--\t{_NICK}{_HOST} has quit{_REASON}"),
    ("rename", rf"^\s*--\t{_NICK} is now known as (?P<new>\S+)"),
    ("notice", r"^\s*(?:--|-->|<--|=!=|)\s*\t"),
    ("action", rf"^\s*\*\t{_NICK} (?P<text>.*)$"),
    ("message", rf"^\s*{_NICK}\s*\t(?P<text>.*)$"),
)
_ZNC = _form(
    rf"^\[{_CLOCK}\](?P<rest> .*)$",
    ("message", rf"^ <{_NICK}>(?: (?P<text>.*))?$"),
    ("join", rf"^ \*\*\* Joins: {_NICK}"),
    ("leave", rf"^ \*\*\* (?:Parts|Quits): {_NICK}{_HOST}{_REASON}"),
    ("kick", rf"^ \*\*\* {_NICK} was kicked by \S+{_REASON}"),
    ("rename", rf"^ \*\*\* {_NICK} is now known as (?P<new>\S+)"),
    ("notice", r"^ \*\*\* "),
    ("action", rf"^ \* {_NICK} (?P<text>.*)$"),
    ("notice", r"^ -\S+- "),
)
FORMS = (_WEECHAT, _ZNC, _IRSSI)
