/* A point on the map of two weights, and what its model predicts. */

explorable("loss_functions_surface", {
  compute({ first, second }, { inputs, targets, places }) {
    const predictions = inputs.map(([one, other]) => first * one + second * other);
    const errors = predictions.map((prediction, i) => prediction - targets[i]);
    const squared = errors.map((error) => error ** 2);
    return {
      predictions,
      errors,
      squared,
      loss: descent.mean(squared),
      squares: errors.map((error, i) => {
        const [x, y, side] = [places[i], targets[i], Math.abs(error)];
        return { x: [x, x + side, x + side, x], y: [y, y, y + error, y + error] };
      }),
    };
  },
  tell({ loss }, { first, second }) {
    const met = loss < 1e-9 ? " They meet all targets." : "";
    return `The weights ${print(first)} and ${print(second)} have the loss ${print(loss)}.${met}`;
  },
});
