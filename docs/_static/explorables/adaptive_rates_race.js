/* One start for all rules, on the valley of the race. */

explorable("adaptive_rates_race", {
  compute({ x, y, factor, steps }, { rates, momentum, decay, betas }) {
    const { AdaGrad, Adam, GradientDescent, Momentum, RMSProp } = descent;
    const rules = {
      descent: GradientDescent(rates.descent * factor),
      momentum: Momentum(rates.momentum * factor, momentum),
      AdaGrad: AdaGrad(rates.AdaGrad * factor),
      RMSProp: RMSProp(rates.RMSProp * factor, decay),
      Adam: Adam(rates.Adam * factor, ...betas),
    };
    const run = (rule) =>
      descent.path(descent.valley_loss, descent.valley_gradient, [x, y], rule, steps);
    return Object.fromEntries(
      Object.entries(rules).map(([name, rule]) => [name, run(rule)]),
    );
  },
  tell(numbers, { steps }) {
    const names = Object.keys(numbers).filter((name) => numbers[name].losses);
    if (!steps) return `All ${names.length} rules wait at the start.`;
    const [lowest, ...others] = names.sort(
      (one, other) => numbers[one].losses.at(-1) - numbers[other].losses.at(-1),
    );
    return `After ${count(steps, "step")} ${lowest} is lowest, then ${others.join(", ")}.`;
  },
});
