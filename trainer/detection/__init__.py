"""The detector of sec. 4.3: Faster R-CNN on the paper's networks, for runs of the task `detection`."""
