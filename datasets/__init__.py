"""Data sets: one file each, one registry, one module for splits; importing registers them all."""

from datasets import published as published
from datasets.base import Dataset
from datasets.cards import CARDS, DatasetCard
from datasets.source import DatasetSource, open_dataset
from datasets.splits import Split, SplitRule, make_split

__all__ = [
    "CARDS",
    "Dataset",
    "DatasetCard",
    "DatasetSource",
    "Split",
    "SplitRule",
    "make_split",
    "open_dataset",
]
