/* A network of two inputs, two hidden nodes and one output. */

explorable("forward_propagation_network", {
  compute({ x1, x2, w11, w12, w21, w22, v1, v2 }, { target }) {
    const hidden = [x1 * w11 + x2 * w21, x1 * w12 + x2 * w22];
    const prediction = hidden[0] * v1 + hidden[1] * v2;
    return { hidden, prediction, error: prediction - target };
  },
  tell({ prediction, error }, _, { given }) {
    if (Math.abs(error) < 1e-9) return `The prediction is ${print(prediction)}. The error is 0.`;
    return `The prediction ${print(prediction)} misses the target ${print(given.target)} by ${print(error)}.`;
  },
});
