"""The catalogue: every mapping template of this installation, by system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from casebridge.core.errors import InvalidTemplate, NotConfigured
from casebridge.core.manifest import Manifest
from casebridge.core.problem import did_you_mean
from casebridge.core.template import MappingTemplate
from casebridge.core.template_reader import read_template

ENDINGS = (".yaml", ".yml")


class Catalogue:
    """Mapping templates in a folder: one subfolder per system, one file per template.

    Args:
        folder: The folder; it is read when it is asked, so that a changed file counts at once.
        manifests: The manifests of the known systems by name.
    """

    def __init__(self, folder: Path, manifests: Mapping[str, Manifest]) -> None:
        self._folder = folder
        self._manifests = manifests

    def files(self, system: str) -> Iterator[Path]:
        """The template files of a system, by name."""
        yield from sorted(p for p in (self._folder / system).glob("*") if p.suffix in ENDINGS)

    def strays(self) -> list[Path]:
        """Template files that lie in no system's folder, and so are never used."""
        found = (path for path in self._folder.rglob("*") if path.suffix in ENDINGS)
        return sorted(p for p in found if p.parent.parent != self._folder or p.parent.name not in self._manifests)

    def template(self, system: str, template_id: str) -> MappingTemplate:
        """The template of that name.

        Raises:
            NotConfigured: There is none; says where it looked.
            InvalidTemplate: It breaks rules; carries every one.
        """
        for path in self.files(system):
            if path.stem == template_id:
                return self._read(path, system)
        known = [path.stem for path in self.files(system)]
        raise NotConfigured(
            f'there is no mapping template "{template_id}" for {self.manifest(system).title}; '
            f"looked in the folder {self._folder.name}/{system}. {did_you_mean(template_id, known)}"
        )

    def parse(self, system: str, template_id: str, text: str) -> MappingTemplate:
        """A template from a text that was kept, as the manifest of today reads it.

        Raises:
            InvalidTemplate: It breaks the rules of today's manifest.
        """
        return read_template(text, template_id=template_id, manifest=self.manifest(system))

    def valid(self, system: str, action: str | None = None) -> list[MappingTemplate]:
        """The templates of a system that can be used, of one action type if one is named; by id."""
        templates = []
        for path in self.files(system):
            try:
                template = self._read(path, system)
            except InvalidTemplate:
                continue  # `casebridge lint` tells what is wrong with it; here it must not hide the good ones
            if action is None or template.action.name == action:
                templates.append(template)
        return templates

    def incoming_of(
        self, system: str, reference: str, record: str
    ) -> tuple[list[MappingTemplate], list[InvalidTemplate]]:
        """All incoming templates of a Reference for a kind of record, and those that cannot be read."""
        usable, broken = [], []
        for path in self.files(system):
            try:
                template = self._read(path, system)
            except InvalidTemplate as error:
                broken.append(error)
                continue
            if not template.action.outgoing and template.reference == reference and template.action.record == record:
                usable.append(template)
        return usable, broken

    def manifest(self, system: str) -> Manifest:
        """The manifest of a system.

        Raises:
            NotConfigured: The system is not known.
        """
        try:
            return self._manifests[system]
        except KeyError:
            raise NotConfigured(f'there is no connector "{system}". {did_you_mean(system, self._manifests)}') from None

    @property
    def systems(self) -> Iterable[str]:
        """The names of the known systems."""
        return self._manifests.keys()

    def _read(self, path: Path, system: str) -> MappingTemplate:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            text = "\0"  # refused by the reader, with the sentence that fits
        return _template(text, path.stem, self.manifest(system))


@lru_cache(maxsize=512)
def _template(text: str, template_id: str, manifest: Manifest) -> MappingTemplate:
    """A template by its text: the file is read again each time, but not taken apart again while it is the same."""
    return read_template(text, template_id=template_id, manifest=manifest)
