"""Writes a new connector that already passes the contract suite: `make connector NAME=confirm`."""
