"""Sites, addresses and streets."""

from __future__ import annotations

from typing import Any

from simulators.whitespace import rows
from simulators.whitespace.council import Site
from simulators.whitespace.errors import invalid
from simulators.whitespace.inputs import Input
from simulators.whitespace.operations.reading import some
from simulators.whitespace.operations.registry import operation
from simulators.whitespace.powersuite import PowerSuite


def asked_site(suite: PowerSuite, given: Input) -> Site:
    """The site asked for by Uprn, or else by AccountSiteId."""
    if given.text("Uprn").strip():
        return suite.council.site_by_uprn(given.text("Uprn"))
    account_site_id = given.integer("AccountSiteId")
    if account_site_id:
        return suite.council.site_by_account(account_site_id)
    raise invalid("Uprn")


@operation("GetSiteInfo")
def site_info(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """One site: its account site, and within it the site itself."""
    site = asked_site(suite, given)
    street = suite.council.streets[site.street]
    return {
        "Site": {
            "AccountSiteID": site.account_site_id,
            "AccountSiteUPRN": site.uprn,
            "AccountID": suite.council.authority_id,
            "AccountName": suite.council.authority_name,
            "IsCommercial": site.commercial,
            "NumChildren": sum(other.parent == site.site_id for other in suite.council.sites),
            "Site": {
                **rows.address(suite.council, site),
                "SiteID": site.site_id,
                "SiteReference": site.uprn,
                "StreetID": street.id,
                "StreetName": street.name,
                "SiteParentID": site.parent,
            },
        }
    }


@operation("GetAccountSiteId")
def account_site_id(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The account site of a site."""
    site_id = given.integer("SiteId")
    site = suite.council.site_by_id(site_id) if site_id else suite.council.site_by_uprn(_needed_uprn(given))
    return {"AccountSiteID": site.account_site_id, "AccountSiteUprn": site.uprn}


@operation("GetSiteId")
def site_id(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The site of an account site."""
    account = given.integer("AccountSiteId")
    site = suite.council.site_by_account(account) if account else suite.council.site_by_uprn(_needed_uprn(given))
    return {"SiteID": site.site_id, "SiteUprn": site.uprn}


def _needed_uprn(given: Input) -> str:
    """These two operations spell it UPRN."""
    uprn = given.text("UPRN")
    if not uprn.strip():
        raise invalid("UPRN")
    return uprn


@operation("GetAddresses")
def addresses(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The addresses that match everything given. How a text matches is ASSUMED: contained, whatever its case."""
    commercial = given.flag("IncludeCommercialSites")
    wanted = {
        "number": given.text("AddressNameNumber"),
        "line": given.text("AddressLine1"),
        "town": given.text("Town"),
        "postcode": given.text("Postcode"),
    }
    if not any(text.strip() for text in wanted.values()):
        raise invalid("Postcode")
    found = []
    for site in suite.council.sites:
        street = suite.council.streets[site.street]
        known = {
            "number": f"{site.number} {site.name}",
            "line": f"{site.name} {street.name}",
            "town": street.town,
            "postcode": street.postcode,
        }
        if site.commercial and not commercial:
            continue
        if all(_plain(text) in _plain(known[part]) for part, text in wanted.items()):
            found.append(
                {
                    **rows.address(suite.council, site),
                    "AccountSiteUprn": site.uprn,
                    "SiteId": site.site_id,
                    "AccountSiteId": site.account_site_id,
                }
            )
    return {"Addresses": some(found)}


@operation("GetStreets")
def streets(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The streets that match everything given. The members of a row are ASSUMED."""
    wanted = {name: given.text(name) for name in ("streetName", "townName", "postcode")}
    if not any(text.strip() for text in wanted.values()):
        raise invalid("postcode")
    return {
        "StreetArray": some(
            [
                {
                    "StreetID": street.id,
                    "StreetName": street.name,
                    "StreetTown": street.town,
                    "StreetPostCode": street.postcode,
                    "Usrn": street.usrn,
                }
                for street in suite.council.streets.values()
                if _plain(wanted["streetName"]) in _plain(street.name)
                and _plain(wanted["townName"]) in _plain(street.town)
                and _plain(wanted["postcode"]) in _plain(street.postcode)
            ]
        )
    }


def _plain(text: str) -> str:
    """For comparing: postcodes come with and without their space."""
    return "".join(text.split()).casefold()
