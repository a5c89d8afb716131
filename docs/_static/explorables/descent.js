/* The book's arithmetic, as far as figures need it: each function has the name of its
   twin in gdbook, against which a test holds it. */

const descent = (() => {
  "use strict";

  const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;

  /** Errors, loss and gradient of a line. */
  function line({ slope, intercept }, inputs, targets) {
    const errors = inputs.map((input, i) => slope * input + intercept - targets[i]);
    return {
      errors,
      loss: mean(errors.map((error) => error ** 2)),
      gradient: {
        slope: 2 * mean(errors.map((error, i) => error * inputs[i])),
        intercept: 2 * mean(errors),
      },
    };
  }

  return { line, mean };
})();
