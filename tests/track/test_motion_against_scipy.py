"""The models of motion against slow, obvious twins: numpy, finite differences, and scipy's integrator."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from foedus.geo import MEAN_RADIUS_M, ecef_from_geodetic
from foedus.jit import kernel
from foedus.model import F64
from foedus.track.motion import (
    AIR_DENSITY,
    AIR_SCALE_M,
    DRAG_MEAN,
    DRAG_NOISE,
    DRAG_SIGMA,
    EARTH_RATE,
    GRAVITY_M3_S2,
    PASS_ON,
    RATE_NOISE,
    RATE_SIGMA,
    SHARE_MIN,
    STAY_S,
    _move_ballistic,
    _move_turn,
    _transform,
    combine,
    height_of,
    mix_bank,
)
from foedus.track.table import BALLISTIC, BANK, MODELS, STATES, TRACK, TURN, WORK, Rows

PLACE = MEAN_RADIUS_M * np.array(
    [math.cos(0.8) * math.cos(0.2), math.cos(0.8) * math.sin(0.2), math.sin(0.8)]
)
UP = PLACE / np.linalg.norm(PLACE)
EAST = np.array([-math.sin(0.2), math.cos(0.2), 0.0])
NORTH = np.cross(UP, EAST)


@kernel
def turn(banks: Rows, up: F64, dt_s: float, works: Rows) -> None:
    _move_turn(banks[0], dt_s, (up[0], up[1], up[2]), works[0])


@kernel
def fall(banks: Rows, dt_s: float, works: Rows) -> None:
    _move_ballistic(banks[0], dt_s, works[0])


@kernel
def quick_height(position: F64) -> float:
    return height_of(position)


@kernel
def transform(covariance: F64, works: Rows) -> None:
    _transform(covariance, works[0])


@kernel
def mix(banks: Rows, tracks: Rows, dt_s: float, works: Rows) -> None:
    mix_bank(banks[0], tracks[0], dt_s, works[0])


@kernel
def combine_models(banks: Rows, tracks: Rows, works: Rows) -> None:
    combine(banks[0], tracks[0], works[0])


def records(dtype: np.dtype) -> Rows:  # type: ignore[type-arg]
    return np.zeros(1, dtype).view(np.recarray)


def covariance_of(random: np.random.Generator, sigmas: F64) -> F64:
    """Positive definite, with those sigmas and with correlations."""
    root = np.eye(len(sigmas)) + 0.3 * random.normal(size=(len(sigmas), len(sigmas)))
    whole = root @ root.T
    scale = sigmas / np.sqrt(np.diag(whole))
    return whole * np.outer(scale, scale)


def moved_turn(state: F64, covariance: F64, dt_s: float) -> tuple[F64, F64]:
    banks, works = records(BANK), records(WORK)
    banks[0].state[TURN], banks[0].covariance[TURN] = state, covariance
    turn(banks, UP, dt_s, works)
    return banks[0].state[TURN].copy(), banks[0].covariance[TURN].copy()


def moved_fall(state: F64, covariance: F64, dt_s: float) -> tuple[F64, F64]:
    banks, works = records(BANK), records(WORK)
    banks[0].state[BALLISTIC], banks[0].covariance[BALLISTIC] = state, covariance
    fall(banks, dt_s, works)
    return banks[0].state[BALLISTIC].copy(), banks[0].covariance[BALLISTIC].copy()


def slopes(move: Callable[[F64], F64], state: F64, steps: F64) -> F64:
    """Central differences of a transition."""
    columns = []
    for i in range(STATES):
        shift = np.zeros(STATES)
        shift[i] = steps[i]
        columns.append((move(state + shift) - move(state - shift)) / (2.0 * steps[i]))
    return np.array(columns).T


def state_of(speed_east: float, speed_north: float, climb: float, extra: float, height_m: float) -> F64:
    place = PLACE + UP * height_m
    return np.concatenate([place, speed_east * EAST + speed_north * NORTH + climb * UP, [extra]])


@pytest.mark.parametrize("rate_deg_s", [0.0, 1e-4, 0.5, 3.0, -6.0])
def test_the_turn_flies_the_circle_that_scipy_integrates(rate_deg_s: float) -> None:
    rate = math.radians(rate_deg_s)
    state = state_of(200.0, -50.0, 8.0, rate, 5_000.0)

    def motion(_t: float, y: F64) -> F64:
        level = y[3:] - (y[3:] @ UP) * UP
        bend = -(level @ level) / np.linalg.norm(y[:3]) * UP  # level flight follows the earth
        return np.concatenate([y[3:], np.cross(rate * UP, y[3:]) + bend])

    expected = solve_ivp(motion, (0.0, 12.0), state[:6], rtol=1e-12, atol=1e-9, method="DOP853").y[:, -1]
    moved, _ = moved_turn(state, np.eye(STATES), 12.0)
    np.testing.assert_allclose(moved[:3], expected[:3], atol=2e-3)
    np.testing.assert_allclose(moved[3:6], expected[3:], atol=2e-4)
    assert moved[6] == rate


@pytest.mark.parametrize("rate_deg_s", [0.0, 1e-4, 3.0, -6.0])
def test_the_covariance_of_a_turn_follows_the_slopes_of_its_transition(rate_deg_s: float) -> None:
    """But for how the bend of the earth depends on speed, which is left to the noise."""
    random = np.random.default_rng(2)
    state = state_of(200.0, -50.0, 8.0, math.radians(rate_deg_s), 5_000.0)
    before = covariance_of(random, np.array([60.0, 50.0, 40.0, 9.0, 8.0, 7.0, 0.02]))
    steps = np.array([1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 1e-5])
    f = slopes(lambda x: moved_turn(x, before, 7.0)[0], state, steps)
    expected = f @ before @ f.T
    expected[6, 6] += RATE_NOISE * 7.0
    _, after = moved_turn(state, before, 7.0)
    sigmas = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(
        after / np.outer(sigmas, sigmas), expected / np.outer(sigmas, sigmas), atol=1e-3
    )


def _fall_in_space(state: F64, time_s: float) -> F64:
    """The same fall in a frame that does not turn, where only gravity and drag act; then back."""
    spin = np.array([0.0, 0.0, EARTH_RATE])

    def motion(_t: float, y: F64) -> F64:
        r = np.linalg.norm(y[:3])
        wind = y[3:] - np.cross(spin, y[:3])  # the air turns with the earth
        height_m = r - 6_378_137.0 * (1.0 - (y[2] / r) ** 2 / 298.257223563)
        air = AIR_DENSITY * math.exp(-height_m / AIR_SCALE_M)
        drag = -0.5 * air * state[6] * np.linalg.norm(wind) * wind
        return np.concatenate([y[3:], -GRAVITY_M3_S2 / r**3 * y[:3] + drag])

    start = np.concatenate([state[:3], state[3:6] + np.cross(spin, state[:3])])
    end = solve_ivp(motion, (0.0, time_s), start, rtol=1e-11, atol=1e-6, method="DOP853").y[:, -1]
    angle = EARTH_RATE * time_s
    back = np.array(
        [[math.cos(angle), math.sin(angle), 0.0], [-math.sin(angle), math.cos(angle), 0.0], [0.0, 0.0, 1.0]]
    )
    return np.concatenate([back @ end[:3], back @ (end[3:] - np.cross(spin, end[:3]))])


@pytest.mark.parametrize("lat_deg", [-90.0, -46.0, 0.0, 30.0, 47.0, 80.0])
def test_the_quick_height_lies_within_forty_metres(lat_deg: float) -> None:
    for height_m in (0.0, 9_000.0, 100_000.0):
        lat, lon = np.array([math.radians(lat_deg)]), np.array([0.7])
        place = ecef_from_geodetic(lat, lon, np.array([height_m]))[0]
        assert abs(quick_height(place) - height_m) < 40.0


@pytest.mark.parametrize(
    ("climb", "level", "height_m", "drag"),
    [(1_500.0, 900.0, 20_000.0, 2e-4), (-1_500.0, 800.0, 120_000.0, 5e-4), (-700.0, 300.0, 52_000.0, 1e-3)],
)
def test_a_fall_agrees_with_scipy_in_a_frame_that_does_not_turn(
    climb: float, level: float, height_m: float, drag: float
) -> None:
    state = state_of(level, 0.4 * level, climb, drag, height_m)
    expected = _fall_in_space(state, 60.0)
    moved, _ = moved_fall(state, np.eye(STATES), 60.0)
    way_m = np.linalg.norm(expected[:3] - state[:3])
    speed_m_s = np.linalg.norm(expected[3:])
    assert np.linalg.norm(moved[:3] - expected[:3]) < 1e-3 * way_m
    assert (
        np.linalg.norm(moved[3:6] - expected[3:]) < 3e-3 * speed_m_s
    )  # steps of 2 s: 5 m/s, a fifth of the noise
    for _ in range(600):  # what is left in short steps would be wrong physics
        state, _ = moved_fall(state, np.eye(STATES), 0.1)
    assert np.linalg.norm(state[:3] - expected[:3]) < 1e-5 * way_m
    assert np.linalg.norm(state[3:6] - expected[3:]) < 1e-5 * speed_m_s


def test_the_covariance_of_a_fall_in_thin_air_follows_the_slopes_of_its_transition_to_one_per_cent() -> None:
    """Lower down it is rougher (14 % at 20 km): how density changes with height is left to the noise."""
    random = np.random.default_rng(3)
    state = state_of(900.0, 400.0, -1_200.0, 5e-4, 60_000.0)
    before = covariance_of(random, np.array([90.0, 80.0, 70.0, 30.0, 25.0, 20.0, 2e-4]))
    steps = np.array([10.0, 10.0, 10.0, 1.0, 1.0, 1.0, 1e-6])
    f = slopes(lambda x: moved_fall(x, before, 6.0)[0], state, steps)
    expected = f @ before @ f.T
    expected[6, 6] += DRAG_NOISE * 6.0
    _, after = moved_fall(state, before, 6.0)
    sigmas = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(
        after / np.outer(sigmas, sigmas), expected / np.outer(sigmas, sigmas), atol=0.01
    )


def test_transform_is_the_transition_times_the_covariance_times_its_transpose() -> None:
    random = np.random.default_rng(4)
    works = records(WORK)
    works[0].ahead[:], works[0].swing[:] = random.normal(size=(2, 3, 3))
    works[0].pull[:] = random.normal(size=6)
    f = np.eye(STATES)
    f[:3, 3:6], f[3:6, 3:6], f[:6, 6] = works[0].ahead, works[0].swing, works[0].pull
    covariance = covariance_of(random, np.arange(1.0, 8.0))
    expected = f @ covariance @ f.T
    transform(covariance, works)
    np.testing.assert_allclose(covariance, expected, rtol=1e-12, atol=1e-12)


def a_bank(random: np.random.Generator, probability: F64) -> tuple[Rows, Rows]:
    """Models that differ by some sigmas, and the track that they make."""
    banks, tracks = records(BANK), records(TRACK)
    centre = state_of(180.0, 90.0, 3.0, 0.0, 9_000.0)
    sigmas = np.array([60.0, 50.0, 40.0, 9.0, 8.0, 7.0, 0.02])
    for j in range(MODELS):
        size = STATES if j >= TURN else 6
        banks[0].state[j, :size] = (centre + sigmas * random.normal(size=STATES))[:size]
        banks[0].covariance[j, :size, :size] = covariance_of(random, sigmas)[:size, :size]
    banks[0].probability[:] = probability
    combine_models(banks, tracks, records(WORK))
    return banks, tracks


def _moments(weights: F64, means: F64, covariances: F64) -> tuple[F64, F64]:
    """Mean and covariance of a mixture of Gaussians, from its definition."""
    mean = np.einsum("i,ia->a", weights, means)
    gaps = means - mean
    return mean, np.einsum("i,iab->ab", weights, covariances + np.einsum("ia,ib->iab", gaps, gaps))


PROBABILITIES = [
    np.array([0.5, 0.2, 0.2, 0.1]),
    np.array([0.1, 0.0, 0.1, 0.8]),
    np.array([0.3, 0.6, 0.1, 0.0]),
]
PROBABILITIES[1][1] = 1e-5
PROBABILITIES[1] /= PROBABILITIES[1].sum()


@pytest.mark.parametrize("probability", PROBABILITIES)
def test_combining_gives_mean_and_covariance_of_the_mixture_of_models_with_a_share(probability: F64) -> None:
    banks, tracks = a_bank(np.random.default_rng(5), probability)
    bank, track = banks[0], tracks[0]
    shares = np.where(probability >= SHARE_MIN, probability, 0.0)
    mean, covariance = _moments(shares / shares.sum(), bank.state[:, :6], bank.covariance[:, :6, :6])
    np.testing.assert_allclose(track.state, mean, atol=1e-7)
    np.testing.assert_allclose(track.covariance, covariance, rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("dt_s", [0.0, 1.0, 12.0])
@pytest.mark.parametrize("probability", PROBABILITIES)
def test_mixing_agrees_with_the_textbook(probability: F64, dt_s: float) -> None:
    """Bar-Shalom et al. (2001), 11.6.6-7 to 10; a seventh state that a model has not is at the prior."""
    banks, tracks = a_bank(np.random.default_rng(6), probability)
    states, covariances = banks[0].state.copy(), banks[0].covariance.copy()
    mix(banks, tracks, dt_s, records(WORK))
    runs = probability > 0.0
    stay = np.exp(-dt_s / np.array(STAY_S))
    switch = np.diag(stay) + (1.0 - stay)[:, None] * PASS_ON
    switch = np.where(runs[None, :], switch, 0.0)
    after = probability @ switch
    np.testing.assert_allclose(banks[0].probability, after / after.sum(), rtol=1e-12)
    for j in np.flatnonzero(runs):
        weights = probability * switch[:, j] / after[j]
        means, spreads = states.copy(), covariances.copy()
        prior = (DRAG_MEAN, DRAG_SIGMA) if j == BALLISTIC else (0.0, RATE_SIGMA)
        for i in range(MODELS):
            if i != j:
                means[i, 6], spreads[i, 6, :], spreads[i, :, 6] = prior[0], 0.0, 0.0
                spreads[i, 6, 6] = prior[1] ** 2
        mean, covariance = _moments(weights, means, spreads)
        size = STATES if j >= TURN else 6
        np.testing.assert_allclose(banks[0].state[j, :size], mean[:size], rtol=1e-12, atol=1e-7)
        np.testing.assert_allclose(
            banks[0].covariance[j, :size, :size], covariance[:size, :size], rtol=1e-9, atol=1e-8
        )
