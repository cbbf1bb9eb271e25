"""Several labs' results on one network and protocol as one: which may be pooled, and what is said of them."""

from studies.pooling.entries import PoolEntry, of_certificate, of_run
from studies.pooling.pools import Pool, pool

__all__ = ["Pool", "PoolEntry", "of_certificate", "of_run", "pool"]
