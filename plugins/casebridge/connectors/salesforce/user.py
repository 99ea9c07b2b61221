"""Users of the org: who owns a Case and whom a comment is by."""

from __future__ import annotations

from simple_salesforce.format import format_soql

from casebridge.connectors.salesforce.org import Org
from casebridge.core.problem import Problem


class Users:
    """The users that an action needs. Each is asked for once; what is wrong with them is told together.

    Args:
        org: The org.
        fallback: User name of who stands in for an agent without a single active user; "" for nobody.
    """

    def __init__(self, org: Org, fallback: str) -> None:
        self._org = org
        self._fallback = fallback
        self._known: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.stood_in = False

    def agent(self, email: str, what: str) -> str:
        """The id of the active user with an e-mail; "" with a problem when there is not exactly one.

        Args:
            email: The agent's.
            what: What the user is needed for.
        """
        key = f"{what} {email.casefold()}"
        if key not in self._known:
            self._known[key] = self._agent(email, what)
        return self._known[key]

    def named(self, username: str, setting: str) -> str:
        """The id of the active user with a user name, which is unique; "" with a problem when there is none."""
        key = f"name {username.casefold()}"
        if key not in self._known:
            rows = self._org.query(format_soql("SELECT Id, IsActive FROM User WHERE Username = {}", username))
            active = [str(row["Id"]) for row in rows if row["IsActive"]]
            if not active:
                state = "is not active" if rows else "does not exist"
                message = f'the user that the setting "{setting}" names {state} in Salesforce.'
                self._report("no_user", message, "Create or activate the user, or correct the connection.")
            self._known[key] = active[0] if active else ""
        return self._known[key]

    def _agent(self, email: str, what: str) -> str:
        rows = self._org.query(format_soql("SELECT Id, IsActive FROM User WHERE Email = {}", email)) if email else []
        active = [str(row["Id"]) for row in rows if row["IsActive"]]
        if len(active) == 1:
            return active[0]
        if self._fallback:
            self.stood_in = True
            return self.named(self._fallback, "Fallback owner")
        if not email:
            message = f"the case names no e-mail of an agent for {what}."
        elif active:
            message = f"{len(active)} active users of Salesforce have the agent's e-mail, so {what} is not clear."
        elif rows:
            message = f"the user of Salesforce with the agent's e-mail is not active, for {what}."
        else:
            message = f"no user of Salesforce has the agent's e-mail, for {what}."
        way_out = "Give the agent the same e-mail in both systems and one active user, or set a Fallback owner."
        self._report("no_agent", message, way_out)
        return ""

    def _report(self, rule: str, message: str, way_out: str) -> None:
        self.problems.append(Problem(rule, message, way_out, field="Owner's e-mail" if rule == "no_agent" else ""))
