"""The settings of this installation, from environment variables named `CASEBRIDGE_*`.

What belongs to one target system stands in its Airflow connection, not here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from casebridge.core.errors import NotConfigured

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Where things are, and how patient we are.

    Attributes:
        database_url: casebridge's own database: `postgresql://user:password@host/database`.
        mappings: Folder of the mapping templates, a subfolder for each system.
        case_types: File that names the case types and their details, for lint and the local source.
        rules: File of the rules.
        cache: Folder for what may be kept between runs, such as WSDLs.
        retry_base_s: Seconds before the first retry; doubles with every further one.
        retry_cap_s: The longest wait between two tries, in seconds.
        airflow_url: Address of Airflow's API server, for the command line.
        airflow_user: For the command line.
        airflow_password: For the command line.
    """

    database_url: str
    mappings: Path
    case_types: Path
    rules: Path
    cache: Path
    retry_base_s: float
    retry_cap_s: float
    airflow_url: str
    airflow_user: str
    airflow_password: str

    def __repr__(self) -> str:
        """Without the addresses that hold passwords."""
        return f"Settings(mappings={self.mappings})"


def read_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the environment.

    Raises:
        NotConfigured: A number is not a number; names the variable.
    """

    def folder(name: str, default: Path) -> Path:
        return Path(environment.get(name) or default).expanduser()

    return Settings(
        database_url=environment.get("CASEBRIDGE_DATABASE_URL", ""),
        mappings=folder("CASEBRIDGE_MAPPINGS", PROJECT / "include" / "mappings"),
        case_types=folder("CASEBRIDGE_CASE_TYPES", PROJECT / "include" / "cases" / "case_types.yaml"),
        rules=folder("CASEBRIDGE_RULES", PROJECT / "include" / "rules.yaml"),
        cache=folder("CASEBRIDGE_CACHE", Path("~/.cache/casebridge")),
        retry_base_s=_seconds(environment, "CASEBRIDGE_RETRY_BASE_S", 60.0),
        retry_cap_s=_seconds(environment, "CASEBRIDGE_RETRY_CAP_S", 12 * 3600.0),
        airflow_url=environment.get("CASEBRIDGE_AIRFLOW_URL", "http://127.0.0.1:8080").rstrip("/"),
        airflow_user=environment.get("CASEBRIDGE_AIRFLOW_USER", ""),
        airflow_password=environment.get("CASEBRIDGE_AIRFLOW_PASSWORD", ""),
    )


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    try:
        seconds = float(text) if text else default
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 10**7:
        raise NotConfigured(f"the environment variable {name} must be a number of seconds")
    return seconds
