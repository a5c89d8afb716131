/* One start for all rules, on the valley of the race. */

explorable("racing_rules_race", {
  compute({ x, y, steps, ...settings }) {
    const { AdaGrad, Adam, GradientDescent, Momentum, RMSProp } = descent;
    const rules = { descent: GradientDescent, AdaGrad, momentum: Momentum, RMSProp, Adam };
    const { path, valley_gradient, valley_loss } = descent;
    const run = ([name, Rule]) => {
      const parts = ["rate", "beta", "beta1", "beta2"];
      const own = parts.map((part) => settings[`${name}_${part}`]);
      const rule = Rule(...own.filter((each) => each !== undefined));
      return [name, path(valley_loss, valley_gradient, [x, y], rule, steps)];
    };
    return Object.fromEntries(Object.entries(rules).map(run));
  },
  tell(numbers, { x, y, steps }, { given: { goal, start, within } }) {
    const last = (name) => numbers[name].losses.at(-1);
    const names = Object.keys(numbers);
    if (!steps) return `All ${names.length} rules wait at the start.`;
    const [lowest, ...others] = names.sort((one, other) => last(one) - last(other));
    const met = last(others.at(-1)) < goal && steps <= within && x === start[0] && y === start[1];
    const found = met ? ` All of them are below ${goal}.` : "";
    return `After ${count(steps, "step")} ${lowest} is lowest, then ${others.join(", ")}.${found}`;
  },
});
