"""What M3's answers mean, each of them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from casebridge.core.errors import (
    CasebridgeError,
    InDoubtError,
    InvalidMapping,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from casebridge.core.payload import Payload
from casebridge.core.record import Receipt
from tests.connectors.m3pp.samples import (
    ASSET,
    BY_PROPERTY,
    CREATE_ASSET,
    CREATE_WORKSHEET,
    UPDATE_BY_PROPERTY,
    UPDATE_LISTED,
    WORKSHEET,
    connector,
    listed,
)
from tests.connectors.m3pp.test_wire import NS, SUCCESS, result
from tests.connectors.parts import MemoryParts
from tests.connectors.wire import RecordedSession, reply


def refusal(operation: str, code: str, message: str = "because", more: str = "") -> requests.Response:
    return reply(
        result(
            operation,
            f"<Success>false</Success><ErrorCode>{code}</ErrorCode><ErrorMessage>{message}</ErrorMessage>{more}",
        )
    )


def fault(code: str, detail: str = "") -> requests.Response:
    return reply(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        f"<faultcode>{code}</faultcode><faultstring>because</faultstring><detail>{detail}</detail>"
        "</s:Fault></s:Body></s:Envelope>",
        500,
    )


def rows(*results: tuple[str, str, str]) -> str:
    lines = "".join(
        f"<Result><AssetKey>{key}</AssetKey><Success>{success}</Success><ErrorCode>{code}</ErrorCode>"
        f"<ErrorMessage>because of {key} in Mrs Sample's list</ErrorMessage></Result>"
        for key, success, code in results
    )
    return f"<Results>{lines}</Results>"


@pytest.mark.behaviour("C13")
@pytest.mark.parametrize(
    ("answer", "error", "may_have_happened"),
    [
        (refusal("CreateWorksheet", "INVALID_CODE"), RefusedByTarget, False),
        (refusal("CreateWorksheet", "ASSET_NOT_FOUND"), RefusedByTarget, False),
        (refusal("CreateWorksheet", "NEVER_HEARD_OF"), RefusedByTarget, False),
        (refusal("CreateWorksheet", ""), RefusedByTarget, False),
        (refusal("CreateWorksheet", "AUTH"), NotAuthorised, False),
        (refusal("CreateWorksheet", "SYSTEM"), InDoubtError, True),
        (reply(result("CreateWorksheet", SUCCESS)), InDoubtError, True),
        (reply(result("CreateWorksheet", "")), InDoubtError, True),
        (fault("q0:AUTH"), NotAuthorised, False),
        (fault("soap:Server", f'<ErrorCode xmlns="{NS}">AUTH</ErrorCode>'), NotAuthorised, False),
        (fault("soap:Server", "<Code>INVALID_UPRN</Code>"), RefusedByTarget, False),
        (fault("q0:VALUE_INVALID"), RefusedByTarget, False),
        (fault("q0:SYSTEM"), InDoubtError, True),
        (fault("soap:Server"), InDoubtError, True),
        (fault("soap:Client"), RefusedByTarget, False),
        (reply("", 401), NotAuthorised, False),
        (reply("", 404), NotConfigured, False),
        (reply("", 429, Retry_After="9"), Throttled, False),
        (reply("", 503), InDoubtError, True),
        (reply("<html>Sign in</html>"), NotConfigured, True),
        (reply("<s:Envelope"), InDoubtError, True),
        (requests.ConnectTimeout("-"), Unreachable, False),
        (requests.ReadTimeout("-"), InDoubtError, True),
    ],
)
def test_each_answer_to_a_create_means_one_thing(
    answer: Any, error: type[CasebridgeError], may_have_happened: bool
) -> None:
    with pytest.raises(CasebridgeError) as raised:
        connector(session=RecordedSession(answer)).send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    assert error is type(raised.value), raised.value
    assert may_have_happened == raised.value.may_have_happened


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal("GetAsset", "ASSET_NOT_FOUND"), NotFound),
        (fault("q0:ASSET_NOT_FOUND"), NotFound),
        (reply(result("GetAsset", f"{SUCCESS}<AssetKey>8</AssetKey>")), NotFound),
        (refusal("GetAsset", "INVALID_CODE"), RefusedByTarget),
        (refusal("GetAsset", "SYSTEM"), Unreachable),
        (fault("q0:SYSTEM"), Unreachable),
        (reply(result("GetAsset", "")), Unreachable),
        (requests.ReadTimeout("-"), Unreachable),
    ],
)
def test_a_read_is_never_in_doubt(answer: Any, error: type[CasebridgeError]) -> None:
    with pytest.raises(CasebridgeError) as raised:
        connector(session=RecordedSession(answer)).fetch("asset", "7")
    assert error is type(raised.value), raised.value


def test_a_look_up_that_is_refused_as_not_found_found_nothing() -> None:
    session = RecordedSession(refusal("FindWorksheets", "WORKSHEET_NOT_FOUND"))
    assert [] == list(connector(session=session).find(CREATE_WORKSHEET, WORKSHEET))


def test_no_asset_at_the_property_is_a_refusal_even_if_m3_calls_it_a_success() -> None:
    answer = f"{SUCCESS}<UpdatedCount>0</UpdatedCount>"
    session = RecordedSession(reply(result("UpdateAssetAttributeByProperty", answer)))
    with pytest.raises(RefusedByTarget, match="no Asset of that type at the property"):
        connector(session=session).send(UPDATE_BY_PROPERTY, BY_PROPERTY, MemoryParts())


@pytest.mark.behaviour("M5")
def test_the_keys_that_failed_are_named_with_m3_s_reasons_and_the_others_are_on_record() -> None:
    answer = rows(("1", "true", ""), ("2", "false", "ASSET_NOT_FOUND"), ("3", "false", "VALUE_INVALID"))
    session = RecordedSession(refusal("UpdateAssetAttribute", "ASSET_NOT_FOUND", more=answer))
    parts = MemoryParts()
    payload = listed("1,2,3", value="Mrs Sample's")
    with pytest.raises(InvalidMapping) as raised:
        connector(session=session).send(UPDATE_LISTED, payload, parts)
    assert ["asset 1"] == list(parts.confirmed)
    assert "M3 did not update 2 of 3 Assets (2, 3)" == raised.value.subject
    first, second = raised.value.problems
    assert ("Asset 2 was not updated", "(ASSET_NOT_FOUND)") == (first.message[:23], first.message[-17:])
    assert "(VALUE_INVALID)" in second.message
    assert "Mrs Sample" not in str(raised.value)


@pytest.mark.behaviour("M5")
def test_a_second_run_sends_only_what_has_not_that_value_yet() -> None:
    parts = MemoryParts()
    first = refusal(
        "UpdateAssetAttribute", "ASSET_NOT_FOUND", more=rows(("1", "true", ""), ("2", "false", "ASSET_NOT_FOUND"))
    )
    session = RecordedSession(first, reply(result("UpdateAssetAttribute", SUCCESS + rows(("3", "true", "")))))
    made = connector(session=session)
    with pytest.raises(InvalidMapping):
        made.send(UPDATE_LISTED, listed("1,2"), parts)
    receipt = made.send(UPDATE_LISTED, listed("1,3"), parts)
    assert "<AssetKeys><AssetKey>3</AssetKey></AssetKeys>" in session.sent[1].body.decode()  # type: ignore[union-attr]
    assert "Assets updated: 2" == receipt.detail
    assert receipt == made.send(UPDATE_LISTED, listed("3,1"), parts), "nothing is left to send"


def test_a_case_that_was_given_another_value_meanwhile_is_sent_whole() -> None:
    """The first run left one Asset with the old value: it must not keep that because it was confirmed once."""
    parts = MemoryParts({"asset 1": Receipt("1")})
    session = RecordedSession(
        reply(result("UpdateAssetAttribute", SUCCESS + rows(("1", "true", ""), ("2", "true", ""))))
    )
    connector(session=session).send(UPDATE_LISTED, listed("1,2", value="Good"), parts)
    assert 2 == session.sent[0].body.decode().count("<AssetKey>")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "answer",
    [
        refusal("UpdateAssetAttribute", "SYSTEM", more=rows(("1", "true", ""), ("2", "false", "SYSTEM"))),
        reply(result("UpdateAssetAttribute", SUCCESS + rows(("1", "true", "")))),
    ],
)
def test_an_asset_that_another_try_may_update_is_tried_again(answer: requests.Response) -> None:
    parts = MemoryParts()
    with pytest.raises(InDoubtError, match=r"1 of 2 Assets \(2\)"):
        connector(session=RecordedSession(answer)).send(UPDATE_LISTED, listed("1,2"), parts)
    assert ["asset 1"] == list(parts.confirmed)


def test_a_refusal_of_the_whole_list_confirms_none() -> None:
    parts = MemoryParts()
    session = RecordedSession(refusal("UpdateAssetAttribute", "MANDATORY_FIELD"))
    with pytest.raises(RefusedByTarget):
        connector(session=session).send(UPDATE_LISTED, listed("1,2"), parts)
    assert {} == parts.confirmed


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        (CREATE_ASSET, Payload(ASSET.fields, {"attribute": [{"key": "SIZE", "value": "1"}] * 2})),
        (
            CREATE_WORKSHEET,
            Payload(WORKSHEET.fields, {"worksheet_field": [{"key": "ExternalReference", "value": "x"}]}),
        ),
    ],
)
def test_a_field_that_would_get_two_values_is_refused_before_anything_is_sent(action: Any, payload: Payload) -> None:
    """A row for the very field that holds our reference would make a Worksheet that cannot be found again."""
    session = RecordedSession()
    with pytest.raises(InvalidMapping) as raised:
        connector(session=session).send(action, payload, MemoryParts())
    assert ["given_twice"] == [problem.rule for problem in raised.value.problems]
    assert [] == session.sent


@pytest.mark.behaviour("M9")
@pytest.mark.parametrize(
    ("version", "warned"), [("2.9.3.6", False), ("2.9.3.7", True), ("3.0", True), ("", True), ("2.9.3.60", True)]
)
def test_another_version_than_the_tested_one_is_a_warning_in_the_sentence(version: str, warned: bool) -> None:
    session = RecordedSession(reply(result("GetVersion", f"{SUCCESS}<Version>{version}</Version>")))
    told = connector(session=session).check()
    assert warned is ("Warning: the integration was made for 2.9.3.6" in told)
    assert (version or "unknown") in told


def test_what_is_assumed_can_be_overridden_without_touching_code() -> None:
    profile = {
        "namespace": "urn:of:the:council",
        "soap_action": "{namespace}/{operation}",
        "error_codes": {"retry": ["BUSY"]},
        "status": {"Success": "", "Code": "error_code"},
        "operations": {
            "get_asset": {
                "name": "Read",
                "request": {"{urn:other}Wanted/{}Key": "asset_key"},
                "result": {"Key": "asset_key", "Pairs/Pair/K": "attribute.key", "Pairs/Pair/V": "attribute.value"},
            }
        },
    }
    answer = "<Item><Key>7</Key><Pairs><Pair><K>COND</K><V>Good</V></Pair></Pairs></Item>"
    session = RecordedSession(reply(result("Read", answer)), refusal("Read", "-", more="<Code>BUSY</Code>"))
    made = connector(session=session, profile=profile)
    assert {"COND": "Good"} == made.fetch("asset", "7").keyed["attribute"]
    assert '"urn:of:the:council/Read"' == session.sent[0].headers["SOAPAction"]
    body = session.sent[0].body.decode()  # type: ignore[union-attr]
    assert 'Wanted xmlns:ns0="urn:other"' in body
    assert "<Key>7</Key>" in body
    with pytest.raises(Unreachable):
        made.fetch("asset", "7")


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ({"namespce": "x"}, "namespce"),
        ({"operations": {"make_asset": {"name": "x", "request": {}, "result": {}}}}, 'no "make_asset"'),
        (
            {"operations": {"get_asset": {"name": "x", "request": {"Key": "aset_key"}, "result": {}}}},
            'Did you mean "asset_key"',
        ),
        (
            {"operations": {"get_asset": {"name": "x", "request": {"Key": "?"}, "result": {}}}},
            'does not say yet what "Key" is: one of asset_key',
        ),
    ],
)
def test_a_wrong_override_is_told_at_its_place(profile: dict[str, Any], told: str) -> None:
    with pytest.raises(NotConfigured, match=told):
        connector(profile=profile)


def test_an_operation_that_the_service_does_not_have_is_told_and_nothing_is_sent() -> None:
    profile = {"operations": {"find_worksheets": {"name": "", "request": {}, "result": {}}}}
    session = RecordedSession()
    with pytest.raises(NotConfigured, match="M3 has no find_worksheets"):
        list(connector(session=session, profile=profile).find(CREATE_WORKSHEET, WORKSHEET))
    assert [] == session.sent


def test_a_value_without_an_element_is_told_and_nothing_is_sent() -> None:
    operation = {"name": "CreateAsset", "request": {"Kind": "asset_type"}, "result": {"Key": "asset_key"}}
    session = RecordedSession()
    with pytest.raises(NotConfigured, match="no element of CreateAsset for section, uprn, attribute"):
        connector(session=session, profile={"operations": {"create_asset": operation}}).send(
            CREATE_ASSET, ASSET, MemoryParts()
        )
    assert [] == session.sent
