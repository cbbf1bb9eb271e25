"""ro-crate-metadata.json: a certificate's runs and files in the words of RO-Crate, for tools that don't know ours.

Each run is a CreateAction of the profile Process Run Crate: the trainer made weights and a curve from a data set.
Sources: https://w3id.org/ro/crate/1.1, https://w3id.org/ro/wfrun/process/0.5. `reslab verify` derives the file again
from certificate.json, so a change of what is written here needs a new format of the certificate.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from studies.certificate.contents import (
    CRATE,
    JUDGEMENT,
    CertifiedCheckpoint,
    CertifiedMember,
    CertifiedRun,
    CertifiedWeights,
    Contents,
)

Entity = dict[str, Any]  # Any: JSON-LD
CONTEXT: Final = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
SPECIFICATION: Final = "https://w3id.org/ro/crate/1.1"
PROFILE: Final = "https://w3id.org/ro/wfrun/process/0.5"
OWNER: Final = "#owner"


def metadata(contents: Contents) -> Entity:
    """The JSON-LD document. It names no hash of certificate.json, which contains this document's own."""
    trained = [(member, member.run) for member in contents.members if member.run is not None and member.run.trainers]
    files = [entity for member, run in trained for entity in _files(member, run)]
    actions = [_action(member, run) for member, run in trained]
    parts = [{"@id": JUDGEMENT}, *(_link(entity) for entity in files if entity["@type"] == "File")]
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": SPECIFICATION},
        },
        _root(contents, parts, actions),
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {
            "@id": JUDGEMENT,
            "@type": "File",
            "name": "Findings, verdicts and claims",
            "encodingFormat": "application/json",
        },
        {"@id": OWNER, "@type": "Person", "name": contents.owner},
        *actions,
        *files,
        *_contexts(contents, (run for _, run in trained)),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _root(contents: Contents, parts: list[Entity], actions: list[Entity]) -> Entity:
    question = contents.question
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": contents.name,
        "description": f"{question.recipe} of He et al. 2015 on {question.dataset}, trained and signed by Reslab. "
        "The certificate is certificate.json; `reslab verify` checks it.",
        "datePublished": contents.created_at.isoformat(),
        "license": "The signer has not stated a licence.",
        "identifier": str(contents.id),
        "author": {"@id": OWNER},
        "conformsTo": {"@id": PROFILE},
        "hasPart": parts,
        "mentions": [_link(action) for action in actions],
    }


def _action(member: CertifiedMember, run: CertifiedRun) -> Entity:
    results = [_link(entity) for entity in _files(member, run)]
    return {
        "@id": f"#run-{run.id}",
        "@type": "CreateAction",
        "name": f"Train {member.label}, seed {member.seed}",
        "description": f"{run.iteration:,} of {run.iterations:,} iterations; {run.status}.",
        "instrument": _only([{"@id": _trainer_id(trainer)} for trainer in run.trainers]),
        "object": _only([{"@id": _data_id(trainer)} for trainer in run.trainers]),
        **({"result": results} if results else {}),
        "agent": {"@id": OWNER},
        "actionStatus": f"http://schema.org/{'Completed' if run.status == 'succeeded' else 'Failed'}ActionStatus",
    }


def _files(member: CertifiedMember, run: CertifiedRun) -> Iterator[Entity]:
    """The weights, the curve and the checkpoints that the certificate includes, and the weights if it doesn't."""
    title = f"{member.label}, seed {member.seed}"
    if run.weights is not None:
        name = run.weights.file or f"#weights-{run.id}"
        kind = "File" if run.weights.file else "CreativeWork"
        yield _saved(name, kind, f"Weights of {title}, iteration {run.weights.iteration:,}", run.weights)
    if run.curve is not None:
        yield {
            "@id": run.curve,
            "@type": "File",
            "name": f"Losses, {'' if run.detections else 'training errors '}and learning rates of {title}",
            "encodingFormat": "application/octet-stream",
        }
    for checkpoint in run.checkpoints:
        if checkpoint.file is not None:
            name = f"Checkpoint of {title}, iteration {checkpoint.iteration:,}"
            yield _saved(checkpoint.file, "File", name, checkpoint)


def _saved(identifier: str, kind: str, name: str, saved: CertifiedWeights | CertifiedCheckpoint) -> Entity:
    return {
        "@id": identifier,
        "@type": kind,
        "name": name,
        "sha256": saved.sha256,
        "contentSize": str(saved.size_bytes),
        "encodingFormat": "application/octet-stream",
    }


def _contexts(contents: Contents, runs: Iterable[CertifiedRun]) -> list[Entity]:
    """The trainers and data sets that the actions name, each once."""
    entities: dict[str, Entity] = {}
    for run in runs:
        for trainer in run.trainers:
            entities[_trainer_id(trainer)] = {
                "@id": _trainer_id(trainer),
                "@type": "SoftwareApplication",
                "name": "Reslab's trainer",
                "softwareVersion": f"source {trainer.get('source') or 'unknown'}",
            }
            entities[_data_id(trainer)] = {
                "@id": _data_id(trainer),
                "@type": "CreativeWork",
                "name": contents.question.dataset or "The recipe's data set",
                "identifier": trainer["data_hash"],
            }
    return list(entities.values())


def _trainer_id(trainer: Entity) -> str:
    return f"urn:reslab:trainer:{trainer.get('source') or 'unknown'}"


def _data_id(trainer: Entity) -> str:
    return f"#data-{trainer['data_hash'][:16]}"


def _link(entity: Entity) -> Entity:
    return {"@id": entity["@id"]}


def _only(links: list[Entity]) -> Entity | list[Entity]:
    """Each link once; alone if it is the only one, as most readers expect."""
    unique = [link for index, link in enumerate(links) if link not in links[:index]]
    return unique[0] if len(unique) == 1 else unique
