"""Translation, and that the Chinese catalogue is whole."""

import ast
import io
import string
import tomllib
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from msgspec import inspect
from msgspec.structs import replace

from momentum_gui import assets, i18n
from momentum_gui.core.experiment_text import parse, to_json
from momentum_gui.core.messages import InputError, Message
from momentum_gui.core.params import allowed
from momentum_gui.i18n import _, say
from momentum_gui.lessons import lessons, worded

FOLDER = assets.resources() / "translations"
PACKAGE = Path(i18n.__file__).parent
PO = FOLDER / "zh_CN" / "LC_MESSAGES" / "momentum_gui.po"
HOW = "momentum_gui/i18n.py says how to bring the catalogue up to date"


@pytest.fixture(scope="module")
def chinese():
    """The translations in the catalogue, by their English key."""
    with PO.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    assert not [message.id for message in catalogue if message.fuzzy and message.id]
    return {message.id: message.string for message in catalogue if message.id}


def keys():
    """Every English string of the source and the lessons that is to be translated, with its file and line."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    methods = [(each["pattern"], each["method"]) for each in project["tool"]["babel"]["mappings"]]
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    for folder in (PACKAGE, assets.resources() / "lessons"):
        for file, line, key, _comments, _context in extract_from_dir(folder, methods, keywords=keywords):
            yield key, f"{file}:{line}"


def placeholders(text):
    """The fields of a format string, each with how it is formatted."""
    return sorted((name, spec, turn) for _text, name, spec, turn in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", sorted(i18n.LANGUAGES))
def test_a_language_is_chosen_by_name(language):
    i18n.use(FOLDER, language)
    assert i18n.language() == language
    assert _("Learning rate") == {"en": "Learning rate", "zh_CN": "学习率"}[language]
    assert _("a key of nobody's") == "a key of nobody's"
    assert _("") == ""  # gettext's answer is the catalogue's header


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh_CN"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANGUAGE": "de:zh_CN", "LC_ALL": "en_GB.UTF-8"}, "zh_CN"),
    ],
)
def test_a_language_is_chosen_by_the_environment(variables, language, monkeypatch):
    for name in i18n.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    i18n.use(FOLDER)
    assert i18n.language() == language


def test_a_sentence_is_said_with_the_messages_in_it():
    i18n.use(FOLDER, "zh_CN")
    bound = Message("at least {number}", {"number": 1})
    error = InputError("{place} is {value}; allowed: {allowed}", place="steps", value=0, allowed=bound)
    assert str(error) == "steps is 0; allowed: at least 1"
    assert say(error) == "steps 为 0；允许：不小于 1"
    assert say(error.message) == say(error)


def test_a_list_is_joined_as_the_language_joins_it():
    i18n.use(FOLDER, "zh_CN")
    assert say(allowed(inspect.IntType(ge=1, le=9))) == "整数，不小于 1，不大于 9"


def test_braces_in_a_value_are_just_text():
    assert say(InputError("{file}: {reason}", file="{odd}", reason="{0}")) == "{odd}: {0}"


def test_every_string_of_the_source_is_translated(chinese):
    missing = sorted({f"{place}: {key}" for key, place in keys() if not chinese.get(key)})
    assert not missing, HOW


def test_every_lesson_is_translated(chinese):
    shown = {text for lesson in lessons().values() for text in (lesson.title, lesson.text)}
    assert {text for text in shown if chinese.get(text, text) == text} == set()


def test_the_catalogue_holds_no_string_that_is_gone(chinese):
    assert set(chinese) <= {key for key, _place in keys()}, HOW


def test_a_translation_has_the_placeholders_of_its_key(chinese):
    wrong = {key: text for key, text in chinese.items() if text and placeholders(key) != placeholders(text)}
    assert not wrong


def test_pybabel_compiles_the_catalogue_without_complaint():
    """It takes a % before a word such as “of” for a placeholder: such a sentence is better put another way."""
    with PO.open("rb") as file:
        catalogue = read_po(file)
    assert [message.id for message, _faults in catalogue.check()] == []


def test_what_is_committed_is_the_catalogue_compiled():
    with PO.open("rb") as file:
        catalogue = read_po(file)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert compiled.getvalue() == PO.with_suffix(".mo").read_bytes(), HOW


def test_every_language_on_offer_is_there():
    assert {each.name for each in FOLDER.iterdir()} | {"en"} == set(i18n.LANGUAGES)


def marked(tree):
    """The calls of ``_`` and ``N_``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_"):
            yield node


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_every_marked_string_can_be_found(path):
    """Not in an f-string, where Python before 3.12 hides it, nor made of one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = [call for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for call in marked(text)]
    literal = [call.lineno for call in hidden if isinstance(call.args[0], ast.Constant)]
    made = [call.lineno for call in marked(tree) if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)]
    assert not literal + made


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_a_string_is_translated_when_it_is_shown_not_when_a_module_is_imported(path):
    """The language is known only once the program has begun."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(call)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for call in marked(function)
    }
    early = [call.lineno for call in marked(tree) if call.func.id == "_" and id(call) not in inside]
    assert not early


def test_the_racers_of_a_lesson_are_called_in_the_language_in_use():
    i18n.use(FOLDER, "zh_CN")
    for name, lesson in lessons().items():
        there = worded(lesson)
        for racer, spoken in zip(lesson.optimizers, there.optimizers, strict=True):
            assert spoken.label == _(racer.label)
            assert replace(spoken, label=racer.label) == racer
        assert parse(to_json(there), name) == there  # the names are short enough
    labels = [racer.label for racer in worded(lessons()["ravine_02_stability"]).optimizers]
    assert "below the limit" not in labels
    i18n.use(FOLDER, "en")
    assert all(worded(lesson) == lesson for lesson in lessons().values())


@pytest.mark.parametrize(
    ("value", "text"),
    [(318_000.0, "3.18×10⁵"), (-0.5, "−0.5"), (-2.5e-7, "−2.5×10⁻⁷"), (0.25, "0.25"), (7, "7")],
)
def test_numbers_in_sentences_are_written_as_people_write_them(value, text):
    assert say(Message("it is {x:.3g}", {"x": value})) == f"it is {text}"


def test_a_value_that_was_given_is_said_as_it_was_given():
    assert say(InputError("lr = {value} is too large", value=1e300)) == "lr = 1e+300 is too large"
