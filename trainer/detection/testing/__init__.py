"""How a finished detector is tested: once over an image, or with what App. B adds to that."""
