/* Two nodes side by side, and the bend between them and their sum. */

explorable("activations_stack", {
  compute({ activation, w1, b1, v1, w2, b2, v2 }, { inputs, targets, grid }) {
    const bend = descent.ACTIVATIONS[activation].function;
    const nodes = [
      (x) => v1 * bend(w1 * x + b1),
      (x) => v2 * bend(w2 * x + b2),
    ];
    const sum = (x) => nodes[0](x) + nodes[1](x);
    const predictions = inputs.map(sum);
    return {
      parts: nodes.map((node) => grid.map(node)),
      sum: grid.map(sum),
      predictions,
      loss: descent.mean(predictions.map((each, i) => (each - targets[i]) ** 2)),
    };
  },
  tell({ loss }, { activation }) {
    const how =
      activation === "identity"
        ? "With the identity every node is a line, and so is their sum"
        : `With ${activation} the nodes bend, and so does their sum`;
    const met = loss < 1e-9 ? " It meets all five points." : "";
    return `${how}. The mean squared error is ${print(loss)}.${met}`;
  },
});
