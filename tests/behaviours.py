"""`make behaviours`: every promised behaviour with the tests that prove it and their last results."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
COMMON = "common"


@dataclass(frozen=True)
class Behaviour:
    """A promise.

    Attributes:
        id: W3, C13 and so on; what a test is marked with.
        sentence: What is promised.
        system: The system that it is about, or `common`.
        built: Whether that system is built; only then a test must prove it.
    """

    id: str
    sentence: str
    system: str
    built: bool


@dataclass
class Proof:
    """A behaviour with the tests that are marked with it.

    Attributes:
        behaviour: The promise.
        tests: The last result of each test function by its name: passed, failed, skipped or not run.
    """

    behaviour: Behaviour
    tests: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """In a word: not built, no test, or what became of its tests."""
        if not self.tests:
            return "no test" if self.behaviour.built else "not built"
        return _together(self.tests.values())


def read_behaviours(root: Path = ROOT) -> dict[str, Behaviour]:
    """The promised behaviours by id."""
    declared = yaml.safe_load((root / "tests" / "behaviours.yaml").read_text("utf-8"))
    return {
        name: Behaviour(name, sentence, system, built=_is_built(system, root))
        for system, part in declared.items()
        for name, sentence in part["behaviours"].items()
    }


def results_file(root: Path = ROOT) -> Path:
    """Where the last results are kept."""
    return root / ".casebridge" / "behaviours.json"


def read_results(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """The last result of every marked test by its pytest id; empty before the first run."""
    try:
        read = json.loads(results_file(root).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def unproven(behaviours: Mapping[str, Behaviour], results: Mapping[str, Mapping[str, Any]]) -> list[Behaviour]:
    """The behaviours of built systems that no test in the results has passed for."""
    passed = {name for result in results.values() if result["outcome"] == "passed" for name in result["behaviours"]}
    return [behaviour for behaviour in behaviours.values() if behaviour.built and behaviour.id not in passed]


def proofs(root: Path = ROOT) -> list[Proof]:
    """Every behaviour with its tests, whether they ran already or not."""
    found = {name: Proof(behaviour) for name, behaviour in read_behaviours(root).items()}
    outcomes: dict[str, list[str]] = {}
    for test_id, result in read_results(root).items():
        outcomes.setdefault(test_id.partition("[")[0], []).append(str(result["outcome"]))
    for test, names in marked_tests(root):
        for name in names:
            if name in found:
                found[name].tests[test] = _together(outcomes.get(test, ["not run"]))
    return list(found.values())


def marked_tests(root: Path = ROOT) -> Iterator[tuple[str, list[str]]]:
    """The test functions that carry a mark, as pytest names them without parameters, and their behaviours."""
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        of_module = [name for node in tree.body if isinstance(node, ast.Assign) for name in _marks([node.value])]
        yield from _marked_in(tree, str(path.relative_to(root)), of_module)


def _marked_in(parent: ast.Module | ast.ClassDef, name: str, inherited: list[str]) -> Iterator[tuple[str, list[str]]]:
    for node in parent.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [*inherited, *_marks(node.decorator_list)]
            if isinstance(node, ast.ClassDef):
                yield from _marked_in(node, f"{name}::{node.name}", names)
            elif node.name.startswith("test_") and names:
                yield f"{name}::{node.name}", names


def _marks(nodes: Sequence[ast.AST]) -> list[str]:
    return [
        str(argument.value)
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "behaviour"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]


def _is_built(system: str, root: Path) -> bool:
    package = root / "plugins" / "casebridge"
    places = [
        package / "connectors" / system / "connector.yaml",
        package / "sources" / f"{system}.py",
        package / "sources" / system / "__init__.py",
    ]
    return system == COMMON or any(place.is_file() for place in places)


def _together(results: Iterator[str] | Sequence[str] | Any) -> str:
    """The worst that counts: one failure is a failure, and what only half ran has not passed."""
    all_of_them = set(results)
    for one in ("failed", "not run", "passed"):
        if one in all_of_them:
            return one
    return "skipped"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the list."""
    parser = argparse.ArgumentParser(prog="python -m tests.behaviours", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON for a script")
    as_json = parser.parse_args(arguments).json
    found = proofs()
    if as_json:
        listed = [
            {
                "id": proof.behaviour.id,
                "sentence": proof.behaviour.sentence,
                "system": proof.behaviour.system,
                "built": proof.behaviour.built,
                "result": proof.result,
                "tests": proof.tests,
            }
            for proof in found
        ]
        sys.stdout.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        return 0
    for proof in found:
        sys.stdout.write(f"{proof.behaviour.id:<4} {proof.result:<9} {proof.behaviour.sentence}\n")
        for test, result in proof.tests.items():
            sys.stdout.write(f"       {result:<9} {test}\n")
    built = [proof for proof in found if proof.behaviour.built]
    passed = sum(proof.result == "passed" for proof in built)
    sys.stdout.write(
        f"\n{passed} of {len(built)} behaviours of what is built are proven by the last run; "
        f"{len(found) - len(built)} are of systems that are not built.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
