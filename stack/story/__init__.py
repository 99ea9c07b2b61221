"""What `make demo` shows: integration actions on a running Airflow, and what became of them."""

from __future__ import annotations

from casebridge.cli.log_table import show_log
from stack.errors import StackError
from stack.progress import Terminal
from stack.stack import Stack
from stack.story.chapter import Chapter
from stack.story.jadu_cxm import JaduCxmChapter
from stack.story.m3pp import M3ppChapter
from stack.story.reconciliation import ReconciliationChapter
from stack.story.salesforce import SalesforceChapter
from stack.story.ssp7 import Ssp7Chapter
from stack.story.stage import Stage
from stack.story.tascomi import TascomiChapter
from stack.story.whitespace import WhitespaceChapter

QUICK = {"CASEBRIDGE_RETRY_BASE_S": "1"}

CHAPTERS: tuple[type[Chapter], ...] = (
    WhitespaceChapter,
    JaduCxmChapter,
    M3ppChapter,
    TascomiChapter,
    Ssp7Chapter,
    SalesforceChapter,
    ReconciliationChapter,
)


def tell(stack: Stack, terminal: Terminal) -> None:
    """Runs the story and prints the integration log.

    Raises:
        StackError: An action did not end as it has to.
    """
    stage = Stage(stack)
    chapters = [chapter() for chapter in CHAPTERS]
    with terminal.step("Load sample cases"):
        stage.installation.local_cases.put(stage.samples)
        for chapter in chapters:
            chapter.prepare(stage)
    _play_scenes(stage, chapters, terminal)
    for chapter in chapters:
        if chapter.closing:
            with terminal.step(chapter.closing):
                chapter.play(stage)
    for chapter in chapters:
        _show(stage, chapter, terminal)
    wrong = [wrong for chapter in chapters for wrong in chapter.wrong(stage)]
    if wrong:
        raise StackError(f"the demonstration did not go as it should: {'; '.join(wrong)}")


def _play_scenes(stage: Stage, chapters: list[Chapter], terminal: Terminal) -> None:
    scenes = [scene for chapter in chapters for scene in chapter.scenes]
    for turn in sorted({scene.turn for scene in scenes}):
        playing = [scene for scene in scenes if scene.turn == turn]
        with terminal.step(f"Start {_count(len(playing), 'action')} through Airflow's REST API"):
            for scene in playing:
                stage.start(scene)
            for scene in playing:
                stage.finish(scene)


def _show(stage: Stage, chapter: Chapter, terminal: Terminal) -> None:
    told = chapter.told(stage)
    terminal.note("")
    show_log([(letter, stage.actions[letter]) for letter, _ in told], terminal.console, title=chapter.title)
    for letter, title in told:
        terminal.note(f"({letter}) {title}")
        for problem in stage.actions[letter].problems:
            terminal.note(f"      {problem}")
    for sentence in chapter.shown(stage):
        terminal.note(sentence)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
