"""Chi-square without a statistics package, against scipy's."""

import numpy as np
import pytest
from scipy import stats

from foedus.score.chi_square import EXACT_MAX, cumulative, mean_bounds, quantile


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 6, 17, 100, 999, 5_000, 400_000])
@pytest.mark.parametrize("probability", [1e-6, 0.005, 0.025, 0.5, 0.9, 0.975, 0.9999])
def test_quantiles(degrees: int, probability: float) -> None:
    tolerance = 1e-9 if degrees <= EXACT_MAX else 1e-5
    assert quantile(probability, degrees) == pytest.approx(
        stats.chi2.ppf(probability, degrees), rel=tolerance
    )


@pytest.mark.parametrize("degrees", [1, 4, 6, 33, 1_000])
def test_cumulative_probability(degrees: int) -> None:
    for x in np.concatenate([[0.0, 1e-9, 1e-3], degrees * np.linspace(0.05, 4.0, 40)]).tolist():
        assert cumulative(x, degrees) == pytest.approx(stats.chi2.cdf(x, degrees), rel=1e-9, abs=1e-13)


def test_the_mean_of_many_values_has_narrow_bounds_round_their_degrees() -> None:
    low, high = mean_bounds(2_000, 6)
    assert low < 6.0 < high
    assert (low, high) == pytest.approx(tuple(stats.chi2.ppf([0.025, 0.975], 12_000) / 2_000), rel=1e-6)


def test_the_bounds_hold_what_they_promise() -> None:
    random = np.random.default_rng(4)
    means = random.chisquare(4, (4_000, 10)).mean(axis=1)
    low, high = mean_bounds(10, 4)
    assert np.mean((means >= low) & (means <= high)) == pytest.approx(0.95, abs=0.012)
