/* The cover's worked step, and those behind it. */

explorable("weight_update_first", {
  compute({ steps }, { input_value, target, first_rate, first_weight }) {
    return descent.repeated({
      input_value,
      weight: first_weight,
      target,
      learning_rate: first_rate,
      num_steps: steps,
    });
  },
  tell({ weights, losses }, { steps }) {
    if (!steps) return `The weight is ${print(weights[0])}, and the loss ${print(losses[0])}.`;
    const many = steps === 1 ? "One step takes" : `${steps} steps take`;
    return `${many} the weight from ${print(weights[0])} to ${print(weights.at(-1))}, and the loss from ${print(losses[0])} to ${power(losses.at(-1))}.`;
  },
});
