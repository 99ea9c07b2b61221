"""The only file that Airflow's plugin scan loads; `.airflowignore` keeps it out of the package."""

from airflow.plugins_manager import AirflowPlugin

from casebridge.airflow import console_mount, preload, run_note
from casebridge.airflow.links import CaseLink, RecordLink


class CasebridgePlugin(AirflowPlugin):
    """Registers what casebridge adds to Airflow."""

    name = "casebridge"
    listeners = [preload, run_note]
    operator_extra_links = [CaseLink(), RecordLink()]
    fastapi_apps = console_mount.fastapi_apps()
    external_views = console_mount.external_views()
