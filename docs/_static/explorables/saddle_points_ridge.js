/* A start on, near or off the ridge, and the time until descent has left it. */

explorable("saddle_points_ridge", {
  compute({ exponent, learning_rate, steps, on_ridge }, { reach, exponents }) {
    const gradient = ([x, y]) => [x, y ** 3 - y];
    const loss = ([x, y]) => x ** 2 / 2 - y ** 2 / 2 + y ** 4 / 4;
    const rule = descent.GradientDescent(learning_rate);
    const distance = 10 ** exponent;
    const forecast = (from) => Math.log(reach / from) / Math.log(1 + learning_rate);
    let left = 0;
    for (let y = distance; Math.abs(y) <= reach; left += 1) y -= learning_rate * (y ** 3 - y);
    return {
      ...descent.path(loss, gradient, [1, on_ridge ? 0 : distance], rule, steps),
      beside: !on_ridge,
      left,
      forecast: forecast(distance),
      theory: exponents.map((each) => forecast(10 ** each)),
    };
  },
  tell({ left, forecast }, { exponent, on_ridge }) {
    if (on_ridge) return "On the ridge the slope across it is 0, and descent never leaves it.";
    return `From ${power(10 ** exponent)} beside the ridge it takes ${left} steps to leave it; theory says ${print(forecast)}.`;
  },
});
