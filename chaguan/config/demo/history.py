"""What was said in the demo's rooms on each of its days, as records that an import could have brought."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from chaguan.channels.contract import Record
from chaguan.config.demo.cast import WEIGHT, Person
from chaguan.config.demo.talk import Voice

ZONE = ZoneInfo("Asia/Shanghai")
# Messages by local hour: waking up, lunch, the evening; nobody at four.
RHYTHM = (1, 0, 0, 0, 0, 1, 4, 11, 18, 12, 10, 12, 17, 9, 8, 9, 8, 10, 12, 17, 24, 22, 13, 5)


@dataclass(frozen=True)
class RoomPlan:
    """How one room lives: messages on its `day` (0 is the first), who speaks there, about what."""

    key: str
    volume: Callable[[float], float]  # of the share of the history that has passed, 0 to 1
    people: Sequence[Person]
    topics: tuple[str, ...] = ()
    steward_lines: str = ""  # kind of small talk that stewards drop in
    small: str = ""  # a room of short lines only
    has_mornings: bool = False


class Chronicle:
    """Writes one community's history: `days` days up to `now`, none of it in the future."""

    def __init__(self, chance: Random, *, now: datetime, days: int) -> None:
        self.chance, self.now, self.days = chance, now, days
        self.today = now.astimezone(ZONE).date()
        self.sign_ins: list[tuple[Person, date, datetime]] = []
        self._serial = 0

    def day(self, number: int) -> date:
        """The local date of a day of the demo; the last one is today."""
        return self.today - timedelta(days=self.days - 1 - number)

    def records(self, plan: RoomPlan) -> list[Record]:
        """Everything that was said in one room, in order."""
        voice = Voice(self.chance, plan.topics)
        said = [
            record
            for number in range(self.days)
            for record in self._day_of(plan, voice, number)
            if record.at <= self.now
        ]
        return sorted(said, key=lambda record: record.at)

    def comings_and_goings(self, people: Sequence[Person], key: str) -> list[Record]:
        """Joins, leaves and removals, in order."""
        moves = []
        for person in people:
            came = self._instant(person.joins_on, self.chance.randint(7, 9))
            moves.append(self._record(key, came, person, "", kind="join"))
            if person.leaves_on is not None:
                went = self._instant(person.leaves_on, self.chance.randint(12, 22))
                kind = "kick" if person.is_removed else "leave"
                text = "多次发广告，提醒过仍不停" if person.is_removed else ""
                moves.append(self._record(key, went, person, text, kind=kind))
        return sorted((m for m in moves if m.at <= self.now), key=lambda record: record.at)

    def _day_of(self, plan: RoomPlan, voice: Voice, number: int) -> Iterator[Record]:
        present = [person for person in plan.people if person.is_in(number)]
        talkers = [person for person in present if person.habit != "ad"]
        if len(talkers) < 2:
            return
        if plan.has_mornings:
            yield from self._morning(plan, voice, number, talkers)
            yield from self._newcomers(plan, voice, number, present)
        weekend = 1.25 if self.day(number).weekday() >= 5 else 1.0
        wanted = plan.volume(number / self.days) * weekend * self.chance.uniform(0.75, 1.25)
        if plan.steward_lines and self.chance.random() < 0.5:
            steward = next(person for person in plan.people if person.habit == "core")
            text = voice.small(plan.steward_lines, steward, who=self.chance.choice(talkers).name)
            yield self._record(plan.key, self._instant(number, 18), steward, text)
        done = 0
        while done < wanted:
            length = min(round(wanted - done) or 1, self.chance.randint(3, 13))
            done += length
            yield from self._talk(plan, voice, number, self._pick(talkers, length), length)

    def _talk(
        self, plan: RoomPlan, voice: Voice, number: int, people: Sequence[Person], length: int
    ) -> Iterator[Record]:
        hour = self.chance.choices(range(24), RHYTHM)[0]
        at = self._instant(number, hour)
        if plan.small:
            for person in people[:length]:
                yield self._record(plan.key, at, person, voice.small(plan.small, person))
                at += timedelta(seconds=self.chance.randint(40, 900))
            return
        said: list[Record] = []
        for utterance in voice.thread(people, length):
            answers = "" if utterance.answers is None else said[utterance.answers].external_id
            record = self._record(plan.key, at, utterance.person, utterance.text, reply_to=answers)
            said.append(record)
            yield record
            at += timedelta(seconds=round(self.chance.expovariate(1 / 95)) + 8)

    def _morning(
        self, plan: RoomPlan, voice: Voice, number: int, talkers: Sequence[Person]
    ) -> Iterator[Record]:
        """Some say good morning, some the word; both sign in. Others sign in by the button."""
        weekday = self.day(number).weekday()
        for person in talkers:
            if self.chance.random() >= person.signs_in:
                continue
            at = self._instant(number, self.chance.choice((7, 7, 8, 8, 8, 9, 10)))
            if at > self.now:
                continue
            self.sign_ins.append((person, self.day(number), at))
            if self.chance.random() < 0.3:
                kind = "greeting" if self.chance.random() < 0.7 else "sign_in"
                text = voice.small(kind, person, weekday=weekday)
                yield self._record(plan.key, at, person, text)

    def _newcomers(
        self, plan: RoomPlan, voice: Voice, number: int, present: Sequence[Person]
    ) -> Iterator[Record]:
        """Two of three newcomers say a word, and somebody answers; who came to sell sells."""
        host = next(person for person in plan.people if person.habit == "core")
        for person in present:
            if person.habit == "ad" and person.leaves_on == number + 1:
                text = voice.small("ad", person)
                yield self._record(plan.key, self._instant(number, 21), person, text)
            elif person.joins_on == number and self.chance.random() < 0.66:
                at = self._instant(number, self.chance.randint(10, 21))
                yield self._record(plan.key, at, person, voice.small("hello_new", person))
                at += timedelta(seconds=self.chance.randint(40, 900))
                text = voice.small("welcome", host, who=person.name)
                yield self._record(plan.key, at, host, text)

    def _pick(self, talkers: Sequence[Person], length: int) -> list[Person]:
        """Who takes part: those who talk much, mostly."""
        wanted = min(len(talkers), max(2, length * 2 // 3))
        chosen: dict[str, Person] = {}
        weights = [WEIGHT[person.habit] for person in talkers]
        for person in self.chance.choices(talkers, weights, k=wanted * 2):
            chosen.setdefault(person.handle, person)
        return list(chosen.values())[:wanted]

    def _instant(self, number: int, hour: int) -> datetime:
        """Some moment of that local hour, to the second."""
        local = datetime.combine(self.day(number), time(hour), ZONE)
        return (local + timedelta(seconds=self.chance.randint(0, 3599))).astimezone(UTC)

    def _record(
        self,
        key: str,
        at: datetime,
        person: Person,
        text: str,
        *,
        kind: str = "message",
        reply_to: str = "",
    ) -> Record:
        self._serial += 1
        return Record(
            external_id=f"demo:{key}:{self._serial}",
            at=at,
            kind=kind,  # type: ignore[arg-type] # one of the kinds, written above
            person=person.handle,
            name=person.name,
            text=text,
            reply_to=reply_to,
        )
