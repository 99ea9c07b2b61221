"""Records: writing, refusals, audit fields, upserts, composites, collections and files."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
import requests

from tests.simulators.salesforce.client import DATA, Salesforce, code

CASE = "WitiOp_Conversation_Id__c"
LONG_AGO = "2024-05-01T10:00:00.000+0000"


def contact(sf: Salesforce) -> str:
    return str(sf.get("info")["samples"]["contact"][0])


def case(sf: Salesforce) -> str:
    return str(sf.get("info")["samples"]["case"][0])


def user(sf: Salesforce, name: str) -> str:
    return str(next(one["Id"] for one in sf.held("User") if one["LastName"] == name))


def test_a_record_is_created_read_changed_and_deleted(sf: Salesforce) -> None:
    key = sf.made("Contact", LastName="Rossi", FirstName="Anna")
    assert "Anna Rossi" == sf.send("GET", f"sobjects/Contact/{key[:15]}").json()["Name"]
    assert 204 == sf.send("PATCH", f"sobjects/Contact/{key}", json={"FirstName": ""}).status_code
    assert {"Name": "Rossi"}.items() <= sf.send("GET", f"sobjects/Contact/{key}?fields=Name").json().items()
    assert 204 == sf.send("DELETE", f"sobjects/Contact/{key}").status_code
    assert (404, "ENTITY_IS_DELETED") == code(sf.send("GET", f"sobjects/Contact/{key}"))


def test_a_case_has_a_number_an_owner_and_its_contacts_account(sf: Salesforce) -> None:
    key = sf.made("Case", Subject="x", ContactId=contact(sf))
    made = sf.send("GET", f"sobjects/Case/{key}").json()
    assert ("00001002", "New", False) == (made["CaseNumber"], made["Status"], made["IsClosed"])
    assert user(sf, "WitiOp API") == made["OwnerId"]
    assert sf.get("info")["samples"]["account"][0] == made["AccountId"]


@pytest.mark.parametrize(
    ("entity", "fields", "seen"),
    [
        ("Contact", {"FirstName": "x"}, "REQUIRED_FIELD_MISSING"),
        ("Contact", {"LastName": "x" * 81}, "STRING_TOO_LONG"),
        ("Contact", {"LastName": "x", "Nope": 1}, "INVALID_FIELD"),
        ("Contact", {"LastName": "x", "Email": "x"}, "INVALID_EMAIL_ADDRESS"),
        ("Contact", {"LastName": {"a": 1}}, "JSON_PARSER_ERROR"),
        ("Contact", {"Id": "x", "LastName": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Case", {"CaseNumber": "1"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Case", {"SystemModstamp": LONG_AGO}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Case", {"ContactId": "abc"}, "MALFORMED_ID"),
        ("Case", {"ContactId": "0035g0000000999AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("Case", {"ContactId": "5005g0000000001AAA"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Case", {CASE: "1001"}, "DUPLICATE_VALUE"),
        ("Case", {"CreatedDate": "2024-05-01T10:00:00"}, "JSON_PARSER_ERROR"),
        ("Case", {"CreatedDate": "2999-05-01T10:00:00Z"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("CaseComment", {"CommentBody": "x"}, "REQUIRED_FIELD_MISSING"),
        ("CaseComment", {"ParentId": "5005g0000000001AAA", "CommentBody": "é" * 2001}, "STRING_TOO_LONG"),
        ("ContentVersion", {"PathOnClient": "x.txt"}, "REQUIRED_FIELD_MISSING"),
        ("ContentDocument", {"Title": "x"}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
    ],
)
def test_a_create_is_refused_and_stores_nothing(sf: Salesforce, entity: str, fields: dict[str, Any], seen: str) -> None:
    before = sf.held(entity)
    assert (400, seen) == code(sf.create(entity, **fields))
    assert before == sf.held(entity)


def test_a_comment_may_have_4000_bytes(sf: Salesforce) -> None:
    """The limit counts bytes, not characters."""
    assert sf.made("CaseComment", ParentId=case(sf), CommentBody="é" * 2000)


def test_audit_fields_are_set_by_an_insert_with_both_permissions_alone(sf: Salesforce) -> None:
    author = user(sf, "WitiOpCustomer")
    fields = {"ParentId": case(sf), "CommentBody": "ciao", "CreatedById": author, "CreatedDate": LONG_AGO}
    made = sf.send("GET", f"sobjects/CaseComment/{sf.made('CaseComment', **fields)}").json()
    assert (author, LONG_AGO, "WitiOpCustomer") == (made["CreatedById"], made["CreatedDate"], made["CreatorName"])
    refused = (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert refused == code(sf.send("PATCH", f"sobjects/Case/{CASE}/9", json={"CreatedDate": LONG_AGO}))
    assert refused == code(sf.send("PATCH", f"sobjects/Case/{case(sf)}", json={"CreatedDate": LONG_AGO}))
    for permission in ("set_audit_fields", "modify_all_data"):
        sf.set("settings", **{permission: False})
        assert refused == code(sf.create("CaseComment", **fields))
        sf.set("settings", **{permission: True})


def test_an_inactive_owner_needs_a_permission(sf: Salesforce) -> None:
    owner = user(sf, "Left")
    assert sf.made("Case", OwnerId=owner)
    sf.set("settings", update_inactive_owners=False)
    assert (400, "INACTIVE_OWNER_OR_USER") == code(sf.create("Case", OwnerId=owner))


def test_an_assignment_rule_runs_unless_the_header_says_no(sf: Salesforce) -> None:
    sf.set("settings", assignment_owner="agent.two@example.com.acme")
    agent, two = user(sf, "Demo"), user(sf, "Two")
    owners = []
    for headers in ({}, {"Sforce-Auto-Assign": "FALSE"}):
        key = sf.create("Case", headers, OwnerId=agent).json()["id"]
        owners.append(sf.send("GET", f"sobjects/Case/{key}").json()["OwnerId"])
    assert [two, agent] == owners


def test_rules_of_the_org_refuse(sf: Salesforce) -> None:
    rule = {"object": "Case", "field": "Subject", "pattern": r"\[\d+\]$", "message": "Name the conversation"}
    sf.set("settings", validation_rules=[rule], restricted_picklists=["Case.Origin"], read_only_objects=["Account"])
    assert (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION") == code(sf.create("Case", Subject="x"))
    assert (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST") == code(sf.create("Case", Origin="Pigeon"))
    assert (403, "INSUFFICIENT_ACCESS_OR_READONLY") == code(sf.create("Account", Name="x"))
    sf.set("settings", hidden_fields=[f"Case.{CASE}"])
    assert (400, "INVALID_FIELD") == code(sf.create("Case", **{CASE: "5"}))
    assert (400, "INVALID_FIELD") == code(sf.query(f"SELECT {CASE} FROM Case"))


def test_a_duplicate_rule_warns_or_blocks(sf: Salesforce) -> None:
    fields = {"LastName": "Other", "Phone": "+39 333 1234567"}
    allow = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
    sf.set("settings", duplicate_rule="alert", duplicate_result_name="duplicateResult")
    refused = sf.create("Contact", **fields)
    assert (400, "DUPLICATES_DETECTED") == code(refused)
    (match,) = refused.json()[0]["duplicateResult"]["matchResults"][0]["matchRecords"]
    assert contact(sf) == match["record"]["Id"]
    assert 201 == sf.create("Contact", allow, **fields).status_code
    sf.set("settings", duplicate_rule="block")
    assert (400, "DUPLICATES_DETECTED") == code(sf.create("Contact", allow, **fields))


def test_an_upsert_creates_then_updates(sf: Salesforce) -> None:
    def upsert(version: str = "v66.0", **fields: str) -> requests.Response:
        return sf.send("PATCH", f"sobjects/Case/{CASE}/a%2Fb%20c", version=version, json=fields)

    assert [201, 200, 204] == [
        upsert(Subject="1").status_code,
        upsert(Subject="2").status_code,
        upsert("v45.0", Subject="3").status_code,
    ]
    held = sf.held("Case")[-1]
    assert ("a/b c", "3") == (held[CASE], held["Subject"])
    assert "3" == sf.send("GET", f"sobjects/Case/{CASE}/a%2Fb%20c").json()["Subject"]
    assert (400, "INVALID_FIELD") == code(upsert(**{CASE: "x"}))
    assert (404, "NOT_FOUND") == code(sf.send("PATCH", "sobjects/Case/Subject/x", json={}))


def test_an_external_id_that_is_not_unique_may_match_several(sf: Salesforce) -> None:
    sf.set("salesforce/field", object="Contact", name="Ref__c", length=20, external_id=True)
    for name in ("a", "b"):
        sf.made("Contact", LastName=name, Ref__c="r")
    answer = sf.send("PATCH", "sobjects/Contact/Ref__c/r", json={"LastName": "c"})
    assert (300, 2) == (answer.status_code, len(answer.json()))


def test_a_parent_may_be_named_by_its_external_id(sf: Salesforce) -> None:
    key = sf.made("CaseComment", Parent={CASE: "1001"}, CommentBody="x")
    assert case(sf) == sf.send("GET", f"sobjects/CaseComment/{key}").json()["ParentId"]


def whole_case(conversation: str, *bodies: str | None) -> list[dict[str, Any]]:
    comments = [{"attributes": {"type": "CaseComment"}, "ParentId": "@{kase.id}", "CommentBody": one} for one in bodies]
    return [
        {"method": "POST", "url": f"{DATA}/sobjects/Case", "referenceId": "kase", "body": {CASE: conversation}},
        {
            "method": "POST",
            "url": f"{DATA}/composite/sobjects",
            "referenceId": "said",
            "body": {"allOrNone": False, "records": comments},
        },
    ]


def test_a_composite_writes_a_case_with_its_comments(sf: Salesforce) -> None:
    made, said = sf.composite(*whole_case("1793", "a", "b"))
    assert (201, 200) == (made["httpStatusCode"], said["httpStatusCode"])
    held = [one["ParentId"] for one in sf.held("CaseComment")[-2:]]
    assert [made["body"]["id"]] * 2 == held


def test_a_composite_of_all_or_none_leaves_nothing_of_a_failure(sf: Salesforce) -> None:
    before = sf.get("records")
    first, second = sf.composite(*whole_case("1001", "a"))
    assert ("DUPLICATE_VALUE", "PROCESSING_HALTED") == (first["body"][0]["errorCode"], second["body"][0]["errorCode"])
    first, second = sf.composite(*whole_case("1793", "a", "x" * 4001))
    assert "PROCESSING_HALTED" == first["body"][0]["errorCode"]
    codes = [one["errors"][0]["statusCode"] for one in second["body"]]
    assert ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "STRING_TOO_LONG"] == codes
    assert {**before, "sessions": None} == {**sf.get("records"), "sessions": None}


def test_a_composite_without_all_or_none_keeps_what_was_good(sf: Salesforce) -> None:
    made, said = sf.composite(*whole_case("1793", "a", "x" * 4001), all_or_none=False)
    assert (201, [True, False]) == (made["httpStatusCode"], [one["success"] for one in said["body"]])
    first, second = sf.composite(*whole_case("1001", "a"), all_or_none=False)
    assert [400, 400] == [first["httpStatusCode"], second["httpStatusCode"]]


def test_the_headers_of_a_composite_reach_its_requests_unless_switched_off(sf: Salesforce) -> None:
    sf.set("settings", assignment_owner="agent.two@example.com.acme")
    create = {"method": "POST", "url": f"{DATA}/sobjects/Case", "referenceId": "a", "body": {}}
    header = {"Sforce-Auto-Assign": "FALSE"}
    sf.composite(create, headers=header)
    sf.set("settings", composite_headers_inherited=False)
    sf.composite(create, headers=header)
    sf.composite({**create, "httpHeaders": header})
    assert [user(sf, "WitiOp API"), user(sf, "Two"), user(sf, "WitiOp API")] == [
        one["OwnerId"] for one in sf.held("Case")[-3:]
    ]


def test_the_limits_of_composites_and_collections(sf: Salesforce) -> None:
    read = {"method": "GET", "url": f"{DATA}/limits"}
    many = [{**read, "referenceId": f"r{at}"} for at in range(26)]
    heavy = [{**one, "url": f"{DATA}/query?q=SELECT+Id+FROM+Case"} for one in many[:6]]
    for requests_ in (many, heavy):
        answer = sf.send("POST", "composite", json={"compositeRequest": requests_})
        assert (400, "LIMIT_EXCEEDED") == code(answer)
    records = [{"attributes": {"type": "Contact"}, "LastName": "x"}] * 201
    assert (400, "INVALID_INPUT") == code(sf.send("POST", "composite/sobjects", json={"records": records}))


def test_a_collection_answers_in_order_with_status_200(sf: Salesforce) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "a"},
        {"attributes": {"type": "Contact"}},
        {"attributes": {"type": "Nope"}},
    ]
    answer = sf.send("POST", "composite/sobjects", json={"records": records})
    good, *bad = answer.json()
    assert (200, True) == (answer.status_code, good["success"])
    assert ["REQUIRED_FIELD_MISSING", "INVALID_TYPE"] == [one["errors"][0]["statusCode"] for one in bad]
    change = {"attributes": {"type": "Contact"}, "id": good["id"], "LastName": "b"}
    assert sf.send("PATCH", "composite/sobjects", json={"records": [change]}).json()[0]["success"]
    upsert = {"attributes": {"type": "Contact"}, "WitiOp_Number__c": "+39", "LastName": "c"}
    path = "composite/sobjects/Contact/WitiOp_Number__c"
    assert [True, False] == [sf.send("PATCH", path, json={"records": [upsert]}).json()[0]["created"] for _ in range(2)]
    rows = sf.send("GET", f"composite/sobjects/Contact?ids={good['id']},003000000000001&fields=LastName").json()
    assert ("b", None) == (rows[0]["LastName"], rows[1])
    assert [True] == [one["success"] for one in sf.send("DELETE", f"composite/sobjects?ids={good['id']}").json()]


def test_batches_trees_and_graphs(sf: Salesforce) -> None:
    batch = {"batchRequests": [{"method": "GET", "url": "v66.0/limits"}, {"method": "GET", "url": "v66.0/nope"}]}
    answer = sf.send("POST", "composite/batch", json=batch).json()
    assert (True, [200, 404]) == (answer["hasErrors"], [one["statusCode"] for one in answer["results"]])
    comments = {"records": [{"attributes": {"type": "CaseComment", "referenceId": "b"}, "CommentBody": "x"}]}
    tree = {"records": [{"attributes": {"type": "Case", "referenceId": "a"}, "Subject": "t", "CaseComments": comments}]}
    answer = sf.send("POST", "composite/tree/Case", json=tree)
    assert (201, ["a", "b"]) == (answer.status_code, [one["referenceId"] for one in answer.json()["results"]])
    graphs = [
        {"graphId": name, "compositeRequest": whole_case(number, "x")} for name, number in (("1", "1"), ("2", "1001"))
    ]
    answer = sf.send("POST", "composite/graph", json={"graphs": graphs})
    assert [True, False] == [one["isSuccessful"] for one in answer.json()["graphs"]]


def test_a_file_as_base64_makes_document_and_link(sf: Salesforce) -> None:
    content = base64.b64encode(b"hello").decode()
    fields = {"PathOnClient": "a/listino.pdf", "VersionData": content, "FirstPublishLocationId": case(sf)}
    key = sf.made("ContentVersion", **fields, CreatedDate=LONG_AGO)
    row = sf.rows(f"SELECT Title, Checksum, ContentSize, FileType, CreatedDate FROM ContentVersion WHERE Id = '{key}'")[
        0
    ]
    digest = hashlib.md5(b"hello").hexdigest()
    assert ("listino", digest, 5, "PDF", LONG_AGO) == tuple(row[name] for name in row if name != "attributes")
    assert b"hello" == sf.send("GET", f"sobjects/ContentVersion/{key}/VersionData").content
    linked = f"SELECT ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = '{case(sf)}'"
    assert ["listino"] == [one["ContentDocument"]["Title"] for one in sf.rows(linked)]
    document = sf.held("ContentVersion")[-1]["ContentDocumentId"]
    link = {"ContentDocumentId": document, "LinkedEntityId": contact(sf), "ShareType": "V"}
    assert sf.made("ContentDocumentLink", **link)
    assert (400, "DUPLICATE_VALUE") == code(sf.create("ContentDocumentLink", **link))
    sf.made("ContentVersion", PathOnClient="b.pdf", VersionData=content, ContentDocumentId=document)
    assert [False, True] == [one["IsLatest"] for one in sf.held("ContentVersion")]
    post = {"ParentId": case(sf), "Type": "ContentPost", "RelatedRecordId": key, "CreatedDate": LONG_AGO}
    assert sf.made("FeedItem", **post)


def test_a_large_file_comes_as_multipart(sf: Salesforce) -> None:
    content = bytes(range(256)) * 4096 * 12 + b"\r\n--not the boundary"
    about = {"Title": "x", "PathOnClient": "x.bin", "FirstPublishLocationId": case(sf)}
    parts = {
        "entity_content": (None, json.dumps(about), "application/json"),
        "VersionData": ("x.bin", content, "application/octet-stream"),
    }
    answer = sf.send("POST", "sobjects/ContentVersion", files=parts)
    assert 201 == answer.status_code, answer.text
    assert hashlib.md5(content).hexdigest() == sf.held("ContentVersion")[-1]["Checksum"]
    assert content == sf.send("GET", f"sobjects/ContentVersion/{answer.json()['id']}/VersionData").content


@pytest.mark.parametrize(
    "body", [b"", b"--x--", b"--x\r\n\r\n", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb']
)
def test_a_broken_multipart_body_is_refused(sf: Salesforce, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = sf.send("POST", "sobjects/ContentVersion", data=body, headers=headers)
    assert (400, "INVALID_MULTIPART_REQUEST") == code(answer)


def test_the_org_describes_itself(sf: Salesforce) -> None:
    versions = requests.get(f"{sf.url}/services/data", timeout=20).json()
    assert ("31.0", {"label": "Spring '26", "url": DATA, "version": "66.0"}) == (versions[0]["version"], versions[-2])
    assert {"Case", "Contact", "CaseComment"} <= {one["name"] for one in sf.send("GET", "sobjects").json()["sobjects"]}
    fields = {one["name"]: one for one in sf.send("GET", "sobjects/Case/describe").json()["fields"]}
    assert (True, True, False) == (
        fields[CASE]["externalId"],
        fields[CASE]["unique"],
        fields["CaseNumber"]["createable"],
    )
    assert 15000 == sf.send("GET", "limits").json()["DailyApiRequests"]["Max"]


def test_the_answer_tells_the_limit_and_the_limit_refuses(sf: Salesforce) -> None:
    sf.set("settings", daily_requests=1)
    assert "api-usage=1/1" == sf.send("GET", "limits").headers["Sforce-Limit-Info"]
    assert (403, "REQUEST_LIMIT_EXCEEDED") == code(sf.send("GET", "limits"))


@pytest.mark.parametrize(
    ("method", "path", "more", "seen"),
    [
        ("GET", "nope", {}, (404, "NOT_FOUND")),
        ("GET", "sobjects/Nope", {}, (404, "NOT_FOUND")),
        ("GET", "sobjects/Contact/0035g0000000999AAA", {}, (404, "NOT_FOUND")),
        ("PUT", "sobjects/Contact", {}, (405, "METHOD_NOT_ALLOWED")),
        ("POST", "query", {}, (405, "METHOD_NOT_ALLOWED")),
        ("POST", "sobjects/Contact", {"data": b"{"}, (400, "JSON_PARSER_ERROR")),
        ("POST", "sobjects/Contact", {"data": b"[]"}, (400, "JSON_PARSER_ERROR")),
        ("GET", "limits", {"version": "v30.0"}, (410, "UNSUPPORTED_API_VERSION")),
        ("GET", "limits", {"version": "vv66.0"}, (404, "NOT_FOUND")),
    ],
)
def test_what_is_not_there_is_refused(
    sf: Salesforce, method: str, path: str, more: dict[str, Any], seen: tuple[int, str]
) -> None:
    assert seen == code(sf.send(method, path, **more))


def test_a_fault_is_chosen_by_operation_and_by_the_callers_own_reference(sf: Salesforce) -> None:
    sf.set("faults", kind="business_error", code="UNABLE_TO_LOCK_ROW", description="busy", reference="1793")
    sf.composite(*whole_case("1792", "a"))
    answer = sf.send("POST", "composite", json={"compositeRequest": whole_case("1793", "a")})
    assert (400, "UNABLE_TO_LOCK_ROW") == code(answer)
    sf.set("faults", kind="wrong_credentials", operation="query", reference="1793")
    assert 200 == sf.query("SELECT Id FROM Case").status_code
    assert (401, "INVALID_SESSION_ID") == code(sf.query(f"SELECT Id FROM Case WHERE {CASE} = '1793'"))
    sf.set("faults", kind="cut_after_commit", operation="create_Case", reference="1794")
    with pytest.raises(requests.ConnectionError):
        sf.create("Case", **{CASE: "1794"})
    assert ["1792", "1794"] == [one[CASE] for one in sf.held("Case")[1:]]
    sf.set("faults", kind="wrong_credentials", operation="token")
    assert "invalid_grant" == sf.grant(**sf.password_form()).json()["error"]


def test_an_unusable_admin_call_changes_nothing(sf: Salesforce) -> None:
    before = sf.get("settings")
    for call, fields in (
        ("settings", {"latest_version": 3}),
        ("settings", {"validation_rules": [{"object": "Case"}]}),
        ("settings", {"nope": 1}),
        ("salesforce/insert", {"object": "Nope", "fields": {}}),
        ("salesforce/insert", {"object": "Case", "fields": {"Nope": 1}}),
        ("salesforce/insert", {"object": "Case", "fields": 5}),
        ("salesforce/field", {"object": "Case", "name": "x"}),
    ):
        assert 400 == sf.admin(call, **fields).status_code
    assert before == sf.get("settings")


def test_the_administrator_inserts_and_changes_records(sf: Salesforce) -> None:
    key = sf.set("salesforce/insert", object="Contact", fields={"LastName": "x"})["id"]
    sf.set("salesforce/update", object="Contact", id=key, fields={"LastName": "y"})
    assert "y" == sf.held("Contact")[-1]["LastName"]
    sf.set("salesforce/update", object="User", id=user(sf, "Demo"), fields={"IsActive": False})
    assert [] == sf.rows("SELECT Id FROM User WHERE Email = 'agent.demo@example.com' AND IsActive = true")
