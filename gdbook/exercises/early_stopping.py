"""Exercises on stopping in time."""

from gdbook.examples.early_stopping import HAND, patiences, to_the_end, waiting
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction

LEVEL = (5, 4, 4, 4, 3, 4, 5, 2, 6, 7, 8)


@exercise(
    right=lambda losses, patience: waiting(losses, patience).stop_epoch,
    cases=[(HAND, 1), (HAND, 2), (LEVEL, 2), (LEVEL, 3)],
    mistakes={
        "You stopped one epoch late: it is over once as many epochs as the patience were in vain.": (
            "== patience",
            "> patience",
        ),
        "A loss that only equals the best is no improvement.": (
            "loss < losses[best]",
            "loss <= losses[best]",
        ),
        "Compare with the best loss so far, not with the one before.": (
            "losses[best]:",
            "losses[max(epoch - 1, 0)]:",
        ),
        "That is the epoch whose weights you keep: say when the training ends.": (
            "return epoch\n",
            "return best\n",
        ),
    },
)
def stop(losses, patience):
    """Remember where the best loss was, and count how long ago that is."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best == patience:
            return epoch
    return len(losses) - 1


@exercise(
    right=lambda losses, patience: waiting(losses, patience).best_epoch,
    cases=[(HAND, 1), (HAND, 2), (LEVEL, 2), (LEVEL, 3)],
    mistakes={
        "Those are the weights at the stop: the best ones are older.": (
            "return best",
            "return epoch",
        ),
        "You read on behind the stop: whoever stops does not know those losses.": (
            "break",
            "continue",
        ),
        "Of equal losses the first one counts.": (
            "loss < losses[best]",
            "loss <= losses[best]",
        ),
    },
)
def keep(losses, patience):
    """Go on until the stop, and give back where the best loss was by then."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return best


@exercise(
    right=lambda *given: waiting(*given).stop_epoch,
    cases=[
        (HAND, 2, 1),
        (HAND, 3, 2),
        (LEVEL, 3, 1),
        ((9, 7, 7.5, 8, 5, 6, 6, 6), 2, 1),
    ],
    mistakes={
        "You asked for no least improvement.": (" - least_improvement", ""),
        "With a plus, a loss that grows a little counts as an improvement.": (
            " - least_improvement",
            " + least_improvement",
        ),
        "You stopped one epoch late.": ("== patience", "> patience"),
    },
)
def stop_in_vain(losses, patience, least_improvement):
    """A loss counts as better only where it lies below the best by more than `least_improvement`."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best] - least_improvement:
            best = epoch
        if epoch - best == patience:
            return epoch
    return len(losses) - 1


@prediction()
def validation_loss():
    """It turns: what is learned later is learned by heart."""
    losses = to_the_end().validation_losses
    right, wrong = either(losses[-1] > 1.2 * min(losses), "turn", "settle")
    return right, {
        "So does the training loss; these samples were not trained on.": "fall",
        "It would settle if later epochs taught nothing, but they teach what is not so.": wrong,
    }


@prediction(asks="The least loss is found with a patience of")
def patient_enough():
    """It waits long enough for the loss to fall again, and again."""
    hands = patiences()
    found = {str(hand.patience): hand.best_loss == min(hand.losses) for hand in hands}
    right = next(patience for patience, least in found.items() if least)
    words = {
        "1": "It stops at the first loss that is higher than the one before.",
        "2": "It stops one epoch before the loss falls to its least.",
        "3": "A shorter patience finds it, too.",
    }
    return right, {words[wrong]: wrong for wrong in found if wrong != right}
