"""docker/kubernetes, rendered by kubectl: valid, closed, with the images' commands, and jobs for exactly what waits.

No cluster has run it. kubernetes-validate has the schemas of Kubernetes. No package has those of today's KEDA, so a
ScaledJob's own fields are compared with its documentation's, and what it contains, a JobSpec, is validated as a Job.
"""

import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from store.db.settings import Settings
from tests.docker.conftest import ROOT
from tests.docker.test_dockerfiles import command, stage
from worker.__main__ import _parser as worker_options

FOLDER = ROOT / "docker" / "kubernetes"
VERSION = "1.37"
Manifest = dict[str, Any]  # any YAML
BASE = "../reslab/docker/kubernetes"
SCALED_JOB = {
    *("jobTargetRef", "pollingInterval", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "triggers", "rollout"),
    *("envSourceContainerName", "minReplicaCount", "maxReplicaCount", "scalingStrategy"),
}


def rendered(folder: Path) -> list[Manifest]:
    kubectl = Path(sysconfig.get_path("scripts")) / "kubectl"
    ended = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(yaml.safe_load_all(ended.stdout))


MANIFESTS = rendered(FOLDER)


def named(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def of_kind(kind: str) -> list[Manifest]:
    return [manifest for manifest in MANIFESTS if manifest["kind"] == kind]


def pod_templates() -> Iterator[tuple[str, Manifest]]:
    """Each pod's component, and its template."""
    for manifest in MANIFESTS:
        spec = manifest.get("spec", {})
        template = spec.get("jobTargetRef", spec).get("template")
        if template:
            yield template["metadata"]["labels"]["app.kubernetes.io/component"], template


PODS = list(pod_templates())
SCALED = of_kind("ScaledJob")


@pytest.mark.parametrize("manifest", [item for item in MANIFESTS if "keda" not in item["apiVersion"]], ids=named)
def test_each_object_follows_the_schema_of_kubernetes(manifest: Manifest) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.mark.parametrize("manifest", SCALED, ids=named)
def test_a_scaled_job_has_known_fields_around_a_valid_job(manifest: Manifest) -> None:
    assert manifest["spec"].keys() <= SCALED_JOB
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "one"},
        "spec": manifest["spec"]["jobTargetRef"],
    }
    kubernetes_validate.validate(job, VERSION, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job | {"spec": job["spec"] | {"activeDeadline": 1}}, VERSION, strict=True)


def test_workers_are_jobs_that_nobody_ends_early() -> None:
    assert {manifest["metadata"]["name"] for manifest in SCALED} == {"reslab-worker-cpu", "reslab-worker-gpu"}
    assert of_kind("ScaledObject") == []
    for spec in (manifest["spec"] for manifest in SCALED):
        assert spec["scalingStrategy"] == {"strategy": "accurate"}
        assert spec["rollout"] == {"strategy": "gradual"}
        job = spec["jobTargetRef"]
        assert job["activeDeadlineSeconds"] >= 14 * 24 * 3600
        assert (job["backoffLimit"], job["template"]["spec"]["restartPolicy"]) == (0, "Never")
        compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["worker"]
        assert f"{job['template']['spec']['terminationGracePeriodSeconds']}s" == compose["stop_grace_period"]


@pytest.mark.parametrize(("component", "template"), PODS, ids=[component for component, _ in PODS])
def test_a_pod_may_do_nothing_but_its_work(component: str, template: Manifest) -> None:
    pod = template["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    image = "api" if component == "migrate" else component
    assert f"USER {pod['securityContext']['runAsUser']}:" in stage(image)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert "/tmp" in mounts
    if component == "worker":
        assert {"/var/lib/reslab/data", "/var/lib/reslab/work"} <= mounts


def test_commands_are_those_of_the_images() -> None:
    commands = {component: template["spec"]["containers"][0]["command"] for component, template in PODS}
    assert commands["api"] == command("api")
    assert commands["control"] == command("control")
    assert (
        commands["migrate"]
        == yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["migrate"]["command"]
    )
    for _, template in (pod for pod in PODS if pod[0] == "worker"):
        words = template["spec"]["containers"][0]["command"]
        assert words[: len(command("worker"))] == command("worker")
        gpus = template["spec"]["containers"][0]["resources"]["limits"].get("nvidia.com/gpu")
        assert words[len(command("worker")) :] == ["--device", "cuda:0" if gpus else "cpu", "--once"]


def test_each_process_reads_its_own_secret_and_settings_that_exist() -> None:
    for component, template in PODS:
        sources = template["spec"]["containers"][0]["envFrom"]
        assert [source["secretRef"]["name"] for source in sources if "secretRef" in source] == [f"reslab-{component}"]
    (settings,) = of_kind("ConfigMap")
    names = {name.removeprefix("RESLAB_").lower() for name in settings["data"] if name.startswith("RESLAB_")}
    assert names <= Settings.model_fields.keys()


def test_what_always_runs_outlives_a_drained_node() -> None:
    guarded = {
        item["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
        for item in of_kind("PodDisruptionBudget")
    }
    assert guarded == {"api", "control"}
    assert all(deployment["spec"]["replicas"] == 2 for deployment in of_kind("Deployment"))


def test_only_the_api_can_be_reached_and_only_control_reaches_the_broker() -> None:
    policies = [item["spec"] for item in of_kind("NetworkPolicy")]
    (everything,) = (spec for spec in policies if set(spec["policyTypes"]) == {"Ingress", "Egress"})
    assert everything["podSelector"] == {"matchLabels": {"app.kubernetes.io/part-of": "reslab"}}
    assert "ingress" not in everything
    opened = {
        (spec["podSelector"]["matchLabels"].get("app.kubernetes.io/component"), kind.lower(), port["port"])
        for spec in policies
        for kind in spec["policyTypes"]
        for rule in spec.get(kind.lower(), [])
        for port in rule["ports"]
    }
    assert opened == {
        (None, "egress", 53), (None, "egress", 5432), (None, "egress", 443),
        ("control", "egress", 6379), ("api", "ingress", 8000),
    }  # fmt: skip


def with_overlay(text: str, folder: Path) -> list[Manifest]:
    """What an overlay of this text makes of the base."""
    # kubectl reads a base only by a relative path.
    relative = Path(*[".."] * len(folder.parts[1:])) / str(FOLDER).lstrip("/")
    (folder / "kustomization.yaml").write_text(text.replace(BASE, str(relative)))
    return rendered(folder)


def with_slots(folder: Path) -> Manifest:
    """The ScaledJob for GPUs, with the component that the guide adds to the overlay."""
    manifests = with_overlay(overlay() + component(), folder)
    (manifest,) = (item for item in manifests if named(item) == "ScaledJob reslab-worker-gpu")
    return manifest


def test_a_job_with_slots_counts_as_many_places_and_stays_while_runs_wait(tmp_path: Path) -> None:
    manifest = with_slots(tmp_path)
    test_a_scaled_job_has_known_fields_around_a_valid_job(manifest)
    (container,) = manifest["spec"]["jobTargetRef"]["template"]["spec"]["containers"]
    words = container["command"]
    assert words[: len(command("worker"))] == command("worker")
    options = worker_options().parse_args(words[words.index("run") :])
    assert (options.device, options.once, options.idle_exit) == ("cuda:0", False, 60)
    (trigger,) = manifest["spec"]["triggers"]
    assert options.slots == int(trigger["metadata"]["targetQueryValue"]) == 4
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"


def test_an_overlay_names_registry_version_and_settings(tmp_path: Path) -> None:
    images = {
        container["image"]
        for item in with_overlay(overlay(), tmp_path)
        if (template := item.get("spec", {}).get("jobTargetRef", item.get("spec", {})).get("template"))
        for container in template["spec"]["containers"]
    }
    assert images == {f"registry.example.org/reslab-{name}:0.2.0" for name in ("api", "control", "worker")}


def overlay() -> str:
    """The overlay that the guide shows."""
    return yaml_of_guide()[0]


def component() -> str:
    """The line that the guide adds to it."""
    return yaml_of_guide()[1]


def yaml_of_guide() -> list[str]:
    page = (ROOT / "docs/guides/kubernetes.md").read_text()
    return [block.partition("```")[0] for block in page.split("```yaml\n")[1:]]
