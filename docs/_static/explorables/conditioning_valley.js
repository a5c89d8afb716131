/* A valley as narrow as the reader wants it, and the best rate to cross it. */

explorable("conditioning_valley", {
  compute({ condition_number, learning_rate, steps }, { steepest, start, shares }) {
    const curvatures = [steepest / condition_number, steepest];
    const run = descent.path(
      ([x, y]) => (curvatures[0] * x * x + curvatures[1] * y * y) / 2,
      (place) => place.map((each, i) => curvatures[i] * each),
      start,
      descent.GradientDescent(learning_rate),
      steps,
    );
    const [flat, steep] = curvatures.map((each) => 1 - learning_rate * each);
    const radii = curvatures.map((each) => Math.sqrt((2 * run.losses[0]) / each));
    const angles = Array.from({ length: 49 }, (_, turn) => (2 * Math.PI * turn) / 48);
    return {
      ...run,
      along: run.x.map((x) => Math.abs(x / start[0])),
      across: run.y.map((y) => Math.abs(y / start[1])),
      flat,
      steep,
      best: 2 / (curvatures[0] + curvatures[1]),
      contours: shares.map((share) => ({
        x: angles.map((angle) => Math.sqrt(share) * radii[0] * Math.cos(angle)),
        y: angles.map((angle) => Math.sqrt(share) * radii[1] * Math.sin(angle)),
      })),
    };
  },
  tell({ flat, steep, best }, { learning_rate }) {
    const [along, across] = [Math.abs(flat), Math.abs(steep)];
    const factors = `A step multiplies the error along the valley by ${print(flat)} and across it by ${print(steep)}`;
    if (across > 1) return `${factors}: descent diverges.`;
    const found = print(learning_rate) === print(best, 2);
    if (found) return `${factors}. That is the best rate, to two digits.`;
    return `${factors}: the part ${along > across ? "along" : "across"} it decides.`;
  },
});
