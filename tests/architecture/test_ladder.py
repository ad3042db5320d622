"""Imports go down the ladder and through front doors."""

import pytest

from tests.architecture.ladder import (
    FACES,
    FRONT_DOOR,
    HEIGHT,
    KNOWS_EVERY_APP,
    OPEN_TO_ALL,
    RUNG,
)
from tests.architecture.source import PRODUCT, Import, Module, modules, told


def problem_with(module: Module, one: Import) -> str:
    """Why this import is refused, as a sentence; empty when it is fine."""
    own, other = module.app, [*one.name.split("."), ""][1]
    place = f"{module.where}:{one.line}"
    if not other or own not in RUNG:
        return f"{place} imports {one.name}; only apps on the ladder may import each other."
    if own == other:
        return ""
    if other not in RUNG:
        return f"{place} imports {one.name}, which stands on no rung."
    if RUNG[other] >= RUNG[own]:
        return f"{place} imports {one.name}; {own} may only import what stands below it."
    door = [*one.name.split("."), "", ""][2]
    asks = own in FACES and door == "policies"
    is_open = asks or own in KNOWS_EVERY_APP or other in OPEN_TO_ALL or door in FRONT_DOOR
    if module.is_test or is_open:  # tests look behind doors, but never up
        return ""
    return f"{place} imports {one.name}; the doors of {other} are {', '.join(sorted(FRONT_DOOR))}."


def test_every_app_stands_on_a_rung() -> None:
    apps = {path.name for path in PRODUCT.iterdir() if (path / "apps.py").is_file()}

    assert apps == set(RUNG), "an app without a rung, or a rung without an app"


def test_imports_go_down_and_through_front_doors() -> None:
    sentences = [
        sentence
        for module in modules()
        if module.app
        for one in module.imports()
        if (sentence := problem_with(module, one))
    ]

    assert not sentences, told(sentences)


LATE = {"apps.py", "__main__.py"}  # Django is set up first
LATE_PATHS = {"chaguan/config/demo/__init__.py"}  # for `python -m chaguan.config.demo`


def test_nothing_imports_our_code_inside_a_function() -> None:
    sentences = [
        f"{module.where}:{one.line} imports {one.name} inside a function; only apps.py may."
        for module in modules()
        if module.path.name not in LATE and module.where not in LATE_PATHS and not module.is_test
        for one in module.imports()
        if one.is_late
    ]

    assert not sentences, told(sentences)


def test_inside_an_app_imports_go_down_too() -> None:
    sentences = [
        f"{module.where}:{one.line}: {own} may not import {other} of the same app."
        for module in modules()
        if not module.is_test and len(module.parts) > 1 and (own := module.parts[1]) in HEIGHT
        for one in module.imports()
        if one.name.split(".")[1:2] == [module.app]
        and (other := [*one.name.split("."), ""][2]) in HEIGHT
        and HEIGHT[other] > HEIGHT[own]
    ]

    assert not sentences, told(sentences)


def test_migrations_stand_alone() -> None:
    sentences = [
        f"{module.where}:{one.line} imports {one.name}; a migration outlives our code."
        for module in modules()
        if module.is_migration
        for one in module.imports()
    ]

    assert not sentences, told(sentences)


@pytest.mark.parametrize(
    ("path", "name", "is_fine"),
    [
        ("people/selectors.py", "chaguan.kernel.actor", True),
        ("people/selectors.py", "chaguan.eventlog.selectors", True),
        ("people/selectors.py", "chaguan.communities.selectors", False),  # up
        ("eventlog/pump.py", "chaguan.outbox.actions", False),  # sideways
        ("channels/sender.py", "chaguan.people.models", False),  # past the front door
        ("channels/tests/test_sender.py", "chaguan.people.models", True),
        ("people/tests/test_tags.py", "chaguan.communities.testing", False),  # up, even in tests
        ("console/views/member.py", "chaguan.people.policies", True),
        ("playbooks/roles.py", "chaguan.people.policies", False),
        ("config/telemetry.py", "chaguan.outbox.models", True),
        ("kernel/clock.py", "chaguan.ui.icons", False),
    ],
)
def test_the_rule_itself_sees_planted_imports(path: str, name: str, is_fine: bool) -> None:
    sentence = problem_with(Module(PRODUCT / path), Import(name, 1, is_late=False))

    assert (sentence == "") is is_fine
