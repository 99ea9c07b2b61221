"""The ASSUMED contract: the operations and the members of their messages, by the names that a profile may replace.

No public source shows the wire of M3PP. A member is a scalar (the name of its XML Schema type), an array of scalars
or an array of rows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Array:
    """A member that repeats within an element of its own.

    Attributes:
        row: The name of the repeated element.
        members: The members of each row, name to XML Schema type; None where a row is a text.
    """

    row: str
    members: dict[str, str] | None = None


Kind = str | Array
Message = dict[str, Kind]

_STATUS: Message = {"Success": "boolean", "ErrorCode": "string", "ErrorMessage": "string"}
_FIELDS = Array("Field", {"Name": "string", "Value": "string"})
_ATTRIBUTES = Array("Attribute", {"Code": "string", "Value": "string"})
_ASSET_KEYS = Array("AssetKey")
_PLACE: Message = {"UPRN": "string", "AssetUKey": "string", "SiteKey": "string"}
_WORKSHEET: Message = {
    "SubjectUPRN": "string",
    "DepartmentCode": "string",
    "ApplicationCode": "string",
    "TaskGroupCode": "string",
    "TaskCode": "string",
}


@dataclass(frozen=True)
class OperationContract:
    """The members of an operation's request, and of the ``OpResult`` in its answer, in order."""

    request: Message
    payload: Message

    @property
    def result(self) -> Message:
        """All members of the ``OpResult``."""
        return _STATUS | self.payload


CONTRACT: dict[str, OperationContract] = {
    "GetVersion": OperationContract({}, {"Version": "string"}),
    "CreateWorksheet": OperationContract(
        _WORKSHEET | {"DateTimeReceived": "dateTime", "Fields": _FIELDS}, {"WorksheetReference": "string"}
    ),
    "GetWorksheet": OperationContract(
        {"WorksheetReference": "string"},
        # A text, because an absent dateTime would be answered as the year 1.
        {"WorksheetReference": "string"} | _WORKSHEET | {"DateTimeReceived": "string", "Fields": _FIELDS},
    ),
    "FindWorksheets": OperationContract(
        {"FieldName": "string", "FieldValue": "string"}, {"WorksheetReferences": Array("WorksheetReference")}
    ),
    "CreateAsset": OperationContract(
        {"AssetTypeCode": "string", "SectionCode": "string"} | _PLACE | {"Attributes": _ATTRIBUTES},
        {"AssetKey": "string"},
    ),
    "GetAsset": OperationContract(
        {"AssetKey": "string"},
        {"AssetKey": "string", "AssetTypeCode": "string", "SectionCode": "string"}
        | _PLACE
        | {"Attributes": _ATTRIBUTES},
    ),
    "UpdateAssetAttributeByProperty": OperationContract(
        {"UPRN": "string", "AssetTypeCode": "string", "AttributeCode": "string", "Value": "string"},
        {"UpdatedCount": "int", "AssetKeys": _ASSET_KEYS},
    ),
    "UpdateAssetAttribute": OperationContract(
        {"AssetKeys": _ASSET_KEYS, "AttributeCode": "string", "Value": "string"},
        {
            "Results": Array(
                "Result",
                {"AssetKey": "string", "Success": "boolean", "ErrorCode": "string", "ErrorMessage": "string"},
            )
        },
    ),
}
