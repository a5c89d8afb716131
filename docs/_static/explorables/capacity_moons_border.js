/* A network of the width that the reader chooses, trained on two moons. */

"use strict";

{
  const held = {}; // the last training, which more steps carry on

  const moved = ({ places, noise }, size) =>
    places.map((place, i) => place.map((each, k) => each + size * noise[i][k]));

  /** The hidden nodes and the score of one point. */
  function forward(params, [x, y]) {
    const width = (params.length - 1) / 4;
    const hidden = Array(width);
    let score = params[4 * width];
    for (let k = 0; k < width; k += 1) {
      hidden[k] = Math.tanh(x * params[k] + y * params[width + k] + params[2 * width + k]);
      score += hidden[k] * params[3 * width + k];
    }
    return { hidden, score };
  }

  const surprise = ({ score }, target) =>
    Math.abs(score) * (score > 0 ? 1 - target : target) +
    Math.log1p(Math.exp(-Math.abs(score)));

  const loss = (passed, targets) =>
    descent.mean(passed.map((each, i) => surprise(each, targets[i])));

  function gradient(params, passed, points, targets) {
    const width = (params.length - 1) / 4;
    const slopes = Array(params.length).fill(0);
    for (const [i, { hidden, score }] of passed.entries()) {
      const less_likely = 1 / (1 + Math.exp(Math.abs(score)));
      const error = score > 0 ? 1 - targets[i] - less_likely : less_likely - targets[i];
      const of_score = error / points.length;
      for (let k = 0; k < width; k += 1) {
        const of_sum = of_score * params[3 * width + k] * (1 - hidden[k] ** 2);
        slopes[k] += of_sum * points[i][0];
        slopes[width + k] += of_sum * points[i][1];
        slopes[2 * width + k] += of_sum;
        slopes[3 * width + k] += of_score * hidden[k];
      }
      slopes[4 * width] += of_score;
    }
    return slopes;
  }

  /** The parameters after every step, with both losses. */
  function trained({ width, learning_rate, noise, steps }, given) {
    const { training_points, validation_points, starts } = given;
    const key = [width, learning_rate, noise].join();
    if (held.key !== key) {
      const rule = descent.Adam(learning_rate);
      const [inputs, unseen] = [training_points, validation_points].map((drawn) =>
        moved(drawn, noise),
      );
      const params = [starts[width - 1]];
      const state = rule.init(params[0]);
      Object.assign(held, { key, rule, inputs, unseen, params, state });
      Object.assign(held, { training: [], validation: [] });
    }
    const { rule, inputs, unseen, params, training, validation } = held;
    while (training.length <= steps) {
      const now = params[training.length];
      const passed = inputs.map((point) => forward(now, point));
      const seen = unseen.map((point) => forward(now, point));
      training.push(loss(passed, training_points.targets));
      validation.push(loss(seen, validation_points.targets));
      const slopes = gradient(now, passed, inputs, training_points.targets);
      const [update, state] = rule.update(slopes, held.state);
      held.state = state;
      params.push(now.map((each, k) => each + update[k]));
    }
    return held;
  }

  /** Where the scores pass a level: two ends in each cell of the grid, or four. */
  function line_at(level, scores, { across, up }) {
    const ends = { x: [], y: [] };
    for (let row = 0; row + 1 < up.length; row += 1) {
      for (let column = 0; column + 1 < across.length; column += 1) {
        const corners = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]].map(([down, right]) => ({
          x: across[column + right],
          y: up[row + down],
          score: scores[row + down][column + right] - level,
        }));
        for (const [i, one] of corners.slice(0, 4).entries()) {
          const other = corners[i + 1];
          if (one.score > 0 === other.score > 0) continue;
          const part = one.score / (one.score - other.score);
          ends.x.push(one.x + part * (other.x - one.x));
          ends.y.push(one.y + part * (other.y - one.y));
        }
      }
    }
    return ends;
  }

  explorable("capacity_moons_border", {
    compute(state, given) {
      const { inputs, params, ...run } = trained(state, given);
      const [training, validation] = [run.training, run.validation].map((losses) =>
        losses.slice(0, state.steps + 1),
      );
      const least = Math.min(...validation);
      const best = { step: validation.indexOf(least), loss: least };
      const moon = (label) => {
        const { targets } = given.training_points;
        const points = inputs.filter((_, i) => targets[i] === label);
        return { x: points.map(([x]) => x), y: points.map(([, y]) => y) };
      };
      const { across, levels, up } = given;
      const now = params[state.early ? best.step : state.steps];
      const scores = up.map((y) => across.map((x) => forward(now, [x, y]).score));
      const lines = Object.entries(levels).map(([name, level]) => [
        name,
        line_at(level, scores, given),
      ]);
      return {
        ...Object.fromEntries(lines),
        upper: moon(0),
        lower: moon(1),
        training,
        validation,
        loss: training.at(-1),
        validation_loss: validation.at(-1),
        best,
      };
    },
    tell({ loss, validation_loss, best }, { noise, steps }, { given }) {
      const least =
        best.step === steps
          ? "It has not been lower before."
          : `It was least after step ${best.step}, at ${print(best.loss)}.`;
      const { goal, least_noise } = given;
      const met = validation_loss < goal && noise >= least_noise;
      const found = met ? ` It is below ${goal}.` : "";
      return `After ${count(steps, "step")} the training loss is ${print(loss)} and the validation loss ${print(validation_loss)}.${found} ${least}`;
    },
  });
}
