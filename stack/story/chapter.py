"""A chapter: what the demonstration shows of one system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from stack.story.scene import Scene
from stack.story.stage import Stage


class Chapter:
    """The scenes of one system, and what happens around them.

    Attributes:
        title: What the chapter is about.
        scenes: Those that are started through Airflow's REST API.
        closing: What `play` does, in words; "" when it does nothing.
    """

    title: ClassVar[str]
    scenes: ClassVar[Sequence[Scene]] = ()
    closing: ClassVar[str] = ""

    def prepare(self, stage: Stage) -> None:
        """Before the first scene: cases, connections, what the target holds."""

    def play(self, stage: Stage) -> None:
        """After the last scene: what does not begin with Airflow's REST API."""

    def told(self, stage: Stage) -> list[tuple[str, str]]:
        """The letters of the chapter's actions, each with what it shows."""
        return [(scene.letter, scene.title) for scene in self.scenes]

    def shown(self, stage: Stage) -> list[str]:
        """What can be seen afterwards, in sentences."""
        return []

    def wrong(self, stage: Stage) -> list[str]:
        """What went otherwise than it had to: a demonstration that shows something else than it says must fail."""
        return [wrong for scene in self.scenes if (wrong := scene.wrong(stage.actions[scene.letter]))]
