"""Creating and reading assets, and updating their attributes by property and by key."""

from __future__ import annotations

import pytest

from tests.simulators.m3pp.client import M3pp


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"Code": code, "Value": value} for code, value in values.items()]


@pytest.mark.parametrize(
    ("place", "at"),
    [
        ({"UPRN": "10003"}, ("10003", "S-2003")),
        ({"UPRN": "0010003"}, ("10003", "S-2003")),
        ({"SiteKey": "S-2003"}, ("10003", "S-2003")),
        ({"SiteKey": "S-3001"}, ("", "S-3001")),
        ({"AssetUKey": "U-30006"}, ("10003", "S-2003")),
    ],
)
def test_an_asset_is_created_where_one_of_three_says(m3pp: M3pp, place: dict[str, str], at: tuple[str, str]) -> None:
    key = m3pp.asset(**{"UPRN": None, **place}).result("AssetKey")
    answer = m3pp.call("GetAsset", AssetKey=key)
    assert (key, *at) == tuple(answer.result(name) for name in ("AssetKey", "UPRN", "SiteKey"))
    assert answer.result("AssetUKey") == f"U-{key}"


def test_any_number_of_attributes_is_set_on_a_new_asset(m3pp: M3pp) -> None:
    given = attributes(COND="Good", SIZE="240", SERIAL="A & B", ASSISTED="Y", DELIVERED="2026-07-01")
    key = m3pp.asset(Attributes=given).result("AssetKey")
    answer = m3pp.call("GetAsset", AssetKey=key)
    assert answer.rows("Attribute") == [(row["Code"], row["Value"]) for row in given]
    assert (answer.result("AssetTypeCode"), answer.result("SectionCode")) == ("BIN", "WEST")
    bare = m3pp.asset().result("AssetKey")
    assert m3pp.call("GetAsset", AssetKey=bare).rows("Attribute") == []


@pytest.mark.parametrize(
    ("place", "code", "found"),
    [
        ({}, "MANDATORY_FIELD", "none is given"),
        ({"UPRN": "", "SiteKey": " "}, "MANDATORY_FIELD", "none is given"),
        ({"UPRN": "10001", "SiteKey": "S-2001"}, "VALUE_INVALID", "2 are given"),
        ({"UPRN": "10001", "AssetUKey": "U-30001"}, "VALUE_INVALID", "2 are given"),
        ({"AssetUKey": "U-30001", "SiteKey": "S-2001"}, "VALUE_INVALID", "2 are given"),
        ({"UPRN": "10001", "AssetUKey": "U-30001", "SiteKey": "S-2001"}, "VALUE_INVALID", "3 are given"),
    ],
)
def test_exactly_one_place_must_be_given_even_if_all_mean_the_same(
    m3pp: M3pp, place: dict[str, str], code: str, found: str
) -> None:
    before = m3pp.assets
    answer = m3pp.asset(**{"UPRN": None, **place})
    assert answer.refusal == (code, f"Exactly one of UPRN, AssetUKey, SiteKey must be given; {found}.")
    assert m3pp.assets == before


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ({"AssetTypeCode": ""}, "MANDATORY_FIELD", "Mandatory field missing: AssetTypeCode."),
        ({"SectionCode": None}, "MANDATORY_FIELD", "Mandatory field missing: SectionCode."),
        ({"AssetTypeCode": "SHED"}, "INVALID_CODE", 'Asset Type code "SHED" is not valid.'),
        ({"SectionCode": "NORTH"}, "INVALID_CODE", 'Section code "NORTH" is not valid.'),
        ({"UPRN": "1"}, "INVALID_UPRN", 'UPRN "1" is not known.'),
        ({"UPRN": None, "SiteKey": "S-1"}, "INVALID_CODE", 'Site Key "S-1" is not known.'),
        ({"UPRN": None, "AssetUKey": "30001"}, "ASSET_NOT_FOUND", 'Asset UKey "30001" does not exist.'),
    ],
)
def test_a_wrong_or_missing_member_refuses_the_asset(
    m3pp: M3pp, given: dict[str, str | None], code: str, sentence: str
) -> None:
    before = m3pp.assets
    assert m3pp.asset(**given).refusal == (code, sentence)
    assert m3pp.assets == before


WRONG_VALUES = [
    ("BIN", "COND", "Broken", "must be one of Good, Fair, Poor, Missing"),
    ("BIN", "SIZE", "240.5", "must be a whole number"),
    ("BIN", "SIZE", "22", "must not be less than 23"),
    ("BIN", "SIZE", "1101", "must not be more than 1100"),
    ("BIN", "SERIAL", "X" * 21, "must not be longer than 20 characters"),
    ("BIN", "ASSISTED", "Yes", "must be Y or N"),
    ("BIN", "DELIVERED", "2026-02-30", "must be a date, yyyy-mm-dd"),
    ("LAMP", "HEIGHT", "six", "must be a number"),
    ("LAMP", "HEIGHT", "15.01", "must not be more than 15"),
]


@pytest.mark.parametrize(("kind", "code", "value", "problem"), WRONG_VALUES)
def test_a_value_that_an_attribute_cannot_have_is_refused(
    m3pp: M3pp, kind: str, code: str, value: str, problem: str
) -> None:
    answer = m3pp.asset(AssetTypeCode=kind, Attributes=attributes(**{code: value}))
    assert answer.refusal == ("VALUE_INVALID", f'The value of attribute "{code}" {problem}.')


def test_an_attribute_must_be_defined_for_the_asset_type(m3pp: M3pp) -> None:
    expected = ("ATTRIBUTE_NOT_FOUND", 'Attribute "HEIGHT" is not defined for Asset Type "BIN".')
    assert m3pp.asset(Attributes=attributes(COND="Good", HEIGHT="6")).refusal == expected
    by_property = {"UPRN": "10001", "AssetTypeCode": "BIN", "AttributeCode": "HEIGHT", "Value": "6"}
    assert m3pp.call("UpdateAssetAttributeByProperty", **by_property).refusal == expected


def test_an_attribute_has_a_code_and_comes_once(m3pp: M3pp) -> None:
    row = {"Code": "COND", "Value": "Good"}
    assert m3pp.asset(Attributes=[{"Value": "Good"}]).refusal[0] == "MANDATORY_FIELD"
    assert m3pp.asset(Attributes=[row, row]).refusal == ("VALUE_INVALID", 'The attribute "COND" is given twice.')


def test_an_asset_that_does_not_exist_is_refused(m3pp: M3pp) -> None:
    assert m3pp.call("GetAsset", AssetKey="1").refusal == ("ASSET_NOT_FOUND", 'Asset "1" does not exist.')
    assert m3pp.call("GetAsset").refusal[0] == "MANDATORY_FIELD"


def by_property(m3pp: M3pp, **given: str | None) -> object:
    members = {"UPRN": "10001", "AssetTypeCode": "BIN", "AttributeCode": "COND", "Value": "Poor", **given}
    return m3pp.call("UpdateAssetAttributeByProperty", **members)


def test_all_assets_of_a_type_at_a_property_are_updated_and_no_others(m3pp: M3pp) -> None:
    before = m3pp.assets
    for _ in range(2):  # the same value again changes nothing and succeeds
        answer = by_property(m3pp)
        assert answer.succeeded
        assert (answer.result("UpdatedCount"), answer.all("AssetKey")) == ("3", ["30001", "30002", "30003"])
    changed = {key for key, asset in m3pp.assets.items() if asset != before[key]}
    assert changed == {"30001", "30002", "30003"}
    assert {m3pp.assets[key]["attributes"]["COND"] for key in changed} == {"Poor"}


def test_an_asset_created_by_its_site_belongs_to_the_property(m3pp: M3pp) -> None:
    key = m3pp.asset(UPRN=None, SiteKey="S-2004").result("AssetKey")
    assert by_property(m3pp, UPRN="10004").all("AssetKey") == [key]


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ({"UPRN": "10004"}, "ASSET_NOT_FOUND", 'UPRN "10004" has no asset of type "BIN".'),
        ({"AssetTypeCode": "TREE", "AttributeCode": "TPO", "Value": "Y"}, "ASSET_NOT_FOUND", None),
        ({"UPRN": "4"}, "INVALID_UPRN", 'UPRN "4" is not known.'),
        ({"AssetTypeCode": "SHED"}, "INVALID_CODE", 'Asset Type code "SHED" is not valid.'),
        ({"Value": "Broken"}, "VALUE_INVALID", None),
        ({"Value": None}, "MANDATORY_FIELD", "Mandatory field missing: Value."),
        ({"UPRN": " "}, "MANDATORY_FIELD", "Mandatory field missing: UPRN."),
        ({"AssetTypeCode": ""}, "MANDATORY_FIELD", "Mandatory field missing: AssetTypeCode."),
        ({"AttributeCode": ""}, "MANDATORY_FIELD", "Mandatory field missing: AttributeCode."),
    ],
)
def test_an_update_for_a_property_that_cannot_be_done_is_refused_whole(
    m3pp: M3pp, given: dict[str, str | None], code: str, sentence: str | None
) -> None:
    """No asset of that type is a refusal too: nothing was updated, so it is no success."""
    before = m3pp.assets
    answer = by_property(m3pp, **given)
    assert answer.refusal == (code, sentence or answer.refusal[1])
    assert answer.result("UpdatedCount") == "0"
    assert m3pp.assets == before


def by_keys(m3pp: M3pp, *keys: str, code: str = "COND", value: str = "Poor") -> object:
    return m3pp.call("UpdateAssetAttribute", AssetKeys=list(keys), AttributeCode=code, Value=value)


def test_each_asset_named_is_updated_with_a_row_for_each_key(m3pp: M3pp) -> None:
    answer = by_keys(m3pp, "30005", " 30001 ", "", "30009")
    assert answer.succeeded
    assert answer.rows("Result") == [(key, "true") for key in ("30005", "30001", "30009")]
    assert [m3pp.assets[key]["attributes"]["COND"] for key in ("30005", "30001", "30009")] == ["Poor"] * 3


def test_a_partial_failure_names_the_keys_and_keeps_what_was_updated(m3pp: M3pp) -> None:
    before = m3pp.assets
    answer = by_keys(m3pp, "30001", "99999", "30006", "30007")
    assert answer.refusal == ("ASSET_NOT_FOUND", "2 of 4 assets not updated: 99999, 30006.")
    assert answer.rows("Result") == [
        ("30001", "true"),
        ("99999", "false", "ASSET_NOT_FOUND", 'Asset "99999" does not exist.'),
        ("30006", "false", "ATTRIBUTE_NOT_FOUND", 'Attribute "COND" is not defined for Asset Type "TREE".'),
        ("30007", "true"),
    ]
    changed = {key for key, asset in m3pp.assets.items() if asset != before[key]}
    assert changed == {"30001", "30007"}


def test_a_value_that_fits_only_some_types_fails_only_for_the_others(m3pp: M3pp) -> None:
    """A bin can be missing, a litter bin cannot."""
    answer = by_keys(m3pp, "30001", "30009", value="Missing")
    assert [row[:3] for row in answer.rows("Result")] == [("30001", "true"), ("30009", "false", "VALUE_INVALID")]


def test_a_list_in_one_element_is_no_list_of_keys(m3pp: M3pp) -> None:
    """Splitting on commas is the caller's work."""
    assert by_keys(m3pp, "30001,30002").refusal[1] == "1 of 1 assets not updated: 30001,30002."


@pytest.mark.parametrize("keys", [[], ["", " "]])
def test_an_empty_list_of_keys_is_refused(m3pp: M3pp, keys: list[str]) -> None:
    assert by_keys(m3pp, *keys).refusal == ("MANDATORY_FIELD", "Mandatory field missing: AssetKeys.")


@pytest.mark.parametrize(("code", "value", "missing"), [("", "Poor", "AttributeCode"), ("COND", "", "Value")])
def test_attribute_and_value_are_mandatory(m3pp: M3pp, code: str, value: str, missing: str) -> None:
    answer = by_keys(m3pp, "30001", code=code, value=value)
    assert answer.refusal == ("MANDATORY_FIELD", f"Mandatory field missing: {missing}.")
