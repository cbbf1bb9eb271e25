"""Retention rules, as `client.retention`: what of old runs is deleted, and which are archived. For
administrators."""

from reslab.client.connection import Connection
from reslab.client.schema import RetentionPlan, Rule, Rules


class Retention:
    """The projects' rules: after how many days a run's checkpoints go, all its weights but the best and the last, and
    the run itself from the lists. None keeps them.

    >>> plan = client.retention.plan("default", checkpoints_days=30)
    >>> client.retention.set("default", plan.files, checkpoints_days=30).weights_days is None
    True
    >>> [rule.project for rule in client.retention.rules()], client.retention.remove("default")
    (['default'], None)
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rules(self) -> list[Rule]:
        """All rules, by project. The service applies them every hour.

        >>> client.retention.rules()
        []
        """
        return self._connection.get(Rules, "/retention").items

    def plan(
        self,
        project: str,
        *,
        checkpoints_days: int | None = None,
        weights_days: int | None = None,
        archive_days: int | None = None,
    ) -> RetentionPlan:
        """What a rule would delete and archive now. Changes nothing.

        >>> client.retention.plan("default", weights_days=36500).files
        0
        """
        rule = _rule(checkpoints_days, weights_days, archive_days)
        return self._connection.post(RetentionPlan, f"/retention/{project}/plan", rule)

    def set(
        self,
        project: str,
        files: int,
        *,
        checkpoints_days: int | None = None,
        weights_days: int | None = None,
        archive_days: int | None = None,
    ) -> Rule:
        """Set a project's rule. Raises ApiError (409) if it would delete more than `files` by now, as its plan said.

        >>> client.retention.set("default", 0, weights_days=36500).project
        'default'
        >>> client.retention.remove("default")
        """
        body = _rule(checkpoints_days, weights_days, archive_days)
        return self._connection.ask(Rule, "PUT", f"/retention/{project}", params={"files": files}, json=body)

    def remove(self, project: str) -> None:
        """End a project's rule. What it has deleted is gone.

        >>> client.retention.remove("default")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: The project default has no retention rule.
        """
        self._connection.send("DELETE", f"/retention/{project}")


def _rule(checkpoints_days: int | None, weights_days: int | None, archive_days: int | None) -> dict[str, int | None]:
    return {"checkpoints_days": checkpoints_days, "weights_days": weights_days, "archive_days": archive_days}
