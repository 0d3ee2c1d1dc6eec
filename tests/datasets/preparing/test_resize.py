import numpy as np

from datasets.preparing.resize import resize_images, resize_labels


def test_label_maps_keep_their_values_and_stay_where_the_images_are() -> None:
    labels = np.zeros((1, 9, 12), np.uint8)
    labels[:, 3:6, 3:9] = 7

    small = resize_labels(labels, (3, 4))
    image = resize_images(labels[:, None].astype(np.float32), (3, 4))[:, 0]

    assert small.dtype == np.uint8
    assert set(np.unique(small)) == {0, 7}
    assert np.array_equal(small == 7, image > 3.5)
    assert np.array_equal(resize_labels(small, (9, 12)), labels)


def test_labels_of_the_wanted_size_are_not_copied() -> None:
    labels = np.zeros((2, 5, 5), np.uint8)
    assert resize_labels(labels, 5) is labels
