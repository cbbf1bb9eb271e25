"""The subcommand that supplies workers from a Slurm cluster."""

import logging
import shlex
import time
from typing import TYPE_CHECKING, Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, connected, fail

if TYPE_CHECKING:
    from reslab.slurm.keeper import Keeper

app = typer.Typer()
log = logging.getLogger(__name__)

LOOK_S = 10.0
# A service that restarts, or has too many requests, answers with these.
_TOO_MANY, _AWAY = 429, 500

Partition = typer.Option(metavar="PARTITION", help="Where to submit workers for this queue.")
Options = Annotated[str, typer.Option("--sbatch", help="More options of sbatch, as '--time=4:00:00 --account=lab'.")]


@app.command()
def slurm(  # noqa: PLR0913, PLR0917 - as `submit`
    gpu: Annotated[str | None, Partition] = None,
    cpu: Annotated[str | None, Partition] = None,
    most: Annotated[int, typer.Option(min=1, help="Jobs of a queue at once, pending or running.")] = 4,
    slots: Annotated[
        int, typer.Option(min=1, max=48, help="How many runs a job trains at once on its GPU, as far as memory goes.")
    ] = 1,
    idle_exit: Annotated[float, typer.Option(min=0, help="Seconds that a job waits for another run.")] = 60,
    sbatch: Options = "",
    print_script: Annotated[bool, typer.Option(help="Print what would be submitted, and end.")] = False,
    home: HomeOption = HOME,
) -> None:
    """Keep as many workers in a Slurm cluster as there are waiting runs.

    Run it where sbatch works, with a worker's variables (RESLAB_DATABASE_URL, RESLAB_STORAGE_URL, RESLAB_DATA and
    RESLAB_WORK), which the jobs inherit, and with RESLAB_URL and RESLAB_TOKEN. It may end and start again at any time.
    """
    from reslab.slurm import keeper

    partitions = {queue: name for queue, name in (("gpu", gpu), ("cpu", cpu)) if name}
    if not partitions:
        fail("Name a partition: --gpu PARTITION, --cpu PARTITION, or both. `sinfo` lists them.")
    if slots > 1 and not gpu:
        fail("--slots needs --gpu PARTITION: a CPU has no slots, because runs would share its cores.")
    supplies = {
        queue: keeper.Supply(name, most, idle_exit, slots if queue == "gpu" else 1, tuple(shlex.split(sbatch)))
        for queue, name in partitions.items()
    }
    if print_script:
        for queue, supply in supplies.items():
            print(
                f"sbatch {shlex.join(keeper.sbatch_options(queue, supply))} <<'END'\n{keeper.script(queue, supply)}END"
            )
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with connected(home) as client:
        keep(keeper.Keeper(client, supplies), LOOK_S)


def keep(keeper: "Keeper", every_s: float) -> None:
    """Until it is stopped. What doesn't answer now, Slurm or the service, is asked again at the next look."""
    import httpx

    from reslab.client import ApiError
    from reslab.slurm.cluster import SlurmError

    while True:
        try:
            keeper.look()
        except (SlurmError, httpx.TransportError) as error:
            log.warning("%s; looks again in %g s", error, every_s)
        except ApiError as error:
            if error.status != _TOO_MANY and error.status < _AWAY:  # a key that was revoked, say
                raise
            log.warning("%s; looks again in %g s", error, every_s)
        time.sleep(every_s)
