"""The settings and the profile: what is wrong is named, with the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from casebridge.core.errors import NotConfigured
from casebridge.web.profile import read_profile
from casebridge.web.settings import InboxSettings, read_inbox_settings


def test_nothing_set_is_the_defaults() -> None:
    """And no secret: everything is refused until there is one."""
    assert InboxSettings() == read_inbox_settings({})
    assert "" == read_inbox_settings({}).jadu_cxm_secret.get_secret_value()


def test_every_setting_is_read(tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("jadu_cxm: {signature: {header: X-Jadu-Hash}, paths: {event: Transition}}")
    settings = read_inbox_settings(
        {
            "CASEBRIDGE_INBOX_SECRET_JADU_CXM": "one",
            "CASEBRIDGE_INBOX_SECRET_WHITESPACE": "two",
            "CASEBRIDGE_INBOX_PROFILE": str(profile),
            "CASEBRIDGE_INBOX_MAX_BYTES": "1000",
            "CASEBRIDGE_INBOX_WINDOW_MIN": "0",
            "CASEBRIDGE_INBOX_RATE": "0.5",
            "CASEBRIDGE_INBOX_BURST": "7",
            "CASEBRIDGE_INBOX_PROXIES": "192.0.2.1",
        }
    )

    assert ("one", "two") == (
        settings.jadu_cxm_secret.get_secret_value(),
        settings.whitespace_secret.get_secret_value(),
    )
    assert (1000, 0, 0.5, 7) == (settings.max_bytes, settings.window_min, settings.rate, settings.burst)
    assert "192.0.2.1" == settings.proxies
    jadu = settings.profile.jadu_cxm
    assert ("X-Jadu-Hash", "sha256=") == (jadu.signature.header, jadu.signature.prefix)
    assert ("Transition", "case.reference") == (jadu.paths.event, jadu.paths.case_reference)


@pytest.mark.parametrize("name", ["MAX_BYTES", "WINDOW_MIN", "RATE", "BURST"])
@pytest.mark.parametrize("value", ["many", "-1", "nan", "inf", "1e99"])
def test_a_number_that_is_none_is_refused(name: str, value: str) -> None:
    with pytest.raises(NotConfigured, match=f"CASEBRIDGE_INBOX_{name} must be a number"):
        read_inbox_settings({f"CASEBRIDGE_INBOX_{name}": value})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("jadu_cxm: {signature: {algorithm: md5}}", "jadu_cxm.signature.algorithm"),
        ("jadu_cxm: {signature: {heading: X}}", "jadu_cxm.signature.heading"),
        ("jadu_cxm: {timezone: Mars/Base}", '"Mars/Base" is not a time zone'),
        ("jadu_cxm: {paths: 1}", "jadu_cxm.paths"),
        ("jadu_cxm: {paths: {event: ''}}", "jadu_cxm.paths.event"),
        ("jadu: {}", "jadu: Extra inputs"),
        ("- one", "must begin with a word"),
        ("{", "cannot be read as YAML"),
    ],
)
def test_a_profile_that_is_not_right_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text(text)
    with pytest.raises(NotConfigured, match="CASEBRIDGE_INBOX_PROFILE") as raised:
        read_profile(file)
    assert reason in str(raised.value)


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match=r"nowhere\.yaml"):
        read_inbox_settings({"CASEBRIDGE_INBOX_PROFILE": str(tmp_path / "nowhere.yaml")})
