"""The body of a request, as far as it may be long and may take time."""

from __future__ import annotations

import asyncio

from fastapi import Request

from casebridge.web.refusal import Refusal

PATIENCE_S = 10.0
"""Seconds in which a body must have come."""


class Body:
    """Reads a body, and knows how much of it has come when that fails.

    Args:
        request: The request.
        max_bytes: The longest body that is taken.
    """

    def __init__(self, request: Request, max_bytes: int) -> None:
        self._request = request
        self._max = max_bytes
        self.size = 0

    async def read(self) -> bytes:
        """All bytes.

        Raises:
            Refusal: It is too long, whatever its length was said to be, or it comes too slowly.
        """
        declared = self._request.headers.get("content-length", "")
        if declared and not (declared.isascii() and declared.isdigit()):
            raise Refusal(400, "the content length is not a number")
        # Nobody whose client waits for our consent needs to send it.
        if declared and int(declared[:20]) > self._max and "expect" in self._request.headers:
            self.size = int(declared[:20])
            raise self._too_large()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._stream()
        except TimeoutError:
            raise Refusal(408, "the body did not come in time") from None

    async def _stream(self) -> bytes:
        chunks: list[bytes] = []
        async for chunk in self._request.stream():
            self.size += len(chunk)
            if self.size <= self._max:
                chunks.append(chunk)
            else:
                chunks.clear()
            # A client that is still sending does not read our answer, so a little more is taken and dropped.
            if self.size > 4 * self._max:
                break
        if self.size > self._max:
            raise self._too_large()
        return b"".join(chunks)

    def _too_large(self) -> Refusal:
        return Refusal(413, f"the body has more than {self._max} bytes")
