"""Starts simulators: ``python -m simulators whitespace --port 9101``, or ``python -m simulators all``."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from simulators import discovery

DEFAULT_PORT = 9101


def main(argv: list[str] | None = None) -> int:
    """Run until told to stop; the exit code is returned."""
    known = discovery.names()
    parser = argparse.ArgumentParser(prog="python -m simulators", description="Simulators of the vendors' systems.")
    parser.add_argument("name", choices=[*known, "all"], help="which one to start")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, help=f"port to listen on; 0 picks a free one (default: {DEFAULT_PORT})")
    parser.add_argument("--port-base", type=int, help="with all: the first port, the others follow; 0 picks free ones")
    given = parser.parse_args(argv)
    if given.name == "all" and given.port is not None:
        parser.error("all takes --port-base, not --port")
    if given.name != "all" and given.port_base is not None:
        parser.error("--port-base goes with all; one simulator takes --port")
    names = known if given.name == "all" else [given.name]
    first = given.port if given.port is not None else given.port_base if given.port_base is not None else DEFAULT_PORT
    if not 0 <= first <= 65536 - len(names):
        parser.error(f"port {first} is not between 0 and 65535")
    ports = [first + index if first else 0 for index in range(len(names))]
    return asyncio.run(_run(given.host, list(zip(names, ports, strict=True))))


async def _run(host: str, wanted: list[tuple[str, int]]) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told, stopped.set)

    from simulators.admin import Site  # after the arguments are known to be right, so that --help is instant

    wires = []
    try:
        for name, port in wanted:
            site = Site(discovery.start(name))
            try:
                url = await site.wire.listen(host, port)
            except OSError as error:
                sys.stderr.write(f"{name}: cannot listen on {host} port {port}: {_reason(error)}. Choose another.\n")
                return 2
            site.simulator.base_url = url
            wires.append(site.wire)
            sys.stdout.write(f"{name} ready at {url}\n")
            sys.stdout.flush()
        await stopped.wait()
        return 0
    finally:
        for wire in wires:
            wire.close()


def _reason(error: OSError) -> str:
    import errno

    if error.errno == errno.EADDRINUSE:
        return "another program is using it"
    return (error.strerror or str(error)).rstrip(".").lower()


if __name__ == "__main__":
    sys.exit(main())
