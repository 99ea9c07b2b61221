"""One installation, put together: its database, its templates, its case sources."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebridge.connectors import registry
from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import NotConfigured
from casebridge.core.problem import did_you_mean
from casebridge.settings import Settings, read_environment
from casebridge.sources import registry as sources

if TYPE_CHECKING:
    from casebridge.core.case import CaseType
    from casebridge.core.ports import CaseSource
    from casebridge.core.rule import Rule
    from casebridge.core.template import MappingTemplate
    from casebridge.store.case_states import CaseStates
    from casebridge.store.cases import LocalCases
    from casebridge.store.database import Database
    from casebridge.store.decisions import Decisions
    from casebridge.store.figures import Figures
    from casebridge.store.findings import Findings
    from casebridge.store.inbox import Inbox
    from casebridge.store.ledger import Ledger
    from casebridge.store.log import IntegrationLog
    from casebridge.store.operator_acts import OperatorActs
    from casebridge.store.reconciliations import Reconciliations
    from casebridge.store.references import References
    from casebridge.store.retention import Retention
    from casebridge.store.search import LogSearch

SOURCES = tuple(sources.specs())
"""The names of all case sources, the local one first."""

ConnectionValues = Callable[[str], dict[str, Any]]
"""Gives the settings in the Airflow connection of a name; raises NotConfigured when there is none."""


SendEmail = Callable[[str, str, str], None]
"""Sends a message: to, subject, text."""


class Installation:
    """What the DAGs, the command line and the pages work with. Each part is made when it is first asked for.

    Args:
        settings: The settings; those of the environment when None.
        connection_values: Reads Airflow connections. Only the Airflow adapters can, each in its own way; without it
            the case sources that need a connection cannot be reached.
        send_email: Sends a message: to, subject, text. Only tasks of Airflow can.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        connection_values: ConnectionValues | None = None,
        send_email: SendEmail | None = None,
    ) -> None:
        self.settings = settings or read_environment()
        self._connection_values = connection_values
        self._send_email = send_email

    @cached_property
    def database(self) -> Database:
        """Casebridge's own database.

        Raises:
            NotConfigured: No address is set, or it is not one of a PostgreSQL database.
        """
        from casebridge.store.database import Database

        if not self.settings.database_url:
            raise NotConfigured(
                "the environment variable CASEBRIDGE_DATABASE_URL is not set; "
                "write postgresql://user:password@host/database (`make up` sets it by itself)"
            )
        return Database(self.settings.database_url)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of actions."""
        from casebridge.store.ledger import Ledger

        return Ledger(self.database)

    @cached_property
    def log(self) -> IntegrationLog:
        """The reading view of the ledger."""
        from casebridge.store.log import IntegrationLog

        return IntegrationLog(self.database)

    @cached_property
    def search(self) -> LogSearch:
        """The integration log, searched."""
        from casebridge.store.search import LogSearch

        return LogSearch(self.database)

    @cached_property
    def figures(self) -> Figures:
        """Figures of the ledger."""
        from casebridge.store.figures import Figures

        return Figures(self.database)

    @cached_property
    def operator_acts(self) -> OperatorActs:
        """What people did by hand."""
        from casebridge.store.operator_acts import OperatorActs

        return OperatorActs(self.database)

    @cached_property
    def references(self) -> References:
        """The References of cases."""
        from casebridge.store.references import References

        return References(self.database)

    @cached_property
    def decisions(self) -> Decisions:
        """What persons decide."""
        from casebridge.store.decisions import Decisions

        return Decisions(self.database)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The mapping templates."""
        return Catalogue(self.settings.mappings, registry.manifests())

    @cached_property
    def inbox(self) -> Inbox:
        """The inbox."""
        from casebridge.store.inbox import Inbox

        return Inbox(self.database)

    @cached_property
    def case_states(self) -> CaseStates:
        """What was last seen of cases."""
        from casebridge.store.case_states import CaseStates

        return CaseStates(self.database)

    @cached_property
    def reconciliations(self) -> Reconciliations:
        """What targets listed, and how far each reconciliation has come."""
        from casebridge.store.reconciliations import Reconciliations

        return Reconciliations(self.database)

    @cached_property
    def findings(self) -> Findings:
        """What reconciliations left for a person."""
        from casebridge.store.findings import Findings

        return Findings(self.database)

    @cached_property
    def retention(self) -> Retention:
        """Erases what is no longer needed."""
        from casebridge.store.retention import Retention

        return Retention(self.database)

    def rules(self) -> list[Rule]:
        """The rules, as their file says now.

        Raises:
            InvalidTemplate: The file breaks rules of its own.
        """
        from casebridge.core.rule import read_rules

        return read_rules(self.settings.rules)

    @cached_property
    def local_cases(self) -> LocalCases:
        """The shelf of the local case source."""
        from casebridge.store.cases import LocalCases

        return LocalCases(self.database)

    def find_template(self, name: str) -> MappingTemplate:
        """A template by its name, or by `system/name` where two systems have one of that name.

        Raises:
            NotConfigured: There is none, or more than one.
        """
        system, _, template = name.rpartition("/")
        if system:
            return self.catalogue.template(system, template)
        homes = [one for one in self.catalogue.systems for path in self.catalogue.files(one) if path.stem == name]
        if len(homes) > 1:
            raise NotConfigured(f'"{name}" is a template of {" and ".join(homes)}; write {homes[0]}/{name}')
        if homes:
            return self.catalogue.template(homes[0], name)
        known = [path.stem for one in self.catalogue.systems for path in self.catalogue.files(one)]
        raise NotConfigured(
            f'there is no mapping template "{name}" in {self.settings.mappings.name}/. {did_you_mean(name, known)}'
        )

    def case_types(self) -> list[CaseType]:
        """The case types of all sources that can tell; no database is needed for it."""
        from casebridge.sources.local import read_case_types

        return list(read_case_types(self.settings.case_types))

    def source(self, name: str) -> CaseSource:
        """The case source of that name.

        Raises:
            NotConfigured: There is none, or its connection is missing or wrong.
        """
        connection = sources.spec(name).connection
        if connection is None:
            from casebridge.sources.local import LocalSource

            return LocalSource(self.local_cases, self.settings.case_types)
        made = sources.source(name, self.connection(connection.default), where=connection.default)
        made.send_email = self._send_email
        if self.settings.database_url:
            from casebridge.store.told_cases import ToldCases

            made.shelf = ToldCases(self.database, name)
        return made

    def connection(self, name: str) -> dict[str, Any]:
        """The settings in an Airflow connection, secrets included.

        Raises:
            NotConfigured: There is none of that name, or connections cannot be read from here.
        """
        if self._connection_values is None:
            raise NotConfigured(f'the Airflow connection "{name}" cannot be read from here')
        return self._connection_values(name)
