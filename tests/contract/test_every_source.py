"""What can be said of every case source without a network. A new folder is tested without a new line here."""

from __future__ import annotations

import re
import subprocess
import sys
from inspect import getmembers, isabstract, isfunction
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from casebridge.core.errors import NotConfigured
from casebridge.installation import SOURCES, Installation
from casebridge.sources import registry
from casebridge.sources.base import ConnectedSource
from casebridge.transport.settings import ConnectionSettings
from tests.contract.test_every_connector import SOUNDS_SECRET, _leaves, imported

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "plugins" / "casebridge" / "sources"
CONNECTED = sorted(registry.connected())

every_source = pytest.mark.parametrize("name", sorted(registry.specs()))
every_connected = pytest.mark.parametrize("name", CONNECTED)


def example(name: str, **changed: Any) -> dict[str, Any]:
    """Values for every setting that has no default."""
    fields = registry.settings_class(name).model_fields
    values = {key: "https://council.example" if key == "host" else key for key in fields if fields[key].is_required()}
    return {**values, **changed}


@every_source
def test_a_source_carries_the_name_of_its_folder_and_speaks_to_people(name: str) -> None:
    spec = registry.spec(name)

    assert name == yaml.safe_load((FOLDER / name / "source.yaml").read_text("utf-8"))["name"]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert spec.title
    assert spec.description
    assert spec.connection is None or spec.connection.default == f"{name}_default"


def test_the_source_that_needs_nothing_comes_first() -> None:
    """It is the default of every form."""
    assert "local" == SOURCES[0]
    assert set(registry.specs()) == set(SOURCES)


def test_an_unknown_source_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotConfigured, match='there is no case source "loca". Did you mean "local"?'):
        Installation().source("loca")


@every_connected
def test_a_source_is_made_from_the_values_that_its_connection_holds(name: str) -> None:
    asked: list[str] = []

    def connection_values(connection: str) -> dict[str, Any]:
        asked.append(connection)
        return example(name)

    made = Installation(connection_values=connection_values).source(name)
    assert name == made.name
    assert [registry.connection(name).default] == asked


@every_connected
def test_a_source_whose_connection_cannot_be_read_says_so(name: str) -> None:
    with pytest.raises(NotConfigured, match="cannot be read from here"):
        Installation().source(name)


@every_connected
def test_every_setting_has_a_title_and_a_description_for_its_form(name: str) -> None:
    fields = registry.settings_class(name).model_fields

    assert issubclass(registry.settings_class(name), ConnectionSettings)
    assert [] == [key for key, field in fields.items() if not field.title or not field.description]


@every_connected
def test_every_secret_is_kept_as_one_and_never_shown(name: str) -> None:
    fields = registry.settings_class(name).model_fields
    assert [] == [key for key, one in fields.items() if SOUNDS_SECRET.search(key) and one.annotation is not SecretStr]
    required = [key for key, field in fields.items() if field.annotation is SecretStr and field.is_required()]
    values = example(name, **dict.fromkeys(required, "hush-hush"))

    assert required
    assert "hush-hush" not in repr(registry.settings(name, values, where="test"))
    with pytest.raises(NotConfigured) as refused:
        registry.settings(name, {**values, "timezone": "Nowhere"}, where="test")
    assert "hush-hush" not in str(refused.value)


@every_connected
def test_a_missing_setting_is_told_with_its_title_and_the_connection(name: str) -> None:
    required = [field.title for field in registry.settings_class(name).model_fields.values() if field.is_required()]

    with pytest.raises(NotConfigured) as refused:
        registry.settings(name, {}, where="the_connection")

    assert 'connection "the_connection"' in str(refused.value)
    assert all(f'"{title}"' in str(refused.value) for title in required)


@every_connected
def test_the_source_is_whole_and_takes_the_session_that_it_is_given(name: str) -> None:
    session: Any = object()
    made = registry.source(name, example(name), where="test", session=session)

    assert isinstance(made, ConnectedSource)
    assert not isabstract(type(made))
    assert session is made.session
    assert made.enabled
    assert not registry.source(name, example(name, enabled="false"), where="test").enabled
    assert all(member.__doc__ for key, member in getmembers(type(made), isfunction) if not key.startswith("_"))


@every_connected
def test_every_setting_and_every_assumed_fact_is_told_in_its_readme(name: str) -> None:
    """A council that knows better must find what it can override, and with what."""
    lines = (FOLDER / name / "README.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    profile = FOLDER / name / "profile.yaml"
    assumed = dict(_leaves(yaml.safe_load(profile.read_text("utf-8")))) if profile.is_file() else {}

    assert [] == [key for key in registry.settings_class(name).model_fields if not any(f"`{key}`" in r for r in rows)]
    for key, default in assumed.items():
        row = next((line for line in rows if line.startswith(f"| `{key}` |")), "")
        assert row, f"{key} has no row in the README"
        assert [] == [value for value in default if str(value) not in row], key


@every_source
def test_a_source_knows_no_connector_no_other_source_and_no_store(name: str) -> None:
    own = (f"casebridge.sources.{name}", "casebridge.sources.base", "casebridge.transport", "casebridge.core")
    wrong = {
        f"{path.name}: {module}"
        for path in (FOLDER / name).rglob("*.py")
        for module in imported(path)
        if module.split(".")[0] in {"casebridge", "airflow", "simulators", "stack", "tests"}
        and not module.startswith(own)
    }

    assert set() == wrong


def test_reading_names_and_settings_loads_nothing_heavy() -> None:
    """Every task process reads the DAG files."""
    program = (
        "import sys\n"
        "from casebridge.sources import registry\n"
        "for name in registry.connected():\n"
        "    registry.settings_class(name)\n"
        "print(sorted({'requests', 'pendulum', 'airflow', 'sqlalchemy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (0, "[]\n", "") == (done.returncode, done.stdout, done.stderr)
