"""One word, one meaning: docs/glossary.md."""

import re

import pytest

from tests.architecture.source import ROOT, Module, modules, told
from tests.architecture.words import defined_names, words_of

BANNED = {"group", "activity", "score", "task", "manager", "helper", "util", "info", "service"}
# `data` and `user` have one allowed meaning each: the log's column, and a login. Settings are Django's.
LOG_COLUMN = {"chaguan/eventlog/contract.py", "chaguan/eventlog/models.py"}
DJANGOS_OWN = {"chaguan/config/settings.py"}
ROLES = {"service_agent"}  # a role of the playbooks (客服)
LOGIN = re.compile(r"contrib\.auth|get_user_model|AUTH_USER_MODEL|kernel\.actor|user_id")
DOMAIN = {
    "community", "communitie", "room", "membership", "playbook", "edition", "enrolment",
    "assignment", "steward", "segment", "touch", "point", "reward", "metric", "channel",
    "connector", "outbox", "importer", "import", "gathering", "camp",
}  # fmt: skip


def banned_in(module: Module) -> set[str]:
    banned = set(BANNED)
    if module.where not in LOG_COLUMN:
        banned.add("data")
    if not LOGIN.search(module.text):
        banned.add("user")
    return banned


def test_names_use_the_glossary() -> None:
    sentences = [
        f"{module.where}:{line} {name!r} uses the banned word {', '.join(sorted(found))}."
        for module in modules()
        if not module.is_migration and module.where not in DJANGOS_OWN
        for name, line in defined_names(module)
        if name.lower() not in ROLES and (found := words_of(name) & banned_in(module))
    ]

    assert not sentences, told(sorted(set(sentences)))


def test_the_kernel_knows_no_domain_word() -> None:
    sentences = [
        f"{module.where}:{line} {name!r} is a word of the domain; the kernel stands below it."
        for module in modules()
        if module.app == "kernel" and not module.is_test
        for name, line in defined_names(module)
        if words_of(name) & DOMAIN or ("member" in words_of(name) and module.path.stem != "actor")
    ]

    assert not sentences, told(sentences)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("send_score", {"send", "score"}),
        ("TaskQueue", {"task", "queue"}),
        ("users", {"user", "users"}),
        ("HTTPService", {"http", "service"}),
        ("metadata", {"metadata"}),
    ],
)
def test_words_are_found_in_names(name: str, words: set[str]) -> None:
    assert words <= words_of(name)


def test_the_glossary_bans_what_this_test_bans() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("Banned"))

    assert set(re.findall(r"`(\w+)`", line)) == BANNED | {"data", "user"}
