"""The comparison: actions of the ledger and records of a target, joined by our reference and the record's id.

Rows with the same `key` are compared with each other and with no others, so that the whole can be cut into buckets by
key: memory holds one bucket, whatever the number of rows, their order and the size of the chunks in which they come.

    here    key, record_id, action_id, stands, case_closed, expected
    there   key, record_id, closed, changed

`key` is our reference on the record. `record_id` is "" for an action that has none. `case_closed` and `closed` are 1,
0, or -1 when it is not known. `expected` says whether the listing must show the record if the target has it; `changed`
whether the record has changed since its data was brought back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from casebridge.core.drift import Drift, Stand

HERE = {
    "key": "object",
    "record_id": "object",
    "action_id": "object",
    "stands": "object",
    "case_closed": "int8",
    "expected": "bool",
}
THERE = {"key": "object", "record_id": "object", "closed": "int8", "changed": "bool"}
RESULT = ("key", "record_id", "action_id", "drift")

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # so that the buckets do not depend on the low bits of the hash alone


def frame(rows: Iterable[Mapping[str, Any]] | Iterable[tuple[Any, ...]], columns: Mapping[str, str]) -> pd.DataFrame:
    """A frame of rows with these columns."""
    made = pd.DataFrame(list(rows), columns=list(columns))
    return made.astype(dict(columns))


def compare_in_buckets(
    here: Iterable[pd.DataFrame], there: Iterable[pd.DataFrame], *, buckets: int = 16
) -> Iterator[pd.DataFrame]:
    """Compares chunks of both sides; gives the classes, a bucket at a time.

    Args:
        here: The actions, in chunks of any size and order.
        there: The records, in chunks of any size and order.
        buckets: Into how many parts they are cut; memory holds one part of each side.
    """
    with tempfile.TemporaryDirectory(prefix="casebridge-reconcile-") as name:
        folder = Path(name)
        for side, chunks in (("here", here), ("there", there)):
            _spill(chunks, folder / side, buckets)
        for bucket in range(buckets):
            yield compare(_gather(folder / "here", bucket, HERE), _gather(folder / "there", bucket, THERE))


def compare(here: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    """The class of every action, and of every record that no action holds.

    Returns:
        Columns `key`, `record_id`, `action_id`, `drift`. A record's `action_id` is that of an action with the same
        key, "" when there is none.
    """
    there = there.drop_duplicates(["key", "record_id"], keep="last")
    holds = here["stands"].isin([Stand.HELD, Stand.REPLACED]) & (here["record_id"] != "")
    pairs = here.loc[holds, ["key", "record_id"]].drop_duplicates()
    held = there.merge(pairs, on=["key", "record_id"], how="left", indicator="side")["side"].eq("both").to_numpy()
    unheld = there[~held]
    seen = here.merge(there, on=["key", "record_id"], how="left", indicator="side")
    mine = _actions(seen, unheld)
    theirs = _records(unheld, seen)
    return pd.concat([mine, theirs], ignore_index=True)


def _actions(seen: pd.DataFrame, unheld: pd.DataFrame) -> pd.DataFrame:
    stands, present = seen["stands"], seen["side"].eq("both")
    holds, replaced = stands.eq(Stand.HELD), stands.eq(Stand.REPLACED)
    closed, case_closed = seen["closed"].fillna(-1), seen["case_closed"]
    doubted, candidate = stands.eq(Stand.IN_DOUBT), _among(seen["key"], unheld["key"])
    drift = np.select(
        [
            holds & ~present & seen["expected"],
            holds & ~present,
            holds & seen["changed"].eq(True),
            holds & closed.eq(1) & case_closed.eq(0),
            holds & closed.eq(0) & case_closed.eq(1),
            holds | (replaced & present),
            doubted & candidate,
            doubted,
            stands.eq(Stand.IN_PROGRESS),
        ],
        [
            Drift.MISSING_IN_TARGET.value,
            Drift.NOT_LISTED.value,
            Drift.CHANGED.value,
            Drift.CLOSED_IN_TARGET.value,
            Drift.CLOSED_HERE.value,
            Drift.MATCHED.value,
            Drift.DECIDABLE.value,
            Drift.IN_DOUBT.value,
            Drift.IN_PROGRESS.value,
        ],
        default=Drift.NOTHING_EXPECTED.value,
    )
    return seen[["key", "record_id", "action_id"]].assign(drift=drift)


def _records(unheld: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    key, stands = unheld["key"], seen["stands"]
    believed = stands.eq(Stand.HELD) & (seen["side"].eq("both") | ~seen["expected"])

    def beside(which: pd.Series[bool]) -> pd.Series[bool]:
        return _among(key, seen.loc[which, "key"])

    ended_by_person = beside(stands.eq(Stand.CLOSED))
    drift = np.select(
        [
            beside(stands.eq(Stand.IN_DOUBT)),
            beside(stands.eq(Stand.IN_PROGRESS)),
            ended_by_person & unheld["closed"].eq(0),
            ended_by_person,
            beside(believed),
            _among(key, seen["key"]),
        ],
        [
            Drift.CANDIDATE.value,
            Drift.IN_PROGRESS.value,
            Drift.CLOSED_HERE.value,
            Drift.NOTHING_EXPECTED.value,
            Drift.DOUBLED.value,
            Drift.MISSING_HERE.value,
        ],
        default=Drift.UNRELATED.value,
    )
    # The action that is told beside a record is the one that says most about it.
    telling = seen.assign(rank=stands.map({stand: rank for rank, stand in enumerate(_TELLING)}))
    telling = telling.sort_values(["rank", "action_id"]).drop_duplicates("key").set_index("key")["action_id"]
    action = key.map(telling).fillna("") if len(telling) else ""
    return unheld[["key", "record_id"]].assign(action_id=action, drift=drift)


_TELLING = (Stand.IN_DOUBT, Stand.IN_PROGRESS, Stand.CLOSED, Stand.HELD, Stand.REPLACED, Stand.ENDED)


def _among(keys: pd.Series[str], others: pd.Series[str]) -> pd.Series[bool]:
    return keys.isin(others.unique()) & keys.ne("")


def _spill(chunks: Iterable[pd.DataFrame], folder: Path, buckets: int) -> None:
    for bucket in range(buckets):
        (folder / str(bucket)).mkdir(parents=True)
    for number, chunk in enumerate(chunks):
        hashes = pd.util.hash_array(chunk["key"].to_numpy(dtype=object), categorize=False)
        which = ((hashes * _SPREAD) >> np.uint64(32)) % np.uint64(buckets)
        for bucket, rows in chunk.groupby(which, sort=False):
            rows.to_pickle(folder / str(bucket) / f"{number:08}")


def _gather(folder: Path, bucket: int, columns: Mapping[str, str]) -> pd.DataFrame:
    files = sorted((folder / str(bucket)).iterdir())
    if not files:
        return frame([], columns)
    # Written a moment ago by this process into a folder that only it can enter.
    return pd.concat([pd.read_pickle(file) for file in files], ignore_index=True)  # noqa: S301
