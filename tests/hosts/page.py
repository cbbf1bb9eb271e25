"""The lines of docs/deployment.md that set up several hosts, for the addresses of a test."""

import re

from tests.hosts.host import ROOT

PAGE = ROOT / "docs" / "deployment.md"


def lines(heading: str, prefix: str) -> str:
    """The block of lines after a heading in the page's section. `prefix`: what addresses begin with, as 198.18.7."""
    section = PAGE.read_text().partition("## Several hosts\n")[2].partition("\n## ")[0]
    _, _, rest = section.partition(f"**{heading}.**")
    (block,) = re.findall(r"^```\w*\n(.*?)^```", rest.partition("\n**")[0], re.MULTILINE | re.DOTALL)
    return str(block).replace("10.0.0.", prefix)
