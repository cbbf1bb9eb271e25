"""The library without a service: what it loads, and what it says when none runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from reslab import Reslab
from reslab.client import NotUpError
from reslab.lab.figure import Figure


def test_importing_the_library_loads_nothing_heavy() -> None:
    """Each of these takes a tenth of a second or more; it is loaded by the first call that needs it."""
    heavy = "{'httpx', 'numpy', 'pandas', 'pydantic', 'torch', 'tqdm'}"
    code = f"import sys; from reslab import Reslab; print(*{heavy} & {{*sys.modules}})"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""


def test_an_unknown_name_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Lab'"):
        exec("from reslab import Lab")  # noqa: S102 - an import that mypy would refuse


def test_without_a_service_the_error_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESLAB_HOME", raising=False)
    with pytest.raises(NotUpError, match="Start one with `reslab up`"):
        Reslab()


def test_half_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="both url and token"):
        Reslab(url="http://127.0.0.1:8765")


def test_a_figure_is_saved_in_the_form_that_its_name_ends_in(tmp_path: Path) -> None:
    figure = Figure(lambda form: f"drawn as {form}".encode())
    assert figure.save(tmp_path / "a.pdf").read_text() == "drawn as pdf"
    assert figure._repr_svg_() == "drawn as svg"
    with pytest.raises(ValueError, match=r"must end in one of \.svg, \.pdf, \.png"):
        figure.save(tmp_path / "a.jpg")
