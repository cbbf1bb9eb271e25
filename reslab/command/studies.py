"""The subcommands about studies: `reslab study new figure-1 --seeds 2 --scale 0.005 --dataset digits --watch`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, fail, show, show_line

if TYPE_CHECKING:
    from reslab.client import Client
    from reslab.client.requests import StudyOptions

app = typer.Typer(no_args_is_help=True, help="Repeat an experiment of the paper.")
StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="A study's id or its beginning; `last` is the newest.")
]


@app.command()
def new(  # noqa: PLR0913 - as `submit`
    recipe: Annotated[str, typer.Argument(help="table-6, figure-1 …; GET /api/v1/recipes lists them.")],
    *,
    seeds: Annotated[int, typer.Option(help="Runs of each network.")] = 1,
    scale: Annotated[float, typer.Option(help="Fraction of the paper's schedule; 1 is all of it.")] = 1.0,
    dataset: Annotated[str | None, typer.Option(help="The data set. Default: the paper's.")] = None,
    network: Annotated[list[str] | None, typer.Option(help="Only this network of the recipe. Repeatable.")] = None,
    budget: Annotated[int | None, typer.Option(help="The most seeds of each network, added ones included.")] = None,
    reuse: Annotated[bool, typer.Option("--reuse", help="Reuse equal runs that have already succeeded.")] = False,
    register: Annotated[
        bool, typer.Option("--register", help="Register the study before its first run is created.")
    ] = False,
    question: Annotated[
        str | None, typer.Option(help="With --register: what it is to answer. Default: what the recipe is about.")
    ] = None,
    exclusion_rule: Annotated[
        str | None, typer.Option(help="With --register: which runs will not count. Default: no run is excluded.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show the plan without queueing anything.")] = False,
    watching: Annotated[
        bool, typer.Option("--watch", help="Stay and print progress until the study has ended.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Queue an experiment of the paper.

    With --plan, only show what it takes and what it can decide.
    """
    from reslab.screen import studies as screen

    options: StudyOptions = {
        "seeds": seeds, "scale": scale, "dataset": dataset, "budget": budget, "reuse": reuse,
    }  # fmt: skip
    if register:
        options["registration"] = {"question": question, "exclusion_rule": exclusion_rule}
    elif question is not None or exclusion_rule is not None:
        fail("--question and --exclusion-rule need --register.")
    if network:
        options["networks"] = network
    with connected(home) as client:
        if plan:
            study_plan = client.studies.plan(recipe, **options)
            show(study_plan, as_json, screen.plan(study_plan))
            return
        study = client.studies.create(recipe, **options)
        print_study = show_line if watching else show  # progress follows, a line each
        print_study(study, as_json, f"{screen.line(study)}\n\n  {client.url}/studies/{study.id}")
        if watching:
            _watch(client, study.id, as_json=as_json)


@app.command("list")
def list_studies(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the studies, newest first."""
    from reslab.screen import studies as screen

    with connected(home) as client:
        studies = list(client.studies.list())
        show(studies, as_json, "\n".join(map(screen.line, studies)))


@app.command("show")
def show_study(study: StudyArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Show a study's table, verdicts and claims."""
    from reslab.screen import studies as screen

    with connected(home) as client:
        answer = client.studies.get(client.studies.find(study))
        show(answer, as_json, screen.study(answer))


@app.command()
def watch(study: StudyArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Print a study's progress until it has ended, then its table. The exit code is 0 if every run succeeded."""
    with connected(home) as client:
        _watch(client, client.studies.find(study), as_json=as_json)


@app.command()
def table(
    study: StudyArgument,
    form: Annotated[str, typer.Option("--format", help="md, csv or tex.")] = "md",
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Print a study's results beside the paper's."""
    with connected(home) as client:
        study_id = client.studies.find(study)
        if as_json:
            show(client.studies.get(study_id).cells, as_json, "")
        else:
            print(client.studies.table(study_id, form), end="")


@app.command()
def seeds(
    study: StudyArgument,
    add: Annotated[
        int | None,
        typer.Option(min=1, help="Seeds to add to each network. Default: the planner decides."),
    ] = None,
    budget: Annotated[
        int | None, typer.Option(min=1, help="The most seeds of each network, if the study has no budget yet.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Add seeds to a study that has ended.

    Adds as many as the planner expects to need, or as many as you say.
    """
    with connected(home) as client:
        answer = client.studies.add_seeds(client.studies.find(study), add, budget)
        lines = (f"{addition.network:28}{addition.add:3} more: {addition.reason}" for addition in answer.added)
        show(answer, as_json, "\n".join(lines))


@app.command()
def pause(study: StudyArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Pause every run of a study."""
    from reslab.screen import studies as screen

    with connected(home) as client:
        answer = client.studies.pause(client.studies.find(study))
        show(answer, as_json, screen.line(answer))


@app.command()
def resume(study: StudyArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Resume a study's paused runs."""
    from reslab.screen import studies as screen

    with connected(home) as client:
        answer = client.studies.resume(client.studies.find(study))
        show(answer, as_json, screen.line(answer))


@app.command()
def cancel(study: StudyArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Cancel every run of a study that has not ended yet."""
    from reslab.screen import studies as screen

    with connected(home) as client:
        answer = client.studies.cancel(client.studies.find(study))
        show(answer, as_json, screen.line(answer))


@app.command()
def registration(
    study: StudyArgument,
    as_json: Annotated[bool, typer.Option("--json", help="As without: a registration is JSON.")] = False,  # noqa: ARG001
    home: HomeOption = HOME,
) -> None:
    """Print a study's signed registration as JSON, to publish before its runs end."""
    with connected(home) as client:
        print(client.studies.registration(client.studies.find(study)).model_dump_json(indent=2))


@app.command()
def certificate(
    study: StudyArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write. Default: named after the study.")
    ] = None,
    *,
    weights: Annotated[bool, typer.Option("--weights", help="Include the last weights of every run.")] = False,
    checkpoints: Annotated[
        bool, typer.Option("--checkpoints", help="Include the kept checkpoints of every run, for `reslab audit`.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Download the signed certificate of a study that has ended. `reslab verify` checks it anywhere."""
    with connected(home) as client:
        study_id = client.studies.find(study)
        file = output or Path(f"{client.studies.get(study_id).recipe}-{study_id[-8:]}.certificate.zip")
        client.studies.certificate(study_id, file, with_weights=weights, with_checkpoints=checkpoints)
        print(json.dumps({"file": str(file), "study": study_id}) if as_json else file)


def _watch(client: "Client", study_id: str, *, as_json: bool = False) -> None:
    from reslab.screen import studies as screen

    study = client.studies.get(study_id)
    for study in client.studies.watch(study_id):
        show_line(study, as_json, screen.line(study))
    if not as_json:
        print(screen.study(study))
    if study.progress.by_status.keys() - {"succeeded"}:
        raise typer.Exit(1)
