"""How fast the playbook editor answers, and with how many queries: two of the library, and 90 days of 80 steps.

    python benchmarks/editor_page.py [--database postgres]

The page is asked through the whole stack, with one step open. The bare side renders the page's own template
once more from a context that is ready: what is above it is reading the draft, checking it, rights, session.
Bars: at most 300 ms at p95 and 30 queries; autosave of one field of a step likewise. The processor's
milliseconds stand beside them, which other people's work on the machine spares.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from common import arguments, cpu_seconds, prepare


def main() -> None:
    parser = arguments(__doc__ or "", rows=80)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    with prepare(options.database):
        pages = build(options.rows)
        print(f"{options.database}; p50 and p95 of {options.times}, in ms; ratio to bare rendering")
        for name, (client, url, code) in pages.items():
            show_page(name, client, url, code, options.times)


def build(steps: int) -> dict[str, tuple[Any, str, str]]:
    """A draft of each playbook, opened by the owner."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from chaguan.kernel.actor import Actor
    from chaguan.kernel.clock import now
    from chaguan.playbooks.actions.drafts import open_draft
    from chaguan.playbooks.actions.library import load_library, publish_playbook
    from chaguan.playbooks.models import Playbook
    from chaguan.playbooks.reading import as_yaml, written

    system = Actor.system("benchmark")
    load_library(system, now=now())
    publish_playbook(system, as_yaml(long_playbook(steps)), now=now())
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.create_superuser(username="bench"))
    found = {}
    for key in ("newcomer_10d", "touch_plan_7d", "ninety_days"):
        draft = open_draft(system, Playbook.objects.get(key=key).pk, now=now())
        entries = written(draft.text)["steps"]
        found[f"{key}, {len(entries)} steps"] = (
            client,
            f"/playbooks/drafts/{draft.pk}/",
            str(entries[0]["id"]),
        )
    return found


def long_playbook(steps: int) -> dict[str, Any]:
    """Ninety days, a room and a personal track, every other step with a condition."""
    quiet = {"condition": "quiet_for", "days": 7}
    return {
        "format": "chaguan-playbook/1",
        "key": "ninety_days",
        "title": "九十天",
        "version": "1.0.0",
        "licence": "Apache-2.0",
        "language": "zh-Hans",
        "purpose": "量一量编辑页有多快",
        "days": 90,
        "tracks": [
            {"key": "room", "title": "群里", "kind": "room"},
            {"key": "person", "title": "一对一", "kind": "personal"},
        ],
        "steps": [
            {
                "id": f"L-{n:02d}",
                "title": f"第 {n} 件小事",
                "track": "person" if n % 2 else "room",
                "offset": f"D{1 + (n * 90) // (steps + 1)} {8 + n % 12:02d}:00",
                "kind": "touch" if n % 2 else "say",
                "audience": "person" if n % 2 else "room",
                "purpose": "让人记得来看看",
                "text": "{{ community_name }}的第 {{ day }} 天，喝杯茶。\n今天聊聊水温。",
                **({"when": quiet} if n % 2 else {}),
            }
            for n in range(1, steps + 1)
        ],
    }


def show_page(name: str, client: Any, url: str, code: str, times: int) -> None:
    from django.db import connection
    from django.template.loader import get_template
    from django.test.utils import CaptureQueriesContext

    address = f"{url}?step={code}"
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{name}: {address} answered {response.status_code}")
    asked_of_page = len(asked)  # the next request empties the log
    with CaptureQueriesContext(connection) as saved:
        save(client, url, code, 0)
    asked_of_save = len(saved)
    took = measured(lambda: client.get(address), times)
    template = get_template("console/playbooks/editor/page.html")
    context = rendering_context(client, address)
    bare = measured(lambda: template.render(context["values"], context["request"]), times)
    numbers = iter(range(1, 10_000))
    saves = measured(lambda: save(client, url, code, next(numbers)), times)
    line(f"{name}: page", asked_of_page, took, bare)
    line(f"{name}: autosave", asked_of_save, saves, bare)


def save(client: Any, url: str, code: str, number: int) -> None:
    """What the panel posts when the title was changed."""
    from chaguan.playbooks.models import Draft
    from chaguan.playbooks.reading import written

    draft = Draft.objects.get(pk=int(url.rstrip("/").rpartition("/")[2]))
    step = next(s for s in written(draft.text)["steps"] if s["id"] == code)
    plain = {key: value for key, value in step.items() if isinstance(value, str | int)}
    time_words = {"time-counts": "raw", "time-raw": step["offset"], "time-unit": "h"}
    form = {
        "track": "room",
        **plain,
        **time_words,
        "title": f"标题 {number}",
        "seen": draft.version,
    }
    answer = client.post(f"{url}steps/{code}/", form, headers={"HX-Request": "true"})
    if answer.status_code != 200:
        raise SystemExit(f"autosave answered {answer.status_code}")


def rendering_context(client: Any, address: str) -> dict[str, Any]:
    """The context and the request of one answer, as the template got them."""
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment(debug=False)
    try:
        response = client.get(address)
    finally:
        teardown_test_environment()
    return {"values": response.context[0].flatten(), "request": response.wsgi_request}


Times = tuple[list[float], list[float]]


def measured(call: Callable[[], object], times: int) -> Times:
    """Milliseconds of each call, on the wall and of the processor, after one that warms up."""
    call()
    wall, cpu = [], []
    for _ in range(times):
        began, began_cpu = time.perf_counter(), cpu_seconds()
        call()
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((cpu_seconds() - began_cpu) * 1000)
    return sorted(wall), sorted(cpu)


def line(name: str, asked: int, took: Times, bare: Times) -> None:
    wall, cpu = took
    p50, p95 = statistics.median(wall), wall[int(len(wall) * 0.95) - 1]
    processor, floor = statistics.median(cpu), statistics.median(bare[1])
    verdict = "ok" if p95 <= 300 and asked <= 30 else "OVER"
    print(
        f"{name:36} {asked:3} queries  p50 {p50:5.0f}  p95 {p95:5.0f}  {verdict:4}"
        f"  processor {processor:5.0f}  bare {floor:5.0f}  x{processor / floor:4.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
