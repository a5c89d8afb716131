/* The map of rate and momentum, along one curvature. */

explorable("momentum_map", {
  compute({ learning_rate, momentum }, { near, steps }) {
    const middle = (1 + momentum - learning_rate) / 2;
    const spread = middle * middle - momentum;
    const factor =
      spread < 0 ? Math.sqrt(momentum) : Math.abs(middle) + Math.sqrt(spread);
    const critical = (1 - Math.sqrt(learning_rate)) ** 2;
    const distances = [1];
    let velocity = 0;
    for (let step = 0; step < steps; step += 1) {
      velocity = momentum * velocity - learning_rate * distances[step];
      distances.push(distances[step] + velocity);
    }
    let regime = spread > 0 ? "creeps" : "swings";
    if (factor > 1) regime = "diverges";
    if (Math.abs(momentum - critical) < near) regime = "critical";
    if (Math.abs(factor - 1) < near) regime = "stuck";
    return { distances, factor, critical, regime };
  },
  tell({ factor, regime }, { learning_rate }) {
    const long = `in the long run by a factor of ${print(factor)} in each step.`;
    if (regime === "stuck") return `The distance stays as large as it is, ${long}`;
    if (regime === "diverges") return `The distance grows, ${long}`;
    if (regime === "critical") return `The damping is critical. The distance shrinks, ${long}`;
    if (regime === "swings") return `The distance swings and shrinks, ${long}`;
    const sides = learning_rate > 1 ? "alternates and shrinks" : "creeps down";
    return `The distance ${sides}, ${long}`;
  },
});
