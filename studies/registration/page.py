"""A registration as one HTML file to publish: readable by anybody, with the signed text in it, and nothing to load."""

import json
from collections.abc import Iterator
from html import escape
from typing import Final

from studies.fingerprints import fingerprint
from studies.registration.contents import Registration, SignedRegistration

HEAD: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}}
dt{{font-weight:bold;margin-top:.75rem}}dd{{margin:0}}table{{border-collapse:collapse}}td,th{{border:1px solid #767676;
padding:.25rem .5rem;text-align:left;vertical-align:top}}pre,code{{overflow-wrap:anywhere;white-space:pre-wrap}}</style>
</head><body><main>"""


def page(signed: SignedRegistration) -> str:
    """The whole page. Its text is the signer's: all of it is escaped."""
    registration = signed.registration
    title = escape(f"Registration: {registration.name}")
    return "\n".join([HEAD.format(title=title), f"<h1>{title}</h1>", *_body(signed), "</main></body></html>\n"])


def _body(signed: SignedRegistration) -> Iterator[str]:
    registration = signed.registration
    yield f"<p>Registered {registration.registered_at:%Y-%m-%d %H:%M:%S} UTC, before the first run was created.</p>"
    yield "<dl>"
    for term, text in _facts(registration):
        yield f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>"
    yield "</dl>"
    yield "<h2>Claims of the paper that it tests</h2>"
    claims = "".join(f"<li>{escape(claim.sentence)}</li>" for claim in registration.claims)
    yield f"<ul>{claims}</ul>" if claims else "<p>None.</p>"
    yield "<h2>Networks</h2><table><thead><tr><th>Network</th><th>Seeds</th></tr></thead><tbody>"
    for network in registration.networks:
        seeds = ", ".join(str(run.seed) for run in network.runs)
        yield f"<tr><td>{escape(network.label)}</td><td>{seeds}</td></tr>"
    yield "</tbody></table>"
    yield from _signature(signed)


def _facts(registration: Registration) -> Iterator[tuple[str, str]]:
    share = "all" if registration.scale == 1 else f"{registration.scale:g}"
    yield "Question", registration.question
    yield "Experiment", f"{registration.recipe} on {registration.dataset}, with {share} of the paper's iterations"
    yield "Stopping rule", registration.stopping_rule
    yield "Exclusion rule", registration.exclusion_rule
    yield "Trainer's source, SHA-256", registration.source
    yield "Owner", registration.owner
    yield "Study", str(registration.study)


def _signature(signed: SignedRegistration) -> Iterator[str]:
    """The file that `reslab verify` reads stands in the page, character by character."""
    key = signed.registration.public_key
    file = json.dumps(signed.model_dump(mode="json"), indent=1, ensure_ascii=False)
    yield "<h2>Signature</h2>"
    yield f"<p>Signed by the key {escape(fingerprint(key))}. SHA-256 <code>{escape(signed.sha256)}</code>.</p>"
    yield (
        "<p>The time is the signer's own: publishing this page, or the hash, before the runs end proves it to others. "
        "To check the signature, save the text below as <code>registration.json</code> and run "
        "<code>reslab verify registration.json</code>.</p>"
    )
    yield f"<details><summary>registration.json</summary><pre>{escape(file)}</pre></details>"
