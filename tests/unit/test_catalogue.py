from __future__ import annotations

from pathlib import Path

import pytest

from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import InvalidTemplate, NotConfigured
from tests.unit.sample import MANIFEST, template_text


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "mappings" / "yard"
    folder.mkdir(parents=True)
    (folder / "gate.yaml").write_text(template_text("to: team, text: 5"), "utf-8")
    (folder / "fence.yml").write_text(template_text("to: team, text: 6"), "utf-8")
    (folder / "broken.yaml").write_text(template_text("to: team, text: many"), "utf-8")
    (folder / "latin.yaml").write_bytes("name: Säge".encode("latin-1"))
    (folder / "back.yaml").write_text(template_text("from: status, case_field: a", type_="job"), "utf-8")
    (folder / "other_back.yaml").write_text(
        template_text("from: status, case_field: a", type_="job", reference="second"), "utf-8"
    )
    (folder / "template.schema.json").write_text("{}", "utf-8")
    return Catalogue(tmp_path / "mappings", {"yard": MANIFEST})


def test_a_template_is_found_by_its_file_name(catalogue: Catalogue) -> None:
    assert "gate" == catalogue.template("yard", "gate").id
    assert "fence" == catalogue.template("yard", "fence").id


def test_a_file_that_was_changed_counts_at_once(catalogue: Catalogue, tmp_path: Path) -> None:
    """Nobody restarts a scheduler to correct a template."""
    before = catalogue.template("yard", "gate").digest
    (tmp_path / "mappings" / "yard" / "gate.yaml").write_text(template_text("to: team, text: 7"), "utf-8")

    assert before != catalogue.template("yard", "gate").digest


def test_an_unknown_template_says_where_it_looked_and_names_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(NotConfigured) as refused:
        catalogue.template("yard", "gates")

    assert (
        'there is no mapping template "gates" for Yard; looked in the folder mappings/yard. Did you mean "gate"?'
        == str(refused.value)
    )


def test_an_unknown_system_is_answered_with_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(NotConfigured, match='there is no connector "yards". Did you mean "yard"?'):
        catalogue.template("yards", "gate")


@pytest.mark.parametrize("name", ["broken", "latin"])
def test_a_broken_template_is_refused_and_hides_none_of_the_good_ones(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(InvalidTemplate):
        catalogue.template("yard", name)
    assert ["back", "fence", "gate", "other_back"] == [template.id for template in catalogue.valid("yard")]
    assert ["fence", "gate"] == [template.id for template in catalogue.valid("yard", "create_job")]


def test_the_incoming_templates_of_a_reference_come_with_those_that_cannot_be_read(catalogue: Catalogue) -> None:
    """A broken one might be of this Reference: the run must say so, and apply the others."""
    usable, broken = catalogue.incoming_of("yard", "job", "job")

    assert ["back"] == [template.id for template in usable]
    assert ["broken", "latin"] == [error.subject.split('"')[1] for error in broken]


def test_a_template_that_was_kept_is_read_with_the_manifest_of_today(catalogue: Catalogue) -> None:
    assert 1 == len(catalogue.parse("yard", "gone", template_text("to: team, text: 5")).rows)
    with pytest.raises(InvalidTemplate):
        catalogue.parse("yard", "gone", template_text("to: tem, text: 5"))


def test_a_folder_that_is_not_there_holds_no_templates(tmp_path: Path) -> None:
    empty = Catalogue(tmp_path / "nowhere", {"yard": MANIFEST})

    assert ([], [], []) == (list(empty.files("yard")), empty.valid("yard"), empty.strays())


def test_a_template_outside_every_system_s_folder_is_a_stray(catalogue: Catalogue, tmp_path: Path) -> None:
    for place in ("yrad/gate.yaml", "top.yaml", "yard/old/gate.yaml"):
        path = tmp_path / "mappings" / place
        path.parent.mkdir(exist_ok=True)
        path.write_text("name: a", "utf-8")

    strays = [str(path.relative_to(tmp_path / "mappings")) for path in catalogue.strays()]
    assert ["top.yaml", "yard/old/gate.yaml", "yrad/gate.yaml"] == strays
