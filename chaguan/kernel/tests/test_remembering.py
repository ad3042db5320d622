from chaguan.kernel.remembering import remembered, remembering

asked: list[frozenset[int]] = []


@remembered
def doubled(numbers: set[int]) -> dict[int, int]:
    asked.append(frozenset(numbers))
    return {number: 2 * number for number in numbers}


def test_a_question_is_asked_once_inside_and_always_outside() -> None:
    asked.clear()
    doubled({1, 2})
    with remembering():
        assert doubled({1, 2}) == doubled({2, 1}) == {1: 2, 2: 4}
        doubled({3})
    with remembering():
        doubled({3})
    doubled({3})
    assert asked == [{1, 2}, {1, 2}, {3}, {3}, {3}]
