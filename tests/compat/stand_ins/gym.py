"""A stand-in for the package `gym` of 2017: its interface, and three environments that tutorials use.

Sources: CartPole: A. Barto, R. Sutton, C. Anderson, "Neuronlike adaptive elements that can solve
difficult learning control problems" (1983). MountainCar: R. Sutton, A. Barto, "Reinforcement Learning"
(1998), example 8.2. FrozenLake: the 4 x 4 grid in which a step goes the wrong way two times in three.
"""

import math

import numpy as np


class Box:
    """Points between two bounds."""

    def __init__(self, low, high):
        self.low, self.high = np.asarray(low, np.float32), np.asarray(high, np.float32)
        self.shape = self.low.shape


class Discrete:
    """The numbers 0 .. n-1."""

    def __init__(self, n, random):
        self.n, self.shape, self._random = n, (), random

    def sample(self):
        """Any of them."""
        return int(self._random.randint(self.n))


class Env:
    """What every environment has."""

    actions = 2

    def __init__(self):
        self.random = np.random.RandomState(0)
        self.action_space = Discrete(self.actions, self.random)

    @property
    def unwrapped(self):
        """The environment without a limit of steps; here there is none."""
        return self

    def seed(self, seed=None):
        """Start the random numbers anew."""
        self.random.seed(seed)
        return [seed]

    def render(self, mode="human", close=False):
        """Draws nothing."""

    def close(self):
        """Nothing to close."""


class CartPole(Env):
    """A pole on a cart that is pushed to the left (0) or to the right (1)."""

    x_threshold = 2.4
    theta_threshold_radians = math.radians(12)

    def __init__(self):
        super().__init__()
        bound = [2 * self.x_threshold, 3.4e38, 2 * self.theta_threshold_radians, 3.4e38]
        self.observation_space = Box([-b for b in bound], bound)

    def reset(self):
        """Nearly upright."""
        self.state = self.random.uniform(-0.05, 0.05, size=4)
        return np.array(self.state)

    def step(self, action):
        """One fiftieth of a second, by Euler's method."""
        x, speed, angle, turn = self.state
        gravity, cart, pole, half_length, force, dt = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
        total = cart + pole
        push = (force if action == 1 else -force) + pole * half_length * turn**2 * math.sin(angle)
        lever = half_length * (4 / 3 - pole * math.cos(angle) ** 2 / total)
        swing = (gravity * math.sin(angle) - math.cos(angle) * push / total) / lever
        acceleration = push / total - pole * half_length * swing * math.cos(angle) / total
        self.state = np.array([x, speed, angle, turn]) + dt * np.array([speed, acceleration, turn, swing])
        fell = abs(self.state[0]) > self.x_threshold or abs(self.state[2]) > self.theta_threshold_radians
        return np.array(self.state), 1.0, bool(fell), {}


class MountainCar(Env):
    """A weak car in a valley: push left (0), nothing (1), push right (2)."""

    actions = 3

    def __init__(self):
        super().__init__()
        self.observation_space = Box([-1.2, -0.07], [0.6, 0.07])

    def reset(self):
        """At rest near the bottom."""
        self.state = np.array([self.random.uniform(-0.6, -0.4), 0.0])
        return np.array(self.state)

    def step(self, action):
        """One step of the book's equations."""
        place, speed = self.state
        speed = np.clip(speed + 0.001 * (action - 1) - 0.0025 * math.cos(3 * place), -0.07, 0.07)
        place = np.clip(place + speed, -1.2, 0.6)
        speed = max(speed, 0) if place == -1.2 else speed
        self.state = np.array([place, speed])
        return np.array(self.state), -1.0, bool(place >= 0.5), {}


class FrozenLake(Env):
    """Sixteen fields, four holes, the goal in the last corner: left, down, right, up on slippery ice."""

    actions = 4
    lake = "SFFFFHFHFFFHHFFG"

    def __init__(self):
        super().__init__()
        self.observation_space = Discrete(16, self.random)

    def reset(self):
        """The first corner."""
        self.state = 0
        return self.state

    def step(self, action):
        """Where the ice lets one go."""
        row, column = divmod(self.state, 4)
        way = (action + self.random.randint(-1, 2)) % 4
        row = min(max(row + (way == 1) - (way == 3), 0), 3)
        column = min(max(column + (way == 2) - (way == 0), 0), 3)
        self.state = 4 * row + column
        field = self.lake[self.state]
        return self.state, float(field == "G"), field in "GH", {"prob": 1 / 3}


ENVIRONMENTS = {"CartPole": CartPole, "MountainCar": MountainCar, "FrozenLake": FrozenLake}


def make(name):
    """The environment of a name such as `CartPole-v0`.

    Raises:
        ValueError: there is no stand-in for it.
    """
    kind = name.split("-")[0]
    if kind not in ENVIRONMENTS:
        raise ValueError(f"the stand-in for gym has no {name}, only {', '.join(ENVIRONMENTS)}")
    return ENVIRONMENTS[kind]()
