"""Augmentation of images with one class per pixel: drawn on the CPU, done on the device."""

from benchmark.training.augmentation.colours import jitter_colours
from benchmark.training.augmentation.draws import Draws, draw_augmentation
from benchmark.training.augmentation.geometry import crop_images, crop_labels

__all__ = ["Draws", "crop_images", "crop_labels", "draw_augmentation", "jitter_colours"]
