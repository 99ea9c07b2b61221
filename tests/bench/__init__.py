"""Measures what casebridge costs beside what Airflow costs without it: `make bench`, or `python -m tests.bench`."""
