"""Telling bots by their names, for formats that do not say who is one."""

import re

_KNOWN = frozenset(
    ("mee6", "rythm", "dyno", "slackbot", "carl-bot", "yagpdb", "chanserv", "nickserv", "q群管家")
)
_NAME = re.compile(
    r"(?:^|[\W_\d])bot\d*$|(?<=[a-z])(?:Bot|_bot)$|机器人|群管家|小助手$|(?i:^bot[-_])"
)


def looks_like_bot(name: str) -> bool:
    """True for names that programs bear: "teabot" stays a person, "tea_bot", "TeaBot", 茶茶机器人 do not."""
    return name.lower() in _KNOWN or _NAME.search(name) is not None
