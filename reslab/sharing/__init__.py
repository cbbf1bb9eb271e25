"""A run's weights as a Hugging Face folder that others can use without Reslab."""
