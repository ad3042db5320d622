"""What the pages say about the code holds."""

import re
import tomllib

from tests.architecture.source import ROOT, told

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def test_links_between_pages_lead_somewhere() -> None:
    sentences = [
        f"{page.relative_to(ROOT)} links to {target}, which does not exist."
        for page in PAGES
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not target.startswith(("http:", "https:", "mailto:"))
        and not (page.parent / target).exists()
    ]

    assert not sentences, told(sentences)


def test_every_dependency_has_its_line_in_the_decision() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    decision = (ROOT / "docs/adr/0001-stack-and-dependencies.md").read_text(encoding="utf-8")
    known = set(re.findall(r"[\w@/.-]+", decision))

    missing = {re.split(r"[\[<>=!~]", line)[0] for line in wanted} - known

    assert missing == set(), "dependencies without a line in docs/adr/0001"


def test_every_command_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    quiet = {"ready", "dev"}

    unexplained = [
        target
        for target in targets
        if target not in quiet and not re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)
    ]

    assert unexplained == []


def test_no_address_of_a_registry_is_committed() -> None:
    names = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt")
    locks = [ROOT / name for name in (*names, "package-lock.json", ".npmrc", "pyproject.toml")]
    registry = re.compile(r"https?://[^\s\"]*(?:pypi|pythonhosted|npmjs|registry|simple/)[^\s\"]*")

    found = [f"{path.name}: {m}" for path in locks for m in registry.findall(path.read_text())]

    assert found == []
