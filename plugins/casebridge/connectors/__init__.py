"""The target systems, one folder each. A new folder is a new system: nothing else changes."""
