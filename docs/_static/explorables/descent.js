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

  /** Weights and losses of so many steps of one weight. */
  function repeated({ input_value, weight, target, learning_rate, num_steps }) {
    const weights = [weight];
    for (let step = 0; step < num_steps; step += 1) {
      const now = { input_value, weight: weights[step], target, learning_rate };
      weights.push(weight_update(now).new_weight);
    }
    return { weights, losses: weights.map((w) => (w * input_value - target) ** 2) };
  }

  /** The values of a network of two inputs, two hidden nodes and one output. */
  function two_layers({ x1, x2, w11, w12, w21, w22, v1, v2, target }) {
    const hidden = [x1 * w11 + x2 * w21, x1 * w12 + x2 * w22];
    const prediction = hidden[0] * v1 + hidden[1] * v2;
    return { hidden, prediction, error: prediction - target };
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

  const GradientDescent = (rate) => ({
    init: () => undefined,
    update: (gradient) => [gradient.map((g) => -rate * g)],
  });

  const zeros = (params) => params.map(() => 0);

  const Momentum = (rate, momentum) => ({
    init: zeros,
    update(gradient, velocity) {
      const rolled = velocity.map((v, i) => momentum * v - rate * gradient[i]);
      return [rolled, rolled];
    },
  });

  const quotient = (rate, slopes, squares, epsilon) =>
    slopes.map((slope, i) => -((rate * slope) / (Math.sqrt(squares[i]) + epsilon)));

  const AdaGrad = (rate, epsilon = 1e-10) => ({
    init: zeros,
    update(gradient, sum) {
      const squares = sum.map((s, i) => s + gradient[i] ** 2);
      return [quotient(rate, gradient, squares, epsilon), squares];
    },
  });

  const RMSProp = (rate, decay = 0.9, epsilon = 1e-8) => ({
    init: zeros,
    update(gradient, mean) {
      const squares = mean.map((m, i) => decay * m + (1 - decay) * gradient[i] ** 2);
      return [quotient(rate, gradient, squares, epsilon), squares];
    },
  });

  const Adam = (rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8) => ({
    init: (params) => ({ step: 0, slopes: zeros(params), squares: zeros(params) }),
    update(gradient, state) {
      const step = state.step + 1;
      const slopes = state.slopes.map((m, i) => beta1 * m + (1 - beta1) * gradient[i]);
      const squares = state.squares.map(
        (s, i) => beta2 * s + (1 - beta2) * gradient[i] ** 2,
      );
      const mean = slopes.map((m) => m / (1 - beta1 ** step));
      const square = squares.map((s) => s / (1 - beta2 ** step));
      return [quotient(rate, mean, square, epsilon), { step, slopes, squares }];
    },
  });

  /** Places and losses of a descent in the plane; where it is flat, it stays. */
  function path(loss, gradient, start, rule, num_steps) {
    const places = [start];
    let state = rule.init(start);
    for (let step = 0; step < num_steps; step += 1) {
      const place = places[step];
      const slopes = gradient(place);
      let update;
      if (slopes.every((slope) => slope === 0)) update = slopes;
      else [update, state] = rule.update(slopes, state);
      places.push(place.map((each, i) => each + update[i]));
    }
    return {
      x: places.map(([x]) => x),
      y: places.map(([, y]) => y),
      losses: places.map(loss),
    };
  }

  const valley_loss = ([x, y]) => (x * x) / 10 + 2 * y * y;
  const valley_gradient = ([x, y]) => [x / 5, 4 * y];

  const ACTIVATIONS = {
    identity: { function: (sum) => sum, slope: () => 1 },
    sigmoid: {
      function: (sum) => 1 / (1 + Math.exp(-sum)),
      slope(sum) {
        const shrunk = Math.exp(-Math.abs(sum));
        return shrunk / (1 + shrunk) ** 2;
      },
    },
    tanh: { function: Math.tanh, slope: (sum) => 1 / Math.cosh(sum) ** 2 },
    ReLU: { function: (sum) => Math.max(sum, 0), slope: (sum) => +(sum > 0) },
    "leaky ReLU": {
      function: (sum) => (sum > 0 ? sum : 0.1 * sum),
      slope: (sum) => (sum > 0 ? 1 : 0.1),
    },
  };

  const transposed = (rows) => rows[0].map((_, column) => rows.map((row) => row[column]));

  /** Multiply two matrices, the second given by its columns. */
  const product = (rows, columns) =>
    rows.map((row) =>
      columns.map((column) => row.reduce((sum, each, i) => sum + each * column[i], 0)),
    );

  /** Values of dense layers without biases, and the sums that reached their nodes. */
  function forward_pass(layers, inputs) {
    const [values, memories] = [[inputs], []];
    for (const { weights, activation } of layers) {
      const sums = product(values.at(-1), transposed(weights));
      memories.push(sums);
      values.push(sums.map((row) => row.map(activation.function)));
    }
    return { values, memories };
  }

  /** Slopes of the loss along all values, from that along the predictions on. */
  function backward(layers, { memories }, slope) {
    const slopes = [slope];
    for (const [i, { weights, activation }] of [...layers.entries()].reverse()) {
      const along = slopes[0].map((row, n) =>
        row.map((each, k) => each * activation.slope(memories[i][n][k])),
      );
      slopes.unshift(product(along, weights));
    }
    return slopes;
  }

  function softmax_cross_entropy_slope(predictions, targets) {
    return predictions.map((scores, n) => {
      const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const whole = powers.reduce((sum, each) => sum + each, 0);
      return powers.map((each, k) => (each / whole - targets[n][k]) / predictions.length);
    });
  }

  return {
    ACTIVATIONS,
    AdaGrad,
    Adam,
    GradientDescent,
    Momentum,
    RMSProp,
    backward,
    forward_pass,
    linear_step,
    mean,
    path,
    repeated,
    softmax_cross_entropy_slope,
    two_layers,
    valley_gradient,
    valley_loss,
    weight_update,
  };
})();
