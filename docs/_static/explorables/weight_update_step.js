/* One weight: what a step's tangent promises, and what the step keeps. */

explorable("weight_update_step", {
  compute({ weight, learning_rate }, given) {
    const { input_value, target, bound, first_loss, flat } = given;
    const step = descent.weight_update({ input_value, weight, target, learning_rate });
    const { error, loss, slope, update, new_weight } = step;
    const new_loss = (new_weight * input_value - target) ** 2;
    const promised = loss + slope * update;
    const diverged = learning_rate >= bound && loss > 100 * first_loss;
    return {
      error,
      loss,
      of_loss: 2 * error,
      of_activation: 1,
      slope,
      update,
      new_weight,
      new_loss,
      promised,
      tangent: { x: [weight - 1, weight + 1], y: [loss - slope, loss + slope] },
      step: { x: [weight, new_weight], y: [loss, promised] },
      kept: { x: [new_weight, new_weight], y: [promised, new_loss] },
      ended: Math.abs(slope) <= flat ? "flat" : diverged ? "diverged" : "",
    };
  },
  tell(numbers, { weight, learning_rate }, { given }) {
    const { loss, new_loss, new_weight, promised, ended } = numbers;
    if (ended === "flat") return `Flat: the slope is not steeper than ${given.flat}.`;
    if (ended) {
      return `Diverged: the rate ${print(learning_rate)} is not below the bound ${print(given.bound)}.`;
    }
    const fell = loss - new_loss;
    const kept = `it ${fell < 0 ? "rises" : "falls"} by ${print(Math.abs(fell))}.`;
    const lands = new_loss <= given.lowest ? " The step lands on the floor." : "";
    return `A step leads from weight ${print(weight)} to ${print(new_weight)}. The tangent promises that the loss falls by ${print(loss - promised)}; ${kept}${lands}`;
  },
});
