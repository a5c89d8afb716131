/* One weight, and the learning rate across its bound. */

explorable("learning_rate_bound", {
  compute({ learning_rate, steps }, { input_value, target, first_weight }) {
    const [weight, num_steps] = [first_weight, steps];
    return {
      ...descent.repeated({ input_value, weight, target, learning_rate, num_steps }),
      factor: 1 - 2 * learning_rate * input_value ** 2,
    };
  },
  tell({ factor, losses }, { steps }, { given }) {
    const how =
      factor > 0
        ? "creeps down on one side"
        : factor > -1
          ? "swings from side to side, and comes nearer"
          : `swings wider and wider, for the rate is above the bound ${print(given.bound)}`;
    const { goal, within } = given;
    const met = steps <= within && losses.at(-1) < goal;
    const task = met ? ` Below ${goal} within ${within} steps: done.` : "";
    return `Every step multiplies the error by ${print(factor)}: descent ${how}. After ${count(steps, "step")} the loss is ${power(losses.at(-1))}.${task}`;
  },
});
