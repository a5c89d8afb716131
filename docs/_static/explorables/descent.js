/* The book's arithmetic, as far as figures need it: each function has the name of its
   twin in gdbook, against which a test holds it. */

const descent = (() => {
  "use strict";

  const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;

  /** One step of one weight, from its three factors on. */
  function weight_update({ input_value, weight, target, learning_rate }) {
    const error = weight * input_value - target;
    const slope = 2 * error * input_value;
    const update = -learning_rate * slope;
    return { error, loss: error ** 2, slope, update, new_weight: weight + update };
  }

  /** One step of a line. */
  function linear_step({ inputs, targets, slope, intercept, learning_rate }) {
    const errors = inputs.map((input, i) => slope * input + intercept - targets[i]);
    const slope_gradient = 2 * mean(errors.map((error, i) => error * inputs[i]));
    const intercept_gradient = 2 * mean(errors);
    return {
      errors,
      loss: mean(errors.map((error) => error ** 2)),
      slope_gradient,
      intercept_gradient,
      new_slope: slope - learning_rate * slope_gradient,
      new_intercept: intercept - learning_rate * intercept_gradient,
    };
  }

  return { linear_step, mean, weight_update };
})();
