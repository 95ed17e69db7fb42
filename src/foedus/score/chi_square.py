"""Chi-square distribution: cumulative probability and quantiles, without a statistics package.

Incomplete gamma function: Abramowitz, Stegun, Handbook of Mathematical Functions, 6.5.29 (series) and 6.5.31
(continued fraction). Quantile: Wilson, Hilferty, The distribution of chi-square, PNAS 17 (1931), made exact
by Newton's method where that is still to be felt.
"""

import functools
import math
from statistics import NormalDist
from typing import Final

TERMS_MAX: Final = 1_000
EXACT_MAX: Final = 1_000
"""Degrees of freedom up to which a quantile is made exact; beyond, Wilson and Hilferty's is within 1e-5."""


def cumulative(x: float, degrees: int) -> float:
    """Probability that a chi-square value with so many degrees of freedom is at most x."""
    a, half = 0.5 * degrees, 0.5 * x
    if half <= 0.0:
        return 0.0
    scale = math.exp(a * math.log(half) - half - math.lgamma(a))
    if half < a + 1.0:
        term = total = 1.0 / a
        for n in range(1, TERMS_MAX):
            term *= half / (a + n)
            total += term
            if term < 1e-16 * total:
                break
        return scale * total
    b = half + 1.0 - a  # the continued fraction from above, by Lentz's method
    c, d = 1e300, 1.0 / b
    fraction = d
    for n in range(1, TERMS_MAX):
        b += 2.0
        d = 1.0 / (n * (a - n) * d + b)
        c = b + n * (a - n) / c
        fraction *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return 1.0 - scale * fraction


@functools.cache
def quantile(probability: float, degrees: int) -> float:
    """The value that a chi-square variable stays below with this probability, 0 < probability < 1."""
    share = 2.0 / (9.0 * degrees)
    root = 1.0 - share + NormalDist().inv_cdf(probability) * math.sqrt(share)
    x = degrees * max(root, 0.01) ** 3
    if degrees > EXACT_MAX:
        return x
    a = 0.5 * degrees
    for _ in range(50):
        density = 0.5 * math.exp((a - 1.0) * math.log(0.5 * x) - 0.5 * x - math.lgamma(a))
        step = (cumulative(x, degrees) - probability) / density
        x = max(0.5 * x, x - step)
        if abs(step) < 1e-12 * x:
            break
    return x


def mean_bounds(count: int, degrees: int, probability: float = 0.95) -> tuple[float, float]:
    """Two-sided bounds of the mean of `count` independent values: Bar-Shalom et al. (2001), 5.4.2."""
    tail = 0.5 * (1.0 - probability)
    return quantile(tail, count * degrees) / count, quantile(1.0 - tail, count * degrees) / count
