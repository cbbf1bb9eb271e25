"""Reads a judgement that an earlier version of reslab wrote, so that certificates made then can still be checked.

Format 1 has other names for some keys, and formats 1 and 2 have other wording in their sentences and lack what `ADDED`
lists. Every number and every outcome in them is compared with today's; sentences are not, because they only put these
numbers into words.

Format 2 holds numbers that format 3 corrects: the interval of a test that had not decided, the power of a plan beside a
single printed run, and degradation without a margin. It also has claims that runs of any kind could decide, and fewer
findings (docs/decisions/0036). All of them are left out of the comparison; the verdicts' outcomes are not.
"""

from typing import Any, Final

# The key in format 1, and the key today.
RENAMED: Final[dict[str, str]] = {
    "said": "statements",
    "seen": "observations",
    "needed_each": "needed_per_network",
}
RENAMED_VALUES: Final = {"deviation": "departure"}
# Keys that came with format 3: what became of the study's seeds, its data, scale and departures.
ADDED: Final = frozenset({"attrition", "claim_attrition", "deleted_networks", "setting"})
# Keys whose values are sentences, or are built from sentences.
WORDS: Final = frozenset({
    "sentence", "message", "casualty", "assumption", "because", "reason", "note", "reasons", "warnings", "name", "sum",
    "text", "departures",
})  # fmt: skip
# Corrected in format 3.
CORRECTED: Final = frozenset({
    "interval", "assumption", "steps", "more_seeds", "needed", "power", "comparison", "claims",
})  # fmt: skip
# Of a verdict: which statistics were compared, in words. Elsewhere these keys hold numbers.
VERDICT_WORDS: Final = WORDS | {"ours", "theirs"}
# Rules of the protocol check that are new since format 2, or report other specifications.
FINDINGS_CHANGED: Final = frozenset({
    "batch-norm-share", "validation-split", "plateau", "plateau-reading", "training-error-thinned",
})  # fmt: skip


def facts(judgement: Any, words: frozenset[str] = WORDS) -> Any:  # Any: parsed JSON
    """A judgement of any format under today's keys, without its sentences and without what other rules decided."""
    if isinstance(judgement, dict):
        return {
            RENAMED.get(key, key): facts(value, VERDICT_WORDS if key == "verdict" else WORDS)
            for key, value in judgement.items()
            if key not in words | CORRECTED | ADDED
        }
    if isinstance(judgement, list):
        return [facts(value, words) for value in judgement if not _has_changed(value)]
    return RENAMED_VALUES.get(judgement, judgement) if isinstance(judgement, str) else judgement


def _has_changed(value: Any) -> bool:  # Any: parsed JSON
    return isinstance(value, dict) and value.get("rule") in FINDINGS_CHANGED
