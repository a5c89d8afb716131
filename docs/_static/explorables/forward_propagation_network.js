/* A network of two inputs, two hidden nodes and one output. */

explorable("forward_propagation_network", {
  compute: (state, { target }) => descent.two_layers({ ...state, target }),
  tell({ prediction, error }, _, { given }) {
    if (Math.abs(error) < 1e-9) return `The prediction is ${print(prediction)}. The error is 0.`;
    return `The prediction ${print(prediction)} misses the target ${print(given.target)} by ${print(error)}.`;
  },
});
