"""Tags, states, icons: the small pieces every page is made of."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from chaguan.kernel import clock
from chaguan.ui.icons import ICONS, SPRITE
from chaguan.ui.shortcuts import leave_to, render_swap, wants_partial
from chaguan.ui.states import HEALTH, STATES, health_look
from chaguan.ui.templatetags.ui import duration, number, percent

AT = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


def shown(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_every_state_has_an_icon_a_word_and_its_own_look() -> None:
    for look in [*STATES.values(), *HEALTH.values()]:
        assert look.icon in ICONS
        assert str(look.word)
    assert len({(str(one.word), one.tone, one.icon) for one in STATES.values()}) == len(STATES)


def test_a_chip_says_it_in_words_too() -> None:
    with translation.override("zh-hans"):
        chip = shown('{% state_chip "unknown" %}')

    assert "待确认" in chip
    assert 'aria-hidden="true"' in chip
    assert f"{SPRITE}#help-hexagon" in chip


def test_a_health_chip_opens_its_reasons() -> None:
    with_reasons = shown("{% health_chip 'cooling' reasons %}", reasons=["41 → 18"])

    assert "<details" in with_reasons
    assert "41 → 18" in with_reasons
    assert "<details" not in shown("{% health_chip 'cooling' %}")
    assert health_look("").tone == ""


def test_an_unknown_icon_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        shown('{% icon "nonsense" %}')


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (89, "89 seconds"),
        (90, "2 minutes"),
        (5400, "2 hours"),
        (172_800, "2 days"),
    ],
)
def test_a_length_of_time_has_one_unit(seconds: float, words: str) -> None:
    with translation.override("en"):
        assert duration(seconds) == words


def test_numbers_and_shares() -> None:
    assert (number(1234567), number(None), percent(0.375), percent(None)) == (
        "1,234,567",
        "",
        "38%",
        "–",
    )
    assert [percent(share) for share in (0.0, 0.001, 523 / 524, 1.0)] == ["0%", "1%", "99%", "100%"]


def test_how_long_ago_in_chinese() -> None:
    with translation.override("zh-hans"), clock.moved_to(AT):
        assert ">3 分钟前<" in shown("{% ago at %}", at=AT - timedelta(minutes=3)).replace(
            "\xa0", " "
        )
        assert "后<" in shown("{% ago at %}", at=AT + timedelta(hours=2))


def test_text_from_people_is_escaped_in_chips() -> None:
    assert "<b>" not in shown("{% tone_chip word %}", word="<b>VIP</b>")


def test_a_boosted_page_or_a_step_back_wants_the_whole_page() -> None:
    ask = RequestFactory().get

    assert wants_partial(ask("/", headers={"HX-Request": "true"}))
    assert not wants_partial(ask("/"))
    assert not wants_partial(ask("/", headers={"HX-Request": "true", "HX-Boosted": "true"}))
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert not wants_partial(ask("/", headers=back))


def test_leaving_is_a_redirect_or_htmx_is_told() -> None:
    plain = leave_to(RequestFactory().get("/"), "/there/")
    swap = leave_to(RequestFactory().get("/", headers={"HX-Request": "true"}), "/there/")

    assert (plain.status_code, plain["Location"]) == (302, "/there/")
    assert (swap.status_code, swap["HX-Redirect"], swap.content) == (204, "/there/", b"")


def test_a_swap_carries_its_status() -> None:
    request = RequestFactory().get("/", headers={"HX-Request": "true"})
    context = {"sentence": "这样不行", "advice": "", "reference": "X"}

    answer = render_swap(request, "ui/problem.html", "ui/_problem.html", context, 409)

    assert answer.status_code == 409
    assert "这样不行" in answer.content.decode()
    assert "<html" not in answer.content.decode()
