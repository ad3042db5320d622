"""First load stays light; night without a script equals night with one; the bar stays small."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from chaguan.channels.models import Message
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.kernel import clock
from chaguan.portal.testing import phone_of

BUDGET = 150_000  # bytes, compressed. Source: interface design, section 5
LINKED = re.compile(r'(?:href|src)="/static/([^"?]+)"')


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["room", "home", "check-in", "me"])
def test_first_load_is_under_150_kb(name: str) -> None:
    community = make_community()
    room = make_room(community)
    member = make_member(community)
    Message.objects.bulk_create(
        Message(room=room, member=member, external_id=str(n), at=clock.now(), text=f"{n} 茶" * 60)
        for n in range(60)
    )
    address = reverse(f"portal:{name}", args=[room.pk] if name == "room" else [])

    page = phone_of(member.pk).get(address).content
    files = set(LINKED.findall(page.decode()))
    found = {file: finders.find(file) for file in files}

    assert files >= {"ui/tokens.css", "portal/page.css"}
    assert all(found.values()), found
    total = compressed(page) + sum(
        compressed(Path(str(path)).read_bytes()) for path in found.values()
    )
    assert total < BUDGET / 3  # we need far less; growing past a third wants a reason


def declarations(css: str, selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r"\s*\{(.*?)\}", css, re.S)
    assert block is not None
    return {
        name.strip(): value.strip()
        for name, _, value in (line.partition(":") for line in block[1].split(";"))
        if value
    }


def test_night_without_a_script_has_the_tokens_of_night() -> None:
    tokens = Path(str(finders.find("ui/tokens.css"))).read_text()
    night = Path(str(finders.find("portal/night.css"))).read_text()

    expected = declarations(tokens, '\n[data-bs-theme="dark"]')
    assert expected
    assert declarations(night, ":root:not([data-bs-theme])") == expected


@pytest.mark.parametrize("name", ["page", "frame", "parts", "rows", "more", "room", "pen"])
def test_style_sheets_name_classes_and_stay_short(name: str) -> None:
    css = Path(str(finders.find(f"portal/{name}.css"))).read_text()

    assert len(css.splitlines()) <= 170
    assert not re.search(r"^#", css, re.M)
