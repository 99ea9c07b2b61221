"""A mail to the mailbox that SSP7 reads: the way to write a task back where the web service cannot be called."""

from __future__ import annotations

from casebridge.sources.ssp7.profile import MailFormats


def compose(
    formats: MailFormats, *, task: str, external_reference: str = "", text: str = "", mark: str = ""
) -> tuple[str, str]:
    """Subject and body of a mail about a task.

    Args:
        formats: What SSP7 looks for.
        task: The task's number.
        external_reference: The external reference number that it gets, "" for none.
        text: The update text or the solution.
        mark: What in the subject says that the text is more than an update.
    """
    number = formats.task_number.replace("{number}", task)
    subject = formats.subject.replace("{marks}", mark).replace("{task}", number)
    # What is written by people must not look like a number of ours: SSP7 takes the first that it finds.
    lines = [number]
    if external_reference:
        lines.append(formats.external_reference.replace("{number}", external_reference))
    return " ".join(subject.split()), "\n".join([*lines, text] if text else lines)
