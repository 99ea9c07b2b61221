"""Queries: what they find, how they are refused, and that any condition is read as it is written."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.salesforce.soql_parser import parse
from simulators.salesforce.soql_query import AtLeastOne, Comparison, Condition, Every, Not, Path
from tests.simulators.salesforce.client import Salesforce, code
from tests.simulators.salesforce.test_search import refused_as

MARIA, PETER, FIRST, SECOND = "Maria C.", "Peter Q.", "Ada First", "Ada Second"
ALL = [MARIA, PETER, FIRST, SECOND]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("MobilePhone = '+393331234567'", [MARIA]),
        ("MobilePhone = '00393331234567'", []),
        ("MobilePhone IN ('+393331234567', '07700 900123')", [MARIA, PETER]),
        ("MobilePhone NOT IN ('+393331234567', '07700 900123')", [FIRST, SECOND]),
        ("MobilePhone = '+447700900456' OR Phone = '+447700900456'", [FIRST, SECOND]),
        ("(FirstName = 'ada' AND LastName = 'FIRST') OR LastName = 'C.'", [MARIA, FIRST]),
        ("NOT FirstName = 'Ada'", [MARIA, PETER]),
        ("(NOT FirstName LIKE 'a%') AND (NOT LastName LIKE 'Q_')", [MARIA]),
        ("LastName LIKE 'Q_'", [PETER]),
        ("LastName LIKE 'Q\\_'", []),
        ("LastName > 'd'", [PETER, FIRST, SECOND]),
        ("LastName <= 'First'", [MARIA, FIRST]),
        ("MobilePhone = null", [FIRST]),
        ("MobilePhone != null", [MARIA, PETER, SECOND]),
        ("MobilePhone = ''", [FIRST]),
        ("Account.Name = 'Little Wittering Parish Council'", [MARIA]),
        ("Contact.Account.Name != null", [MARIA]),
        ("Owner.Username LIKE 'witiop.%'", ALL),
        ("Id IN (SELECT ContactId FROM Case WHERE IsClosed = true)", [MARIA]),
        ("Id NOT IN (SELECT ContactId FROM Case)", [PETER, FIRST, SECOND]),
        ("DoNotCall = FALSE", ALL),
        ("CreatedDate = TODAY", ALL),
        ("CreatedDate < LAST_N_DAYS:3", []),
        ("CreatedDate >= 2020-01-01T00:00:00Z", ALL),
        ("CreatedDate < 2020-01-01T00:00:00+01:00", []),
        ("LastName = 'O\\'Hara'", []),
    ],
)
def test_a_condition_finds(sf: Salesforce, condition: str, found: list[str]) -> None:
    assert found == sf.names(condition)


@pytest.mark.parametrize(
    ("soql", "seen"),
    [
        ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Id = 'x' AND Id = 'y' OR Id = 'z'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Name = 'O'Hara'", "MALFORMED_QUERY"),
        ('SELECT Id FROM Contact WHERE Name = "x"', "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Name = 'a\\qb'", "MALFORMED_QUERY"),
        ("SELECT * FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT x", "MALFORMED_QUERY"),
        ("DELETE FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Nope.Name FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE DoNotCall = 'true'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE CreatedDate = '2020-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM CaseComment WHERE CommentBody = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Case ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Contact", "INVALID_TYPE"),
        ("SELECT Id FROM Contact WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact WHERE CreatedDate LIKE '2%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY"),
    ],
)
def test_a_query_is_refused_by_its_code(sf: Salesforce, soql: str, seen: str) -> None:
    assert (400, seen) == code(sf.query(soql))


def test_order_limit_and_offset(sf: Salesforce) -> None:
    def names(rest: str) -> list[str]:
        return [row["LastName"] for row in sf.rows(f"SELECT LastName FROM Contact {rest}")]

    assert ["Second", "Q.", "First", "C."] == names("ORDER BY LastName DESC")
    assert ["First", "Q."] == names("ORDER BY LastName LIMIT 2 OFFSET 1")
    assert ["First", "C.", "Second", "Q."] == names("ORDER BY MobilePhone")
    assert ["Q.", "Second", "C.", "First"] == names("ORDER BY MobilePhone DESC")
    assert "First" == names("ORDER BY MobilePhone NULLS LAST, Id")[-1]


def test_counts_and_groups(sf: Salesforce) -> None:
    answer = sf.query("SELECT COUNT() FROM Contact WHERE FirstName = 'Ada'").json()
    assert {"totalSize": 2, "done": True, "records": []} == answer
    soql = "SELECT FirstName, COUNT(Id) n, MIN(LastName) FROM Contact GROUP BY FirstName ORDER BY COUNT(Id) DESC"
    groups = sf.rows(soql)
    assert ("Ada", 2, "First") == (groups[0]["FirstName"], groups[0]["n"], groups[0]["expr0"])


def test_parents_and_children_come_within(sf: Salesforce) -> None:
    row = sf.rows("SELECT Name, Account.Name, (SELECT Subject FROM Cases) FROM Contact ORDER BY CreatedDate LIMIT 1")[0]
    assert "Little Wittering Parish Council" == row["Account"]["Name"]
    assert ["+393331234567 [1001]"] == [one["Subject"] for one in row["Cases"]["records"]]
    assert sf.rows("SELECT Account.Name, (SELECT Id FROM Cases) FROM Contact WHERE LastName = 'Q.'")[0]["Cases"] is None


def test_pages_follow_each_other(sf: Salesforce) -> None:
    sf.set("settings", page_size=3)
    page = sf.query("SELECT Name FROM Contact").json()
    assert (4, False, 3) == (page["totalSize"], page["done"], len(page["records"]))
    rest = sf.send("GET", page["nextRecordsUrl"]).json()
    assert (True, ["Ada Second"]) == (rest["done"], [row["Name"] for row in rest["records"]])
    assert (400, "INVALID_QUERY_LOCATOR") == code(sf.send("GET", "query/01gNOPE-3"))


def test_deleted_records_are_found_by_query_all_alone(sf: Salesforce) -> None:
    key = sf.rows("SELECT Id FROM Contact WHERE LastName = 'Q.'")[0]["Id"]
    assert 204 == sf.send("DELETE", f"sobjects/Contact/{key}").status_code
    assert [] == sf.names("LastName = 'Q.'")
    assert (
        1
        == sf.send("GET", "queryAll", params={"q": "SELECT Id FROM Contact WHERE IsDeleted = true"}).json()["totalSize"]
    )


# the grammar

names = st.sampled_from(["Name", "Account.Name", "X__c", "A"])
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)
comparisons = st.builds(
    Comparison, names.map(lambda name: Path(tuple(name.split(".")))), st.sampled_from(["=", "!=", "<", ">="]), texts
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Every, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(AtLeastOne, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def written(condition: Condition) -> str:
    match condition:
        case Comparison():
            return f"{condition.field} {condition.operator} {quoted(str(condition.value))}"
        case Not():
            return f"NOT ({written(condition.condition)})"
        case Every():
            return " AND ".join(f"({written(one)})" for one in condition.conditions)
    return " or ".join(f"({written(one)})" for one in condition.conditions)


@given(conditions)
def test_any_condition_is_read_as_it_is_written(condition: Condition) -> None:
    assert condition == parse(f"SELECT Id FROM Contact WHERE {written(condition)}").where


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(" SELECTIdFROMWHERE'()=,.0123\\\n%_", max_size=60).map("SELECT Id FROM Contact WHERE ".__add__),
    )
)
def test_any_text_is_read_or_refused_as_malformed(text: str) -> None:
    assert refused_as(lambda: parse(text)) in (None, "MALFORMED_QUERY", "NUMBER_OUTSIDE_VALID_RANGE")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts.filter(lambda text: text.strip() and "\x00" not in text))
def test_any_text_is_found_again_by_itself(sf: Salesforce, text: str) -> None:
    key = sf.made("Contact", LastName=text)
    assert key in [row["Id"] for row in sf.rows(f"SELECT Id FROM Contact WHERE LastName = {quoted(text)}")]
    pattern = quoted(text).replace("%", "\\%").replace("_", "\\_")
    assert key in [row["Id"] for row in sf.rows(f"SELECT Id FROM Contact WHERE LastName LIKE {pattern}")]
