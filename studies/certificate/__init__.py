"""A study as a file that anybody can check: what ran, its raw curves, what was said of it, signed by this stores."""
