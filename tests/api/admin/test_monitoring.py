"""docker/monitoring: queries that Prometheus can parse, of metrics and labels that the API serves."""

import json
import re
from typing import Any

import httpx
import promql_parser
import psycopg
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from store.db.database import libpq
from store.workers import LEADER_LOCK
from tests.docker.conftest import ROOT

FOLDER = ROOT / "docker" / "monitoring"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"][0]["rules"]
PANELS: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
QUERIES = {rule["alert"]: rule["expr"] for rule in RULES} | {
    f"{panel['title']} {target['refId']}": target["expr"] for panel in PANELS for target in panel["targets"]
}
PAGE = (ROOT / "docs/reference/metrics.md").read_text()
# Each metric and its labels, as the page lists them.
LISTED = {
    name: set(re.findall(r"`(\w+)`", labels))
    for name, labels in re.findall(r"^\| `(reslab_\w+)` \| (.*?) \|", PAGE, re.MULTILINE)
}
PARTS = re.compile(r"_(bucket|count|sum)$")


def names(query: str) -> tuple[set[str], set[str]]:
    """The query's metrics, and the labels that it chooses or groups by. Raises ValueError if it can't be parsed."""
    nodes: list[Any] = []
    promql_parser.walk(promql_parser.parse(query), nodes.append)
    selectors = [node for node in nodes if isinstance(node, promql_parser.VectorSelector)]
    groups = [node.modifier for node in nodes if isinstance(node, promql_parser.AggregateExpr) and node.modifier]
    labels = {matcher.name for selector in selectors for matcher in selector.matchers.matchers}
    return {PARTS.sub("", node.name or "") for node in selectors}, labels.union(*(group.labels for group in groups))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_query_asks_for_what_is_there(query: str) -> None:
    metrics, labels = names(query)
    known = LISTED | {"up": {"job"}}
    assert metrics <= known.keys()
    assert labels <= {"le"}.union(*(known[name] for name in metrics))


def test_the_page_lists_what_is_served(client: httpx.Client) -> None:
    text = client.get("/metrics").text
    served = set(re.findall(r"^# TYPE (reslab_\w+) \w+$", text, re.MULTILINE))
    assert served == LISTED.keys()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("reslab_"):
                assert sample.labels.keys() - {"le"} == LISTED[PARTS.sub("", sample.name)], sample.name


def test_each_alert_says_what_is_wrong_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["annotations"].keys() == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_a_leading_control_is_seen(client: httpx.Client, database_url: str) -> None:
    assert "reslab_control_leading 0.0" in client.get("/metrics").text
    with psycopg.connect(libpq(database_url)) as control:
        control.execute("SELECT pg_advisory_lock(%s)", (LEADER_LOCK,))
        assert "reslab_control_leading 1.0" in client.get("/metrics").text
