"""chaguan metric, metrics, health, columns: what scripts rely on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.utils import translation

from chaguan.channels.events import MessagePosted
from chaguan.communities.events import MemberJoined
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community
from chaguan.config.cli import Commands
from chaguan.config.commands import columns, health, metric, metrics
from chaguan.eventlog.actions import record_many
from chaguan.insights.contract import metrics as registry
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing, UnknownCode

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english_and_still() -> Iterator[None]:
    with translation.override("en"), clock.moved_to(NOW):
        yield


@pytest.fixture
def tea() -> Community:
    """Two members and a bot speak on two days around a midnight of Shanghai."""
    community = make_community(name="茶友会", slug="cha", opened_at=NOW - timedelta(days=9))
    said = [(1, 9, 15, False), (2, 9, 17, False), (1, 9, 18, False), (3, 9, 18, True)]
    record_many(
        [
            (MemberJoined(community.pk, 1), NOW - timedelta(days=8)),
            *(
                (
                    MessagePosted(community.pk, 1, member, 1, chars=9, is_bot=is_bot),
                    datetime(2026, 3, day, hour, tzinfo=UTC),
                )
                for member, day, hour, is_bot in said
            ),
        ],
        actor=Actor.system(),
    )
    return community


def run(*words: str) -> Result:
    command = {"metric": metric, "metrics": metrics, "health": health, "columns": columns}[words[0]]
    return CliRunner().invoke(command.command, list(words[1:]), catch_exceptions=False)


def test_csv_has_every_period_of_the_range_with_zeros(tea: Community) -> None:
    days = ("--since", "2026-03-08", "--until", "2026-03-11", "--every", "day", "--format", "csv")

    assert run("metric", "messages", "--community", "茶友会", *days).stdout == (
        "period,value\n2026-03-08,0\n2026-03-09,1\n2026-03-10,2\n2026-03-11,0\n"
    )
    utc = run("metric", "messages", "--community", "cha", *days, "--timezone", "UTC", "--with-bots")
    assert utc.stdout == "period,value\n2026-03-08,0\n2026-03-09,4\n2026-03-10,0\n2026-03-11,0\n"


def test_each_metric_prints_its_columns(tea: Community) -> None:
    year = ("--since", "2026-01-01", "--until", "2026-12-31", "--every", "month", "--format", "csv")

    heads = {
        code: run("metric", code, "--community", "茶友会", *year).stdout.splitlines()[0]
        for code, _metric in registry
    }

    assert heads["cohorts"] == "cohort,period_no,active,size"
    assert heads["newcomer_funnel"] == "step,members"
    assert heads["longest_silence"] == "from,until,hours"
    assert heads["concentration"] == "measure,value"
    assert {heads[c] for c in ("messages", "joins", "leaves", "new_members", "mau")} == {
        "period,value"
    }


def test_json_and_tables(tea: Community) -> None:
    words = ("metric", "longest_silence", "--community", "茶友会", "--since", "2026-03-01")

    found = json.loads(run(*words, "--format", "json").stdout)

    assert found[0] == {
        "from": "2026-03-09T23:00:00+08:00",
        "until": "2026-03-10T01:00:00+08:00",
        "hours": 2.0,
    }
    table = run(*words).stdout
    assert "Longest silences" in table
    assert "2026-03-09T23:00:00+08:00" in table


def test_an_unknown_community_is_told_with_names_that_are_near(tea: Community) -> None:
    with pytest.raises(Missing) as error:
        run("metric", "messages", "--community", "茶友")

    assert str(error.value) == "There is no community '茶友'. Did you mean 茶友会?"
    with pytest.raises(
        UnknownCode, match=r"There is no metric 'mesages'\. There are: active_members"
    ):
        run("metric", "mesages", "--community", "茶友会")


def test_wrong_ranges_and_zones_are_one_sentence(tea: Community) -> None:
    def refusal(*words: str) -> str:
        with pytest.raises(Exception) as error:  # noqa: PT011 -- the sentence is what we look at
            run("metric", "messages", "--community", "茶友会", *words)
        return str(error.value)

    assert refusal("--since", "2026-03-02", "--until", "2026-03-01") == (
        "The range ends before it begins."
    )
    assert refusal("--timezone", "Mars/Olympus").startswith("There is no time zone of that name.")
    assert refusal("--since", "1900-01-01").startswith("The range has more than 4,000 periods.")


def test_the_catalogue_names_every_metric() -> None:
    text = run("metrics").stdout
    found = json.loads(run("metrics", "--format", "json").stdout)

    assert [row["code"] for row in found] == [code for code, _metric in registry]
    assert all(f"{code}  " in text for code, _metric in registry)


def test_health_says_state_reasons_and_what_to_do(tea: Community) -> None:
    text = run("health", "--community", "茶友会").stdout
    found = json.loads(run("health", "--format", "json").stdout)

    assert text == (
        "茶友会: Cold  2026-03-11\n"
        "    Messages in 7 days: only 3.\n"
        "    Members who spoke in 7 days: only 2.\n"
        "    → Talk to members one by one over seven days before you write to all. [touch_plan_7d]\n"
    )
    assert [(row["community"], row["state"]) for row in found] == [("茶友会", "cold")]
    assert "Nobody has written anything yet." in run("health", "--on", "2026-03-04").stdout


def test_the_copy_can_be_built_again(tea: Community, tmp_path: Path) -> None:
    # the test's database is inside a transaction, from which nothing may reach the files
    assert run("columns", "--rebuild").stdout == (
        "Facts copied: 0.\nThe copy holds 0 facts in 0 files.\n"
    )


def test_all_four_are_commands_of_chaguan_with_an_example() -> None:
    names = Commands().list_commands(None)  # type: ignore[arg-type] # the context is not used

    assert {"metric", "metrics", "health", "columns"} <= set(names)
    for module in (metric, metrics, health, columns):
        shown = CliRunner().invoke(module.command, ["--help"]).stdout
        assert "Example: chaguan" in shown
    assert "inclusive" in CliRunner().invoke(metric.command, ["--help"]).stdout
