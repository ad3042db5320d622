"""The house of the playbook benchmarks: communities whose people wait on a personal track, set-based.

The members, their passes and their first timers come by SQL, the cohorts by the product, so that the rows
are what a house would hold and a million stand there in seconds. Import it after `common.prepare`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from chaguan.channels.models import Account
from chaguan.communities.models import Membership
from chaguan.communities.testing import make_community, make_room
from chaguan.kernel.rowset import rowset
from chaguan.people.models import Member
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.enrolling import cohort_of
from chaguan.playbooks.models import Edition, Run
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.testing import make_edition, make_run, make_step

STEP = 200_000  # rows in one statement
MONDAY = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
TWO_CLAUSES = {
    "all": [
        {"condition": "messages_at_most", "messages": 3, "community": "here"},
        {"condition": "stage", "stages": ["unaware", "curious", "informed"]},
    ]
}
TRACKS = [
    {"key": "room", "title": "群里", "kind": "room"},
    {
        "key": "person",
        "title": "一对一",
        "kind": "personal",
        "entry": {"at": "new_member", "again": "never"},
    },
]


@dataclass(frozen=True)
class House:
    """The runs, and on which day of the calendar (0 is MONDAY) how many people fall due at 10:00."""

    runs: list[Run]
    members: int
    due_per_day: int
    days: int


def numbers(low: int, high: int) -> tuple[str, str]:
    """What stands before a SELECT over low … high, and what it reads from."""
    if connection.vendor == "postgresql":
        return "", f"generate_series({low}::bigint, {high}) AS numbers(n)"
    head = (
        f"WITH RECURSIVE numbers(n) AS (SELECT {low} UNION ALL SELECT n + 1 FROM numbers"
        f" WHERE n < {high}) "
    )
    return head, "numbers"


def run_sql(sql: str, params: Any = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def build(members: int, *, communities: int, due_per_day: int, step: dict[str, Any]) -> House:
    """A house where `due_per_day` people of `members` come onto the track each day, from MONDAY on."""
    trusting = connection.vendor == "postgresql"
    if trusting:  # no look at what every row refers to: the rows are made here
        run_sql("SET session_replication_role = replica")
    account = Account.objects.create(connector="echo", label="演练", created_at=MONDAY)
    places = []
    for number in range(communities):
        place = make_community(name=f"茶友会{number}", type="")
        make_room(place, connector="echo", account_id=account.pk)
        places.append(place)
    people(members, [place.pk for place in places])
    edition = edition_of(step)
    runs = [make_run(edition=edition, community=place, now=MONDAY) for place in places]
    bring_in(runs, document_of(edition.pk), members, due_per_day)
    if trusting:
        run_sql("RESET session_replication_role")
    settle()
    return House(runs, members, due_per_day, -(-members // due_per_day))


def edition_of(step: dict[str, Any]) -> Edition:
    """Ten private messages, nine of them two months later, for those whom two clauses fit."""
    common = {
        "kind": "touch",
        "track": "person",
        "audience": "person",
        "when": TWO_CLAUSES,
        "promotion": True,
    }
    return make_edition(
        make_step(id="P-1", **{**common, "offset": "P1 10:00", **step}),
        make_step(id="P-2", **{**common, "offset": "P61–P69 10:00"}),
        tracks=TRACKS,
    )


def people(count: int, communities: list[int]) -> None:
    """Members 1 … count, the n-th in community n modulo the number of communities."""
    is_postgres = connection.vendor == "postgresql"
    public_id = (
        "'M' || lpad(n::text, 25, '0')"
        if is_postgres
        else "'M' || substr('0000000000000000000000000' || n, -25)"
    )
    no, at = (
        ("false", f"'{MONDAY:%Y-%m-%d %H:%M:%S}+00'")
        if is_postgres
        else ("0", f"'{MONDAY:%Y-%m-%d %H:%M:%S}'")
    )
    places = " ".join(f"WHEN {place} THEN {pk}" for place, pk in enumerate(communities))
    for low in range(1, count + 1, STEP):
        head, source = numbers(low, min(count, low + STEP - 1))
        run_sql(
            "INSERT INTO people_member (id, public_id, name, is_bot, stage, stage_since, first_seen_at,"
            f" timezone, locale) {head}SELECT n, {public_id}, '茶友' || n, {no}, 'curious', {at}, {at}, '', ''"
            f" FROM {source}".replace("%", "%%")
        )
        run_sql(
            "INSERT INTO communities_membership (state, joined_at, origin, card, messages, community_id,"
            f" member_id) {head}SELECT 'in', {at}, '', '', 0,"
            f" CASE n %% {len(communities)} {places} END, n FROM {source}"
        )
    if is_postgres:
        run_sql("SELECT setval('people_member_id_seq', (SELECT max(id) FROM people_member))")
    settle()


def bring_in(runs: list[Run], document: Playbook, members: int, due_per_day: int) -> None:
    """Members 1 … onto the track of their community at 09:00 of their day: what `enrol` writes, at once.

    The cohorts and their moments are the product's own; passes and first timers are one statement each.
    """
    track = document.track("person")
    days = range(-(-members // due_per_day))
    first = MONDAY.date()
    cohorts = [
        (day, place, cohort_of(run, document, track, first + timedelta(days=day)).pk, run.pk)
        for day in days
        for place, run in enumerate(runs)
    ]
    names = {"day": "bigint", "place": "bigint", "id": "bigint", "run_id": "bigint"}
    sql, params = rowset(names, cohorts)
    run_sql(f"CREATE TABLE bench_cohort AS SELECT * FROM ({sql}) AS v", params)
    run_sql("CREATE INDEX bench_cohort_of ON bench_cohort (day, place)")
    for low in range(1, members + 1, STEP):
        head, source = numbers(low, min(members, low + STEP - 1))
        run_sql(
            "INSERT INTO playbooks_enrolment (run_id, cohort_id, member_id, track, entry, state, entered_s)"
            f" {head}SELECT c.run_id, c.id, n, {document.tracks.index(track)}, 0, 0,"
            f" {seconds(MONDAY)} + c.day * 86400 FROM {source}"
            f" JOIN bench_cohort AS c ON c.day = (n - 1) / {due_per_day} AND c.place = n % {len(runs)}"
            " ORDER BY n".replace("%", "%%")
        )
    # Everybody of a cohort came at one instant, so the first moment is looked for once per cohort.
    run_sql(
        "INSERT INTO playbooks_timer (wake_s, enrolment_id, place)"
        " SELECT f.k / 1024, e.id, f.k % 1024 FROM playbooks_enrolment AS e JOIN ("
        f" SELECT b.id, min(coalesce(c.at_s, {seconds(MONDAY)} + b.day * 86400 + c.after_s) * 1024 + c.place)"
        " AS k FROM bench_cohort AS b JOIN playbooks_cohortstep AS c ON c.cohort_id = b.id"
        " WHERE c.is_chained GROUP BY b.id) AS f ON f.id = e.cohort_id ORDER BY e.id".replace(
            "%", "%%"
        )
    )
    run_sql("DROP TABLE bench_cohort")


def settle() -> None:
    run_sql("ANALYZE")


def clear_outbox() -> None:
    is_postgres = connection.vendor == "postgresql"
    run_sql("TRUNCATE outbox_outboxrow" if is_postgres else "DELETE FROM outbox_outboxrow")


def day_at(day: int, hour: int = 10) -> datetime:
    """10:00 in Shanghai on that day."""
    return MONDAY + timedelta(days=day, hours=hour - 9)


def first_day() -> date:
    return MONDAY.date()


__all__ = [
    "Edition",
    "House",
    "Member",
    "Membership",
    "build",
    "clear_outbox",
    "day_at",
    "numbers",
    "run_sql",
]
