from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chaguan.communities.testing import make_staff
from chaguan.console.testing import HTMX, browser_of
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.models import Draft, Edition, Playbook
from chaguan.playbooks.reading import load_playbook, written
from chaguan.playbooks.testing import MONDAY, make_edition, make_script, make_step

pytestmark = pytest.mark.django_db


def planner() -> Client:
    return browser_of(make_staff("planning_lead"))


def opened(client: Client, *steps: Any, **over: Any) -> Draft:
    edition = make_edition(*steps, **over)
    assert client.post(f"/playbooks/{edition.playbook.key}/edit/").status_code == 302
    return Draft.objects.select_related("playbook").get(playbook=edition.playbook)


def form_of(draft: Draft, code: str = "A-1", **over: Any) -> dict[str, Any]:
    """What the panel's form posts when nothing was touched, and the changes."""
    step = next(s for s in written(draft.text)["steps"] if s["id"] == code)
    plain = {k: v for k, v in step.items() if isinstance(v, str | int)}
    usual: dict[str, Any] = {"track": "room", "actor": "system", "audience": "room", "mode": "auto"}
    usual |= {"lateness": "skip", "late_after": "6h", "proof": "none", "minutes": 0}
    time = {"time-counts": "raw", "time-raw": step.get("offset", ""), "time-unit": "h"}
    return {**usual, **plain, **time, "version": draft.version, **over}


def test_a_playbook_is_copied_changed_and_published() -> None:
    client, edition = planner(), make_edition()

    answer = client.post("/playbooks/small/copy/", {"key": "mine", "title": "我的剧本"})

    draft = Draft.objects.get()
    assert answer["Location"] == f"/playbooks/drafts/{draft.pk}/"
    assert "我的剧本" in client.get("/playbooks/").content.decode()
    page = f"/playbooks/drafts/{draft.pk}"
    client.post(f"{page}/steps/A-1/", form_of(draft, text="大家早"))
    body = client.get(f"{page}/publish/").content.decode()
    assert "这是第一个版次" in body
    done = client.post(
        f"{page}/publish/", {"version": 2, "number": "1.0.0", "note": "我们自己的说法"}
    )
    assert done["Location"] == "/playbooks/mine/"
    fresh = Playbook.objects.get(key="mine").current
    assert fresh is not None
    assert load_playbook(fresh.source).steps[0].text == "大家早"
    assert load_playbook(edition.source).steps[0].text == "早安，{{ community_name }}"


def test_a_key_that_is_taken_keeps_what_was_typed() -> None:
    client = planner()
    make_edition()

    answer = client.post("/playbooks/small/copy/", {"key": "small", "title": "我的剧本"})

    assert answer.status_code == 422
    assert "已经有代号为" in answer.content.decode()
    assert 'value="我的剧本"' in answer.content.decode()


def test_saving_an_untouched_panel_changes_nothing() -> None:
    client = planner()
    draft = opened(
        client,
        make_step(promotion=False, late_after="6h", minutes=5, checker="operator"),
        **{"for": ["camp"]},
    )

    client.post(f"/playbooks/drafts/{draft.pk}/steps/A-1/", form_of(draft), headers=HTMX)

    assert Draft.objects.get().text == draft.text


def test_the_panel_writes_the_time_from_words_and_shows_the_text_on_a_phone() -> None:
    client = planner()
    draft = opened(client)
    time: dict[str, Any] = {
        "time-counts": "weekly",
        "time-weekday": ["Tue", "Thu"],
        "time-at": "20:30",
    }

    answer = client.post(
        f"/playbooks/drafts/{draft.pk}/steps/A-1/",
        form_of(draft, text="{{ community_name }}，{{ weekday }}见", promotion="on", **time),
        headers=HTMX,
    )

    step = load_playbook(Draft.objects.get().text).steps[0]
    assert (step.offset, step.promotion) == ("weekly Tue, Thu 20:30", True)
    assert "茶友群，周日见" in answer.content.decode()
    assert not OutboxRow.objects.exists()


@pytest.mark.parametrize(
    ("time", "offset"),
    [
        ({"counts": "D", "day": "-2", "at": "08:00"}, "D-2 08:00"),
        ({"counts": "P", "day": "3", "at": "09:00"}, "P3 09:00"),
        ({"counts": "H", "span": "6", "unit": "h"}, "H+6"),
        ({"counts": "E", "day": "-1", "at": "20:00"}, "E-1d 20:00"),
        ({"counts": "J", "span": "10", "unit": "m"}, "J+10m"),
        ({"counts": "T", "span": "24", "unit": "h"}, "T+24h"),
        ({"counts": "daily", "at": "08:00"}, "daily 08:00"),
        ({"counts": "workdays", "at": "08:00"}, "workdays 08:00"),
        ({"counts": "monthly", "month_day": "5", "at": "10:00"}, "monthly 5 10:00"),
        ({"counts": "on", "happening": "silence_4h"}, "on:silence_4h"),
        ({"counts": "raw", "raw": "D2–D6 08:00"}, "D2–D6 08:00"),
    ],
)
def test_each_way_of_counting_is_written_and_read_back(time: dict[str, str], offset: str) -> None:
    from chaguan.console.forms.editor_time import TimeForm

    form = TimeForm({f"time-{name}": value for name, value in time.items()})
    assert form.is_valid()
    assert form.offset() == offset

    again = TimeForm(offset=offset)
    assert again.initial["counts"] == time["counts"]


def test_what_cannot_be_read_is_said_and_the_rest_is_kept() -> None:
    client = planner()
    draft = opened(client)

    answer = client.post(
        f"/playbooks/drafts/{draft.pk}/steps/A-1/",
        form_of(draft, title="新标题", minutes="很多"),
        headers=HTMX,
    )

    assert "要花几分钟" in answer.content.decode()
    assert load_playbook(Draft.objects.get().text).steps[0].title == "新标题"


def test_the_second_of_two_people_gets_one_sentence_and_may_keep_hers() -> None:
    one, two = planner(), planner()
    draft = opened(one)
    page = f"/playbooks/drafts/{draft.pk}/steps/A-1/"
    one.post(page, form_of(draft, title="她的"), headers=HTMX)

    answer = two.post(page, form_of(draft, title="我的"), headers=HTMX)

    body = answer.content.decode()
    assert answer.status_code == 409
    assert "这份草稿刚被另一位同事改过" in body
    assert 'id="draft-version" name="seen" value="1"' in body
    assert load_playbook(Draft.objects.get().text).steps[0].title == "她的"
    without_script = two.post(page, form_of(draft, title="我的"))
    assert 'value="我的"' in without_script.content.decode()
    two.post(page, form_of(draft, title="我的", over=2), headers=HTMX)
    assert load_playbook(Draft.objects.get().text).steps[0].title == "我的"


def test_yaml_that_cannot_be_read_is_kept_with_its_line_and_the_board_leads_there() -> None:
    client = planner()
    draft = opened(client)
    page = f"/playbooks/drafts/{draft.pk}"

    client.post(f"{page}/yaml/", {"version": 1, "text": "key: small\r\nsteps: [\r\n"})

    assert Draft.objects.get().text == "key: small\nsteps: [\n"
    body = client.get(f"{page}/yaml/").content.decode()
    assert "steps: [" in body
    assert 'data-line="3"' in body or 'data-line="2"' in body
    assert client.get(f"{page}/")["Location"] == f"{page}/yaml/"


def test_yaml_of_the_second_person_stays_on_her_page() -> None:
    client = planner()
    draft = opened(client)
    page = f"/playbooks/drafts/{draft.pk}/yaml/"
    client.post(page, {"version": 1, "text": draft.text.replace("早安", "您早")})

    answer = client.post(page, {"version": 1, "text": draft.text.replace("早安", "大家早")})

    body = answer.content.decode()
    assert answer.status_code == 409
    assert "大家早" in body
    assert "您早" in body
    assert "您早" in Draft.objects.get().text


def test_steps_move_by_buttons_and_undo_takes_it_back() -> None:
    client = planner()
    draft = opened(client)
    change = f"/playbooks/drafts/{draft.pk}/change/"

    client.post(change, {"act": "move", "code": "A-1", "days": "2", "version": 1}, headers=HTMX)
    assert load_playbook(Draft.objects.get().text).steps[0].offset == "D3 10:00"
    client.post(change, {"act": "undo", "version": 2})
    assert load_playbook(Draft.objects.get().text).steps[0].offset == "D1 10:00"
    odd = client.post(
        change, {"act": "move", "code": "A-1", "days": "none", "version": 3}, headers=HTMX
    )
    assert odd.status_code == 422
    for act, codes in (("add", ["A-1", "A-2"]), ("duplicate", ["A-1", "A-3", "A-2"])):
        version = Draft.objects.get().version
        client.post(change, {"act": act, "code": "A-1", "track": "room", "version": version})
        assert [s["id"] for s in written(Draft.objects.get().text)["steps"]] == codes
    version = Draft.objects.get().version
    client.post(change, {"act": "delete", "code": "A-1", "version": version})
    assert [s["id"] for s in written(Draft.objects.get().text)["steps"]] == ["A-3", "A-2"]


def test_a_condition_is_chosen_in_words() -> None:
    client = planner()
    draft = opened(client)
    page = f"/playbooks/drafts/{draft.pk}/steps/A-1/when/"
    row = {
        "when-named": "own",
        "0-condition": "messages_at_most",
        "0-messages": "0",
        "0-community": "here",
    }

    answer = client.post(page, {"version": 1, "add": "stage", **row}, headers=HTMX)

    step = load_playbook(Draft.objects.get().text).steps[0]
    assert step.when == {"condition": "messages_at_most", "messages": 0, "community": "here"}
    assert 'value="stage"' in answer.content.decode()
    client.post(page, {"version": 2, "when-named": ""}, headers=HTMX)
    assert load_playbook(Draft.objects.get().text).steps[0].when is None


def test_a_deep_condition_is_shown_in_words_and_survives_the_panel() -> None:
    client = planner()
    leaf = {"condition": "messages_at_most", "messages": 0, "community": "here"}
    deep = {"any": [{"all": [leaf, {"not": leaf}]}, leaf]}
    draft = opened(client, make_step(when=deep))
    page = f"/playbooks/drafts/{draft.pk}/steps/A-1/"

    body = client.get(page).content.decode()
    client.post(f"{page}when/", {"version": 1, "when-named": "own"}, headers=HTMX)

    assert "请在 YAML 里改" in body
    assert load_playbook(Draft.objects.get().text).steps[0].when == deep


def test_the_head_is_edited_in_forms() -> None:
    client = planner()
    draft = opened(client)
    page = f"/playbooks/drafts/{draft.pk}/head/"
    tracks = {
        "tracks-0": "1", "tracks-0-key": "room", "tracks-0-title": "大群", "tracks-0-kind": "room",
        "tracks-1": "1", "tracks-1-key": "person", "tracks-1-title": "一对一",
        "tracks-1-kind": "personal", "tracks-1-entry_at": "new_member",
        "tracks-1-stop": "opted_out = 不想再收; order_confirmed = 已下单",
        "tracks-2": "1",
    }  # fmt: skip
    lists = {
        "variables-0": "1", "variables-0-key": "gift", "variables-0-label": "礼物",
        "then-0": "1", "then-0-start": "newcomer_10d", "then-0-why": "接着走",
        "outcome-0": "1", "outcome-0-key": "reply_rate", "outcome-0-bar": "0.1",
    }  # fmt: skip
    head = {"title": "新名字", "purpose": "试一试", "for_": ["camp"], "start_time": "10:00"}

    answer = client.post(page, {"version": 1, **head, **tracks, **lists, "days": "7"})

    assert answer.status_code == 302
    document = load_playbook(Draft.objects.get().text)
    assert (document.title, document.days, document.for_) == ("新名字", 7, ("camp",))
    assert [(t.key, t.title) for t in document.tracks] == [("room", "大群"), ("person", "一对一")]
    assert [(s.on, s.reason) for s in document.tracks[1].stop] == [
        ("opted_out", "不想再收"),
        ("order_confirmed", "已下单"),
    ]
    assert document.variables["gift"].label == "礼物"
    assert [(line.who, line.start) for line in document.then] == [(None, "newcomer_10d")]
    assert document.outcome is not None
    assert document.outcome.reply_rate == 0.1


@pytest.mark.req("NEW-02")
def test_the_editor_shows_a_second_conversion_step_as_blocking() -> None:
    client = planner()
    offer = make_step(id="A-2", offset="D9 20:00", promotion=True)
    draft = opened(client, make_step(), offer, **{"for": ["newcomer"]})
    page = f"/playbooks/drafts/{draft.pk}"
    sentence = "新用户群最多安排一次转化，多了体验会很糟。"
    assert sentence not in client.get(f"{page}/").content.decode()

    answer = client.post(
        f"{page}/steps/A-1/", form_of(draft, promotion="on"), headers=HTMX
    ).content.decode()

    assert sentence in answer
    assert "有 1 处要先改好才能发布" in answer
    refused = client.post(f"{page}/publish/", {"version": 2, "number": "1.1.0", "note": "两次"})
    assert refused.status_code == 422
    assert Edition.objects.count() == 1


@pytest.mark.req("TYPE-04")
@pytest.mark.parametrize("intent", ["discussion", "content"])
def test_the_editor_shows_that_content_is_not_worth_operating_in_traffic(intent: str) -> None:
    client = planner()
    draft = opened(client, **{"for": ["traffic"]})
    page = f"/playbooks/drafts/{draft.pk}"

    answer = client.post(f"{page}/steps/A-1/", form_of(draft, intent=intent), headers=HTMX)

    assert "不值得运营：引流群只活一两天，做内容不值得" in answer.content.decode()


def test_the_changes_between_editions_are_said_in_words() -> None:
    client = planner()
    draft = opened(client)
    page = f"/playbooks/drafts/{draft.pk}"
    client.post(f"{page}/steps/A-1/", form_of(draft, text="大家早"))
    body = client.get(f"{page}/publish/").content.decode()
    assert "大家早" in body
    assert 'value="1.0.1"' in body

    client.post(f"{page}/publish/", {"version": 2, "number": "1.0.1", "note": "换了问候"})

    changes = client.get("/playbooks/small/changes/").content.decode()
    assert "换了问候" in changes
    assert "<ins>大家早</ins>" in changes
    assert "两份说的一样" in client.get("/playbooks/small/changes/?from=2&to=2").content.decode()


def test_strangers_and_those_who_only_run_playbooks_find_nothing() -> None:
    draft = opened(planner())
    facts = len(recorded())
    other = browser_of(make_staff("community_manager"))
    page = f"/playbooks/drafts/{draft.pk}"
    for address in ("/", "/yaml/", "/head/", "/publish/", "/steps/A-1/"):
        assert other.get(page + address).status_code == 404
        assert other.post(page + address, {"version": 1}).status_code in (404, 405)
        assert Client().get(page + address).status_code == 302
    for address in (f"{page}/change/", f"{page}/steps/A-1/when/", "/playbooks/small/edit/"):
        assert other.post(address, {"version": 1, "act": "discard"}).status_code == 404
    assert other.get("/playbooks/small/copy/").status_code == 404
    shelf = other.get("/playbooks/small/").content.decode()
    assert "/playbooks/small/copy/" not in shelf
    assert Draft.objects.get().version == 1
    assert len(recorded()) == facts


def long_playbook(steps: int) -> list[dict[str, Any]]:
    make_script()
    return [
        make_step(
            id=f"L-{n}",
            offset=f"D{n} 10:00",
            **(
                {"text": None, "script": "hello", "kind": "touch", "audience": "person"}
                if n % 2
                else {}
            ),
            track="person" if n % 2 else "room",
        )
        for n in range(1, steps + 1)
    ]


def test_the_page_asks_as_often_for_eighty_steps_as_for_two() -> None:
    client = planner()
    counts = []
    for steps in (2, 80):
        draft = opened(client, *long_playbook(steps), key=f"long_{steps}", days=90)
        client.get(f"/playbooks/drafts/{draft.pk}/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/playbooks/drafts/{draft.pk}/?step=L-1").status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[1] <= 30


def test_every_playbook_of_the_library_opens_in_the_editor() -> None:
    load_library(Actor.system(), now=MONDAY)
    client = planner()
    for playbook in Playbook.objects.all():
        client.post(f"/playbooks/{playbook.key}/edit/")
        draft = Draft.objects.get(playbook=playbook)
        step = written(draft.text)["steps"][0]["id"]
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(f"/playbooks/drafts/{draft.pk}/?step={step}")
        assert answer.status_code == 200
        assert len(asked) <= 30, playbook.key
        assert client.get(f"/playbooks/drafts/{draft.pk}/head/").status_code == 200
