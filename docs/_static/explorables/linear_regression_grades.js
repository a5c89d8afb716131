/* A line over hours and grades: the reader moves it, or descent does. */

{
  const equation = (m, b) => `y = ${print(m)} x ${b < 0 ? "−" : "+"} ${print(Math.abs(b))}`;

  explorable("linear_regression_grades", {
    compute({ slope, intercept, learning_rate, best }, given) {
      const { hours, grades, ends, high, bound } = given;
      const line = { inputs: hours, targets: grades, slope, intercept, learning_rate };
      const step = descent.linear_step(line);
      const { errors, loss, new_slope, new_intercept } = step;
      const steepest = Math.max(
        Math.abs(step.slope_gradient),
        Math.abs(step.intercept_gradient),
      );
      const diverged = learning_rate > bound && loss > given.diverged;
      const edge = slope >= 0 ? high - 0.5 : 0.5;
      const reach = slope ? Math.min(9, Math.max(1.5, (edge - intercept) / slope)) : 9;
      return {
        line: ends.map((x) => slope * x + intercept),
        errors: hours.map((x, i) => ({ x: [x, x], y: [grades[i], grades[i] + errors[i]] })),
        squares: hours.map((x, i) => {
          const [y, error] = [grades[i], errors[i]];
          return { x: [x, x + error, x + error, x], y: [y, y, y + error, y + error] };
        }),
        squared: errors.map((error) => error ** 2),
        loss,
        turn: { x: reach, y: slope * reach + intercept },
        new_slope,
        new_intercept,
        ended: steepest <= given.flat ? "flat" : diverged ? "diverged" : "",
        best,
      };
    },
    drag: {
      slope: ({ x, y }, { intercept }) => ({ slope: (y - intercept) / Math.max(x, 1.5) }),
    },
    tell({ loss, ended }, { slope, intercept, learning_rate, best }, { before, given, taken }) {
      const rate = `the learning rate ${print(learning_rate)}`;
      const bound = `above the bound ${print(given.bound)}`;
      if (taken && ended === "diverged") {
        return `Diverged after ${count(taken, "step")}: with ${rate}, ${bound}, every step overshoots by more than the last.`;
      }
      if (taken && ended) {
        return `Flat after ${count(taken, "step")}: no slope of the loss is steeper than ${given.flat}.`;
      }
      if (before) {
        const rose = loss > before.loss;
        const why = rose && learning_rate > given.bound ? `, because ${rate} is ${bound}` : "";
        return `Step ${taken}: the mean squared error ${rose ? "rose" : "fell"} from ${print(before.loss)} to ${print(loss)}${why}.`;
      }
      const here = `he line ${equation(slope, intercept)} has mean squared error ${print(loss)}.`;
      const shown = best
        ? ` The best line is ${equation(given.best_slope, given.best_intercept)}, with mean squared error ${print(given.best_loss)}.`
        : "";
      return `${taken ? `After ${count(taken, "step")} t` : "T"}${here}${shown}`;
    },
  });
}
