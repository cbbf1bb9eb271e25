"""The paper's experiments over HTTP."""

import httpx

RECIPES = "/api/v1/recipes"


def test_the_experiments_of_the_paper_are_listed(client: httpx.Client) -> None:
    listed = {recipe["name"]: recipe for recipe in client.get(RECIPES).json()["items"]}
    assert {"table-6", "figure-1", "figure-7", "footnote-5"} <= listed.keys()
    assert listed["table-4"]["protocol"] == "dense multi-scale"
    assert listed["table-6"]["dataset"] == "cifar10"


def test_a_recipe_becomes_runs_that_can_be_posted(client: httpx.Client) -> None:
    expanded = client.get(f"{RECIPES}/figure-1?seeds=2&scale=0.005&dataset=digits").json()
    assert [(member["label"], member["seed"]) for member in expanded["members"]] == [
        ("plain-20", 0),
        ("plain-20", 1),
        ("plain-56", 0),
        ("plain-56", 1),
    ]
    assert [finding["rule"] for finding in expanded["departures"]][:2] == ["scale", "other-data"]
    member = expanded["members"][3]
    run = client.post("/api/v1/runs", json={"spec": member["spec"]}).json()
    assert (run["spec_hash"], run["iterations"]) == (member["spec_hash"], 320)


def test_a_recipe_without_options_is_the_papers_experiment(client: httpx.Client) -> None:
    expanded = client.get(f"{RECIPES}/table-6").json()
    assert expanded["departures"] == []
    assert "table-6:ResNet-20:error" in expanded["members"][0]["tests"]


def test_an_impossible_option_is_refused_at_its_field(client: httpx.Client) -> None:
    unknown = client.get(f"{RECIPES}/table-7")
    assert unknown.status_code == 404
    assert unknown.json()["detail"].startswith("There is no recipe table-7. The recipes are table-1, table-2")
    wrong = client.get(f"{RECIPES}/table-6", params={"dataset": "imagenet"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "dataset")
    assert client.get(f"{RECIPES}/table-6", params={"scale": 1.5}).status_code == 422


def test_each_number_names_the_recipe_that_tests_it(client: httpx.Client) -> None:
    values = client.get("/api/v1/paper/tables/6").json()["values"]
    assert {value["key"]: value["recipes"] for value in values}["table-6:ResNet-1202:error"][0] == "table-6"
    assert all(bool(value["recipes"]) == (value["network"] is not None) for value in values)
