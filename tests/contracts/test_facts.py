"""Every fact in the catalogue keeps the contract of facts."""

import json
import re
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints

import pytest
from django.utils.functional import Promise

from chaguan.eventlog.contract import COLUMNS, Event, Logged, catalogue

OURS = [
    (name, cls)
    for name, cls in catalogue()
    if cls.__module__.startswith("chaguan.") and ".tests" not in cls.__module__
]
ALL = pytest.mark.parametrize(("name", "cls"), OURS, ids=[name for name, _cls in OURS])
PLAIN: dict[Any, Any] = {
    int: 7,
    str: "tea",
    bool: True,
    float: 0.5,
    date: date(2026, 3, 8),
    datetime: datetime(2026, 3, 8, 12, tzinfo=UTC),
}


def plain_value(annotation: Any) -> Any:
    """A value of a plain type; a failure for anything else. Lists and dictionaries of JSON are plain."""
    for kind in (annotation, *get_args(annotation)):
        if kind in PLAIN:
            return PLAIN[kind]
    origin = getattr(annotation, "__origin__", annotation)
    if origin in (list, tuple, dict):
        return origin()
    pytest.fail(f"{annotation} is not a plain value")


def built(cls: type[Event]) -> Event:
    hints = get_type_hints(cls)
    return cls(**{field.name: plain_value(hints[field.name]) for field in fields(cls)})  # type: ignore[arg-type] # a dataclass


@ALL
def test_it_is_a_frozen_dataclass_named_after_its_app(name: str, cls: type[Event]) -> None:
    assert is_dataclass(cls)
    assert cls.__dataclass_params__.frozen
    assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", name)
    assert name.split(".")[0] == cls.__module__.split(".")[1]
    assert len(name) <= 64
    assert not (cls.__doc__ or f"{cls.__name__}(").startswith(f"{cls.__name__}(")


@ALL
def test_operators_can_read_its_title(name: str, cls: type[Event]) -> None:
    assert isinstance(cls.title, Promise)
    assert str(cls.title)


@ALL
def test_its_personal_fields_exist_and_can_be_blanked(name: str, cls: type[Event]) -> None:
    own = {field.name: field for field in fields(cls)}  # type: ignore[arg-type] # a dataclass

    assert set(cls.personal) <= set(own)
    assert not set(cls.personal) & set(COLUMNS)


@ALL
def test_it_comes_back_from_the_log_as_it_went_in(name: str, cls: type[Event]) -> None:
    fact = built(cls)
    data = json.loads(json.dumps(fact.payload()))

    logged = Logged(
        id=1, name=name, at=datetime.now(UTC), actor="system", caused_by=None, depth=0, data=data,
        **fact.columns(),
    )  # fmt: skip

    assert logged.fact() == fact


@ALL
def test_fields_added_later_have_a_default(name: str, cls: type[Event]) -> None:
    """A fact of an old row lacks new fields: after the first default, all have one."""
    has_default = [
        field.default is not MISSING or field.default_factory is not MISSING
        for field in fields(cls)  # type: ignore[arg-type] # a dataclass
    ]

    assert has_default == sorted(has_default)
