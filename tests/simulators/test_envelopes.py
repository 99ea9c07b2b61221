"""How an envelope may come: everything that real clients were seen to send, and nothing that must not pass."""

from __future__ import annotations

import re

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.simulators.client import FACES, NS, SOAP_11, SOAP_12, Whitespace

# As SOAP::Lite sends it: guessed xsi:types, an encodingStyle, the WCF shape of arrays, an unquoted action.
PERL_CREATE = """<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"
    soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"
    xmlns:wsap="http://schemas.datacontract.org/2004/07/WSAPIAuth.Web.Inputs">
 <soap:Header>
  <Security mustUnderstand="true"
    xmlns="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
   <UsernameToken><Username xsi:type="xsd:string">WSAPI_DEMO</Username>
    <Password xsi:type="xsd:string">demo-password</Password></UsernameToken>
  </Security>
 </soap:Header>
 <soap:Body>
  <CreateWorksheet xmlns="http://webservices.whitespacews.com/">
   <worksheetInput>
    <Uprn xsi:type="xsd:long">100020194783</Uprn>
    <ServiceId xsi:type="xsd:int">289</ServiceId>
    <WorksheetReference xsi:type="xsd:int">2000123</WorksheetReference>
    <WorksheetMessage xsi:type="xsd:string">Front &amp; side &lt;gate&gt;
Café £5</WorksheetMessage>
    <WorksheetDueDate xsi:type="xsd:string">2026-07-04 23:59</WorksheetDueDate>
    <ServiceItemInputs>
     <wsap:Input.CreateWorksheetInput.ServiceItemInput>
      <wsap:ServiceItemId xsi:type="xsd:int">22</wsap:ServiceItemId>
      <wsap:ServiceItemName xsi:type="xsd:string"/>
      <wsap:ServiceItemQuantity xsi:type="xsd:int">1</wsap:ServiceItemQuantity>
     </wsap:Input.CreateWorksheetInput.ServiceItemInput>
    </ServiceItemInputs>
    <ServicePropertyInputs>
     <wsap:Input.CreateWorksheetInput.ServicePropertyInput>
      <wsap:ServicePropertyId xsi:type="xsd:int">79</wsap:ServicePropertyId>
      <wsap:ServicePropertyValue xsi:type="xsd:string">Yes</wsap:ServicePropertyValue>
     </wsap:Input.CreateWorksheetInput.ServicePropertyInput>
     <wsap:Input.CreateWorksheetInput.ServicePropertyInput>
      <wsap:ServicePropertyId xsi:type="xsd:int">80</wsap:ServicePropertyId>
      <wsap:ServicePropertyValue xsi:type="xsd:string">By the gate</wsap:ServicePropertyValue>
     </wsap:Input.CreateWorksheetInput.ServicePropertyInput>
    </ServicePropertyInputs>
    <AdHocRoundInstanceId xsi:type="xsd:int">304</AdHocRoundInstanceId>
   </worksheetInput>
  </CreateWorksheet>
 </soap:Body>
</soap:Envelope>"""

ASMX_ARRAYS = (
    "<ServiceItemInputs><ServiceItemInput><ServiceItemId>22</ServiceItemId><ServiceItemName/>"
    "<ServiceItemQuantity>2</ServiceItemQuantity></ServiceItemInput></ServiceItemInputs>"
    "<ServicePropertyInputs><ServicePropertyInput><ServicePropertyId>79</ServicePropertyId>"
    "<ServicePropertyValue>Yes</ServicePropertyValue></ServicePropertyInput></ServicePropertyInputs>"
)
WCF_ARRAYS = re.sub(r"<(/?)(\w+Id|\w+Name|\w+Quantity|\w+Value)(/?)>", r"<\1wsap:\2\3>", ASMX_ARRAYS)
WCF_ARRAYS = re.sub(r"<(/?)(Service\w+Input)>", r"<\1wsap:Input.CreateWorksheetInput.\2>", WCF_ARRAYS)


@pytest.mark.parametrize("action", [f"{NS}CreateWorksheet", f'"{NS}CreateWorksheet"', '""', ""])
def test_soap_action_may_be_quoted_unquoted_or_absent(whitespace: Whitespace, face: str, action: str) -> None:
    assert whitespace.post(PERL_CREATE, face, SOAPAction=action).worksheet_id == "242259"


@pytest.mark.parametrize("content", ["text/xml", "TEXT/XML; Charset=UTF-8", 'text/xml; action="x"; charset="utf-8"'])
def test_content_type_may_come_in_any_case_and_order(whitespace: Whitespace, face: str, content: str) -> None:
    assert whitespace.post(PERL_CREATE, face, Content_Type=content).worksheet_id == "242259"


def test_the_perl_clients_message_is_stored_as_it_was_meant(whitespace: Whitespace, face: str) -> None:
    """xsi:type and encodingStyle mean nothing, and non-ASCII text is UTF-8."""
    whitespace.post(PERL_CREATE, face)
    (sheet,) = whitespace.worksheets
    assert (sheet["reference"], sheet["uprn"], sheet["service_id"]) == ("2000123", "100020194783", 289)
    assert sheet["members"]["WorksheetMessage"] == "Front & side <gate>\nCafé £5"
    assert sheet["members"]["WorksheetDueDate"] == "2026-07-04T23:59:00"
    assert [(row["service_item_id"], row["quantity"]) for row in sheet["items"]] == [(22, "1")]
    assert sheet["properties"] == [
        {"service_property_id": 79, "value": "Yes"},
        {"service_property_id": 80, "value": "By the gate"},
    ]
    assert sheet["ad_hoc_round_instance_id"] == 304


@pytest.mark.parametrize("arrays", [ASMX_ARRAYS, WCF_ARRAYS])
def test_each_face_takes_the_arrays_of_both(whitespace: Whitespace, face: str, arrays: str) -> None:
    assert whitespace.create(more=arrays, face=face).code == 0
    (sheet,) = whitespace.worksheets
    assert [(row["service_item_id"], row["quantity"]) for row in sheet["items"]] == [(22, "2")]
    assert sheet["properties"] == [{"service_property_id": 79, "value": "Yes"}]


@pytest.mark.parametrize("empty", ["<ServiceItemInputs/><ServicePropertyInputs></ServicePropertyInputs>", "", "<X/>"])
def test_arrays_may_be_empty_or_absent_and_unknown_members_are_ignored(whitespace: Whitespace, empty: str) -> None:
    assert whitespace.create(more=empty).code == 0


def test_an_unknown_child_in_an_array_is_ignored(whitespace: Whitespace) -> None:
    """A known client sends an empty list as <LogTypeID><dummy/></LogTypeID>."""
    inner = "<Uprn>10001</Uprn><LogFromDate>2024-01-01T00:00:00</LogFromDate><LogTypeID><dummy/></LogTypeID>"
    assert whitespace.call("GetInCabLogs", f"<inCabLogInput>{inner}</inCabLogInput>").all("LogID") == ["9001"]


@pytest.mark.parametrize("flag", ["0", "false", ""])
def test_a_boolean_may_be_0(whitespace: Whitespace, flag: str) -> None:
    inner = f"<serviceInput><ServiceId>289</ServiceId><IncludeCommercial>{flag}</IncludeCommercial></serviceInput>"
    assert whitespace.call("GetServices", inner).all("ServiceName") == ["Missed Collection Plastics & Glass"]


def test_a_create_answers_two_any_types_the_second_empty(whitespace: Whitespace, face: str) -> None:
    """With one, a production client dies."""
    assert whitespace.create(face=face).all("anyType") == ["242259", ""]


@pytest.mark.parametrize(
    ("face", "namespace"), [("asmx", NS), ("wcf", "http://schemas.microsoft.com/2003/10/Serialization/Arrays")]
)
def test_any_types_are_in_the_namespace_of_the_face(whitespace: Whitespace, face: str, namespace: str) -> None:
    assert len(list(whitespace.create(face=face).root.iter(f"{{{namespace}}}anyType"))) == 2


@pytest.mark.parametrize("service", [289, 999999])
def test_the_three_status_members_come_first_and_always(whitespace: Whitespace, face: str, service: int) -> None:
    """A client that finds no code takes the answer for a success."""
    result = next(whitespace.create(service=service, face=face).root.iter(f"{{{NS}}}CreateWorksheetResult"))
    assert [member.tag for member in result][:3] == [
        f"{{{NS}}}{name}" for name in ("ErrorCode", "ErrorDescription", "SuccessFlag")
    ]


def test_soap_12_is_answered_in_soap_12_on_the_asmx_face(whitespace: Whitespace) -> None:
    message = whitespace.envelope("GetServices", "<serviceInput/>", soap=SOAP_12)
    answer = whitespace.post(
        message, "asmx", Content_Type=f'application/soap+xml; charset=utf-8; action="{NS}GetServices"'
    )
    assert (answer.status, answer.code) == (200, 0)
    assert answer.root.tag == f"{{{SOAP_12}}}Envelope"
    assert answer.response.headers["content-type"] == "application/soap+xml; charset=utf-8"


def test_soap_12_is_not_spoken_on_the_wcf_face(whitespace: Whitespace) -> None:
    message = whitespace.envelope("GetServices", "<serviceInput/>", soap=SOAP_12)
    assert whitespace.post(message, "wcf", Content_Type="application/soap+xml").status == 415


def test_a_fault_in_soap_12_has_the_shape_of_12(whitespace: Whitespace) -> None:
    message = whitespace.envelope("NoSuch", soap=SOAP_12)
    answer = whitespace.post(message, "asmx", Content_Type="application/soap+xml")
    assert (answer.status, answer.one("Value")) == (400, "soap:Sender")
    assert "NoSuch" in answer.one("Text")


def test_an_envelope_of_the_other_version_is_a_version_mismatch(whitespace: Whitespace) -> None:
    answer = whitespace.post(whitespace.envelope("GetServices", soap=SOAP_12), "asmx")
    assert (answer.status, answer.fault) == (500, "VersionMismatch")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "Client"),
        ("not xml", "Client"),
        ("<a/>", "Client"),
        (f'<s:Envelope xmlns:s="{SOAP_11}"/>', "Client"),
        (f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body/></s:Envelope>', "Client"),
        (f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body><NoSuch xmlns="{NS}"/></s:Body></s:Envelope>', "Client"),
        (f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body><GetServices/></s:Body></s:Envelope>', "Client"),
        ('<s:Envelope xmlns:s="urn:other"><s:Body/></s:Envelope>', "VersionMismatch"),
    ],
)
def test_what_is_no_request_is_a_fault(whitespace: Whitespace, face: str, body: str, fault: str) -> None:
    answer = whitespace.post(body, face)
    assert (answer.status, answer.fault) == (500, fault)
    assert answer.one("faultstring")


def test_an_action_that_is_not_the_bodys_is_a_fault(whitespace: Whitespace, face: str) -> None:
    message = whitespace.envelope("GetServices", "<serviceInput/>")
    assert whitespace.post(message, face, SOAPAction=f"{NS}CancelWorksheet").fault == "Client"
    assert "SOAPAction" in whitespace.post(message, face, SOAPAction="urn:other").one("faultstring")


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_a_dtd_is_refused_and_nothing_is_expanded(whitespace: Whitespace, face: str, dtd: str) -> None:
    message = dtd + whitespace.envelope("GetServices", "<serviceInput><ServiceId>&x;</ServiceId></serviceInput>")
    answer = whitespace.post(message, face)
    assert (answer.status, answer.fault) == (500, "Client")


def test_a_header_that_must_be_understood_and_is_not_is_a_fault(whitespace: Whitespace, face: str) -> None:
    message = whitespace.envelope("HelloWorld", security='<x:A xmlns:x="urn:x" soap:mustUnderstand="1"/>')
    assert whitespace.post(message, face).fault == "MustUnderstand"


def test_an_unknown_header_may_be_there(whitespace: Whitespace, face: str) -> None:
    message = whitespace.envelope("HelloWorld", security='<x:A xmlns:x="urn:x"/>')
    assert whitespace.post(message, face).one("HelloWorldResult") == "Hello World"


def test_a_wrapper_of_another_name_is_not_seen(whitespace: Whitespace) -> None:
    """The vendor's odd names are real: fullworksheetDetailsInput has a small w."""
    sheet = whitespace.create().worksheet_id
    inner = "<{0}><WorksheetId>" + sheet + "</WorksheetId></{0}>"
    assert whitespace.call("GetFullWorksheetDetails", inner.format("fullworksheetDetailsInput")).code == 0
    assert whitespace.call("GetFullWorksheetDetails", inner.format("fullWorksheetDetailsInput")).code == 1


def test_members_outside_the_services_namespaces_are_unknown_unless_switched(whitespace: Whitespace) -> None:
    place = '<Uprn xmlns="">10001</Uprn>'
    assert whitespace.create(place=place).code == 1
    whitespace.set("settings", strict_namespaces=False)
    assert whitespace.create(place=place).code == 0


def test_members_out_of_order_are_read_unless_the_order_is_strict(whitespace: Whitespace) -> None:
    """A DataContract server drops them without a word."""
    members = "<ServiceId>289</ServiceId><WorksheetMessage>late</WorksheetMessage><Uprn>10001</Uprn>"
    inner = f"<worksheetInput>{members}</worksheetInput>"
    assert whitespace.call("CreateWorksheet", inner).code == 0
    whitespace.set("settings", strict_order=True)
    assert whitespace.call("CreateWorksheet", inner).one("ErrorDescription").endswith("Uprn, AccountSiteId or Usrn")


def test_a_body_over_the_limit_is_refused_unread(whitespace: Whitespace) -> None:
    assert whitespace.post(b"x" * (4 * 1024 * 1024 + 1)).status == 413


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/", 404), ("GET", "/nothing.asmx?wsdl", 404), ("POST", "/nothing.svc", 404), ("PUT", FACES["asmx"], 405),
    ("GET", FACES["wcf"] + "?xsd=xsd0", 404), ("GET", FACES["asmx"], 200),
    ("GET", FACES["asmx"].lower() + "?WSDL", 200),
])  # fmt: skip
def test_what_is_no_call_is_answered_as_the_platform_does(
    whitespace: Whitespace, method: str, path: str, status: int
) -> None:
    assert requests.request(method, whitespace.url + path, timeout=30).status_code == status
    assert whitespace.requests == []


NAMES = st.sampled_from(
    ["Envelope", "Header", "Body", "CreateWorksheet", "worksheetInput", "Uprn", "ServiceId", "ServiceItemInputs",
     "ServiceItemInput", "Security", "UsernameToken", "Username", "GetServices", "serviceInput", "a"]
)  # fmt: skip
NAMESPACES = st.sampled_from(["", NS, SOAP_11, SOAP_12, "urn:x"])
TREES = st.recursive(
    st.tuples(
        NAMES, NAMESPACES, st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&]>"))
    ).map(lambda leaf: f'<{leaf[0]} xmlns="{leaf[1]}">{leaf[2]}</{leaf[0]}>'),
    lambda inner: st.tuples(NAMES, NAMESPACES, st.lists(inner, max_size=3)).map(
        lambda node: f'<{node[0]} xmlns="{node[1]}">{"".join(node[2])}</{node[0]}>'
    ),
    max_leaves=8,
)
ENVELOPES = TREES.map(lambda tree: f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body>{tree}</s:Body></s:Envelope>'.encode())
CUT = st.integers(0, len(PERL_CREATE)).map(lambda at: PERL_CREATE.encode()[:at])
INPUTS = TREES.map(lambda tree: PERL_CREATE.replace("<ServiceItemInputs>", f"{tree}<ServiceItemInputs>{tree}").encode())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(max_size=300), TREES.map(str.encode), ENVELOPES, CUT, INPUTS))
@example(body=b"\xef\xbb\xbf" + PERL_CREATE.encode())
@example(body=PERL_CREATE.replace("UTF-8", "utf-16").encode())
@example(body=b"<a>" * 5000)
def test_any_body_gives_a_result_or_a_fault(whitespace: Whitespace, body: bytes) -> None:
    answer = whitespace.post(body)
    if answer.status == 200:
        assert answer.root is not None
    else:
        assert (answer.status, bool(answer.one("faultstring"))) == (500, True)
        assert answer.fault != "Server"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    member=st.sampled_from(
        ["Uprn", "AccountSiteId", "Usrn", "ServiceId", "WorksheetStartDate", "WorksheetDueDate",
         "AdHocRoundInstanceId", "RoleId"]
    ),
    text=st.one_of(
        st.sampled_from(["99999999999999999999", "-1", "1e5", "0x10", "٣", "2026-02-30", "0001-01-01T00:00:00",
                         "9999-12-31T23:59:59+00:00",
                         "0001-01-01T00:00:00-14:00", "2147483648", "nan", "24:00", " 289 ", "2026-W01-1"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&]>\ufffe\uffff"), max_size=20),
    ),
)  # fmt: skip
def test_any_text_in_a_member_is_a_result_and_never_a_fault(whitespace: Whitespace, member: str, text: str) -> None:
    inner = f"<worksheetInput><{member}>{text}</{member}>"
    inner += "" if member == "Uprn" else "<Uprn>10001</Uprn>"
    inner += ("" if member == "ServiceId" else "<ServiceId>289</ServiceId>") + "</worksheetInput>"
    answer = whitespace.call("CreateWorksheet", inner)
    assert answer.status == 200
    assert answer.code in (0, 1, 2, 4, 6)
