"""Jadu CXM: cases are read, written, moved on and noticed through its service API."""
