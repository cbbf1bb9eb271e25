"""Curves, as `client.curves`: every raw point as CSV, and figures for print."""

from collections.abc import Sequence

from reslab.client.connection import Connection


class Curves:
    """Each method is one call of the API.

    >>> len(client.curves.csv([run.id]).splitlines())
    5
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def csv(self, runs: Sequence[str], *, named: bool = False) -> bytes:
        """A row per iteration. Of several runs, or if `named`, a first column names the run.

        >>> client.curves.csv([run.id]).splitlines()[0].startswith(b"iteration,")
        True
        """
        if len(runs) == 1 and not named:
            return self._connection.send("GET", f"/runs/{runs[0]}/curves.csv").content
        return self._connection.send("GET", "/curves/export", params={"run": list(runs), "format": "csv"}).content

    def figure(self, runs: Sequence[str], form: str, **options: object) -> bytes:
        """The runs' curves as svg, pdf or png; `options` are those of `GET /figure.{format}`.

        >>> client.curves.figure([run.id], "png", preset="fig4")[1:4]
        b'PNG'
        """
        return self._connection.send("GET", f"/figure.{form}", params={"run": list(runs), **options}).content
