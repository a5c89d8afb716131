/* Values forward, slopes backward, and the update of every weight. */

explorable("backpropagation_backward", {
  compute(state, { inputs, flat, diverged }) {
    const { learning_rate, v1, v2 } = state;
    const [x1, x2] = inputs;
    const { hidden, prediction, error } = descent.two_layers({ ...state, x1, x2 });
    const loss = error ** 2;
    const loss_slope = 2 * error;
    const hidden_slopes = [loss_slope * v1, loss_slope * v2];
    const slope = {
      w11: hidden_slopes[0] * x1,
      w21: hidden_slopes[0] * x2,
      w12: hidden_slopes[1] * x1,
      w22: hidden_slopes[1] * x2,
      v1: loss_slope * hidden[0],
      v2: loss_slope * hidden[1],
    };
    const names = Object.keys(slope);
    const steepest = Math.max(...names.map((name) => Math.abs(slope[name])));
    const after = (name) => [name, state[name] - learning_rate * slope[name]];
    return {
      hidden,
      prediction,
      error,
      loss,
      slope,
      hidden_slopes,
      loss_slope,
      next: Object.fromEntries(names.map(after)),
      ended: steepest <= flat ? "flat" : loss > diverged ? "diverged" : "",
    };
  },
  tell({ prediction, loss, loss_slope, ended }, _, { before }) {
    if (ended === "flat") return `The prediction is ${print(prediction)}. No slope is left.`;
    if (ended) return `Diverged: the loss is ${power(loss)}.`;
    if (before) {
      const how = loss > before.loss ? "rises" : "falls";
      return `With the step of all weights the loss ${how} from ${power(before.loss)} to ${power(loss)}.`;
    }
    return `The prediction ${print(prediction)} has the loss ${power(loss)}. Its slope along the prediction is ${print(loss_slope)}.`;
  },
});
