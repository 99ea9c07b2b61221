"""What can be said of every connector without a network. A new folder is tested without a new line here."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import getmembers, isabstract, isfunction
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
import yaml
from pydantic import SecretStr

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase, TargetSettings
from casebridge.core.convert import is_date_format
from casebridge.core.errors import NotConfigured
from casebridge.core.manifest import ActionType, FieldType, Manifest, ReferenceUse
from casebridge.core.manual import describe_connector
from casebridge.core.schema import template_schema
from tests.contract.quality import CONNECTORS, RULES, quality

PROJECT = Path(__file__).parents[2]
SYSTEMS = sorted(registry.manifests())
ACTIONS = [(system, action) for system in SYSTEMS for action in registry.manifest(system).actions]
NAME = re.compile(r"[a-z][a-z0-9_]*")
SOUNDS_SECRET = re.compile(r"password|secret|token|private_key")
EVENTS = {"update_received"}
every_system = pytest.mark.parametrize("system", SYSTEMS)
every_action = pytest.mark.parametrize(("system", "action"), ACTIONS)


def example(system: str, **changed: Any) -> dict[str, Any]:
    """Values for every setting that has no default, or that names an example as one of several that are needed."""
    fields = registry.settings_class(system).model_fields
    values = {name: field.examples[0] for name, field in fields.items() if field.examples}
    values |= {name: f"https://{name}.example" for name, field in fields.items() if field.is_required()}
    return {**values, **changed}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_there_are_connectors() -> None:
    assert SYSTEMS


# The manifest


@every_system
def test_a_manifest_carries_the_name_of_its_folder(system: str) -> None:
    assert system == yaml.safe_load((CONNECTORS / system / "connector.yaml").read_text("utf-8"))["name"]
    assert NAME.fullmatch(system)


@every_system
def test_a_manifest_says_how_often_and_how_long_it_is_patient(system: str) -> None:
    manifest = registry.manifest(system)

    assert 1 <= manifest.retries <= 15
    assert manifest.look_again_after
    assert list(manifest.look_again_after) == sorted(manifest.look_again_after)
    assert all(seconds > 0 for seconds in manifest.look_again_after)


@every_system
def test_a_manifest_speaks_to_people(system: str) -> None:
    manifest = registry.manifest(system)

    assert manifest.title
    assert manifest.description
    assert manifest.tested_against
    assert manifest.connection.default == f"{system}_default"
    assert all(action.title and action.description for action in manifest.actions.values())
    assert all(field.title for action in manifest.actions.values() for field in action.fields.values())


@every_system
@pytest.mark.behaviour("C14")
def test_nobody_is_left_to_think_that_personal_data_is_removed(system: str) -> None:
    """It must be said where people read: on the connector's page and beside every DAG."""
    manifest = registry.manifest(system)
    said = " ".join(manifest.limitations).lower()

    assert "personal data" in said
    assert "rely" in said
    page = (PROJECT / "docs" / "connectors" / f"{system}.md").read_text("utf-8")
    assert "personal data" in page


@every_action
def test_the_fields_of_an_action_are_declared_soundly(system: str, action: str) -> None:
    declared = registry.manifest(system).action(action)

    assert NAME.fullmatch(action)
    assert "__" not in action
    assert declared.fields
    for field in declared.fields.values():
        assert NAME.fullmatch(field.name)
        assert field.format is None or is_date_format(field.format)
        assert field.date_only_time is None or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", field.date_only_time)
        assert field.date_only_time is None or field.type is FieldType.DATETIME
        assert field.max_length is None or field.type is FieldType.TEXT
        assert not (field.key and field.otherwise), "a keyed field has no single value to fall back to"
        assert declared.outgoing or not (field.mandatory or field.otherwise), "only what is sent can be mandatory"


@every_action
def test_the_groups_and_the_cooldown_of_an_action_name_its_fields(system: str, action: str) -> None:
    declared = registry.manifest(system).action(action)

    assert all(len(group.fields) > 1 for group in declared.groups)
    if declared.cooldown is not None:
        assert declared.cooldown.minutes > 0
        assert set(declared.cooldown.per) <= {"case", *declared.fields}


@every_action
def test_an_incoming_type_is_applied_after_something_that_exists(system: str, action: str) -> None:
    manifest = registry.manifest(system)
    declared = manifest.action(action)
    known = {other.name for other in manifest.outgoing if other.record == declared.record} | EVENTS

    assert bool(declared.after) is not declared.outgoing
    assert set(declared.after) <= known


@every_system
def test_every_record_that_is_stored_in_a_reference_can_be_brought_back(system: str) -> None:
    manifest = registry.manifest(system)
    stored: list[ActionType] = [action for action in manifest.outgoing if action.reference is ReferenceUse.STORES]

    assert all(
        action.name in [name for incoming in manifest.incoming(action.record) for name in incoming.after]
        for action in stored
    )


@every_system
def test_a_create_without_an_answer_can_be_looked_up_or_a_reason_says_why_not(system: str) -> None:
    """Without `found_by` each lost answer is left to a person: that must be meant."""
    creates = [action for action in registry.manifest(system).outgoing if action.reference is ReferenceUse.STORES]
    rule = quality(system)["in_doubt_look_up"]
    exempt = isinstance(rule, dict) and rule["status"] == "exempt"

    assert exempt or all(action.found_by for action in creates)
    for action in creates:
        if action.found_by:
            found_by = action.fields[action.found_by]
            assert found_by.type is FieldType.TEXT
            assert found_by.key is None
            assert found_by.otherwise is not None, "a template without a row for it would make records nobody can find"


@every_system
def test_the_connector_can_look_up_what_its_manifest_says_it_can(system: str) -> None:
    made = connector(system)
    searched = any(action.found_by for action in registry.manifest(system).outgoing)

    assert searched is (type(made).find is not ConnectorBase.find)


# The settings and the class


def connector(system: str) -> ConnectorBase[Any]:
    return registry.connector(system, example(system), where="test")


@every_system
def test_every_setting_has_a_title_and_a_description_for_its_form(system: str) -> None:
    fields = registry.settings_class(system).model_fields
    own_word = {"login", "password"}  # "User name" and "Password" need no more words

    assert [] == [name for name, field in fields.items() if not field.title]
    assert [] == [name for name, field in fields.items() if not field.description and name not in own_word]


@every_system
def test_every_secret_is_kept_as_one(system: str) -> None:
    fields = registry.settings_class(system).model_fields

    assert [] == [
        name for name, field in fields.items() if SOUNDS_SECRET.search(name) and field.annotation is not SecretStr
    ]


@every_system
def test_no_secret_is_shown_by_the_settings_or_their_errors(system: str) -> None:
    secrets = [
        name for name, field in registry.settings_class(system).model_fields.items() if field.annotation is SecretStr
    ]
    values = example(system, **dict.fromkeys(secrets, "hush-hush"))

    assert "hush-hush" not in repr(registry.settings(system, values, where="test"))
    with pytest.raises(NotConfigured) as refused:
        registry.settings(system, {**values, "timezone": "Nowhere"}, where="test")
    assert "hush-hush" not in str(refused.value)


@every_system
def test_a_missing_setting_is_told_with_its_title_and_the_connection(system: str) -> None:
    required = [field.title for field in registry.settings_class(system).model_fields.values() if field.is_required()]

    with pytest.raises(NotConfigured) as refused:
        registry.settings(system, {}, where="the_connection")

    assert 'connection "the_connection"' in str(refused.value)
    assert all(f'"{title}"' in str(refused.value) for title in required)


@every_system
def test_a_setting_that_does_not_exist_is_told(system: str) -> None:
    with pytest.raises(NotConfigured, match='"pasword" is not a setting'):
        registry.settings(system, example(system, pasword="x"), where="test")


@every_system
def test_an_integration_is_enabled_unless_it_is_disabled(system: str) -> None:
    assert connector(system).enabled
    assert not registry.connector(system, example(system, enabled=False), where="test").enabled
    assert not registry.connector(system, example(system, enabled="false"), where="test").enabled


@every_system
def test_the_time_zone_is_london_unless_another_is_set(system: str) -> None:
    assert "Europe/London" == connector(system).timezone
    assert "Asia/Tokyo" == registry.connector(system, example(system, timezone="Asia/Tokyo"), where="t").timezone


@every_system
@pytest.mark.parametrize("wrong", ["London", "GMT+1", "Europe/Londn", "../etc/passwd", "/etc/localtime"])
def test_a_time_zone_that_does_not_exist_is_refused(system: str, wrong: str) -> None:
    assert wrong not in available_timezones()
    with pytest.raises(NotConfigured, match="Location/Area"):
        registry.settings(system, example(system, timezone=wrong), where="test")


@every_system
def test_the_connector_is_whole_and_takes_the_session_that_it_is_given(system: str) -> None:
    """One way to the outside: a test hands in its own, and nothing else is called."""
    session: Any = object()
    made = registry.connector(system, example(system), where="test", session=session)

    assert not isabstract(type(made))
    assert session is made.session
    assert registry.settings_class(system) is type(made).settings_class
    assert issubclass(type(made).settings_class, TargetSettings)
    assert made.look_again_after == registry.manifest(system).look_again_after
    assert all(member.__doc__ for name, member in getmembers(type(made), isfunction) if not name.startswith("_"))


@every_system
def test_the_page_of_a_record_is_the_one_that_the_connection_names(system: str) -> None:
    kind = registry.manifest(system).outgoing[0].record
    named = registry.connector(system, example(system, record_url="https://t/{id}/view"), where="test")

    assert "https://t/17/view" == named.record_url(kind, "17")


# What stands beside it


@every_system
def test_the_dag_file_names_every_action_and_nothing_else(system: str) -> None:
    tree = ast.parse((PROJECT / "dags" / f"{system}.py").read_text("utf-8"))
    calls = [
        tuple(argument.value for argument in node.args if isinstance(argument, ast.Constant))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]

    assert [(system, action) for action in registry.manifest(system).actions] == calls


@every_system
def test_the_dag_file_holds_no_logic(system: str) -> None:
    body = ast.parse((PROJECT / "dags" / f"{system}.py").read_text("utf-8")).body

    assert {ast.Expr, ast.ImportFrom, ast.Assign} >= {type(node) for node in body}
    assert len(body) <= 20


@every_system
def test_the_page_of_the_connector_is_current(system: str) -> None:
    """`casebridge docs` writes it."""
    fields = registry.settings_class(system).model_fields
    settings = [(name, field.title or name, field.description or "") for name, field in fields.items()]
    page = PROJECT / "docs" / "connectors" / f"{system}.md"

    assert describe_connector(registry.manifest(system), settings) == page.read_text("utf-8")


@every_system
def test_the_schema_of_its_templates_is_current(system: str) -> None:
    """`casebridge schema` writes it."""
    path = PROJECT / "include" / "mappings" / system / "template.schema.json"

    assert template_schema(registry.manifest(system)) == json.loads(path.read_text("utf-8"))


@every_system
def test_there_is_a_sample_template_of_each_outgoing_type(system: str) -> None:
    folder = PROJECT / "include" / "mappings" / system
    types = {yaml.safe_load(path.read_text("utf-8"))["type"] for path in folder.glob("*.yaml")}

    assert {action.name for action in registry.manifest(system).outgoing} <= types


@every_system
def test_every_rule_of_quality_is_done_or_to_do_or_exempt_with_a_reason(system: str) -> None:
    rules = quality(system)

    assert set(RULES) == rules.keys()
    for name, rule in rules.items():
        if rule == "done":
            continue
        assert isinstance(rule, dict), f"{name}: write done, or a status with its reason"
        assert {"status", "reason"} == rule.keys(), name
        assert rule["status"] in {"todo", "exempt"}, name
        assert len(rule["reason"].split()) >= 4, f"{name}: a reason is a sentence"


@every_system
def test_every_assumed_fact_is_told_in_the_connector_s_readme_with_its_default(system: str) -> None:
    """A council that knows better must find what it can override, and with what."""
    profile = CONNECTORS / system / "profile.yaml"
    assumed = dict(_leaves(yaml.safe_load(profile.read_text("utf-8")))) if profile.is_file() else {}
    lines = (CONNECTORS / system / "README.md").read_text("utf-8").splitlines()

    for name, default in assumed.items():
        row = next((line for line in lines if line.startswith(f"| `{name}` |")), "")
        assert row, f"{name} has no row in the README"
        assert [] == [value for value in default if str(value) not in row], name


def _leaves(node: dict[str, Any], above: str = "") -> Iterator[tuple[str, list[Any]]]:
    for name, inner in node.items():
        if isinstance(inner, dict):
            yield from _leaves(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", inner if isinstance(inner, list) else [inner]


# What it knows of the others


@every_system
def test_a_connector_knows_no_other_connector_no_source_and_no_store(system: str) -> None:
    """A system's folder can be lifted out, and any case source can feed it."""
    own = (f"casebridge.connectors.{system}", "casebridge.connectors.base", "casebridge.transport")
    wrong = {
        f"{path.name}: {name}"
        for path in (CONNECTORS / system).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in {"casebridge", "airflow", "simulators", "stack", "tests"}
        and not name.startswith(("casebridge.core", *own))
        and name not in {"casebridge", "casebridge.connectors"}
    }

    assert set() == wrong


@every_system
def test_no_other_part_of_casebridge_names_the_system(system: str) -> None:
    """No `if system == ...`: a capability is asked for, so that a sixth system changes no existing file."""
    package = PROJECT / "plugins" / "casebridge"
    word = re.compile(rf"\b{system}\b", re.IGNORECASE)
    naming = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if CONNECTORS / system not in path.parents
        # Who pushes is taken by an adapter of its own, found by its name.
        and path != package / "web" / "senders" / f"{system}.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Constant) and node.value == system)
        or (isinstance(node, ast.ImportFrom | ast.Import) and word.search(ast.unparse(node)))
    }

    assert set() == naming


@every_system
def test_no_list_of_what_is_there_names_the_system(system: str) -> None:
    """Nothing that exists changes for a new one: no registry, no start list, no package, no operator names it."""
    lists = [*PROJECT.glob("simulators/*.py"), *PROJECT.glob("stack/*.py"), *PROJECT.glob("tests/*.py")]
    naming = {
        path.name
        for path in lists
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict)
        for inner in ast.iter_child_nodes(node)
        if isinstance(inner, ast.Constant) and inner.value == system
    }
    for name in (
        "pyproject.toml",
        "Dockerfile",
        "requirements/runtime.in",
        "requirements/dev.in",
        "plugins/.airflowignore",
    ):
        # `simple-salesforce` is a package's name, not the system's.
        if re.search(rf"(?<![\w-]){system}\b", (PROJECT / name).read_text("utf-8")):
            naming.add(name)
    if system in yaml.safe_load((PROJECT / "docker-compose.yaml").read_text("utf-8"))["services"]:
        naming.add("docker-compose.yaml")

    assert set() == naming


def test_reading_manifests_and_settings_loads_nothing_heavy() -> None:
    """Every task process reads the DAG files: zeep alone would cost each of them a third of a second."""
    program = (
        "import sys\n"
        "from casebridge.connectors import registry\n"
        "from casebridge.airflow.pools import pools\n"
        "pools()\n"
        "for system in registry.manifests():\n"
        "    registry.settings_class(system)\n"
        "print(sorted({'zeep', 'requests', 'airflow', 'lxml', 'pandas', 'sqlalchemy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (0, "[]\n", "") == (done.returncode, done.stdout, done.stderr)


def test_an_unknown_system_is_answered_with_the_nearest() -> None:
    near = f"{SYSTEMS[0]}s"
    with pytest.raises(NotConfigured, match=f'there is no connector "{near}". Did you mean "{SYSTEMS[0]}"?'):
        registry.manifest(near)


@pytest.mark.parametrize("name", ["../whitespace", "transport", "", "base"])
def test_only_a_folder_with_a_manifest_is_a_system(name: str) -> None:
    with pytest.raises(NotConfigured):
        registry.manifest(name)


def test_every_system_has_its_own_manifest_object() -> None:
    manifests: dict[str, Manifest] = registry.manifests()

    assert sorted(path.parent.name for path in CONNECTORS.glob("*/connector.yaml")) == sorted(manifests)
