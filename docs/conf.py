"""The site: these pages and those of the repository's root, as HTML that loads nothing from elsewhere."""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

sys.path.append(str(Path(__file__).parent))
import generated

try:
    import torch  # noqa: F401
except ModuleNotFoundError:  # in the image of the api, whose help describes `reslab.networks` without loading it
    autodoc_mock_imports = ["torch", "trainer.finished", "trainer.networks"]

project = "Reslab"
copyright = "the Reslab authors, Apache License 2.0"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "README.md"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "Reslab"
html_show_sphinx = False
html_copy_source = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
nitpicky = False

# The root's pages are included by those in root/; a link to one of them must lead there.
ROOT_PAGES = "README|ARCHITECTURE|CHANGELOG|CONTRIBUTING|SECURITY"


def _to_root_pages(_app: Sphinx, page: str, source: list[str]) -> None:
    """`](../ARCHITECTURE.md)`, and `](docs/x.md)` in an included page, as links between the site's pages."""
    source[0] = re.sub(rf"\]\((?:\.\./)*({ROOT_PAGES})\.md", r"](/root/\1.md", source[0])
    for name, text in generated.parts(page).items():
        source[0] = source[0].replace("{{" + name + "}}", text)


def _to_site(_app: Sphinx, _path: Path, _docname: str, source: list[str]) -> None:
    """The same in a page of the root that is included."""
    source[0] = re.sub(rf"\]\((?:\.\./)*({ROOT_PAGES})\.md", r"](/root/\1.md", source[0])
    source[0] = re.sub(r"\[([^\]]+)\]\((?:LICENSE|CITATION\.cff|notebooks)\)", r"\1", source[0]).replace(
        "](docs/", "](/"
    )


def setup(app: Sphinx) -> None:
    app.connect("source-read", _to_root_pages)
    app.connect("include-read", _to_site)
