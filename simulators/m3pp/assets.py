"""The assets that M3 holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from simulators.m3pp.council import AssetType, Council, Site
from simulators.m3pp.errors import Refusal


@dataclass
class Asset:
    """One asset. ``key`` is what a Reference holds; ``ukey`` is M3's unique key, another number."""

    key: str
    ukey: str
    asset_type: str
    section: str
    site: Site
    attributes: dict[str, str]

    def shown(self) -> dict[str, Any]:
        """The whole of it as JSON, for the admin side."""
        return {
            "asset_key": self.key,
            "asset_ukey": self.ukey,
            "asset_type_code": self.asset_type,
            "section_code": self.section,
            "uprn": self.site.uprn,
            "site_key": self.site.site_key,
            "attributes": asdict(self)["attributes"],
        }


class Assets:
    """All assets, in order of creation: first those of the sample data."""

    def __init__(self, council: Council) -> None:
        self._held: dict[str, Asset] = {}
        for row in council.assets:
            site = council.sites[row["site"]]
            asset = Asset(row["key"], row["ukey"], row["type"], row["section"], site, dict(row["attributes"]))
            self._held[asset.key] = asset
        self._next = max(int(key) for key in self._held) + 1

    def __iter__(self) -> Iterator[Asset]:
        return iter(self._held.values())

    def create(self, asset_type: AssetType, section: str, site: Site, attributes: dict[str, str]) -> Asset:
        """A new asset with the next key."""
        asset = Asset(str(self._next), f"U-{self._next}", asset_type.code, section, site, attributes)
        self._next += 1
        self._held[asset.key] = asset
        return asset

    def get(self, key: str) -> Asset:
        """The asset with that key."""
        if key not in self._held:
            raise Refusal("asset_not_found", f'Asset "{key}" does not exist.')
        return self._held[key]

    def by_ukey(self, ukey: str) -> Asset:
        """The asset with that unique key."""
        for asset in self:
            if asset.ukey == ukey:
                return asset
        raise Refusal("asset_not_found", f'Asset UKey "{ukey}" does not exist.')

    def at(self, site: Site, asset_type: AssetType) -> list[Asset]:
        """The assets of a kind at a site."""
        return [asset for asset in self if (asset.site, asset.asset_type) == (site, asset_type.code)]

    def delete(self, asset: Asset) -> None:
        """The asset is gone; its key is not given again."""
        del self._held[asset.key]
