"""Operators' own templates: one at a time, in a sandbox, with escaping that cannot be switched off."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from alerts.render import Renderer, TemplateFailure
from alerts.render.environment import columns, underlined
from tests.render.builders import RENDERER, TEMPLATES, issue, with_item


def with_own(**templates: str) -> Renderer:
    own = {name.replace("_", ".", 1).replace("_j2", ".j2"): text for name, text in templates.items()}
    return Renderer(jinja2.FileSystemLoader(TEMPLATES), jinja2.DictLoader(own))


def test_the_templates_that_ship_have_no_problems() -> None:
    assert RENDERER.problems() == ()


def test_one_template_is_replaced_and_the_others_stay() -> None:
    own = with_own(foot_html_j2="<p>Our own foot for {{ view.content.bulletin_title }}</p>")
    assert "Our own foot for Public health update" in own.html(issue())
    assert "Our own foot" not in own.page(issue())
    assert own.text(issue()) == RENDERER.text(issue())
    assert own.problems() == ()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% autoescape false %}{{ view.content.note }}{% endautoescape %}", "escaping cannot be switched off"),
        ("{{ view.content.note|safe }}", "No filter named 'safe'"),
        ("{{ view.contnet }}", "contnet"),
        ("{% if %}", "Expected an expression"),
        ("{{ view.__class__.__mro__ }}", "unsafe"),
        ("{{ view.content.sections.__class__ }}", "unsafe"),
        ("{{ ''.__class__.__base__.__subclasses__() }}", "unsafe"),
        ("{{ '{0.__class__}'.format(view) }}", "unsafe"),
        ("{% for n in range(1000000000) %}{% endfor %}", "Range too big"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}", "repeats more than"),
        ("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}", "repeats more"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        ("{% include 'foot.html.j2' %}", "recursion"),
        ("{% for a in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}", "recursion"),
        ("{{ 'x' * 10000000000 }}", "too long"),
        ("{{ [1] * 10000000000 }}", "too long"),
        ("{{ 9 ** 9 ** 9 ** 9 }}", "powers"),
        ("{{ lipsum(n=1000) }}", "lipsum"),
        ("{{ view.content.sections.append(1) }}", "append"),
        ("{{ cycler.__init__.__globals__ }}", "unsafe"),
        ("{{ self._TemplateReference__context }}", "unsafe"),
        ("{{ view|attr('__class__') }}", "unsafe"),
        ("{% extends '/etc/passwd' %}", "no template /etc/passwd"),
        ("{% include '../secret.key' %}", "no template ../secret.key"),
        ("{% include 'nowhere.j2' %}", "no template nowhere.j2"),
    ],
)
def test_a_template_that_must_not_be_is_refused_by_name(template: str, said: str) -> None:
    own = with_own(foot_html_j2=template)
    with pytest.raises(TemplateFailure, match=r"template|foot|mail|nowhere") as failure:
        own.html(issue())
    assert said in failure.value.sentence
    (problem,) = own.problems()
    assert (problem.code, problem.severity) == ("B021", "error")


def test_a_broken_template_is_reported_with_its_line() -> None:
    own = with_own(foot_html_j2="<p>fine</p>\n{% if %}")
    (problem,) = own.problems()
    assert (problem.file, problem.line) == ("config/templates/foot.html.j2", 2)
    assert problem.message == "Expected an expression, got 'end of statement block'."


def test_a_file_that_no_template_uses_is_a_warning_and_one_that_is_included_is_not() -> None:
    own = with_own(foot_html_j2="{% include 'ours.html.j2' %}", ours_html_j2="<p>Ours</p>", fooot_html_j2="<p></p>")
    (problem,) = own.problems()
    assert (problem.code, problem.severity, problem.file) == ("B024", "warning", "config/templates/fooot.html.j2")
    assert "foot.html.j2" in problem.remedy


def test_a_failure_while_drawing_names_the_file_and_line_it_lies_in(tmp_path: Path) -> None:
    (tmp_path / "foot.html.j2").write_text("<p>fine</p>\n<p>{{ view.contnet }}</p>\n", encoding="utf-8")
    own = Renderer(jinja2.FileSystemLoader(TEMPLATES), jinja2.FileSystemLoader(tmp_path))
    with pytest.raises(TemplateFailure, match=r"^foot\.html\.j2:2: .*contnet"):
        own.html(issue())


def test_a_template_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "foot.html.j2").write_bytes(b"caf\xe9")
    own = Renderer(jinja2.FileSystemLoader(TEMPLATES), jinja2.FileSystemLoader(tmp_path))
    with pytest.raises(TemplateFailure, match=r"foot\.html\.j2.*UTF-8"):
        own.html(issue())


def test_a_template_that_writes_without_end_is_stopped() -> None:
    own = with_own(foot_html_j2="{% for n in range(90000) %}" + "word " * 100 + "{% endfor %}")
    with pytest.raises(TemplateFailure, match="writes more than"):
        own.html(issue())


def test_a_template_of_ones_own_escapes_whatever_it_includes() -> None:
    own = with_own(foot_html_j2="{% include 'own.txt.j2' %}", own_txt_j2="{{ view.content.note }}")
    hostile = issue(note="<script>alert(1)</script>")
    assert "<script" not in own.html(hostile)


def test_text_from_a_feed_is_never_a_template() -> None:
    page = RENDERER.page(with_item(title="{{ 7 * 7 }}{% raw %}", title_marks=(), language=""))
    assert "{{ 7 * 7 }}{% raw %}" in page
    assert "49" not in page


def test_every_template_that_ships_explains_itself() -> None:
    found = sorted(Path(TEMPLATES).glob("*.j2"))
    assert found
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("{#"), path.name
        assert len(text.splitlines()) < 160, path.name


def test_columns_wrap_and_indent() -> None:
    assert columns("word " * 30, 2).splitlines()[1].startswith("  word")
    assert max(map(len, columns("word " * 30, 2).splitlines())) <= 72
    assert columns("x " * 33 + "flavours [2]", 0, 2).splitlines()[1] == "  flavours [2]"
    assert max(map(len, columns("\u516c\u5171\u885b\u751f" * 60).splitlines())) == 72, "a script without spaces"
    assert columns("See https://example.org/" + "x" * 80).splitlines()[-1].startswith("https://")
    assert underlined("Data") == "Data\n----"
    assert underlined("") == "\n"
