"""Reading: arrays of rows, pages, filters, and the 202 that says there is nothing."""

from __future__ import annotations

import pytest

from tests.simulators.tascomi.client import Tascomi, sign

PAGING = ("X-Number-Of-Results", "X-Results-Per-Page", "X-Page-Number")
TABLES = [
    "complaint_action_required",
    "complaint_codes",
    "complaints",
    "contacts",
    "core_functions",
    "dtf_locations",
    "organizational_units",
    "reporting_methods",
    "request_categories",
    "titles",
    "users",
]
COMMON = {"id", "creation_user_id", "submit_date", "last_updated", "last_updated_by", "ceased", "ceased_date"}


def paging(headers: object) -> list[str | None]:
    return [headers.get(name) for name in PAGING]  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_an_array_of_rows_whose_values_are_texts(tascomi: Tascomi, table: str) -> None:
    answer = tascomi.get(table)
    rows = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert paging(answer.headers) == [str(len(rows)), "50", "1"]
    assert rows == tascomi.look("records")[table]
    assert COMMON <= set(rows[0])
    assert {type(value) for row in rows for value in row.values()} <= {str, type(None)}


def test_a_row_is_written_as_postgresql_writes_it(tascomi: Tascomi) -> None:
    [row] = tascomi.rows("dtf_locations", id="505")
    assert {
        "id": "505",
        "uprn": "10006",
        "parent_uprn": None,
        "pao_text": "THE OLD GRANARY",
        "x_coordinate": "551742",
        "y_coordinate": "176391.5",
        "lpi_logical_status_code": "1",
        "ceased": "f",
        "submit_date": "2026-01-05 09:07:00.118",
        "creation_user_id": None,
    }.items() <= row.items()
    assert tascomi.rows("users", id="7")[0]["last_login"] == "2026-01-05 08:58:12"


@pytest.mark.parametrize("body", ["nothing", "null"])
def test_no_rows_are_a_202_without_paging_headers(tascomi: Tascomi, body: str) -> None:
    """Clients that read JSON or the headers from it break: it is why this is here."""
    tascomi.set("settings", empty_list=body)
    answer = tascomi.get("contacts", reference="NOBODY", page=1)
    assert (answer.status_code, answer.text) == (202, "" if body == "nothing" else "null")
    assert paging(answer.headers) == [None, None, None]


def test_pages_hold_every_row_once_and_end_with_a_202(tascomi: Tascomi) -> None:
    tascomi.set("settings", page_size=4)
    whole = [row["id"] for row in tascomi.look("records")["dtf_locations"]]
    pages = [tascomi.get("dtf_locations", page=number) for number in (1, 2, 3, 4)]
    assert [paging(page.headers) for page in pages] == [["14", "4", str(number)] for number in (1, 2, 3, 4)]
    assert [len(page.json()) for page in pages] == [4, 4, 4, 2]
    assert [row["id"] for page in pages for row in page.json()] == whole
    past = tascomi.get("dtf_locations", page=5)
    assert (past.status_code, past.text, paging(past.headers)) == (202, "", [None, None, None])


def test_pages_are_of_what_was_filtered(tascomi: Tascomi) -> None:
    tascomi.set("settings", page_size=2)
    answer = tascomi.get("dtf_locations", usrn="20400321", page=2)
    assert paging(answer.headers) == ["4", "2", "2"]
    assert [row["id"] for row in answer.json()] == ["503", "521"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.5", "²", "9" * 5000])
def test_a_page_that_is_no_number_is_refused(tascomi: Tascomi, page: str) -> None:
    assert tascomi.get("titles", page=page).status_code == 400


@pytest.mark.parametrize(
    ("table", "filters", "expected"),
    [
        ("contacts", {"reference": "PER000101"}, ["5001"]),
        ("contacts", {"reference": "PER000102"}, ["5002", "5003"]),
        ("contacts", {"reference": "PER000102", "title_id": "1"}, ["5003"]),
        ("contacts", {"reference": "per000101"}, []),
        ("contacts", {"reference": "PER0001"}, []),
        ("contacts", {"reference": ""}, ["5006"]),
        ("contacts", {"id": "5001", "page": "1"}, ["5001"]),
        ("contacts", {"id": " 05001 "}, ["5001"]),
        ("contacts", {"id": "x"}, []),
        ("contacts", {"email": "resident.two@example.org"}, ["5002"]),
        ("complaint_codes", {"code": "PEST"}, ["26", "27"]),
        ("complaint_codes", {"code": "GLASS", "enabled": "t"}, ["29"]),
        ("complaint_codes", {"code": "GLASS", "enabled": "true"}, ["29"]),
        ("complaint_codes", {"enabled": "f"}, ["25", "28"]),
        ("core_functions", {"code": "LIC"}, ["6"]),
        ("users", {"username": "officer.one"}, ["7"]),
        ("users", {"code": "OFF1"}, ["7"]),
        ("dtf_locations", {"uprn": "100020194783"}, ["509"]),
        ("dtf_locations", {"uprn": "10002"}, ["502", "503"]),
        ("dtf_locations", {"usrn": "20400321", "pao_text": "STREET RECORD"}, ["521"]),
        ("dtf_locations", {"usrn": "20400324", "pao_text": "STREET RECORD"}, []),
        ("dtf_locations", {"usrn": "20400324", "pao_text": "DESIGNATED STREET"}, ["524"]),
        ("dtf_locations", {"y_coordinate": "176391.50"}, ["505", "506", "507", "508"]),
        ("complaints", {"reference_number": "2026/00411/SR"}, ["8801"]),
        ("complaints", {"external_reference": "ENV000901"}, ["8801"]),
        ("complaints", {"target_date": "2026-01-19"}, ["8802"]),
        ("complaints", {"target_date": "2026-01-19 17:00:00"}, ["8802"]),
        ("complaints", {"target_date": "2026-01-19 17:00:01"}, []),
        ("complaints", {"target_date": "2026-01-18"}, []),
        ("complaints", {"target_date": "yesterday"}, []),
    ],
)
def test_filters_are_equalities_that_all_hold(
    tascomi: Tascomi, table: str, filters: dict[str, str], expected: list[str]
) -> None:
    answer = tascomi.get(table, **filters)
    assert expected == ([row["id"] for row in answer.json()] if answer.status_code == 200 else [])
    assert (answer.status_code == 202) == (not expected)


def test_a_day_is_local_from_its_first_to_its_last_moment(tascomi: Tascomi) -> None:
    """Changes are polled a day at a time: what happens after midnight in summer is of the new local day."""
    tascomi.set("clock", now="2026-06-30T22:59:59.999Z")
    last = tascomi.send("PUT", "contacts", headers=sign("202606302359")).json()["id"]
    tascomi.set("clock", now="2026-06-30T23:00:00Z")
    first = tascomi.send("PUT", "contacts", headers=sign("202607010000")).json()["id"]
    tascomi.set("clock", now="2026-07-01T11:34:07.118Z")
    assert [last] == [row["id"] for row in tascomi.rows("contacts", last_updated="2026-06-30")]
    assert [first] == [row["id"] for row in tascomi.rows("contacts", last_updated="2026-07-01", page=1)]


def test_a_filter_by_a_column_that_is_not_there_is_refused_or_not_looked_at(tascomi: Tascomi) -> None:
    answer = tascomi.get("contacts", colour="red")
    assert (answer.status_code, answer.json()) == (400, {"error": "colour is not a column of contacts"})
    tascomi.set("settings", unknown_columns="ignore")
    assert len(tascomi.rows("contacts", colour="red")) == 6


def test_one_row_can_be_read_by_its_path(tascomi: Tascomi) -> None:
    assert tascomi.send("GET", "contacts/5001").json() == tascomi.rows("contacts", id="5001")
    assert tascomi.send("GET", "contacts/999").status_code == 202
    assert tascomi.send("GET", "contacts/x").status_code == 202


def test_of_two_filters_with_one_name_the_last_counts(tascomi: Tascomi) -> None:
    assert [row["id"] for row in tascomi.send("GET", "titles?id=1&id=2").json()] == ["2"]


def test_a_body_of_a_get_is_not_looked_at(tascomi: Tascomi) -> None:
    assert len(tascomi.send("GET", "titles", data={"id": "1"}).json()) == 7


def test_a_head_has_the_headers_of_its_get(tascomi: Tascomi) -> None:
    answer = tascomi.send("HEAD", "titles")
    assert (answer.status_code, answer.headers["X-Number-Of-Results"], answer.content) == (200, "7", b"")


@pytest.mark.parametrize("resource", ["dft_locations", "applications", "Contacts", "", "contact%73x", "a/b/c"])
def test_an_unknown_resource_is_a_404(tascomi: Tascomi, resource: str) -> None:
    answer = tascomi.send("GET", resource)
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "contacts", "GET, PUT"),
        ("POST", "contacts/", "GET, PUT"),
        ("DELETE", "contacts", "GET, PUT"),
        ("PUT", "contacts/5001", "GET, POST, DELETE"),
        ("PATCH", "contacts/5001", "GET, POST, DELETE"),
        ("OPTIONS", "contacts", "GET, PUT"),
    ],
)
def test_a_method_that_means_nothing_there_is_a_405(tascomi: Tascomi, method: str, path: str, allowed: str) -> None:
    before = tascomi.look("records")
    answer = tascomi.send(method, path, data={"surname": "X"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert tascomi.look("records") == before
