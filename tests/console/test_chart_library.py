"""The library that draws the charts is the published one, and says so."""

from __future__ import annotations

import hashlib

from casebridge.console.assets import FILES

VERSION = "4.6.1"
SHA256 = "87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2"
"""Of dist/chart.umd.min.js in the package chart.js of the npm registry."""
MAP = b"//# sourceMappingURL=chart.umd.min.js.map\n"
"""The last line, which is left out of ours: the browser would look for a file that is not there."""


def test_the_chart_library_is_the_published_one() -> None:
    path = FILES["chart.js"].path
    assert SHA256 == hashlib.sha256(path.read_bytes() + MAP).hexdigest()
    assert f"Chart.js v{VERSION}" in path.read_text("utf-8")[:100]
    assert "MIT License" in (path.parent / "chart.LICENSE.md").read_text("utf-8")
