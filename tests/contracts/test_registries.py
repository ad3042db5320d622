"""What holds for every extension, whatever it extends: its code, its file, its words in both languages."""

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from django.utils import translation

from chaguan.channels.contract import connectors, importers
from chaguan.insights.contract import metrics
from chaguan.kernel.registry import Registry
from chaguan.people.contract import conditions
from chaguan.playbooks.contract import steps
from chaguan.rewards.contract import rules

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*$")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
REGISTRIES: list[Registry[Any]] = [connectors, importers, metrics, conditions, steps, rules]
ENTRIES = [
    pytest.param(registry, code, item, id=f"{registry.kind}:{code}".replace(" ", "_"))
    for registry in REGISTRIES
    for code, item in registry
]
every_entry = pytest.mark.parametrize(("registry", "code", "item"), ENTRIES)
every_registry = pytest.mark.parametrize("registry", REGISTRIES, ids=lambda one: one.kind)


@every_registry
def test_every_file_of_the_folder_registers_something(registry: Registry[Any]) -> None:
    folders = {home_of(item).rpartition(".")[0] for _code, item in registry}
    homes = {home_of(item) for _code, item in registry}

    silent = [
        f"{folder}.{module.name}"
        for folder in folders
        for module in iter_modules(import_module(folder).__path__)
        if not module.ispkg and f"{folder}.{module.name}" not in homes
    ]

    assert silent == [], "files in a registry's folder that register nothing"


@every_entry
def test_its_code_is_permanent_snake_case(registry: Registry[Any], code: str, item: Any) -> None:
    assert CODE.fullmatch(code)
    assert len(code) <= 32


@every_entry
def test_its_label_reads_well_in_both_languages(
    registry: Registry[Any], code: str, item: Any
) -> None:
    label = getattr(item, "label", None) or item.title

    with translation.override("en"):
        english = str(label)
    with translation.override("zh-hans"):
        chinese = str(label)

    assert english
    assert not CHINESE.search(english)
    assert chinese


def home_of(item: Any) -> str:
    """The module where an entry is declared: its class's, or its function's for rules."""
    source = getattr(item, "amount", None) or type(item)
    return str(source.__module__)
