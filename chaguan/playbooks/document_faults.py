"""What is wrong in a playbook though each of its parts is well formed: rules over several parts."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from chaguan.playbooks.moments import Recurring, Repeat
from chaguan.playbooks.triggers import is_known_trigger, is_working_trigger
from chaguan.playbooks.types import Mode, Role, TrackKind
from chaguan.playbooks.wording import UnreadableText, unknown_variables

if TYPE_CHECKING:
    from chaguan.playbooks.document import Playbook, Step, Track

RESERVED_KEYS = frozenset({"away", "drafts", "import", "planning", "runs"})
"""Addresses of the console: a playbook of this name could not be opened (a test compares them)."""

Faults = Iterator[tuple[str, str]]
MAX_TIMES = 500  # of one repeated step; more is a mistake
MAX_PLACES = 1000  # of one personal track: an instant and a place are one number in SQL
OPEN_DAYS = 14  # how far a repetition without an end is laid out


def faults_of(playbook: "Playbook") -> Faults:
    """(place, sentence) for every rule over several parts, names used twice left out."""
    if playbook.key in RESERVED_KEYS:
        yield "key", reserved(playbook.key)
    for step in playbook.steps:
        for field, sentence in _step_faults(playbook, step):
            yield f"steps › {step.id} › {field}", sentence
    for track in playbook.tracks:
        if track.kind == TrackKind.ROOM and (track.entry or track.stop):
            yield f"tracks › {track.key}", _("Only a personal track has an entry and stops.")
        if track.kind == TrackKind.PERSONAL and _places(playbook, track.key) > MAX_PLACES:
            sentence = _(
                "The track has more than %(max)s moments; give some of them a track of their own."
            )
            yield f"tracks › {track.key}", sentence % {"max": MAX_PLACES}
    yield from _split_faults(playbook)
    yield from _next_faults(playbook)


def reserved(key: str) -> str:
    """Why a playbook cannot have this key."""
    sentence = _("“%(key)s” is an address of the console itself; choose another key.")
    return sentence % {"key": key}


def _split_faults(playbook: "Playbook") -> Faults:
    """A split deals people of personal tracks out to arms; only arms that exist have steps of their own."""
    split = playbook.split
    arms = {arm.key: arm for arm in split.arms} if split else {}
    for step in playbook.steps:
        if step.arm is not None and step.arm not in arms:
            yield (
                f"steps › {step.id} › arm",
                _("There is no arm “%(key)s”; write it under split.") % {"key": step.arm},
            )
    if split is None:
        return
    if all(track.kind == TrackKind.ROOM for track in playbook.tracks):
        yield "split", _("A split deals people out; it needs a personal track.")
    for key, times in Counter(arm.key for arm in split.arms).items():
        if times > 1:
            yield f"split › arms › {key}", _("This name is used twice.")
    if (total := sum(arm.share for arm in split.arms)) != 100:
        yield "split › arms", _("The shares add up to %(total)s, not to 100.") % {"total": total}
    if sum(arm.control for arm in split.arms) > 1:
        yield "split › arms", _("One control arm is enough.")
    rooms = {track.key for track in playbook.tracks if track.kind == TrackKind.ROOM}
    for step in playbook.steps:
        if step.arm in arms and step.track in rooms:
            yield (
                f"steps › {step.id} › arm",
                _("A room hears everything; only steps of a personal track have an arm."),
            )


def _next_faults(playbook: "Playbook") -> Faults:
    for number, line in enumerate(playbook.then, 1):
        if line.who is None and number < len(playbook.then):
            yield (
                f"then › {number}",
                _("A line without who is for everybody else, so it comes last."),
            )
        if isinstance(line.who, str) and line.who not in playbook.segments:
            yield f"then › {number} › who", _no_segment(line.who)


def _no_segment(name: str) -> str:
    text = _("There is no segment “%(name)s” in this playbook; write it under segments.")
    return text % {"name": name}


def text_faults(text: str, declared: frozenset[str]) -> Iterator[str]:
    """Sentences about broken markup and variables that nobody declared."""
    try:
        for name in unknown_variables(text, declared):
            yield _("The variable “%(name)s” is not known; declare it under variables.") % {
                "name": name
            }
    except UnreadableText as error:
        yield str(error)


def _step_faults(playbook: "Playbook", step: "Step") -> Faults:
    tracks = {track.key: track for track in playbook.tracks}
    if step.track not in tracks:
        yield "track", _("There is no track “%(key)s”.") % {"key": step.track}
        return
    if step.phase and step.phase not in {phase.key for phase in playbook.phases}:
        yield "phase", _("There is no phase “%(key)s”.") % {"key": step.phase}
    yield from _time_faults(playbook, step, tracks[step.track])
    yield from _wording_faults(playbook, step)
    for name in (
        step.when,
        step.audience.removeprefix("segment:") if ":" in step.audience else None,
    ):
        if isinstance(name, str) and name not in playbook.segments and not step.needs:
            yield (
                "when" if name == step.when else "audience",
                _(
                    "There is no segment “%(name)s” in this playbook; write it under segments, "
                    "or say under needs what it waits for."
                )
                % {"name": name},
            )


def _time_faults(playbook: "Playbook", step: "Step", track: "Track") -> Faults:
    bases = step.moment.bases
    if track.kind == TrackKind.ROOM and bases & {"P", "J"}:
        yield "offset", _("P and J count a person's own days; use them on a personal track.")
    if track.kind == TrackKind.PERSONAL and "calendar" in bases:
        yield (
            "offset",
            _("A personal track counts days; daily, weekly and monthly need a room track."),
        )
    if step.holidays and track.kind == TrackKind.PERSONAL:
        yield "holidays", _("A person's own days go on over holidays; leave this to room tracks.")
    if "E" in bases and playbook.anchor != "event":
        yield "offset", _("E counts from an event; write anchor: event.")
    for name in step.moment.trigger_names:
        if not is_known_trigger(name):
            yield "offset", _("There is no trigger “%(name)s”.") % {"name": name}
        elif not is_working_trigger(name) and not step.needs:
            yield (
                "offset",
                _("Nothing fires “%(name)s” yet; say under needs what the step waits for.")
                % {"name": name},
            )
    if step.after:
        code, _dot, result = step.after.partition(".")
        waits = {other.id: other.track for other in playbook.steps if other.kind == "wait_for"}
        if code not in waits or result not in ("act", "timeout"):
            yield "after", _("Write the id of a wait_for step with .act or .timeout behind it.")
        elif waits[code] != step.track:
            yield "after", _("The wait stands on another track; people there do not come here.")
    is_unfit = track.kind == TrackKind.ROOM or bool(bases & {"trigger", "calendar"})
    if step.kind == "wait_for" and not step.needs and is_unfit:
        yield (
            "offset",
            _("A wait is opened for a person at her own time; use a personal track and J, P or T."),
        )
    yield from _length_faults(playbook, step)


def _length_faults(playbook: "Playbook", step: "Step") -> Faults:
    """Moments that come too often, or never."""
    for moment in step.moment.moments:
        if isinstance(moment, Recurring) and playbook.days and moment.from_day >= playbook.days:
            yield "offset", _("This begins after the last day; leave days out for what goes on.")
        if isinstance(moment, Repeat) and _times(moment, playbook.days) > MAX_TIMES:
            yield (
                "offset",
                _("This comes more than %(max)s times; let it come less often.")
                % {"max": MAX_TIMES},
            )


def _places(playbook: "Playbook", track: str) -> int:
    """How many moments a person on the track has, the ends of waits among them."""
    return sum(
        (_times(moment, playbook.days) if isinstance(moment, Repeat) else 1)
        + (step.kind == "wait_for")
        for step in playbook.steps
        if step.track == track
        for moment in step.moment.moments
    )


def _times(moment: Repeat, days: int | None) -> int:
    last = moment.last.seconds if moment.last else (days or OPEN_DAYS) * 86400
    return (last - moment.first.seconds) // moment.seconds + 1


def _wording_faults(playbook: "Playbook", step: "Step") -> Faults:
    if step.script and step.text:
        yield "text", _("A step has a script or a text of its own, not both.")
    if step.mode == Mode.HUMAN and (step.script or step.text):
        yield "mode", _("A step that must stay human has no ready text; write an instruction.")
    if step.mode == Mode.HUMAN and step.actor == Role.SYSTEM:
        yield "actor", _("A step that must stay human needs a person as its actor.")
    if step.mode == Mode.ASSIST and step.actor == Role.SYSTEM:
        pass  # the operator approves what the system prepared (touch_plan_7d does this)
    if step.text:
        for sentence in text_faults(step.text, frozenset(playbook.variables) | set(step.values)):
            yield "text", sentence
    for name, value in step.values.items():
        for sentence in text_faults(value, frozenset(playbook.variables)):
            yield f"values › {name}", sentence
