"""Keeps 1,000 rooms open and watches what that costs: the live room of the member pages.

    python benchmarks/open_rooms.py [--rooms 1000] [--seconds 30] [--talk 10] [--how polling|sse]

Builds its own house in a temporary folder (or in CHAGUAN_DATABASE_URL), starts the server that
`chaguan serve` starts, with one web process, and opens one page per room: each has its own connection and
asks every 3 s (±15 %), as portal/static/portal/room.js does. `--talk` messages a second are said over the
real form, by members in random rooms; the time until the room's open page shows them is measured.

`--how sse` compares: the same pages hold a server-sent event stream on a second server (ASGI), fetch
new lines over the first one when told, and the stream's server looks at all rooms once a second.
Printed: requests a second, latency, processor time of the servers in cores, memory.
"""

import argparse
import asyncio
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from open_rooms_house import Page

HERE = Path(__file__).parent
ASK_EVERY_S = 3.0  # room.js: QUICK
SETTLE_S = 6.0
DICE = random.Random(11)  # noqa: S311 -- only spreads the asking


@dataclass
class Watch:
    """What was seen from outside."""

    idle_s: list[float] = field(default_factory=list)  # answers "nothing new"
    news_s: list[float] = field(default_factory=list)  # answers with new lines
    said_s: list[float] = field(default_factory=list)  # posting a message
    late_s: list[float] = field(default_factory=list)  # from said to shown
    odd: dict[str, int] = field(default_factory=dict)
    said_at: dict[int, float] = field(default_factory=dict)

    def clear(self) -> None:
        for values in (self.idle_s, self.news_s, self.said_s, self.late_s):
            values.clear()


class Browser:
    """One connection that is kept open, speaking as much HTTP as our server needs."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, page: "Page", body: str = ""
    ) -> tuple[int, dict[str, str], str]:
        """One request; reconnects once when the server has closed the connection meanwhile."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {page.cookie}\r\n"
            f"X-Portal-Live: 1\r\nX-CSRFToken: {page.csrf}\r\n"
        )
        if body:
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
            head += f"Content-Length: {len(body.encode())}\r\n"
        for attempt in (1, 2):
            try:
                if self.writer is None:
                    self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
                self.writer.write(f"{head}\r\n{body}".encode())
                return await self._answer()
            except (ConnectionError, asyncio.IncompleteReadError):
                self.writer = None
                if attempt == 2:
                    raise
        raise ConnectionError

    async def _answer(self) -> tuple[int, dict[str, str], str]:
        assert self.reader is not None
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(lines[0].split()[1])
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        named = {
            line.split(": ", 1)[0].lower(): line.split(": ", 1)[1]
            for line in lines[1:]
            if ": " in line
        }
        size = int(headers.get("content-length", 0))
        text = (await self.reader.readexactly(size)).decode() if size else ""
        if headers.get("connection") == "close":
            self.writer = None
        return status, named, text


SHOWN = re.compile(r'id="m(\d+)"')


async def look(browser: Browser, page: "Page", watch: Watch) -> None:
    """Ask "anything new?" once, and keep what the answer says."""
    query = urlencode({"v": page.version, "t": page.ticket, "after": page.last})
    began = time.perf_counter()
    status, headers, text = await browser.ask("GET", f"/m/rooms/{page.room_id}/new/?{query}", page)
    took_s = time.perf_counter() - began
    if status == 204:
        watch.idle_s.append(took_s)
        return
    if status != 200:
        watch.odd[str(status)] = watch.odd.get(str(status), 0) + 1
        return
    watch.news_s.append(took_s)
    page.version, page.ticket = headers["x-room-version"], headers["x-room-ticket"]
    shown = SHOWN.findall(text)
    page.last = max(shown, key=int) if shown else page.last
    if page.room_id in watch.said_at:
        watch.late_s.append(time.perf_counter() - watch.said_at.pop(page.room_id))


async def poll(port: int, page: "Page", watch: Watch, until: float) -> None:
    """An open page, as room.js keeps it."""
    browser = Browser(port)
    await asyncio.sleep(DICE.random() * ASK_EVERY_S)
    while time.perf_counter() < until:
        await look(browser, page, watch)
        await asyncio.sleep(ASK_EVERY_S * (0.85 + DICE.random() * 0.3))


async def listen(ports: tuple[int, int], page: "Page", watch: Watch, until: float) -> None:
    """An open page that holds an event stream and fetches lines when told."""
    browser = Browser(ports[0])
    await asyncio.sleep(DICE.random() * ASK_EVERY_S)
    await look(browser, page, watch)
    reader, writer = await asyncio.open_connection("127.0.0.1", ports[1])
    writer.write(
        f"GET /{page.room_id}?t={page.ticket} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    )
    while (left := until - time.perf_counter()) > 0:
        try:
            line = await asyncio.wait_for(reader.readline(), left)
        except TimeoutError:
            break
        if line.startswith(b"data:"):
            await look(browser, page, watch)
        if not line:
            watch.odd["stream closed"] = watch.odd.get("stream closed", 0) + 1
            break
    writer.close()


async def talk(port: int, pages: "list[Page]", per_s: float, watch: Watch, until: float) -> None:
    """Members say something in random rooms, each over her own connection to the real form."""
    dice = random.Random(7)  # noqa: S311 -- the same talk in every run
    saying: set[asyncio.Task[None]] = set()
    while per_s and time.perf_counter() < until - ASK_EVERY_S - 1:
        page = dice.choice(pages)
        if page.room_id not in watch.said_at:
            saying.add(asyncio.create_task(say(Browser(port), page, watch, len(saying))))
        await asyncio.sleep(dice.expovariate(per_s))
    await asyncio.gather(*saying)


async def say(browser: Browser, page: "Page", watch: Watch, turn: int) -> None:
    body = urlencode(
        {"text": f"又一泡 {turn}", "mark": page.mark, "csrfmiddlewaretoken": page.csrf}
    )
    began = time.perf_counter()
    watch.said_at[page.room_id] = began
    status, headers, _text = await browser.ask("POST", f"/m/rooms/{page.room_id}/", page, body)
    if status == 200:
        page.mark = headers["x-form-mark"]
        watch.said_s.append(time.perf_counter() - began)
        watch.said_at[page.room_id] = time.perf_counter()
    else:
        watch.odd[f"say {status}"] = watch.odd.get(f"say {status}", 0) + 1
        watch.said_at.pop(page.room_id, None)


def start(command: list[str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, start_new_session=True)  # noqa: S603 -- ours
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """A process and its children, from /proc."""
    pids = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(parts[1]) == pid:
            pids.append(int(stat.parent.name))
    return pids


def used(processes: list[subprocess.Popen[bytes]]) -> tuple[float, float]:
    """Processor seconds and resident megabytes of servers and their children."""
    ticks, pages = 0, 0
    for process in processes:
        for pid in family(process.pid):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(stat[11]) + int(stat[12])
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def quantiles(values_s: list[float]) -> str:
    if not values_s:
        return "none"
    marks = statistics.quantiles(values_s, n=100) if len(values_s) > 1 else values_s * 99
    return (
        f"{len(values_s):>6}   p50 {marks[49] * 1000:7.1f} ms   p95 {marks[94] * 1000:7.1f} ms"
        f"   p99 {marks[98] * 1000:7.1f} ms"
    )


async def open_all(port: int, pages: "list[Page]") -> None:
    """Every page gets its first lines, version and ticket, as on opening; eight at a time."""
    began = time.perf_counter()
    waiting = iter(pages)

    async def open_some() -> None:
        browser = Browser(port)
        for page in waiting:
            await look(browser, page, Watch())

    await asyncio.gather(*(open_some() for _ in range(8)))
    print(f"opened       {len(pages) / (time.perf_counter() - began):8.1f} rooms/s")


async def run(arguments: argparse.Namespace, pages: "list[Page]") -> None:
    web, stream = free_port(), free_port()
    from chaguan.config.processes import web_command

    servers = [start(web_command("127.0.0.1", web, web_processes=arguments.web_processes), web)]
    if arguments.how == "sse":
        granian = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--no-ws",
            "--port",
            str(stream),
        ]
        more = ["--log-level", "warning", "--backlog", "2048", "open_rooms_sse:application"]
        os.environ["PYTHONPATH"] = f"{HERE}:{HERE.parent}"
        servers.append(start([*granian, *more], stream))
    watch = Watch()
    try:
        await open_all(web, pages)
        until = time.perf_counter() + SETTLE_S + arguments.seconds
        opened = [
            asyncio.create_task(
                listen((web, stream), page, watch, until)
                if arguments.how == "sse"
                else poll(web, page, watch, until)
            )
            for page in pages
        ]
        await asyncio.sleep(SETTLE_S)  # a thousand connections are made; from here on it is counted
        watch.clear()
        before_s, _mb = used(servers)
        began = time.perf_counter()
        await asyncio.gather(*opened, talk(web, pages, arguments.talk, watch, until))
        spent_s, mb = used(servers)
        lasted_s = time.perf_counter() - began
    finally:
        for server in servers:
            server.terminate()
            server.wait(15)
    answers = len(watch.idle_s) + len(watch.news_s) + len(watch.said_s)
    print(
        f"{len(pages)} rooms open by {arguments.how}, {lasted_s:.0f} s, {arguments.talk} messages/s said"
    )
    cores = (spent_s - before_s) / lasted_s
    print(f"answers      {answers / lasted_s:8.1f} /s   servers {cores:.2f} cores, {mb:.0f} MB")
    print(f"nothing new  {quantiles(watch.idle_s)}")
    print(f"new lines    {quantiles(watch.news_s)}")
    print(f"said         {quantiles(watch.said_s)}")
    print(f"said→shown   {quantiles(watch.late_s)}")
    if watch.odd:
        print(f"odd answers  {json.dumps(watch.odd)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rooms", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--talk", type=float, default=10)
    parser.add_argument("--how", choices=["polling", "sse"], default="polling")
    parser.add_argument("--web-processes", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="open-rooms-") as home:
        os.environ["CHAGUAN_HOME"] = home
        os.environ["CHAGUAN_LOG_LEVEL"] = "WARNING"
        sys.path.insert(0, str(HERE))
        from open_rooms_house import build  # it sets Django up, so the folder is chosen first

        pages = build(arguments.rooms)
        asyncio.run(run(arguments, pages))


if __name__ == "__main__":
    main()
