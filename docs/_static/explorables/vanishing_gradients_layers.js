/* The layers of a fresh network, and the slope that reaches each of them. */

explorable("vanishing_gradients_layers", {
  compute({ depth, activation, initialise }, given) {
    const { inputs, targets, small, near_zero } = given;
    const scale = (n_in, n_out) =>
      ({ normal: small, glorot: Math.sqrt(6 / (n_in + n_out)), he: Math.sqrt(2 / n_in) })[
        initialise
      ];
    const drawn = given[initialise === "glorot" ? "uniform" : "normal"];
    const layers = [...drawn.slice(0, depth), drawn.at(-1)].map((rows, i) => ({
      weights: rows.map((row) =>
        row.map((each) => scale(rows.length, row.length) * (each / 100)),
      ),
      activation: descent.ACTIVATIONS[i < depth ? activation : "identity"],
    }));
    const passed = descent.forward_pass(layers, inputs);
    const slope = descent.softmax_cross_entropy_slope(passed.values.at(-1), targets);
    const sizes = descent
      .backward(layers, passed, slope)
      .slice(1, -1)
      .map((rows) => Math.sqrt(descent.mean(rows.flat().map((each) => each ** 2))));
    const n_nodes = inputs[0].length;
    const deviation = scale(n_nodes, n_nodes) / (initialise === "glorot" ? Math.sqrt(3) : 1);
    const expected = deviation * Math.sqrt(n_nodes) * near_zero[activation];
    const ratio = sizes[0] / sizes.at(-1);
    const numbered = sizes.map((_, i) => i + 1);
    return {
      layers: numbered,
      slopes: sizes.map((size) => size / sizes.at(-1)),
      between: numbered.slice(1),
      factors: sizes.slice(1).map((after, i) => sizes[i] / after),
      expected,
      theory: [expected, expected],
      factor: ratio ** (1 / (depth - 1)),
      ratio,
    };
  },
  tell({ ratio, factor, expected }, { depth }, { given }) {
    const met = depth === given.deepest && ratio >= given.goal;
    const task = met ? " A tenth or more comes through." : "";
    return `The slope at layer 1 is ${power(ratio)} times that at layer ${depth}, by a factor of ${print(factor, 2)} for each layer, where ${print(expected, 2)} is expected.${task}`;
  },
});
