"""Simulated people of the camp: each is a browser of her own over HTTP, nothing else."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from random import Random
from typing import Any

TAKEN = (200, 302)
HEAP = r'id="{}-(\d+)" data-amount="(\d+)"[^>]*>(.*?){}'
SAID = (
    "水放凉一点，真的不苦了。",
    "今天泡了三遍，第三遍最好喝。",
    "请问盖碗烫手怎么拿？",
    "我用的是自来水，明天换纯净水试试。",
    "茶量三克，出汤八秒，记下了。",
    "家里人说今天这杯有样子了。",
    "公道杯还没到，先用马克杯。",
    "今天的作业交了，请看看。",
)


class Stay(urllib.request.HTTPRedirectHandler):
    """A form that was taken answers with the way on; nobody has to read that page."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Browser:
    """Cookies and forms of one person. `address` stands in for her network."""

    def __init__(self, url: str, address: str) -> None:
        self.url, self.address = url, address
        self.jar = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), Stay
        )

    def get(self, path: str) -> tuple[int, str]:
        return self._open(path, None)

    def post(self, path: str, form: dict[str, Any]) -> tuple[int, str]:
        """Send a form the way its page would, with the token of the cookie."""
        token = next((c.value for c in self.jar if c.name == "chaguan_csrf"), "")
        sent = {"csrfmiddlewaretoken": token, **form}
        return self._open(path, urllib.parse.urlencode(sent).encode())

    def _open(self, path: str, data: bytes | None) -> tuple[int, str]:
        headers = {"X-Forwarded-For": self.address, "Accept-Language": "zh-CN"}
        request = urllib.request.Request(f"{self.url}{path}", data=data, headers=headers)
        try:
            with self._opener.open(request, timeout=60) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@dataclass
class Camper:
    """One member: how likely she shows up and talks."""

    number: int
    name: str
    browser: Browser
    shows_up: float
    talks: float
    member_id: int = 0
    is_in: bool = True
    has_rated: bool = False


@dataclass
class Class:
    """All members of the camp and what they did, counted."""

    public_id: str
    room_id: int
    chance: Random
    people: list[Camper] = field(default_factory=list)
    deeds: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def join(self, url: str, amount: int) -> None:
        """Everybody comes in through the join page, from an address of her own."""
        for number in range(amount):
            browser = Browser(url, f"10.{number // 250}.7.{number % 250 + 1}")
            habits = ((0.95, 0.3), (0.5, 0.08), (0.0, 0.0))
            shows_up, talks = habits[
                0 if number < 8 or number % 20 < 11 else 1 if number % 20 < 16 else 2
            ]
            name = f"{'阿小老大'[number % 4]}{'青岚竹溪山月河川舟松'[number // 4 % 10]}{number:03}"
            camper = Camper(number, name, browser, shows_up, talks)
            page = browser.get(f"/m/join/{self.public_id}/")[1]
            found = re.search(r'name="mark"[^>]*value="([^"]+)"', page)
            assert found is not None, "the page to join has a mark"
            mark = html.unescape(found[1])
            form = {"name": name, "is_agreed": "on", "mark": mark}
            self._count("joined", browser.post(f"/m/join/{self.public_id}/", form))
            self.people.append(camper)

    def sign_in(self) -> None:
        """The morning: those who show up press the button."""
        for one in self._here():
            if self.chance.random() < one.shows_up:
                self._count("signed in", one.browser.post(f"/m/sign-in/{self.public_id}/", {}))

    def talk(self) -> None:
        """The evening: some read the room and say something."""
        for one in self._here():
            if self.chance.random() < one.talks:
                self.say(one, self.chance.choice(SAID))

    def say(self, one: Camper, text: str) -> None:
        page = one.browser.get(f"/m/rooms/{self.room_id}/")[1]
        mark = re.search(r'name="mark" value="([^"]+)"', page)
        if mark is None:
            self.refused["room without a pen"] += 1
            return
        form = {"text": text, "mark": html.unescape(mark[1]), "answers": ""}
        self._count("said", one.browser.post(f"/m/rooms/{self.room_id}/", form))

    def opt_out(self, number: int) -> None:
        one = self.people[number]
        one.browser.get("/m/me/")
        self._count("opted out", one.browser.post("/m/me/quiet/", {}))

    def leave(self, number: int) -> None:
        one = self.people[number]
        one.browser.get(f"/m/communities/{self.public_id}/")
        self._count("left", one.browser.post(f"/m/communities/{self.public_id}/leave/", {}))
        one.is_in = False

    def rate(self, run_id: int) -> None:
        """After the end some of those who came give stars, once."""
        for one in self._here():
            if not one.has_rated and one.shows_up > 0.4 and self.chance.random() < 0.5:
                one.browser.get("/m/me/")
                stars = self.chance.choice((3, 4, 4, 5, 5))
                answer = one.browser.post(f"/m/me/rate/{run_id}/", {"stars": stars})
                one.has_rated = bool(self._count("rated", answer))

    def do_duty(self, number: int) -> int:
        """The member's sheet, line by line: agree, say what came of it. Returns what was done."""
        browser, done = self.people[number].browser, 0
        page = browser.get("/m/duty/")[1]
        for lead, amount, card in re.findall(HEAP.format("pile", "</section>"), page, re.S):
            form = {"note": "都看过了，一个个回了。"}
            if 'name="approve"' in card:
                form["approve"] = "1"
            if "<button" in card and self._count(
                "pressed", browser.post(f"/m/duty/{lead}/all/", form)
            ):
                self.deeds["duty"] += int(amount)
                done += int(amount)
        for pk, card in re.findall(r'id="line-(\d+)">(.*?)</section>', page, re.S):
            form = {"note": "看过了，回了他一句。", "proof": ""}
            if 'name="approve"' in card:
                form["approve"] = "1"
            done += self._count("duty", browser.post(f"/m/duty/{pk}/", form))
        return done

    def _here(self) -> list[Camper]:
        return [one for one in self.people if one.is_in]

    def _count(self, deed: str, reply: tuple[int, str]) -> int:
        if reply[0] in TAKEN:
            self.deeds[deed] += 1
            return 1
        self.refused[f"{deed}: {reply[0]} {_sentence(reply[1])}"] += 1
        return 0


def log_in(browser: Browser, login: str, password: str) -> None:
    browser.get("/login/")
    browser.post("/login/", {"username": login, "password": password, "next": "/"})


def work_sheet(browser: Browser, refused: Counter[str]) -> Counter[str]:
    """A member of staff works her page of today: agrees, ticks off, sends what is late."""
    done: Counter[str] = Counter()
    page = browser.get("/")[1]
    for lead, amount, card in re.findall(HEAP.format("heap", "</li>"), page, re.S):
        if found := re.search(r'name="step" value="(approve|complete)"', card):
            form = {"step": found[1], "note": "都做了，写在群公告里。"}
            status, text = browser.post(f"/today/{lead}/all/", form)
            if status in TAKEN:
                done[found[1]] += int(amount)
            else:
                refused[f"sheet: {status} {_sentence(text)}"] += 1
    for pk, card in re.findall(r'id="duty-(\d+)"(.*?)(?=id="duty-|id="heap-|</main>)', page, re.S):
        steps = re.findall(r'name="step" value="(approve|complete|send_late)"', card)
        if not steps:
            continue
        form = {
            "step": steps[0],
            "note": "做了，写在群公告里。",
            "proof": "https://tea.example/notes",
        }
        status, text = browser.post(f"/today/{pk}/", form)
        if status in TAKEN:
            done[steps[0]] += 1
        else:
            refused[f"sheet: {status} {_sentence(text)}"] += 1
    if done:
        browser.get("/outbox/")  # thanks are read on the next page
    return done


def _sentence(page: str) -> str:
    """What a refusing page says, for the table of numbers."""
    found = re.search(r'role="alert"[^>]*>(.*?)</', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())[:80] if found else ""
