"""Rules: which events they are about, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from casebridge.connectors import registry
from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import InvalidTemplate
from casebridge.core.lint import lint_rules
from casebridge.core.rule import CaseEvent, When, inspect_rules, matches, read_rules

INCLUDE = Path(__file__).parents[2] / "include"
RULE = """\
rules:
  - name: send_crew
    when: {{source: local, case_type: missed_bin{when}}}
    apply: [missed_bin]
    {more}
"""


def event(**changes: str) -> CaseEvent:
    given = {"event": "case.transitioned", "case_type": "missed_bin", "status": "Reported", "transition": "report"}
    return CaseEvent("local", "C-1", datetime(2026, 1, 1, tzinfo=UTC), **(given | changes))


@pytest.mark.parametrize(
    ("when", "changes", "expected"),
    [
        ("", {}, True),
        ("", {"case_type": "bulky"}, False),
        (", event: case.transitioned", {}, True),
        (", event: case.created", {}, False),
        (", status: Reported", {}, True),
        (", status: [Open, Reported]", {}, True),
        (", status: Closed", {}, False),
        (", transition: report", {}, True),
        (", transition: close", {}, False),
        # A change that polling noticed has neither event nor transition: only a status can tell.
        (", event: case.transitioned, status: Reported", {"event": "", "transition": ""}, True),
        (", transition: report, status: Reported", {"event": "", "transition": ""}, True),
        (", transition: report, status: Closed", {"event": "", "transition": ""}, False),
        (", event: case.transitioned", {"event": "", "transition": ""}, False),
        ("", {"event": "", "transition": ""}, True),
    ],
)
def test_what_is_left_out_of_a_rule_does_not_matter(when: str, changes: dict[str, str], expected: bool) -> None:
    (rule,), problems = inspect_rules(RULE.format(when=when, more=""))
    assert [] == problems
    assert expected is matches(rule, event(**changes))


def test_a_rule_of_another_source_is_not_about_it() -> None:
    (rule,), _ = inspect_rules(RULE.format(when="", more=""))
    assert not matches(rule.model_copy(update={"when": When(source="jadu_cxm")}), event())


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("rules: [", "not valid YAML"),
        ("rulez: []", "rulez"),
        (RULE.format(when=", statuz: Open", more=""), "statuz"),
        (RULE.format(when="", more="when_created: [{transition: a, apply: b}]"), "exactly one of"),
        (RULE.format(when="", more="when_created: [{}]"), "exactly one of"),
        (RULE.format(when="", more="when_failed: [{email: {to: nobody, subject: s, text: t}}]"), "email.to"),
        ("rules: [{name: Bad Name, when: {source: local}, apply: [x]}]", "name"),
        ("rules: [{name: x, when: {}, apply: [x]}]", "source"),
        ("rules: [{name: x, when: {source: local}, apply: []}]", "apply"),
        ("rules: [{name: x, when: {source: s}, apply: [a]}, {name: x, when: {source: s}, apply: [a]}]", "two rules"),
    ],
)
def test_a_mistake_in_the_rules_is_told(text: str, phrase: str) -> None:
    _, problems = inspect_rules(text)
    assert problems
    assert any(phrase in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("rules: [{name: Bad Name, when: {}, apply: []}]", "utf-8")
    with pytest.raises(InvalidTemplate) as raised:
        read_rules(path)
    assert 3 == len(raised.value.problems)


def test_without_a_file_there_are_no_rules(tmp_path: Path) -> None:
    assert [] == read_rules(tmp_path / "none.yaml")


def test_lint_finds_templates_and_sources_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    text = RULE.format(when="", more="when_created: [{apply: misssed_bin}, {apply: worksheet_back}]")
    path.write_text(text.replace("source: local", "source: locall"), "utf-8")
    catalogue = Catalogue(INCLUDE / "mappings", registry.manifests())
    (finding,) = lint_rules(path, catalogue, ["local"])
    assert ["rule_template", "rule_template", "rule_source"] == [problem.rule for problem in finding.problems]
    assert 'Did you mean "local"?' in str(finding.problems[-1])
