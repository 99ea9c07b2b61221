"""A process that uploads a small file and then a large one, and tells how much its memory grew for the large one."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from casebridge.core.message import Attachment
from tests.connectors.parts import MemoryParts
from tests.connectors.salesforce.samples import CREATE, connector, conversation, said


def main(values: str, files: str) -> None:
    """Prints the growth of the largest resident size, in bytes."""
    made = connector(**json.loads(values))
    sizes = []
    for number, one in enumerate(json.loads(files)):
        file = Attachment(one["id"], one["name"], one["url"], one["mime"], one["size"])
        receipt = made.send(CREATE, conversation(said(1, files=[file]), conversation_id=f"M{number}"), MemoryParts())
        assert not receipt.problems, receipt.problems
        sizes.append(_peak())
    print(sizes[1] - sizes[0])  # noqa: T201


def _peak() -> int:
    """The largest resident size of this process, in bytes: getrusage would count the one that started it too."""
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    return int(found) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
