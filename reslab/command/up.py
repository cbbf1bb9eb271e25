"""`reslab up`: the whole service on this machine."""

from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, fail

app = typer.Typer()


@app.command()
def up(
    home: HomeOption = HOME,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The service's port. Default: the last one, or 8765.")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="How many workers to start; each uses one device.")] = 1,
    slots: Annotated[
        int, typer.Option(min=1, max=48, help="On a GPU: how many runs a worker trains at once, as its memory allows.")
    ] = 1,
) -> None:
    """Start the whole service on this machine and print its URL. Ctrl-C stops it.

    To use your own database, broker or object store, set RESLAB_DATABASE_URL, RESLAB_BROKER_URL or RESLAB_STORAGE_URL.
    """
    from reslab.stack.child import ChildError
    from reslab.stack.home import HomeTakenError
    from reslab.stack.local import UpOptions, up

    try:
        if workers and slots > 1:
            from worker import device

            device.slot(device.find("auto"), 1, slots)  # or the worker would say it in its log only
        up(UpOptions(home, port, workers, slots), say=lambda text: print(text, flush=True))
    except (ChildError, HomeTakenError, LookupError, OSError, RuntimeError) as error:
        fail(str(error))
