"""Believable tea talk: threads made of our own sentences, with slots, drawn so that they rarely repeat."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from chaguan.config.demo import cast
from chaguan.config.demo.cast import Person

LEADS = (
    "其实",
    "我觉得",
    "补一句，",
    "经验之谈，",
    "我家也是，",
    "同感，",
    "不一定对，",
    "顺便说，",
    "哈，",
)
TAILS = ("，亲测", "，供参考", "，个人口味", "，你试试", "，真的", "，我是这样", "，不绝对", "～")
HERE = Path(__file__).parent
_SLOT = re.compile(r"\{(\w+)\}")
WEEKDAYS = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]


@dataclass
class Topic:
    """One subject: how somebody opens it, what others answer, how the opener closes it."""

    name: str
    openers: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    closers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Utterance:
    """One message of a thread: who, what, and the number of the message it answers."""

    person: Person
    text: str
    answers: int | None = None


def topics() -> list[Topic]:
    """Read `talk.txt`."""
    found: list[Topic] = []
    for line in (HERE / "talk.txt").read_text(encoding="utf-8").splitlines():
        mark, text = line[:1], line[2:]
        if mark == "#":
            found.append(Topic(text))
        elif mark in (">", "-", "."):
            here = found[-1]
            {">": here.openers, "-": here.replies, ".": here.closers}[mark].append(text)
    return found


def small_talk() -> dict[str, list[str]]:
    """Read `small_talk.txt`: greetings, sign-ins, first words, thanks, stewards' notes."""
    found: dict[str, list[str]] = {}
    kind = ""
    for line in (HERE / "small_talk.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            kind = line[2:]
        elif line:
            found.setdefault(kind, []).append(line)
    return found


class Deck:
    """Draws sentences without putting them back until all have been used."""

    def __init__(self, chance: Random, lines: Sequence[str]) -> None:
        self._chance, self._lines = chance, list(lines)
        self._left: list[str] = []

    def draw(self) -> str:
        if not self._left:
            self._left = list(self._lines)
            self._chance.shuffle(self._left)
        return self._left.pop()


class Voice:
    """Everything that can be said in one room. Each room has its own, so that rooms do not echo."""

    def __init__(self, chance: Random, only: Sequence[str] = ()) -> None:
        self.chance = chance
        chosen = [topic for topic in topics() if not only or topic.name in only]
        self._topics = Deck(chance, [topic.name for topic in chosen])
        self._decks = {
            topic.name: (
                Deck(chance, topic.openers),
                Deck(chance, topic.replies),
                Deck(chance, topic.closers),
            )
            for topic in chosen
        }
        self._small = {kind: Deck(chance, lines) for kind, lines in small_talk().items()}

    def small(self, kind: str, person: Person, *, who: str = "", weekday: int = 0) -> str:
        """One line of small talk."""
        return self.fill(self._small[kind].draw(), person, who=who, weekday=weekday)

    def thread(self, people: Sequence[Person], length: int) -> list[Utterance]:
        """A conversation of about `length` messages among `people`; the first of them opens it."""
        opener, others = people[0], list(people[1:]) or list(people)
        openers, replies, closers = self._decks[self._topics.draw()]
        said = [Utterance(opener, self.fill(openers.draw(), opener))]
        while len(said) < length - 1:
            person = self.chance.choice(others)
            luck = self.chance.random()
            if luck < 0.16:
                text, answers = self.small("ack", person), self.chance.randrange(len(said))
            elif luck < 0.2 and len(said) > 2:
                thanked = said[self.chance.randrange(1, len(said))]
                person, answers = opener, None
                text = self.small("thanks", opener, who=thanked.person.name)
            else:
                text = self._coloured(self.fill(replies.draw(), person))
                answers = 0 if self.chance.random() < 0.3 else None
            said.append(Utterance(person, text, answers))
        if length > 3 and self.chance.random() < 0.7:
            said.append(Utterance(opener, self.fill(closers.draw(), opener)))
        return said

    def _coloured(self, text: str) -> str:
        """People rarely say the same thing in the same words."""
        luck = self.chance.random()
        if luck < 0.22:
            return self.chance.choice(LEADS) + text
        return text + self.chance.choice(TAILS) if luck < 0.42 else text

    def fill(self, line: str, person: Person, *, who: str = "", weekday: int = 0) -> str:
        """Put values into the slots."""
        chance = self.chance
        values = {
            "tea": lambda: chance.choice(cast.TEAS),
            "tea2": lambda: chance.choice(cast.OOLONG),
            "green": lambda: chance.choice(cast.GREEN),
            "black": lambda: chance.choice(cast.BLACK),
            "white": lambda: chance.choice(cast.WHITE),
            "puer": lambda: chance.choice(cast.PUER),
            "ware": lambda: chance.choice(cast.WARE),
            "city": lambda: person.city,
            "name": lambda: person.name,
            "job": lambda: person.job,
            "who": lambda: who or "你",
            "weekday": lambda: WEEKDAYS[weekday],
            "temp": lambda: str(chance.choice((75, 78, 80, 82, 85, 88, 90, 92))),
            "sec": lambda: str(chance.choice((8, 10, 12, 15, 20, 25, 30))),
            "gram": lambda: str(chance.choice((3, 4, 5, 6, 7, 8))),
            "ml": lambda: str(chance.choice((90, 100, 110, 120, 130, 150))),
            "years": lambda: str(chance.choice((2, 3, 4, 5, 6, 8, 10))),
            "year": lambda: str(chance.choice((2009, 2012, 2014, 2016, 2018, 2019, 2021))),
            "price": lambda: f"{chance.choice((180, 260, 320, 380, 480, 560))} 元",
        }
        return _SLOT.sub(lambda found: values[found[1]](), line)
