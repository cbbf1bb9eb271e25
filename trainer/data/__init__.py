"""A data set as tensors: uint8 images of 3×32×32 and their labels, held on the device that trains."""
