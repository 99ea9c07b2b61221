"""SSP7: a ticket task goes to a service provider, and everything that happens there comes back onto the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casebridge.core.outcome import State
from casebridge.store.action import Action
from stack.story.chapter import Chapter
from stack.story.stage import Stage

GROUP = "External Service Provider"
LIFE = "TSK0009001"
BY_HAND = "TSK0009002"
_TEXTS = 2
_WORDS = {
    "submit": "the task is assigned to the group: a ticket is made, its number acknowledged",
    "update": "an update text goes to the provider",
    "decline_solution": "the solution is declined",
    "close": "the task is closed by hand",
    "ticket_update": "what the provider says comes back onto the task",
}


class Ssp7Chapter(Chapter):
    """Two tasks: one that the provider closes, and one that is closed by hand."""

    title = "Ticket tasks between SSP7 and a service provider"
    closing = "Two tasks of SSP7 go to a service provider and come back"

    def prepare(self, stage: Stage) -> None:
        """Both systems push at the inbox."""
        inbox = f"{stage.stack.inbox_url}/inbox"
        for simulator in ("ssp7", "service_provider"):
            stage.order(simulator, "reset")
        headers = {"X-Casebridge-Secret": stage.secret("ssp7")}
        stage.order("ssp7", "settings", web_service={"url": f"{inbox}/ssp7", "format": "soap", "headers": headers})
        stage.order("service_provider", "credentials", webhook_secret=stage.secret("service_provider"))
        stage.order("service_provider", "settings", webhooks={"url": f"{inbox}/service_provider"})

    def play(self, stage: Stage) -> None:
        """Lets the tasks live their lives.

        Raises:
            StackError: A turn of the story did not come.
        """
        for number in (LIFE, BY_HAND):
            stage.order("ssp7", "ssp7/assign", task=number, group=GROUP)
        self._await(stage, lambda: all(self._task(stage, one)["external_reference"] for one in (LIFE, BY_HAND)))
        stage.order("ssp7", "ssp7/close", task=BY_HAND, solution="It works again.")
        stage.order("ssp7", "ssp7/update", task=LIFE, text="Please hurry.", author="Sample Colleague")
        self._await(stage, lambda: len(self._ticket(stage, LIFE)["updates"]) == 1)
        ticket = self._ticket(stage, LIFE)["number"]
        stage.order("service_provider", "service_provider/update", ticket=ticket, text="A part is on its way.")
        self._await(stage, lambda: len(self._task(stage, LIFE)["updates"]) == _TEXTS)
        stage.order("service_provider", "service_provider/solve", ticket=ticket, solution="Drum cleaned.")
        self._await(stage, lambda: self._task(stage, LIFE)["solution"] == "Drum cleaned.")
        stage.order("ssp7", "ssp7/reject", task=LIFE, text="Still blank pages.", author="Sample Colleague")
        self._await(stage, lambda: self._ticket(stage, LIFE)["declined"] == 1)
        stage.order("service_provider", "service_provider/solve", ticket=ticket, solution="Drum replaced.")
        self._await(stage, lambda: self._task(stage, LIFE)["solution"] == "Drum replaced.")
        stage.order("service_provider", "service_provider/close", ticket=ticket)
        self._await(stage, lambda: self._task(stage, LIFE)["status"] == "Closed")
        self._await(stage, lambda: self._ticket(stage, BY_HAND)["status"] == "closed")
        for place, action in enumerate(self._actions(stage), 1):
            stage.actions[f"s{place}"] = action

    def told(self, stage: Stage) -> list[tuple[str, str]]:
        """Every action of both tasks, in order."""
        letters = [letter for letter in stage.actions if letter.startswith("s")]
        return [(letter, _WORDS.get(stage.actions[letter].action_type, "")) for letter in letters]

    def shown(self, stage: Stage) -> list[str]:
        """The tasks at their ends."""
        tasks = [self._task(stage, number) for number in (LIFE, BY_HAND)]
        return [
            f"Task {task['number']} in SSP7: {task['status']}, external reference {task['external_reference']}, "
            f"solution: {task['solution']}"
            for task in tasks
        ]

    def wrong(self, stage: Stage) -> list[str]:
        """One ticket for each task, every action confirmed, the texts in both systems in their order."""
        wrong = [
            f"({letter}) is {stage.actions[letter].state}"
            for letter, _ in self.told(stage)
            if stage.actions[letter].state is not State.CONFIRMED
        ]
        tickets = [one["reference"] for one in stage.ask("service_provider", "records")["tickets"]]
        wrong += [
            f"the provider holds {tickets.count(number)} tickets of {number}"
            for number in (LIFE, BY_HAND)
            if tickets.count(number) != 1
        ]
        texts = [one["text"] for one in self._task(stage, LIFE)["updates"]]
        if texts[:2] != ["Please hurry.", "A part is on its way."]:
            wrong.append("the texts of the task are not in their order")
        return wrong

    def _await(self, stage: Stage, happened: Callable[[], bool]) -> None:
        stage.wait_for(lambda: happened() or None, "a turn in the life of a ticket task")

    def _task(self, stage: Stage, number: str) -> dict[str, Any]:
        return next(dict(one) for one in stage.ask("ssp7", "records")["tasks"] if one["number"] == number)

    def _ticket(self, stage: Stage, reference: str) -> dict[str, Any]:
        tickets = stage.ask("service_provider", "records")["tickets"]
        return next(dict(one) for one in tickets if one["reference"] == reference)

    def _actions(self, stage: Stage) -> list[Action]:
        found = [
            action
            for number in (LIFE, BY_HAND)
            for action in stage.installation.log.latest(case_reference=number, limit=50)
        ]
        return sorted(found, key=lambda action: action.created_at)
