"""`python -m stack.scaffold confirm --title "Confirm"`."""

from __future__ import annotations

import argparse
import sys

from stack.processes import PROJECT
from stack.scaffold.connector import BadName, write_connector


def main(arguments: list[str]) -> int:
    """Writes the files, prints their paths, and how to take them back."""
    parser = argparse.ArgumentParser(prog="make connector", description="Write a new connector.")
    parser.add_argument("name", help="its word in code, YAML and DAG ids, such as confirm")
    parser.add_argument("--title", default="", help="what people call it; made of the name if left out")
    given = parser.parse_args(arguments)
    try:
        written = write_connector(PROJECT, given.name, given.title)
    except BadName as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in written.files:
        print(path)
    folders = " ".join(written.tops)
    print(f"\n{len(written.files)} files written. No other file has changed.")
    print(f'It works against its own simulator: make test ARGS="-k {given.name}"')
    print("What is next: CONTRIBUTING.md, Add a connector.")
    print(f"To take it back: rm -r {folders}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
