"""Data sets: their files, their images as tensors, and the mini-batches that training sees."""
