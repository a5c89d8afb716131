"""The figures of the chapter `in_keras` show their traces."""

from drawings import Contract, Kind, pictures

from gdbook.examples import in_keras
from gdbook.plotting import in_keras as draw

KINDS = [
    Kind(
        draw.keras_losses,
        lambda: in_keras.SameLosses(
            ("descent", "Adam"),
            ((0.5, 0.25, 0.125), (0.5, 0.375, 0.25)),
            ((0.5, 0.25, 0.1), (0.5, 0.375, 0.25)),
            (0.2, 0.0),
            *(33, 100, (0.5, 0.25)),
        ),
        (
            *("over 2 steps", "With descent it falls from 0.5 to 0.125", "by 0.2 of"),
            "with Adam from 0.5 to 0.25, differing by 0.001.",
        ),
        # The dots of the second rule start at its third step.
        marks=((0, 0.5), (2, 0.25)),
    ),
    Kind(
        draw.keras_run,
        lambda: in_keras.recorded(
            {
                "loss": [1, 0.5, 0.25],
                "val_loss": [1, 0.5, 0.75],
                "learning_rate": [0.5, 0.5, 0.25],
            }
        ),
        (
            *("over 3 epochs", "from 1 to 0.25", "least, 0.5, at epoch 2"),
            *("ends at 0.75", "falls before epoch 3."),
        ),
        marks=((2, 0.5),),
        notes=(("best: epoch 2", (2, 0.5)),),
    ),
    Kind(
        draw.keras_slopes,
        lambda: in_keras.DeepSlopes(
            ("sigmoid", "ReLU", "other"),
            ((1e-6, 1e-3), (0.02, 0.01), (0.5, 0.25)),
            (1e-3, 2, 2),
        ),
        (
            *("layers 1 to 2", "10⁻⁶ for sigmoid, 0.02 for ReLU and 0.5 for other"),
            "in the last one 0.001, 0.01 and 0.25.",
        ),
        marks=((1, 1e-6), (2, 1e-3), (1, 0.02), (2, 0.01), (1, 0.5), (2, 0.25)),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
