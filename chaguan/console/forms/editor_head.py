"""The head of a draft in a form: what it is, whom it fits, its variables, phases, tracks, what comes after.

Lists are edited row by row; an empty row goes away, one more is always there to fill in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.communities.words import CONTENT_LABELS, TYPE_LABELS
from chaguan.playbooks.selectors.drafts import parts_of
from chaguan.ui.forms import dress

ANCHORS = (
    ("run_start", _("the start of the run")),
    ("event", _("an event")),
    ("person_joining", _("each person's joining")),
)
HOLIDAYS = (
    ("", _("as usual")),
    ("keep", _("do it all the same")),
    ("shift", _("on the next working day")),
    ("skip", _("leave it out")),
)
TRACK_KINDS = (
    ("room", _("once for the room")),
    ("personal", _("for each person on their own days")),
)


@dataclass(frozen=True)
class ListOf:
    """One list of the head: its name and the columns of a row: name, label, choices."""

    name: str
    label: Any
    columns: Sequence[tuple[str, Any, Sequence[tuple[str, Any]]]]


LISTS = (
    ListOf(
        "variables",
        _("Variables"),
        (
            ("key", _("Name"), ()),
            ("label", _("What it is"), ()),
            ("example", _("Example"), ()),
            ("default", _("Usual value"), ()),
        ),
    ),
    ListOf(
        "phases",
        _("Phases"),
        (("key", _("Name"), ()), ("title", _("Title"), ()), ("purpose", _("Purpose"), ())),
    ),
    ListOf(
        "tracks",
        _("Tracks"),
        (
            ("key", _("Name"), ()),
            ("title", _("Title"), ()),
            ("kind", _("Kind"), TRACK_KINDS),
            ("entry_at", _("Comes in at"), ()),
            ("entry_audience", _("Who comes in"), ()),
            ("stop", _("Stops: trigger = reason; …"), ()),
        ),
    ),
    ListOf(
        "then",
        _("What comes after, in order"),
        (
            ("who", _("Segment; empty: everybody else"), ()),
            ("start", _("Key of the playbook"), ()),
            ("why", _("Why"), ()),
        ),
    ),
    ListOf(
        "outcome",
        _("The result is weak below"),
        (
            (
                "key",
                _("Rate"),
                (
                    ("", "–"),
                    ("reply_rate", _("share who answer")),
                    ("check_in_rate", _("share who check in")),
                    ("rating", _("rating")),
                ),
            ),
            ("bar", _("Bar"), ()),
        ),
    ),
)


class HeadForm(forms.Form):
    """The plain fields of the head."""

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    purpose = forms.CharField(
        label=_("Why run it"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    summary = forms.CharField(
        label=_("In short"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    for_ = forms.MultipleChoiceField(
        label=_("Types of community (none: every type)"),
        required=False,
        choices=[(code.value, label) for code, label in TYPE_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    content_kinds = forms.MultipleChoiceField(
        label=_("What such a community delivers (none: anything)"),
        required=False,
        choices=[(code.value, label) for code, label in CONTENT_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    anchor = forms.ChoiceField(label=_("Counts from"), choices=ANCHORS, required=False)
    start_time = forms.RegexField(r"^\d\d:\d\d$", label=_("First hour"), required=False)
    days = forms.IntegerField(
        label=_("Length in days (empty: open-ended)"), min_value=1, max_value=400, required=False
    )
    holidays = forms.ChoiceField(label=_("On holidays"), choices=HOLIDAYS, required=False)

    def __init__(self, head: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> None:
        self.head = head
        initial = {
            "anchor": "run_start",
            "start_time": "10:00",
            **head,
            "for_": head.get("for", []),
            "content_kinds": head.get("content_kinds", []),
        }
        super().__init__(given, initial=initial)
        dress(self)

    def changes(self) -> dict[str, Any]:
        """Fields that differ from the head; None takes one away. Call after is_valid."""
        usual = {"anchor": "run_start", "start_time": "10:00"}
        found: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            key = name.rstrip("_")
            if value == self.head.get(key, usual.get(key, "" if isinstance(value, str) else None)):
                continue
            if value in ("", None, []):
                if key in self.head:
                    found[key] = None
            else:
                found[key] = value
        return found


def rows_of(head: dict[str, Any], part: ListOf) -> list[dict[str, str]]:
    """The rows of one list as plain texts, and an empty one."""
    reader = _READERS.get(part.name, _plain_rows)
    rows = [
        {k: "" if v is None else str(v) for k, v in row.items()} for row in reader(head, part.name)
    ]
    return [*rows, {}]


def read_rows(head: dict[str, Any], part: ListOf, given: Any) -> Any:
    """The list as posted, as the document writes it. Fields that no column shows are kept by name."""
    rows: list[dict[str, str]] = []
    number = 0
    while f"{part.name}-{number}" in given and number < 200:
        row = {
            column: str(given.get(f"{part.name}-{number}-{column}", "")).strip()
            for column, _label, _choices in part.columns
        }
        if any(value for column, value in row.items() if column != "kind"):
            rows.append(row)
        number += 1
    return _WRITERS[part.name](head, rows)


def _plain_rows(head: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return parts_of(head, name)


def _variable_rows(head: dict[str, Any], name: str) -> list[dict[str, Any]]:
    known = head.get(name)
    return (
        [{"key": k, **v} for k, v in known.items() if isinstance(v, dict)]
        if isinstance(known, dict)
        else []
    )


def _track_rows(head: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = []
    for track in parts_of(head, name):
        entry = track.get("entry") if isinstance(track.get("entry"), dict) else {}
        stops = "; ".join(f"{s.get('on')} = {s.get('reason')}" for s in parts_of(track, "stop"))
        rows.append(
            {
                **track,
                "entry_at": (entry or {}).get("at"),
                "entry_audience": (entry or {}).get("audience"),
                "stop": stops,
            }
        )
    return rows


def _then_rows(head: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A tree under `who` has no row of its own words: it is kept and shown as …"""
    return [
        {**line, "who": "…" if isinstance(line.get("who"), dict) else line.get("who")}
        for line in parts_of(head, name)
    ]


def _outcome_rows(head: dict[str, Any], name: str) -> list[dict[str, Any]]:
    bars = head.get(name)
    return [{"key": k, "bar": v} for k, v in bars.items()] if isinstance(bars, dict) else []


def _write_variables(head: dict[str, Any], rows: Sequence[Mapping[str, str]]) -> Any:
    known = head.get("variables") if isinstance(head.get("variables"), dict) else {}
    found = {}
    for row in rows:
        old = (known or {}).get(row["key"])
        fresh = {**(old if isinstance(old, dict) else {})}
        for name in ("label", "example", "default"):
            _put(fresh, name, row[name])
        found[row["key"]] = fresh
    return found or None


def _write_phases(head: dict[str, Any], rows: Sequence[Mapping[str, str]]) -> Any:
    return [_merged(head, "phases", row, ("key", "title", "purpose")) for row in rows] or None


def _write_tracks(head: dict[str, Any], rows: Sequence[Mapping[str, str]]) -> Any:
    found = []
    for row in rows:
        track = _merged(head, "tracks", row, ("key", "title"))
        if row["kind"] != track.get("kind", "room"):
            track["kind"] = row["kind"] or "room"
        entry = dict(track.get("entry") or {}) if isinstance(track.get("entry"), dict) else {}
        _put(entry, "at", row["entry_at"])
        _put(entry, "audience", row["entry_audience"])
        _put(track, "entry", entry or None)
        stops = [piece.partition("=") for piece in row["stop"].split(";") if piece.strip()]
        _put(
            track,
            "stop",
            [{"on": on.strip(), "reason": why.strip()} for on, _eq, why in stops] or None,
        )
        found.append(track)
    return found or None


def _write_then(head: dict[str, Any], rows: Sequence[Mapping[str, str]]) -> Any:
    old = {str(line.get("start")): line for line in parts_of(head, "then")}
    found = []
    for row in rows:
        kept = old.get(row["start"], {}).get("who") if row["who"] == "…" else row["who"]
        line: dict[str, Any] = {}
        for name, value in (("who", kept), ("start", row["start"]), ("why", row["why"])):
            _put(line, name, value)
        found.append(line)
    return found or None


def _write_outcome(head: dict[str, Any], rows: Sequence[Mapping[str, str]]) -> Any:
    return {row["key"]: _figure(row["bar"]) for row in rows if row["key"] and row["bar"]} or None


def _figure(text: str) -> Any:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _merged(
    head: dict[str, Any], name: str, row: Mapping[str, str], fields: Sequence[str]
) -> dict[str, Any]:
    old: dict[str, Any] = next((p for p in parts_of(head, name) if p.get("key") == row["key"]), {})
    fresh = dict(old)
    for field in fields:
        _put(fresh, field, row[field])
    return fresh


def _put(part: dict[str, Any], name: str, value: Any) -> None:
    if value in ("", None):
        part.pop(name, None)
    else:
        part[name] = value


_READERS = {
    "variables": _variable_rows,
    "tracks": _track_rows,
    "then": _then_rows,
    "outcome": _outcome_rows,
}
_WRITERS = {
    "variables": _write_variables,
    "phases": _write_phases,
    "tracks": _write_tracks,
    "then": _write_then,
    "outcome": _write_outcome,
}
