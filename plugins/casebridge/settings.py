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

CLOSED_STATUSES = "closed,complete,completed,cancelled,resolved"
"""ASSUMED: what case systems call a case that is done with. Each council names its own."""


@dataclass(frozen=True)
class Settings:
    """Where things are, and how patient we are.

    Attributes:
        database_url: casebridge's own database: `postgresql://user:password@host/database`.
        mappings: Folder of the mapping templates, a subfolder for each system.
        case_types: File, or folder of files, with the case types and their details, for lint and the local source.
        rules: File of the rules.
        cache: Folder for what may be kept between runs, such as WSDLs.
        retry_base_s: Seconds before the first retry; doubles with every further one.
        retry_cap_s: The longest wait between two tries, in seconds.
        reports: Folder of the reports of reconciliations.
        report_email: Who gets each report by e-mail, with commas between them; nobody when empty.
        reconcile_per_second: How many requests a second a reconciliation sends to a target at most; 0: any number.
        closed_statuses: The statuses of a case that is done with, in lower case.
        retention_days: For how many days payloads and pushed bodies are kept after their end; 0: for ever.
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
    reports: Path
    report_email: str
    reconcile_per_second: float
    closed_statuses: frozenset[str]
    retention_days: int
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

    cache = folder("CASEBRIDGE_CACHE", Path("~/.cache/casebridge"))

    return Settings(
        database_url=environment.get("CASEBRIDGE_DATABASE_URL", ""),
        mappings=folder("CASEBRIDGE_MAPPINGS", PROJECT / "include" / "mappings"),
        case_types=folder("CASEBRIDGE_CASE_TYPES", PROJECT / "include" / "cases"),
        rules=folder("CASEBRIDGE_RULES", PROJECT / "include" / "rules.yaml"),
        cache=cache,
        retry_base_s=_seconds(environment, "CASEBRIDGE_RETRY_BASE_S", 60.0),
        retry_cap_s=_seconds(environment, "CASEBRIDGE_RETRY_CAP_S", 12 * 3600.0),
        reports=folder("CASEBRIDGE_REPORTS", cache.parent / "casebridge-reports"),
        report_email=environment.get("CASEBRIDGE_REPORT_EMAIL", ""),
        reconcile_per_second=_number(environment, "CASEBRIDGE_RECONCILE_PER_SECOND", 5.0, "of requests"),
        closed_statuses=frozenset(
            status.strip().casefold()
            for status in (environment.get("CASEBRIDGE_CLOSED_STATUSES") or CLOSED_STATUSES).split(",")
        ),
        retention_days=int(_number(environment, "CASEBRIDGE_RETENTION_DAYS", 0.0, "of days")),
        airflow_url=environment.get("CASEBRIDGE_AIRFLOW_URL", "http://127.0.0.1:8080").rstrip("/"),
        airflow_user=environment.get("CASEBRIDGE_AIRFLOW_USER", ""),
        airflow_password=environment.get("CASEBRIDGE_AIRFLOW_PASSWORD", ""),
    )


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    return _number(environment, name, default, "of seconds")


def _number(environment: Mapping[str, str], name: str, default: float, of_what: str) -> float:
    text = environment.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = -1.0
    if not 0 <= number < 10**7:
        raise NotConfigured(f"the environment variable {name} must be a number {of_what}")
    return number
