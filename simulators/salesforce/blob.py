"""The bytes of files, kept on disk where they are many."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile

from simulators.exchange import LargeBody

_IN_MEMORY = 1024 * 1024
_PIECE = 256 * 1024


class Blob:
    """What one file holds: its size in bytes and its MD5 as hex digits, known from when it is written."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - it lives on
        digest = hashlib.md5(usedforsecurity=False)
        self.size = 0
        for piece in pieces:
            self._file.write(piece)
            digest.update(piece)
            self.size += len(piece)
        self.checksum = digest.hexdigest()

    def body(self) -> LargeBody:
        """The file as the body of an answer."""
        return LargeBody(self.size, self._pieces)

    def _pieces(self) -> Iterator[bytes]:
        at = 0
        while at < self.size:
            self._file.seek(at)  # another download may have moved it
            piece = self._file.read(_PIECE)
            at += len(piece)
            yield piece
