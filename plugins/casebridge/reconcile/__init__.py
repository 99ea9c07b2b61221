"""Reconciliation: what casebridge believes compared with what a target holds, and the report of it."""
