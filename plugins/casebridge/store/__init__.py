"""casebridge's own database: ledger, References, template versions, local cases. PostgreSQL only."""
