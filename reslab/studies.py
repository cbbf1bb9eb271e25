"""The commands about studies: `reslab study new figure-1 --seeds 2 --scale 0.005 --dataset digits --watch`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reslab.terminal import HOME, HomeOption, JsonOption, connected, fail, show

if TYPE_CHECKING:  # httpx costs a tenth of a second and 15 MB, and `up` needs none of it
    from reslab.client import Client

app = typer.Typer(no_args_is_help=True, help="Experiments of the paper as one: plan, run, compare, certify.")
StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="An id, its beginning, or `last`.")]


@app.command()
def new(  # noqa: PLR0913 - as `submit`
    recipe: Annotated[str, typer.Argument(help="table-6, figure-1, …: as GET /api/v1/recipes lists them.")],
    *,
    seeds: Annotated[int, typer.Option(help="Runs of each network.")] = 1,
    scale: Annotated[float, typer.Option(help="Of the paper's schedule.")] = 1.0,
    dataset: Annotated[str | None, typer.Option(help="Default: the paper's.")] = None,
    network: Annotated[list[str] | None, typer.Option(help="Only this one of the recipe's; may be repeated.")] = None,
    budget: Annotated[int | None, typer.Option(help="The most seeds of a network, added ones included.")] = None,
    reuse: Annotated[bool, typer.Option("--reuse", help="Take equal runs that succeeded before.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what it would be, and queue nothing.")] = False,
    watching: Annotated[bool, typer.Option("--watch", help="Stay and report until it has ended.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Queue an experiment of the paper, or with --plan say what it costs and decides."""
    from reslab import study_screen

    wanted: dict[str, Any] = {"seeds": seeds, "scale": scale, "dataset": dataset, "budget": budget, "reuse": reuse}
    wanted |= {"networks": network} if network else {}
    with connected(home) as client:
        if plan:
            planned = client.studies.plan(recipe, **wanted)
            show(planned, as_json, study_screen.plan(planned))
            return
        study = client.studies.make(recipe, **wanted)
        show(study, as_json, f"{study_screen.line(study)}\n\n  {client.url}/studies/{study['id']}")
        if watching:
            _watch(client, study["id"])


@app.command("list")
def list_studies(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the studies, newest first."""
    from reslab import study_screen

    with connected(home) as client:
        found = list(client.studies.list())
        show(found, as_json, "\n".join(map(study_screen.line, found)))


@app.command("show")
def show_study(study: StudyArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Show a study's table, verdicts and claims."""
    from reslab import study_screen

    with connected(home) as client:
        found = client.studies.get(_find(client, study))
        show(found, as_json, study_screen.study(found))


@app.command()
def watch(study: StudyArgument, home: HomeOption = HOME) -> None:
    """Report a study's progress until it has ended, then its table; the exit code is 0 if every run succeeded."""
    with connected(home) as client:
        _watch(client, _find(client, study))


@app.command()
def table(
    study: StudyArgument,
    form: Annotated[str, typer.Option("--format", help="md, csv or tex.")] = "md",
    home: HomeOption = HOME,
) -> None:
    """Print ours beside the paper's as Markdown, CSV or LaTeX."""
    with connected(home) as client:
        print(client.studies.table(_find(client, study), form), end="")


@app.command()
def seeds(
    study: StudyArgument,
    add: Annotated[int | None, typer.Option(min=1, help="Of each network; default: what the planner asks for.")] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="The most of a network, where there is none yet.")] = None,
    home: HomeOption = HOME,
) -> None:
    """Add seeds to a study that has ended: as many as decide what is open, or as many as you say."""
    with connected(home) as client:
        for each in client.studies.add_seeds(_find(client, study), add, budget)["added"]:
            print(f"{each['network']:28}{each['add']:3} more: {each['reason']}")


@app.command()
def pause(study: StudyArgument, home: HomeOption = HOME) -> None:
    """Pause every run of a study."""
    from reslab import study_screen

    with connected(home) as client:
        print(study_screen.line(client.studies.pause(_find(client, study))))


@app.command()
def resume(study: StudyArgument, home: HomeOption = HOME) -> None:
    """Let the paused runs of a study go on."""
    from reslab import study_screen

    with connected(home) as client:
        print(study_screen.line(client.studies.resume(_find(client, study))))


@app.command()
def cancel(study: StudyArgument, home: HomeOption = HOME) -> None:
    """Cancel every run of a study that has not ended."""
    from reslab import study_screen

    with connected(home) as client:
        print(study_screen.line(client.studies.cancel(_find(client, study))))


@app.command()
def certificate(
    study: StudyArgument,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: named after the study.")] = None,
    weights: Annotated[bool, typer.Option("--weights", help="With the last weights of every run.")] = False,
    home: HomeOption = HOME,
) -> None:
    """Download the signed certificate of a study that has ended; `reslab verify` checks it anywhere."""
    with connected(home) as client:
        study_id = _find(client, study)
        file = output or Path(f"{client.studies.get(study_id)['recipe']}-{study_id[-8:]}.certificate.zip")
        client.studies.certificate(study_id, file, with_weights=weights)
        print(file)


def _watch(client: "Client", study_id: str) -> None:
    from reslab import study_screen

    last: dict[str, Any] = {}
    for study in client.studies.watch(study_id):
        last = study
        print(study_screen.line(study), flush=True)
    print(study_screen.study(last))
    if last["progress"]["by_status"].keys() - {"succeeded"}:
        raise typer.Exit(1)


def _find(client: "Client", wanted: str) -> str:
    found = client.studies.find(wanted)
    return found or fail(f"there is not exactly one study whose id begins with {wanted}")
