"""The admin side of this simulator, and the pages for people."""

from __future__ import annotations

import re

import pytest
import requests

from tests.simulators.jadu_cxm.client import Cxm


def test_a_stranger_can_make_valid_calls_from_info_alone(cxm: Cxm) -> None:
    info = cxm.get("info")
    first = {kind: ids[0] for kind, ids in info["samples"].items()}
    base = cxm.url + info["endpoints"]["service_api"]
    headers = {"X-API-KEY": info["credentials"]["api_key"]}

    def status(method: str, path: str, **more: object) -> int:
        return requests.request(method, f"{base}/{path}", headers=headers, timeout=20, **more).status_code  # type: ignore[arg-type]

    sign_in = {name: info["credentials"][name] for name in ("username", "password")}
    create = {"details": "x", "person": first["person"], "address": first["uprn"]}
    assert status("POST", "sign-in", json=sign_in) == 200
    assert status("GET", f"case/{first['case']}") == 200
    assert (
        status("PATCH", f"case/{first['case']}/edit", json={first["field"]: "x", first["reference_field"]: "1"}) == 200
    )
    assert status("POST", f"case/{first['case']}/transition/{first['transition']}") == 200
    assert status("POST", f"{first['case_type']}/case/create", json=create) == 200
    assert status("GET", f"filters/{first['filter']}/summaries") == 200
    assert status("GET", f"user/{first['user']}") == 200
    assert requests.get(cxm.url + info["endpoints"]["case_page"].format(reference=first["case"]), timeout=20).ok


def test_reset_puts_everything_back(cxm: Cxm) -> None:
    untouched = {name: cxm.get(name) for name in ("info", "records", "settings", "requests", "faults", "credentials")}
    cxm.set("credentials", api_key="demo-api-key", password="x", webhook_secret="y")
    cxm.set("settings", page_size=1, webhooks={"timeout_s": 1}, errors={"wrong_key": {"status": 403}})
    cxm.set("faults", kind="status_503")
    cxm.act("rule", case_type="missed-bin", event="created", url="http://127.0.0.1:1/")
    cxm.act("filter", name="mine")
    cxm.act("delete", case="MBN001002")
    cxm.edit({"details": "x"})
    cxm.edit({"details": "x"})
    cxm.create({"details": "x"})
    cxm.set("reset")
    assert {name: cxm.get(name) for name in untouched} == untouched
    assert cxm.create({"details": "x"}).json()["reference"] == "MBN001005"


def test_records_hold_the_case_types_with_their_fields(cxm: Cxm) -> None:
    types = {one["name"]: one for one in cxm.get("records")["case_types"]}
    assert set(types) == {"missed-bin", "bulky-collection", "street-cleaning"}
    fields = {one["name"]: one for one in types["missed-bin"]["fields"]}
    assert fields["worksheet-number"]["read_as"] == "worksheet_number"
    assert fields["sys-first-name"]["read_as"] == "first_name"
    assert fields["bin-was-out"]["choices"]["Yes"] == "Yes, it was out"


def test_a_hidden_field_is_known_to_officers_only(cxm: Cxm) -> None:
    assert "officer_notes" not in cxm.read("MBN001003")["values"]
    assert cxm.record("MBN001003")["values"]["officer_notes"]


def test_a_deleted_case_is_not_found(cxm: Cxm) -> None:
    cxm.act("delete", case="MBN001001")
    assert cxm.send("GET", "case/MBN001001").status_code == 404
    assert cxm.page()["total"] == 7


@pytest.mark.parametrize(
    ("call", "fields", "named"),
    [
        ("settings", {"page_size": 0}, "page_size"),
        ("settings", {"read_extras": ["colour"]}, "read_extras"),
        ("settings", {"unknown_fields": "shout"}, "unknown_fields"),
        ("settings", {"errors": {"earthquake": {}}}, "errors.earthquake"),
        ("settings", {"errors": {"wrong_key": {"status": 200}}}, "errors.wrong_key.status"),
        ("settings", {"success_status": {"create_case": 404}}, "success_status.create_case"),
        ("settings", {"webhooks": {"attempts": 0}}, "webhooks.attempts"),
        ("settings", {"webhooks": {"signature_header": "X: y"}}, "webhooks.signature_header"),
        ("settings", {"webhooks": {"event_names": {"exploded": "x"}}}, "webhooks.event_names.exploded"),
        ("credentials", {"token": "x"}, "token"),
        ("jadu_cxm/create", {"type": "pothole"}, "type"),
        ("jadu_cxm/create", {"type": "missed_bin", "fields": {"bin-was-out": "x", "details": "x"}}, "bin-was-out"),
        ("jadu_cxm/update", {"case": "MBN001001", "fields": {"colour": "x"}}, "colour"),
        ("jadu_cxm/update", {"case": "ZZZ000001"}, "case"),
        ("jadu_cxm/transition", {"case": "MBN001001"}, "transition"),
        ("jadu_cxm/transition", {"case": "MBN001001", "transition": "reopen"}, "transition"),
        ("jadu_cxm/attach", {"case": "MBN001001", "name": "x", "content": "é"}, "content"),
        ("jadu_cxm/event", {"case": "MBN001001", "event": "exploded"}, "event"),
        ("jadu_cxm/rule", {"case_type": "missed_bin", "event": "created"}, "url"),
        ("jadu_cxm/rule", {"case_type": "missed_bin", "event": "created", "webhook": "x"}, "webhook"),
        ("jadu_cxm/rule", {"case_type": "missed_bin", "event": "created", "url": "ftp://x"}, "url"),
        ("jadu_cxm/rule", {"case_type": "missed_bin", "event": "created", "url": "http://x:99999"}, "url"),
        (
            "jadu_cxm/rule",
            {"case_type": "missed_bin", "event": "created", "url": "http://x", "condition": {"fields": {"x": 1}}},
            "condition.fields.x",
        ),
        ("jadu_cxm/webhook", {"name": "x", "url": "http://x", "events": ["exploded"]}, "events"),
        ("jadu_cxm/filter", {"name": "x", "types": ["pothole"]}, "types"),
        ("jadu_cxm/redeliver", {"delivery": 5}, "deliveries"),
        ("jadu_cxm/redeliver", {"delivery": [True]}, "deliveries"),
        ("jadu_cxm/settle", {"now": True}, "now"),
    ],
)
def test_a_wrong_field_is_refused_with_its_name_and_changes_nothing(
    cxm: Cxm, call: str, fields: dict[str, object], named: str
) -> None:
    before = {name: cxm.get(name) for name in ("settings", "credentials", "records")}
    answer = cxm.admin(call, **fields)
    assert answer.status_code == 400
    assert f'"{named}"' in answer.json()["error"]
    assert {name: cxm.get(name) for name in before} == before


def test_the_secret_of_a_webhook_is_not_shown(cxm: Cxm) -> None:
    cxm.act("webhook", name="x", url="http://127.0.0.1:1/", secret="hush-hush")
    assert "hush-hush" not in str(cxm.get("records"))


def test_a_link_to_a_case_leads_to_its_page(cxm: Cxm) -> None:
    cxm.act("update", case="MBN001001", fields={"details": "<script>alert(1)</script> & é"})
    cxm.act("note", case="MBN001001", note="<b>")
    answer = requests.get(f"{cxm.url}/q/case/MBN001001/timeline", timeout=20)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; é" in answer.text
    assert "Yes, it was out" in answer.text
    assert "<script>" not in answer.text
    assert "<td><b></td>" not in answer.text


def test_the_start_page_links_every_case(cxm: Cxm) -> None:
    links = re.findall('href="([^"]+)"', requests.get(f"{cxm.url}/", timeout=20).text)
    assert len(links) == 8
    assert all(requests.get(cxm.url + link, timeout=20).status_code == 200 for link in links)
    assert cxm.get("requests") == {"requests": []}


def test_a_page_that_is_not_there_is_404(cxm: Cxm) -> None:
    assert requests.get(f"{cxm.url}/q/case/ZZZ000001/timeline", timeout=20).status_code == 404
    assert requests.get(f"{cxm.url}/q/nothing", timeout=20).status_code == 404
    assert requests.post(f"{cxm.url}/q/case/MBN001001/timeline", timeout=20).status_code == 405
