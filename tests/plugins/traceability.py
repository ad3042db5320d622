"""Which tests prove which requirement: collects `@pytest.mark.req("SOP-02")` and what came of them.

An ID that does not exist fails the collection. `--requirements FILE` writes
`{"SOP-02": {"tests": [node ids], "passed": true | false | null}}`; null: collected, not run.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

TITLES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "requirement-titles.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--requirements", metavar="FILE", help="write what each requirement's tests did"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Traceability(config), "traceability-collector")


class Traceability:
    """Keeps the tests of each requirement and the outcome of each test."""

    def __init__(self, config: pytest.Config) -> None:
        self.file: str | None = config.getoption("--requirements")
        self.tests: dict[str, set[str]] = defaultdict(set)
        self.outcomes: dict[str, bool] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        titles = json.loads(TITLES.read_text(encoding="utf-8"))
        for item in items:
            for mark in item.iter_markers("req"):
                for code in mark.args:
                    if code not in titles:
                        raise pytest.UsageError(
                            f"{item.nodeid} is marked with {code!r}; there is no such requirement."
                        )
                    self.tests[code].add(test_name(item.nodeid))

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = test_name(report.nodeid)
        self.outcomes[name] = self.outcomes.get(name, True) and report.passed

    def pytest_sessionfinish(self) -> None:
        if not self.file:
            return
        found = {
            code: {"tests": sorted(tests), "passed": self._verdict(tests)}
            for code, tests in sorted(self.tests.items())
        }
        Path(self.file).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")

    def _verdict(self, tests: set[str]) -> bool | None:
        """True when all passed; None when one did not run; a skipped test has proved nothing."""
        known = [self.outcomes.get(test) for test in tests]
        return None if None in known else all(known)


def test_name(node_id: str) -> str:
    """The test's id without its parameters: they carry values that may change from run to run."""
    return node_id.partition("[")[0]
