/* The cover's worked step, and those behind it. */

explorable("weight_update_first", {
  compute({ steps }, { input_value, target, first_rate, first_weight }) {
    const weights = [first_weight];
    for (let step = 0; step < steps; step += 1) {
      const weight = weights[step];
      const now = { input_value, weight, target, learning_rate: first_rate };
      weights.push(descent.weight_update(now).new_weight);
    }
    return { weights, losses: weights.map((w) => (w * input_value - target) ** 2) };
  },
  tell({ weights, losses }, { steps }) {
    if (!steps) return `The weight is ${print(weights[0])}, and the loss ${print(losses[0])}.`;
    const many = steps === 1 ? "One step takes" : `${steps} steps take`;
    return `${many} the weight from ${print(weights[0])} to ${print(weights.at(-1))}, and the loss from ${print(losses[0])} to ${power(losses.at(-1))}.`;
  },
});
