"""YAML text to documents and back, with one sentence and the place for everything that is wrong."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, TypeVar

import orjson
import yaml
from django.utils.translation import gettext as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chaguan.eventlog.contract import catalogue
from chaguan.playbooks.contract import speaks_to, steps
from chaguan.playbooks.document import Playbook, ScriptSheet
from chaguan.playbooks.errors import BadDocument, Problem
from chaguan.playbooks.wording import (
    PERSONAL_VARIABLES,
    UnreadableText,
    personal_in_room,
    variables_in,
)

try:  # ten times as fast: an editor reads the text at every keystroke
    from yaml import CSafeLoader as _Base
except ImportError:  # PyYAML built without its C library
    from yaml import SafeLoader as _Base  # type: ignore[assignment] # the same to us

Document = TypeVar("Document", Playbook, ScriptSheet)
MAX_CHARS = 500_000
MAX_DEPTH = 40


class _Loader(_Base):
    """YAML 1.2's idea of plain words: `on`, `yes`, 20:30 and dates stay text."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _value in node.value]
        for key in {k for k in keys if isinstance(k, str) and keys.count(k) > 1}:
            raise yaml.YAMLError(
                _("“%(key)s” is written twice in line %(line)s or after it.")
                % {"key": key, "line": node.start_mark.line + 1}
            )
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?(?:0|[1-9]\d*)$", "-0123456789"),
    ("float", r"^-?\d+\.\d+$", "-0123456789"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, short ones plain, nothing by reference."""

    def ignore_aliases(self, value: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def load_playbook(text: str) -> Playbook:
    """Read a playbook. Raises BadDocument naming every place that is wrong."""
    playbook = _load(text, Playbook)
    problems = [Problem(place, sentence) for place, sentence in playbook.faults()]
    problems += [
        Problem(f"steps › {step.id} › {place}", sentence)
        for step in playbook.steps
        for place, sentence in _kind_faults(step.kind, step)
    ]
    problems += [Problem(place, sentence) for place, sentence in _split_faults(playbook)]
    if problems:
        raise BadDocument(problems)
    return playbook


def load_scripts(text: str) -> ScriptSheet:
    """Read a sheet of scripts. Raises BadDocument naming every place that is wrong."""
    sheet = _load(text, ScriptSheet)
    if problems := [Problem(place, sentence) for place, sentence in sheet.faults()]:
        raise BadDocument(problems)
    return sheet


def plain(document: Playbook | ScriptSheet) -> dict[str, Any]:
    """What the author wrote, as plain values in the order of the format."""
    return document.model_dump(mode="json", by_alias=True, exclude_unset=True)


def dump(document: Playbook | ScriptSheet) -> str:
    """YAML that reads back as an equal document."""
    return as_yaml(plain(document))


def content_hash(document: Playbook | ScriptSheet) -> str:
    """SHA-256 over the content; the order of keys and the layout do not count."""
    return hash_of(plain(document))


def hash_of(values: dict[str, Any]) -> str:
    """SHA-256 over plain values, whatever the order of their keys."""
    return sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def written(text: str) -> dict[str, Any]:
    """What stands in the text, as plain values; not yet a document. Raises BadDocument."""
    if len(text) > MAX_CHARS:
        raise BadDocument([Problem("", _("The text is longer than 500,000 characters."))])
    try:
        _refuse_oddities(text)
        values = yaml.load(text, Loader=_Loader)  # noqa: S506 -- a SafeLoader with fewer types
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise BadDocument([Problem(*_yaml_fault(error))]) from error
    if not isinstance(values, dict):
        raise BadDocument([Problem("", _("A document starts with a line such as key: name."))])
    return values


def tree_of(text: str) -> yaml.MappingNode:
    """The text as YAML nodes, with the line and column of each. For texts that `written` has read."""
    node = yaml.compose(text, Loader=_Loader)
    assert isinstance(node, yaml.MappingNode)
    return node


def as_yaml(values: Any) -> str:
    """Plain values in the writing of the library."""
    return yaml.dump(values, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def _refuse_oddities(text: str) -> None:
    """Aliases, and parts inside parts without end: the C library would follow both blindly."""
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError(_("Aliases (*name) are not allowed; write the part out."))
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise yaml.YAMLError(_("The text is nested too deeply."))


def _load(text: str, form: type[Document]) -> Document:
    values = written(text)
    try:
        return form.model_validate(values)
    except ValidationError as error:
        places = [fault["loc"] for fault in error.errors()]
        faults = [
            fault
            for fault in error.errors()
            if not any(fault["loc"] == place[: len(fault["loc"])] != place for place in places)
        ]  # a list whose parts are wrong is called empty as well
        raise BadDocument([_problem(fault, values) for fault in faults]) from error


def _yaml_fault(error: Exception) -> tuple[str, str]:
    mark = getattr(error, "problem_mark", None)
    place = _("line %(line)s") % {"line": mark.line + 1} if mark else ""
    return place, str(getattr(error, "problem", None) or error)


def _kind_faults(code: str, step: Any) -> list[tuple[str, str]]:
    if code not in steps:
        known = ", ".join(name for name, _kind in steps)
        sentence = _("There is no step kind “%(code)s”; there are %(known)s.")
        return [("kind", sentence % {"code": code, "known": known})]
    kind = steps.get(code)
    try:
        fields = kind.fields.model_validate(step.with_)
    except ValidationError as error:
        return [
            ("with › " + _place(fault["loc"], {}), _sentence(fault)) for fault in error.errors()
        ]
    found = list(kind.faults(step, fields))
    if step.text and speaks_to(code, step.audience) == "room":
        found += [("text", sentence) for sentence in _personal_words(step)]
    return found


def _split_faults(playbook: Playbook) -> Iterator[tuple[str, str]]:
    """A control arm hears nothing, and a goal is a fact that is recorded."""
    if playbook.split is None:
        return
    controls = {arm.key for arm in playbook.split.arms if arm.control}
    for step in playbook.steps:
        if step.arm in controls and step.kind in steps and steps.get(step.kind).speaks:
            yield (
                f"steps › {step.id} › arm",
                _("A control arm hears nothing; give this another arm."),
            )
    fact = playbook.split.goal.fact
    if fact not in {name for name, _fact in catalogue()}:
        yield "split › goal › fact", _("There is no fact “%(name)s”.") % {"name": fact}


def _personal_words(step: Any) -> list[str]:
    """Variables of a single member in a text to a room. Broken markup is reported elsewhere."""
    try:
        used = variables_in(step.text)
    except UnreadableText:
        return []
    return [personal_in_room(name) for name in sorted(used & PERSONAL_VARIABLES - set(step.values))]


def _problem(fault: ErrorDetails, written: dict[str, Any]) -> Problem:
    return Problem(_place(fault["loc"], written), _sentence(fault))


def _place(loc: tuple[int | str, ...], written: Any) -> str:
    """`steps › TCH-03 › offset`: list places are named by id or key where there is one."""
    words: list[str] = []
    here = written
    for part in loc:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        named = here.get("id") or here.get("key") if isinstance(here, dict) else None
        words.append(str(named or part + 1) if isinstance(part, int) else str(part))
    return " › ".join(words)


def _sentence(fault: ErrorDetails) -> str:
    context = {key: str(value) for key, value in fault.get("ctx", {}).items()}
    given = str(fault["input"])[:60]
    match fault["type"]:
        case "missing" if fault["loc"][-1] == "purpose":
            return _("The purpose is missing; say in one sentence why this exists.")
        case "missing":
            return _("This is missing.")
        case "extra_forbidden":
            return _("This word is not known here.")
        case "enum" | "literal_error":
            return _("“%(given)s” is not known; there are %(known)s.") % {
                "given": given,
                "known": context["expected"],
            }
        case "string_pattern_mismatch":
            return _("“%(given)s” does not have the right form.") % {"given": given}
        case "string_too_short" | "too_short":
            return _("This is empty.")
        case "string_too_long":
            return _("This is longer than %(max)s characters.") % {"max": context["max_length"]}
        case "value_error":
            return context["error"]
    return _("“%(given)s” cannot stand here.") % {"given": given}
