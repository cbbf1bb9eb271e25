"""What is computed with a detector's finished weights: its detections, their average precision, a picture's objects."""
