"""A local case may be a conversation: templates for messages are tried without a desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from casebridge.core.errors import NotConfigured
from casebridge.core.message import Attachment, Author
from casebridge.sources.local import LocalSource, read_cases
from casebridge.store.cases import LocalCases
from casebridge.store.database import Database

CASE = """
- reference: CONV-1
  messages:
    - id: "1"
      author: customer
      sent_at: "2024-05-01T10:00:01+02:00"
      text: ciao
      attachments: [{id: m1, name: a.pdf, url: "https://desk.example/m1", size: 5}]
"""


def test_the_messages_of_a_sample_case_are_read_back(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "samples.yaml"
    file.write_text(CASE, "utf-8")
    database = Database(database_url)
    shelf = LocalCases(database)
    shelf.put(list(read_cases(file)))
    (message,) = LocalSource(shelf).read("CONV-1").messages
    database.close()

    assert (Author.CUSTOMER, "ciao", "2024-05-01T10:00:01+02:00") == (
        message.author,
        message.text,
        message.sent_at.isoformat(),
    )
    assert (Attachment("m1", "a.pdf", "https://desk.example/m1", size=5),) == message.attachments


@pytest.mark.parametrize("wrong", ['"2024-05-01T10:00:01"', "yesterday"])
def test_a_message_without_a_moment_is_refused(wrong: str, tmp_path: Path) -> None:
    """A time without its offset would be somebody else's time."""
    file = tmp_path / "samples.yaml"
    file.write_text(CASE.replace('"2024-05-01T10:00:01+02:00"', wrong), "utf-8")
    with pytest.raises(NotConfigured, match="sent_at"):
        list(read_cases(file))
