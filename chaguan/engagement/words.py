"""Which words in a room count as signing in: the keywords all day, a greeting in the morning."""

import re

KEYWORDS = ("签到", "打卡")
GREETINGS = (
    "早上好", "大家早", "各位早", "早安", "早呀", "早啊", "早早", "早", "上午好",
    "good morning", "morning",
)  # fmt: skip
MORNING_ENDS = 12  # local hour; later a greeting is only a greeting
LONGEST = 40  # characters: a long message is talk, not a sign-in, whatever it begins with

_BREAK = r"(?:$|[\W_])"
_KEYWORD = re.compile(rf"^(?:我?来?(?:{'|'.join(KEYWORDS)})[了啦哈呀]?)+{_BREAK}")
_GREETING = re.compile(rf"^(?:{'|'.join(GREETINGS)})(?:了|呀|啊|哦|哈|上好)?{_BREAK}", re.I)
_QUESTION = re.compile(r"[?？吗呢]|怎么|如何|哪里|为什么")


def is_sign_in(text: str, *, local_hour: int) -> bool:
    """Whether this message signs its author in. A question about signing in does not."""
    words = text.strip()
    if not words or len(words) > LONGEST or _QUESTION.search(words):
        return False
    words = re.sub(r"^[\W_]+", "", words)
    if _KEYWORD.match(words):
        return True
    return local_hour < MORNING_ENDS and bool(_GREETING.match(words))


_STOP = re.compile(r"^[\W_]*(?:退订|unsubscribe|stop)[\W_]*$", re.I)


def is_opt_out(text: str) -> bool:
    """Whether this message, and nothing else in it, asks for no more private messages."""
    return bool(_STOP.match(text))
