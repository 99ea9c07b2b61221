"""Where Airflow finds the console: its place in the server, in the navigation and beside a DAG run.

Every process that loads plugins reads this; the console itself is made by the one that gets a request for it.
"""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf

PREFIX = "/casebridge"


def base_path() -> str:
    """Where Airflow's pages begin, "" when that is at the root of its host."""
    return urlsplit(conf.get("api", "base_url", fallback="") or "").path.rstrip("/")


class ConsoleMount:
    """The console as an ASGI application that is made when it is first asked."""

    def __init__(self) -> None:
        self._app: Any = None
        self._making = threading.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Passes a request on."""
        if self._app is None:
            with self._making:
                if self._app is None:
                    from casebridge.airflow.console import console

                    self._app = console()
        await self._app(scope, receive, send)


def fastapi_apps() -> list[dict[str, Any]]:
    """The console's place in the API server."""
    return [{"app": ConsoleMount(), "url_prefix": PREFIX, "name": "casebridge"}]


def external_views() -> list[dict[str, Any]]:
    """The console in the navigation, and its tab on each DAG run."""
    home = f"{base_path()}{PREFIX}"
    icons = {"icon": f"{home}/static/icon.svg", "icon_dark_mode": f"{home}/static/icon-dark.svg"}
    return [
        {
            "name": "Bridge",
            "href": f"{home}/",
            "destination": "nav",
            "url_route": "casebridge",
            "nav_top_level": True,
            **icons,
        },
        {
            "name": "Integration action",
            "href": f"{home}/run?dag_id={{DAG_ID}}&run_id={{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "casebridge-action",
            **icons,
        },
    ]
