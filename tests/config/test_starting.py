"""A configuration to start from: init, schemas for editors, templates, shipped files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from jinja2 import DictLoader, Environment, TemplateNotFound

from alerts.config import KINDS, load_catalogue, schema, shipped, template_loader, write_schemas, write_starter
from alerts.config.drafts import FORMS


def test_a_fresh_start_is_right_in_every_part(tmp_path: Path) -> None:
    starter = write_starter(tmp_path)
    loaded = load_catalogue(tmp_path / "config", tmp_path / "data" / "people.csv")
    assert [str(problem) for problem in loaded.problems if problem.severity == "error"] == []
    assert not starter.kept
    assert loaded.people_state == "read"
    assert all(person.address.endswith("@example.nhs.uk") for person in loaded.catalogue.people)
    assert not (tmp_path / "config" / "people.sample.csv").exists()


def test_comments_come_along(tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert "\n# " in "\n" + (tmp_path / "config" / "calendar.yaml").read_text(encoding="utf-8")


def test_what_is_there_already_is_never_overwritten(tmp_path: Path) -> None:
    mine = {tmp_path / "config" / "service.yaml": "name: Mine\n", tmp_path / "data" / "people.csv": "mine\n"}
    for path, text in mine.items():
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    starter = write_starter(tmp_path)
    assert set(starter.kept) == set(mine)
    assert {path: path.read_text(encoding="utf-8") for path in mine} == mine
    again = write_starter(tmp_path)
    assert {path.parent.name for path in again.written} == {"schema"}


def test_people_stay_out_of_version_control_from_the_start(tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert "people.csv" in (tmp_path / ".gitignore").read_text(encoding="utf-8").split()


def test_the_two_folders_may_lie_apart(tmp_path: Path) -> None:
    write_starter(tmp_path / "config", config_dir=tmp_path / "config", data_dir=tmp_path / "data")
    assert (tmp_path / "config" / "service.yaml").is_file()
    assert (tmp_path / "data" / "people.csv").is_file()
    assert not (tmp_path / "config" / "config").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_has_every_key_with_its_description(kind: str) -> None:
    form = next(each for name, each in FORMS.items() if name == kind)
    made = json.loads(json.dumps(schema(next(each for each in KINDS if each == kind))))
    assert made["properties"].keys() == form.keys.keys()
    assert all(each["description"] for each in made["properties"].values())
    assert made["additionalProperties"] is False
    assert set(made.get("required", ())) == {name for name, each in form.keys.items() if each.required}


def test_schemas_are_written_for_every_kind(tmp_path: Path) -> None:
    written = write_schemas(tmp_path / "schema")
    assert {path.name for path in written} == {f"{kind}.schema.json" for kind in KINDS}
    assert all(json.loads(path.read_text(encoding="utf-8"))["type"] == "object" for path in written)


def test_shipped_templates_are_found_and_overrides_are_kept_apart(tmp_path: Path) -> None:
    shipped_loader, overrides = template_loader(tmp_path)
    assert "mail.html.j2" in shipped_loader.list_templates()
    assert overrides is None
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mail.html.j2").write_text("mine", encoding="utf-8")
    _, overrides = template_loader(tmp_path)
    assert overrides is not None
    assert Environment(loader=overrides, autoescape=True).get_template("mail.html.j2").render() == "mine"


def test_a_template_cannot_be_taken_from_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    _, overrides = template_loader(tmp_path)
    environment = Environment(loader=overrides or DictLoader({}), autoescape=True)
    with pytest.raises(TemplateNotFound):
        environment.get_template("../secret")


def test_shipped_folders_are_in_the_package_of_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "alerts"
    (package / "_shipped" / "config").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr("alerts.config.package_files.files", lambda name: tmp_path / name)
    assert shipped("config") == package / "_shipped" / "config"
    assert shipped("templates") == tmp_path / "templates"


def test_every_public_name_is_what_it_says_and_not_a_module_of_that_name() -> None:
    import alerts.config

    for name in alerts.config.__all__:
        assert not isinstance(getattr(alerts.config, name), ModuleType), name
    folder = Path(alerts.config.__file__).parent
    assert not {path.stem for path in folder.glob("*.py")} & set(alerts.config.__all__)


def test_importing_the_package_imports_none_of_its_parts() -> None:
    code = "import sys, alerts.config; print(*[name for name in sys.modules if name.startswith('alerts.')])"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["alerts.config"]


def test_plain_files_are_read_without_the_full_reader_or_pydantic(tmp_path: Path) -> None:
    write_starter(tmp_path)
    code = (
        "import sys, pathlib; from alerts.config.files import gather; from alerts.config.drafts import draft\n"
        f"found, _ = gather(pathlib.Path({str(tmp_path / 'config')!r}))\n"
        "assert not any(draft(each).problems for each in found)\n"
        "assert not {'ruamel.yaml', 'pydantic', 'pydantic_settings', 'asyncio'} & sys.modules.keys()\n"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
