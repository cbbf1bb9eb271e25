"""`reslab retention`: what of old runs is deleted, and which are archived. A rule is set only after what it does was
shown."""

import json
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, show

app = typer.Typer(
    no_args_is_help=True, help="Delete files of old runs and archive old runs, by a rule for each project."
)

Project = Annotated[str, typer.Argument(help="The project whose runs the rule is for.")]
CheckpointsDays = Annotated[
    int | None, typer.Option(help="Days after a run's end after which all of its checkpoints go. Default: never.")
]
WeightsDays = Annotated[
    int | None,
    typer.Option(help="Days after which all weights but the best and the last go. Default: never."),
]
ArchiveDays = Annotated[
    int | None, typer.Option(help="Days after which lists leave the run out; nothing of it is deleted. Default: never.")
]


@app.command("list")
def list_rules(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the rules. The service applies them every hour."""
    from reslab.screen import retention as screen

    with connected(home) as client:
        rules = client.retention.rules()
        show(rules, as_json, screen.rules(rules))


@app.command("plan")
def plan_rule(
    project: Project,
    checkpoints_days: CheckpointsDays = None,
    weights_days: WeightsDays = None,
    archive_days: ArchiveDays = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Show what a rule would delete and archive now. Changes nothing."""
    from reslab.screen import retention as screen

    with connected(home) as client:
        plan = client.retention.plan(
            project, checkpoints_days=checkpoints_days, weights_days=weights_days, archive_days=archive_days
        )
        show(plan, as_json, screen.plan(plan))


@app.command("set")
def set_rule(
    project: Project,
    checkpoints_days: CheckpointsDays = None,
    weights_days: WeightsDays = None,
    archive_days: ArchiveDays = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before the rule is set.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Set a project's rule, after it has shown what the rule does. The service applies it within the hour."""
    from reslab.screen import retention as screen

    with connected(home) as client:
        days = {
            "checkpoints_days": checkpoints_days,
            "weights_days": weights_days,
            "archive_days": archive_days,
        }
        plan = client.retention.plan(project, **days)
        if not yes:
            typer.echo(screen.plan(plan), err=as_json)
            typer.confirm("Apply this rule now, and to other runs when they are as old?", abort=True, err=as_json)
        rule = client.retention.set(project, plan.files, **days)
        show(rule, as_json, screen.rules([rule]))


@app.command("remove")
def remove_rule(project: Project, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """End a project's rule. Nothing more is deleted or archived by it."""
    with connected(home) as client:
        client.retention.remove(project)
        print(json.dumps({"project": project, "removed": True}) if as_json else f"{project} has no rule any more")
