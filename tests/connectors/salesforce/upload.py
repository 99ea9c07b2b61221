"""A process that uploads a small file and then a large one, and tells how much its memory grew for the large one."""

from __future__ import annotations

import json
import resource
import sys

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
        sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    print(sizes[1] - sizes[0])  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
