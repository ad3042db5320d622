"""One camp of seven days, lived through in minutes: the real product, 200 members, a real browser.

    python -m tests.stories.camp --home /tmp/camp --shots /tmp/camp-shots [--members 200] [--base DEMO_HOME]

`--home` is a folder that is thrown away; `--base` a CHAGUAN_HOME with a fresh demo to copy, which saves
building one. Serves the product with its worker under a moved clock, jumps from event to event, kills the
worker twice with SIGKILL, and prints a table of numbers as JSON. Not collected by pytest.
"""

import argparse
import json
import os
import time
import traceback
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from chaguan.playbooks.models import Run

ZONE = ZoneInfo("Asia/Shanghai")
LEAD, LAST = 11, 13  # days from joining to D1; the day of the camp on which the story ends
SOON = timedelta(seconds=20)
PATIENCE_S = 40  # a killed worker is back long before
# What people do by themselves, by the clock.
HOURS = {
    clock_time(8, 10): "early",
    clock_time(9, 30): "morning",
    clock_time(13, 15): "noon",
    clock_time(15, 30): "afternoon",
    clock_time(18, 20): "dusk",
    clock_time(20, 25): "evening",
    clock_time(20, 50): "offer",
    clock_time(21, 45): "late",
    clock_time(22, 15): "night",
}
QUIET = (clock_time(22, 15),)  # hours of the days before the camp


class Story:
    """The camp, day by day."""

    def __init__(self, options: argparse.Namespace) -> None:
        from tests.stories.camp_house import Served

        self.options = options
        self.chance = Random(7)
        self.now = datetime.now(ZONE).replace(microsecond=0)
        self.served = Served(options.home, options.port, options.home / "clock.json")
        self.began_s = time.monotonic()
        self.staff_done: dict[str, dict[str, int]] = {}
        self.days_s: dict[int, float] = {}
        self.waits: list[float] = []

    def run(self, browser: Any) -> dict[str, Any]:
        from tests.stories.camp_agree import differences
        from tests.stories.camp_count import numbers
        from tests.stories.camp_house import make_camp
        from tests.stories.camp_operator import DESK, Eyes, Operator

        self.served.move(self.now)
        self.camp = make_camp(self.now)
        self.served.start()
        try:
            self.eyes = Eyes(browser, self.served.url, self.options.shots, lambda: self.now)
            self._people_come()
            self.operator = Operator(self.eyes, self.eyes.page(DESK))
            self.operator.log_in()
            self._start()
            broke_off = self._live_to_the_end()
            by_people = sum(sum(mine.values()) for mine in self.staff_done.values())
            return {
                "broke_off": broke_off,
                "differences": differences(self._run(), self.now, done_by_people=by_people),
                **numbers(self._run(), self.now, self.preview),
                "deeds": dict(self.people.deeds),
                "refused": dict(self.people.refused),
                "staff": self.staff_done,
                "kills": self.served.kills,
                "seconds": round(time.monotonic() - self.began_s),
                "seconds_by_day": self.days_s,
                "slowest_rest_s": round(max(self.waits), 1),
                "browser_complaints": self.eyes.told,
                "preview_page": self.operator.preview,
            }
        finally:
            self.served.stop()

    def _live_to_the_end(self) -> str:
        """Returns where the story broke off; the numbers up to there are worth reading, too."""
        try:
            self._live()
            self._end()
        except Exception:  # a story that breaks off still tells its numbers, with where it broke
            return traceback.format_exc(limit=-6)
        return ""

    def _people_come(self) -> None:
        from chaguan.communities.models import Membership, Room
        from tests.stories.camp_house import STAFF, give_roles
        from tests.stories.camp_people import Browser, Class, log_in

        room = Room.objects.get(community=self.camp)
        self.people = Class(self.camp.public_id, room.pk, self.chance)
        self.people.join(self.served.url, self.options.members)
        rows = (
            Membership.objects.filter(community=self.camp).order_by("pk").select_related("member")
        )
        self.members = [row.member for row in rows]
        assert len(self.members) == self.options.members, self.people.refused
        give_roles(self.camp, [m.pk for m in self.members], self.now)
        self.logins = {}
        for login in STAFF:
            self.logins[login] = Browser(self.served.url, "10.9.9.9")
            log_in(self.logins[login], login, _password())

    def _start(self) -> None:
        from django.contrib.auth import get_user_model

        from chaguan.kernel.actor import Actor
        from chaguan.playbooks.actions.preview import preview_run
        from chaguan.playbooks.actions.runs import Start
        from chaguan.playbooks.roles import Person
        from tests.stories.camp_house import ROLES
        from tests.stories.camp_operator import VALUES

        ids = dict(get_user_model().objects.values_list("username", "pk"))
        tokens, people = {}, {}
        for role, who in ROLES.items():
            is_member = isinstance(who, int)
            pk = self.members[who].pk if isinstance(who, int) else ids[who]
            tokens[role] = f"{'m' if is_member else 'u'}-{pk}"
            people[role] = Person(member_id=pk) if is_member else Person(user_id=pk)
        first = self.now.date() + timedelta(days=LEAD)
        self.first_day = first
        self.operator.start(self.camp.pk, first, tokens)
        run = self._run()
        start = Start(starts_on=first, values=VALUES, people=people)
        self.preview = preview_run(
            Actor.staff(ids["lin"]), run.edition_id, self.camp.pk, start, now=self.now, days=30
        )

    def _live(self) -> None:
        run = self._run()
        last = run.starts_on + timedelta(days=LAST + 1)  # one night's pause moves it by a day
        end = datetime.combine(last, clock_time(8), ZONE)
        day_began, today = time.monotonic(), self._day()
        while (coming := self._next()) < end:
            at, deed = coming, HOURS.get(coming.time())
            self._jump(at + SOON, kill=self._is_kill(at))
            if deed:
                getattr(self, f"_{deed}")(self._lived_day())
                self._rest()
            if self._day() != today:
                self.days_s[today] = round(time.monotonic() - day_began, 1)
                print(f"D{today} {self.days_s[today]} s {dict(self.people.deeds)}", flush=True)
                day_began, today = time.monotonic(), self._day()
        self._jump(end)

    def _next(self) -> datetime:
        """The next thing on the clock: the product's, or what people do by themselves."""
        from django.db.models import Min

        from chaguan.outbox.models import OutboxRow
        from chaguan.playbooks.models import Enrolment, Occurrence, Timer

        later, run = self.now + timedelta(seconds=1), self.operator.run_id
        mine = Enrolment.objects.filter(run=run).values("pk")
        rows = OutboxRow.objects.filter(
            community_id=self.camp.pk, state="planned", due_at__gt=later
        )
        steps = Occurrence.objects.filter(run=run, state="waiting", due_at__gt=later)
        found = [few.aggregate(at=Min("due_at"))["at"] for few in (steps, rows)]
        timers = Timer.objects.filter(enrolment_id__in=mine, wake_s__range=_horizon(later))
        wake = timers.aggregate(at=Min("wake_s"))["at"]
        found.append(datetime.fromtimestamp(wake, ZONE) if wake else None)
        for days in (0, 1):
            day = self.now.date() + timedelta(days=days)
            hours = HOURS if self._day(datetime.combine(day, clock_time(12), ZONE)) >= 0 else QUIET
            found += [at for hour in hours if (at := datetime.combine(day, hour, ZONE)) > self.now]
        coming: datetime = min(at for at in found if at is not None)
        return coming.astimezone(ZONE)

    def _jump(self, to: datetime, *, kill: bool = False) -> None:
        self.now = to
        self.served.move(to)
        if kill:
            time.sleep(0.35)
            self.served.kill_worker(to)
            time.sleep(1)
        self._rest()

    def _rest(self) -> None:
        """Wait until the worker has nothing left: nothing is due, the log and the outbox stand still."""
        from tests.stories.camp_count import is_behind, signature

        began, same, before = time.monotonic(), 0, None
        while same < 3 or (
            is_behind(self.camp.pk, self.now) and time.monotonic() - began < PATIENCE_S
        ):
            time.sleep(0.25)
            present = signature()
            same = same + 1 if present == before else 0
            before = present
        self.waits.append(time.monotonic() - began)

    def _is_kill(self, at: datetime) -> bool:
        moments = ((2, clock_time(21, 30)), (7, clock_time(10, 0)))
        return (self._day(at), at.time()) in moments

    def _lived_day(self) -> int:
        """Days since the first one as it was chosen: what people do happens once, whatever is moved."""
        return (self.now.date() - self.first_day).days + 1

    def _day(self, at: datetime | None = None) -> int:
        return ((at or self.now).date() - self._run_starts).days + 1

    @property
    def _run_starts(self) -> date:
        return self._run().starts_on

    def _run(self) -> "Run":
        from chaguan.playbooks.models import Run

        return Run.objects.select_related("community").get(pk=self.operator.run_id)

    # What people do by the clock -------------------------------------------------------------

    def _early(self, day: int) -> None:
        if day == 4:
            self.operator.press("resume", "resumed")
            self._rest()
        self._sheets()

    def _morning(self, day: int) -> None:
        if day >= 1:
            self.people.sign_in()
        if day == 2:
            self.operator.shift_step("CMP-16", 1, "周四晚上场地有人用")
        if day == 5:
            self.operator.skip("CMP-17", "结营时间已在班会上当面说过")
        if day == 6:
            self.operator.hand_back(self.members[30].public_id)
        if day in (3, 7):
            self.operator.look(f"d{day}")

    def _noon(self, day: int) -> None:
        self._sheets()
        if day == 4:
            self.operator.take_over(self.members[30].public_id)
            self.people.leave(31)
        if day in (3, 5, 6):
            self.people.opt_out(22 + day)
        if day == 8:
            for number in (3, 33):
                self.operator.note_order(self.members[number].public_id, f"TEA-{number}")

    def _afternoon(self, day: int) -> None:
        if day == 4:
            self.eyes.see(
                self.operator.page, "d4-member-held", f"/members/{self.members[30].public_id}/"
            )

    def _dusk(self, day: int) -> None:
        """After work, before the class: what goes to people one by one is agreed to in time."""
        from tests.stories.camp_phones import look_at_duty

        if day == 1:
            look_at_duty(self.eyes, self.people, "d1-dusk")
        self._sheets()

    def _evening(self, day: int) -> None:
        from tests.stories.camp_phones import look_at_duty, look_at_rooms

        if 1 <= day <= 8:
            self.people.talk()
        if day in (1, 3):
            look_at_duty(self.eyes, self.people, f"d{day}")
            look_at_rooms(self.eyes, self.people, f"d{day}")

    def _offer(self, day: int) -> None:
        if day == 7:
            self.eyes.see(self.operator.page, "d7-offer-today", "/")
            self._sheets()

    def _late(self, _day: int) -> None:
        self._sheets()  # what is to reach people before the quiet hours

    def _night(self, day: int) -> None:
        if day == 3:
            self.eyes.see(self.operator.page, "d3-report", f"/communities/{self.camp.slug}/day/")
        self._sheets()
        if day == 3:
            self.operator.press("pause", "paused")
        if day == 9:
            self.people.rate(self.operator.run_id)

    def _sheets(self) -> None:
        """Staff work their page of today, stewards their sheet on the phone; twice, for what a yes opens."""
        from chaguan.playbooks.models import Assignment
        from tests.stories.camp_people import work_sheet

        open_lines = Assignment.objects.filter(run=self.operator.run_id, state="open")
        busy = {*open_lines.values_list("user__username", flat=True)}
        for login, browser in self.logins.items():
            if login not in busy:
                continue
            for kind, amount in work_sheet(browser, self.people.refused).items():
                mine = self.staff_done.setdefault(login, {})
                mine[kind] = mine.get(kind, 0) + amount
        for number in (0, 1, 2):
            if not open_lines.filter(member=self.members[number]).exists():
                continue
            mine = self.staff_done.setdefault(f"member {number}", {})
            mine["duty"] = mine.get("duty", 0) + self.people.do_duty(number)

    def _end(self) -> None:
        """The run is over: the hourly look ends it, people go on, the operator closes."""
        from tests.stories.camp_operator import DESK, PHONE

        for hours in range(1, 6):
            self._jump(self.now + timedelta(hours=1))
            print(f"after {hours} h: {self._run().state}", flush=True)
        self.people.rate(self.operator.run_id)
        self._rest()
        self.operator.look("over")
        self.operator.close()
        end = f"{self.operator.run_url}end/"
        phone = self.eyes.page(PHONE, self.logins["lin"].jar)
        self.eyes.see(phone, "end-on-a-phone", end)
        self.eyes.see(phone, "today-on-a-phone", "/")
        desk = self.eyes.page(DESK, self.logins["lin"].jar)
        self.eyes.see(desk, "community", f"/communities/{self.camp.slug}/")
        self.eyes.see(desk, "outbox", "/outbox/")
        self.eyes.see(desk, "camp-board", f"/communities/{self.camp.slug}/board/")
        self.eyes.see(desk, "runs", "/playbooks/runs/")
        self.eyes.see(desk, "member", f"/members/{self.members[3].public_id}/")


def _horizon(since: datetime) -> tuple[float, float]:
    """The timers that are on the clock: those of a paused run are parked far beyond it."""
    return since.timestamp(), (since + timedelta(days=60)).timestamp()


def _password() -> str:
    from tests.stories.camp_house import PASSWORD

    return PASSWORD


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--shots", type=Path, required=True)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--chromium", default="")
    options = parser.parse_args()
    options.home.mkdir(parents=True, exist_ok=True)
    options.shots.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "CHAGUAN_HOME": str(options.home),
        "CHAGUAN_HASHED_STATIC": "0",  # the styles of this tree, not of the last build
        "CHAGUAN_PROXY_COUNT": "1",  # each member comes from an address of her own
        "DJANGO_SETTINGS_MODULE": "chaguan.config.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # the browser's loop and the database share this thread
    }
    import django

    django.setup()
    from playwright.sync_api import sync_playwright

    from tests.stories.camp_house import fill

    fill(options.base, options.home)
    os.environ["CHAGUAN_CLOCK_FILE"] = str(options.home / "clock.json")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=options.chromium or None)
        told = Story(options).run(chromium)
        chromium.close()
    options.home.joinpath("numbers.json").write_text(
        json.dumps(told, ensure_ascii=False, default=str)
    )
    print(json.dumps(told, ensure_ascii=False, indent=1, default=str))


if __name__ == "__main__":
    main()
