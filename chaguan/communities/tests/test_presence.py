from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from chaguan.communities.actions import Movement, Spoken, apply_joins_and_leaves, count_messages
from chaguan.communities.actions.presence import MovementKind
from chaguan.communities.models import Membership
from chaguan.communities.testing import make_community, make_member, make_staff
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Refused
from chaguan.people.events import StageChanged
from chaguan.people.testing import EPOCH, Member

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("import 1")


def day(number: int) -> datetime:
    return EPOCH + timedelta(days=number)


class Case:
    """One community and one member; moves are (kind, day)."""

    def __init__(self) -> None:
        self.community, self.member = make_community(), make_member()

    def apply(self, *moves: tuple[MovementKind, int]) -> None:
        ids = (self.community.pk, self.member.pk)
        apply_joins_and_leaves(SYSTEM, [Movement(*ids, day(at), kind) for kind, at in moves])

    def now(self) -> tuple[str, datetime, datetime | None]:
        row = Membership.objects.get(community=self.community, member=self.member)
        return row.state, row.joined_at, row.left_at


YEAR: list[tuple[MovementKind, int]] = [
    ("join", 1),
    ("leave", 3),
    ("join", 5),
    ("leave", 8),
    ("join", 9),
]


@pytest.mark.parametrize("cut", range(6))
def test_file_ends_the_same_however_it_is_cut_and_however_often_it_comes(cut: int) -> None:
    case = Case()

    for _time in range(2):
        case.apply(*YEAR[:cut])
        case.apply(*YEAR[cut:])
        assert case.now() == ("in", day(9), None)


def test_order_inside_one_call_does_not_matter() -> None:
    for moves in permutations(YEAR[:4]):
        case = Case()
        case.apply(*moves)
        assert case.now() == ("left", day(5), day(8))


def test_older_news_does_not_undo_newer() -> None:
    case = Case()
    case.apply(("join", 5))

    case.apply(("join", 1), ("leave", 2))
    assert case.now() == ("in", day(5), None)

    case.apply(("remove", 6))
    case.apply(("leave", 4))
    assert case.now() == ("removed", day(5), day(6))


def test_leave_without_a_join_learns_its_beginning_later() -> None:
    case = Case()

    case.apply(("leave", 8))
    assert case.now() == ("left", day(8), day(8))
    case.apply(("join", 2))

    assert case.now() == ("left", day(2), day(8))


def test_speaking_counts_and_shows_who_is_here() -> None:
    case = Case()
    ids = (case.community.pk, case.member.pk)

    count_messages(SYSTEM, [Spoken(*ids, 3, day(2), day(3)), Spoken(*ids, 1, day(1), day(1))])
    case.apply(("leave", 4))
    count_messages(SYSTEM, [Spoken(*ids, 2, day(3), day(4))])
    assert case.now() == ("left", day(1), day(4))
    count_messages(SYSTEM, [Spoken(*ids, 5, day(6), day(7))])

    row = Membership.objects.get()
    assert (row.messages, row.first_message_at, row.last_message_at) == (11, day(1), day(7))
    assert case.now() == ("in", day(6), None)


def test_who_speaks_in_imported_history_is_acquainted() -> None:
    case = Case()
    ids = (case.community.pk, case.member.pk)
    robot = make_member(case.community, is_bot=True)

    count_messages(SYSTEM, [Spoken(*ids, 3, day(2), day(3))])
    count_messages(SYSTEM, [Spoken(case.community.pk, robot.pk, 3, day(2), day(3))])
    count_messages(SYSTEM, [Spoken(*ids, 1, day(4), day(4))])

    assert recorded() == [StageChanged(case.member.pk, "unaware", "acquainted", rule="joined")]
    row = Member.objects.get(pk=case.member.pk)
    assert (row.stage, row.stage_since) == ("acquainted", day(2))


def test_big_batch_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    community = make_community()
    members = [make_member().pk for _n in range(50)]
    moves = [Movement(community.pk, pk, day(1), "join") for pk in members]
    words = [Spoken(community.pk, pk, 2, day(1), day(2)) for pk in members]

    with django_assert_max_num_queries(20):
        apply_joins_and_leaves(SYSTEM, moves)
        count_messages(SYSTEM, words)

    assert Membership.objects.filter(state="in", messages=2).count() == 50


def test_without_the_right_nothing_is_written() -> None:
    case = Case()
    editor = make_staff("content_editor")

    with pytest.raises(Refused):
        apply_joins_and_leaves(editor, [Movement(case.community.pk, case.member.pk, EPOCH, "join")])
    with pytest.raises(Refused):
        count_messages(editor, [])

    assert not Membership.objects.exists()
