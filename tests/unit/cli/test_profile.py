"""`casebridge profile`: its file is what a connection takes, and its exit code says whether something is left."""

from __future__ import annotations

import json
from pathlib import Path

from tests.connectors.m3pp.samples import connector
from tests.connectors.m3pp.test_from_wsdl import OTHER, RENAMED, WORDS
from tests.unit.cli.test_offline import casebridge

WORDS_GIVEN = [word for ours, theirs in WORDS.items() for word in ("--name", f"{ours}={theirs}")]


def test_what_fits_and_what_is_to_fill_in_is_printed_and_written(tmp_path: Path) -> None:
    out = tmp_path / "m3pp.json"
    ran = casebridge("profile", "m3pp", "--from-wsdl", RENAMED, "--out", out)
    assert 1 == ran.code
    left = out.read_text("utf-8").count('"?"')
    assert f"{left} elements are left: fill in in {out}" in ran.out
    for word in ("RaiseJob", "shape", "subject_uprn", "to fill in, as they are in every answer: Reason, Fault"):
        assert word in ran.out


def test_with_the_words_of_somebody_who_knows_nothing_is_left_and_a_connection_takes_it(tmp_path: Path) -> None:
    out = tmp_path / "m3pp.json"
    ran = casebridge("profile", "m3pp", "--from-wsdl", RENAMED, "--out", out, *WORDS_GIVEN)
    assert 0 == ran.code
    assert "Every element is known" in ran.out
    assert connector(profile=json.loads(out.read_text("utf-8")))


def test_a_script_gets_the_profile_and_what_is_left() -> None:
    ran = casebridge("profile", "m3pp", "--from-wsdl", OTHER, "--json")
    assert 0 == ran.code
    assert "CreateAsset" == ran.json["profile"]["operations"]["create_asset"]["name"]
    assert 0 == ran.json["left_to_fill_in"]


def test_a_system_without_such_a_profile_says_so() -> None:
    ran = casebridge("profile", "whitespace", "--from-wsdl", OTHER)
    assert (2, True) == (ran.code, "Whitespace has no profile that a WSDL could fill" in ran.errors)


def test_a_name_is_written_with_an_equals_sign() -> None:
    ran = casebridge("profile", "m3pp", "--from-wsdl", OTHER, "--name", "uprn")
    assert (2, True) == (ran.code, "write subject_uprn=PropertyNumber" in ran.errors)
