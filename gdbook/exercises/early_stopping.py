"""Exercises on stopping in time."""

import math

from gdbook.examples.early_stopping import (
    HAND,
    dealt_floors,
    patiences,
    resume_training,
    stop_early,
    swap_roles,
    three_parts,
    to_the_end,
    waiting,
)
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


@prediction(asks="It comes from")
def why_the_end_is_worse():
    """Nearly the same tumours are told wrongly, and the network has grown surer of them."""
    run = stop_early()
    first, last = map(math.log, run.least_probabilities)
    surest = (first - last) / three_parts().sizes[1]
    right, wrong = either(
        surest > (run.losses[1] - run.losses[0]) / 2,
        "mistakes that are surer",
        "many more mistakes",
    )
    return right, {
        "Few answers change: what a mistake costs depends on how sure it is.": wrong,
        "The longer it trains, the surer it is of what it says, right or wrong.": "answers that are unsure",
    }


@prediction(asks="The floor sinks")
def floor_of_dealt():
    """What one batch of an epoch adds, the others take back in part."""
    found = dealt_floors(num_rates=2, num_epochs=10, num_seeds=1)
    high, low = found.floors
    first, second = found.learning_rates
    right, wrong = either(
        high / low > 1.5 * first / second, "more than the rate", "as much as the rate"
    )
    return right, {
        "So it is for samples that are drawn anew: dealt ones make up for one another within an epoch.": wrong,
        "What the batches take back is the more, the less the weights move between them.": "less than the rate",
    }


@prediction(asks="It ends")
def resumed_without_memory():
    """Adam steps by what it remembers of the slopes before, and has to begin anew."""
    found = resume_training(num_epochs=3, interrupted_after=2)
    right, wrong = either(found.differences[1] > 1e-6, "visibly off", "off by rounding")
    return right, {
        "Weights and batches are those of the run in one piece: what else makes a step of Adam?": "the same to the bit",
        "A step without its memory is another step, and not the same one rounded.": wrong,
    }


@prediction(asks="The judge says")
def easier_judge():
    """The chooser is flattered, and still the judge is the easier part."""
    swap = swap_roles()
    right, wrong = either(
        swap.other_losses[1] < swap.own_losses[1],
        "less than the chooser",
        "more than the chooser",
    )
    return right, {
        "So it is on average over both roles: here the judge is the easier part.": wrong,
        "The two would agree if both parts liked the same epoch, and were equally hard.": "as much as the chooser",
    }
