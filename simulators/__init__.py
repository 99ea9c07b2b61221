"""Simulators of the vendors' systems: real HTTP over loopback, and nothing of casebridge in them.

Each is written from what the vendor documents and from what other people's clients send, so that a
connector cannot agree with itself. See README.md in this folder.
"""
