"""What the trainer imports, and which of its modules import no torch."""

import subprocess
import sys

LIGHT = (
    "trainer.spec, trainer.events, trainer.catalog, trainer.plan, trainer.archive, trainer.manifest, trainer.workdir, "
    "trainer.schedule, trainer.examination, trainer.process.fit, trainer.process.options, trainer.finished.commands, "
    "trainer.files.hashes, trainer.tasks, trainer.detection.spec, trainer.detection.plan"
)


def loaded(modules: str) -> set[str]:
    code = f"import sys, {modules}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_contract_loads_no_torch() -> None:
    assert not loaded(LIGHT) & {"torch", "numpy", "PIL", "safetensors"}


def test_a_loader_process_loads_no_torch() -> None:
    assert "torch" not in loaded("trainer.data.decoding, trainer.data.loaders, trainer.detection.pictures")


def test_training_loads_nothing_of_the_service_and_nothing_heavy_beside_torch() -> None:
    packages = loaded("trainer.__main__, trainer.loop, trainer.data.library, trainer.data.digits")
    assert not packages & {"store", "worker", "api", "reslab", "paper"}
    assert not packages & {"fastapi", "sqlalchemy", "celery", "torchvision", "sklearn", "scipy", "PIL"}


def test_a_detector_loads_torchvision_without_torchs_compiler_which_can_be_loaded_later() -> None:
    code = """
import sys, trainer.detection.task
print("torchvision.ops" in sys.modules, "torch._dynamo" in sys.modules, "sympy" in sys.modules)
from torchvision.ops import roi_align
answer = roi_align.__globals__["is_compile_supported"]("cpu")
print(answer == sys.modules["torch._dynamo.utils"].is_compile_supported("cpu"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "True"]
