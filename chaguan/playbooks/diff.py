"""What two editions of a playbook differ in: parts added, removed, moved in time, changed field by field.

Pure: documents in, small frozen values out. `sentence` says a change in words, `unified` as text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.document import Playbook
from chaguan.playbooks.reading import dump, plain

What = Literal["added", "removed", "moved", "changed"]

LISTS = ("tracks", "phases", "steps")  # parts with an id or a key
TABLES = ("variables", "segments")  # parts by name
UNSAID = ("format", "version", *LISTS, *TABLES)

PARTS: dict[str, str | Promise] = {
    "head": gettext_lazy("Head"),
    "tracks": gettext_lazy("Track"),
    "phases": gettext_lazy("Phase"),
    "steps": gettext_lazy("Step"),
    "variables": gettext_lazy("Variable"),
    "segments": gettext_lazy("Segment"),
}
FIELDS: dict[str, str | Promise] = {
    "title": gettext_lazy("title"),
    "track": gettext_lazy("track"),
    "phase": gettext_lazy("phase"),
    "offset": gettext_lazy("time"),
    "kind": gettext_lazy("kind"),
    "actor": gettext_lazy("who does it"),
    "audience": gettext_lazy("for whom"),
    "mode": gettext_lazy("mode"),
    "purpose": gettext_lazy("purpose"),
    "script": gettext_lazy("wording"),
    "text": gettext_lazy("text"),
    "instruction": gettext_lazy("instruction"),
    "values": gettext_lazy("values"),
    "with": gettext_lazy("settings of the kind"),
    "when": gettext_lazy("condition"),
    "after": gettext_lazy("after which wait"),
    "lateness": gettext_lazy("when late"),
    "late_after": gettext_lazy("late after"),
    "proof": gettext_lazy("proof"),
    "checker": gettext_lazy("who checks"),
    "informed": gettext_lazy("who is informed"),
    "promotion": gettext_lazy("promotion"),
    "urgent": gettext_lazy("urgent"),
    "needs_approval": gettext_lazy("second person"),
    "minutes": gettext_lazy("minutes"),
    "needs": gettext_lazy("what it waits for"),
    "arm": gettext_lazy("group of the split"),
    "intent": gettext_lazy("what it is about"),
    "holidays": gettext_lazy("holidays"),
    "order": gettext_lazy("order"),
    "src": gettext_lazy("source"),
    "key": gettext_lazy("key"),
    "licence": gettext_lazy("licence"),
    "language": gettext_lazy("language"),
    "summary": gettext_lazy("summary"),
    "for": gettext_lazy("community types"),
    "content_kinds": gettext_lazy("what the community delivers"),
    "anchor": gettext_lazy("counts from"),
    "start_time": gettext_lazy("first hour"),
    "days": gettext_lazy("length in days"),
    "split": gettext_lazy("split"),
    "then": gettext_lazy("what comes after"),
    "outcome": gettext_lazy("when the result is weak"),
    "entry": gettext_lazy("how people come in"),
    "stop": gettext_lazy("what takes people off"),
}


@dataclass(frozen=True)
class Change:
    """One difference. `field` is empty for parts added or removed; `old` and `new` are plain values.

    `moved` is a step at another time (field `offset`) or on another track (field `track`). A change of
    the order alone is one change of `part` with the field `order` and the keys as values.
    """

    what: What
    part: str  # head, tracks, phases, steps, variables, segments
    key: str  # the part's id, key or name; "" for the head
    title: str
    field: str = ""
    old: Any = None
    new: Any = None


def diff(old: Playbook, new: Playbook) -> list[Change]:
    """Every difference, the head first, then parts in the order of the new document, removed ones last."""
    was, now = plain(old), plain(new)
    found = list(_fields("head", "", new.title, _head(was), _head(now)))
    for part in (*TABLES, *LISTS):
        found += _parts(part, _by_key(was, part), _by_key(now, part))
    return found


def unified(old: Playbook, new: Playbook) -> str:
    """Both documents as YAML in one writing, as a unified diff; empty when they say the same."""
    return unified_text(
        dump(old), dump(new), f"{old.key} {old.version}", f"{new.key} {new.version}"
    )


def unified_text(old: str, new: str, old_name: str = "", new_name: str = "") -> str:
    """Two texts as a unified diff."""
    lines = unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="")
    return "\n".join(lines)


def proposed_version(old: Playbook, new: Playbook) -> str:
    """The next version: major for another way to run it, minor for other steps, patch for words.

    Never below what the author wrote into the new document.
    """
    changes = diff(old, new)
    major, minor, patch = _numbers(old.version)
    if any(_is_major(change) for change in changes):
        proposed = (major + 1, 0, 0)
    elif any(_is_minor(change) for change in changes):
        proposed = (major, minor + 1, 0)
    elif changes:
        proposed = (major, minor, patch + 1)
    else:
        proposed = (major, minor, patch)
    return ".".join(str(number) for number in max(proposed, _numbers(new.version)))


def sentence(change: Change) -> str:
    """The change in words."""
    what = " ".join(str(word) for word in (PARTS[change.part], change.key) if word)
    if change.title and change.title != change.key:
        what = _("%(what)s “%(title)s”") % {"what": what, "title": change.title}
    if change.what == "added":
        return _("%(what)s is new.") % {"what": what}
    if change.what == "removed":
        return _("%(what)s is gone.") % {"what": what}
    field = FIELDS.get(change.field, change.field)
    if change.field == "order":
        return _("%(part)s: another order.") % {"part": PARTS[change.part]}
    if change.what == "moved":
        text = _("%(what)s moves from %(old)s to %(new)s.")
        return text % {"what": what, "old": in_plain(change.old), "new": in_plain(change.new)}
    if change.old is None:
        text = _("%(what)s: %(field)s is now %(new)s.")
    elif change.new is None:
        text = _("%(what)s: %(field)s is no longer %(old)s.")
    else:
        text = _("%(what)s: %(field)s was %(old)s and is now %(new)s.")
    return text % {
        "what": what,
        "field": field,
        "old": in_plain(change.old),
        "new": in_plain(change.new),
    }


def in_plain(value: Any) -> str:
    """A value of a document on one line: lists with commas, parts as `key: value`."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {in_plain(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(in_plain(part) for part in value)
    return "" if value is None else str(value).strip()


def _head(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in UNSAID}


def _by_key(document: Mapping[str, Any], part: str) -> dict[str, Any]:
    if part in TABLES:
        return dict(document.get(part, {}))
    return {str(entry.get("id") or entry.get("key")): entry for entry in document.get(part, [])}


def _parts(part: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for key, entry in now.items():
        title = _title(part, entry)
        if key not in was:
            yield Change("added", part, key, title, new=entry)
        elif part == "segments":
            if was[key] != entry:
                yield Change("changed", part, key, title, "when", was[key], entry)
        else:
            yield from _fields(part, key, title, was[key], entry)
    for key, entry in was.items():
        if key not in now:
            yield Change("removed", part, key, _title(part, entry), old=entry)
    kept_then, kept_now = [k for k in was if k in now], [k for k in now if k in was]
    if part in LISTS and kept_then != kept_now:
        yield Change("changed", part, "", "", "order", kept_then, kept_now)


def _title(part: str, entry: Any) -> str:
    if part == "segments" or not isinstance(entry, Mapping):
        return ""
    return str(entry.get("title") or entry.get("label") or "")


def _fields(
    part: str, key: str, title: str, was: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[Change]:
    for field in {**now, **was}:
        old, new = was.get(field), now.get(field)
        if old != new:
            is_move = part == "steps" and field in ("offset", "track")
            yield Change("moved" if is_move else "changed", part, key, title, field, old, new)


def _is_major(change: Change) -> bool:
    """Whoever starts the new edition must give or do something else than before."""
    if change.part == "variables":
        needed = isinstance(change.new, Mapping) and change.new.get("default") is None
        return change.what == "removed" or (change.what == "added" and needed)
    if change.part == "tracks":
        return change.what in ("added", "removed") or change.field in ("kind", "entry")
    return change.part == "head" and change.field in (
        *("for", "content_kinds", "anchor", "days", "split"),
    )


def _is_minor(change: Change) -> bool:
    if change.part == "steps":
        words = ("title", "purpose", "text", "instruction", "src", "minutes", "order")
        return change.field not in words
    return change.field not in ("title", "summary", "purpose", "licence", "label", "example")


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = (int(number) for number in version.split("."))
    return major, minor, patch
