"""Which offers no other one beats."""

from collections.abc import Sequence


def pareto_front(offers: Sequence[tuple[float, float]]) -> list[int]:
    """Places of the (cost, score) that none beats, as cheap and higher or as high and cheaper.

    They are in ascending order of cost; of equal offers the first is among them.

    >>> pareto_front([(3.0, 60.0), (1.0, 50.0), (2.0, 40.0)])
    [1, 0]
    """
    front: list[int] = []
    for place in sorted(range(len(offers)), key=lambda n: (offers[n][0], -offers[n][1])):
        if not front or offers[place][1] > offers[front[-1]][1]:
            front.append(place)
    return front
