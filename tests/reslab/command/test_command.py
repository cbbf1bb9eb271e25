"""The command and the client against the whole service, from a researcher's first run to its weights."""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import safetensors.torch
import torch
import torchvision

from reslab.client import ApiError, Client
from tests.reslab.conftest import COMMAND, Stack, Type

# The smallest network, on images drawn from a seed: it takes seconds on any machine.
TINY = ("--depth", "8", "--shortcut", "A", "--dataset", "synthetic", "--iterations", "4", "--set", "batch_size=8")


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client.of(stack.home) as client:
        yield client


def test_a_run_is_submitted_and_watched_and_its_weights_have_the_hash_that_is_printed(
    typed: Type, stack: Stack, client: Client, tmp_path: Path
) -> None:
    submit = [*COMMAND, "submit", *TINY, "--set", "evaluate_every=2", "--watch"]
    home = os.environ | {"RESLAB_HOME": str(stack.home)}
    submitted = subprocess.run(submit, env=home, capture_output=True, text=True, check=False, timeout=120)
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    assert re.search(r"iteration 4: test error \d+\.\d\d % of 500 images", submitted.stdout)
    assert submitted.stdout.splitlines()[-1].startswith("succeeded")
    run_id = client.find("last")
    assert f"{client.url}/runs/{run_id}" in submitted.stdout

    file, says_hash = typed("download", run_id).stdout.splitlines()
    assert says_hash.split()[-1] == hashlib.sha256((tmp_path / file).read_bytes()).hexdigest()
    assert [f"{tmp_path / file}"] == [str(path) for path in tmp_path.iterdir()]
    client._connection.send("PATCH", f"/runs/{run_id}", json={"name": "../table 6/a"})
    again = typed("download", run_id)
    assert again.stdout.splitlines()[:1] == [f"table-6-a-{run_id[-8:]}-last.safetensors"], again.stderr

    answer = client._connection.send("GET", f"/runs/{run_id}").json()
    assert typed("show", run_id, "--json").stdout == json.dumps(answer, indent=2) + "\n"


def test_a_plan_is_exact_and_queues_nothing(typed: Type, client: Client) -> None:
    before = len(list(client.runs()))
    planned = typed("plan", "--depth", "20", "--shortcut", "A", "--dataset", "cifar10")
    assert "269,722" in planned.stdout  # as published implementations of ResNet-20 with option A count
    assert len(list(client.runs())) == before


def test_a_refusal_is_printed_in_the_api_s_words(typed: Type) -> None:
    refused = typed("submit", "--depth", "21", "--shortcut", "A", "--dataset", "digits")
    assert refused.returncode == 1
    assert "depth must be 6n+2" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_beginning_of_an_id_names_a_run_and_a_cancelled_run_is_a_failure(typed: Type, client: Client) -> None:
    run = client.submit({"depth": 20, "shortcut": "none", "dataset": "synthetic"}, name="to be cancelled")
    assert "to be cancelled" in typed("show", run.id[:20]).stdout
    assert typed("cancel", run.id[:20]).returncode == 0
    assert typed("watch", run.id).returncode == 1
    assert client.run(run.id).status == "cancelled"
    assert json.loads(typed("list", "--status", "cancelled", "--json").stdout)[0]["id"] == run.id
    assert typed("archive", run.id[:20]).stdout.startswith("to be cancelled is archived")
    assert typed("list", "--status", "cancelled").stdout.count(run.id) == 0
    assert json.loads(typed("list", "--archived", "--json").stdout)[0]["id"] == run.id
    assert "is back in the lists" in typed("archive", run.id[:20], "--undo").stdout
    only = ("list", "--where", "name=to be cancelled", "--json", "--where")
    assert [row["id"] for row in json.loads(typed(*only, "depth <= 20").stdout)] == [run.id]
    assert json.loads(typed(*only, "depth<20").stdout) == []
    assert "where can't compare dept" in typed(*only, "dept=20").stderr


def test_start_weights_are_uploaded_listed_and_refused_with_the_tensor_that_differs(
    typed: Type, client: Client, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    state = torchvision.models.resnet18(num_classes=4).state_dict()
    safetensors.torch.save_file(state, tmp_path / "r18.safetensors")
    added = typed("start-weights", "resnet18", "--add", "r18.safetensors", "--name", "ours")
    digest = hashlib.sha256((tmp_path / "r18.safetensors").read_bytes()).hexdigest()
    assert re.search(rf"ours +a file +moving_average +45 +{digest}", added.stdout), added.stderr
    assert typed("start-weights", "resnet18").stdout == added.stdout
    assert digest not in typed("start-weights", "vgg16").stdout
    refused = typed("start-weights", "resnet34", "--add", "r18.safetensors")
    assert (refused.returncode, "layer1.2.bn1.bias is missing" in refused.stderr) == (1, True), refused.stderr
    client.starts.delete(digest)
    assert client.starts.list("resnet18") == []


def test_a_submission_that_is_sent_twice_is_one_run(client: Client) -> None:
    spec = {"depth": 8, "shortcut": "B", "dataset": "synthetic", "iterations": 2, "batch_size": 8}
    assert client.submit(spec, key="once").id == client.submit(spec, key="once").id


def test_events_resume_after_a_given_number(client: Client) -> None:
    run = client.submit({"depth": 8, "shortcut": "B", "dataset": "synthetic", "iterations": 2, "batch_size": 8})
    numbers = [event.seq for event in client.events(run.id)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [event.seq for event in client.events(run.id, after=3)] == numbers[3:]


def test_a_new_key_works_from_anywhere_until_it_is_revoked(typed: Type, stack: Stack) -> None:
    elsewhere = {"RESLAB_HOME": "nowhere", "RESLAB_URL": stack.state()["url"]}
    token = typed("keys", "new", "ci", "--scope", "read").stdout.strip()
    assert typed("datasets", **elsewhere, RESLAB_TOKEN=token).returncode == 0
    assert "scope 'write'" in typed("submit", *TINY, **elsewhere, RESLAB_TOKEN=token).stderr
    key_id = next(line.split()[0] for line in typed("keys", "list").stdout.splitlines() if "  ci  " in line)
    typed("keys", "revoke", key_id)
    assert "valid key" in typed("datasets", **elsewhere, RESLAB_TOKEN=token).stderr


def test_a_token_alone_is_for_the_local_service_and_a_url_alone_is_an_error(typed: Type, stack: Stack) -> None:
    """The README exports RESLAB_TOKEN for curl, then uses `reslab` in the same shell."""
    assert typed("workers", RESLAB_TOKEN=stack.state()["token"]).returncode == 0
    assert "valid key" in typed("workers", RESLAB_TOKEN="rsl_of-nobody").stderr
    assert typed("workers", http_proxy="http://127.0.0.1:9", no_proxy="").returncode == 0  # the internet's, not ours
    assert "RESLAB_URL is set but RESLAB_TOKEN is not" in typed("workers", RESLAB_URL=stack.state()["url"]).stderr


def test_an_option_that_cannot_be_read_is_refused_without_a_traceback(typed: Type) -> None:
    for words in (("submit", "--drops", "32k"), ("plan", "--set", "lr"), ("fork", "last", "--drops", "late")):
        refused = typed(*words)
        assert (refused.returncode, "Traceback" in refused.stderr, refused.stderr.count("takes")) == (1, False, 1)


def test_without_a_service_the_command_says_how_to_start_one(typed: Type) -> None:
    nothing = typed("list", RESLAB_HOME="nowhere")
    assert nothing.returncode == 1
    assert "Start one with `reslab up`" in nothing.stderr


def test_an_unknown_run_is_an_error_with_the_prefix(client: Client) -> None:
    with pytest.raises(ApiError, match="No runs have an id that begins with ffff"):
        client.find("ffff")


def test_a_run_is_paused_resumed_forked_and_retried(typed: Type, client: Client) -> None:
    client.submit({"depth": 8, "shortcut": "A", "dataset": "synthetic"}, queue="gpu")  # which no worker serves
    assert typed("pause", "last").stdout == "ResNet-8 A is paused\n"
    assert json.loads(typed("pause", "last", "--json").stdout)["status"] == "paused"
    assert typed("resume", "last").stdout == "ResNet-8 A is queued\n"
    assert "no gpu worker is running" in typed("queue").stdout
    refused = typed("fork", "last", "--set", "lr=0.01")
    assert (refused.returncode, refused.stderr) == (
        1,
        "reslab: This run has no checkpoint yet.\n",
    )
    typed("cancel", "last")
    parent = client.find("last")
    assert json.loads(typed("retry", "last", "--json").stdout)["parent_id"] == parent
    typed("cancel", "last")
    assert "worker-1" in typed("workers").stdout


def test_a_run_is_examined_three_ways(typed: Type, client: Client, tmp_path: Path) -> None:
    assert typed("submit", *TINY, "--watch").returncode == 0
    run_id = client.find("last")
    once = typed("examine", run_id, "--recompute-bn")
    assert once.returncode == 0, once.stderr
    assert re.match(r"test error \d+\.\d\d %, top-5 \d+\.\d\d % of 500 images of synthetic\n", once.stdout)
    assert "plain average over the training images" in once.stdout
    assert len(typed("examine", run_id, "--kind", "responses").stdout.splitlines()) == 7  # 6n+1
    (tmp_path / "black.pgm").write_bytes(b"P5 32 32 255\n" + bytes(1024))
    likeliest = typed("examine", run_id, "--picture", "black.pgm").stdout.splitlines()
    assert [line.split()[1] for line in likeliest] == ["pattern"] * 5
    refused = typed("examine", run_id, "--views", "ten-crop")
    assert (refused.returncode, "family sees the whole image" in refused.stderr) == (1, True)
    assert {examination.kind for examination in client.examinations.of(run_id)} == {"evaluate", "responses", "predict"}
    assert client.find("last") == run_id
