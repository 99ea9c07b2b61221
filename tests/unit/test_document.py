from __future__ import annotations

import subprocess
import sys

import pytest

from casebridge.core.document import DEEPEST, LONGEST, Entries, Items, Scalar, read_document
from casebridge.core.problem import Problem


def entries(text: str) -> Entries:
    document, problems = read_document(text)
    assert [] == problems
    assert isinstance(document, Entries)
    return document


def problems(text: str) -> list[tuple[str, int | None]]:
    return [(problem.rule, problem.line) for problem in read_document(text)[1]]


@pytest.mark.parametrize(
    "word", ["yes", "no", "on", "off", "true", "0123", "1_000", "1e3", "0x1F", "12:30", "2026-01-31", "1.50", ".5"]
)
def test_a_word_stays_as_it_was_written(word: str) -> None:
    """YAML would read `no` as false, `0123` as 83 and `12:30` as 750: a case officer means none of these."""
    assert Scalar(word, 1) == entries(f"a: {word}").entries["a"]


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_none(nothing: str) -> None:
    assert Scalar(None, 1) == entries(f"a: {nothing}").entries["a"]


@pytest.mark.parametrize("quoted", ['"null"', "'~'"])
def test_a_quoted_nothing_is_a_word(quoted: str) -> None:
    assert Scalar(quoted[1:-1], 1) == entries(f"a: {quoted}").entries["a"]


def test_every_value_knows_its_line() -> None:
    document = entries("name: a\n# remark\nrows:\n  - b\n  - {c: d,\n     e: f}\n")

    rows = document.entries["rows"]
    assert isinstance(rows, Items)
    assert {"name": 1, "rows": 3} == document.lines
    assert [4, 5] == [item.line for item in rows.items]
    assert isinstance(rows.items[1], Entries)
    assert {"c": 5, "e": 6} == rows.items[1].lines


def test_a_repeated_word_is_told_with_the_line_of_the_second() -> None:
    """YAML itself would silently keep the last one."""
    document, found = read_document("a: 1\nb: 2\na: 3\n")

    assert [("repeated_word", 3)] == [(problem.rule, problem.line) for problem in found]
    assert isinstance(document, Entries)
    assert Scalar("1", 1) == document.entries["a"]


def test_a_file_saved_by_a_windows_editor_is_read() -> None:
    """A byte order mark and CRLF line ends are what Notepad writes."""
    assert {"name": 1, "type": 2} == entries("\ufeffname: a\r\ntype: b\r\n").lines


def test_a_part_repeated_by_reference_is_refused() -> None:
    assert [("alias", 1)] == problems("a: &x [1, 2]\nb: *x\n")


def test_a_part_that_holds_itself_is_refused() -> None:
    assert [("alias", 1)] == problems("a: &x [*x]\n")


def test_a_doubling_of_references_stays_small() -> None:
    """Ten lines of this kind are a thousand million items for a reader that follows references."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 10)]

    assert {"alias"} == {rule for rule, _ in problems("\n".join(lines))}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("rows:\n\t- a: b\n", 2, "tab"),
        ("rows:\n  - a: b\n\tc: d\n", 3, "tab"),
        ("name: a\n type: b\n", 2, "colon"),
        ("name: Missed: bin\n", 1, "colon"),
        ("rows:\n  - a: b\n   c: d\n", 3, "indented"),
        ("rows:\n- a: b\n - c: d\n", 3, "indented"),
        ('name: "abc\ntype: x\n', 1, "quote"),
        ("rows:\n  - {a: b\n  - {c: d}\n", 3, "bracket"),
        ("rows: [a, b\nname: c\n", 2, "bracket"),
        ("a: *b\n", 1, "quotes"),
        ("a: @b\n", 1, "sign"),
        ("a: `b`\n", 1, "sign"),
        ('a: "C:\\dir"\n', 1, "backslash"),
        ("a: b\n---\nc: d\n", 2, "second template"),
    ],
)
def test_a_slip_of_the_pen_is_told_in_plain_words_with_its_line(text: str, line: int, words: str) -> None:
    document, found = read_document(text)

    assert document is None
    assert [("yaml", line)] == [(problem.rule, problem.line) for problem in found]
    assert words in found[0].message
    assert found[0].way_out


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_an_empty_file_says_so(text: str) -> None:
    assert [("empty_file", 1)] == problems(text)


@pytest.mark.parametrize("text", ["a: \x00", "a: \x07", "name: \ud800"], ids=["NUL", "BEL", "half a character"])
def test_what_is_no_text_is_told(text: str) -> None:
    found = read_document(text)[1]

    assert [Problem("yaml", "this is not a text file in YAML.", "Save it as UTF-8 text.", line=1)] == found


def test_the_deepest_document_that_is_read_is_far_deeper_than_a_template() -> None:
    assert [] == problems("[" * DEEPEST + "]" * DEEPEST)
    assert [("too_deep", 1)] == problems("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))


def test_a_hostile_depth_is_a_problem_and_not_the_end_of_the_process() -> None:
    """The YAML library goes down one C call for each bracket: without our check the interpreter itself dies."""
    program = (
        "from casebridge.core.document import read_document\n"
        "for text in ('[' * 200_000, '- ' * 200_000, '{a: ' * 100_000):\n"
        "    print(read_document(text)[1][0].rule)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (0, ["too_deep"] * 3) == (done.returncode, done.stdout.split())


def test_a_file_far_too_long_is_not_even_parsed() -> None:
    assert [("too_long", 1)] == problems("a" * (LONGEST + 1))


def test_a_tag_makes_no_object() -> None:
    assert Scalar("x", 1) == entries("a: !!python/object/apply:os.getcwd x").entries["a"]
