"""A run on several machines, as one of them sees it: where its processes meet, and the worker that only takes part."""
