"""A conversation becomes a Case: its Contact, the Case, a comment for every message, and the files.

Everything that is made is looked for first, so that an action may stop anywhere and go on later, and so that a
conversation that is closed again adds to the Case that it has.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import requests
from simple_salesforce.format import format_soql

from casebridge.connectors.salesforce.comment import Comment, Wording, missing
from casebridge.connectors.salesforce.contact import Contacts
from casebridge.connectors.salesforce.errors import Duplicate, NoSuchField
from casebridge.connectors.salesforce.file import CaseFiles, FileUnavailable, fetched, mark
from casebridge.connectors.salesforce.org import MOST_RECORDS, MOST_SUBREQUESTS, Org, Row
from casebridge.connectors.salesforce.profile import Profile
from casebridge.connectors.salesforce.settings import SalesforceSettings
from casebridge.connectors.salesforce.user import Users
from casebridge.core.errors import ClockSkew, InvalidMapping, NotAuthorised, RejectedError
from casebridge.core.manifest import MatchRule
from casebridge.core.message import Attachment, Author, Message
from casebridge.core.payload import Payload
from casebridge.core.ports import Parts
from casebridge.core.problem import Problem, Severity
from casebridge.core.record import Found, Receipt

log = logging.getLogger(__name__)

_CASE_FIELDS = {"origin": "Origin", "priority": "Priority", "status": "Status", "description": "Description"}
_NO_ASSIGNMENT = {"Sforce-Auto-Assign": "FALSE"}
"""Assignment rules run on a create by REST unless told not to, and would take the Case from the agent."""
_WITH_THE_CASE = MOST_SUBREQUESTS - 1


class Cases:
    """The Cases of an org by the conversations that they are of.

    Args:
        org: The org.
        profile: The name of the unique field.
    """

    def __init__(self, org: Org, profile: Profile) -> None:
        self._org = org
        self.external_id = profile.case_external_id

    def find(self, conversation_id: str, subject: str) -> list[Row]:
        """The Cases of a conversation, the oldest first: by the unique field, or else by the exact subject."""
        if self.external_id:
            condition = format_soql(f"{self.external_id} = {{}}", conversation_id)
        else:
            condition = format_soql("Subject = {}", subject)
        try:
            return self._org.query(
                f"SELECT Id, CreatedDate FROM Case WHERE {condition} ORDER BY CreatedDate, Id LIMIT 10"  # noqa: S608
            )
        except NoSuchField:
            if not self.external_id:
                raise
            log.warning("Cases have no field %s: they are found by their exact subject", self.external_id)
            self.external_id = ""
            return self.find(conversation_id, subject)

    @property
    def found_by(self) -> str:
        """How they are found, for the log."""
        if self.external_id:
            return f"one for the conversation by {self.external_id}"
        return "one for the conversation by its exact subject only, as the org has no unique field for it"


class Conversation:
    """One action.

    Args:
        payload: What is sent.
        parts: Remembers what was written, over every later try.
        org: The org.
        settings: The connection.
        profile: What is assumed.
        session: The way to where files are.
        conversation_id: Our reference on the Case.
    """

    def __init__(
        self,
        payload: Payload,
        parts: Parts,
        org: Org,
        settings: SalesforceSettings,
        profile: Profile,
        session: requests.Session,
        conversation_id: str,
    ) -> None:
        self._payload = payload
        self._parts = parts
        self._org = org
        self._settings = settings
        self._profile = profile
        self._session = session
        self._conversation_id = conversation_id
        self._cases = Cases(org, profile)
        self._users = Users(org, settings.fallback_owner)

    def send(self) -> Receipt:
        """Everything of the conversation is in Salesforce.

        Raises:
            InvalidMapping: A user or a Contact that is needed is not there, or a field is given twice.
            RejectedError: Salesforce said no.
            TransientError: It was not carried out.
            InDoubtError: It may have been.
        """
        self._refuse_own_fields()
        self._wait_for_the_clock()
        comments = self._comments
        self._refuse_missing_users()
        case = self._case(comments)
        self._write_comments(case.record_id, comments)
        if self._settings.add_attachments:
            self._upload_files(case.record_id)
        return Receipt(case.record_id, detail=self._told(), problems=self._warnings())

    @property
    def _subject(self) -> str:
        return self._payload.text("subject") or f"{self._payload.text('contact_phone')} [{self._conversation_id}]"

    @cached_property
    def _wording(self) -> Wording:
        return Wording(
            most_bytes=self._profile.comment_bytes,
            files_are_links=not self._settings.add_attachments,
            author_id=self._author_id if self._settings.set_audit_fields else None,
            timezone=self._settings.timezone,
            time_format=self._profile.message_time,
        )

    @cached_property
    def _comments(self) -> list[Comment]:
        return self._wording.comments(self._payload.messages)

    def _author_id(self, message: Message) -> str:
        if message.author is Author.CUSTOMER:
            return self._users.named(self._settings.customer_username, "User for customer comments")
        email = message.author_email or self._payload.text("owner_email")
        return self._users.agent(email, "an agent's comments")

    # what must be there

    def _refuse_own_fields(self) -> None:
        """A row for a field that has one of its own, or that casebridge sets: which of both counts nobody knows."""
        ours = {"subject", "contactid", "ownerid", self._profile.case_external_id.lower()}
        ours |= {name.lower() for name in _CASE_FIELDS.values()}
        keys = [str(row["key"]) for row in self._payload.keyed.get("case_field", [])]
        wrong = [key for at, key in enumerate(keys) if key.lower() in ours or key in keys[:at]]
        if wrong:
            way_out = "Use the mapping's own field, or keep one of the rows."
            problems = [
                Problem(
                    "given_twice",
                    f'the field "{key}" is given twice, or set by casebridge.',
                    way_out,
                    field="Case field",
                )
                for key in wrong
            ]
            raise InvalidMapping("Case fields", problems)

    def _wait_for_the_clock(self) -> None:
        """A desk's clock may be ahead of ours, and a comment cannot be of the future."""
        newest = max((message.sent_at for message in self._payload.messages), default=None)
        ahead = (newest - datetime.now(UTC)).total_seconds() if newest and self._settings.set_audit_fields else 0.0
        if ahead > 0:
            raise ClockSkew(
                f"the newest message is {ahead:.0f} s ahead of this clock; Salesforce takes no comment of the future",
                retry_after=ahead + 1,
            )

    def _refuse_missing_users(self) -> None:
        if self._users.problems:
            raise InvalidMapping("users of Salesforce", self._users.problems)

    # the Contact

    def _contact(self) -> Receipt:
        name = "contact"
        if name in self._parts.confirmed:
            return self._parts.confirmed[name]
        phone, rule = (
            self._payload.text("contact_phone"),
            self._payload.matching.get("contact", MatchRule.MATCH_THEN_CREATE),
        )
        contacts = Contacts(self._org, self._profile, self._settings.default_region)
        number = contacts.number(phone)
        with self._parts.exclusively(f"contact {number.normal}"):
            found = contacts.find(number)
            if found is not None and rule is not MatchRule.CREATE_ONLY:
                self._parts.confirm("contact", {name: found.receipt})
                return found.receipt
            if rule is MatchRule.MATCH_ONLY:
                message = "Salesforce has no Contact with this number, and the template allows a match only."
                raise InvalidMapping(
                    "the Contact", [Problem("no_contact", message, "Create the Contact.", field="Contact")]
                )
            return self._parts.write(
                name,
                "contact",
                lambda: contacts.create(number, phone, self._payload.text("contact_name")),
                find=lambda: [Found(one.id)] if (one := contacts.find(number)) is not None else [],
            )

    # the Case

    def _case(self, comments: Sequence[Comment]) -> Receipt:
        name = "case"
        if name in self._parts.confirmed:
            return self._parts.confirmed[name]
        if held := self._held_case():
            return held
        owner_id = self._users.agent(self._payload.text("owner_email"), "the owner of the Case")
        self._refuse_missing_users()
        contact = self._contact()
        with self._parts.exclusively(f"case {self._conversation_id}"):
            if held := self._held_case():
                return held
            return self._parts.write(
                name,
                "case",
                lambda: self._create_case(contact.record_id, owner_id, comments[:_WITH_THE_CASE]),
                find=lambda: [Found(str(row["Id"])) for row in self._found_cases()],
            )

    def _held_case(self) -> Receipt | None:
        """The Case that the conversation has, made by an earlier action or by an earlier try of this one."""
        rows = self._found_cases()
        if not rows:
            return None
        held = Receipt(str(rows[0]["Id"]), detail=f"there already, {self._cases.found_by}")
        self._parts.confirm("case", {"case": held})
        return held

    def _found_cases(self) -> list[Row]:
        return self._cases.find(self._conversation_id, self._subject)

    def _create_case(self, contact_id: str, owner_id: str, comments: Sequence[Comment]) -> Receipt:
        """The Case and its first comments in one request, all or none. No upsert: that cannot set audit fields."""
        values: dict[str, Any] = {"Subject": self._subject, "ContactId": contact_id, "OwnerId": owner_id}
        values |= {
            theirs: self._payload.fields[ours] for ours, theirs in _CASE_FIELDS.items() if ours in self._payload.fields
        }
        values |= {str(row["key"]): row["value"] for row in self._payload.keyed.get("case_field", [])}
        if self._cases.external_id:
            values[self._cases.external_id] = self._conversation_id
        case = {
            "method": "POST",
            "url": "sobjects/Case",
            "referenceId": "case",
            "body": values,
            "httpHeaders": _NO_ASSIGNMENT,
        }
        rest = [
            {
                "method": "POST",
                "url": "sobjects/CaseComment",
                "referenceId": f"comment{at}",
                "body": comment.values("@{case.id}"),
            }
            for at, comment in enumerate(comments, 1)
        ]
        try:
            made = self._org.composite([case, *rest], _NO_ASSIGNMENT)
        except Duplicate as error:
            if not error.record_ids:
                raise
            return Receipt(error.record_ids[0], detail="another action had made it a moment before")
        return Receipt(str(made["case"]["id"]), detail=self._cases.found_by)

    # the comments

    def _write_comments(self, case_id: str, comments: Sequence[Comment]) -> None:
        batches = [(f"comments {at // MOST_RECORDS + 1}", at) for at in range(0, len(comments), MOST_RECORDS)]
        waiting = [(name, at) for name, at in batches if name not in self._parts.confirmed]
        if not waiting:
            return
        absent = self._missing(case_id, comments)
        for name, at in waiting:
            chosen = [
                one for one, is_absent in zip(comments[at:], absent[at : at + MOST_RECORDS], strict=False) if is_absent
            ]
            if chosen:
                self._parts.write(
                    name,
                    "comment",
                    lambda chosen=chosen: self._add(case_id, chosen),  # type: ignore[misc]
                    find=lambda at=at: self._found_batch(case_id, comments, at),  # type: ignore[misc]
                )
            else:
                self._parts.confirm("comment", {name: Receipt("", detail="all there")})

    def _add(self, case_id: str, comments: Sequence[Comment]) -> Receipt:
        made = self._org.create_all("CaseComment", [one.values(case_id) for one in comments])
        return Receipt(made[-1], detail=f"{len(made)} added")

    def _found_batch(self, case_id: str, comments: Sequence[Comment], at: int) -> list[Found]:
        """All comments of a request or none were added: it is enough to see whether any is missing."""
        absent = self._missing(case_id, comments)
        return [] if any(absent[at : at + MOST_RECORDS]) else [Found("")]

    def _missing(self, case_id: str, comments: Sequence[Comment]) -> list[bool]:
        query = "SELECT Id, CommentBody, CreatedDate, CreatedById FROM CaseComment WHERE ParentId = {}"
        held = self._org.query(format_soql(query, case_id))
        return missing(comments, held, audited=self._settings.set_audit_fields)

    # the files

    def _upload_files(self, case_id: str) -> None:
        files = CaseFiles(self._org, case_id)
        for number, (message, attachment) in enumerate(self._attachments, 1):
            if not {f"file {number}", f"link {number}"} & self._parts.confirmed.keys():
                self._place(number, message, attachment, case_id, files)

    @property
    def _attachments(self) -> list[tuple[Message, Attachment]]:
        return [(message, one) for message in self._payload.messages for one in message.attachments]

    def _place(self, number: int, message: Message, attachment: Attachment, case_id: str, files: CaseFiles) -> None:
        """The file is on the Case, or else a comment with its address."""
        name = f"file {number}"
        if held := files.find(attachment):
            self._parts.confirm("file", {name: Receipt(held, detail="there already")})
            return
        try:
            with fetched(attachment, self._settings, self._session) as file:
                if held := files.find(attachment, file.checksum):
                    self._parts.confirm("file", {name: Receipt(held, detail="there already")})
                    return
                about = self._about(message, attachment, case_id)

                def found() -> list[Found]:
                    files.look_again()
                    held = files.find(attachment, file.checksum)
                    return [Found(held)] if held else []

                self._parts.write(
                    name,
                    "file",
                    lambda: Receipt(
                        self._org.upload(about, attachment.name, attachment.media_type, file.content), detail="uploaded"
                    ),
                    find=found,
                )
                files.look_again()
        except FileUnavailable as error:
            self._link(number, message, attachment, case_id, f"could not be fetched: {error}")
        except NotAuthorised:
            raise
        except RejectedError as error:
            if error.may_have_happened:
                raise
            code = getattr(error, "code", "") or type(error).__name__
            self._link(number, message, attachment, case_id, f"could not be uploaded ({code})")

    def _about(self, message: Message, attachment: Attachment, case_id: str) -> dict[str, Any]:
        about: dict[str, Any] = {
            "Title": attachment.name[:255],
            "PathOnClient": attachment.name[-500:],
            "Description": mark(attachment),
            "FirstPublishLocationId": case_id,
        }
        if self._settings.set_audit_fields:
            audited = Comment("", message.sent_at, self._author_id(message)).values(case_id)
            about |= {name: audited[name] for name in ("CreatedDate", "CreatedById") if name in audited}
        return about

    def _link(self, number: int, message: Message, attachment: Attachment, case_id: str, why: str) -> None:
        log.warning("File %d %s: its address is posted instead", number, why)
        comments = self._wording.link(message, attachment)
        absent = [one for one, is_absent in zip(comments, self._missing(case_id, comments), strict=True) if is_absent]
        if not absent:
            self._parts.confirm("comment", {f"link {number}": Receipt("", detail=why)})
            return
        self._parts.write(
            f"link {number}",
            "comment",
            lambda: Receipt(self._add(case_id, absent).record_id, detail=why),
            find=lambda: [] if any(self._missing(case_id, comments)) else [Found("")],
        )

    # what is told

    def _told(self) -> str:
        told = self._parts.confirmed
        parts = [
            f"{name} {receipt.detail}"
            for name, receipt in told.items()
            if name in ("contact", "case") and receipt.detail
        ]
        parts.append(f"{len(self._comments)} comments")
        if files := self._attachments:
            links = len(self._links)
            where = "as links" if not self._settings.add_attachments else "on the case"
            parts.append(f"{len(files) - links} files {where}" + (f", partial: {links} as links" if links else ""))
        return ", ".join(parts)

    @property
    def _links(self) -> dict[str, Receipt]:
        return {name: receipt for name, receipt in self._parts.confirmed.items() if name.startswith("link ")}

    def _warnings(self) -> tuple[Problem, ...]:
        found = [
            Problem(
                "file_as_link",
                f"file {name.removeprefix('link ')} {receipt.detail}; its address is posted as a comment.",
                "Fetch it by that address before it expires, and upload it by hand.",
                severity=Severity.WARNING,
            )
            for name, receipt in self._links.items()
        ]
        if self._users.stood_in:
            message = "no single active user has the agent's e-mail, so the Fallback owner stands in."
            found.append(Problem("fallback_owner", message, "Give the agent a user.", severity=Severity.WARNING))
        return tuple(found)
