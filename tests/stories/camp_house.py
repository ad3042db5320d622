"""The house of the camp's story: a copy of the demo, a camp of its own, staff, and the served product."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth import get_user_model

from chaguan.channels.actions.accounts import add_account
from chaguan.communities.actions.adopting import adopt_community
from chaguan.communities.actions.communities import edit_community, prefilled
from chaguan.communities.actions.roles import give_role
from chaguan.communities.actions.rooms import add_room
from chaguan.communities.actions.staff import ensure_defaults, give_post
from chaguan.communities.models import Community
from chaguan.config.processes import answers
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import move_process_tree

SYSTEM = Actor.system("story")
PASSWORD = "tea-leaves-and-water"
NAME = "七日泡茶营（秋季班）"
STAFF = {  # login -> name shown, post in the camp
    "lin": ("林知秋", "community_manager"),
    "cheng": ("程策", "planning_lead"),
    "chen": ("陈老师", "community_manager"),
    "guo": ("郭师傅", "operations_assistant"),
    "song": ("宋顾问", "service_specialist"),
}
# the role of the playbook -> who takes it: a login, or a member by number
ROLES: dict[str, str | int] = {
    "planner": "cheng",
    "operator": "lin",
    "class_teacher": "chen",
    "expert": "guo",
    "salesperson": "song",
    "session_host": 1,
    "class_monitor": 2,
    "teaching_assistant": 0,
}


def fill(base: Path | None, home: Path) -> None:
    """The demo in `home`: copied from `base` where one is given, else built."""
    if base is not None:
        shutil.copytree(base, home, dirs_exist_ok=True)
        return
    program = Path(__file__).resolve().parents[2] / "tools" / "prepare.py"
    subprocess.run([sys.executable, str(program)], check=True)


def make_camp(now: datetime) -> Community:
    """A camp with a class room of its own and the staff of the story, each with a password."""
    ensure_defaults(SYSTEM)
    camp_id = adopt_community(SYSTEM, NAME, now=now, timezone="Asia/Shanghai")
    charter = {
        **prefilled("camp"),
        "type": "camp",
        "purpose": "七天学会用一只盖碗泡好三种茶。",
        "audience": "报了名、能保证每天十五分钟的人。",
        "expected_effect": "八成的人结营时能独立泡一壶给家人喝。",
        "host_name": "陈老师",
        "colour": "#b7791f",
        "closes_at": now + timedelta(days=40),
    }
    edit_community(SYSTEM, camp_id, charter, now=now)
    account = add_account(SYSTEM, "portal", "成员页（秋季班）", now=now)
    add_room(
        SYSTEM, camp_id, "秋季一班", connector="portal", account_id=account.pk, external_id="story-class"
    )  # fmt: skip
    for login, (name, post) in STAFF.items():
        maker = get_user_model().objects
        make = maker.create_superuser if login == "lin" else maker.create_user
        user = make(username=login, password=PASSWORD, first_name=name)
        give_post(SYSTEM, user.pk, post, community_id=camp_id, hours_per_week=30)
    return Community.objects.get(pk=camp_id)


def give_roles(camp: Community, member_ids: list[int], now: datetime) -> None:
    """The in-group roles of the members among ROLES."""
    for role, who in ROLES.items():
        if isinstance(who, int):
            give_role(SYSTEM, camp.pk, member_ids[who], role, now=now)


@dataclass
class Served:
    """`chaguan serve` under a clock that we move."""

    home: Path
    port: int
    clock_file: Path
    kills: list[str] = field(default_factory=list)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        out = (self.home / "serve.log").open("ab")
        command = [sys.executable, "-m", "chaguan.config.cli", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=out, stderr=out)
        end_s = time.monotonic() + 60
        while not answers(f"{self.url}/healthz/live"):
            if time.monotonic() > end_s:
                raise RuntimeError("the server does not answer; see serve.log")
            time.sleep(0.3)

    def move(self, to: datetime) -> None:
        """Let the whole process tree believe it is `to`; from there time runs as usual."""
        move_process_tree(self.clock_file, to=to)

    def kill_worker(self, moment: datetime) -> None:
        """SIGKILL for the worker, in the middle of whatever it does; `serve` starts the next."""
        for pid in self._children():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"work" in words:
                os.kill(pid, signal.SIGKILL)
                self.kills.append(moment.isoformat(timespec="minutes"))

    def _children(self) -> list[int]:
        assert self.process is not None
        found = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            found += [int(pid) for pid in (task / "children").read_text().split()]
        return found

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
