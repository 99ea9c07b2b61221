"""Every Reference and every record lands in exactly one class, whatever the order and the size of the chunks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebridge.core.drift import Drift, Stand
from casebridge.reconcile.compare import HERE, THERE, compare, compare_in_buckets, frame

UNKNOWN, OPEN, CLOSED = -1, 0, 1


def here(
    stands: Stand = Stand.HELD,
    record: str = "R1",
    *,
    key: str = "C-1",
    case: int = UNKNOWN,
    expected: bool = True,
    action: str = "a1",
) -> tuple[Any, ...]:
    return (key, record, action, stands.value, case, expected)


def there(record: str = "R1", *, key: str = "C-1", closed: int = UNKNOWN, changed: bool = False) -> tuple[Any, ...]:
    return (key, record, closed, changed)


def classes(mine: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]) -> list[str]:
    return list(compare(frame(mine, HERE), frame(theirs, THERE))["drift"])


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ([here()], [there()], [Drift.MATCHED]),
        ([here()], [], [Drift.MISSING_IN_TARGET]),
        ([here(expected=False)], [], [Drift.NOT_LISTED]),
        ([here()], [there(changed=True)], [Drift.CHANGED]),
        ([here(case=OPEN)], [there(closed=CLOSED)], [Drift.CLOSED_IN_TARGET]),
        ([here(case=CLOSED)], [there(closed=OPEN)], [Drift.CLOSED_HERE]),
        ([here(case=CLOSED)], [there(closed=CLOSED)], [Drift.MATCHED]),
        ([here(case=OPEN)], [there(closed=UNKNOWN)], [Drift.MATCHED]),
        ([here()], [there(), there("R2")], [Drift.MATCHED, Drift.DOUBLED]),
        ([here()], [there("R2")], [Drift.MISSING_IN_TARGET, Drift.MISSING_HERE]),
        ([here(expected=False)], [there("R2")], [Drift.NOT_LISTED, Drift.DOUBLED]),
        ([here(Stand.ENDED, "")], [there()], [Drift.NOTHING_EXPECTED, Drift.MISSING_HERE]),
        ([here(Stand.IN_DOUBT, "")], [there()], [Drift.DECIDABLE, Drift.CANDIDATE]),
        ([here(Stand.IN_DOUBT, "")], [], [Drift.IN_DOUBT]),
        ([here(Stand.IN_PROGRESS, "")], [there()], [Drift.IN_PROGRESS, Drift.IN_PROGRESS]),
        ([here(Stand.CLOSED, "")], [there(closed=OPEN)], [Drift.NOTHING_EXPECTED, Drift.CLOSED_HERE]),
        ([here(Stand.CLOSED, "")], [there(closed=CLOSED)], [Drift.NOTHING_EXPECTED, Drift.NOTHING_EXPECTED]),
        ([here(Stand.REPLACED)], [there()], [Drift.MATCHED]),
        ([here(Stand.REPLACED)], [], [Drift.NOTHING_EXPECTED]),
        ([], [there()], [Drift.UNRELATED]),
        ([], [there(key="")], [Drift.UNRELATED]),
        ([], [], []),
    ],
)
def test_each_kind_of_drift_is_told(
    mine: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], expected: list[Drift]
) -> None:
    assert expected == classes(mine, theirs)


def test_two_references_of_one_case_are_no_double() -> None:
    """A case has several worksheets with its reference on them, each in a Reference of its own."""
    mine = [here(record="R1", action="a1"), here(record="R2", action="a2")]
    assert [Drift.MATCHED, Drift.MATCHED] == classes(mine, [there("R1"), there("R2")])


def test_a_record_that_two_cases_hold_is_matched_for_both() -> None:
    mine = [here(key="C-1", action="a1"), here(key="C-2", action="a2")]
    assert [Drift.MATCHED, Drift.MATCHED] == classes(mine, [there(key="C-1"), there(key="C-2")])


def test_a_record_without_a_reference_here_names_an_action_of_its_case() -> None:
    """Who adopts it must know for which case and which Reference."""
    mine = [here(Stand.ENDED, "", action="refused"), here(Stand.IN_DOUBT, "", action="doubted")]
    result = compare(frame(mine, HERE), frame([there("R9")], THERE))
    assert ["doubted"] == list(result.loc[result["drift"] == Drift.CANDIDATE, "action_id"])


KEYS = st.sampled_from(["C-1", "C-2", "C-3", "Müller/7", "0", "with,comma\r\nand line"])
RECORDS = st.sampled_from(["R1", "R2", "R3", "R4", "0007"])
FLAGS = st.sampled_from([-1, 0, 1])


@st.composite
def actions(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        stands = draw(st.sampled_from(list(Stand)))
        record = draw(RECORDS) if stands in (Stand.HELD, Stand.REPLACED) else ""
        rows.append((draw(KEYS), record, f"a{number}", stands.value, draw(FLAGS), draw(st.booleans())))
    return rows


RECORD_ROWS = st.dictionaries(st.tuples(KEYS, RECORDS), st.tuples(FLAGS, st.booleans()), max_size=12).map(
    lambda rows: [(*names, *values) for names, values in rows.items()]
)


def in_chunks(rows: list[tuple[Any, ...]], columns: dict[str, str], size: int) -> Iterator[pd.DataFrame]:
    for start in range(0, len(rows), size):
        yield frame(rows[start : start + size], columns)


def told(results: list[pd.DataFrame]) -> list[tuple[str, ...]]:
    return sorted(tuple(row) for result in results for row in result.itertuples(index=False))


@given(mine=actions(), theirs=RECORD_ROWS)
@settings(deadline=None)
def test_every_action_and_every_record_is_in_exactly_one_class(
    mine: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]
) -> None:
    result = compare(frame(mine, HERE), frame(theirs, THERE))
    assert set(result["drift"]) <= {drift.value for drift in Drift}
    holding = {(row[0], row[1]) for row in mine if row[1]}
    unheld = [row for row in theirs if (row[0], row[1]) not in holding]
    assert len(mine) + len(unheld) == len(result)
    assert [row[2] for row in mine] == list(result["action_id"][: len(mine)])
    assert sorted(row[:2] for row in unheld) == sorted(
        result.iloc[len(mine) :][["key", "record_id"]].itertuples(index=False, name=None)
    )


@given(mine=actions(), theirs=RECORD_ROWS, data=st.data())
@settings(deadline=None, max_examples=50)
def test_order_and_size_of_the_chunks_do_not_matter(
    mine: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    whole = told([compare(frame(mine, HERE), frame(theirs, THERE))])
    shuffled, shuffled_there = mine[:], theirs[:]
    order = random.Random(data.draw(st.integers()))
    order.shuffle(shuffled)
    order.shuffle(shuffled_there)
    size, buckets = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 7))
    parts = compare_in_buckets(in_chunks(shuffled, HERE, size), in_chunks(shuffled_there, THERE, size), buckets=buckets)
    assert whole == told(list(parts))


def test_a_record_that_is_listed_twice_counts_as_it_was_seen_last() -> None:
    """Paging over records that change shows some of them twice."""
    assert [Drift.CHANGED] == classes([here()], [there(changed=False), there(changed=True)])
