"""The gallery: every entry opens, every sentence is measured, nothing in it is typed."""

from __future__ import annotations

import re
import string
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from nnopt_viz.deliver.questions import RACE
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.gallery import GALLERY, TOPICS, Entry
from nnopt_viz.gallery.entry import FAILURE, LONGEST, SUCCESS
from nnopt_viz.gallery.measure import NOT_YET, figures_kept, figures_of, kept, sentence
from nnopt_viz.gallery.picture import cost, picture
from nnopt_viz.page import opening
from nnopt_viz.page.pages import page_at

RACES = [entry for entry in GALLERY.values() if entry.question is RACE]
OTHERS = [entry for entry in GALLERY.values() if entry.question is not RACE]
LARGEST = 26_000  # bytes of a picture
each = pytest.mark.parametrize("entry", GALLERY.values(), ids=lambda entry: entry.name)
each_race = pytest.mark.parametrize("entry", RACES, ids=lambda entry: entry.name)
each_other = pytest.mark.parametrize("entry", OTHERS, ids=lambda entry: entry.name)


def fields(entry: Entry) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(entry.sentence) if name}


def is_as_said(entry: Entry) -> None:
    """True now, and what the page says."""
    figures = figures_of(entry)
    assert entry.holds(figures), entry.said(figures)
    assert entry.said(figures) == sentence(entry), "run `make claims`"


def test_there_are_enough_of_both_kinds_and_of_every_topic() -> None:
    assert len(GALLERY) >= 30
    for topic in TOPICS:
        assert any(topic in entry.topics for entry in GALLERY.values()), topic
    for topic in (SUCCESS, FAILURE):
        assert sum(topic in entry.topics for entry in GALLERY.values()) >= 10
    assert len({entry.title for entry in GALLERY.values()}) == len(GALLERY)
    assert len({entry.link for entry in GALLERY.values()}) == len(GALLERY)


@each
def test_an_entry_is_whole(entry: Entry) -> None:
    assert 0 < len(entry.title) <= LONGEST
    assert set(entry.topics) <= set(TOPICS)
    assert len({SUCCESS, FAILURE} & set(entry.topics)) == 1
    assert len(entry.topics) > 1
    assert re.search(r"\b(1[89]|20)\d\d\b", entry.source), "a source says its year"
    assert not entry.title.endswith(".")
    assert entry.sentence.endswith(".")


@each
def test_its_query_is_read_strictly_and_its_link_means_the_same(entry: Entry) -> None:
    question = entry.question
    record = question.decode(entry.query, False)
    said: list[str] = []
    canonical = entry.link.partition("?")[2]
    assert question.decode(canonical, False, said) == record
    assert question.encode(record) == canonical
    assert not said
    assert question.problem(record) is None


@each
def test_its_page_is_built_without_a_word_about_repairs(entry: Entry) -> None:
    path, _, query = entry.link.partition("?")
    repaired = page_at(path).repaired
    if repaired:
        assert repaired(query)[1] == []
    assert opening.page_json(opening.page_for(path, query))


@each
def test_no_figure_of_its_sentence_is_typed(entry: Entry) -> None:
    words = "".join(text for text, *_ in string.Formatter().parse(entry.sentence))
    assert not re.search(r"\d", words), words
    assert fields(entry)
    held = figures_kept(entry)
    assert held is not None, "run `make claims`"
    assert fields(entry) <= set(held)
    assert sentence(entry) != NOT_YET
    assert not re.search(r"[{}∞]|undefined", sentence(entry))


@each
def test_its_claim_can_be_false(entry: Entry) -> None:
    held = figures_kept(entry)
    assert held is not None
    assert entry.holds(held)
    assert not all(entry.holds(dict.fromkeys(held, value)) for value in (0.0, 1e9))


@each_race
def test_its_sentence_is_true_as_measured_now(entry: Entry) -> None:
    is_as_said(entry)


@pytest.mark.slow
@each_other
def test_a_sentence_about_networks_is_true_as_measured_now(entry: Entry) -> None:
    is_as_said(entry)


@pytest.mark.parametrize("seed", [10_000, 20_000, 90_000])
def test_what_a_race_says_holds_at_other_seeds(seed: int) -> None:
    """Figures differ there where something is drawn; the sentence does not become false."""
    wrong = []
    for entry in RACES:
        other = replace(entry, query=f"{entry.query}&seed={seed}")
        figures = figures_of(other)
        wrong += [] if entry.holds(figures) else [entry.said(figures)]
    assert not wrong


def test_what_is_kept_is_of_the_entries_that_there_are() -> None:
    assert set(kept()) == set(GALLERY)
    assert all(kept()[entry.name]["query"] == entry.query for entry in GALLERY.values())


def test_what_was_measured_of_another_question_is_not_shown() -> None:
    entry = next(iter(GALLERY.values()))
    other = replace(entry, query=entry.query + "&seed=3")
    assert sentence(other) == NOT_YET
    assert sentence(replace(entry, sentence="Now {nothing} is so.")) == NOT_YET


@pytest.mark.parametrize("theme", THEMES)
@each_race
def test_its_picture_is_small_and_whole(entry: Entry, theme: str) -> None:
    made = picture(entry, theme)
    root = ET.fromstring(made)
    assert len(made) < LARGEST
    assert "nan" not in made
    names = {part.tag.rpartition("}")[2] for part in root.iter()}
    assert names <= {"svg", "image", "rect", "path", "defs", "g", "use", "text", "circle"}
    assert ("image" in names) is (entry.shows == "map")
    assert "use" in names or entry.name == "saddle_at_zero"  # nothing moves there
    assert cost(entry, theme).units == 0  # it is kept


@pytest.mark.slow
@each_other
def test_the_picture_of_a_network_is_small_and_whole(entry: Entry) -> None:
    light, dark = (picture(entry, theme) for theme in THEMES)
    assert light != dark
    assert ET.fromstring(light).find("{http://www.w3.org/2000/svg}g/..") is not None
    assert len(light) < LARGEST
    assert "nan" not in light


def test_a_picture_has_the_price_of_its_question() -> None:
    entry = OTHERS[-1]
    record = entry.question.decode(entry.query, False)
    new = replace(entry, query=entry.query.replace("seeds=3", "seeds=4"))
    assert cost(new, "light").units > entry.question.cost(record).units > 0


def walk(tree: Any) -> Any:
    yield tree
    children = getattr(tree, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if child is not None and not isinstance(child, str):
            yield from walk(child)


def shown(search: str = "") -> str:
    """The HTML of the cards."""
    page = opening.page_for("/gallery", search)
    return next(filter(None, (str(getattr(one, "data-html", "") or "") for one in walk(page))))


@each
def test_its_card_says_all_of_it(entry: Entry) -> None:
    html = shown()
    card = html.partition(f'data-name="{entry.name}"')[2].partition("data-name=")[0]
    text = unescape(re.sub(r"<[^>]*>", "\n", card))
    for fact in (entry.title, sentence(entry), entry.source, *map(TOPICS.get, entry.topics)):
        assert fact
        assert fact in text
    assert f'href="{entry.link}"' in card.replace("&amp;", "&").replace("&quot;", '"')
    assert card.count("data-src=") == len(THEMES)


@pytest.mark.parametrize(
    ("search", "topics", "said"),
    [
        ("topic=momentum", "momentum", ()),
        ("topic=momentum,failure", "failure momentum", ()),
        ("topic=momentom", "", ("There is no topic 'momentom'; the nearest is momentum.",)),
        ("topic=zzz&surface=booth&utm_source=x", "", ("no topic 'zzz'", "no 'surface'")),
        ("topic=%ZZ&q=%", "", ()),
    ],
)
def test_an_address_chooses_topics_and_is_told_what_was_left_out(
    search: str, topics: str, said: tuple[str, ...]
) -> None:
    page = opening.page_for("/gallery", search)
    (gallery,) = (one for one in walk(page) if getattr(one, "className", "") == "gallery")
    assert getattr(gallery, "data-topics") == topics
    told = [str(one.children) for one in walk(page) if getattr(one, "className", "") == "told"]
    assert len(told) == len(said)
    for sentence_, wanted in zip(told, said, strict=True):
        assert wanted in sentence_
