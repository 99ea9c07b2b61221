from __future__ import annotations

import pytest

from casebridge.core.errors import RefusedByTarget
from casebridge.core.privacy import HIDDEN, hide, without_values


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Invalid message: gate blocked.", ["gate blocked"], f"Invalid message: {HIDDEN}."),
        ("Invalid message: GATE Blocked.", ["gate blocked"], f"Invalid message: {HIDDEN}."),
        ("first line / second line", ["first line\nsecond line"], f"{HIDDEN} / {HIDDEN}"),
        ("no (a+b)* here", ["(a+b)*"], f"no {HIDDEN} here"),
        ("Quarry Cottage, Quarry", ["Quarry", "Quarry Cottage"], f"{HIDDEN}, {HIDDEN}"),
        ("item 1 of 12", ["1", "12"], "item 1 of 12"),
        ("Anna and Annabel", ["Anna"], f"{HIDDEN} and Annabel"),
        ("nothing to hide", [], "nothing to hide"),
        ("spaces", ["   ", ""], "spaces"),
    ],
)
def test_what_a_target_repeats_is_hidden(text: str, values: list[str], expected: str) -> None:
    assert expected == without_values(text, values)


def test_an_error_keeps_its_class_and_code_while_its_text_is_hidden() -> None:
    error = RefusedByTarget("Yard refused: Wilhelmina (code 3)", code="3")

    hidden = hide(error, ["Wilhelmina"])

    assert hidden is error
    assert (f"Yard refused: {HIDDEN} (code 3)", "3") == (str(hidden), hidden.code)
