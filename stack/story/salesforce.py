"""WitiOp and Salesforce: closed conversations become Cases."""

from __future__ import annotations

import json
from typing import Any

from casebridge.core.outcome import ENDED, State
from casebridge.store.action import Action
from stack import connections
from stack.story.chapter import Chapter
from stack.story.stage import LOOK_AGAIN_AFTER, Stage

KNOWN = "1793"
UNKNOWN = "1795"
STRANGER = "1796"
_TITLES = {
    KNOWN: "a known customer; the image and the PDF are uploaded",
    UNKNOWN: "an unknown customer without a name becomes a Contact under the number",
    STRANGER: "the agent is no Salesforce user: refused, with the way out",
}
_LETTERS = {KNOWN: "t", UNKNOWN: "u", STRANGER: "v"}


class SalesforceChapter(Chapter):
    """Three conversations that an agent closes."""

    title = "Closed conversations of WitiOp in Salesforce"
    closing = "Three conversations are closed in WitiOp"

    def prepare(self, stage: Stage) -> None:
        """Comments carry their authors and times; WitiOp tells the inbox what is closed."""
        for simulator in ("salesforce", "witiop"):
            stage.order(simulator, "reset")
        fields = connections.fields(stage.address("salesforce"))
        extra = {
            **json.loads(fields.get("extra", "{}")),
            "set_audit_fields": True,
            "customer_username": "witiop.customer@example.org",
            "look_again_after": LOOK_AGAIN_AFTER,
        }
        stage.stack.airflow.set_connection("salesforce_default", "salesforce", **(fields | {"extra": extra}))
        stage.order("witiop", "credentials", webhook_secret=stage.secret("witiop"))
        stage.order("witiop", "settings", webhook_url=f"{stage.stack.inbox_url}/inbox/witiop", face="witiop")

    def play(self, stage: Stage) -> None:
        """Opens two more conversations, and closes all three."""
        photo = {"name": "bin.jpg", "mime": "image/jpeg", "size": 40_000}
        stage.order(
            "witiop",
            "witiop/message",
            **{"conversation": int(KNOWN), "from": "customer", "text": "Here it is", "attachments": [photo]},
        )
        for number, agent in ((UNKNOWN, "agent.two@example.com"), (STRANGER, "nobody@example.com")):
            stage.order(
                "witiop",
                "witiop/open",
                id=int(number),
                customer={"number": "+447700900987" if number == UNKNOWN else "+447700900654"},
                agent=agent,
                messages=[
                    {"from": "customer", "text": "When do you come?"},
                    {"from": "agent", "text": "Tomorrow."},
                ],
            )
        for number in _LETTERS:
            stage.order("witiop", "witiop/close", conversation=int(number))
        for number, letter in _LETTERS.items():
            stage.actions[letter] = stage.wait_for(
                lambda number=number: _ended(stage, number),  # type: ignore[misc]
                f"the Case of conversation {number}",
            )

    def told(self, stage: Stage) -> list[tuple[str, str]]:
        """The three conversations."""
        return [(letter, _TITLES[number]) for number, letter in _LETTERS.items()]

    def shown(self, stage: Stage) -> list[str]:
        """The Cases as Salesforce holds them."""
        records = stage.ask("salesforce", "records")
        return [
            f'Case {case["CaseNumber"]} in Salesforce: "{case["Subject"]}", '
            f"{_count(records['CaseComment'], 'ParentId', case['Id'])} comments, "
            f"{_count(records['ContentDocumentLink'], 'LinkedEntityId', case['Id'])} files"
            for case in records["Case"]
            if case.get("WitiOp_Conversation_Id__c") in _LETTERS
        ]

    def wrong(self, stage: Stage) -> list[str]:
        """One Case for each conversation whose agent is known."""
        expected = {KNOWN: State.CONFIRMED, UNKNOWN: State.CONFIRMED, STRANGER: State.REFUSED}
        wrong = [
            f"({letter}) is {stage.actions[letter].state}"
            for number, letter in _LETTERS.items()
            if stage.actions[letter].state is not expected[number]
        ]
        held = [case.get("WitiOp_Conversation_Id__c") for case in stage.ask("salesforce", "records")["Case"]]
        if sorted(number for number in held if number in _LETTERS) != [KNOWN, UNKNOWN]:
            wrong.append("Salesforce does not hold one Case for each conversation")
        return wrong


def _ended(stage: Stage, conversation: str) -> Action | None:
    found = stage.installation.log.latest(case_reference=conversation, limit=20)
    return next((action for action in found if action.state in ENDED), None)


def _count(records: list[dict[str, Any]], name: str, value: str) -> int:
    return sum(record.get(name) == value for record in records)
