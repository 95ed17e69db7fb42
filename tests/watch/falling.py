"""Ballistic objects for tests, and falls of them by other means than the program's: in the inertial frame."""

import math

import numpy as np

from foedus.model import TrackClass, Tracks

GM, RATE, J2, A, F = 3.986004418e14, 7.292115e-5, 1.082629821e-3, 6_378_137.0, 1.0 / 298.257223563


def body(*, lat=46.0, lon=8.0, height=80_000.0, east=900.0, north=600.0, up=-200.0, number=1, time_ns=0, **s):
    one = np.ones(1)
    return Tracks.empty(1)._replace(
        number=np.full(1, number, np.int32),
        time_ns=np.full(1, time_ns, np.int64),
        lat_rad=math.radians(lat) * one,
        lon_rad=math.radians(lon) * one,
        height_m=height * one,
        velocity_east_m_s=east * one,
        velocity_north_m_s=north * one,
        velocity_up_m_s=up * one,
        position_sigma_m=s.get("sigma_m", 200.0) * one,
        height_sigma_m=s.get("height_sigma_m", 300.0) * one,
        velocity_sigma_m_s=s.get("sigma_m_s", 10.0) * one,
        track_class=np.full(1, TrackClass.BALLISTIC, np.int8),
    )


def to_inertial(lat, lon, height, east, north, up):
    """(n, 6) inertial states at time 0, when both frames coincide; angles in radians."""
    e2 = F * (2.0 - F)
    normal = A / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
    position = np.stack(
        [
            (normal + height) * np.cos(lat) * np.cos(lon),
            (normal + height) * np.cos(lat) * np.sin(lon),
            (normal * (1.0 - e2) + height) * np.sin(lat),
        ],
        axis=-1,
    )
    axes = np.stack(
        [
            np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], -1),
            np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], -1),
            np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], -1),
        ],
        axis=-2,
    )
    velocity = np.einsum("...k,...kc->...c", np.stack([east, north, up], -1), axes)
    velocity += np.cross([0.0, 0.0, RATE], position)
    return np.concatenate([position, velocity], axis=-1)


def height_of(position):
    """Height above the ellipsoid of inertial positions (n, 3), by three rounds of the textbook iteration."""
    e2 = F * (2.0 - F)
    level, z = np.hypot(position[..., 0], position[..., 1]), position[..., 2]
    lat = np.arctan2(z, level * (1.0 - e2))
    for _ in range(3):
        normal = A / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
        height = level / np.cos(lat) - normal
        lat = np.arctan2(z, level * (1.0 - e2 * normal / (normal + height)))
    return level / np.cos(lat) - A / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)


def slope(state, drag):
    """Time derivative of inertial states (n, 6): gravity with J2 as the gradient of its potential, drag."""
    position, velocity = state[..., :3], state[..., 3:]
    r = np.linalg.norm(position, axis=-1, keepdims=True)
    z2 = (position[..., 2:] / r) ** 2
    factor = 1.5 * J2 * (A / r) ** 2
    shape = np.concatenate([1.0 - 5.0 * z2, 1.0 - 5.0 * z2, 3.0 - 5.0 * z2], axis=-1)
    pull = -GM * position / r**3 * (1.0 + factor * shape)
    wind = velocity - np.cross([0.0, 0.0, RATE], position)
    air = 1.225 * np.exp(np.minimum(1.0, -height_of(position) / 7_400.0))
    speed = np.linalg.norm(wind, axis=-1)
    return np.concatenate([velocity, pull - (0.5 * air * drag * speed)[..., None] * wind], axis=-1)


def ground_of(position, time_s):
    """(latitude, longitude) in radians, of inertial positions on the ground at those times."""
    lat = np.arctan2(position[..., 2], np.hypot(position[..., 0], position[..., 1]) * (1.0 - F) ** 2)
    lon = np.arctan2(position[..., 1], position[..., 0]) - RATE * time_s
    return lat, np.mod(lon + math.pi, 2.0 * math.pi) - math.pi
