"""The site that `make site` builds: without a warning, every link leads to a page, and nothing comes from elsewhere."""

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from store.runs.states import EventKind
from trainer.spec import RunSpec

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "docs" / "_build"
SITE = BUILD / "html"
# Pages of the service itself, which answers at the same address.
OF_THE_SERVICE = ("/docs", "/new")
pytestmark = pytest.mark.skipif(not SITE.is_dir(), reason="`make site` builds it")


class Reader(HTMLParser):
    """The links, the loaded files and the anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.anchors |= {named[name] for name in ("id", "name") if name in named}
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        if tag in ("script", "img", "iframe", "link"):
            self.loaded += [named[name] for name in ("src", "href") if name in named]


@cache
def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text())
    return reader


def pages() -> list[Path]:
    return sorted(SITE.rglob("*.html"))


def broken(page: Path) -> Iterator[str]:
    for link in read(page).links:
        address = urlsplit(link)
        if address.scheme or address.path.startswith(OF_THE_SERVICE):
            continue
        target = (page.parent / unquote(address.path)).resolve() if address.path else page
        anchor = unquote(address.fragment)
        if not target.is_file() or (anchor and anchor not in read(target).anchors):
            yield link


def test_the_site_was_built_without_a_warning() -> None:
    assert (BUILD / "warnings.txt").read_text() == ""


def test_every_link_leads_to_a_page() -> None:
    assert len(pages()) > 60
    assert {str(page.relative_to(SITE)): links for page in pages() if (links := list(broken(page)))} == {}


def test_nothing_is_loaded_from_elsewhere() -> None:
    loaded = {address for page in pages() for address in read(page).loaded}
    assert [address for address in loaded if urlsplit(address).netloc] == []
    assert not re.search(r"google-analytics|gtag|plausible", (SITE / "index.html").read_text())


def test_the_search_finds_what_people_look_for() -> None:
    index = (SITE / "searchindex.js").read_text()
    for word in ("certif", "warmup", "checkpoint", "doctor"):
        assert word in index, word


def test_the_reference_has_every_event_and_metric() -> None:
    """Two tables that people write: what happens to a run, and what Prometheus gets."""
    events, metrics = ((ROOT / "docs/reference" / name).read_text() for name in ("events.md", "metrics.md"))
    assert [kind for kind in EventKind if f"`{kind}`" not in events] == []
    source = "".join((ROOT / file).read_text() for file in ("api/admin/health.py", "api/http/requests.py"))
    names = set(re.findall(r'"(reslab_\w+)"', source))
    assert len(names) > 3
    listed = re.findall(r"^\| `(reslab_\w+)`", metrics, re.MULTILINE)
    assert names == {name.removesuffix("_total") for name in listed}  # Prometheus adds it to a counter


def test_the_reference_has_every_field_operation_and_subcommand() -> None:
    pages = {name: (SITE / "reference" / f"{name}.html").read_text() for name in ("specification", "api", "command")}
    assert [name for name in RunSpec.model_fields if f">{name}<" not in pages["specification"]] == []
    paths = json.loads((ROOT / "openapi.json").read_text())["paths"]
    assert [path for path in paths if path not in pages["api"]] == []
    assert "reslab study certificate" in pages["command"]
