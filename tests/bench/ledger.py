"""A ledger with many actions, as years of a busy council leave it."""

from __future__ import annotations

import json

import sqlalchemy as sa

from casebridge.store.database import Database

PROBLEM = {
    "rule": "mandatory_value",
    "message": "the mandatory mapping has no value: what it takes is empty.",
    "way_out": "Fill it on the case, or give the row a default or a manual text.",
    "field": "Service Id",
    "origin": 'case field "service"',
    "line": 8,
    "severity": "error",
}

FILL = """
INSERT INTO actions (id, key, system, action_type, record, case_source, case_reference, template, reference, state,
    reason, problems, payload, payload_digest, external_reference, record_id, tries, created_at, updated_at, sent_at,
    ended_at, dag_id, run_id)
SELECT md5('a' || n), 'bench:' || n, system, 'create_worksheet', 'worksheet', 'local', 'CASE-' || (n / 3), template,
    'worksheet', state,
    CASE state WHEN 'confirmed' THEN 'worksheet ' || (200000 + n) || ' created'
        WHEN 'refused' THEN CASE WHEN n % 2 = 0 THEN 'template "' || template || '": 1 problem'
            ELSE 'Whitespace refused: duplicate of worksheet ' || (200000 + n) || ' (code 5)' END
        WHEN 'planned' THEN 'Whitespace at the address gave no answer (ConnectTimeout)'
        ELSE 'no answer came' END,
    CASE WHEN state = 'refused' AND n % 2 = 0
        THEN jsonb_build_array(CAST(:problem AS jsonb) || jsonb_build_object('row', 1 + n % 7)) ELSE '[]'::jsonb END,
    jsonb_build_object('fields', jsonb_build_object('service_id', 289, 'worksheet_message', repeat('word ', 40)),
        'keyed', '{}'::jsonb, 'public', '[]'::jsonb),
    md5('p' || n), 'CASE-' || (n / 3), CASE WHEN state = 'confirmed' THEN (200000 + n)::text END,
    CASE WHEN n % 50 = 0 THEN 3 ELSE 1 END, at, at + interval '4 s', at + interval '1 s',
    CASE WHEN state IN ('planned', 'in_doubt') THEN NULL ELSE at + (1 + n % 40) * interval '1 s' END,
    system || '__create_worksheet', 'bench~' || n
FROM (
    SELECT n, (ARRAY['whitespace', 'm3pp', 'tascomi', 'salesforce', 'service_provider'])[1 + n % 5] AS system,
        'template_' || (n % 40) AS template, now() - (CAST(:actions AS bigint) - n) * interval '31 s' AS at,
        CASE WHEN n % 97 = 0 THEN 'refused' WHEN n % 1009 = 0 THEN 'failed' WHEN n % 50021 = 0 THEN 'needs_person'
            WHEN n % 60013 = 0 THEN 'in_doubt' WHEN n > CAST(:actions AS bigint) - 60 THEN 'planned'
            ELSE 'confirmed' END AS state
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
) AS made
"""
STEP = 100_000


def fill(database: Database, count: int) -> None:
    """Puts this many actions into an empty ledger, spread evenly over as many half-minutes, the last one now."""
    for first in range(1, count + 1, STEP):
        last = min(first + STEP - 1, count)
        with database.begin() as connection:
            connection.execute(
                sa.text(FILL), {"problem": json.dumps(PROBLEM), "actions": count, "first": first, "last": last}
            )
    with database.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("VACUUM ANALYZE actions"))
