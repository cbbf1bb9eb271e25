"""Owns the environment of a trainer: none of the service's variables, and no credentials."""

import os
from collections.abc import Mapping

_PASSED = {"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"}
_PASSED_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "NCCL_", "OMP_", "MKL_", "TORCH_", "CUBLAS_")


def environment(device: Mapping[str, str]) -> dict[str, str]:
    """The variables of a trainer: those of this process that it may see, and those of its device."""
    passed = {name for name in os.environ if name in _PASSED or name.startswith(_PASSED_PREFIXES)}
    return {**{name: os.environ[name] for name in passed}, **device}
