"""Migrations are named for their purpose and keep schema and rows apart."""

import re

from tests.architecture.source import modules, told

NAME = re.compile(r"\d{4}_[a-z0-9_]+$")


def test_every_migration_says_its_purpose() -> None:
    sentences = [
        f"{module.where}: name the migration for its purpose, like 0002_one_row_per_key."
        for module in modules()
        if module.is_migration and module.path.stem != "__init__"
        if not NAME.fullmatch(module.path.stem) or "_auto_" in module.path.stem
    ]

    assert not sentences, told(sentences)


def test_every_app_with_tables_has_migrations() -> None:
    apps = {module.app for module in modules() if module.parts[1:2] == ("models",)}
    first = {
        module.app
        for module in modules()
        if module.is_migration and module.path.stem == "0001_initial"
    }

    assert apps - first == set(), "these apps have tables and no first migration"
