"""The engine's work for segmentation: images with one class per pixel."""
