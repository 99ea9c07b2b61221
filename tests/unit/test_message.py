"""A message of a case."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from casebridge.core.message import Attachment, Author, Message
from casebridge.core.payload import Payload

ATTACHMENT = Attachment(id="m1", name="photo of my house.jpg", url="https://files.example/m1", size=3)
MESSAGE = Message(
    id="wamid.1",
    author=Author.CUSTOMER,
    sent_at=datetime(2026, 5, 1, 10, tzinfo=UTC),
    text="The bin is at number 42",
    author_name="Sample Resident",
    author_email="sample@example.org",
    attachments=(ATTACHMENT,),
)


@given(st.text(), st.sampled_from(Author), st.datetimes(timezones=st.just(UTC)), st.none() | st.integers(0))
def test_a_message_survives_being_kept(text: str, author: Author, moment: datetime, size: int | None) -> None:
    message = Message("1", author, moment, text, attachments=(Attachment("a", text, text, size=size),))
    assert message == Message.from_json(message.as_json())


def test_the_text_form_of_a_message_shows_no_value() -> None:
    assert "Message(id='wamid.1')" == repr(MESSAGE)
    assert "Attachment(id='m1', media_type='', size=3)" == repr(ATTACHMENT)


def test_everything_in_a_message_is_private() -> None:
    private = Payload(messages=(MESSAGE,)).private_values()
    told = {MESSAGE.text, MESSAGE.author_name, MESSAGE.author_email, ATTACHMENT.name, ATTACHMENT.url}
    assert told == set(private)
