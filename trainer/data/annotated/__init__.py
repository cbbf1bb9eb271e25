"""Data sets whose images have boxes around their objects: the layouts of PASCAL VOC and COCO."""
