"""A comment for every message: cut by bytes between characters, and added once."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebridge.connectors.salesforce.comment import NO_TEXT, Comment, Wording, missing, pieces
from casebridge.core.message import Attachment, Author
from tests.connectors.salesforce.samples import said

AUDITED = Wording(4000, False, lambda message: str(message.author), "Europe/Rome", "YYYY-MM-DD HH:mm:ss")
PLAIN = Wording(4000, True, None, "Europe/Rome", "YYYY-MM-DD HH:mm:ss")
FILE = Attachment("m1", "listino.pdf", "https://desk.example/media/m1")


@given(st.text(max_size=300), st.integers(100, 200))
@settings(max_examples=200, deadline=None)
def test_no_piece_is_too_long_and_nothing_is_lost(text: str, most: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    cut = pieces(text, most)

    assert text == "".join(cut)
    assert all(len(piece.encode()) <= most for piece in cut)


@pytest.mark.behaviour("V6")
@pytest.mark.parametrize("character", ["🗑", "é", "e\u0301", "👍🏽", "👨‍👩‍👧", "🇮🇹"])
def test_a_piece_never_ends_within_a_character_that_people_see(character: str) -> None:
    """4,000 bytes are 1,000 emoji."""
    for piece in pieces(character * 3000, 4000):
        assert "" == piece.replace(character, "")
        assert not unicodedata.combining(piece[0])


@pytest.mark.behaviour("V7")
def test_an_audited_comment_is_the_message_s_text_with_its_author_and_time() -> None:
    (comment,) = AUDITED.comments([said(1)])
    record = comment.values("500")

    assert ("ciao", "500", "2024-05-01T10:00:02.000+0000", "customer") == (
        record["CommentBody"],
        record["ParentId"],
        record["CreatedDate"],
        record["CreatedById"],
    )


@pytest.mark.behaviour("V7")
def test_without_audit_fields_author_and_time_stand_in_the_text() -> None:
    """In the connection's time zone."""
    comments = PLAIN.comments([said(1), said(2, "ok", by=Author.AGENT)])

    assert ["[2024-05-01 12:00:02 Maria C.] ciao", "[2024-05-01 12:00:03 agent.demo@example.com] ok"] == [
        one.body for one in comments
    ]
    assert {"ParentId", "CommentBody"} == comments[0].values("500").keys()


@pytest.mark.behaviour("V8")
def test_a_file_is_named_or_linked_in_the_comment_of_its_message() -> None:
    message = said(1, "look", files=[FILE])

    assert "look\n[file: listino.pdf]" == AUDITED.comments([message])[0].body
    assert PLAIN.comments([message])[0].body.endswith("look\n[file: listino.pdf] https://desk.example/media/m1")


def test_a_message_of_nothing_is_a_comment_too() -> None:
    assert NO_TEXT == AUDITED.comments([said(1, "  ")])[0].body


def held(*comments: Comment) -> list[dict[str, object]]:
    return [
        {"CommentBody": f"{one.body}\n", "CreatedDate": "2024-05-01T10:00:01.000+0000", "CreatedById": one.author_id}
        for one in comments
    ]


def test_what_is_missing_is_a_difference_of_multisets() -> None:
    """Who says "ok" twice in one second has said it twice."""
    wanted = AUDITED.comments([said(1, "ok", seconds=0) for _ in range(3)])
    wanted = [Comment(one.body, said(0, seconds=0).sent_at, one.author_id) for one in wanted]

    assert [True, True, True] == missing(wanted, [], audited=True)
    assert [False, False, True] == missing(wanted, held(*wanted[:2]), audited=True)
    assert [False, False, False] == missing(wanted, held(*wanted, wanted[0]), audited=True)


def test_the_same_text_of_somebody_else_is_another_comment() -> None:
    wanted = [Comment("ok", said(0).sent_at, "005A")]

    assert [True] == missing(wanted, held(Comment("ok", None, "005B")), audited=True)
    assert [False] == missing([Comment("ok")], held(Comment("ok", None, "005B")), audited=False)
