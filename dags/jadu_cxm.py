"""Jadu CXM: changed cases that no webhook told of."""

from casebridge.airflow.notice import poll_dag

jadu_cxm = poll_dag("jadu_cxm")
