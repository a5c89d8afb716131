"""Hypothesis draws the same examples in every run, however slow the machine."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "reproducible",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.differing_executors,  # mutmut repeats the tests in one process
    ],
)
settings.load_profile("reproducible")
