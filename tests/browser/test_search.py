"""The search finds numbers as they are set and as they are typed, and what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from browser.pages import Reader, listed
from gdbook import exercises
from gdbook.formatting import format_number, typeset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

# The words that people arrive with, and the chapter that explains what they mean.
ARRIVALS = {
    "forward_propagation": (
        *("forward pass", "feedforward network", "multilayer perceptron"),
        *("weighted sum", "what is a bias", "hidden layer"),
    ),
    "loss_functions": (
        *("cost function", "objective function", "MSE", "mean squared error"),
        *("loss landscape", "sum of squared errors"),
    ),
    "slopes": (
        *("derivative", "finite differences", "numerical gradient", "tangent line"),
        *("numerical differentiation", "central difference"),
    ),
    "weight_update": (
        *("delta rule", "update rule", "one step of gradient descent"),
        *("how is a weight updated",),
    ),
    "gradient": (
        *("partial derivative", "steepest descent", "directional derivative"),
        *("gradient vector",),
    ),
    "linear_regression": (
        *("linear regression", "line of best fit", "least squares"),
        *("normal equations", "normal equation", "closed form solution"),
    ),
    "learning_rate": (
        *(
            "learning rate too high",
            "exploding loss",
            "loss is nan",
            "nan",
            "step size",
        ),
        *("my loss explodes", "loss goes up", "learning rate decay", "overshooting"),
        *("training diverges", "learning rate schedule", "why is my loss nan?"),
    ),
    "many_weights": (
        *("shape mismatch", "vectorization", "broadcasting", "stopping criterion"),
        *("batch gradient descent", "multiple outputs"),
    ),
    "conditioning": (
        *("feature scaling", "collinear", "multicollinearity", "condition number"),
        *("normalization of inputs", "normalisation of inputs", "standardization"),
        *("standardise", "zigzag", "zig-zag", "ill-conditioned", "slow convergence"),
        *("correlated features", "how do I scale my features?", "hessian"),
    ),
    "stochastic_gradient": (
        *("SGD", "SGD noise", "mini-batch", "minibatch", "batch size", "epoch"),
        *("stochastic gradient descent", "shuffling"),
    ),
    "momentum": (
        *("momentum", "Nesterov", "heavy ball", "Nesterov accelerated gradient"),
        *("oscillation",),
    ),
    "adaptive_rates": (*("Adam", "AdaGrad", "RMSProp", "bias correction", "beta1"),),
    "racing_rules": (*("AdamW", "AMSGrad", "which optimizer", "which optimiser"),),
    "saddle_points": (
        *("saddle point", "local minimum", "local minima", "stuck in training"),
        *("negative curvature",),
    ),
    "beyond_one_machine": (
        *("Dask", "distributed training", "data parallel", "mapreduce", "out of core"),
        *("larger than memory", "cluster", "synchronous SGD"),
    ),
    "activations": ("activation function", "nonlinearity", "sigmoid", "GELU", "SiLU"),
    "class_scores": (
        *("one-hot", "one hot encoding", "softmax overflow", "log of zero", "logits"),
        *("softmax", "numerical stability", "binary cross-entropy"),
        *("logistic regression",),
    ),
    "backpropagation": (
        *("backprop", "chain rule", "gradient checking", "autograd", "backward pass"),
        *("automatic differentiation", "backpropagation from scratch"),
    ),
    "training": ("XOR", "training loop", "train a neural network from scratch"),
    "vanishing_gradients": (
        *("vanishing gradient", "exploding gradients", "dying ReLU", "dead relu"),
        *("Xavier initialization", "Glorot", "He initialisation", "batch norm"),
        *("batch normalization", "weight initialization", "leaky relu"),
    ),
    "deep_networks": (
        *("residual connection", "skip connection", "ResNet", "layer norm"),
        *("gradient clipping", "batch norm at inference"),
    ),
    "validation": (
        *("cross validation", "k-fold", "data leakage", "stratified split"),
        *("imbalanced accuracy", "train test split", "reproducibility", "random seed"),
        *("generalization", "hold out set"),
    ),
    "early_stopping": (
        *("early stopping", "patience", "restore best weights", "checkpoint"),
        *("reduce learning rate on plateau", "resume training"),
    ),
    "capacity": (
        *("overfitting", "underfitting", "dropout", "bias variance tradeoff"),
        *("number of parameters", "noisy labels", "regularization"),
    ),
    "rare_classes": (
        *("confusion matrix", "precision", "recall", "F1 score", "class imbalance"),
        *("precision recall curve",),
    ),
    "weight_decay": (
        *("weight decay", "L2 regularization", "ridge regression", "double descent"),
        *("data augmentation",),
    ),
    "in_keras": ("Keras", "tensorflow", "pytorch", "model.fit", "keras callbacks"),
}

# The same number in a row, as the book sets it and as people type it.
ALIKE = (
    ("−24", "-24", "−24.0"),
    ("24", "24.", "+24"),
    ("1797", "1,797", "1\u202f797", "1.797e3", "1797.0"),
    ("0.82", ".82", "0.820", "82e-2"),
    ("56/25", "56 / 25", "56⁄25", "Fraction(56, 25)"),
    ("−56/25", "-56/25", "Fraction(-56, 25)"),
    ("12.5 %", "12.5%", "12.5\u202f%", "12.5 percent", "12.5 per cent"),
    ("10⁻⁹", "1e-9", "1E-09", "10^-9", "10^{-9}", "10**-9", "0.000000001", "1 × 10⁻⁹"),
    ("2.5 × 10²⁵", "2.5e25", "2.5e+25", "2.5*10^25", "2.5·10²⁵"),
    ("1000000", "1,000,000", "10⁶", "1e6"),
    ("0", "0.0", "0e5"),
    ("3.14.1",),
)

# Where a number is computed.
COMPUTED = {
    "chapters/weight_update": (
        *("−24", "-24", "0.24", ".24", "2.24", "−3.28", "0.82", "-2.2055"),
        "2.2400",
    ),
    "chapters/linear_regression": ("5.4", "0.54"),
    "chapters/validation": ("1797", "1,797"),
    "chapters/vanishing_gradients": ("10 %",),
    "chapters/learning_rate": ("10⁻⁹", "1e-9", "10^-9"),
    "reference_training": ("56/25", "Fraction(56, 25)"),
}


class Finds:
    """A page of the search, asked without a reload."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def chapters(self, queries: list[str]) -> dict[str, list[str]]:
        """Return the pages of the first results for each query."""
        found: dict[str, list[str]] = self._page.evaluate(
            "(queries) => Object.fromEntries(queries.map((query) =>"
            " [query, Search.find(query).slice(0, 4).map((found) =>"
            " found.page.replace('.html', ''))]))",
            queries,
        )
        return found

    def places(self, queries: list[str]) -> dict[str, list[str]]:
        """Return the places of all results for each query."""
        found: dict[str, list[str]] = self._page.evaluate(
            "(queries) => Object.fromEntries(queries.map((query) =>"
            " [query, Search.find(query).map((found) =>"
            " `${found.page}#${found.anchor}`)]))",
            queries,
        )
        return found

    def forms(self, text: str) -> list[Any]:
        """Return the numbers of a text, in the form that is compared."""
        found: list[Any] = self._page.evaluate(
            "(text) => Search.numbers(text).map(({ forms }) => forms[0])", text
        )
        return found


@pytest.fixture(scope="module")
def finds(browser: Browser, address: str) -> Iterator[Finds]:
    """Open the search once."""
    reader = Reader(browser, address)
    page = reader.open("search?q=slope")
    page.locator("#search-results li").first.wait_for()
    yield Finds(page)
    reader.close()


class TestWords:
    """Whoever knows another word for a thing comes to the page that explains it."""

    def test_arrivals(self, finds: Finds) -> None:
        """The first result is the chapter, for every word that people arrive with."""
        assert {*ARRIVALS} == {*exercises.__all__}
        found = finds.chapters([word for words in ARRIVALS.values() for word in words])
        wrong = [
            f"{word!r} leads to {found[word]}, not to {chapter}"
            for chapter, words in ARRIVALS.items()
            for word in words
            if found[word][:1] != [f"chapters/{chapter}"]
        ]
        assert not wrong, listed(wrong)

    def test_names_come_first(self, finds: Finds) -> None:
        """Whoever knows the full name of a function looks for its reference."""
        name = "gdbook.optimizers.Adam"
        assert finds.places([name])[name][0] == f"reference.html#{name}"


class TestNumbers:
    """A number is found however it is typed."""

    def test_alike(self, finds: Finds) -> None:
        """Equal numbers are one, and others are others."""
        forms = [[finds.forms(text) for text in row] for row in ALIKE]
        assert [len(form) for row in forms for form in row] == [1] * sum(
            map(len, ALIKE)
        )
        for row, texts in zip(forms, ALIKE, strict=True):
            assert row == [row[0]] * len(row), texts
        assert len({str(row[0]) for row in forms}) == len(ALIKE)

    def test_as_the_book_sets_them(self, finds: Finds) -> None:
        """What the library typesets is found by what Python prints."""
        for digits in (1, 25, 407, 123456789):
            for power in range(-30, 31):
                for number in (digits * 10.0**power, -digits * 10.0**power):
                    text = format_number(number)
                    assert finds.forms(typeset(text)) == finds.forms(text), text

    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("w1, L2 and beta1", []),
            ("x-24", ["24"]),
            ("w − 24", ["24"]),
            ("(-24)", ["-24"]),
            ("w=-24", ["-24"]),
            ("2,3", ["2", "3"]),
            ("[1, 100]", ["1", "100"]),
            ("100 000", ["100", "0"]),
            ("3x = 1/2.", ["3", "1/2"]),
            ("4/n", ["4"]),
            ("1–9", ["1", "9"]),
        ],
    )
    def test_in_their_surroundings(
        self, finds: Finds, text: str, numbers: list[str]
    ) -> None:
        """A minus at its digits is a sign, and digits in names are none."""
        assert finds.forms(text) == [finds.forms(number)[0] for number in numbers]

    def test_place(self, finds: Finds) -> None:
        """The first result is where the number is computed."""
        found = finds.chapters([text for texts in COMPUTED.values() for text in texts])
        wrong = [
            f"{text!r} leads to {found[text]}, not to {page}"
            for page, texts in COMPUTED.items()
            for text in texts
            if found[text][:1] != [page]
        ]
        assert not wrong, listed(wrong)

    def test_signs_matter_to_who_types_them(self, finds: Finds) -> None:
        """24 is found in −24, and −24 in no 24."""
        words = ["24", "−24"]
        found = finds.places(words)
        assert set(found["−24"]) < set(found["24"])
