"""Owns torchvision's import: it names torch's compiler, which takes as long to import as torch and is not used here."""

import sys
from types import ModuleType

_COMPILER = "torch._dynamo"
_NAMED = f"{_COMPILER}.utils"  # what torchvision.ops.roi_align imports, for one function


def import_torchvision() -> None:
    """Imports torchvision, and the compiler only if it is imported already: 2 s of a process's 4 s are spared.

    torchvision asks that function where a device has no kernel of its own, or no deterministic one. The real module is
    imported then.
    """
    if "torchvision" in sys.modules or _COMPILER in sys.modules:
        return
    named = ModuleType(_NAMED)
    named.__dict__["is_compile_supported"] = _is_compile_supported
    sys.modules |= {_COMPILER: ModuleType(_COMPILER), _NAMED: named}
    try:
        import torchvision  # noqa: F401
    finally:
        for name in (_COMPILER, _NAMED):
            del sys.modules[name]


def _is_compile_supported(device: str) -> bool:
    from torch._dynamo.utils import is_compile_supported

    return bool(is_compile_supported(device))
