"""The test of a connection: table by table, what the API key may do, and all that it lacks."""

from __future__ import annotations

from casebridge.connectors.tascomi.fields import TABLES, WRITTEN
from casebridge.connectors.tascomi.tables import TITLE, Tables
from casebridge.core.errors import NotAuthorised, NotConfigured


def prove_access(tables: Tables, *, write_probe: bool) -> str:
    """Proves the rights that the API key needs, and says in a sentence what was proved.

    Nothing is written: the row that is asked for and updated is row 0, which is never there.

    Args:
        tables: The tables behind the connection.
        write_probe: Whether Create & Update is proved too.

    Raises:
        NotAuthorised: Names every table with the right that is missing.
        NotConfigured: Names every table that is not there.
        CasebridgeError: Tascomi could not be asked.
    """
    not_viewed, not_written, not_there, proved = [], [], [], []
    for table in TABLES:
        try:
            tables.prove_view(table)
        except NotAuthorised:
            not_viewed.append(table)
        except NotConfigured as error:
            not_there.append((table, error))
    if len(not_there) == len(TABLES):
        raise not_there[0][1]  # the address is wrong, and no table is missing
    for table in WRITTEN if write_probe else ():
        try:
            if tables.prove_writing(table):
                proved.append(table)
        except NotAuthorised:
            not_written.append(table)
    lacking = [f"View of {', '.join(not_viewed)}"] if not_viewed else []
    lacking += [f"Create & Update of {', '.join(not_written)}"] if not_written else []
    if lacking:
        raise NotAuthorised(f"the API key lacks rights in {TITLE}: {'; '.join(lacking)}")
    if not_there:
        raise NotConfigured(f"{TITLE} does not have the tables {', '.join(table for table, _ in not_there)}")
    unproved = [table for table in WRITTEN if table not in proved]
    said = f"{TITLE} accepted the API key: View of all {len(TABLES)} tables"
    said += f", Create & Update of {' and '.join(proved)}" if proved else ""
    if unproved:
        said += f"; Create & Update of {' and '.join(unproved)} cannot be proved without writing"
    return said
