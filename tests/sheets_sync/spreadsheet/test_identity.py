"""Which line of a tab is ours, where people have moved, copied or wiped what tells it."""

from __future__ import annotations

from sheets_sync.spreadsheet.identity import Line, places

CAC, ROAS = Line("cac", "CAC"), Line("roas", "ROAS")


def test_of_two_copies_the_one_that_lies_nearest_to_where_it_lay_is_ours() -> None:
    """A person's copy stays a person's, above or below ours, and is told as a copy."""
    for lay, ours, copy in ((5, 4, 1), (0, 1, 4)):
        last = [None] * lay + [CAC]
        found = places([CAC], {1: CAC, 4: CAC}, {1: "CAC", 4: "CAC"}, last)
        assert (found.at, found.copies, found.unmarked) == ({"cac": ours}, {copy}, {copy})


def test_a_name_that_stands_twice_says_nothing() -> None:
    """A line whose mark was wiped is where its name is; where two lines have that name, neither is taken for ours."""
    wiped = {0: ROAS}
    assert places([ROAS, CAC], wiped, {0: "ROAS", 3: "CAC"}, [ROAS, CAC]).at == {"roas": 0, "cac": 3}
    assert places([ROAS, CAC], wiped, {0: "ROAS", 3: "CAC", 7: "CAC"}, [ROAS, CAC]).at == {"roas": 0}


def test_a_line_that_bears_another_name_is_where_its_own_went() -> None:
    """Sorted cells leave the mark behind: the name counts. A name that people overwrote leaves the mark to go by."""
    assert places([CAC], {2: CAC, 3: ROAS}, {2: "ROAS", 3: "CAC"}).at == {"cac": 3}
    assert places([CAC], {2: CAC}, {2: "Our cost"}).at == {"cac": 2}
    assert places([CAC], {2: CAC, 3: ROAS}, {2: "CAC", 3: "ROAS"}).vanished == {3: "roas"}
