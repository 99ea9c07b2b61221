"""E-mail through Airflow's SMTP connection."""

from __future__ import annotations

from html import escape


def send_email(to: str, subject: str, text: str) -> None:
    """The mail server of the connection `smtp_default` has taken the message.

    Args:
        to: The receiver.
        subject: One line.
        text: Plain text. Airflow sends HTML, so each line is written as one.
    """
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    lines = "<br>\n".join(escape(line, quote=False) for line in text.splitlines())
    with SmtpHook() as hook:
        hook.send_email_smtp(to=to, subject=" ".join(subject.split()), html_content=lines)
