"""The rules of studies are tried through the api, as people use them: the fixtures are the api's."""

from tests.api.conftest import anonymous, app, client, dist, logged, make_key, post, token, train, url, work

__all__ = ["anonymous", "app", "client", "dist", "logged", "make_key", "post", "token", "train", "url", "work"]
