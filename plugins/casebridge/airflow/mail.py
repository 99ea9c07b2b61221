"""E-mail through Airflow's SMTP connection."""

from __future__ import annotations

from html import escape

from casebridge.core.errors import NotConfigured, Unreachable


def send_email(to: str, subject: str, text: str) -> None:
    """The mail server of the connection `smtp_default` has taken the message, which was sent once.

    Args:
        to: The receiver.
        subject: One line.
        text: Plain text. Airflow sends HTML, so each line is written as one.

    Raises:
        NotConfigured: There is no such connection.
        Unreachable: The mail server could not be reached.
        OSError: As `smtplib` says; the message may be on its way.
    """
    from airflow.providers.common.compat.sdk import AirflowException, AirflowNotFoundException
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    class Once(SmtpHook):
        # Whatever the connection says: a message whose answer was lost may have arrived.
        smtp_retry_limit = 0

    lines = "<br>\n".join(escape(line, quote=False) for line in text.splitlines())
    hook = Once()
    try:
        hook.get_connection(hook.smtp_conn_id)
    except AirflowNotFoundException:
        raise NotConfigured(f"there is no connection {hook.smtp_conn_id} to a mail server") from None
    try:
        hook.get_conn()
    except (AirflowException, OSError) as error:  # all of smtplib's among them
        raise Unreachable(f"the mail server of {hook.smtp_conn_id} cannot be used ({type(error).__name__})") from None
    with hook:
        hook.send_email_smtp(to=to, subject=" ".join(subject.split()), html_content=lines)
