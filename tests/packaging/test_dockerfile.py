"""The Dockerfile, as far as it can be proved without Docker: what it copies, installs and sets."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from casebridge.settings import PROJECT
from tests.packaging.files import ROOT, copied, dockerfile, env_file, image_environment, is_airflow_option, is_ignored


@pytest.mark.parametrize("source", [source for source, _ in copied()])
def test_what_is_copied_exists_and_is_not_ignored(source: str) -> None:
    """A source that `.dockerignore` leaves out fails the build."""
    assert (ROOT / source).exists()
    assert not is_ignored(source)


def test_the_builder_gets_nothing_else() -> None:
    """Secrets, data and environments of this machine must not be sent to a builder or be kept in an image."""
    for path in (".env", ".git/config", ".venv/bin/python", ".casebridge/secrets.json", "tests/conftest.py"):
        assert is_ignored(path), path
    for path in ("plugins/casebridge/__pycache__/x.pyc", "include/.env", "plugins/casebridge.egg-info/PKG-INFO"):
        assert is_ignored(path), path


def test_every_file_of_the_package_reaches_the_image() -> None:
    """Manifests, WSDLs and templates are files that no import would miss."""
    listed = subprocess.run(
        ["git", "ls-files", "plugins", "dags", "include", "simulators"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    folders = [source for source, _ in copied()]

    for path in filter(None, listed):
        assert not is_ignored(path), path
        assert any(path.startswith(f"{folder}/") for folder in folders), path


def test_packages_are_installed_with_hashes_and_compiled() -> None:
    """The same image tomorrow as today; and Airflow's processes start without compiling Airflow."""
    installs = [
        part for word, rest in dockerfile() if word == "RUN" for part in rest.split("&&") if " install " in part
    ]
    from_locks = [part for part in installs if "--requirement" in part]

    assert len(from_locks) == 2
    for part in from_locks:
        assert "--require-hashes" in part
        lock = ROOT / shlex.split(part)[-1]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", lock.read_text())
    assert any("uv pip install" in part and "--compile-bytecode" in part for part in from_locks)
    assert any("--no-deps" in part and "--editable ." in part for part in installs)


def test_the_image_has_the_python_that_the_lock_is_for() -> None:
    """The lock is compiled for one version of Python."""
    arguments = dict(rest.split("=", 1) for word, rest in dockerfile() if word == "ARG")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert arguments["PYTHON_IMAGE"].startswith("python:3.11-")
    assert "3.11" in declared


def test_the_image_has_what_the_build_of_the_package_reads() -> None:
    """`pyproject.toml` names a read-me and a licence."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    sources = {source for source, _ in copied()}

    assert {project["readme"], *project["license-files"], "pyproject.toml"} <= sources


def test_the_code_stays_where_the_settings_look_for_it() -> None:
    """Templates are found beside the package's folder; an installed copy of the package would not find them."""
    workdir = next(rest for word, rest in dockerfile() if word == "WORKDIR")
    targets = dict(copied())

    assert (PROJECT / "plugins" / "casebridge" / "settings.py").is_file()
    assert targets["plugins"] == "plugins"
    assert image_environment()["AIRFLOW__CORE__PLUGINS_FOLDER"] == f"{workdir}/plugins"
    assert image_environment()["AIRFLOW__CORE__DAGS_FOLDER"] == f"{workdir}/dags"


def test_the_plugins_folder_keeps_airflows_scan_out_of_the_package() -> None:
    """Without this file Airflow would load each module of the package under its bare name."""
    assert (ROOT / "plugins" / ".airflowignore").read_text().split() == ["casebridge/"]
    assert not is_ignored("plugins/.airflowignore")


def test_it_does_not_run_as_root() -> None:
    """The last user counts, and what it may write is outside of the code."""
    users = [rest for word, rest in dockerfile() if word == "USER"]
    written = next(rest for word, rest in dockerfile() if word == "RUN" and "install -d" in rest)

    assert users[-1].split(":")[0] == "10001"
    assert image_environment()["AIRFLOW_HOME"] in written
    assert image_environment()["CASEBRIDGE_CACHE"] in written
    assert "/opt/casebridge" not in written


def test_it_sets_options_that_exist_and_no_secret() -> None:
    """A secret in an image is a public secret."""
    for name in image_environment():
        assert not name.startswith("AIRFLOW__") or is_airflow_option(name), name
    assert not {name for name in image_environment() if re.search("PASSWORD|SECRET|KEY", name)}
    assert "10001" not in "".join(env_file(ROOT / ".env.example").values())


def test_scripts_can_be_run() -> None:
    """PostgreSQL's image runs a script that may be executed, and reads one that may not with another shell."""
    for script in Path(ROOT / "deploy").rglob("*.sh"):
        assert script.stat().st_mode & 0o111
        subprocess.run(["sh", "-n", str(script)], check=True)
