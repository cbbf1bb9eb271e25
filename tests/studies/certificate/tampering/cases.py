"""One way of tampering with a certificate, and how a file of cases adds its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.studies.certificate.conftest import Forgery

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
Change = Callable[[Forgery, Path], Path | None]
JsonChange = Callable[[dict[str, Any]], object]
Key = Literal["no key", "another key", "the signer's key"]
Catch = Literal[
    "the signature", "the file's form", "the hashes", "the judgement", "the curve", "the recipe", "the run's facts",
    "the network", "the weights", "the data", "the envelope", "the crate",
]  # fmt: skip


@dataclass(frozen=True)
class Tampering:
    """One way of tampering. `change` writes the file; `message` is a part of what `reslab verify` then says.

    If it writes another file than the given one, it returns its path.
    """

    what: str
    key: Key
    catch: Catch
    message: str
    change: Change


class Cases(list[Tampering]):
    """The ways of one file."""

    def tampering(self, what: str, signed: Key, catch: Catch, message: str) -> Callable[[Change], None]:
        return lambda change: self.append(Tampering(what, signed, catch, message, change))

    def rewrite(self, what: str, catch: Catch, message: str) -> Callable[[Callable[[Forgery], Forgery | None]], None]:
        """With the signer's key: a change of the contents, after which every hash is computed and signed again."""

        def add(change: Callable[[Forgery], Forgery | None]) -> None:
            def write(forgery: Forgery, path: Path) -> None:
                (change(forgery) or forgery).sign(path)

            self.append(Tampering(what, "the signer's key", catch, message, write))

        return add


SIGNATURE = "The signature does not match"
